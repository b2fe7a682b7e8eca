// SPDX-License-Identifier: Apache-2.0
// Which keys do what, here and everywhere.
import { h } from '../base/dom.js';
import { openDialog } from './dialog.js';
import { fact } from './fact.js';

/** @typedef {{ keys: string, what: string }} Key `keys`: "g then k", "Arrow keys" */

/** @type {Key[]} */
export const EVERYWHERE = [
  { keys: '?', what: 'This help' },
  { keys: '/', what: 'Go to the search of the view' },
  { keys: 'Esc', what: 'Close a dialog, or leave a search' },
];

function list(title, keys) {
  return keys.length > 0 && h('section', {}, h('h3', {}, title),
    h('dl', { class: 'keys' }, keys.map(({ keys: name, what }) => fact(h('kbd', {}, name), what))));
}

let open = null;

/** @param {string} viewTitle @param {Key[]} viewKeys @param {Key[]} goKeys that lead to the views */
export function openHelp(viewTitle, viewKeys, goKeys) {
  if (open !== null) return;
  open = openDialog({ title: 'Keys', content: [list(viewTitle, viewKeys), list('Everywhere', EVERYWHERE), list('Go to a view', goKeys)] });
  open.done.then(() => { open = null; });
}

/** True when a key that is typed belongs to a field, and not to the page. @param {EventTarget | null} target */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
