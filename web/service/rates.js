// SPDX-License-Identifier: Apache-2.0
// What the status' totals grow by: rates of the last minutes, from one status to the next.
import { live, subscribe } from './live.js';

const SAMPLES_MAX = 300;

/**
 * @typedef {{ atMs: number, relaysPerSecond: number | null, succeededShare: number | null, endedPerSecond: number | null,
 *   lookupsPerSecond: number | null, decisionUs: number | null, protocolErrorsPerSecond: number | null }} Sample
 *   null: not known (the first, a restart, no connection)
 */

/** Oldest first. @type {Sample[]} */
export const samples = [];

let before = null;

function ended(totals) {
  return Object.values(totals.relays_ended).reduce((sum, count) => sum + count, 0);
}

/** Mean of what was added between two states of a sum and a count; null: nothing was. */
function meanBetween(now, then, name) {
  const count = (now[name]?.count ?? 0) - (then[name]?.count ?? 0);
  return count > 0 ? (now[name].sum_us - (then[name]?.sum_us ?? 0)) / count : null;
}

function sampleOf(now, then) {
  const seconds = (now.atMs - then.atMs) / 1000;
  const grown = (read) => (read(now.totals) - read(then.totals)) / seconds;
  const endedNow = ended(now.totals) - ended(then.totals);
  const succeeded = now.totals.relays_ended.succeeded - then.totals.relays_ended.succeeded;
  return {
    atMs: now.atMs,
    relaysPerSecond: grown((totals) => totals.relays_received),
    lookupsPerSecond: grown((totals) => totals.lookups_received),
    endedPerSecond: endedNow / seconds,
    succeededShare: endedNow > 0 ? succeeded / endedNow : null,
    protocolErrorsPerSecond: grown((totals) => totals.protocol_errors),
    decisionUs: meanBetween(now, then, 'decision_time'),
  };
}

const UNKNOWN = { relaysPerSecond: null, succeededShare: null, endedPerSecond: null, lookupsPerSecond: null, decisionUs: null, protocolErrorsPerSecond: null };

function onStatus() {
  const { status } = live.data;
  if (status === null || status === before?.status) return;
  const now = { status, totals: status.totals, decision_time: status.decision?.decision_time, started_at: status.started_at, atMs: Date.parse(status.as_of) || live.now() };
  if (before !== null && now.atMs - before.atMs < 500) return;
  const comparable = before !== null && before.started_at === now.started_at && now.atMs > before.atMs;
  samples.push(comparable ? sampleOf(now, before) : { atMs: now.atMs, ...UNKNOWN });
  if (samples.length > SAMPLES_MAX) samples.shift();
  before = now;
}

subscribe('status', onStatus);
