// SPDX-License-Identifier: Apache-2.0
// The filter bar of a list of requests: the API's filters, one field each.
import { h } from '../base/dom.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { FILTERS, isFiltered } from './filters.js';
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
    { id: 'application_destination_id', label: 'To application', kind: 'search', extra: true },
    { id: 'km_id', label: 'KM', kind: 'search', extra: true },
    { id: 'decided_by', label: 'Decided by', kind: 'choice', extra: true, options: choices(['route', 'orchestrator', 'computed'], (by) => by) },
    { id: 'reason', label: 'Reason', kind: 'choice', extra: true, options: choices(all, (reason) => (reasonWords(reason) ? `${reason}: ${reasonWords(reason)}` : reason)) },
    { id: 'received_after', label: 'Received from', kind: 'time', extra: true },
    { id: 'received_before', label: 'until', kind: 'time', extra: true },
  ];
}

/**
 * @param {{ kind: import('./kinds.js').Kind, filters: import('./filters.js').Filters,
 *   onChange: (filters: import('./filters.js').Filters) => void }} options
 * @returns {{ element: HTMLElement, setFilters: (filters: import('./filters.js').Filters) => void }}
 */
export function createFilterForm({ kind, filters: first, onChange }) {
  let filters = { ...first };
  const clear = h('button', { type: 'button', class: 'button small', on: { click: () => apply(Object.fromEntries(FILTERS.map((name) => [name, '']))) } }, 'Clear filters');
  const bar = createFilterBar({ fields: fieldsOf(kind, filters), state: filters, actions: clear,
    onChange: (state) => apply({ ...filters, ...state }) });

  function apply(changed) {
    setFilters(changed);
    onChange(filters);
  }

  function setFilters(given) {
    filters = { ...given };
    bar.setState(filters);
    clear.hidden = !isFiltered(filters);
  }

  setFilters(filters);
  return { element: bar.element, setFilters };
}
