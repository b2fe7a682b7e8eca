// SPDX-License-Identifier: Apache-2.0
// What is wrong with the bridge, worst first, from the live state alone: each with what it is and where to look.
import { counted, duration, localTime, number, safe } from '../base/format.js';
import { isPenalised } from '../base/penalised.js';
import { policyFor } from './policy.js';

const DAY_MS = 86400000;
const CERTIFICATE_SOON_MS = 30 * DAY_MS;
const CERTIFICATE_URGENT_MS = 7 * DAY_MS;
const LIMIT_NEAR = 0.8;
const STREAM_LAG_MAX = 1000;
const REFUSED_RECENT_MS = 3600000;
const NAMED_MAX = 5; // of one kind; more are one line with their number

/**
 * @typedef {{ severity: 'bad' | 'warning', key: string, what: string, detail: string, href: string | null,
 *   since: string | null }} Finding
 */

const LIMIT_NAMES = {
  sessions: 'Ck sessions', kms: 'KMs', applications: 'applications', destinations: 'policies of destinations', routes: 'routes', links: 'links',
  open_relays: 'open relays', held_lookups: 'held lookups', turns_in_flight: 'turns in flight',
  commands_queued: 'queued commands', event_streams: 'event streams', http_connections: 'HTTP connections',
  api_tokens: 'API tokens',
};

function kmAddress(id) {
  return `/kms/${encodeURIComponent(id)}`;
}

function grouped(findings, many) {
  if (findings.length <= NAMED_MAX) return findings;
  return [{ ...findings[0], ...many(findings.length) }];
}

function kmFindings(data, now) {
  const down = [];
  const expiring = [];
  const plain = [];
  for (const km of data.kms.values()) {
    const { session } = km;
    const name = safe(km.km_id);
    const href = kmAddress(km.km_id);
    if (km.enabled && session.state !== 'connected') {
      const heldOff = session.held_off_until && Date.parse(session.held_off_until) > now;
      const error = session.last_error;
      down.push({ severity: 'bad', key: `km ${km.km_id}`, since: session.since, href,
        what: heldOff ? `KM ${name} is held off` : `KM ${name} is not connected`,
        detail: heldOff ? `until ${localTime(session.held_off_until, now)}, for too many bad frames or sessions`
          : error ? `last error: ${safe(error.detail ?? error.reason ?? 'unknown')}` : session.since ? '' : 'never since the bridge started' });
    }
    if (session.state !== 'connected') continue;
    if (session.security === 'plain') plain.push({ severity: 'warning', key: `plain ${km.km_id}`, since: session.since, href, what: `KM ${name} is connected without TLS`, detail: 'whoever is on the way can read and change what it says' });
    const left = session.certificate_expires_at ? Date.parse(session.certificate_expires_at) - now : Infinity;
    if (left < CERTIFICATE_SOON_MS) expiring.push(certificateFinding(`certificate ${km.km_id}`, `The certificate of KM ${name}`, left, href));
  }
  const list = (state) => ({ href: `/kms?state=${state}` });
  return [
    ...grouped(down, (count) => ({ key: 'kms down', what: `${counted(count, 'KM')} not connected`, detail: 'of those that are enabled', since: null, ...list('down') })),
    ...grouped(expiring, (count) => ({ key: 'kms expiring', what: `${counted(count, 'certificate')} of KMs about to expire`, detail: `the first: ${expiring[0].detail}`, ...list('expiring') })),
    ...grouped(plain, (count) => ({ key: 'kms plain', what: `${counted(count, 'KM')} connected without TLS`, since: null, ...list('plain') })),
  ];
}

function certificateFinding(key, whose, left, href) {
  const severity = left < CERTIFICATE_URGENT_MS ? 'bad' : 'warning';
  return left <= 0 ? { severity, key, href, since: null, what: `${whose} has expired`, detail: `${duration(-left)} ago` }
    : { severity, key, href, since: null, what: `${whose} is about to expire`, detail: `in ${duration(left)}` };
}

function bridgeFindings(status, now) {
  const found = [];
  const add = (severity, key, what, detail, href = null) => found.push({ severity, key, what, detail, href, since: null });
  if (!status.store.available) add('bad', 'store', 'The store is not available', safe(status.store.detail ?? 'nothing is written, so requests wait'));
  else if (!status.ready) add('bad', 'ready', 'The bridge is not ready', 'it is starting or stopping');
  if (status.overloaded) add('bad', 'overload', 'The bridge is overloaded', 'requests wait longer than they should');
  for (const [name, limit] of Object.entries(status.limits)) {
    if (!(name in LIMIT_NAMES) || limit.max === 0 || limit.used < LIMIT_NEAR * limit.max) continue;
    add(limit.used >= limit.max ? 'bad' : 'warning', `limit ${name}`, `${number(limit.used)} of at most ${number(limit.max)} ${LIMIT_NAMES[name]}`, limit.used >= limit.max ? 'more are refused' : 'near the maximum');
  }
  for (const listener of status.listeners) {
    const left = listener.certificate_expires_at ? Date.parse(listener.certificate_expires_at) - now : Infinity;
    if (left < CERTIFICATE_SOON_MS) found.push(certificateFinding(`listener ${listener.name}`, `The bridge's own certificate of listener ${safe(listener.name)}`, left, null));
    if (!listener.secure && listener.kind === 'ck') add('warning', `insecure ${listener.name}`, `Listener ${safe(listener.name)} takes KMs without TLS`, safe(listener.address));
  }
  for (const stream of status.event_streams.furthest_behind) {
    if (stream.lag > STREAM_LAG_MAX && !stream.snapshot) add('warning', `stream ${stream.peer}`, `The event stream of ${safe(stream.actor)} lags`, `${number(stream.lag)} events behind, from ${safe(stream.peer ?? 'an unknown address')}`);
  }
  if (status.snmp?.mode === 'agentx' && status.snmp.connected === false) add('warning', 'snmp', 'SNMP is not connected', 'the AgentX master does not answer; nothing is lost but sight');
  return [...found, ...refusedFindings(status, now)];
}

function refusedFindings(status, now) {
  const recent = status.refused_peers.filter((peer) => now - Date.parse(peer.time) < REFUSED_RECENT_MS);
  if (recent.length === 0) return [];
  const last = recent.reduce((a, b) => (Date.parse(a.time) > Date.parse(b.time) ? a : b));
  return [{ severity: 'warning', key: 'refused', since: last.time, href: '/kms',
    what: `${counted(recent.length, 'peer')} refused on Ck listeners in the last hour`,
    detail: `the latest: ${safe(last.identity ?? last.peer ?? 'unknown')}: ${safe(last.detail ?? last.reason ?? '')}` }];
}

/** Relays and lookups that wait for a decision, the longest first. @param {import('./live_state.js').LiveState} data */
export function heldRequests(data) {
  const held = [];
  for (const resource of ['relays', 'lookups']) {
    for (const item of data[resource].values()) {
      if (item.state === 'awaiting_decision') held.push({ resource, item, sinceMs: Date.parse(item.awaiting_since ?? item.received_at) });
    }
  }
  return held.sort((a, b) => a.sinceMs - b.sinceMs);
}

function heldFindings(data, now) {
  const limitOf = ({ item }) => policyFor(item, data).orchestrator_ms;
  const overdue = heldRequests(data).filter((held) => now - held.sinceMs > limitOf(held) + 1000);
  if (overdue.length === 0) return [];
  return [{ severity: 'bad', key: 'held', href: '/held', since: new Date(overdue[0].sinceMs).toISOString(),
    what: `${counted(overdue.length, 'held request')} overdue`, detail: `the oldest has waited ${duration(now - overdue[0].sinceMs)}; its limit is ${duration(limitOf(overdue[0]))}` }];
}

function penaltyFindings(data, now) {
  const penalised = [...data.links.values()].filter((link) => link.state === 'up' && isPenalised(link)).map((link) => ({
    severity: 'warning', key: `penalised ${link.link_id}`, since: null, href: `/topology?link=${encodeURIComponent(link.link_id)}`,
    what: `Link ${safe(link.link_id)} is penalised`, detail: `relays over it failed; paths avoid it until ${localTime(link.penalised_until, now)}` }));
  return grouped(penalised, (count) => ({ key: 'links penalised', what: `${counted(count, 'link')} penalised`, detail: 'relays over them failed; paths avoid them', since: null, href: '/links?state=penalised' }));
}

function linkFindings(data, now) {
  const down = [...data.links.values()].filter((link) => link.state === 'down').map((link) => ({
    severity: 'warning', key: `link ${link.link_id}`, since: link.changed_at, href: `/topology?link=${encodeURIComponent(link.link_id)}`,
    what: `Link ${safe(link.link_id)} is down`, detail: `${safe(link.a)} \u2013 ${safe(link.b)}` }));
  return [
    ...grouped(down, (count) => ({ key: 'links down', what: `${counted(count, 'link')} down`, detail: 'no path goes over them', since: null, href: '/links?state=down' })),
    ...penaltyFindings(data, now),
  ];
}

/**
 * @param {import('./live_state.js').LiveState} data @param {number} now the bridge's time, Unix ms
 * @returns {Finding[]} worst first; those that began last come first among equals
 */
export function findings(data, now) {
  if (data.status === null) return [];
  const found = [...bridgeFindings(data.status, now), ...kmFindings(data, now), ...heldFindings(data, now), ...linkFindings(data, now)];
  return order(found);
}

/** @param {Finding[]} found */
export function order(found) {
  const rank = { bad: 0, warning: 1 };
  return found.map((finding, i) => [finding, i])
    .sort(([a, i], [b, k]) => rank[a.severity] - rank[b.severity] || Date.parse(b.since ?? 0) - Date.parse(a.since ?? 0) || i - k)
    .map(([finding]) => finding);
}
