// SPDX-License-Identifier: Apache-2.0
// The codes of a kept explanation, in words: deciders, outcomes, rules, and what stood against a way.

/** @type {Record<string, string>} */
export const DECIDER_NAMES = { routes: 'Installed routes', orchestrator: 'Orchestrator', computed: 'Computation' };

/** @type {Record<string, string>} */
export const RULE_WORDS = {
  widest_shortest: 'least cost, of equals the most keys at the scarcest link',
  shortest: 'least cost',
  widest: 'most keys at the scarcest link, of equals the least cost',
  nearest_next_hop: 'every next hop that is nearer to the destination, the cheapest first',
};

/** @type {Record<string, string>} */
export const CONSTRAINT_WORDS = {
  avoid_kma_ids: 'KMAs to avoid', avoid_link_ids: 'links to avoid', require_kma_ids: 'KMAs to pass', max_hops: 'the most hops', min_key_stock: 'the least key stock',
};

/** By decider: tone, word, and a sentence where the word does not say all. @type {Record<string, Record<string, [import('../parts/state_badge.js').Tone, string, string?]>>} */
const OUTCOMES = {
  routes: {
    decided: ['good', 'decided'],
    no_match: ['off', 'none matched', 'No route was installed for it.'],
    unusable: ['warning', 'not usable', 'Routes matched, but none could be used.'],
    insufficient_keys: ['warning', 'too few keys', 'A route matched, but a link on it had no key left.'],
    would_loop: ['warning', 'would lead back', 'What the route offered would lead back, after what was answered lately.'],
    breaks_constraints: ['warning', 'not as required', 'A route matched, but breaks what the request requires.'],
    bad_constraints: ['bad', 'not understood', 'What the request requires can not be read.'],
    unknown_destination: ['off', 'destination not known', 'Where the destination is was not known.'],
  },
  orchestrator: {
    decided: ['good', 'decided'],
    rejected: ['off', 'rejected it'],
    absent: ['off', 'not there', 'None was there: its turn was skipped at once.'],
    waiting: ['warning', 'being asked', 'It is held for it.'],
    timed_out: ['warning', 'no answer in time'],
    overtaken: ['neutral', 'overtaken', 'A route that was installed meanwhile decided.'],
    withdrawn: ['off', 'withdrawn', 'The policy was changed meanwhile, and gives it no turn any more.'],
    abandoned: ['off', 'ended before', 'The request ended before, as when its KM goes away.'],
  },
  computed: {
    decided: ['good', 'decided'],
    no_route: ['bad', 'no way', 'No way led there over links that could be used.'],
    insufficient_keys: ['bad', 'too few keys', 'Every way needed a link without a key.'],
    constraints_unmet: ['bad', 'not as required', 'No way keeps what the request requires.'],
    bad_constraints: ['bad', 'not understood', 'What the request requires can not be read.'],
    would_loop: ['bad', 'would lead back', 'Every next hop would lead back.'],
    work_limit: ['bad', 'too much work', 'The search was given up at its limit of work.'],
    unknown_destination: ['off', 'destination not known', 'Where the destination is was not known.'],
  },
};

/** @param {{ decider: string, outcome: string }} step @returns {[import('../parts/state_badge.js').Tone, string, string?]} */
export function outcomeOf({ decider, outcome }) {
  return OUTCOMES[decider]?.[outcome] ?? ['neutral', outcome];
}

/** @type {Record<string, string>} */
const OBSTACLES = {
  expired: 'its lease had ended', unknown_kma: 'nobody named one of its KMAs', disabled_kma: 'a KM of it was disabled',
  link_down: 'a link was down', insufficient_keys: 'a link had no key left', below_min_key_stock: 'a link had less keys than required',
  key_stock_unknown: 'nobody had told the stock of a link', penalised: 'relays over a link had failed again and again',
  avoided: 'it was to avoid a link', kma_avoided: 'it was to avoid a KMA', kma_missing: 'it does not pass a KMA that is required',
  max_hops: 'it has more hops than allowed', higher_cost: 'its cost is higher', narrower: 'its scarcest link had fewer keys',
  more_hops: 'it has more hops', later_names: 'all else is equal, and its names come later', not_nearer: 'it is not nearer to the destination',
  would_loop: 'it would lead back', bad_constraints: 'what the request requires can not be read',
};

/** @param {string} reason */
export function obstacleWords(reason) {
  return OBSTACLES[reason] ?? reason;
}
