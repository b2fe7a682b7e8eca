// SPDX-License-Identifier: Apache-2.0
// The routes as rows of a table: each with whether it can be used; the same row stays as long as nothing changed.
import { h } from '../base/dom.js';
import { duration, identifier, localTime, number, safe } from '../base/format.js';
import { badge } from '../parts/state_badge.js';
import { pathList } from '../parts/path_list.js';
import { sourceOf, surveyOf } from '../requests/route_judge.js';
import { live } from '../service/live.js';
import { usabilityOf } from './usability.js';

const SOON_MS = 300000;
const PATH_SHOWN = 5;

/** @typedef {{ route: any, usability: import('./usability.js').Usability, text: string }} Row */

/** Everything of a route that a search may find. */
function textOf(route) {
  const hops = Object.entries(route.next_hops ?? {}).flat(2);
  return [route.route_id, route.source_kma_id ?? '', route.destination_kma_id, route.origin, ...(route.path ?? []), ...hops].join('\n').toLowerCase();
}

/** @returns {{ rows: () => Row[] }} */
export function createRouteRows() {
  /** @type {Map<string, Row>} */
  let known = new Map();

  function rowOf(route, survey, nowMs) {
    const usability = usabilityOf(route, survey, nowMs);
    const old = known.get(route.route_id);
    if (old?.route === route && old.usability.word === usability.word && old.usability.why.join('\n') === usability.why.join('\n')) return old;
    return { route, usability, text: old?.route === route ? old.text : textOf(route) };
  }

  return { rows() {
    const survey = surveyOf(live.data);
    const now = live.now();
    known = new Map([...live.data.routes.values()].map((route) => [route.route_id, rowOf(route, survey, now)]));
    return [...known.values()];
  } };
}

/** @param {{ q: string, usable: string, kind: string, origin: string }} filters @param {Row} row */
export function fits({ q, usable, kind, origin }, { route, usability, text }) {
  if (q !== '' && !text.includes(q.toLowerCase())) return false;
  if (usable === 'no' && usability.rank === 3) return false;
  if (usable === 'yes' && usability.rank !== 3) return false;
  if (usable === 'lease' && !route.valid_until) return false;
  if (kind !== '' && (kind === 'path') !== Boolean(route.path)) return false;
  return origin === '' || route.origin === origin;
}

/** What is left of a lease, in the bridge's time. @param {string | null} validUntil */
export function leaseLeft(validUntil) {
  if (!validUntil) return h('span', { class: 'none' }, 'no end');
  const left = Date.parse(validUntil) - live.now();
  return h('time', { datetime: validUntil, class: left < SOON_MS ? 'lease-soon' : null, title: `${localTime(validUntil, live.now())} local, ${validUntil} UTC` },
    left > 0 ? `ends in ${duration(Math.ceil(left / 1000) * 1000)}` : 'ended');
}

function wayCell(route) {
  if (!route.path) {
    const names = Object.keys(route.next_hops);
    const title = Object.entries(route.next_hops).map(([kma, next]) => `${safe(kma)} \u2192 ${next.map(safe).join(', ')}`).join('\n');
    return h('span', { title }, `next hops at ${number(names.length)} ${names.length === 1 ? 'KMA' : 'KMAs'}`);
  }
  const { path } = route;
  if (path.length <= PATH_SHOWN) return pathList(path, { max: 16 });
  const short = [...path.slice(0, 2), null, ...path.slice(-2)];
  return h('ol', { class: 'path-list', 'aria-label': 'Path', title: path.map(safe).join(' \u2192 ') },
    short.map((kma) => h('li', {}, kma === null ? h('span', { class: 'none' }, `${path.length - 4} more`) : identifier(kma, { max: 16 }))));
}

function usableCell({ tone, word, why }) {
  return h('span', { class: 'usable', title: why.map(safe).join('\n') }, badge(tone, word), why.length > 0 && h('bdi', { class: 'why' }, safe(why[0]), why.length > 1 && ` (and ${why.length - 1} more)`));
}

/** @type {import('../parts/data_table.js').Column<Row>[]} */
export const COLUMNS = [
  { id: 'id', label: 'Route', card: 'name', cell: ({ route }) => h('a', { href: `/routes/${encodeURIComponent(route.route_id)}`, class: 'id', tabindex: '-1' }, identifier(route.route_id, { max: 28 })), sort: ({ route }) => route.route_id },
  { id: 'usable', label: 'Usable', card: 'state', cell: ({ usability }) => usableCell(usability), sort: ({ usability }) => usability.rank },
  { id: 'from', label: 'From', rank: 2, card: 'line', cell: ({ route }) => (sourceOf(route) === null ? h('span', { class: 'none' }, 'anywhere') : identifier(sourceOf(route), { max: 20 })), sort: ({ route }) => sourceOf(route) },
  { id: 'to', label: 'To', cell: ({ route }) => identifier(route.destination_kma_id, { max: 20 }), sort: ({ route }) => route.destination_kma_id },
  { id: 'way', label: 'Way', rank: 2, cell: ({ route }) => wayCell(route), sort: ({ route }) => route.path?.length ?? null, title: 'Sorted by its length' },
  { id: 'priority', label: 'Priority', align: 'end', cell: ({ route }) => number(route.priority), sort: ({ route }) => route.priority },
  { id: 'lease', label: 'Lease', rank: 2, volatile: true, cell: ({ route }) => leaseLeft(route.valid_until), sort: ({ route }) => (route.valid_until ? Date.parse(route.valid_until) : null) },
  { id: 'origin', label: 'Origin', rank: 3, cell: ({ route }) => identifier(route.origin, { max: 16 }), sort: ({ route }) => route.origin },
];
