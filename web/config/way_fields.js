// SPDX-License-Identifier: Apache-2.0
// The way that a route says: a path from KMA to KMA, or next hops for each KMA.
import { h, replace, setText } from '../base/dom.js';
import { identifier, safe } from '../base/format.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { createKmaPicker } from '../parts/kma_picker.js';
import { createOrderList } from '../requests/order_list.js';
import { judgeHops, judgePath } from '../requests/path_rules.js';
import { computePaths, pathsToChoose } from '../requests/paths_found.js';
import { surveyOf } from '../requests/route_judge.js';
import { live } from '../service/live.js';
import { groupField } from './fields.js';
import { judgeHopTable, judgeKma } from './rules.js';

/** Paths that the bridge computes between the first and the last, to put in place of what is there. */
function createFinder(order, signal) {
  const found = h('div', { class: 'computed' });
  const use = h('button', { type: 'button', class: 'button', hidden: true, on: { click: () => take() } }, 'Use this path');
  const find = h('button', { type: 'button', class: 'button', on: { click: () => compute() } }, 'Compute paths');
  let chosen = null;

  function close() {
    replace(found);
    use.hidden = true;
  }

  function take() {
    const path = chosen;
    close();
    order.set(path);
    find.focus();
  }

  async function compute() {
    const kmas = order.kmas();
    close();
    replace(found, loadingBlock(3));
    try {
      const answer = await computePaths(kmas[0], kmas.at(-1), signal);
      replace(found, pathsToChoose(answer, (path) => { chosen = path; }));
      use.hidden = answer.paths.length === 0;
      found.querySelector('input')?.focus();
    } catch (problem) {
      if (problem.kind !== 'aborted') replace(found, problemBlock(problem, compute));
    }
  }

  /** @param {string[]} kmas */
  const offer = (kmas) => {
    find.disabled = kmas.length < 2 || kmas[0] === kmas.at(-1);
    setText(find, find.disabled ? 'Compute paths' : `Compute paths from ${safe(kmas[0])} to ${safe(kmas.at(-1))}`);
  };
  return { element: h('div', { class: 'finder' }, find, found, use), offer };
}

/** @returns {import('./fields.js').Field} */
export function pathField({ value, signal }) {
  let onInput = () => {};
  const order = createOrderList({ label: 'Path, source first', first: value ?? [], fixed: 0, grows: 'set', signal, typed: 'Next KMA of the path',
    from: (kmas) => kmas.at(-1) ?? null, onChange: (kmas) => {
      finder.offer(kmas);
      onInput();
    } });
  const finder = createFinder(order, signal);
  finder.offer(value ?? []);
  return groupField({
    name: 'path', label: 'Path', hint: 'From the source to the destination, both included. Type a KMA and press Enter.',
    content: [order.element, finder.element],
    get: order.kmas, set: (kmas) => order.set(kmas ?? []), listen: (given) => { onInput = given; },
    judge: () => {
      const kmas = order.kmas();
      const findings = judgePath(kmas, { source: null, destination: null }, surveyOf(live.data));
      if (kmas.length === 1) findings.errors.unshift('A path has at least its source and its destination.');
      return findings;
    },
    focus: () => order.element.querySelector('input').focus(),
  });
}

/** @param {{ value: Record<string, string[]> | null, ends: () => { source: string | null, destination: string | null },
 *   signal: AbortSignal }} options @returns {import('./fields.js').Field} */
export function hopsField({ value, ends, signal }) {
  /** @type {{ kma: string, order: import('../requests/order_list.js').OrderList, element: HTMLElement }[]} */
  let rows = [];
  let onInput = () => {};
  const list = h('div', { class: 'hop-rows' });
  const picker = createKmaPicker({ label: 'A KMA that has next hops', signal });
  const add = h('button', { type: 'button', class: 'button', on: { click: () => addTyped() } }, 'Add KMA');
  picker.input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    addTyped();
  });

  function makeRow(kma, next) {
    const order = createOrderList({ label: `Next hops of ${safe(kma)}, best first`, first: next, fixed: 0, grows: 'set', signal, from: () => kma, onChange: () => onInput() });
    const row = { kma, order, element: h('section', { class: 'hop-row', 'aria-label': `At ${safe(kma)}` },
      h('div', { class: 'hop-head' }, h('span', {}, 'At ', identifier(kma)),
        h('button', { type: 'button', class: 'button small', 'aria-label': `Remove ${safe(kma)} and its next hops`, on: { click: () => remove(row) } }, 'Remove')), order.element) };
    return row;
  }

  function put(given) {
    rows = given;
    replace(list, rows.map((row) => row.element));
    onInput();
  }

  function remove(row) {
    put(rows.filter((other) => other !== row));
    picker.input.focus();
  }

  function addTyped() {
    const kma = picker.input.value;
    if (kma === '') return;
    picker.input.value = '';
    put([...rows, makeRow(kma, [])]);
    rows.at(-1).element.querySelector('.offers button:not(:disabled), input').focus();
  }

  const set = (hops) => put(Object.entries(hops ?? {}).map(([kma, next]) => makeRow(kma, next)));
  const pairs = () => rows.map(({ kma, order }) => [kma, order.kmas()]);
  set(value);
  return groupField({
    name: 'next_hops', label: 'Next hops', hint: 'For each KMA where to go on, best first: a KM takes the first that it can.',
    content: [list, h('div', { class: 'typed' }, picker.element, add)],
    get: () => Object.fromEntries(pairs()), set, listen: (given) => { onInput = given; },
    judge: () => {
      const findings = judgeHopTable(pairs(), ends());
      const survey = surveyOf(live.data);
      for (const [kma, next] of pairs()) {
        const own = next.length === 0 ? { errors: ['no next hop yet.'], warnings: [] } : judgeHops(next, { current: kma }, survey);
        own.errors.unshift(...judgeKma(kma, survey).errors);
        findings.errors.push(...own.errors.map((words) => `At ${kma}: ${words}`));
        findings.warnings.push(...own.warnings.map((words) => `At ${kma}: ${words}`));
      }
      return findings;
    },
    focus: () => picker.input.focus(),
  });
}
