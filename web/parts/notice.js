// SPDX-License-Identifier: Apache-2.0
// Short notices at the screen's edge, which screen readers hear too.
import { h } from '../base/dom.js';

const SHOWN_MS = 6000;
const SHOWN_MAX = 4;

function root() {
  return document.getElementById('notices');
}

let polite = null;

/** Says it to screen readers alone. @param {string} text */
export function announce(text) {
  if (polite === null) {
    polite = h('div', { class: 'visually-hidden', role: 'status' });
    document.body.append(polite);
  }
  polite.textContent = '';
  requestAnimationFrame(() => {
    polite.textContent = text;
  });
}

/**
 * @param {string} text @param {{ kind?: 'info' | 'success' | 'error', action?: { label: string, run: () => void } }} [options]
 *   errors stay until they are closed
 * @returns {() => void} closes it
 */
export function notify(text, { kind = 'info', action } = {}) {
  const element = h('div', { class: `notice ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    h('span', { class: 'notice-text' }, text),
    action && h('button', { type: 'button', class: 'button small', on: { click: () => { close(); action.run(); } } }, action.label),
    h('button', { type: 'button', class: 'button icon', 'aria-label': 'Close notice', on: { click: () => close() } }, '\u2715'));
  const close = () => element.remove();
  root().append(element);
  while (root().children.length > SHOWN_MAX) root().firstElementChild.remove();
  if (kind !== 'error' && !action) setTimeout(close, SHOWN_MS);
  return close;
}

/** The words of a Problem as a notice. @param {import('../service/api.js').Problem} problem @param {string} [what] "The KM was not changed" */
export function notifyProblem(problem, what) {
  if (problem.kind === 'aborted' || problem.status === 401) return () => {};
  return notify(what ? `${what}: ${problem.message}` : problem.message, { kind: 'error' });
}
