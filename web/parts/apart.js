// SPDX-License-Identifier: Apache-2.0
// Pairs of paths that do not fail together: asking for one, and why there is none.
import { h, uniqueId } from '../base/dom.js';
import { badge } from './state_badge.js';

/** @typedef {'' | 'links' | 'kmas'} Apart what two paths may not have in common; "": any paths, not a pair */

const CHOICES = [['', 'any ways'], ['links', 'a pair without a common link'], ['kmas', 'a pair without a common KMA']];
const ADVICE = {
  shared_links: 'When one of them fails no way is left. A link beside it, or a way around it, would make a pair.',
  shared_kmas: 'When one of them fails no way is left. A way around it would make a pair.',
  adjacent: 'A way by another KMA would make a pair.',
};

/** @param {(apart: Apart) => void} onChange @returns {{ element: HTMLElement, value: () => Apart }} */
export function apartChoice(onChange) {
  const id = uniqueId('apart');
  const input = /** @type {HTMLSelectElement} */ (h('select', { class: 'input small', id }, CHOICES.map(([value, name]) => h('option', { value }, name))));
  input.addEventListener('change', () => onChange(/** @type {Apart} */ (input.value)));
  return { element: h('span', { class: 'inline apart' }, h('label', { for: id }, 'Look for'), input), value: () => /** @type {Apart} */ (input.value) };
}

/** What POST /paths is asked for. @param {Apart} apart @param {number} ways if it is no pair */
export function apartMembers(apart, ways) {
  return apart === '' ? { k: ways } : { disjoint: apart };
}

/**
 * Why there is one path and no second; null: nothing is missing.
 * @param {any} answer of POST /paths
 * @param {{ link: (id: string) => import('../base/dom.js').Child, kma: (id: string) => import('../base/dom.js').Child }} name
 */
export function noSecond(answer, name) {
  const lack = answer.no_second;
  if (lack === null) return null;
  const shared = [...lack.link_ids.map((id) => ['Link ', name.link(id)]), ...lack.kma_ids.map((id) => ['KMA ', name.kma(id)])];
  return h('div', { class: 'no-second' }, h('p', {}, badge('warning', 'no second path'), ' ', lack.detail, '.'),
    shared.length > 0 && h('ul', { class: 'shared', 'aria-label': 'What every path has in common' }, shared.map((each) => h('li', {}, each))),
    ADVICE[lack.reason] && h('p', { class: 'hint' }, ADVICE[lack.reason]));
}
