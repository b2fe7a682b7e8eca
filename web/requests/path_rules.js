// SPDX-License-Identifier: Apache-2.0
// What is wrong with a path or a list of next hops before it is sent, in words: the bridge would say the same, later.

export const PATH_KMAS_MAX = 128;
export const NEXT_HOPS_MAX = 16;
export const REASON_BYTES_MAX = 4096;

/** @typedef {{ errors: string[], warnings: string[] }} Findings */

/**
 * @param {string[]} path @param {{ source: string | null, destination: string | null }} ends null: not known, any will do
 * @param {ReturnType<import('./route_judge.js').surveyOf>} survey @returns {Findings}
 */
export function judgePath(path, ends, survey) {
  const errors = [];
  const warnings = [];
  if (path.length === 0) errors.push('The path is empty.');
  else {
    if (ends.source !== null && path[0] !== ends.source) errors.push(`It must begin at ${ends.source}.`);
    if (ends.destination !== null && path.at(-1) !== ends.destination) errors.push(`It must end at ${ends.destination}.`);
  }
  if (path.length > PATH_KMAS_MAX) errors.push(`It has ${path.length} KMAs, and ${PATH_KMAS_MAX} are the most.`);
  const twice = path.find((kma, i) => path.indexOf(kma) !== i);
  if (twice !== undefined) errors.push(`It passes ${twice} twice.`);
  path.forEach((kma, i) => judgeStep(path[i - 1], kma, survey, errors, warnings));
  return { errors, warnings };
}

function judgeStep(before, kma, survey, errors, warnings) {
  if (!survey.knows(kma)) errors.push(`Neither a KM nor a link names ${kma}.`);
  else if (survey.owner(kma) && !survey.owner(kma).enabled) errors.push(`${kma} belongs to the KM ${survey.owner(kma).km_id}, which is disabled.`);
  if (before === undefined) return;
  const adjacency = survey.adjacency(before, kma);
  if (adjacency === 'down') errors.push(`The link between ${before} and ${kma} is down.`);
  else if (adjacency === undefined) warnings.push(`No link is known between ${before} and ${kma}.`);
}

/**
 * @param {string[]} hops best first @param {{ current: string | null }} at who asks
 * @param {ReturnType<import('./route_judge.js').surveyOf>} survey @returns {Findings}
 */
export function judgeHops(hops, { current }, survey) {
  const errors = [];
  const warnings = [];
  if (hops.length === 0) errors.push('Choose at least one next hop.');
  if (hops.length > NEXT_HOPS_MAX) errors.push(`There are ${hops.length}, and ${NEXT_HOPS_MAX} are the most.`);
  const twice = hops.find((kma, i) => hops.indexOf(kma) !== i);
  if (twice !== undefined) errors.push(`${twice} is there twice.`);
  for (const kma of hops) {
    if (kma === current) errors.push(`${kma} is where the question comes from.`);
    judgeStep(current ?? undefined, kma, survey, errors, warnings);
  }
  return { errors, warnings };
}

/** @param {string} text @returns {string} what is wrong; "": nothing */
export function judgeReason(text) {
  if (text.trim() === '') return 'Say why: the reason is kept with the request.';
  const bytes = new TextEncoder().encode(text).length;
  return bytes > REASON_BYTES_MAX ? `The reason has ${bytes} bytes, and ${REASON_BYTES_MAX} are the most.` : '';
}

/** Whom links join with a KMA, those that are up first. @param {Map<string, any>} links @param {string} kma */
export function neighboursOf(links, kma) {
  const found = new Map();
  for (const link of links.values()) {
    const other = link.a === kma ? link.b : link.b === kma ? link.a : null;
    const known = found.get(other);
    if (other !== null && (!known || (known.state !== 'up' && link.state === 'up'))) found.set(other, link);
  }
  return [...found].map(([id, link]) => ({ kma: id, link }))
    .sort((left, right) => Number(right.link.state === 'up') - Number(left.link.state === 'up')
      || (left.link.cost ?? 0) - (right.link.cost ?? 0) || left.kma.localeCompare(right.kma, undefined, { numeric: true }));
}
