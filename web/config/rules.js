// SPDX-License-Identifier: Apache-2.0
// What is wrong with a value before it is sent, in words, and which field the bridge means when it finds something.

export const IDENTIFIER_BYTES_MAX = 255;
const HOPS_MAX = 128;
const CANDIDATES_MAX = 16;

/** @typedef {import('../requests/path_rules.js').Findings} Findings */

/** @type {() => Findings} */
export const nothing = () => ({ errors: [], warnings: [] });
const wrong = (words) => ({ errors: [words], warnings: [] });

/** @param {string} text @param {string} what "The route ID" @returns {Findings} */
export function judgeIdentifier(text, what) {
  if (text === '') return wrong(`${what} is missing.`);
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > IDENTIFIER_BYTES_MAX) return wrong(`${what} has ${bytes} bytes, and ${IDENTIFIER_BYTES_MAX} are the most.`);
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return wrong(`${what} has a control character.`);
  if (text !== text.trim()) return { errors: [], warnings: [`${what} begins or ends with a space, which belongs to it.`] };
  return nothing();
}

/** @param {string} kma @param {ReturnType<import('../requests/route_judge.js').surveyOf>} survey @returns {Findings} */
export function judgeKma(kma, survey) {
  const identifier = judgeIdentifier(kma, 'The KMA');
  if (identifier.errors.length > 0) return identifier;
  if (!survey.knows(kma)) return wrong(`Neither a KM nor a link names ${kma}.`);
  const km = survey.owner(kma);
  return km && !km.enabled ? wrong(`${kma} belongs to the KM ${km.km_id}, which is disabled.`) : nothing();
}

/** @param {string} text @param {{ label: string, min: number, max: number, mayLack: boolean }} bounds @returns {Findings} */
export function judgeInteger(text, { label, min, max, mayLack }) {
  const plain = text.trim();
  if (plain === '') return mayLack ? nothing() : wrong(`${label} is missing.`);
  if (!/^[+-]?\d+$/.test(plain)) return wrong(`${label} is a whole number, without a unit.`);
  const value = Number(plain);
  if (value > Number.MAX_SAFE_INTEGER) return wrong(`${label} is more than a browser counts exactly: set it with ckctl.`);
  return value < min || value > max ? wrong(`${label} is from ${min} to ${max}.`) : nothing();
}

/** @param {string | null} iso @param {boolean} isPartial @param {number} nowMs bridge's time @returns {Findings} */
export function judgeLease(iso, isPartial, nowMs) {
  if (isPartial) return wrong('Give a whole date and time, or clear it.');
  if (iso === null) return nothing();
  return Date.parse(iso) <= nowMs ? wrong('This has passed already, by the bridge\u2019s clock.') : nothing();
}

function cycleIn(pairs) {
  const hops = new Map(pairs);
  const state = new Map();
  const visit = (kma) => {
    if (state.has(kma)) return state.get(kma) === 'open';
    state.set(kma, 'open');
    const found = (hops.get(kma) ?? []).some(visit);
    state.set(kma, 'done');
    return found;
  };
  return [...hops.keys()].find((kma) => !state.has(kma) && visit(kma));
}

/**
 * All next hops of a route: each KMA's candidates are judged by `judgeHops`, this is what they make together.
 * @param {[string, string[]][]} hops @param {{ source: string | null, destination: string | null }} ends @returns {Findings}
 */
export function judgeHopTable(hops, { source, destination }) {
  const errors = [];
  const warnings = [];
  const names = hops.map(([kma]) => kma);
  if (hops.length === 0) errors.push('Say at which KMA a key goes on to which: at least one.');
  if (hops.length > HOPS_MAX) errors.push(`There are ${hops.length} KMAs, and ${HOPS_MAX} are the most.`);
  const twice = names.find((kma, i) => names.indexOf(kma) !== i);
  if (twice !== undefined) errors.push(`${twice} is there twice: give all its next hops in one place.`);
  if (destination !== null && names.includes(destination)) errors.push(`${destination} is the destination, and has no next hop.`);
  for (const [kma, next] of hops) if (next.length > CANDIDATES_MAX) errors.push(`${kma} has ${next.length} next hops, and ${CANDIDATES_MAX} are the most.`);
  const at = cycleIn(hops);
  if (at !== undefined) errors.push(`A key could come back to where it was: these next hops lead in a circle from ${at}.`);
  if (source !== null && hops.length > 0 && !names.includes(source)) warnings.push(`${source}, the source, has no next hop here.`);
  return { errors, warnings };
}

const OF_THE_WAY = new Set(['link_down', 'path_loops', 'path_endpoints', 'path_too_long', 'cycle']);

function wayOf(given) {
  return given.path ? 'path' : 'next_hops';
}

function byReason(problem, given) {
  if (OF_THE_WAY.has(problem.reason)) return wayOf(given);
  if (problem.reason !== 'unknown_kma' && problem.reason !== 'disabled_kma') return null;
  if (given.path) return 'path';
  const named = ['destination_kma_id', 'source_kma_id', 'kma_id'].find((name) => given[name] && problem.detail.split(' ').includes(given[name]));
  return named ?? wayOf(given);
}

/**
 * The field that a problem of the bridge is about; null: it is about none, or all.
 * @param {import('../service/api.js').Problem} problem @param {any} given what was sent @param {string[]} fields
 * @returns {string | null}
 */
export function fieldOf(problem, given, fields) {
  const member = problem.pointer?.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
    ?? ('path' in given ? byReason(problem, given) : null)
    ?? fields.find((name) => problem.detail.split(/[^\w]+/).includes(name));
  if (fields.includes(member)) return member;
  return given.path && ['source_kma_id', 'destination_kma_id'].includes(member) ? 'path' : null;
}
