// SPDX-License-Identifier: Apache-2.0
// The live state as the pages see it: one store that all views read, kept by the worker that all tabs share.
import { adopt, now } from '../base/clock.js';
import { workerUrl } from '../base/trusted.js';
import { KEYS, LiveState } from './live_state.js';

const WORKER = '/service/stream_worker.js';
const NAME = 'ckbridge-live-1'; // another number for another protocol: an old tab's worker is not a new page's
const ALIVE_MS = 45000;
const RECENT_EVENTS_MAX = 500;
const HISTORY_MAX = 300;

/**
 * @typedef {'connecting' | 'live' | 'stale' | 'unauthorised'} ConnectionState
 * @typedef {{ state: ConnectionState, since: number | null, detail: string, retryAt: number | null }} Connection
 *   `since`: of what is stale, the last moment at which it was known to be right (bridge's time, Unix ms);
 *   `retryAt`: when the next attempt comes.
 * @typedef {'connection' | 'status' | 'kms' | 'applications' | 'destinations' | 'links' | 'routes' | 'relays' | 'lookups' | 'events'} Topic
 * @typedef {{ ids: Set<string> | null, events: import('./live_state.js').BridgeEvent[] }} Change
 *   `ids`: what changed, among it what is gone; null: everything may have (a snapshot came). `events`: the new ones, of
 *   the topic "events" alone, oldest first.
 */

/** @type {Map<Topic, Set<(change: Change) => void>>} */
const listeners = new Map();
let port = null;
let alive = 0;

/** What is known now. Read it; do not write to it. */
export const live = {
  /** @type {Connection} */ connection: { state: 'connecting', since: null, detail: '', retryAt: null },
  /** Kms, links, routes ... as Maps by ID, and `status`. @type {LiveState} */ data: new LiveState(),
  /** A whole state has come at least once. */ synced: false,
  /** The latest events, oldest first. @type {import('./live_state.js').BridgeEvent[]} */ events: [],
  /** All up to this one have been seen, or are in the snapshot; null: not known yet. @type {string | null} */ lastEventId: null,
  /** The totals of the last minutes' statuses, oldest first. @type {{ asOf: string, startedAt: string, totals: any }[]} */ history: [],
  /** The clock that ages are counted by. */ now,
};

/**
 * Calls the listener whenever something of the topic has changed, at most ten times a second.
 * @param {Topic | Topic[]} topics @param {(change: Change) => void} listener
 * @returns {() => void} ends it
 */
export function subscribe(topics, listener) {
  const all = Array.isArray(topics) ? topics : [topics];
  for (const topic of all) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(listener);
  }
  return () => {
    for (const topic of all) listeners.get(topic).delete(listener);
  };
}

function publish(topic, ids = null, events = []) {
  for (const listener of [...(listeners.get(topic) ?? [])]) listener({ ids, events });
}

function onSnapshot(message) {
  live.data = LiveState.fromMessage(message.state);
  live.events = message.events;
  live.lastEventId = message.lastEventId;
  live.history = message.history;
  live.synced = true;
  for (const topic of ['status', 'kms', 'applications', 'destinations', 'links', 'routes', 'relays', 'lookups', 'events']) publish(topic);
}

function onChanges(message) {
  const changed = new Map();
  for (const [resource, id, item] of message.items) {
    if (item === null) live.data.remove(resource, id);
    else live.data.put(resource, item);
    if (!changed.has(resource)) changed.set(resource, new Set());
    changed.get(resource).add(id);
  }
  if (message.events.length > 0) {
    live.events = live.events.concat(message.events).slice(-RECENT_EVENTS_MAX);
    live.lastEventId = message.events.at(-1).event_id;
  }
  for (const [resource, ids] of changed) publish(resource, ids);
  if (message.events.length > 0) publish('events', new Set(), message.events);
}

/** The same session, with what it has shown of its KM meanwhile; another one: what is known of it stays. */
function learnedOf(known, read) {
  if (known.since !== read.since) return known;
  const { byte_order, key_style_seen } = read;
  return { ...known, byte_order, key_style_seen };
}

/**
 * Figures that no event tells, as a view has read them; who follows the resource hears of those that changed.
 * @param {'kms' | 'links'} resource @param {any[]} items @param {string[]} members that are taken over
 */
export function mergeFigures(resource, items, members) {
  const changed = new Set();
  for (const item of items) {
    const id = item[KEYS[resource]];
    const known = live.data[resource].get(id);
    if (known === undefined) continue;
    const figures = Object.fromEntries(members.map((member) => [member, item[member]]));
    if (figures.session) figures.session = learnedOf(known.session, figures.session);
    if (members.every((member) => JSON.stringify(known[member]) === JSON.stringify(figures[member]))) continue;
    live.data[resource].set(id, { ...known, ...figures });
    changed.add(id);
  }
  if (changed.size > 0) publish(resource, changed);
}

function onMessage(message) {
  if (message.clock) adopt(message.clock);
  if (message.kind === 'snapshot') onSnapshot(message);
  else if (message.kind === 'changes') onChanges(message);
  else if (message.kind === 'status') {
    live.data.status = message.status;
    live.history = [...live.history.slice(1 - HISTORY_MAX), { asOf: message.status.as_of, startedAt: message.status.started_at, totals: message.status.totals }];
    publish('status');
  } else if (message.kind === 'connection') {
    live.connection = message.connection;
    publish('connection');
  }
}

function openPort() {
  if (typeof SharedWorker === 'function') {
    const worker = new SharedWorker(workerUrl(WORKER), { type: 'module', name: NAME });
    worker.addEventListener('error', workerFailed);
    worker.port.start();
    return worker.port;
  }
  const worker = new Worker(workerUrl(WORKER), { type: 'module', name: NAME });
  worker.addEventListener('error', workerFailed);
  return worker;
}

function workerFailed() {
  live.connection = { ...live.connection, state: live.synced ? 'stale' : 'connecting', detail: 'The part that follows the bridge could not be started: reload the page.' };
  publish('connection');
}

function say(kind) {
  port?.postMessage({ kind, visible: document.visibilityState === 'visible' });
}

/** Begins to follow the bridge; for who is signed in. Again: nothing happens. */
export function startLive() {
  if (port !== null) return;
  port = openPort();
  port.addEventListener('message', (event) => onMessage(event.data));
  say('hello');
  alive = setInterval(() => say('alive'), ALIVE_MS);
  document.addEventListener('visibilitychange', () => say('visible'));
  addEventListener('pagehide', () => say('bye'));
  addEventListener('pageshow', (event) => {
    if (event.persisted) say('hello');
  });
}

/** Somebody has signed in, here: every tab connects anew. */
export function liveSignedIn() {
  startLive();
  say('signed_in');
}

/** The session is over: every tab hears of it. */
export function liveSignedOut() {
  say('signed_out');
}

/** Tries now instead of when the back-off says. */
export function liveRetry() {
  say('retry');
}

/** For tests: whether the page still tells the worker that it is there. */
export function liveIsStarted() {
  return alive !== 0;
}
