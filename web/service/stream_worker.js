// SPDX-License-Identifier: Apache-2.0
// The one event stream of all tabs: a snapshot, then what changes; back-off, and all of it anew after every loss.
import { now, share } from '../base/clock.js';
import { Problem, all, get, path } from './api.js';
import { EVENT_TYPES } from './event_types.js';
import { KEYS, LiveState, showsChange } from './live_state.js';

const STREAM = '/api/v1/events?snapshot=true';
const BATCH_MS = 100;
const RECENT_EVENTS_MAX = 200;
const HISTORY_MAX = 300; // of the status' totals
const STATUS_MS = 2000;
const STATUS_HIDDEN_MS = 15000;
const STATUS_LIMIT_MS = 5000;
const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000];
const PROBE_LIMIT_MS = 5000;
const REFETCH_MS = 200;
const READS_MAX = 20; // of what does not yet show what an event said of it
const REFETCH_SINGLY_MAX = 16; // more changed objects of one kind than this: the list is read once
const PORT_SILENT_MS = 180000; // a tab that has not been heard of for so long is gone

/** @type {Map<MessagePort | DedicatedWorkerGlobalScope, { visible: boolean, heardMs: number }>} */
const ports = new Map();
let state = new LiveState();
let synced = false; // `state` is a whole one
let arriving = null; // the snapshot that is being told
let recent = [];
let lastEventId = null; // all up to this one are in `state`
let history = []; // what rates are made of: a page that comes later shows them from its start
/** What the pages show: see live.js. */
let connection = { state: 'connecting', since: null, detail: '', retryAt: null };
let source = null;
let attempts = 0;
let retryTimer = 0;
let statusTimer = 0;
let poll = 0; // the newest; an earlier one's answer is dropped
let lastContactMs = null;
let pendingChanges = new Map();
let pendingEvents = [];
let batchTimer = 0;
let unknown = new Map(); // resource -> ids to read anew, each with what was said of it
let unknownTimer = 0;
let overtaken = null; // what events have spoken of while others of its kind are read; null: nothing is read
let epoch = 0; // of the stream: answers to an earlier one's questions are dropped

// ---- to the pages

function tell(message) {
  for (const port of ports.keys()) port.postMessage(message);
}

function connectionMessage() {
  return { kind: 'connection', connection, clock: share() };
}

function snapshotMessage() {
  return { kind: 'snapshot', state: state.toMessage(), events: recent, lastEventId, history, clock: share() };
}

function setConnection(changes) {
  connection = { ...connection, ...changes };
  tell(connectionMessage());
}

function flush() {
  batchTimer = 0;
  const items = [...pendingChanges.values()].map(({ resource, id }) => [resource, id, state[resource].get(id) ?? null]);
  const message = { kind: 'changes', items, events: pendingEvents };
  pendingChanges = new Map();
  pendingEvents = [];
  tell(message);
}

function note(changed, event) {
  for (const reference of changed) pendingChanges.set(`${reference.resource} ${reference.id}`, reference);
  if (event) pendingEvents.push(event);
  batchTimer ||= setTimeout(flush, BATCH_MS);
}

function contact() {
  lastContactMs = now();
}

// ---- the stream

function take(event) {
  contact();
  lastEventId = event.event_id;
  recent.push(event);
  if (recent.length > RECENT_EVENTS_MAX) recent = recent.slice(-RECENT_EVENTS_MAX / 2);
  const target = arriving ?? state;
  const { changed, unknown: references } = target.apply(event);
  for (const reference of references) readAnew(reference);
  for (const { resource, id } of [...changed, ...references]) overtaken?.add(`${resource} ${id}`);
  if (arriving === null && synced) note(changed, event);
}

function onItem(message) {
  contact();
  const { resource, item } = JSON.parse(message.data);
  arriving ??= new LiveState();
  arriving.put(resource, item);
}

function onSnapshotEnd(message) {
  contact();
  lastEventId = JSON.parse(message.data).event_id;
  if (arriving !== null) state = arriving;
  arriving = null;
  synced = true;
  attempts = 0;
  clearTimeout(batchTimer);
  batchTimer = 0;
  pendingChanges = new Map();
  pendingEvents = [];
  tell(snapshotMessage());
  setConnection({ state: 'live', since: null, detail: '', retryAt: null });
}

function onGap() {
  arriving = new LiveState(); // what follows is all of it again
}

function openStream() {
  clearTimeout(retryTimer);
  retryTimer = 0;
  closeStream();
  epoch += 1;
  const mine = new EventSource(STREAM);
  source = mine;
  mine.addEventListener('snapshot', onItem);
  mine.addEventListener('snapshot_end', onSnapshotEnd);
  mine.addEventListener('gap', onGap);
  mine.addEventListener('error', () => lost(mine));
  for (const type of EVENT_TYPES) mine.addEventListener(type, (message) => take(JSON.parse(message.data)));
  pollStatus();
}

function closeStream() {
  source?.close();
  source = null;
  arriving = null;
}

async function lost(stream) {
  if (stream !== source) return;
  closeStream();
  stale('The connection to the bridge is lost.');
  const asked = epoch;
  const problem = await whyLost();
  if (asked !== epoch || source !== null) return;
  if (problem?.status === 401) unauthorised();
  else retryLater(problem);
}

function stale(detail) {
  if (connection.state === 'live') setConnection({ state: 'stale', since: lastContactMs, detail });
  else setConnection({ detail });
}

function unauthorised() {
  epoch += 1;
  poll += 1;
  closeStream();
  clearTimeout(retryTimer);
  retryTimer = 0;
  clearTimeout(statusTimer);
  setConnection({ state: 'unauthorised', since: connection.since ?? lastContactMs, detail: 'The session has ended.', retryAt: null });
}

/** What EventSource does not say: asks for the stream once more, and looks at the head of the answer alone. */
async function whyLost() {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), PROBE_LIMIT_MS);
  try {
    const response = await fetch(STREAM, { headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal: ending.signal });
    if (response.ok) return null;
    const about = await response.json().catch(() => ({}));
    return new Problem({ ...about, status: response.status, retryAfterS: Number(response.headers.get('Retry-After')) || 0 });
  } catch {
    return new Problem({ kind: 'network', title: 'The bridge cannot be reached', detail: 'The bridge cannot be reached.' });
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}

function retryLater(problem) {
  const base = BACK_OFF_MS[Math.min(attempts, BACK_OFF_MS.length - 1)];
  attempts += 1;
  const delay = Math.max(base * (0.8 + 0.4 * Math.random()), (problem?.retryAfterS ?? 0) * 1000);
  clearTimeout(retryTimer);
  retryTimer = setTimeout(openStream, delay);
  setConnection({ detail: problem?.message ?? connection.detail, retryAt: now() + delay });
}

// ---- what events name without showing it

function readAnew({ resource, id, change, reads = 0 }) {
  if (!unknown.has(resource)) unknown.set(resource, new Map());
  unknown.get(resource).set(id, { change, reads });
  unknownTimer ||= setTimeout(fetchUnknown, REFETCH_MS);
}

async function fetchUnknown() {
  const wanted = unknown;
  const asked = epoch;
  unknown = new Map();
  overtaken = new Set();
  for (const [resource, ids] of wanted) {
    if (connection.state === 'unauthorised') break;
    try {
      await (ids.size > REFETCH_SINGLY_MAX ? fetchAll(resource, ids, asked) : fetchEach(resource, ids, asked));
    } catch (problem) {
      if (problem.status === 401) unauthorised();
      else if (asked === epoch) for (const [id, why] of ids) readAnew({ resource, id, ...why });
    }
  }
  overtaken = null;
  unknownTimer = unknown.size > 0 ? setTimeout(fetchUnknown, 5 * REFETCH_MS) : 0;
}

/** What an event has said since it was asked for is newer: gone, or to be read once more. */
function adopt(resource, id, item) {
  if (overtaken.has(`${resource} ${id}`)) return;
  for (const target of [state, arriving]) {
    if (item === null) target?.remove(resource, id);
    else target?.put(resource, item);
  }
  if (synced) note([{ resource, id }]);
}

/** Later, unless it shows what the event said of it, or a later event has been heard. */
function readAgain(resource, id, item, { change, reads }) {
  if (showsChange(item, change) || reads >= READS_MAX || unknown.get(resource)?.has(id)) return;
  readAnew({ resource, id, change, reads: reads + 1 });
}

async function fetchEach(resource, ids, asked) {
  for (const [id, why] of ids) {
    overtaken.delete(`${resource} ${id}`);
    const item = await get(path`/${resource}/${id}`).catch((problem) => {
      if (problem.status === 404) return null;
      throw problem;
    });
    if (asked !== epoch) continue;
    adopt(resource, id, item);
    readAgain(resource, id, item, why);
  }
}

async function fetchAll(resource, ids, asked) {
  const { items, complete } = await all(`/${resource}`);
  if (asked !== epoch) return;
  const there = new Set(items.map((item) => item[KEYS[resource]]));
  for (const item of items) adopt(resource, item[KEYS[resource]], item);
  for (const [id, why] of ids) if (state[resource].has(id)) readAgain(resource, id, state[resource].get(id), why);
  if (complete) for (const id of [...state[resource].keys()]) if (!there.has(id)) adopt(resource, id, null);
}

// ---- the status, which no event tells; a bridge that does not answer is found by it too

async function pollStatus() {
  clearTimeout(statusTimer);
  poll += 1;
  const mine = poll;
  try {
    const status = await get('/status', { timeLimitMs: STATUS_LIMIT_MS });
    if (mine !== poll) return;
    contact();
    state.status = status;
    history = [...history.slice(1 - HISTORY_MAX), { asOf: status.as_of, startedAt: status.started_at, totals: status.totals }];
    tell({ kind: 'status', status, clock: share() });
  } catch (problem) {
    if (mine !== poll) return;
    if (problem.status === 401) {
      unauthorised();
      return;
    }
    if (problem.kind !== 'problem' && source !== null && connection.state === 'live') {
      closeStream();
      stale(problem.message);
      retryLater(problem);
      return;
    }
  }
  const visible = [...ports.values()].some((port) => port.visible);
  statusTimer = setTimeout(pollStatus, visible ? STATUS_MS : STATUS_HIDDEN_MS);
}

// ---- the pages

function forgetSilentPorts() {
  const limit = Date.now() - PORT_SILENT_MS;
  for (const [port, about] of ports) if (about.heardMs < limit) ports.delete(port);
}

function greet(port) {
  port.postMessage(connectionMessage());
  if (synced) port.postMessage(snapshotMessage());
}

function onMessage(port, message) {
  const known = ports.has(port);
  if (message.kind === 'bye') {
    ports.delete(port);
    return;
  }
  ports.set(port, { visible: message.visible ?? ports.get(port)?.visible ?? true, heardMs: Date.now() });
  forgetSilentPorts();
  if (message.kind === 'signed_out' && connection.state !== 'unauthorised') unauthorised();
  else if (message.kind === 'signed_in' || message.kind === 'retry') reconnect();
  else if (message.kind === 'hello' && source === null && retryTimer === 0) reconnect(); // it is signed in, or would not say so
  else if (message.kind === 'visible' && message.visible && source !== null) pollStatus();
  if (!known) greet(port); // last: who comes is signed in, and must not hear that nobody was
}

function reconnect() {
  attempts = 0;
  if (connection.state === 'unauthorised') setConnection({ state: synced ? 'stale' : 'connecting', detail: 'Connecting.', retryAt: null });
  openStream();
}

function welcome(port) {
  port.addEventListener('message', (event) => onMessage(port, event.data));
  port.start?.();
}

self.addEventListener('online', () => {
  if (retryTimer !== 0) reconnect();
});

if ('onconnect' in self) self.addEventListener('connect', (event) => welcome(event.ports[0]));
else welcome(self);
