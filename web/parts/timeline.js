// SPDX-License-Identifier: Apache-2.0
// What happened to one thing, in order, with how long each step took.
import { h } from '../base/dom.js';
import { duration, timeElement } from '../base/format.js';
import { shape } from './state_badge.js';

/**
 * @typedef {{ time: string, tone: import('./state_badge.js').Tone, what: import('../base/dom.js').Child,
 *   detail?: import('../base/dom.js').Child }} Step
 */

/** @param {Step[]} steps oldest first @param {{ label?: string }} [options] */
export function timeline(steps, { label = 'What happened' } = {}) {
  let before = null;
  return h('ol', { class: 'timeline', 'aria-label': label }, steps.map((step) => {
    const at = Date.parse(step.time);
    const took = before === null ? null : duration(at - before);
    before = at;
    return h('li', {}, shape(step.tone),
      h('div', { class: 'timeline-what' }, h('span', {}, step.what), step.detail && h('div', { class: 'timeline-detail' }, step.detail)),
      h('div', { class: 'timeline-when' }, timeElement(step.time), took !== null && h('span', { class: 'timeline-took' }, `+${took}`)));
  }));
}
