// SPDX-License-Identifier: Apache-2.0
// What is told of the ways between two KMAs: who decides and by which way, the other ways, and why not by them.
import { h } from '../base/dom.js';
import { counted, identifier, number, timeElement } from '../base/format.js';
import { noSecond } from '../parts/apart.js';
import { pathList } from '../parts/path_list.js';
import { behindWords, costWithoutPenalty, penaltyNote } from '../parts/penalty.js';
import { shape } from '../parts/state_badge.js';
import { linkTo } from '../views/index.js';
import { chooser } from './detail_panel.js';
import { whyOfWay } from './explain.js';

/** @type {Record<string, string>} */
export const METRICS = { widest_shortest: 'least cost, then most keys', shortest: 'least cost', widest: 'most keys' };
const RESULT_TONES = { route: 'good', computed: 'good', orchestrator: 'warning', nobody: 'bad' };
const ROUTES_MAX = 20;

/**
 * @typedef {{ chooseLink: (id: string) => void, onlyThis: (path: string[] | null) => void }} Acts
 *   `onlyThis`: of the ways, the map shows this; null: all again
 */

function bottleneck({ link_id: linkId, key_stock: stock }, link) {
  return ['least keys on ', link(linkId), stock === null ? ' (stock not known)' : ` (${counted(stock, 'key')})`];
}

function linksOfWay(way, link) {
  return h('p', { class: 'hint' }, 'Over ', way.link_ids.flatMap((id, i) => [i > 0 && ', ', link(id)]), '.');
}

function wayItem(way, { found, explanation, link, onlyThis }) {
  const away = way.disconnected_kma_ids;
  const [point, leave] = [() => onlyThis(way.path), () => onlyThis(null)];
  return h('li', { class: 'map-way', on: { pointerenter: point, pointerleave: leave, focusin: point, focusout: leave } },
    pathList(way.path),
    h('p', { class: 'hint' }, `Cost ${costWithoutPenalty(way)}, ${counted(way.hops, 'hop')}, `, bottleneck(way.bottleneck, link), '.'),
    found.disjoint !== null && linksOfWay(way, link),
    penaltyNote(way, link),
    h('p', {}, whyOfWay(way, explanation, { metric: METRICS[found.metric], isPair: found.disjoint !== null, behind: behindWords(way) })),
    away.length > 0 && h('p', { class: 'partial-line' }, 'Without a session now: ', away.map((id, i) => [i > 0 && ', ', identifier(id, { max: 20 })])));
}

function routeItem({ route, verdict, decides }) {
  const address = linkTo(`/routes/${encodeURIComponent(route.route_id)}`);
  return h('li', {}, shape(decides ? 'good' : 'off'), h('span', {}, h(address ? 'a' : 'span', { href: address }, identifier(route.route_id)),
    ` (priority ${number(route.priority)}): `, verdict, decides && [' ', pathList(route.path)]));
}

function routesTold({ routes }) {
  return routes.length > 0 && [h('h3', {}, 'Installed routes'),
    h('ul', { class: 'map-turns' }, routes.slice(0, ROUTES_MAX).map(routeItem)),
    routes.length > ROUTES_MAX && h('p', { class: 'hint' }, `and ${number(routes.length - ROUTES_MAX)} more`)];
}

function rejectedList(found, link) {
  if (found.rejected_link_count === 0) return null;
  return h('details', { class: 'map-more' }, h('summary', {}, counted(found.rejected_link_count, 'link that no way', 'links that no way'), ' can use'),
    h('ul', { class: 'map-list' }, found.rejected_links.map((each) => h('li', {}, link(each.link_id),
      h('span', { class: 'hint' }, identifier(each.a, { max: 16 }), ' \u2013 ', identifier(each.b, { max: 16 })), h('span', {}, each.detail)))),
    found.rejected_link_count > found.rejected_links.length && h('p', { class: 'hint' }, `The first ${number(found.rejected_links.length)} of them.`));
}

function waysTold(found, about) {
  const isPair = found.disjoint !== null;
  return [h('h3', {}, isPair ? 'A pair of ways' : 'Ways there are'),
    found.no_path !== null && h('p', { class: 'map-result bad' }, shape('bad'), h('span', {}, `None: ${found.no_path.detail}.`)),
    h('ol', { class: 'map-ways', 'aria-label': isPair ? 'The pair, the better way first' : 'Ways, the best first' }, found.paths.map((way) => wayItem(way, about))),
    noSecond(found, { link: about.link, kma: (id) => identifier(id, { max: 28 }) }),
    !found.complete && h('p', { class: 'partial-line' }, isPair ? 'The bridge stopped searching at its limit of work: there may be a better pair.'
      : 'The bridge stopped searching at its limit of work: there may be more ways, none better than these.')];
}

/** @param {any} found by POST /paths @param {import('./explain.js').Explanation} explanation @param {Acts} acts */
export function answerTold(found, explanation, { chooseLink, onlyThis }) {
  const link = (id) => chooser(id, () => chooseLink(id));
  const tone = RESULT_TONES[explanation.by];
  return [
    h('p', { class: `map-result ${tone}` }, shape(tone), h('strong', {}, explanation.text)),
    explanation.path !== null && pathList(explanation.path, { label: 'The way that is taken' }),
    h('h3', {}, 'Who decides'),
    h('ol', { class: 'map-turns' }, explanation.turns.map((turn) => h('li', {}, shape(turn.tone), h('span', {}, turn.text)))),
    routesTold(explanation),
    waysTold(found, { found, explanation, link, onlyThis }),
    rejectedList(found, link),
    h('p', { class: 'hint' }, 'As the network was at ', timeElement(found.as_of), '.'),
  ];
}

/** A path that a link led to, of a relay for example: it alone is on the map until it is put away. */
export function givenNote(path, model, forget) {
  const gone = path.filter((id) => model.node(id) === null);
  return h('section', { class: 'map-given' }, h('h3', {}, 'The path on the map'), pathList(path, { label: 'The path on the map' }),
    gone.length > 0 && h('p', { class: 'partial-line' }, 'Not in the network any more: ', gone.map((id, i) => [i > 0 && ', ', identifier(id, { max: 20 })])),
    h('button', { type: 'button', class: 'button small', on: { click: forget } }, 'Show the ways there are instead'));
}
