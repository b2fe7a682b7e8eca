// SPDX-License-Identifier: Apache-2.0
// Whether an installed route can be used now, and what stands in its way.
import { judgeHops } from '../requests/path_rules.js';
import { pathObstacles } from '../requests/route_judge.js';

/**
 * @typedef {{ tone: import('../parts/state_badge.js').Tone, word: string, why: string[], rank: number }} Usability
 *   `rank`: the worst is the least
 * @typedef {ReturnType<import('../requests/route_judge.js').surveyOf>} Survey
 */

const USABLE = { tone: 'good', word: 'usable', why: [], rank: 3 };

function kmaObstacle(survey, kma) {
  return pathObstacles(survey, [kma])[0] ?? null;
}

/** Of next hops each candidate counts by itself: some may do where others cannot. */
function hopsUsability(survey, route) {
  const ends = [route.source_kma_id, route.destination_kma_id].filter(Boolean).map((kma) => kmaObstacle(survey, kma)).filter(Boolean);
  if (ends.length > 0) return { tone: 'bad', word: 'unusable', why: ends, rank: 0 };
  const why = [];
  let some = 0;
  for (const [kma, next] of Object.entries(route.next_hops)) {
    const own = kmaObstacle(survey, kma);
    if (own) {
      why.push(own);
      continue;
    }
    for (const one of next) {
      const { errors } = judgeHops([one], { current: kma }, survey);
      if (errors.length > 0) why.push(`at ${kma}: ${errors[0]}`);
      else some += 1;
    }
  }
  if (why.length === 0) return USABLE;
  return some > 0 ? { tone: 'warning', word: 'in part', why, rank: 1 } : { tone: 'bad', word: 'unusable', why, rank: 0 };
}

/** @param {any} route @param {Survey} survey @param {number} nowMs bridge's time @returns {Usability} */
export function usabilityOf(route, survey, nowMs) {
  if (route.valid_until && Date.parse(route.valid_until) <= nowMs) return { tone: 'off', word: 'ended', why: ['its lease has ended'], rank: 2 };
  if (!route.path) return hopsUsability(survey, route);
  const why = pathObstacles(survey, route.path);
  return why.length === 0 ? USABLE : { tone: 'bad', word: 'unusable', why, rank: 0 };
}
