// SPDX-License-Identifier: Apache-2.0
// Writes an object only as long as it is what was read, and finds out what came of it when the answer is lost.
import { request } from '../service/api.js';
import { givenOf, readObject, tagOf, targetOf } from './kinds.js';
import { same } from './diff.js';

/**
 * @typedef {'done' | 'conflict' | 'refused' | 'unwritten' | 'unknown'} Outcome
 *   `conflict`: it is not what was read, `theirs` is what it is now; `refused`: change something; `unwritten`: nothing
 *   happened, try again; `unknown`: it may have happened, and the bridge cannot be asked
 * @typedef {{ outcome: Outcome, item?: any, warnings?: string[], preview?: any, theirs?: any, words: string,
 *   problem?: import('../service/api.js').Problem }} Result
 *   `item`: as it is after the write, null: gone; `preview`: what a dry run answered
 * @typedef {import('./kinds.js').Kind} Kind
 */

/** null members say the same as none. */
function bodyOf(given) {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function send(kind, id, given, base, dryRun, signal) {
  const condition = base === null ? { ifNoneMatch: '*' } : { ifMatch: tagOf(base) };
  return request(given === null ? 'DELETE' : 'PUT', targetOf(kind, id),
    { ...condition, body: given === null ? undefined : bodyOf(given), query: { dry_run: dryRun ? true : undefined }, signal });
}

/** What a deletion leaves: nothing, or what the configuration file has beneath. */
async function after(kind, id, given, data, signal) {
  if (given !== null) {
    const { warnings = [], ...item } = data;
    return { item, warnings };
  }
  const item = kind.hasFile ? await readObject(kind, id, signal).catch(() => null) : null;
  return { item, warnings: data?.warnings ?? [] };
}

const LOST = new Set(['network', 'timeout']);

/** The answer is lost: the object itself tells. */
async function settle(kind, id, given, base, problem, signal) {
  let now;
  try {
    now = await readObject(kind, id, signal);
  } catch {
    return { outcome: 'unknown', problem, words: `${problem.message} It is not known whether it was written. Trying again does no harm: it is written only upon what you have read.` };
  }
  if (now?.revision === base?.revision) {
    return { outcome: 'unwritten', problem, words: `${problem.message} Nothing was changed: try again.` };
  }
  const isMine = given === null ? now === null || kind.isOfFile(now) : now !== null && same(givenOf(kind, now), givenOf(kind, given));
  return isMine ? { outcome: 'done', item: now, warnings: [], words: '' } : conflict(now);
}

function conflict(theirs) {
  return { outcome: 'conflict', theirs, words: theirs === null ? 'Somebody has deleted it meanwhile.' : 'Somebody has changed it meanwhile.' };
}

async function whatWentWrong(kind, id, given, base, problem, { dryRun, signal }) {
  const isGone = given === null && problem.status === 404;
  if (problem.status === 412 || problem.status === 428 || isGone) {
    try {
      return { ...conflict(await readObject(kind, id, signal)), problem };
    } catch (unread) {
      return { outcome: 'unwritten', problem: unread, words: `It was changed meanwhile, and cannot be read now: ${unread.message}` };
    }
  }
  if (LOST.has(problem.kind) || problem.code === 'outcome_unknown') {
    return dryRun ? { outcome: 'unwritten', problem, words: problem.message } : settle(kind, id, given, base, problem, signal);
  }
  if (problem.status === 429 || problem.status >= 500) {
    const when = problem.retryAfterS > 0 ? ` Try again in ${problem.retryAfterS} s.` : ' Try again later.';
    return { outcome: 'unwritten', problem, words: `Nothing was changed: ${problem.message}${when}` };
  }
  return { outcome: 'refused', problem, words: problem.message };
}

/**
 * @param {Kind} kind @param {string} id @param {any} given what a PUT takes; null: it is deleted
 * @param {any} base as it was read; null: there was none, and must be none
 * @param {{ dryRun?: boolean, signal?: AbortSignal }} [options]
 * @returns {Promise<Result>}
 */
export async function writeObject(kind, id, given, base, { dryRun = false, signal } = {}) {
  let answer;
  try {
    answer = await send(kind, id, given, base, dryRun, signal);
  } catch (problem) {
    return whatWentWrong(kind, id, given, base, problem, { dryRun, signal });
  }
  if (dryRun) return { outcome: 'done', preview: answer.data, words: '' };
  return { outcome: 'done', words: '', ...(await after(kind, id, given, answer.data, signal)) };
}
