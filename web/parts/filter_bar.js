// SPDX-License-Identifier: Apache-2.0
// The filters above a list: search, texts, choices, times and switches, with how many are left of how many.
import { h, setText, uniqueId } from '../base/dom.js';
import { fromLocalInput, number, safe, toLocalInput } from '../base/format.js';

const SEARCH_MS = 150;
const TEXT_MS = 500; // what the bridge is asked for, once it is typed to its end

/**
 * @typedef {{ id: string, label: string, kind: 'search' | 'text' | 'choice' | 'time' | 'switch', options?: [value: string, label: string][],
 *   placeholder?: string, extra?: boolean }} Field `extra`: on narrow screens it shows when asked for; `text`: as typed, an identifier for example; `time`: chosen as local, kept as RFC 3339
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

function textField(field, change) {
  let timer = 0;
  const input = h('input', { type: 'text', id: uniqueId('filter'), class: 'input', placeholder: field.placeholder ?? field.label, autocomplete: 'off', spellcheck: 'false' });
  const tell = () => {
    clearTimeout(timer);
    change(field.id, input.value);
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(tell, TEXT_MS);
  });
  input.addEventListener('change', tell);
  return { input, set: (value) => {
    if (document.activeElement !== input) input.value = value ?? '';
  } };
}

/** One that the address names and the list does not is a choice too. */
function choiceField(field, change) {
  const input = h('select', { id: uniqueId('filter'), class: 'input' }, field.options.map(([value, label]) => h('option', { value }, label)));
  input.addEventListener('change', () => change(field.id, input.value));
  return { input, set: (value = '') => {
    if (![...input.options].some((option) => option.value === value)) input.append(h('option', { value }, safe(value)));
    input.value = value;
  } };
}

function timeField(field, change) {
  const input = h('input', { type: 'datetime-local', step: 1, id: uniqueId('filter'), class: 'input' });
  input.addEventListener('change', () => change(field.id, fromLocalInput(input.value)));
  return { input, set: (value) => {
    if (document.activeElement !== input) input.value = toLocalInput(value ?? '');
  } };
}

function switchField(field, change) {
  const input = h('input', { type: 'checkbox', id: uniqueId('filter') });
  input.addEventListener('change', () => change(field.id, input.checked));
  return { input, set: (value) => { input.checked = value === true; } };
}

const MAKERS = { search: searchField, text: textField, choice: choiceField, time: timeField, switch: switchField };

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
  const more = fields.some((field) => field.extra) && h('button', { type: 'button', class: 'button filter-more', 'aria-expanded': 'false', on: { click: () => showAll() } }, 'More filters');
  const element = h('form', { class: 'filter-bar', role: 'search', on: { submit: (event) => event.preventDefault() } },
    made.map(([field, { input }]) => h('span', { class: `filter-field ${field.kind}${field.extra ? ' extra' : ''}` },
      h('label', { for: input.id, class: field.kind === 'search' || field.kind === 'text' ? 'visually-hidden' : null }, field.label), input)),
    more, count, h('span', { class: 'filter-actions' }, actions));

  function showAll() {
    more.setAttribute('aria-expanded', String(element.classList.toggle('open')));
  }

  function change(id, value) {
    if (state[id] === value) return;
    state = { ...state, [id]: value };
    onChange(state);
  }

  function setState(given) {
    state = { ...given };
    for (const [field, { set }] of made) set(state[field.id]);
    if (more && !element.classList.contains('open') && fields.some((field) => field.extra && state[field.id])) showAll();
  }

  setState(first);
  return {
    element,
    setState,
    setCount: (shown, total) => setText(count, shown === total ? number(total) : `${number(shown)} of ${number(total)}`),
    focusSearch: () => made.find(([field]) => field.kind === 'search')?.[1].input.focus(),
  };
}
