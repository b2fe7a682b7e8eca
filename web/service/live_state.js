// SPDX-License-Identifier: Apache-2.0
// The bridge's live state as the event stream tells it: items of a snapshot, then one event after the other.
import { isPenalised } from '../base/penalised.js';

/** The member that names an item of each resource. */
export const KEYS = {
  kms: 'km_id', applications: 'application_id', destinations: 'kma_id', links: 'link_id', routes: 'route_id', relays: 'relay_id', lookups: 'lookup_id',
};

/** Requests that have ended are kept up to this many of each kind; then the one that ended first goes. */
export const ENDED_MAX = 1000;

const OPEN_STATES = new Set(['received', 'awaiting_decision', 'instructed']);

/** @param {{ state: string }} item of a relay or a lookup */
export function isOpen(item) {
  return OPEN_STATES.has(item.state);
}

/**
 * @typedef {{ resource: string, id: string, change?: string }} Reference `change`: what an event said was done to it
 * @typedef {{ event_id: string, type: string, time: string, subject: Record<string, string>, data: Record<string, any> }} BridgeEvent
 */

/**
 * Whether an item that was read after an event shows what the event said. The bridge's own judgement of a link is told a
 * moment before it can be read; what a client writes is not told before.
 * @param {any} item null: it is gone @param {string | undefined} change
 */
export function showsChange(item, change) {
  if (item === null) return true;
  if (change === 'penalised') return isPenalised(item);
  return change !== 'recovered' || !isPenalised(item);
}

export class LiveState {
  constructor() {
    /** @type {any} */ this.status = null;
    for (const resource of Object.keys(KEYS)) this[resource] = new Map();
    /** @type {{ relays: Set<string>, lookups: Set<string> }} in the order in which they ended */
    this.ended = { relays: new Set(), lookups: new Set() };
  }

  /** @param {string} resource @param {any} item as its GET shows it */
  put(resource, item) {
    if (resource === 'status') this.status = item;
    else this[resource].set(item[KEYS[resource]], item);
  }

  /** @param {string} resource @param {string} id */
  remove(resource, id) {
    this[resource].delete(id);
    this.ended[resource]?.delete(id);
  }

  /**
   * What the event changes, and what must be read anew since the event names it without showing it.
   * @param {BridgeEvent} event @returns {{ changed: Reference[], unknown: Reference[] }}
   */
  apply(event) {
    const [kind, what] = event.type.split('.');
    if (kind === 'relay' && what !== 'uncorrelated') return this.applyRequest('relays', event);
    if (kind === 'lookup') return this.applyRequest('lookups', event);
    if (kind === 'km') return this.applyKm(what, event);
    if (event.type === 'config.changed') return this.applyObject(...objectOf(event), event.data.change);
    if (event.type === 'link.changed') return this.applyObject('links', event.subject.link_id, event.data.change);
    if (event.type === 'route.changed') return this.applyObject('routes', event.subject.route_id, event.data.change);
    if (kind === 'overload' && this.status) this.status = { ...this.status, overloaded: what === 'entered' };
    return { changed: [], unknown: [] };
  }

  /** @private */
  applyRequest(resource, event) {
    const id = event.subject[KEYS[resource]];
    if (!id) return { changed: [], unknown: [] };
    const before = this[resource].get(id) ?? {};
    const item = { ...blank(resource), ...before, ...event.data, [KEYS[resource]]: id };
    if (item.state === 'instructed') Object.assign(item, { instructed_at: event.time, decided_at: before.decided_at ?? event.time });
    if (item.state === 'awaiting_decision') item.awaiting_since = event.time;
    if (!isOpen(item)) item.ended_at ??= event.time;
    this[resource].set(id, item);
    const changed = [{ resource, id }];
    if (!isOpen(item)) changed.push(...this.end(resource, id));
    return { changed, unknown: [] };
  }

  /** @private the oldest that make room */
  end(resource, id) {
    const ended = this.ended[resource];
    const gone = [];
    ended.add(id);
    for (const oldest of ended) {
      if (ended.size <= ENDED_MAX) break;
      this.remove(resource, oldest);
      gone.push({ resource, id: oldest });
    }
    return gone;
  }

  /** @private */
  applyKm(what, event) {
    const id = event.subject.km_id;
    const km = id ? this.kms.get(id) : undefined;
    if (!km) return { changed: [], unknown: id ? [{ resource: 'kms', id }] : [] };
    const { reason = null, detail = null } = event.data;
    const session = { ...km.session };
    if (what === 'connected') {
      const { peer = null, security = null, tls_version = null, cipher = null } = event.data;
      Object.assign(session, { state: 'connected', since: event.time, peer, security, tls_version, cipher });
    } else if (what === 'disconnected') {
      Object.assign(session, { state: 'disconnected', since: event.time });
    }
    if (reason !== null || detail !== null) session.last_error = { reason, detail, time: event.time };
    this.kms.set(id, { ...km, session });
    return { changed: [{ resource: 'kms', id }], unknown: [{ resource: 'kms', id }] };
  }

  /** @private */
  applyObject(resource, id, change) {
    if (!resource || !id) return { changed: [], unknown: [] };
    if (change !== 'deleted') return { changed: [], unknown: [{ resource, id, change }] };
    this.remove(resource, id);
    return { changed: [{ resource, id }], unknown: [] };
  }

  /** For another thread. */
  toMessage() {
    const items = Object.keys(KEYS).map((resource) => [resource, [...this[resource].values()]]);
    return { status: this.status, items };
  }

  /** @param {ReturnType<LiveState['toMessage']>} message */
  static fromMessage(message) {
    const state = new LiveState();
    state.status = message.status;
    for (const [resource, items] of message.items) for (const item of items) state.put(resource, item);
    return state;
  }
}

/** "km/alice" of config.changed @param {BridgeEvent} event @returns {[string | null, string]} */
function objectOf(event) {
  const [kind, ...rest] = String(event.data.object ?? '').split('/');
  const resource = { km: 'kms', application: 'applications', destination: 'destinations' }[kind] ?? null;
  return [resource, rest.join('/')];
}

function blank(resource) {
  const common = { reason: null, detail: null, km_id: null, source_kma_id: null, destination_kma_id: null,
    application_destination_id: null, decided_by: null, received_at: null, ended_at: null };
  return resource === 'relays'
    ? { ...common, path: [], route_id: null, unsolicited: false, decided_at: null, instructed_at: null }
    : { ...common, current_kma_id: null, next_kma_ids: [] };
}
