// SPDX-License-Identifier: Apache-2.0
// The changes made from this page, so that the last one can be taken back: by a write that is conditional itself.
import { safe } from '../base/format.js';
import { givenOf } from './kinds.js';
import { writeObject } from './write.js';

const KEPT_MAX = 20;

/**
 * @typedef {{ kind: import('./kinds.js').Kind, id: string, before: any, after: any, atMs: number }} Made
 *   `before`, `after`: as they were read; null: there was none
 * @typedef {{ outcome: import('./write.js').Outcome, words: string }} Undone
 */

/** @type {Made[]} */
let made = [];
/** @type {Set<() => void>} */
const listeners = new Set();

function changed() {
  for (const listener of [...listeners]) listener();
}

/** @param {Made} change */
export function remember(change) {
  made = [...made, change].slice(-KEPT_MAX);
  changed();
}

/** @returns {Made | null} */
export function lastMade() {
  return made.at(-1) ?? null;
}

/** It stays as it is. @param {Made} change */
export function forget(change) {
  made = made.filter((other) => other !== change);
  changed();
}

/** @param {() => void} listener @returns {() => void} ends it */
export function onMade(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function nameOf({ kind, id }) {
  return `${kind.one} ${safe(id)}`;
}

/** "created route r1" @param {Made} change */
export function madeWords(change) {
  const verb = change.before === null ? 'created' : change.after === null ? 'deleted' : 'changed';
  return `${verb} ${nameOf(change)}`;
}

/** What was the file's comes back by itself. */
function former({ kind, before }) {
  return before === null || kind.isOfFile(before) ? null : givenOf(kind, before);
}

function resultWords(change, result) {
  const name = nameOf(change);
  if (result.outcome === 'conflict') {
    const what = result.theirs === null ? 'deleted' : change.after === null ? 'created' : 'changed';
    return `Not undone: somebody has ${what} ${name} since. Nothing was written; look at it before you change it again.`;
  }
  if (result.outcome === 'refused') return `Not undone: the bridge refuses the former values of ${name}: ${result.words}`;
  if (result.outcome !== 'done') return `Not undone yet: ${result.words}`;
  return former(change) === null && change.before === null ? `Undone: ${name} is deleted again.`
    : `Undone: ${name} is as it was before.`;
}

/** The change before it, of the same object, finds what it left under another revision now. */
function follow(undone, item) {
  const earlier = made.slice(0, made.indexOf(undone)).findLast((other) => other.kind === undone.kind && other.id === undone.id);
  if (earlier && earlier.after?.revision === undone.before?.revision) earlier.after = item;
}

/**
 * Takes one back. What cannot be taken back any more is forgotten; what could not be now is kept.
 * @param {Made} change @returns {Promise<Undone>}
 */
export async function undo(change) {
  const result = await writeObject(change.kind, change.id, former(change), change.after);
  if (result.outcome === 'done') follow(change, result.item);
  if (result.outcome === 'done' || result.outcome === 'conflict' || result.outcome === 'refused') forget(change);
  return { outcome: result.outcome, words: resultWords(change, result) };
}
