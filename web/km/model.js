// SPDX-License-Identifier: Apache-2.0
// What a KM's state and figures are for people: which filter it falls under, how bad it is, what is insecure about it.
import { safe } from '../base/format.js';
import { kmTone } from '../parts/state_badge.js';

const DAY_MS = 86400000;
/** A certificate that ends within this is about to expire. */
export const EXPIRING_MS = 30 * DAY_MS;

/** The filter's choices. @type {[value: string, label: string][]} */
export const STATES = [
  ['all', 'All'], ['connected', 'Connected'], ['down', 'Not connected'], ['disabled', 'Disabled'],
  ['expiring', 'Certificate about to expire'], ['plain', 'Without TLS'], ['errors', 'With errors'],
];

/** @param {any} km @param {number} now ms until the certificate ends; null: it has none */
export function certificateLeftMs(km, now) {
  const at = km.session.certificate_expires_at;
  return at ? Date.parse(at) - now : null;
}

/** Whole days, rounded down: what is left for sure. @param {number} ms */
export function days(ms) {
  return Math.floor(ms / DAY_MS);
}

/** Frames that were not as Ck has them. @param {any} km */
export function errorCount({ counters }) {
  return counters.malformed + counters.unexpected;
}

/** Relays that ended without a key. @param {any} km */
export function lostCount({ counters }) {
  return counters.relays_failed + counters.relays_expired + counters.relays_orphaned;
}

/** @param {any} km @param {string} state of STATES @param {number} now */
export function isIn(km, state, now) {
  const connected = km.session.state === 'connected';
  if (state === 'connected') return km.enabled && connected;
  if (state === 'down') return km.enabled && !connected;
  if (state === 'disabled') return !km.enabled;
  if (state === 'expiring') return connected && (certificateLeftMs(km, now) ?? Infinity) < EXPIRING_MS;
  if (state === 'plain') return connected && km.session.security === 'plain';
  if (state === 'errors') return errorCount(km) > 0;
  return true;
}

/** Whether one of its names holds the words, whatever their case. @param {any} km @param {string} words */
export function matches(km, words) {
  if (words === '') return true;
  const wanted = words.toLowerCase();
  return [km.km_id, km.identity, km.session.peer ?? '', ...km.kma_ids].some((text) => text.toLowerCase().includes(wanted));
}

const RANKS = { bad: 0, warning: 1, good: 2, off: 3 };

/** For sorting: the worst first. @param {any} km @param {number} now */
export function badness(km, now) {
  const [tone, word] = kmTone(km, now);
  const troubled = tone === 'good' && (isIn(km, 'plain', now) || isIn(km, 'expiring', now));
  return `${troubled ? RANKS.warning : RANKS[tone]} ${word}`;
}

/** "TLS 1.3", "PSK, TLS 1.3", "no TLS"; null: it is not connected. @param {any} session */
export function securityWords(session) {
  if (session.state !== 'connected' || session.security === null) return null;
  if (session.security === 'plain') return 'no TLS';
  const version = safe(session.tls_version ?? 'TLS').replace(/^TLSv/, 'TLS ');
  return session.security === 'psk' ? `PSK, ${version}` : version;
}
