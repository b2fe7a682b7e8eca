// SPDX-License-Identifier: Apache-2.0
// What the status' totals grow by: rates of the last minutes, from one status to the next.
import { live } from './live.js';

/**
 * @typedef {{ relaysPerSecond: number | null, succeeded: number, ended: number, decided: number,
 *   decisionMs: number | null, succeededShare: number | null }} Sample
 *   null: not known (a restart), or nothing was there to measure
 */

const UNKNOWN = { relaysPerSecond: null, succeeded: 0, ended: 0, decided: 0, decisionMs: null, succeededShare: null };
const LEAST_MS = 500;

function endedOf({ relays_ended: ended }) {
  return Object.values(ended).reduce((sum, count) => sum + count, 0);
}

/** Between two statuses of one run of the bridge. */
function sampleOf(now, then, seconds) {
  const ended = endedOf(now) - endedOf(then);
  const succeeded = now.relays_ended.succeeded - then.relays_ended.succeeded;
  const decided = now.relays_decided - then.relays_decided;
  return {
    relaysPerSecond: (now.relays_received - then.relays_received) / seconds,
    succeeded, ended, decided,
    succeededShare: ended > 0 ? succeeded / ended : null,
    decisionMs: decided > 0 ? (now.relay_decision_ms - then.relay_decision_ms) / decided : null,
  };
}

/** Oldest first. @returns {Sample[]} */
export function samples() {
  const made = [];
  let before = null;
  for (const now of live.history) {
    const ms = before === null ? 0 : Date.parse(now.asOf) - Date.parse(before.asOf);
    if (before !== null && ms >= 0 && ms < LEAST_MS && now.startedAt === before.startedAt) continue; // the same view of the bridge
    if (before !== null) made.push(now.startedAt === before.startedAt && ms > 0 ? sampleOf(now.totals, before.totals, ms / 1000) : UNKNOWN);
    before = now;
  }
  return made;
}

/** The share that succeeded of what ended in these; null: nothing did. @param {Sample[]} of */
export function succeededShare(of) {
  const ended = of.reduce((sum, sample) => sum + sample.ended, 0);
  return ended > 0 ? of.reduce((sum, sample) => sum + sample.succeeded, 0) / ended : null;
}
