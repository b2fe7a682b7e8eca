// SPDX-License-Identifier: Apache-2.0
// Links that paths avoid, since relays failed over them again and again: which, and in words until when and why.
import { h } from '../base/dom.js';
import { counted, identifier, number, timeElement } from '../base/format.js';
import { isPenalised } from '../base/penalised.js';
import { live } from '../service/live.js';
import { badge } from './state_badge.js';

/** Until when, for what, and what it means. @param {any} link penalised */
export function penaltyWords(link) {
  return ['until ', timeElement(link.penalised_until, live.now()), `: ${counted(link.recent_failures, 'relay')} over it failed. Computed paths use it only when there is nothing else.`];
}

/** Of a computed path. @param {{ link_ids: string[] }} way @returns {any[]} the links that are penalised now */
export function penalisedLinks(way) {
  return way.link_ids.map((id) => live.data.links.get(id)).filter(isPenalised);
}

/** What the path costs, a penalty left out: with it, it would be a number that says nothing. @param {any} way @returns {string} */
export function costWithoutPenalty(way) {
  if (penalisedLinks(way).length === 0) return number(way.cost);
  const costs = way.link_ids.map((id) => live.data.links.get(id)?.cost ?? 0);
  return number(costs.reduce((sum, cost) => sum + cost, 0));
}

/** By what it is behind the best; a penalty is no number. @param {any} way @returns {string | null} null: it is the best */
export function behindWords(way) {
  if (way.behind_best === null) return null;
  return way.behind_best.by === 'cost' && penalisedLinks(way).length > 0 ? 'it goes over a penalised link' : way.behind_best.detail;
}

/**
 * Beside a path that goes over such links; null: it does not.
 * @param {any} way @param {(id: string) => import('../base/dom.js').Child} [name] of a link
 */
export function penaltyNote(way, name = (id) => identifier(id, { max: 24 })) {
  const links = penalisedLinks(way);
  if (links.length === 0) return null;
  return h('ul', { class: 'penalties' }, links.map((link) => h('li', {}, badge('warning', 'penalised'), ' Link ', name(link.link_id), ' ', penaltyWords(link))));
}
