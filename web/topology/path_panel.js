// SPDX-License-Identifier: Apache-2.0
// Beside the map: which way a relay between two KMAs would go, as it is asked for and drawn; path_answer.js tells it.
import { h, replace } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { apartChoice, apartMembers } from '../parts/apart.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { announce } from '../parts/notice.js';
import { request } from '../service/api.js';
import { policyFor } from '../service/policy.js';
import { explain } from './explain.js';
import { METRICS, answerTold, givenNote } from './path_answer.js';

const WAYS = 5;
const AVOID_MAX = 1000; // that POST /paths takes

/**
 * @typedef {{ path: string[], role: 'given' | 'taken' | 'best' | 'second' | 'other', links?: string[] }} DrawnPath
 *   `links`: of each hop, where it matters by which
 * @typedef {{ data: () => any, model: () => import('./model.js').Model, nowMs: () => number, signal: AbortSignal,
 *   onPaths: (paths: DrawnPath[]) => void, swap: () => void, clear: () => void, forgetGiven: () => void,
 *   chooseLink: (id: string) => void }} Surroundings
 */

const keyOf = (path) => path.join('\n');

/** Ways for the map: a pair by itself, or what is taken and, of the others, those that are not the same. @returns {DrawnPath[]} */
function drawnPaths(found, explanation) {
  if (found.disjoint !== null) return found.paths.map((way, i) => ({ path: way.path, links: way.link_ids, role: i === 0 ? 'best' : 'second' }));
  const { path } = explanation;
  const taken = path === null ? [] : [{ path, role: 'taken' }];
  const others = found.paths.filter((way) => path === null || keyOf(way.path) !== keyOf(path))
    .map((way, i) => ({ path: way.path, role: path === null && i === 0 ? 'best' : 'other' }));
  return [...taken, ...others];
}

class PathPanel {
  /** @param {Surroundings} around */
  constructor(around) {
    this.around = around;
    this.ends = null;
    this.given = []; // a path to show in place of all ways
    this.asking = null;
    this.last = null;
    this.settled = false;
    this.build();
  }

  build() {
    const { around } = this;
    this.title = h('h2');
    this.note = h('div');
    this.answer = h('div', { class: 'map-answer' });
    this.metric = h('select', { class: 'input small', id: 'map-metric' }, Object.entries(METRICS).map(([value, name]) => h('option', { value }, name)));
    this.metric.addEventListener('change', () => this.ask());
    this.apart = apartChoice(() => this.ask());
    this.element = h('div', {}, this.title,
      h('div', { class: 'map-actions' }, h('span', { class: 'inline' }, h('label', { for: 'map-metric' }, 'Best is'), this.metric), this.apart.element,
        h('button', { type: 'button', class: 'button small', on: { click: around.swap } }, 'Other direction'),
        h('button', { type: 'button', class: 'button small', on: { click: around.clear } }, 'Clear')),
      this.note, this.answer);
  }

  /** Of what is asked, also the way that the bridge itself would compute: by its own metric, and past links without a key. */
  async ask() {
    this.asking?.abort();
    const mine = new AbortController();
    this.asking = mine;
    const [source, destination] = this.ends;
    if (this.last === null) replace(this.answer, loadingBlock(5));
    const find = async (how) => (await request('POST', '/paths', { signal: mine.signal,
      body: { source_kma_id: source, destination_kma_id: destination, ...how } })).data;
    try {
      const [found, own] = await Promise.all([find({ ...apartMembers(this.apart.value(), WAYS), metric: this.metric.value }), find({ avoid_link_ids: this.emptyLinks() })]);
      if (this.asking === mine) this.show(found, own.paths[0]?.path ?? null);
    } catch (problem) {
      if (problem.kind === 'aborted' || this.asking !== mine) return;
      this.last = null;
      this.around.onPaths(this.withGiven([]));
      replace(this.answer, problemBlock(problem, () => this.ask()));
    }
  }

  emptyLinks() {
    return this.around.model().links.filter((link) => link.stock === 0).slice(0, AVOID_MAX).map((link) => link.id);
  }

  /** Ways as they are drawn: beside a path that was asked for only one that is pointed at. @param {DrawnPath[]} ways */
  withGiven(ways) {
    return this.given.length === 0 ? ways : [...ways.filter((way) => way.role === 'best'), { path: this.given, role: 'given' }];
  }

  show(found, best) {
    const { around, ends } = this;
    const { routes, links } = around.data();
    const decision = policyFor({ km_id: around.model().node(ends[0])?.kmId ?? null, destination_kma_id: ends[1] }, around.data());
    const explanation = explain({ source: ends[0], destination: ends[1], found, best, decision, routes: [...routes.values()], model: around.model(), nowMs: around.nowMs() });
    this.paths = drawnPaths(found, explanation);
    const penalties = found.paths.flatMap((way) => way.link_ids.map((id) => links.get(id)?.penalised_until ?? null));
    const key = JSON.stringify([{ ...found, as_of: null }, explanation, penalties]);
    around.onPaths(this.given.length === 0 ? this.paths : this.withGiven([]));
    if (key === this.last?.key) return; // what is being read is left alone
    if (this.last === null || this.last.text !== explanation.text) announce(explanation.text);
    this.last = { key, text: explanation.text };
    replace(this.answer, answerTold(found, explanation, { chooseLink: around.chooseLink, onlyThis: (path) => this.only(path) }));
  }

  /** The map shows the way that is pointed at, beside what is taken; null: all again. */
  only(path) {
    const { around, paths, given } = this;
    if (path === null) {
      around.onPaths(given.length === 0 ? paths : this.withGiven([]));
      return;
    }
    const isIt = (each) => keyOf(each.path) === keyOf(path);
    around.onPaths(this.withGiven(paths.filter((each) => each.role === 'taken' || isIt(each))
      .map((each) => (isIt(each) && (given.length > 0 || each.role === 'other') ? { ...each, role: 'best' } : each))));
  }

  set(a, b, path) {
    if (this.ends !== null && this.ends[0] === a && this.ends[1] === b && keyOf(path) === keyOf(this.given)) return;
    this.ends = [a, b];
    this.given = path;
    this.last = null;
    if (!this.settled) this.metric.value = this.around.data().status?.decision.metric ?? this.metric.value; // by which relays are decided
    this.settled = true;
    replace(this.note, path.length > 0 && givenNote(path, this.around.model(), this.around.forgetGiven));
    this.around.onPaths(this.withGiven([]));
    replace(this.title, 'From ', identifier(a, { max: 24 }), ' to ', identifier(b, { max: 24 }));
    this.ask();
  }

  close() {
    this.asking?.abort();
    this.ends = this.last = null;
  }
}

/** @param {Surroundings} around @returns {{ element: HTMLElement, set: (a: string, b: string, given?: string[]) => void, refresh: () => void, close: () => void }} */
export function createPathPanel(around) {
  const panel = new PathPanel(around);
  return {
    element: panel.element,
    set: (a, b, given = []) => panel.set(a, b, given),
    refresh: () => panel.ends !== null && panel.ask(),
    close: () => panel.close(),
  };
}
