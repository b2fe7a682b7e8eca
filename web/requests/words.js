// SPDX-License-Identifier: Apache-2.0
// What the API's codes about requests mean, in words: reasons, deciders and states.

/** Why something ended or was refused. @type {Record<string, string>} */
const REASONS = {
  no_route: 'no route matched, and nobody else decided in time',
  source_not_authorised: 'the KM does not own the source KMA that it named',
  source_ambiguous: 'the KM has several KMAs and did not say which is the source',
  destination_conflict: 'the destination KMA and that of the application do not agree',
  unknown_application: 'no KMA is known for the application',
  frame_too_large: 'the path would not fit into a frame of Ck',
  insufficient_keys: 'the KM has too few keys along the path',
  overload: 'the bridge had too much to do',
  rejected: 'an orchestrator rejected it',
  km_failure: 'the KM reported that the relay failed',
  completion_timeout: 'the KM did not report the end in time',
  km_removed: 'its KM was removed',
  km_disabled: 'its KM was disabled',
  km_away: 'its KM was not connected when the time was over',
  session_lost: "its KM's session ended before the answer",
  at_destination: 'source and destination are the same KMA',
  malformed: 'the request could not be read',
  would_loop: 'the next hops that are left would lead back',
  bad_constraints: "the request's own constraints can't be understood",
  constraints_unmet: "there is a way, but none that keeps the request's own constraints",
  unknown_kma: 'a KMA is not known',
  disabled_kma: "a KMA's KM is disabled",
  link_down: 'a link of the path is down',
  limit_reached: 'a limit of the bridge was reached',
  store_unavailable: 'the store could not be written',
  not_held: 'it is not held any more',
  path_loops: 'the path passes a KMA twice',
  path_endpoints: 'the path does not begin at the source or does not end at the destination',
  path_too_long: 'the path is too long',
  km_not_connected: 'the KM is not connected',
};

/** "" for a code without words of its own. @param {string | null | undefined} code */
export function reasonWords(code) {
  return (code && REASONS[code]) || '';
}

/** Reasons that a relay or a lookup can end with, for the filter. */
export const REQUEST_REASONS = {
  relays: ['no_route', 'source_not_authorised', 'source_ambiguous', 'destination_conflict', 'unknown_application',
    'frame_too_large', 'insufficient_keys', 'overload', 'rejected', 'km_failure', 'completion_timeout', 'km_removed',
    'km_disabled', 'km_away', 'session_lost', 'at_destination', 'unknown_kma', 'disabled_kma', 'link_down',
    'limit_reached', 'malformed', 'bad_constraints', 'constraints_unmet'],
  lookups: ['no_route', 'source_not_authorised', 'destination_conflict', 'unknown_application', 'overload', 'rejected',
    'at_destination', 'would_loop', 'unknown_kma', 'disabled_kma', 'session_lost', 'malformed',
    'bad_constraints', 'constraints_unmet'],
};

/** @type {Record<string, string>} */
const DECIDERS = { route: 'an installed route', orchestrator: 'an orchestrator', computed: 'the bridge, computed' };

/** @param {string | null | undefined} code */
export function deciderWords(code) {
  return code ? DECIDERS[code] ?? code : '';
}

/** @type {Record<string, string>} */
const STATES = {
  received: 'received', awaiting_decision: 'held for a decision', instructed: 'its path was given to the KM',
  succeeded: 'the KM reported success', failed: 'failed', rejected: 'rejected', expired: 'expired', orphaned: 'orphaned',
  answered: 'answered',
};

/** @param {string} state */
export function stateWords(state) {
  return STATES[state] ?? state;
}

/** What the steps of the decision order are called. @type {Record<string, string>} */
export const TURNS = { routes: 'installed routes', orchestrator: 'an orchestrator', computed: 'the bridge, which computes a path' };
