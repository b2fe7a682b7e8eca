// SPDX-License-Identifier: Apache-2.0
// The parts of one request's page that only tell: its facts, its path, what happened, what its KM added.
import { h } from '../base/dom.js';
import { NONE, duration, identifier, timeElement } from '../base/format.js';
import { fact } from '../parts/fact.js';
import { pathList } from '../parts/path_list.js';
import { timeline } from '../parts/timeline.js';
import { live } from '../service/live.js';
import { spanOf, target } from './columns.js';
import { kmLink, mapLink, routeLink } from './links.js';
import { deciderWords, reasonWords } from './words.js';

const TONES = { received: 'neutral', awaiting_decision: 'warning', instructed: 'busy', succeeded: 'good', answered: 'good', failed: 'bad', rejected: 'off', expired: 'bad', orphaned: 'bad' };
const STEP_WORDS = { instructed: 'its path was given to the KM', succeeded: 'the KM said so' };

function reasonTold(reason) {
  return [h('span', { class: 'code' }, reason), reasonWords(reason) && `: ${reasonWords(reason)}`];
}

function factsOf(kind, item) {
  const none = () => h('span', { class: 'none' }, NONE);
  return [
    ['From', identifier(item.source_kma_id)],
    kind.one === 'lookup' && ['Asked at', identifier(item.current_kma_id)],
    ['To', target(item)],
    ['KM', kmLink(item.km_id)],
    ['Decided by', item.decided_by ? deciderWords(item.decided_by) : none()],
    item.route_id && ['Route', routeLink(item.route_id)],
    item.reason && ['Reason', reasonTold(item.reason)],
    ['Received', timeElement(item.received_at, live.now())],
    ['Ended', item.ended_at ? [timeElement(item.ended_at, live.now()), ` after ${duration(spanOf(item))}`] : none()],
    kind.one === 'relay' && ['Sent to the KM', item.sent ? 'yes' : 'no'],
    ['Message ID', String(item.message_id ?? NONE)],
  ].filter(Boolean);
}

/** @param {import('./kinds.js').Kind} kind @param {any} item */
export function factsSection(kind, item) {
  return h('section', { 'aria-label': 'Facts' }, h('dl', { class: 'facts' }, factsOf(kind, item).map(([name, value]) => fact(name, value))));
}

function noneWords(kind, item) {
  if (kind.one === 'relay') return item.ended_at ? 'None was decided.' : 'None is decided yet.';
  return item.ended_at ? 'None was given.' : 'None yet.';
}

/** @param {import('./kinds.js').Kind} kind @param {any} item */
export function pathSection(kind, item) {
  const kmas = kind.one === 'relay' ? item.path : item.next_kma_ids;
  const label = kind.one === 'relay' ? 'Path' : 'Next hops, best first';
  return h('section', {}, h('h2', {}, label),
    kmas.length === 0 ? h('p', { class: 'hint' }, noneWords(kind, item)) : pathList(kmas, { label, max: 40 }),
    kind.one === 'relay' && kmas.length > 0 && mapLink(kmas, 'Show on the map'));
}

function stepsOf(item) {
  if (item.timeline) return item.timeline;
  const ended = item.ended_at && { time: item.ended_at, state: item.state, reason: item.reason };
  return [{ time: item.received_at, state: 'received', reason: null }, ended].filter(Boolean);
}

/** @param {any} item */
export function timelineSection(item) {
  return h('section', {}, h('h2', {}, 'What happened'), timeline(stepsOf(item).map((step) => ({
    time: step.time, tone: TONES[step.state] ?? 'neutral', what: step.state === 'awaiting_decision' ? 'held for a decision' : step.state,
    detail: step.reason ? reasonTold(step.reason) : STEP_WORDS[step.state],
  }))));
}

/** @param {any} item */
export function extensionSection(item) {
  return item.extension !== null && item.extension !== undefined && h('section', {}, h('h2', {}, "The KM's extension"),
    h('pre', { class: 'json', tabindex: 0, role: 'region', 'aria-label': "The KM's extension" }, identifier(JSON.stringify(item.extension), { max: 4000 })));
}

/** With since when it is held, which the detail says in its timeline. @param {any} item */
export function awaited(item) {
  const step = item.timeline?.find((each) => each.state === 'awaiting_decision');
  return step ? { ...item, awaiting_since: step.time } : item;
}
