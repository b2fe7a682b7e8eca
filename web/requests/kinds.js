// SPDX-License-Identifier: Apache-2.0
// How relays and lookups differ, said once: their names, states and addresses.

/**
 * @typedef {'relays' | 'lookups'} Resource
 * @typedef {{ resource: Resource, key: 'relay_id' | 'lookup_id', one: string, title: string, states: string[],
 *   openStates: string[] }} Kind
 */

/** @type {Record<Resource, Kind>} */
export const KINDS = {
  relays: {
    resource: 'relays', key: 'relay_id', one: 'relay', title: 'Relays',
    states: ['received', 'awaiting_decision', 'instructed', 'succeeded', 'failed', 'rejected', 'expired', 'orphaned'],
    openStates: ['received', 'awaiting_decision', 'instructed'],
  },
  lookups: {
    resource: 'lookups', key: 'lookup_id', one: 'lookup', title: 'Lookups',
    states: ['received', 'awaiting_decision', 'answered', 'rejected'],
    openStates: ['received', 'awaiting_decision'],
  },
};

/** @param {Kind} kind @param {any} item */
export function idOf(kind, item) {
  return item[kind.key];
}

/** The address of its own page. @param {Kind} kind @param {string} id */
export function addressOf(kind, id) {
  return `/${kind.resource}/${encodeURIComponent(id)}`;
}

/** @param {any} item */
export function isHeld(item) {
  return item?.state === 'awaiting_decision';
}

/** Numbers as the API gives them, in text: 10 comes after 9. @param {string} left @param {string} right */
export function newestFirst(left, right) {
  return left.length - right.length !== 0 ? right.length - left.length : left < right ? 1 : left > right ? -1 : 0;
}
