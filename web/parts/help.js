// SPDX-License-Identifier: Apache-2.0
// Which keys do what, here and everywhere.
import { h } from '../base/dom.js';
import { openDialog } from './dialog.js';

/** @typedef {{ keys: string, what: string }} Key `keys`: "g then k", "Arrow keys" */

/** @type {Key[]} */
export const EVERYWHERE = [
  { keys: '?', what: 'This help' },
  { keys: '/', what: 'Go to the search of the view' },
  { keys: 'Esc', what: 'Close a dialog, or leave a search' },
  { keys: 'g then 1 \u2026 9', what: 'Go to a view, in the order of the navigation' },
];

function list(title, keys) {
  return keys.length > 0 && h('section', {}, h('h3', {}, title),
    h('dl', { class: 'keys' }, keys.map(({ keys: name, what }) => h('div', {}, h('dt', {}, h('kbd', {}, name)), h('dd', {}, what)))));
}

let open = null;

/** @param {string} viewTitle @param {Key[]} viewKeys */
export function openHelp(viewTitle, viewKeys) {
  if (open !== null) return;
  open = openDialog({ title: 'Keys', content: [list(viewTitle, viewKeys), list('Everywhere', EVERYWHERE)] });
  open.done.then(() => { open = null; });
}

/** True when a key that is typed belongs to a field, and not to the page. @param {EventTarget | null} target */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
