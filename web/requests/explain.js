// SPDX-License-Identifier: Apache-2.0
// One relay told in words: who asked, who decided and why this way, what else there was, and why it ended.
import { h } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { pathList } from '../parts/path_list.js';
import { badge } from '../parts/state_badge.js';
import { judgeRoutes } from './route_judge.js';
import { isHeld } from './kinds.js';
import { routeLink } from './links.js';
import { reasonWords, stateWords } from './words.js';

function askedWords(relay) {
  const to = [' to ', identifier(relay.destination_kma_id), relay.application_destination_id && [' (application ', identifier(relay.application_destination_id), ')']];
  const way = ['A key from ', identifier(relay.source_kma_id), to];
  if (relay.unsolicited) return [way, ', started over the API; KM ', identifier(relay.km_id), ' is to carry it out.'];
  return [way, ', asked for by KM ', identifier(relay.km_id), '.'];
}

function decidedWords(relay, routes) {
  if (relay.route_id) {
    const route = routes.get(relay.route_id);
    if (!route) return ['The installed route ', identifier(relay.route_id), ' decided; it is not installed any more.'];
    return ['The installed route ', routeLink(relay.route_id, { max: 32 }), ` decided; now it has priority ${route.priority} and the origin `, identifier(route.origin), '.'];
  }
  if (!relay.decided_by) return [relay.ended_at ? 'Nobody decided.' : 'Nobody has decided yet.'];
  if (relay.decided_by === 'orchestrator') return ['An orchestrator decided, over the API.'];
  if (relay.decided_by === 'computed') return ['The bridge decided: it computed the path from its links.'];
  return [`Decided by ${relay.decided_by}.`];
}

function endWords(relay) {
  if (!relay.ended_at) return [isHeld(relay) ? 'It is held, and can be decided.' : `It has not ended: ${relay.state === 'instructed' ? "it waits for the KM's answer" : stateWords(relay.state)}.`];
  const words = reasonWords(relay.reason);
  if (!relay.reason) return [`It ended as ${relay.state}: the KM said so.`];
  return [`It ended as ${relay.state} (${relay.reason})${words ? `: ${words}` : ''}.`];
}

/** The story in sentences. @param {any} relay a detail @param {Map<string, any>} routes */
export function story(relay, routes) {
  return h('div', { class: 'story' },
    h('p', {}, askedWords(relay)), h('p', {}, decidedWords(relay, routes)), h('p', {}, endWords(relay)),
    relay.detail && h('p', {}, 'In the words that came with it: ', h('q', {}, identifier(relay.detail, { max: 400 }))));
}

function routeLine({ route, words, decided, usable }) {
  const [tone, word] = decided ? ['good', 'decided'] : usable ? ['neutral', 'usable'] : ['off', 'not usable'];
  return h('li', {}, h('div', {}, badge(tone, word), ' ', routeLink(route.route_id, { max: 32 }), h('span', { class: 'aside' }, ` priority ${route.priority}`)),
    route.path && pathList(route.path), h('p', { class: 'hint' }, words));
}

/** The installed routes to its destination, as they are now. @param {any} relay @param {any} network @param {number} nowMs */
export function routesTold(relay, network, nowMs) {
  const judged = relay.destination_kma_id ? judgeRoutes(network, relay, nowMs) : [];
  if (judged.length === 0) return h('p', { class: 'hint' }, 'No route to its destination is installed.');
  return h('ul', { class: 'judged' }, judged.map(routeLine));
}
