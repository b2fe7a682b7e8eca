// SPDX-License-Identifier: Apache-2.0
// Beside the map: which way a relay between two KMAs would go, the other ways, and why not by them.
import { h, replace } from '../base/dom.js';
import { counted, identifier, number, timeElement } from '../base/format.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { announce } from '../parts/notice.js';
import { pathList } from '../parts/path_list.js';
import { shape } from '../parts/state_badge.js';
import { request } from '../service/api.js';
import { linkTo } from '../views/index.js';
import { chooser } from './detail_panel.js';
import { explain, whyOfWay } from './explain.js';

const WAYS = 5;
const METRICS = { widest_shortest: 'least cost, then most keys', shortest: 'least cost', widest: 'most keys' };
const RESULT_TONES = { route: 'good', computed: 'good', orchestrator: 'warning', nobody: 'bad' };
const OWN_METRIC = 'widest_shortest'; // by which the bridge itself decides
const ROUTES_MAX = 20;
const AVOID_MAX = 1000; // that POST /paths takes

/**
 * @typedef {{ data: () => any, model: () => import('./model.js').Model, nowMs: () => number, signal: AbortSignal,
 *   onPaths: (paths: { path: string[], role: 'given' | 'taken' | 'best' | 'other' }[]) => void, swap: () => void, clear: () => void, forgetGiven: () => void,
 *   chooseLink: (id: string) => void }} Surroundings
 */

function bottleneck({ link_id: linkId, key_stock: stock }, chooseLink) {
  return ['least keys on ', chooser(linkId, () => chooseLink(linkId)), stock === null ? ' (stock not known)' : ` (${counted(stock, 'key')})`];
}

function wayItem(way, explanation, metric, { chooseLink, onlyThis }) {
  const away = way.disconnected_kma_ids;
  return h('li', { class: 'map-way', on: { pointerenter: () => onlyThis(way.path), pointerleave: () => onlyThis(null), focusin: () => onlyThis(way.path), focusout: () => onlyThis(null) } },
    pathList(way.path),
    h('p', { class: 'hint' }, `Cost ${number(way.cost)}, ${counted(way.hops, 'hop')}, `, bottleneck(way.bottleneck, chooseLink), '.'),
    h('p', {}, whyOfWay(way, explanation, METRICS[metric])),
    away.length > 0 && h('p', { class: 'partial-line' }, 'Without a session now: ', away.map((id, i) => [i > 0 && ', ', identifier(id, { max: 20 })])));
}

function routeItem({ route, verdict, decides }) {
  const address = linkTo(`/routes/${encodeURIComponent(route.route_id)}`);
  return h('li', {}, shape(decides ? 'good' : 'off'), h('span', {}, h(address ? 'a' : 'span', { href: address }, identifier(route.route_id)),
    ` (priority ${number(route.priority)}): `, verdict, decides && [' ', pathList(route.path)]));
}

function rejectedList(found, chooseLink) {
  if (found.rejected_link_count === 0) return null;
  return h('details', { class: 'map-more' }, h('summary', {}, counted(found.rejected_link_count, 'link that no way', 'links that no way'), ' can use'),
    h('ul', { class: 'map-list' }, found.rejected_links.map((link) => h('li', {}, chooser(link.link_id, () => chooseLink(link.link_id)),
      h('span', { class: 'hint' }, identifier(link.a, { max: 16 }), ' \u2013 ', identifier(link.b, { max: 16 })), h('span', {}, link.detail)))),
    found.rejected_link_count > found.rejected_links.length && h('p', { class: 'hint' }, `The first ${number(found.rejected_links.length)} of them.`));
}

/** Ways for the map: what is taken and, of the others, those that are not the same. */
function drawnPaths(found, explanation) {
  const key = (path) => path.join('\n');
  const taken = explanation.path === null ? [] : [{ path: explanation.path, role: 'taken' }];
  const others = found.paths.filter((way) => explanation.path === null || key(way.path) !== key(explanation.path))
    .map((way, i) => ({ path: way.path, role: explanation.path === null && i === 0 ? 'best' : 'other' }));
  return [...taken, ...others];
}

/** A path that a link led to, of a relay for example: it alone is on the map until it is put away. */
function givenNote(path, model, forget) {
  const gone = path.filter((id) => model.node(id) === null);
  return h('section', { class: 'map-given' }, h('h3', {}, 'The path on the map'), pathList(path, { label: 'The path on the map' }),
    gone.length > 0 && h('p', { class: 'partial-line' }, 'Not in the network any more: ', gone.map((id, i) => [i > 0 && ', ', identifier(id, { max: 20 })])),
    h('button', { type: 'button', class: 'button small', on: { click: forget } }, 'Show the ways there are instead'));
}

/** @param {Surroundings} around @returns {{ element: HTMLElement, set: (a: string, b: string, given?: string[]) => void, refresh: () => void, close: () => void }} */
export function createPathPanel(around) {
  const title = h('h2');
  const note = h('div');
  const answer = h('div', { class: 'map-answer' });
  const metric = h('select', { class: 'input small', id: 'map-metric' }, Object.entries(METRICS).map(([value, name]) => h('option', { value }, name)));
  const element = h('div', {}, title,
    h('div', { class: 'map-actions' }, h('label', { for: 'map-metric' }, 'Best is'), metric,
      h('button', { type: 'button', class: 'button small', on: { click: around.swap } }, 'Other direction'),
      h('button', { type: 'button', class: 'button small', on: { click: around.clear } }, 'Clear')),
    note, answer);
  let ends = null;
  let given = []; // a path to show in place of all ways
  let asking = null;
  let last = null;
  metric.addEventListener('change', ask);

  async function ask() {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const [source, destination] = ends;
    if (last === null) replace(answer, loadingBlock(5));
    const find = async (how) => (await request('POST', '/paths', { signal: mine.signal,
      body: { source_kma_id: source, destination_kma_id: destination, ...how } })).data;
    try {
      const [found, own] = await Promise.all([find({ k: WAYS, metric: metric.value }), find({ metric: OWN_METRIC, avoid_link_ids: emptyLinks() })]);
      if (asking === mine) show(found, own.paths[0]?.path ?? null);
    } catch (problem) {
      if (problem.kind === 'aborted' || asking !== mine) return;
      last = null;
      around.onPaths(withGiven([]));
      replace(answer, problemBlock(problem, ask));
    }
  }

  /** When the bridge itself decides, it passes links without a key; one whose stock nobody told will do. */
  function emptyLinks() {
    return around.model().links.filter((link) => link.stock === 0).slice(0, AVOID_MAX).map((link) => link.id);
  }

  /** Ways as they are drawn: beside a path that was asked for only one that is pointed at. */
  function withGiven(ways) {
    return given.length === 0 ? ways : [...ways.filter((way) => way.role === 'best'), { path: given, role: 'given' }];
  }

  function show(found, best) {
    const { status, routes } = around.data();
    const explanation = explain({ source: ends[0], destination: ends[1], found, best, decision: status.decision, routes: [...routes.values()], model: around.model(), nowMs: around.nowMs() });
    const paths = drawnPaths(found, explanation);
    const key = JSON.stringify([{ ...found, as_of: null }, explanation]);
    around.onPaths(given.length === 0 ? paths : withGiven([]));
    if (key === last?.key) return; // what is being read is left alone
    if (last === null || last.text !== explanation.text) announce(explanation.text);
    last = { key, text: explanation.text };
    const onlyThis = (path) => around.onPaths(path === null ? (given.length === 0 ? paths : withGiven([])) : withGiven(paths.filter((each) => each.role === 'taken' || each.path.join('\n') === path.join('\n'))
      .map((each) => ({ ...each, role: each.path.join('\n') === path.join('\n') && (given.length > 0 || each.role === 'other') ? 'best' : each.role }))));
    const more = { chooseLink: around.chooseLink, onlyThis };
    replace(answer,
      h('p', { class: `map-result ${RESULT_TONES[explanation.by]}` }, shape(RESULT_TONES[explanation.by]), h('strong', {}, explanation.text)),
      explanation.path !== null && pathList(explanation.path, { label: 'The way that is taken' }),
      h('h3', {}, 'Who decides'),
      h('ol', { class: 'map-turns' }, explanation.turns.map((turn) => h('li', {}, shape(turn.tone), h('span', {}, turn.text)))),
      explanation.routes.length > 0 && [h('h3', {}, 'Installed routes'),
        h('ul', { class: 'map-turns' }, explanation.routes.slice(0, ROUTES_MAX).map(routeItem)),
        explanation.routes.length > ROUTES_MAX && h('p', { class: 'hint' }, `and ${number(explanation.routes.length - ROUTES_MAX)} more`)],
      h('h3', {}, 'Ways there are'),
      found.no_path !== null && h('p', { class: 'map-result bad' }, shape('bad'), h('span', {}, `None: ${found.no_path.detail}.`)),
      h('ol', { class: 'map-ways', 'aria-label': 'Ways, the best first' }, found.paths.map((way) => wayItem(way, explanation, found.metric, more))),
      !found.complete && h('p', { class: 'partial-line' }, 'The bridge stopped searching at its limit of work: there may be more ways, none better than these.'),
      rejectedList(found, around.chooseLink),
      h('p', { class: 'hint' }, 'As the network was at ', timeElement(found.as_of), '.'));
  }

  return {
    element,
    set(a, b, path = []) {
      if (ends !== null && ends[0] === a && ends[1] === b && path.join('\n') === given.join('\n')) return;
      ends = [a, b];
      given = path;
      last = null;
      replace(note, given.length > 0 && givenNote(given, around.model(), around.forgetGiven));
      around.onPaths(withGiven([]));
      replace(title, 'From ', identifier(a, { max: 24 }), ' to ', identifier(b, { max: 24 }));
      ask();
    },
    refresh: () => ends !== null && ask(),
    close() {
      asking?.abort();
      ends = last = null;
    },
  };
}
