// SPDX-License-Identifier: Apache-2.0
// The explanation that the bridge has kept with a request: who was asked, in which order and with what outcome, and what
// stood against the other ways at that moment. Nothing here is computed afterwards.
import { h } from '../base/dom.js';
import { counted, identifier, number } from '../base/format.js';
import { pathList } from '../parts/path_list.js';
import { badge } from '../parts/state_badge.js';
import { routeLink } from './links.js';
import { CONSTRAINT_WORDS, DECIDER_NAMES, RULE_WORDS, obstacleWords, outcomeOf } from './explanation_words.js';

const PENALTY_COST = 4294967295; // a penalised link counts as much

/** What stood against it, and where. @param {{ reason: string, link_id: string | null, kma_id: string | null }} obstacle */
function obstacle({ reason, link_id: link, kma_id: kma }) {
  return [obstacleWords(reason), link !== null && [': link ', identifier(link, { max: 24 })], kma !== null && [': KMA ', identifier(kma, { max: 24 })]];
}

function costTold(cost) {
  return cost >= PENALTY_COST ? 'cost beyond all others, for a link is penalised' : `cost ${number(cost)}`;
}

function bottleneckTold(bottleneck) {
  if (bottleneck === null) return null;
  return [', least keys on ', identifier(bottleneck.link_id, { max: 24 }), bottleneck.key_stock === null ? ' (nobody had told its stock)' : ` (${counted(bottleneck.key_stock, 'key')})`];
}

function routesStep(step) {
  return [
    step.route_id !== null && h('p', {}, 'Route ', routeLink(step.route_id, { max: 32 }), step.route_revision !== null && h('span', { class: 'aside' }, ` as of revision ${number(step.route_revision)}`)),
    step.passed_over.length > 0 && h('ul', { class: 'against', 'aria-label': 'Routes that were passed over' }, step.passed_over.map((each) =>
      h('li', {}, 'Route ', routeLink(each.route_id, { max: 32 }), ' was passed over: ', obstacle(each)))),
  ];
}

function computedStep(step) {
  return [
    h('p', { class: 'hint' }, 'By the rule: ', RULE_WORDS[step.rule] ?? step.rule, step.cost !== null && ['; ', costTold(step.cost), bottleneckTold(step.bottleneck)], '.'),
    step.alternatives.length > 0 && h('ul', { class: 'against', 'aria-label': 'Ways that were not taken' }, step.alternatives.map((way) => h('li', {},
      pathList(way.path, { label: 'Way that was not taken' }), h('p', { class: 'hint' }, costTold(way.cost), bottleneckTold(way.bottleneck)), h('p', {}, 'Not taken: ', obstacle(way), '.')))),
    step.alternatives_sought === false && h('p', { class: 'hint' }, 'Whether there was another way was not looked into.'),
  ];
}

const DETAILS = { routes: routesStep, computed: computedStep, orchestrator: () => null };

function stepTold(step) {
  const [tone, word, words] = outcomeOf(step);
  return h('li', {}, h('p', { class: 'asked-head' }, h('strong', {}, DECIDER_NAMES[step.decider] ?? step.decider), badge(tone, word)),
    words && h('p', {}, words), DETAILS[step.decider]?.(step));
}

/** @param {any} item a detail: a relay or a lookup @param {import('./kinds.js').Kind} kind */
export function explanationTold(item, kind) {
  const { explanation } = item;
  if (!explanation) {
    return h('p', { class: 'hint no-explanation' }, `No explanation was kept with this ${kind.one}: it was decided by an earlier version of the bridge, or the bridge was short of memory. What is told here is what the ${kind.one} itself says.`);
  }
  const ignored = explanation.ignored_constraints.map((each) => CONSTRAINT_WORDS[each] ?? each);
  return h('div', { class: 'explanation' },
    explanation.steps.length > 0 ? h('ol', { class: 'asked', 'aria-label': 'Who was asked, in this order' }, explanation.steps.map(stepTold))
      : h('p', {}, 'Nobody was asked: it was refused before.'),
    ignored.length > 0 && h('p', { class: 'partial-line' }, `Of what was required a next hop alone cannot keep: ${ignored.join(', ')}.`),
    h('p', { class: 'hint' }, 'Kept as the bridge knew it at that moment; the network may be another by now.'));
}
