// SPDX-License-Identifier: Apache-2.0
// Opens an object's editor or its deletion, upon what the bridge says it is now.
import { safe } from '../base/format.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { openDeletion } from './deletion.js';
import { openEditor } from './editor.js';
import { capital, givenOf, readObject } from './kinds.js';
import { named } from './written.js';

/** @typedef {import('./kinds.js').Kind} Kind */

async function withObject(kind, id, act) {
  let base;
  try {
    base = await readObject(kind, id);
  } catch (problem) {
    notifyProblem(problem, `${capital(kind)} ${safe(id)} could not be read`);
    return undefined;
  }
  if (base !== null) return act(base);
  notify(`There is no ${named(kind, id)} any more.`, { kind: 'error' });
  return undefined;
}

/** Reads it, then opens the editor. @param {Kind} kind @param {string} id */
export async function editObject(kind, id) {
  return withObject(kind, id, (base) => openEditor(kind, { base }));
}

/** A new one with the values of another. @param {Kind} kind @param {any} item */
export function copyObject(kind, item) {
  return openEditor(kind, { draft: givenOf(kind, item) });
}

/** @param {Kind} kind @param {string} id */
export async function deleteObject(kind, id) {
  return withObject(kind, id, (base) => openDeletion(kind, base));
}
