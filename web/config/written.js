// SPDX-License-Identifier: Apache-2.0
// What a write has done is said, and kept so that it can be undone.
import { h } from '../base/dom.js';
import { safe } from '../base/format.js';
import { notify } from '../parts/notice.js';
import { live } from '../service/live.js';
import { capital } from './kinds.js';
import { remember } from './undo.js';

/** @typedef {import('./kinds.js').Kind} Kind */

/** @param {Kind} kind @param {string} id */
export function named(kind, id) {
  return `${kind.one} ${safe(id)}`;
}

/** @param {Kind} kind @param {string} id @param {any} base as it was @param {import('./write.js').Result} result "done" */
export function tellWritten(kind, id, base, result) {
  const { item } = result;
  if (item !== null && base !== null && item.revision === base.revision) {
    notify(`${capital(kind)} ${safe(id)} was like this already.`);
    return;
  }
  const verb = item === null ? 'deleted' : base === null ? 'created' : 'changed';
  remember({ kind, id, before: base, after: item, atMs: live.now() });
  notify(`${capital(kind)} ${safe(id)} ${verb}.`, { kind: 'success' });
  for (const words of result.warnings ?? []) notify(`Warning: ${safe(words)}`);
}

/** A step's words, which take the focus so that they are read. @param {import('../base/dom.js').Child} words */
export function stepHead(words) {
  return h('h3', { class: 'step-head', tabindex: '-1' }, words);
}
