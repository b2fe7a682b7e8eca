// SPDX-License-Identifier: Apache-2.0
// The columns of the list of KMs.
import { h } from '../base/dom.js';
import { NONE, ageElement, compact, identifier, number, safe } from '../base/format.js';
import { badge, kmBadge } from '../parts/state_badge.js';
import { live } from '../service/live.js';
import { EXPIRING_MS, badness, certificateLeftMs, days, errorCount, lostCount, securityWords } from './model.js';

/** What a KM's session is protected by; what is not is marked. @param {any} km */
export function securityCell({ session }) {
  const words = securityWords(session);
  if (words === null) return h('span', { class: 'none' }, NONE);
  return session.security === 'plain' ? badge('warning', words, { title: 'Whoever is on the way can read and change what it says' }) : h('span', { title: safe(session.cipher ?? '') }, words);
}

/** "63 d", marked when it is soon. @param {any} km */
export function certificateCell(km) {
  const left = certificateLeftMs(km, live.now());
  if (left === null) return h('span', { class: 'none' }, NONE);
  const words = left < 0 ? 'expired' : `${number(days(left))} d`;
  const title = `${km.session.certificate_expires_at} (UTC)`;
  if (left >= EXPIRING_MS) return h('span', { title }, words);
  return badge(left < EXPIRING_MS / 4 ? 'bad' : 'warning', words, { title });
}

function count(value) {
  return h('span', { class: value > 0 ? null : 'none', title: number(value) }, compact(value));
}

function kmas({ kma_ids: ids }) {
  return [identifier(ids[0], { max: 20 }), ids.length > 1 && h('span', { class: 'none', title: ids.map(safe).join(', ') }, ` +${ids.length - 1}`)];
}

/** @type {import('../parts/data_table.js').Column<any>[]} */
export const columns = [
  { id: 'state', label: 'State', card: 'state', sort: (km) => badness(km, live.now()), volatile: true, cell: (km) => kmBadge(km, live.now()) },
  { id: 'km', label: 'KM', card: 'name', sort: (km) => km.km_id, cell: (km) => h('a', { href: `/kms/${encodeURIComponent(km.km_id)}`, tabindex: -1 }, identifier(km.km_id, { max: 28 })) },
  { id: 'kmas', label: 'KMAs', sort: (km) => km.kma_ids[0] ?? null, rank: 2, cell: kmas },
  { id: 'since', label: 'For', sort: (km) => (km.session.since ? Date.parse(km.session.since) : null), rank: 2, card: 'line', volatile: true, align: 'end', title: 'For how long the state is what it is', cell: (km) => ageElement(km.session.since, live.now()) },
  { id: 'security', label: 'Security', sort: (km) => securityWords(km.session), rank: 2, cell: securityCell },
  { id: 'certificate', label: 'Certificate', sort: (km) => certificateLeftMs(km, live.now()), rank: 3, align: 'end', volatile: true, title: 'How long it is still valid', cell: certificateCell },
  { id: 'peer', label: 'Peer', sort: (km) => km.session.peer, rank: 3, cell: (km) => identifier(km.session.peer, { max: 28 }) },
  { id: 'open', label: 'Open relays', sort: (km) => km.counters.relays_open, rank: 3, align: 'end', cell: (km) => count(km.counters.relays_open) },
  { id: 'succeeded', label: 'Succeeded', sort: (km) => km.counters.relays_succeeded, rank: 2, align: 'end', cell: (km) => count(km.counters.relays_succeeded) },
  { id: 'lost', label: 'Lost', sort: lostCount, rank: 2, card: 'line', align: 'end', title: 'Relays that failed, expired or were orphaned', cell: (km) => count(lostCount(km)) },
  { id: 'errors', label: 'Bad frames', sort: errorCount, align: 'end', title: 'Malformed or unexpected, since the bridge started', cell: (km) => count(errorCount(km)) },
];
