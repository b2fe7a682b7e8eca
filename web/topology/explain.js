// SPDX-License-Identifier: Apache-2.0
// Which way a relay between two KMAs would go now, who would say so, and why the other ways are not taken. Pure.
import { number } from '../base/format.js';

/**
 * @typedef {{ text: string, tone: 'good' | 'warning' | 'bad' | 'neutral' | 'off' }} Turn one of the decision order, in words
 * @typedef {{ route: any, verdict: string, decides: boolean }} RouteVerdict
 * @typedef {{ by: 'route' | 'orchestrator' | 'computed' | 'nobody', path: string[] | null, text: string, turns: Turn[], routes: RouteVerdict[] }} Explanation
 */

function compareRoutes(left, right) {
  if (left.priority !== right.priority) return right.priority - left.priority;
  return left.route_id < right.route_id ? -1 : 1;
}

/** The first hop that links join, but none that is up. */
function downHop(path, model) {
  for (let i = 0; i + 1 < path.length; i += 1) {
    const from = model.node(path[i]);
    const to = model.node(path[i + 1]);
    if (from === null || to === null) continue;
    const links = model.between(from.index, to.index);
    if (links.length > 0 && links.every((link) => link.state === 'down')) return [path[i], path[i + 1]];
  }
  return null;
}

function whyNot(route, deciding, model, nowMs) {
  if (route.valid_until !== null && Date.parse(route.valid_until) <= nowMs) return 'It has expired.';
  const unknown = route.path.find((id) => model.node(id) === null);
  if (unknown !== undefined) return `Nobody knows its KMA ${unknown} any more.`;
  const disabled = route.path.find((id) => model.node(id).state === 'disabled');
  if (disabled !== undefined) return `The KM of its KMA ${disabled} is disabled.`;
  const hop = downHop(route.path, model);
  if (hop !== null) return `The link between ${hop[0]} and ${hop[1]} is down.`;
  if (deciding === null) return 'It is not usable now.';
  return route.priority < deciding.priority ? `Its priority ${number(route.priority)} is lower than ${number(deciding.priority)}.`
    : 'Its priority is the same; the route whose ID comes first is used.';
}

/** What the first of the usable ones is told, by who decides. */
const VERDICTS = { route: 'It decides.', orchestrator: 'It decides if the orchestrator does not in time.', computed: 'Its turn does not come.', nobody: 'Routes have no turn.' };

/** Installed routes that are about these two, the one that decides first. @returns {RouteVerdict[]} */
function judgeRoutes(routes, { source, destination, deciding, by }, model, nowMs) {
  const about = routes.filter((route) => route.destination_kma_id === destination).sort(compareRoutes);
  const paths = about.filter((route) => route.path && route.path[0] === source);
  const hops = about.filter((route) => !route.path && (route.source_kma_id === null || route.source_kma_id === source));
  return [
    ...paths.map((route) => ({ route, decides: route === deciding && by === 'route', verdict: route === deciding ? VERDICTS[by] : whyNot(route, deciding, model, nowMs) })),
    ...hops.map((route) => ({ route, decides: false, verdict: 'It answers next hop requests; relays go by whole paths alone.' })),
  ].sort((left, right) => Number(right.decides) - Number(left.decides));
}

/** What an earlier turn has settled: nothing, all of it, or what happens unless the orchestrator decides in time. */
function prefixOf(by) {
  return by === 'orchestrator' ? 'If the orchestrator does not in time: ' : '';
}

function routeTurn(deciding, by) {
  if (by === 'route' || by === 'computed') return { text: 'Routes: not asked, as the relay is decided before.', tone: 'off' };
  if (deciding === null) return { text: 'Routes: no usable path is installed from exactly the one to exactly the other.', tone: 'neutral' };
  return { text: `Routes: ${prefixOf(by)}${deciding.route_id} decides.`, tone: by === 'orchestrator' ? 'neutral' : 'good' };
}

function orchestratorTurn(decision, by) {
  if (by !== 'nobody') return { text: 'Orchestrator: not asked, as the relay is decided before.', tone: 'off' };
  return decision.orchestrator_present
    ? { text: `Orchestrator: present; the relay is held for it, at most ${number(decision.orchestrator_ms)} ms.`, tone: 'good' }
    : { text: 'Orchestrator: none is present, so its turn is skipped.', tone: 'warning' };
}

const METRIC_WORDS = {
  widest_shortest: 'of least cost, of equals the one with most keys at its scarcest link',
  shortest: 'of least cost',
  widest: 'with most keys at its scarcest link, of equals the one of least cost',
};

function computedTurn(best, by, metric) {
  if (by === 'route') return { text: 'Computed: not asked, as the relay is decided before.', tone: 'off' };
  if (best === null) return { text: `Computed: ${prefixOf(by)}no way is found whose links all have a key.`, tone: 'neutral' };
  return { text: `Computed: ${prefixOf(by)}the bridge takes the way ${METRIC_WORDS[metric] ?? METRIC_WORDS.widest_shortest}.`,
    tone: by === 'orchestrator' ? 'neutral' : 'good' };
}

/** The turns in words, and who decides: the first who can. */
function turnsOf(decision, deciding, best) {
  const turns = [];
  let by = 'nobody';
  for (const turn of decision.order) {
    if (turn === 'routes') turns.push(routeTurn(deciding, by));
    else if (turn === 'orchestrator') turns.push(orchestratorTurn(decision, by));
    else turns.push(computedTurn(best, by, decision.metric));
    if (by !== 'nobody') continue;
    if (turn === 'routes' && deciding !== null) by = 'route';
    else if (turn === 'orchestrator' && decision.orchestrator_present) by = 'orchestrator';
    else if (turn === 'computed' && best !== null) by = 'computed';
  }
  return { turns, by };
}

const RESULTS = {
  route: (deciding) => `A relay now goes by the installed route ${deciding.route_id}.`,
  orchestrator: () => 'A relay now is held for the orchestrator, who chooses the way; the bridge cannot know which.',
  computed: () => 'A relay now goes by the way that the bridge computes.',
  nobody: (_, reason) => `A relay now fails with ${reason}: nobody would decide it.`,
};

/**
 * @param {{ source: string, destination: string, found: any, best: string[] | null, decision: any, routes: any[],
 *   model: import('./model.js').Model, nowMs: number }} about `found`: the answer of POST /paths; `best`: the way that
 *   the bridge itself would compute; `decision`: of the status
 * @returns {Explanation}
 */
export function explain({ source, destination, found, best, decision, routes, model, nowMs }) {
  const deciding = routes.find((route) => route.route_id === found.installed_route_id) ?? null;
  const { turns, by } = turnsOf(decision, deciding, best);
  const judged = judgeRoutes(routes, { source, destination, deciding, by }, model, nowMs);
  const path = by === 'route' ? deciding.path : by === 'computed' ? best : null;
  const lacksKeys = best === null && found.paths.length > 0 && decision.order.includes('computed');
  return { by, path, text: RESULTS[by](deciding, lacksKeys ? 'insufficient_keys' : 'no_route'), turns, routes: judged };
}

const WHY_NOT = { route: ' Not taken: the installed route has the say.', computed: ' Not taken.', orchestrator: '', nobody: '' };

/**
 * Why a computed way is not the one that is taken, or that it is. @param {any} way of `found.paths`
 * @param {{ metric: string, isPair: boolean, behind: string | null }} words `behind`: by what it is behind the best
 */
export function whyOfWay(way, explanation, { metric, isPair, behind }) {
  const same = explanation.path !== null && way.path.join('\n') === explanation.path.join('\n');
  const rank = behind === null ? `${isPair ? 'The better of the two' : 'The best'}: ${metric}` : `Behind the ${isPair ? 'other' : 'best'}: ${behind}`;
  return same ? `${rank}. It is the way that is taken.` : `${rank}.${WHY_NOT[explanation.by]}`;
}
