// SPDX-License-Identifier: Apache-2.0
// A view's state and the URL's query string, both ways: what is at its default is not in the URL.

/**
 * @typedef {Record<string, string | number | boolean | string[]>} ViewState
 */

/** Lists are joined by commas: one within a part is escaped, as the escape itself is. */
const joined = (parts) => parts.map((part) => part.replace(/[%,]/g, (mark) => (mark === ',' ? '%2C' : '%25'))).join(',');
const partsOf = (text) => text.split(',').map((part) => part.replace(/%(2C|25)/gi, (mark) => (mark === '%25' ? '%' : ',')));

function read(parameters, name, fallback) {
  if (!parameters.has(name)) return fallback;
  const value = parameters.get(name);
  if (Array.isArray(fallback)) return value === '' ? [] : partsOf(value);
  if (typeof fallback === 'boolean') return value === 'true';
  if (typeof fallback === 'number') return Number.isFinite(Number(value)) && value !== '' ? Number(value) : fallback;
  return value;
}

/**
 * The state that the query asks for, with a default for each name; unknown names are left alone.
 * @template {ViewState} T @param {URLSearchParams} parameters @param {T} defaults @returns {T}
 */
export function stateOf(parameters, defaults) {
  return Object.fromEntries(Object.entries(defaults).map(([name, fallback]) => [name, read(parameters, name, fallback)]));
}

/**
 * "?state=failed&km=alice", or "" when all is at its default.
 * @param {ViewState} state @param {ViewState} defaults
 */
export function queryOf(state, defaults) {
  const parameters = new URLSearchParams();
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = state[name];
    const text = Array.isArray(value) ? joined(value) : String(value ?? '');
    const usual = Array.isArray(fallback) ? joined(fallback) : String(fallback);
    if (text !== usual) parameters.set(name, text);
  }
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}
