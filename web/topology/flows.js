// SPDX-License-Identifier: Apache-2.0
// Relays on their way across the map: each lights its path hop by hop, then shows how it ended. Pure: time is given.

const HOP_MS = 220;
const TRAVEL_MS_MAX = 1400; // a long path is lit faster
const OUTCOME_MS = 1600;
const WAIT_MS_MAX = 8000; // for an outcome; then only the table of relays follows it
const STATIC_MS = 3000; // of each, where motion is not wanted
const FLOWS_MAX = 48; // more at a time help nobody: they are counted, not drawn
const ENDS = { 'relay.succeeded': 'succeeded', 'relay.failed': 'failed', 'relay.rejected': 'failed', 'relay.expired': 'failed',
  'relay.orphaned': 'failed' };

/**
 * @typedef {{ relayId: string, path: string[], startedMs: number, outcome: 'succeeded' | 'failed' | null, outcomeMs: number }} Flow
 */

export class Flows {
  /** @param {boolean} still without motion */
  constructor(still) {
    this.still = still;
    /** @type {Map<string, Flow>} by relay, oldest first */ this.flows = new Map();
    /** Under way, but more than are drawn. @type {Set<string>} */ this.undrawn = new Set();
  }

  /** @param {{ type: string, subject: Record<string, string>, data: Record<string, any> }} event @param {number} nowMs */
  take(event, nowMs) {
    const relayId = event.subject.relay_id;
    if (event.type === 'relay.instructed') this.begin(relayId, event.data.path ?? [], nowMs);
    else if (ENDS[event.type]) this.end(relayId, ENDS[event.type], nowMs);
  }

  /** @private */
  begin(relayId, path, nowMs) {
    if (path.length < 2) return;
    if (this.flows.size >= FLOWS_MAX) {
      this.undrawn.add(relayId);
      if (this.undrawn.size > 10000) this.undrawn.clear();
      return;
    }
    this.flows.set(relayId, { relayId, path, startedMs: nowMs, outcome: null, outcomeMs: 0 });
  }

  /** @private */
  end(relayId, outcome, nowMs) {
    this.undrawn.delete(relayId);
    const flow = this.flows.get(relayId);
    if (!flow || flow.outcome !== null) return;
    flow.outcome = outcome;
    flow.outcomeMs = Math.max(nowMs, flow.startedMs + this.travelMs(flow));
  }

  /** @private */
  travelMs(flow) {
    return this.still ? 0 : Math.min(HOP_MS * (flow.path.length - 1), TRAVEL_MS_MAX);
  }

  /** Hops that are lit, with a fraction. @param {Flow} flow */
  progress(flow, nowMs) {
    const travel = this.travelMs(flow);
    const share = travel === 0 ? 1 : Math.min(1, Math.max(0, (nowMs - flow.startedMs) / travel));
    return share * (flow.path.length - 1);
  }

  /** @param {Flow} flow @returns {'succeeded' | 'failed' | null} what it shows now */
  shownOutcome(flow, nowMs) {
    return flow.outcome !== null && nowMs >= flow.outcomeMs ? flow.outcome : null;
  }

  /** 1, and less while it goes. @param {Flow} flow */
  strength(flow, nowMs) {
    if (this.still || flow.outcome === null) return 1;
    return Math.min(1, Math.max(0, (flow.outcomeMs + OUTCOME_MS - nowMs) / 400));
  }

  /** @private */
  endOf(flow) {
    if (flow.outcome !== null) return flow.outcomeMs + (this.still ? STATIC_MS : OUTCOME_MS);
    return flow.startedMs + (this.still ? STATIC_MS : WAIT_MS_MAX);
  }

  /** Forgets what is over. @returns {boolean} something was */
  prune(nowMs) {
    const before = this.flows.size;
    for (const flow of this.flows.values()) if (nowMs >= this.endOf(flow)) this.flows.delete(flow.relayId);
    return this.flows.size < before;
  }

  /** When the picture changes next: a time, 0 for always, Infinity for never. */
  nextChange() {
    if (this.flows.size === 0) return Infinity;
    if (!this.still) return 0;
    return Math.min(...[...this.flows.values()].map((flow) => this.endOf(flow)));
  }

  clear() {
    this.flows.clear();
    this.undrawn.clear();
  }
}
