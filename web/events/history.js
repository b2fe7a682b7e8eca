// SPDX-License-Identifier: Apache-2.0
// Events of the past, read backwards in windows of IDs; which event was the first of a time; who caused one.
import { all, get } from '../service/api.js';

const PAGE = 1000;
const WINDOW_FIRST = 300; // IDs; what is not found there is looked for in windows that grow
const WINDOW_MAX = 4000;
const REQUESTS_MAX = 40; // of one search; then it says how far it has come
const CAUSE_MS = 2000; // an audit entry's time is its events' time; clocks may be set

/**
 * @typedef {import('../service/live_state.js').BridgeEvent} BridgeEvent
 * @typedef {{ type: string, subject: string }} Filter as the API's
 */

/** Those of the IDs above `after` and below `before`, oldest first. */
async function readWindow(filter, after, before, signal) {
  const { items } = await all('/events', { query: { ...filter, after, before, limit: PAGE }, most: Infinity, signal });
  return items;
}

/** The ID of the oldest event that is kept; Infinity: none is. @param {AbortSignal} signal */
export async function oldestKept(signal) {
  const { items } = await get('/events', { query: { limit: 1 }, signal });
  return items.length > 0 ? Number(items[0].event_id) : Infinity;
}

/** The ID of the first event of that time or later, up to `last`; last + 1: there is none. @param {number} ms @param {number} last @param {AbortSignal} signal */
export async function firstIdOf(ms, last, signal) {
  let low = 1;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { items } = await get('/events', { query: { limit: 1, after: middle - 1, before: last + 1 }, signal });
    if (items.length === 0 || Date.parse(items[0].time) >= ms) high = middle;
    else low = Number(items[0].event_id) + 1; // what is not kept any more was earlier too
  }
  return low;
}

/**
 * Events below an ID, newest first: at least `wanted`, unless there are not so many, or the search grows long.
 * @param {{ filter: Filter, matches: (event: BridgeEvent) => boolean, before: number, floor: number, wanted: number,
 *   signal: AbortSignal }} search `floor`: IDs below it are not asked for
 * @returns {Promise<{ events: BridgeEvent[], low: number, exhausted: boolean }>} `low`: all from there on were looked at;
 *   `exhausted`: there are none before
 */
export async function readBack({ filter, matches, before, floor, wanted, signal }) {
  const bottom = Math.max(floor, Math.min(await oldestKept(signal), before));
  const events = [];
  let low = before;
  let window = WINDOW_FIRST;
  for (let asked = 0; low > bottom && events.length < wanted && asked < REQUESTS_MAX; asked += 1) {
    const from = Math.max(bottom, low - window);
    const found = (await readWindow(filter, from - 1, low, signal)).filter(matches);
    events.push(...found.reverse());
    low = from;
    window = Math.min(WINDOW_MAX, 2 * window);
  }
  return { events, low, exhausted: low <= bottom };
}

/**
 * What is missing, oldest first, at most a page of it. @param {Filter} filter @param {{ from: number, to: number }} gap
 * @param {AbortSignal} signal @returns {Promise<{ events: BridgeEvent[], read: number, kept: number }>} `read`: up to this ID
 */
export async function readGap(filter, { from, to }, signal) {
  const kept = await oldestKept(signal);
  const end = Math.min(to, Math.max(from, kept) + PAGE - 1);
  return { events: kept > to ? [] : await readWindow(filter, from - 1, end + 1, signal), read: end, kept };
}

/** One event; null: it is not kept. @param {string} id @param {AbortSignal} signal @returns {Promise<BridgeEvent | null>} */
export async function readEvent(id, signal) {
  if (!/^[1-9][0-9]{0,17}$/.test(id)) return null;
  const { items } = await get('/events', { query: { limit: 1, after: (BigInt(id) - 1n).toString(), before: (BigInt(id) + 1n).toString() }, signal });
  return items[0] ?? null;
}

/** The audit entry of what caused it; null: nobody did. @param {BridgeEvent} event @param {AbortSignal} signal */
export async function causeOf(event, signal) {
  const at = Date.parse(event.time);
  const query = { after: new Date(at - CAUSE_MS).toISOString(), before: new Date(at + CAUSE_MS).toISOString() };
  const id = BigInt(event.event_id);
  const { items } = await all('/audit', { query, signal });
  return items.find((entry) => entry.first_event_id !== null && BigInt(entry.first_event_id) <= id && id <= BigInt(entry.last_event_id)) ?? null;
}
