// SPDX-License-Identifier: Apache-2.0
// Sends a decision so that a lost answer does no harm: what is sent again is done once, and what came of it is told.
import { newIdempotencyKey, path, request } from '../service/api.js';

/**
 * @typedef {'decided' | 'unknown' | 'not_held' | 'refused' | 'later'} Outcome
 *   `unknown`: it may have been done, send it again; `refused`: change something; `later`: nothing was done, wait
 * @typedef {{ outcome: Outcome, words: string, item?: any, pointer?: string }} Result
 */

/** @param {import('../service/api.js').Problem} problem @returns {Outcome} */
function outcomeOf(problem) {
  if (problem.kind === 'network' || problem.kind === 'timeout' || problem.code === 'outcome_unknown') return 'unknown';
  if (problem.status === 404 || problem.reason === 'not_held') return 'not_held';
  if (problem.status === 409) return problem.retryAfterS > 0 ? 'unknown' : 'not_held';
  return problem.status === 429 || problem.status >= 500 ? 'later' : 'refused';
}

/** @param {import('../service/api.js').Problem} problem @param {Outcome} outcome */
function wordsOf(problem, outcome) {
  if (outcome === 'unknown') return `${problem.message} It is safe to send it again: it is done once.`;
  if (outcome === 'later') {
    return `Nothing was decided: ${problem.message}${problem.retryAfterS > 0 ? ` Try again in ${problem.retryAfterS} s.` : ''}`;
  }
  return problem.message;
}

/**
 * @param {import('./kinds.js').Kind} kind @param {string} id
 * @returns {(body: any) => Promise<Result>} the same body has the same Idempotency-Key as long as this lives
 */
export function createDecision(kind, id) {
  const keys = new Map();
  return async (body) => {
    const text = JSON.stringify(body);
    if (!keys.has(text)) keys.set(text, newIdempotencyKey());
    try {
      const { data } = await request('POST', `${path`/${kind.resource}/${id}`}/decision`, { body, idempotencyKey: keys.get(text) });
      return { outcome: 'decided', words: '', item: data };
    } catch (problem) {
      const outcome = outcomeOf(problem);
      return { outcome, words: wordsOf(problem, outcome), pointer: problem.pointer };
    }
  };
}
