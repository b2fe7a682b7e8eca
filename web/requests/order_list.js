// SPDX-License-Identifier: Apache-2.0
// KMAs in an order that a person makes: hop by hop along the links, or typed; used for paths and for next hops.
import { h, replace } from '../base/dom.js';
import { identifier, safe } from '../base/format.js';
import { createKmaPicker } from '../parts/kma_picker.js';
import { announce } from '../parts/notice.js';
import { live } from '../service/live.js';
import { neighboursOf } from './path_rules.js';

const OFFERED_MAX = 24;

/**
 * @typedef {{ kmas: () => string[], element: HTMLElement, set: (kmas: string[]) => void }} OrderList
 */

/**
 * @param {{ label: string, first: string[], fixed: number, from: (kmas: string[]) => string | null, grows: 'path' | 'set',
 *   onChange: (kmas: string[]) => void, signal: AbortSignal, typed?: string }} options
 *   `fixed`: so many at the head cannot be removed; `from`: whose neighbours are offered; `grows`: in a path the order
 *   is the way, in a set it is what is preferred, and can be changed; `typed`: the label of the field to type in
 * @returns {OrderList}
 */
export function createOrderList({ label, first, fixed, from, grows, onChange, signal, typed = 'Any other KMA' }) {
  let kmas = [...first];
  const list = h('ol', { class: 'order', 'aria-label': label });
  const offers = h('div', { class: 'offers', role: 'group', 'aria-label': grows === 'path' ? 'Next KMA, over a link' : 'Neighbours' });
  const picker = createKmaPicker({ label: typed, signal });
  const add = h('button', { type: 'button', class: 'button', on: { click: addTyped } }, 'Add');
  picker.input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    addTyped();
  });
  const element = h('div', { class: 'order-list' }, list, offers, h('div', { class: 'typed' }, picker.element, add));

  function addTyped() {
    const kma = picker.input.value.trim();
    if (kma === '') return;
    picker.input.value = '';
    append(kma);
  }

  function append(kma) {
    change([...kmas, kma], `${safe(kma)} added, number ${kmas.length + 1}`);
    const next = offers.querySelector('button');
    if (next) next.focus();
    else picker.input.focus();
  }

  function change(changed, said) {
    kmas = changed;
    draw();
    announce(said);
    onChange([...kmas]);
  }

  function remove(index) {
    const gone = grows === 'path' ? kmas.slice(index) : [kmas[index]];
    change(kmas.filter((_, i) => (grows === 'path' ? i < index : i !== index)), `${gone.map(safe).join(', ')} removed`);
    (list.querySelectorAll('button.remove')[Math.max(0, index - fixed - 1)] ?? picker.input).focus();
  }

  function move(index, by) {
    const changed = [...kmas];
    [changed[index], changed[index + by]] = [changed[index + by], changed[index]];
    change(changed, `${safe(kmas[index])} is number ${index + by + 1} now`);
    list.children[index + by]?.querySelector('button:not(:disabled)')?.focus();
  }

  function moveButtons(kma, index) {
    return grows === 'set' && [[-1, 'earlier', '\u2191'], [1, 'later', '\u2193']].map(([by, word, arrow]) =>
      h('button', { type: 'button', class: 'button icon', 'aria-label': `${safe(kma)} ${word}`, disabled: !kmas[index + by], on: { click: () => move(index, by) } }, arrow));
  }

  function line(kma, index) {
    const after = grows === 'path' && index < kmas.length - 1 ? ' and what follows' : '';
    return h('li', {}, identifier(kma), moveButtons(kma, index),
      index >= fixed && h('button', { type: 'button', class: 'button icon remove', 'aria-label': `Remove ${safe(kma)}${after}`, on: { click: () => remove(index) } }, '\u2715'));
  }

  function offer({ kma, link }) {
    const isDown = link.state !== 'up';
    return h('button', { type: 'button', class: 'button small offer', disabled: isDown, on: { click: () => append(kma) } },
      identifier(kma, { max: 24 }), h('span', { class: 'aside' }, isDown ? ' link down' : ` cost ${link.cost}`));
  }

  function draw() {
    replace(list, kmas.map(line));
    const near = from(kmas) === null ? [] : neighboursOf(live.data.links, from(kmas)).filter(({ kma }) => !kmas.includes(kma));
    replace(offers, near.slice(0, OFFERED_MAX).map(offer), near.length > OFFERED_MAX && h('span', { class: 'hint' }, `and ${near.length - OFFERED_MAX} more: type them`));
    offers.hidden = near.length === 0;
  }

  draw();
  return { element, kmas: () => [...kmas], set: (given) => {
    kmas = [...given];
    draw();
    onChange([...kmas]);
  } };
}
