// SPDX-License-Identifier: Apache-2.0
// Every event as one sentence for people, with what it is about as links; and its tone.
import { h } from '../base/dom.js';
import { duration, identifier, safe } from '../base/format.js';
import { shape } from './state_badge.js';

/**
 * @typedef {import('../service/live_state.js').BridgeEvent} BridgeEvent
 * @typedef {'km' | 'kma' | 'relay' | 'lookup' | 'route' | 'link' | 'application' | 'token' | 'webhook' | 'layout'} Kind
 * @typedef {{ kind: Kind, id: string }} Reference
 * @typedef {(string | Reference)[]} Sentence texts are the bridge's and ours; identifiers and others' words are escaped
 * @typedef {(event: BridgeEvent, data: Record<string, any>, subject: Record<string, string>) => Sentence} Speaker
 */

const PATH_SHOWN_MAX = 5;
const WORDS_MAX = 200;

const OBJECTS = { km: 'KM', application: 'Application', link: 'Link', route: 'Route', token: 'Token', webhook: 'Webhook', layout: 'Layout' };
const DECIDERS = { orchestrator: ['decided by the orchestrator'], computed: ['computed by the bridge'] };

/** Somebody else's words: escaped, and not endless. */
function words(text) {
  const shown = safe(text);
  return shown.length > WORDS_MAX ? `${shown.slice(0, WORDS_MAX)}\u2026` : shown;
}

function ends(from, to, application) {
  const source = from ? [' from ', { kind: 'kma', id: from }] : [];
  if (to) return [...source, ' to ', { kind: 'kma', id: to }];
  return application ? [...source, ' to application ', { kind: 'application', id: application }] : source;
}

function relay(data, subject) {
  return ['Relay ', { kind: 'relay', id: subject.relay_id }, ...ends(data.source_kma_id, data.destination_kma_id, data.application_destination_id)];
}

function lookup(data, subject) {
  return ['Lookup ', { kind: 'lookup', id: subject.lookup_id }, ...ends(data.source_kma_id, data.destination_kma_id, data.application_destination_id)];
}

function ofKm(subject, otherwise) {
  return subject.km_id ? ['KM ', { kind: 'km', id: subject.km_id }] : [otherwise];
}

/** ": no_route, and why" */
function why(data) {
  const told = [data.reason, data.detail && data.detail !== data.reason ? words(data.detail) : null].filter(Boolean);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}

function over(path) {
  if (!path || path.length === 0) return [];
  if (path.length > PATH_SHOWN_MAX) return [` over ${path.length - 1} hops`];
  return [' over ', ...path.flatMap((id, i) => (i === 0 ? [{ kind: 'kma', id }] : [' \u2192 ', { kind: 'kma', id }]))];
}

function decided(data) {
  if (data.decided_by === 'route') return data.route_id ? [', by route ', { kind: 'route', id: data.route_id }] : [', by a route'];
  return DECIDERS[data.decided_by] ? [', ', ...DECIDERS[data.decided_by]] : [];
}

function took(data) {
  const ms = Date.parse(data.ended_at) - Date.parse(data.received_at);
  return Number.isFinite(ms) ? ` after ${duration(ms)}` : '';
}

function done(change) {
  return { created: ' was created', updated: ' was changed', deleted: ' was removed' }[change] ?? ` was ${words(change ?? 'changed')}`;
}

function peerOf(data) {
  const who = [data.identity && words(data.identity), data.peer && `at ${words(data.peer)}`].filter(Boolean);
  return who.length === 0 ? 'A peer' : `A peer (${who.join(', ')})`;
}

function answeredLookup(data) {
  if (data.state === 'rejected') return [` was rejected${why(data)}`];
  const next = data.next_kma_ids ?? [];
  if (next.length === 0) return [` was answered without a next hop${why(data)}`];
  return [' was answered: next ', ...next.slice(0, PATH_SHOWN_MAX).flatMap((id, i) => (i === 0 ? [{ kind: 'kma', id }] : [', ', { kind: 'kma', id }])),
    ...(next.length > PATH_SHOWN_MAX ? [` and ${next.length - PATH_SHOWN_MAX} more`] : []), ...decided(data)];
}

function changedObject(data, subject) {
  const [kind, ...rest] = String(data.object ?? '').split('/');
  const id = rest.join('/');
  if (OBJECTS[kind] && id !== '') return [`${OBJECTS[kind]} `, { kind, id }, done(data.change)];
  return subject.km_id ? ['KM ', { kind: 'km', id: subject.km_id }, done(data.change)] : [words(data.object || 'The configuration'), done(data.change)];
}

/** @type {Record<string, [tone: import('./state_badge.js').Tone, speak: Speaker]>} */
const SPEAKERS = {
  'km.connected': ['good', (_, data, subject) => [...ofKm(subject, 'A KM'), ` connected${data.peer ? ` from ${words(data.peer)}` : ''}`,
    data.security === 'plain' ? ' without TLS' : data.tls_version ? ` over ${words(data.tls_version)}` : '']],
  'km.disconnected': ['bad', (_, data, subject) => [...ofKm(subject, 'A KM'), ` disconnected${why(data)}`]],
  'km.refused': ['warning', (_, data, subject) => [...ofKm(subject, peerOf(data)), subject.km_id && data.peer ? ` at ${words(data.peer)}` : '', ` was refused${why(data)}`]],
  'relay.received': ['neutral', (_, data, subject) => [...relay(data, subject), ...(data.unsolicited ? [' was asked for by the orchestrator, of KM '] : [' was asked for by KM ']), { kind: 'km', id: data.km_id ?? subject.km_id }]],
  'relay.awaiting_decision': ['warning', (_, data, subject) => [...relay(data, subject), ' waits for a decision']],
  'relay.instructed': ['busy', (_, data, subject) => [...relay(data, subject), ' was instructed', ...over(data.path), ...decided(data)]],
  'relay.succeeded': ['good', (_, data, subject) => [...relay(data, subject), ` succeeded${took(data)}`]],
  'relay.failed': ['bad', (_, data, subject) => [...relay(data, subject), ` failed${why(data)}`]],
  'relay.rejected': ['off', (_, data, subject) => [...relay(data, subject), ` was rejected${why(data)}`]],
  'relay.expired': ['bad', (_, data, subject) => [...relay(data, subject), ` expired${why(data)}`]],
  'relay.orphaned': ['bad', (_, data, subject) => [...relay(data, subject), ` was orphaned${why(data)}`]],
  'relay.uncorrelated': ['warning', (_, data, subject) => [...ofKm(subject, 'A KM'), ' answered ',
    ...(subject.relay_id ? ['relay ', { kind: 'relay', id: subject.relay_id }, ', which is not open'] : ['a relay that is not open']), data.detail ? `: ${words(data.detail)}` : '']],
  'lookup.answered': ['good', (_, data, subject) => [...lookup(data, subject), ...answeredLookup(data)]],
  'lookup.awaiting_decision': ['warning', (_, data, subject) => [...lookup(data, subject), ' waits for a decision']],
  'route.changed': ['neutral', (_, data, subject) => ['Route ', { kind: 'route', id: subject.route_id }, done(data.change), data.detail ? `: ${words(data.detail)}` : '']],
  'link.changed': ['neutral', (_, data, subject) => ['Link ', { kind: 'link', id: subject.link_id }, done(data.change), data.detail ? `: ${words(data.detail)}` : '']],
  'config.changed': ['neutral', (_, data, subject) => changedObject(data, subject)],
  'ck.protocol_error': ['bad', (_, data, subject) => [...ofKm(subject, 'A KM'), ` sent a frame that cannot be read${why(data)}`,
    data.command !== undefined ? ` (command ${data.command}, at byte ${data.offset ?? 0} of its payload)` : '']],
  'overload.entered': ['bad', () => ['The bridge is overloaded: requests wait longer than they should']],
  'overload.left': ['good', () => ['The bridge is not overloaded any more']],
};

/** Whether the vocabulary here has this type. @param {string} type */
export function hasSentence(type) {
  return Object.hasOwn(SPEAKERS, type);
}

/** How it is to be taken. @param {BridgeEvent} event @returns {import('./state_badge.js').Tone} */
export function eventTone(event) {
  if (event.type === 'lookup.answered' && event.data.state === 'rejected') return 'off';
  if (event.type === 'lookup.answered' && !event.data.next_kma_ids?.length) return 'warning';
  return hasSentence(event.type) ? SPEAKERS[event.type][0] : 'neutral';
}

/** One of a newer bridge than this page is named by its type. @param {BridgeEvent} event @returns {Sentence} */
export function eventSentence(event) {
  const subject = event.subject ?? {};
  if (!hasSentence(event.type)) return [words(event.type), ...Object.values(subject).map((id) => ` ${words(id)}`)];
  return SPEAKERS[event.type][1](event, event.data ?? {}, subject)
    .filter((part) => part !== '' && (typeof part === 'string' || (part.id !== undefined && part.id !== null)));
}

/** The sentence as text, escaped. @param {BridgeEvent} event */
export function eventText(event) {
  return eventSentence(event).map((part) => (typeof part === 'string' ? part : safe(part.id))).join('');
}

const ADDRESSES = { km: '/kms/', relay: '/relays/', lookup: '/lookups/', route: '/routes/' };
const QUERIES = { kma: '/topology?a=', link: '/topology?link=', application: '/links?aq=', token: '/access?token=', webhook: '/access?webhook=' };

/** Where what is named has its page, whether there is such a view or not. @param {Reference} reference */
export function addressOf({ kind, id }) {
  const address = ADDRESSES[kind] ?? QUERIES[kind];
  return address ? address + encodeURIComponent(id) : null;
}

/** Where the map shows what the event is about; null: nowhere. @param {BridgeEvent} event */
export function mapAddressOf(event) {
  const { subject, data } = event;
  const query = (members) => `/topology?${new URLSearchParams(members)}`;
  if (subject.link_id) return query({ link: subject.link_id });
  if (data.source_kma_id && data.destination_kma_id) return query({ a: data.source_kma_id, b: data.destination_kma_id });
  const kma = data.source_kma_id ?? data.destination_kma_id;
  if (kma) return query({ a: kma });
  return subject.km_id ? query({ km: subject.km_id }) : null;
}

/**
 * The sentence with links where there are views. @param {BridgeEvent} event
 * @param {{ link?: (address: string | null) => string | null, max?: number }} [options] `link`: linkTo of views/index.js
 * @returns {import('../base/dom.js').Child[]}
 */
export function sentenceNodes(event, { link = () => null, max = 32 } = {}) {
  return eventSentence(event).map((part) => {
    if (typeof part === 'string') return part;
    const address = link(addressOf(part));
    return address === null ? identifier(part.id, { max }) : h('a', { href: address }, identifier(part.id, { max }));
  });
}

/** Shape and sentence in a line, for lists of other views. @param {BridgeEvent} event @param {Parameters<typeof sentenceNodes>[1]} [options] */
export function eventLine(event, options) {
  return h('span', { class: 'event-line' }, shape(eventTone(event)), h('span', {}, sentenceNodes(event, options)));
}
