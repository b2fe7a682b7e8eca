// SPDX-License-Identifier: Apache-2.0
// A state as a shape and a word: the colour only repeats what both say.
import { h, svg } from '../base/dom.js';
import { isPenalised } from '../base/penalised.js';

/** @typedef {'good' | 'warning' | 'bad' | 'neutral' | 'busy' | 'off'} Tone */

// 12 by 12: disc, triangle, square with a cross, ring, half disc, dash.
const SHAPES = {
  good: () => [svg('circle', { cx: 6, cy: 6, r: 4.5, fill: 'currentColor' })],
  warning: () => [svg('path', { d: 'M6 .8 11.6 11H.4z', fill: 'currentColor' })],
  bad: () => [svg('rect', { x: 0.75, y: 0.75, width: 10.5, height: 10.5, rx: 1.5, fill: 'currentColor' }),
    svg('path', { class: 'badge-cut', d: 'm3.5 3.5 5 5m0-5-5 5', 'stroke-width': 1.6 })],
  neutral: () => [svg('circle', { cx: 6, cy: 6, r: 4, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.75 })],
  busy: () => [svg('circle', { cx: 6, cy: 6, r: 4, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.75 }),
    svg('path', { d: 'M6 2a4 4 0 0 1 0 8z', fill: 'currentColor' })],
  off: () => [svg('path', { d: 'M2 6h8', stroke: 'currentColor', 'stroke-width': 2 })],
};

/** The shape alone, hidden from screen readers. @param {Tone} tone */
export function shape(tone) {
  return svg('svg', { class: `shape ${tone}`, viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' }, SHAPES[tone]());
}

/** @param {Tone} tone @param {string} word @param {{ title?: string }} [options] */
export function badge(tone, word, { title } = {}) {
  return h('span', { class: `badge ${tone}`, title }, shape(tone), h('span', { class: 'badge-word' }, word));
}

/** @type {Record<string, [Tone, string]>} */
const REQUESTS = {
  received: ['neutral', 'received'],
  awaiting_decision: ['warning', 'held'],
  instructed: ['busy', 'instructed'],
  succeeded: ['good', 'succeeded'],
  answered: ['good', 'answered'],
  failed: ['bad', 'failed'],
  rejected: ['off', 'rejected'],
  expired: ['bad', 'expired'],
  orphaned: ['bad', 'orphaned'],
};

/** Of a relay or a lookup. @param {string} state */
export function requestBadge(state) {
  const [tone, word] = REQUESTS[state] ?? ['neutral', state];
  return badge(tone, word);
}

/** @param {{ enabled: boolean, session: { state: string, held_off_until?: string | null, last_error?: any } }} km @param {number} nowMs */
export function kmTone(km, nowMs) {
  if (!km.enabled) return /** @type {[Tone, string]} */ (['off', 'disabled']);
  if (km.session.state === 'connected') return ['good', 'connected'];
  if (km.session.held_off_until && Date.parse(km.session.held_off_until) > nowMs) return ['bad', 'held off'];
  return ['bad', 'down'];
}

/** @param {Parameters<typeof kmTone>[0]} km @param {number} nowMs */
export function kmBadge(km, nowMs) {
  return badge(...kmTone(km, nowMs));
}

/** Worst first: what a list of links is sorted by. @param {any} link as the API shows it */
export function linkRank(link) {
  return link.state === 'down' ? 0 : isPenalised(link) ? 1 : 2;
}

/** @param {any} link as the API shows it */
export function linkBadge(link) {
  const [tone, word] = [['bad', 'down'], ['warning', 'penalised'], ['good', 'up']][linkRank(link)];
  return badge(tone, word, { title: word === 'penalised' ? 'Relays over it failed: computed paths use it only when there is nothing else' : undefined });
}
