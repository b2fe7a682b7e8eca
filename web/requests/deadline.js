// SPDX-License-Identifier: Apache-2.0
// Until when a held request can be decided, and who decides then: by the bridge's policy and in the bridge's time.
import { duration } from '../base/format.js';
import { policyFor } from '../service/policy.js';
import { TURNS } from './words.js';

/**
 * @typedef {import('../service/policy.js').Policy} Policy
 */

/**
 * When the orchestrator's turn ends. A restart of the bridge begins it anew.
 * @param {any} item a held relay or lookup @param {import('../service/live_state.js').LiveState} data
 * @returns {number | null} Unix ms, bridge's time; null: not known
 */
export function deadlineOf(item, data) {
  if (!data.status) return null;
  const began = Date.parse(item.awaiting_since ?? item.received_at);
  if (!Number.isFinite(began)) return null;
  return Math.max(began, Date.parse(data.status.started_at) || 0) + policyFor(item, data).orchestrator_ms;
}

const NEXT_TURNS = { routes: 'installed routes decide', computed: 'the bridge computes a path' };

/** "then installed routes decide" @param {Policy} policy */
export function whatThen(policy) {
  const next = policy.order[policy.order.indexOf('orchestrator') + 1];
  return next ? `then ${NEXT_TURNS[next] ?? `${next} decides`}` : 'then it fails, for nobody else decides';
}

/** "4 min 12 s left", "time is up" @param {number | null} deadlineMs @param {number} nowMs */
export function timeLeft(deadlineMs, nowMs) {
  if (deadlineMs === null) return 'time left not known';
  const left = deadlineMs - nowMs;
  return left > 0 ? `${duration(left < 10000 ? left : Math.floor(left / 1000) * 1000)} left` : 'time is up';
}

/** Who is asked in which order, as a sentence. @param {Policy} policy */
export function policyWords(policy) {
  const turns = policy.order.map((turn) => {
    const words = TURNS[turn] ?? turn;
    return turn === 'orchestrator' ? `${words} (for ${duration(policy.orchestrator_ms)})` : words;
  });
  return turns.length > 0 ? `Who decides: ${turns.join(', then ')}.` : 'Nobody decides: every request fails.';
}

/** Whether requests are held at all, and if not why. @param {Policy} policy */
export function presenceWords(policy) {
  if (!policy.order.includes('orchestrator')) return 'Orchestrators are not asked, so that no request is held.';
  return policy.orchestrator_present
    ? 'An orchestrator is present: requests are held for it.'
    : 'No orchestrator is present, so that its turn is skipped: requests are not held. Who is signed in here with a token of the role orchestrator counts as one.';
}
