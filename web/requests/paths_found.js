// SPDX-License-Identifier: Apache-2.0
// What the bridge computes between two KMAs: the paths with what they cost, and the links that no path could use.
import { h, uniqueId } from '../base/dom.js';
import { counted, identifier, number, timeElement } from '../base/format.js';
import { apartMembers, noSecond } from '../parts/apart.js';
import { fact } from '../parts/fact.js';
import { pathList } from '../parts/path_list.js';
import { behindWords, costWithoutPenalty, penaltyNote } from '../parts/penalty.js';
import { badge } from '../parts/state_badge.js';
import { get, request } from '../service/api.js';
import { mapLink, routeLink } from './links.js';

const ALTERNATIVES = 4;

/**
 * @param {string} source @param {string} destination @param {AbortSignal} signal
 * @param {import('../parts/apart.js').Apart} [apart] a pair is asked for
 * @returns {Promise<any>} rejects with a Problem; KMAs that nobody knows any more have no paths
 */
export async function computePaths(source, destination, signal, apart = '') {
  const body = { source_kma_id: source, destination_kma_id: destination, ...apartMembers(apart, ALTERNATIVES) };
  return (await request('POST', '/paths', { body, signal })).data;
}

/** @param {string[]} left @param {string[]} right */
export function samePath(left, right) {
  return left.length === right.length && left.every((kma, i) => kma === right[i]);
}

function factsOf(found, pair) {
  const { bottleneck } = found;
  const stock = bottleneck.key_stock === null ? 'not told' : counted(bottleneck.key_stock, 'key');
  return [['Cost', costWithoutPenalty(found)], ['Hops', number(found.hops)], ['Least key stock', [stock, ' (', identifier(bottleneck.link_id, { max: 20 }), ')']],
    pair && ['Links', found.link_ids.flatMap((id, i) => [i > 0 && ', ', identifier(id, { max: 20 })])]].filter(Boolean);
}

function notes(found, taken, first) {
  return h('div', { class: 'path-notes' },
    taken && badge('good', 'taken'),
    h('span', { class: 'aside' }, behindWords(found) ?? first),
    found.disconnected_kma_ids.length > 0 && h('span', { class: 'warning-words' }, badge('warning', 'away'), ' ',
      found.disconnected_kma_ids.flatMap((kma, i) => [i > 0 && ', ', identifier(kma, { max: 20 })])));
}

/** @param {any} found a path @param {{ taken?: boolean, pair?: number }} [about] `pair`: of so many paths; 0: no pair was asked for */
function block(found, { taken = false, pair = 0 } = {}) {
  return [pathList(found.path), h('dl', { class: 'path-facts' }, factsOf(found, pair > 0).map(([name, value]) => fact(name, value))),
    notes(found, taken, ['the best', 'the only one', 'the better of the two'][pair]), penaltyNote(found)];
}

function rejectedLinks(answer) {
  const { rejected_links: links, rejected_link_count: count } = answer;
  return count > 0 && h('details', { class: 'rejected-links' }, h('summary', {}, `${counted(count, 'link')} that no path could use`),
    h('ul', {}, links.map((link) => h('li', {}, identifier(link.link_id, { max: 32 }), ' (', identifier(link.a, { max: 20 }), ' \u2013 ', identifier(link.b, { max: 20 }), '): ', link.detail)),
      count > links.length && h('li', {}, `and ${number(count - links.length)} more`)));
}

function remarks(answer) {
  return [
    noSecond(answer, { link: (id) => identifier(id, { max: 32 }), kma: (id) => identifier(id, { max: 32 }) }),
    answer.disjoint !== null && answer.paths.length === 2 && h('p', { class: 'hint' }, 'A relay goes by one of the two. Give the other to another relay: what fails on one does not fail on both.'),
    answer.paths.length === 0 && h('p', { class: 'no-path' }, badge('bad', 'no path'), ' ', answer.no_path?.detail ?? ''),
    !answer.complete && h('p', { class: 'hint' }, answer.disjoint === null
      ? 'The bridge stopped at its limit of work: there may be more paths, none of them better.' : 'The bridge stopped at its limit of work: there may be a better pair.'),
    rejectedLinks(answer),
    answer.installed_route_id && h('p', { class: 'hint' }, 'The installed route ', routeLink(answer.installed_route_id), ' would decide such a relay, when it is the turn of routes.'),
  ];
}

/** To read. @param {any} answer of POST /paths @param {string[]} taken the path that was decided; []: none */
export function pathsTold(answer, taken) {
  const isThere = answer.paths.some((found) => samePath(found.path, taken));
  return h('div', { class: 'paths-found' },
    h('ol', { class: 'found' }, answer.paths.map((found) => h('li', {}, block(found, { taken: samePath(found.path, taken) }), mapLink(found.path, 'On the map')))),
    taken.length > 0 && answer.paths.length > 0 && !isThere && h('p', { class: 'hint' }, 'The path that was taken is none of these.'),
    remarks(answer),
    h('p', { class: 'hint' }, 'Computed over the links as they were at ', timeElement(answer.as_of), '.'));
}

/** To choose from. @param {any} answer @param {(path: string[]) => void} onChoose called at once for the best */
export function pathsToChoose(answer, onChoose) {
  const name = uniqueId('path');
  const items = answer.paths.map((found, i) => {
    const input = h('input', { type: 'radio', name, id: uniqueId('choice'), value: i, checked: i === 0, on: { change: () => onChoose(found.path) } });
    return h('li', {}, input, h('label', { for: input.id }, h('span', { class: 'visually-hidden' }, `Path ${i + 1}: `), block(found, { pair: answer.disjoint === null ? 0 : answer.paths.length })));
  });
  if (answer.paths.length > 0) onChoose(answer.paths[0].path);
  return h('div', { class: 'paths-found' }, items.length > 0 && h('ol', { class: 'found choose' }, items), remarks(answer));
}

/** A relay as it is now. @param {import('./kinds.js').Kind} kind @param {string} id @param {AbortSignal} signal */
export function readRequest(kind, id, signal) {
  return get(`/${kind.resource}/${encodeURIComponent(id)}`, { signal });
}
