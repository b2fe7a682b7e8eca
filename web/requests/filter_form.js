// SPDX-License-Identifier: Apache-2.0
// The filter bar of a list of requests: the API's filters, one field each.
import { h, uniqueId } from '../base/dom.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { FILTERS, fromLocalInput, isFiltered, toLocalInput } from './filters.js';
import { REQUEST_REASONS, reasonWords } from './words.js';

const STATE_WORDS = { awaiting_decision: 'held (awaiting_decision)' };

function choices(values, words) {
  return [['', 'any'], ...values.map((value) => [value, words(value)])];
}

/** @param {import('./kinds.js').Kind} kind @param {import('./filters.js').Filters} filters */
function fieldsOf(kind, filters) {
  const reasons = REQUEST_REASONS[kind.resource];
  const all = filters.reason && !reasons.includes(filters.reason) ? [...reasons, filters.reason] : reasons;
  return [
    { id: 'state', label: 'State', kind: 'choice', options: choices(kind.states, (state) => STATE_WORDS[state] ?? state) },
    { id: 'source_kma_id', label: 'From KMA', kind: 'search' },
    { id: 'destination_kma_id', label: 'To KMA', kind: 'search' },
    { id: 'application_destination_id', label: 'To application', kind: 'search' },
    { id: 'km_id', label: 'KM', kind: 'search' },
    { id: 'decided_by', label: 'Decided by', kind: 'choice', options: choices(['route', 'orchestrator', 'computed'], (by) => by) },
    { id: 'reason', label: 'Reason', kind: 'choice', options: choices(all, (reason) => (reasonWords(reason) ? `${reason}: ${reasonWords(reason)}` : reason)) },
  ];
}

function timeField(name, label, change) {
  const input = /** @type {HTMLInputElement} */ (h('input', { type: 'datetime-local', id: uniqueId('filter'), class: 'input' }));
  input.addEventListener('change', () => change(name, fromLocalInput(input.value)));
  return { name, input, element: h('span', { class: 'filter-field time' }, h('label', { for: input.id }, label), input) };
}

/**
 * @param {{ kind: import('./kinds.js').Kind, filters: import('./filters.js').Filters,
 *   onChange: (filters: import('./filters.js').Filters) => void }} options
 * @returns {{ element: HTMLElement, setFilters: (filters: import('./filters.js').Filters) => void }}
 */
export function createFilterForm({ kind, filters: first, onChange }) {
  let filters = { ...first };
  const times = [timeField('received_after', 'Received from', change), timeField('received_before', 'until', change)];
  const clear = h('button', { type: 'button', class: 'button small', on: { click: () => apply(Object.fromEntries(FILTERS.map((name) => [name, '']))) } }, 'Clear filters');
  const bar = createFilterBar({ fields: fieldsOf(kind, filters), state: filters, actions: [times.map((time) => time.element), clear],
    onChange: (state) => apply({ ...filters, ...state }) });

  function change(name, value) {
    apply({ ...filters, [name]: value });
  }

  function apply(changed) {
    setFilters(changed);
    onChange(filters);
  }

  function setFilters(given) {
    filters = { ...given };
    bar.setState(filters);
    for (const { name, input } of times) input.value = toLocalInput(filters[name]);
    clear.hidden = !isFiltered(filters);
  }

  setFilters(filters);
  return { element: bar.element, setFilters };
}
