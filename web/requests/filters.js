// SPDX-License-Identifier: Apache-2.0
// The filters of the lists of relays and lookups: the API's own, by name, in the URL, in the request and on live items.

/** @typedef {Record<string, string>} Filters by the API's names; "" or absent: not filtered */

export const FILTERS = ['state', 'km_id', 'source_kma_id', 'destination_kma_id', 'application_destination_id',
  'decided_by', 'reason', 'received_after', 'received_before'];
const EXACT = FILTERS.slice(0, 7);

/** @param {URLSearchParams} parameters @returns {Filters} */
export function filtersOf(parameters) {
  return Object.fromEntries(FILTERS.map((name) => [name, parameters.get(name) ?? '']));
}

/** "?state=failed", or "". @param {Filters} filters */
export function queryOf(filters) {
  const parameters = new URLSearchParams();
  for (const name of FILTERS) if (filters[name]) parameters.set(name, filters[name]);
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

/** Whether anything is left out. @param {Filters} filters */
export function isFiltered(filters) {
  return FILTERS.some((name) => filters[name]);
}

/**
 * What the API would say of this live item.
 * @param {any} item @param {Filters} filters
 */
export function matches(item, filters) {
  if (EXACT.some((name) => filters[name] && item[name] !== filters[name])) return false;
  const received = Date.parse(item.received_at);
  if (filters.received_after && !(received >= Date.parse(filters.received_after))) return false;
  return !(filters.received_before && !(received < Date.parse(filters.received_before)));
}
