// SPDX-License-Identifier: Apache-2.0
// Which installed route a relay would take now, and for every other one why not: the bridge's own rules, told.

/**
 * @typedef {{ kms: Map<string, any>, links: Map<string, any>, routes: Map<string, any> }} Network the live state
 * @typedef {{ route: any, words: string, decided: boolean, usable: boolean }} Judgement
 */

/** Who owns a KMA, and which adjacencies are up: looked up once for all routes. @param {Network} network */
export function surveyOf(network) {
  const owners = new Map();
  const known = new Set();
  const adjacencies = new Map();
  for (const km of network.kms.values()) {
    for (const kma of km.kma_ids) {
      owners.set(kma, km);
      known.add(kma);
    }
  }
  for (const link of network.links.values()) {
    known.add(link.a).add(link.b);
    for (const pair of [`${link.a}\n${link.b}`, `${link.b}\n${link.a}`]) {
      adjacencies.set(pair, adjacencies.get(pair) === 'up' ? 'up' : link.state);
    }
  }
  return {
    owner: (kma) => owners.get(kma),
    knows: (kma) => known.has(kma),
    /** @returns {'up' | 'down' | undefined} undefined: no link joins them, which is no obstacle */
    adjacency: (from, to) => adjacencies.get(`${from}\n${to}`),
  };
}

function kmaObstacle(survey, kma) {
  if (!survey.knows(kma)) return `neither a KM nor a link names ${kma}`;
  const km = survey.owner(kma);
  return km && !km.enabled ? `${kma} belongs to the KM ${km.km_id}, which is disabled` : null;
}

function hopObstacle(survey, from, to) {
  return survey.adjacency(from, to) === 'down' ? `the link between ${from} and ${to} is down` : null;
}

/** What stands in a path's way; empty: nothing. @param {ReturnType<typeof surveyOf>} survey @param {string[]} path */
export function pathObstacles(survey, path) {
  return path.flatMap((kma, i) => [kmaObstacle(survey, kma), i > 0 ? hopObstacle(survey, path[i - 1], kma) : null])
    .filter((obstacle) => obstacle !== null);
}

function routeObstacles(survey, route, nowMs) {
  const found = route.valid_until && Date.parse(route.valid_until) <= nowMs ? [`its lease ended at ${route.valid_until}`] : [];
  return route.path ? found.concat(pathObstacles(survey, route.path)) : found;
}

/** Where it begins. @param {any} route */
export function sourceOf(route) {
  return route.path?.[0] ?? route.source_kma_id ?? null;
}

/** Of two that would both do. @param {any} left @param {any} right */
function preferred(left, right) {
  return right.priority - left.priority || (left.route_id < right.route_id ? -1 : 1);
}

function bestWords(route, relay) {
  const changed = Date.parse(route.changed_at);
  if (relay.decided_at && changed > Date.parse(relay.decided_at)) {
    return `it is what such relays take now; it was installed or changed after the decision, ${route.changed_at}`;
  }
  if (relay.decided_by && relay.decided_by !== 'route') {
    return `it is what such relays take now; it could not be used then, or it was not the turn of routes: ${relay.decided_by} decided`;
  }
  return 'it is what such relays take now';
}

function rivalWords(route, winner) {
  return winner.priority !== route.priority
    ? `${winner.route_id} goes before it: priority ${winner.priority} against ${route.priority}`
    : `${winner.route_id} goes before it: of two with one priority the lesser ID counts`;
}

function judge(route, relay, winner, obstacles) {
  const cannot = obstacles.join('; ');
  if (route.route_id === relay.route_id) {
    return cannot ? `it decided this relay; now it could not be used: ${cannot}` : 'it decided this relay';
  }
  if (!route.path) return 'it says next hops, which serve lookups and no relays';
  if (sourceOf(route) !== relay.source_kma_id) {
    return `it begins at ${sourceOf(route)}, and relays take none but those from exactly their source`;
  }
  if (cannot) return `it cannot be used: ${cannot}`;
  if (winner === route) return bestWords(route, relay);
  return winner ? rivalWords(route, winner) : '';
}

/**
 * Every route to the relay's destination, the one that counts first.
 * @param {Network} network @param {any} relay @param {number} nowMs bridge's time
 * @returns {Judgement[]}
 */
export function judgeRoutes(network, relay, nowMs) {
  const survey = surveyOf(network);
  const routes = [...network.routes.values()].filter((route) => route.destination_kma_id === relay.destination_kma_id).sort(preferred);
  const obstacles = new Map(routes.map((route) => [route, routeObstacles(survey, route, nowMs)]));
  const winner = routes.find((route) => route.path && sourceOf(route) === relay.source_kma_id && obstacles.get(route).length === 0);
  const judged = routes.map((route) => ({
    route, decided: route.route_id === relay.route_id, usable: obstacles.get(route).length === 0,
    words: judge(route, relay, winner, obstacles.get(route)),
  }));
  return judged.sort((left, right) => Number(right.decided) - Number(left.decided) || Number(right.route === winner) - Number(left.route === winner));
}
