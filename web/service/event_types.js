// SPDX-License-Identifier: Apache-2.0
// The vocabulary of events, as openapi.json has it, and what a pattern of types or a subject picks out of it.

export const EVENT_TYPES = ['km.connected', 'km.disconnected', 'km.refused', 'relay.received', 'relay.awaiting_decision',
  'relay.instructed', 'relay.succeeded', 'relay.failed', 'relay.rejected', 'relay.expired', 'relay.orphaned',
  'relay.uncorrelated', 'lookup.answered', 'lookup.awaiting_decision', 'route.changed', 'link.changed',
  'config.changed', 'ck.protocol_error', 'overload.entered', 'overload.left'];

/** Those that somebody should look at. */
export const PROBLEM_TYPES = ['km.disconnected', 'km.refused', 'relay.failed', 'relay.expired', 'relay.orphaned',
  'relay.uncorrelated', 'ck.protocol_error', 'overload.entered'];

const SUBJECTS = ['km_id', 'relay_id', 'lookup_id', 'route_id', 'link_id'];

function fits(pattern, type) {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === type;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return type.length >= head.length + tail.length && type.startsWith(head) && type.endsWith(tail);
}

/** The API's `type`: names separated by commas, one `*` in each; "": all. @param {string} patterns @param {string} type */
export function matchesType(patterns, type) {
  return patterns === '' || patterns.split(',').some((pattern) => fits(pattern, type));
}

/** Those of the patterns that no event type fits. @param {string} patterns */
export function unknownTypes(patterns) {
  return patterns === '' ? [] : patterns.split(',').filter((pattern) => !EVENT_TYPES.some((type) => fits(pattern, type)));
}

/** The API's `subject`: "alice", of any kind, or "km_id:alice"; "": any. @param {string} wanted @param {Record<string, string>} subject */
export function matchesSubject(wanted, subject) {
  if (wanted === '') return true;
  const member = SUBJECTS.find((name) => wanted.startsWith(`${name}:`) && wanted.length > name.length + 1);
  if (member) return subject[member] === wanted.slice(member.length + 1);
  return SUBJECTS.some((name) => subject[name] === wanted);
}
