// SPDX-License-Identifier: Apache-2.0
// The filters above a list: search, choices and switches, with how many are left of how many.
import { h, setText, uniqueId } from '../base/dom.js';
import { number } from '../base/format.js';

const SEARCH_MS = 150;

/**
 * @typedef {{ id: string, label: string, kind: 'search' | 'choice' | 'switch', options?: [value: string, label: string][],
 *   placeholder?: string }} Field
 */

function searchField(field, change) {
  let timer = 0;
  const input = h('input', { type: 'search', id: uniqueId('filter'), class: 'input', placeholder: field.placeholder ?? field.label, autocomplete: 'off', spellcheck: 'false', dataset: { search: '' } });
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => change(field.id, input.value.trim()), SEARCH_MS);
  });
  return { input, set: (value) => {
    if (document.activeElement !== input) input.value = value ?? '';
  } };
}

function choiceField(field, change) {
  const input = h('select', { id: uniqueId('filter'), class: 'input' }, field.options.map(([value, label]) => h('option', { value }, label)));
  input.addEventListener('change', () => change(field.id, input.value));
  return { input, set: (value) => { input.value = value ?? ''; } };
}

function switchField(field, change) {
  const input = h('input', { type: 'checkbox', id: uniqueId('filter') });
  input.addEventListener('change', () => change(field.id, input.checked));
  return { input, set: (value) => { input.checked = value === true; } };
}

const MAKERS = { search: searchField, choice: choiceField, switch: switchField };

/**
 * @param {{ fields: Field[], state: Record<string, any>, onChange: (state: Record<string, any>) => void,
 *   actions?: import('../base/dom.js').Child }} options
 * @returns {{ element: HTMLElement, setState: (state: Record<string, any>) => void,
 *   setCount: (shown: number, total: number) => void, focusSearch: () => void }}
 */
export function createFilterBar({ fields, state: first, onChange, actions }) {
  let state = { ...first };
  const made = fields.map((field) => [field, MAKERS[field.kind](field, change)]);
  const count = h('span', { class: 'filter-count', role: 'status' });
  const element = h('form', { class: 'filter-bar', role: 'search', on: { submit: (event) => event.preventDefault() } },
    made.map(([field, { input }]) => h('span', { class: `filter-field ${field.kind}` },
      h('label', { for: input.id, class: field.kind === 'search' ? 'visually-hidden' : null }, field.label), input)),
    count, h('span', { class: 'filter-actions' }, actions));

  function change(id, value) {
    if (state[id] === value) return;
    state = { ...state, [id]: value };
    onChange(state);
  }

  function setState(given) {
    state = { ...given };
    for (const [field, { set }] of made) set(state[field.id]);
  }

  setState(first);
  return {
    element,
    setState,
    setCount: (shown, total) => setText(count, shown === total ? number(total) : `${number(shown)} of ${number(total)}`),
    focusSearch: () => made.find(([field]) => field.kind === 'search')?.[1].input.focus(),
  };
}
