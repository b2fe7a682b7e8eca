// SPDX-License-Identifier: Apache-2.0
// The map's search: what is typed dims all else and lists who is meant; Enter goes there (a combobox with a list).
import { h, replace, uniqueId } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { stateShape } from './legend.js';

const TYPING_MS = 120;

/**
 * @param {{ find: (text: string) => import('./model.js').Node[], onText: (text: string) => void,
 *   onPick: (id: string, second: boolean) => void }} options `second`: picked with Shift
 * @returns {{ element: HTMLElement, setText: (text: string) => void }}
 */
export function createSearchBox({ find, onText, onPick }) {
  const list = h('ul', { id: uniqueId('map-found'), class: 'map-found', role: 'listbox', 'aria-label': 'KMAs found', hidden: true });
  const input = /** @type {HTMLInputElement} */ (h('input', { type: 'search', class: 'input', id: uniqueId('map-search'), placeholder: 'Find a KMA or KM', 'aria-label': 'Find a KMA or KM', role: 'combobox',
    'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': 'false', autocomplete: 'off', spellcheck: 'false', dataset: { search: '' } }));
  let found = [];
  let active = -1;
  let timer = 0;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function option(node, i) {
    const item = h('li', { role: 'option', id: `${list.id}-${i}`, 'aria-selected': String(i === active) },
      stateShape(node.state), identifier(node.id, { max: 32 }), node.kmId !== null && h('span', { class: 'hint' }, 'KM ', identifier(node.kmId, { max: 20 })));
    item.addEventListener('pointerdown', (event) => {
      event.preventDefault(); // the field keeps the keyboard until the choice is made
      pick(node.id, event.shiftKey);
    });
    return item;
  }

  function draw() {
    const open = found.length > 0 && document.activeElement === input;
    replace(list, found.map(option));
    list.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
    if (active >= 0 && open) input.setAttribute('aria-activedescendant', `${list.id}-${active}`);
    else input.removeAttribute('aria-activedescendant');
  }

  function typed() {
    clearTimeout(timer);
    timer = 0;
    found = find(input.value);
    active = found.length > 0 ? 0 : -1;
    draw();
    onText(input.value.trim());
  }

  function pick(id, second) {
    clearTimeout(timer);
    input.value = '';
    found = [];
    close();
    onText('');
    onPick(id, second);
  }

  function move(step) {
    if (list.hidden && found.length > 0) draw();
    else if (found.length > 0) active = (active + step + found.length) % found.length;
    draw();
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(typed, TYPING_MS);
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (timer !== 0) typed();
      if (active >= 0) pick(found[active].id, event.shiftKey);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  return {
    element: h('div', { class: 'map-search' }, input, list),
    setText(text) {
      if (document.activeElement !== input) input.value = text;
    },
  };
}
