// SPDX-License-Identifier: Apache-2.0
// The events of a list, newest first: what came live, what was read of the past, and where something is missing.

/** So many rows are kept; then the oldest go, and can be read again. */
export const KEPT_MAX = 10000;
/** While it is held, so many are kept; then the older half is dropped, and shown as a gap. */
export const HELD_MAX = 2000;

/**
 * @typedef {import('../service/live_state.js').BridgeEvent} BridgeEvent
 * @typedef {{ kind: 'event', key: string, id: number, event: BridgeEvent }} EventRow
 * @typedef {{ kind: 'gap', key: string, from: number, to: number, state: 'missing' | 'loading' | 'filled' | 'removed',
 *   why: 'stream' | 'held', count?: number }} GapRow of the IDs `from` to `to`; `count`: how many were found there
 * @typedef {EventRow | GapRow} Row
 */

/** @param {BridgeEvent} event @returns {EventRow} */
function rowOf(event) {
  return { kind: 'event', key: event.event_id, id: Number(event.event_id), event };
}

function gapOf(from, to, why) {
  return { kind: 'gap', key: `gap ${from}`, from, to, state: 'missing', why };
}

function idOf(row) {
  return row.kind === 'gap' ? row.from : row.id;
}

export class EventLog {
  /** @param {(event: BridgeEvent) => boolean} matches */
  constructor(matches) {
    this.matches = matches;
    /** Newest first. @type {Row[]} */ this.rows = [];
    /** While held, what came, oldest first. @type {Row[]} */ this.waiting = [];
    this.held = false;
    /** Of what waits, events that were dropped. */ this.dropped = 0;
    /** Every ID from here on, to `high`, was looked at. */ this.low = 1;
    this.high = 0;
  }

  /** Empty, with everything from this ID on to come, and everything before it to be read. @param {number} id */
  begin(id) {
    this.rows = [];
    this.waiting = [];
    this.dropped = 0;
    this.low = id;
    this.high = id - 1;
  }

  /** What the stream brought, oldest first. @param {BridgeEvent[]} events @returns {Row[]} the gaps before them */
  append(events) {
    const gaps = [];
    const rows = [];
    for (const event of events) {
      const id = Number(event.event_id);
      if (id <= this.high) continue;
      if (id > this.high + 1) gaps.push(...this.noteGap(id - 1, rows));
      this.high = id;
      if (this.matches(event)) rows.push(rowOf(event));
    }
    this.add(rows);
    return gaps;
  }

  /** The stream begins anew behind this ID: what is between is missing. @param {number} last @returns {Row[]} */
  resume(last) {
    const rows = [];
    const gaps = last > this.high ? this.noteGap(last, rows) : [];
    this.add(rows);
    return gaps;
  }

  /** @private */
  noteGap(to, rows) {
    const gap = gapOf(this.high + 1, to, 'stream');
    this.high = to;
    rows.push(gap);
    return [gap];
  }

  /** @private */
  add(rows) {
    if (rows.length === 0) return;
    if (!this.held) {
      this.rows = [...rows.reverse(), ...this.rows];
      this.cut();
      return;
    }
    this.waiting.push(...rows);
    if (this.waiting.length > HELD_MAX) this.drop();
  }

  /** @private the older half of what waits becomes one gap */
  drop() {
    const gone = this.waiting.splice(0, Math.ceil(this.waiting.length / 2));
    const last = gone.at(-1);
    const gap = gapOf(idOf(gone[0]), last.kind === 'gap' ? last.to : last.id, 'held');
    this.dropped += gone.filter((row) => row.kind === 'event').length;
    this.waiting.unshift(gap);
  }

  /** From now on, what comes waits. */
  hold() {
    this.held = true;
  }

  /** What waits is shown. @returns {Row[]} the gaps in it */
  release() {
    const rows = this.waiting;
    this.held = false;
    this.waiting = [];
    this.dropped = 0;
    const gaps = rows.filter((row) => row.kind === 'gap' && row.state === 'missing');
    this.add(rows);
    return gaps;
  }

  /** @private */
  cut() {
    if (this.rows.length <= KEPT_MAX) return;
    this.rows = this.rows.slice(0, KEPT_MAX);
    this.low = idOf(this.rows.at(-1));
  }

  /** Of the past: all that fit of the IDs from `low` to the lowest so far, newest first. @param {BridgeEvent[]} events @param {number} low */
  addOlder(events, low) {
    this.rows = [...this.rows, ...events.map(rowOf)];
    this.low = low;
  }

  /** A gap that changes, so that its row is drawn anew. @param {Row} gap @param {Partial<GapRow>} changes @param {Row[]} [before] rows that come below it */
  put(gap, changes, ...below) {
    for (const rows of [this.rows, this.waiting]) {
      const at = rows.findIndex((row) => row.key === gap.key);
      if (at < 0) continue;
      const next = { ...gap, ...changes };
      rows.splice(at, 1, ...(rows === this.rows ? [next, ...below] : [...below.reverse(), next]));
      if (rows === this.rows) this.rows = [...rows];
      return next;
    }
    return null;
  }

  /**
   * What was read of a gap, oldest first, up to `read`; `kept`: the oldest event that there is at all.
   * @param {Row} gap @param {BridgeEvent[]} events @param {number} read @param {number} kept
   */
  fill(gap, events, read, kept) {
    const below = events.map(rowOf).reverse();
    const count = (gap.count ?? 0) + below.length;
    if (gap.to < kept) return this.put(gap, { state: 'removed' });
    if (gap.from < kept) below.push({ ...gapOf(gap.from, kept - 1, gap.why), state: 'removed' });
    const next = read >= gap.to ? { state: 'filled', count, key: `filled ${gap.from}` } : { state: 'missing', from: read + 1, key: `gap ${read + 1}`, count };
    return this.put(gap, next, ...below);
  }
}
