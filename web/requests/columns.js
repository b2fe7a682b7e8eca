// SPDX-License-Identifier: Apache-2.0
// The columns of the lists of relays and lookups.
import { h } from '../base/dom.js';
import { NONE, duration, identifier, timeElement } from '../base/format.js';
import { requestBadge } from '../parts/state_badge.js';
import { live } from '../service/live.js';
import { addressOf, idOf } from './kinds.js';
import { kmLink } from './links.js';
import { deciderWords, reasonWords } from './words.js';

/** Where to, an application also by its own name. @param {any} item */
export function target(item) {
  const application = item.application_destination_id;
  if (!application) return identifier(item.destination_kma_id, { max: 24 });
  return h('span', { class: 'target' }, item.destination_kma_id && identifier(item.destination_kma_id, { max: 24 }),
    h('span', { class: 'aside' }, ' application ', identifier(application, { max: 20 })));
}

/** Until it ended, or until now. @param {any} item @returns {number} ms */
export function spanOf(item) {
  return (item.ended_at ? Date.parse(item.ended_at) : live.now()) - Date.parse(item.received_at);
}

function reasonCell(item) {
  if (!item.reason) return h('span', { class: 'none' }, NONE);
  return h('span', { class: 'code', title: reasonWords(item.reason) || null }, item.reason);
}

function wayCell(kind, item) {
  const kmas = kind.resource === 'relays' ? item.path : item.next_kma_ids;
  if (!kmas || kmas.length === 0) return h('span', { class: 'none' }, NONE);
  if (kind.resource === 'lookups') return h('span', { class: 'way' }, kmas.flatMap((kma, i) => [i > 0 && ', ', identifier(kma, { max: 16 })]));
  return h('span', { class: 'way', title: `${kmas.length - 1} hops` }, kmas.length - 1, kmas.length === 2 ? ' hop' : ' hops');
}

function deciderCell(item) {
  return item.decided_by ? h('span', { title: deciderWords(item.decided_by) }, item.decided_by) : h('span', { class: 'none' }, NONE);
}

/**
 * @param {import('./kinds.js').Kind} kind
 * @returns {import('../parts/data_table.js').Column<any>[]}
 */
export function columnsOf(kind) {
  return [
    { id: 'id', label: kind.one === 'relay' ? 'Relay' : 'Lookup', sort: (item) => Number(idOf(kind, item)), align: 'end', card: 'name',
      cell: (item) => h('a', { href: addressOf(kind, idOf(kind, item)), class: 'id' }, idOf(kind, item)) },
    { id: 'state', label: 'State', card: 'state', sort: (item) => kind.states.indexOf(item.state), cell: (item) => requestBadge(item.state) },
    { id: 'source', label: 'From', sort: (item) => item.source_kma_id, cell: (item) => identifier(item.source_kma_id, { max: 24 }) },
    kind.one === 'lookup' && { id: 'at', label: 'Asked at', sort: (item) => item.current_kma_id, rank: 3, cell: (item) => identifier(item.current_kma_id, { max: 24 }) },
    { id: 'destination', label: 'To', sort: (item) => item.destination_kma_id, cell: target },
    { id: 'way', label: kind.one === 'relay' ? 'Path' : 'Next hops', class: 'way-cell', rank: 2, cell: (item) => wayCell(kind, item),
      sort: (item) => (kind.one === 'relay' ? item.path : item.next_kma_ids)?.length ?? 0 },
    { id: 'reason', label: 'Reason', sort: (item) => item.reason, rank: kind.one === 'relay' ? 2 : 3, card: 'line', cell: reasonCell },
    { id: 'decided', label: 'Decided by', sort: (item) => item.decided_by, rank: 2, cell: deciderCell },
    { id: 'km', label: 'KM', sort: (item) => item.km_id, rank: 2, cell: (item) => kmLink(item.km_id, { max: 20 }) },
    { id: 'received', label: 'Received', sort: (item) => Date.parse(item.received_at), align: 'end', rank: 2, card: 'line', cell: (item) => timeElement(item.received_at, live.now()) },
    { id: 'span', label: 'Took', sort: spanOf, align: 'end', rank: 3, volatile: true,
      title: 'From received to its end; of what is open until now',
      cell: (item) => h('span', { class: item.ended_at ? null : 'running' }, duration(spanOf(item))) },
  ].filter(Boolean);
}
