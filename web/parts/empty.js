// SPDX-License-Identifier: Apache-2.0
// What stands where data would: nothing there, on its way, refused, failed, cut short, or as of some time ago.
import { h } from '../base/dom.js';
import { timeOfDay } from '../base/format.js';

/**
 * @typedef {{ title: string, detail?: import('../base/dom.js').Child,
 *   action?: { label: string, run: () => void } | Node }} Words
 */

function block(kind, { title, detail, action }, role) {
  return h('div', { class: `state-block ${kind}`, role },
    h('p', { class: 'state-title' }, title),
    detail && h('p', { class: 'state-detail' }, detail),
    action && (action instanceof Node ? action
      : h('button', { type: 'button', class: 'button', on: { click: action.run } }, action.label)));
}

/** Nothing is there, and what would put something there. @param {Words} words */
export function emptyBlock(words) {
  return block('empty', words);
}

/** A skeleton of so many lines, which shows only when it takes longer than 200 ms. @param {number} [lines] */
export function loadingBlock(lines = 4) {
  return h('div', { class: 'state-block loading', role: 'status', 'aria-label': 'Loading' },
    Array.from({ length: lines }, () => h('div', { class: 'skeleton' })));
}

/** Why it cannot be shown. @param {import('../service/api.js').Problem} problem @param {() => void} [retry] */
export function problemBlock(problem, retry) {
  const action = retry && { label: 'Try again', run: retry };
  if (problem.status === 401) return block('unauthorised', { title: 'You are signed out', detail: 'Sign in to see this.' }, 'alert');
  if (problem.status === 403) return block('unauthorised', { title: 'Not with this role', detail: problem.message }, 'alert');
  if (problem.status === 404) return block('empty', { title: 'There is no such thing', detail: problem.message });
  if (problem.kind === 'network') return block('disconnected', { title: 'The bridge cannot be reached', detail: problem.message, action }, 'alert');
  return block('error', { title: problem.title || 'This could not be loaded', detail: problem.message, action }, 'alert');
}

/** Above what is not all there is. @param {string} text "The first 1,000 of 12,345" */
export function partialLine(text) {
  return h('p', { class: 'partial-line', role: 'status' }, text);
}

/** "as of 03:12:45", for what is greyed. @param {number} ms Unix time */
export function asOf(ms) {
  return `as of ${timeOfDay(ms)}`;
}
