// SPDX-License-Identifier: Apache-2.0
// Beside the map: what is chosen there - nothing (what is wrong in all of it), a KMA, or a link.
import { h } from '../base/dom.js';
import { NONE, ageElement, counted, identifier, number } from '../base/format.js';
import { emptyBlock } from '../parts/empty.js';
import { fact } from '../parts/fact.js';
import { createKmaPicker } from '../parts/kma_picker.js';
import { penaltyWords } from '../parts/penalty.js';
import { badge, linkBadge, linkRank } from '../parts/state_badge.js';
import { whyNot } from '../service/session.js';
import { linkTo } from '../views/index.js';
import { stateBadge } from './legend.js';

const LISTED_MAX = 50;

/**
 * What the panel may do.
 * @typedef {{ choose: (id: string | null, second?: boolean) => void, chooseLink: (id: string) => void,
 *   focus: (hops: number) => void, togglePin: (id: string) => void, pairWith: (id: string) => void }} Actions
 */

/** A KMA's or a link's name that chooses it. */
export function chooser(id, act, label) {
  return h('button', { type: 'button', class: 'link-button', on: { click: act } }, label ?? identifier(id, { max: 28 }));
}

function button(label, act, { disabled = '', pressed = null } = {}) {
  return h('button', { type: 'button', class: 'button small', 'aria-pressed': pressed, 'aria-disabled': disabled !== '' ? 'true' : null, title: disabled || null,
    on: { click: () => disabled === '' && act() } }, label);
}

function cut(items, render) {
  return [...items.slice(0, LISTED_MAX).map(render),
    items.length > LISTED_MAX && h('li', { class: 'hint' }, `and ${number(items.length - LISTED_MAX)} more: the tables below have all`)];
}

function linkList(links, word, actions) {
  return links.length > 0 && h('section', {}, h('h3', {}, counted(links.length, 'link is', 'links are'), ` ${word}`), h('ul', { class: 'map-list' },
    cut(links, (link) => h('li', {}, chooser(link.id, () => actions.chooseLink(link.id)), h('span', { class: 'hint' },
      identifier(link.item.a, { max: 16 }), ' \u2013 ', identifier(link.item.b, { max: 16 }))))));
}

/** Nothing is chosen: trouble, worst first. @param {import('./model.js').Model} model @param {Actions} actions @param {number} nowMs */
export function overviewPanel(model, actions, nowMs) {
  const bad = model.nodes.filter((node) => node.state === 'disconnected');
  const [down, penalised] = [0, 1].map((rank) => model.links.filter((link) => linkRank(link.item) === rank));
  const counts = model.counts();
  return [
    h('h2', {}, 'Network'),
    h('p', {}, `${counted(model.nodes.length, 'KMA')}, ${number(counts.connected)} connected; ${counted(model.links.length, 'link')}, ${number(counts.up)} up.`),
    model.links.length === 0 && h('p', { class: 'partial-line' }, 'There are no links yet: they come from [link] sections of the configuration, or from ',
      h('code', {}, 'PUT /api/v1/links'), ' of an orchestrator. Until then the map can only list the KMAs.'),
    bad.length === 0 && down.length + penalised.length === 0 && model.links.length > 0
      && emptyBlock({ title: 'Nothing is wrong', detail: 'Every KM is connected, every link is up and not penalised.' }),
    linkList(down, 'down', actions),
    bad.length > 0 && h('section', {}, h('h3', {}, counted(bad.length, 'KMA is', 'KMAs are'), ' not connected'), h('ul', { class: 'map-list' },
      cut(bad, (node) => h('li', {}, chooser(node.id, () => actions.choose(node.id)), h('span', { class: 'hint' },
        node.since ? ['for ', ageElement(node.since, nowMs)] : 'not since the bridge started'))))),
    linkList(penalised, 'penalised', actions),
    h('p', { class: 'hint' }, 'Choose a KMA on the map or in the tables; a second one with Shift shows the way between the two.'),
  ];
}

function neighbour(model, node, index, actions) {
  const link = model.links[index];
  const end = model.nodes[model.otherEnd(link, node.index)];
  return h('li', {}, chooser(end.id, () => actions.choose(end.id)), linkBadge(link.item),
    h('span', { class: 'hint' }, chooser(link.id, () => actions.chooseLink(link.id), ['by ', identifier(link.id, { max: 20 })]),
      `, ${link.stock === null ? 'stock not known' : counted(link.stock, 'key')}`));
}

/**
 * @param {{ model: import('./model.js').Model, node: import('./model.js').Node, hops: number, pinned: boolean, nowMs: number,
 *   signal: AbortSignal }} about
 * @param {Actions} actions
 */
export function nodePanel({ model, node, hops, pinned, nowMs, signal }, actions) {
  const address = node.kmId === null ? null : linkTo(`/kms/${encodeURIComponent(node.kmId)}`);
  const links = [...node.links].sort((left, right) => linkRank(model.links[left].item) - linkRank(model.links[right].item) || left - right);
  const picker = createKmaPicker({ label: 'Way to', hint: 'Or Shift and a click on the map', signal, onInput: (value) => {
    if (value !== node.id && model.node(value) !== null) actions.pairWith(value);
  } });
  return [
    h('h2', {}, identifier(node.id)),
    h('dl', { class: 'facts' },
      fact('State', stateBadge(node.state)),
      fact('KM', node.kmId === null ? 'none is enrolled; only links name it' : h(address ? 'a' : 'span', { href: address }, identifier(node.kmId))),
      fact('Since', node.since ? ageElement(node.since, nowMs) : NONE),
      fact('Place', pinned ? 'pinned by hand' : 'by the layout')),
    h('div', { class: 'map-actions' },
      button(pinned ? 'Unpin' : 'Pin here', () => actions.togglePin(node.id), { disabled: whyNot('orchestrator'), pressed: String(pinned) }),
      [1, 2, 3].map((depth) => button(counted(depth, 'hop'), () => actions.focus(hops === depth ? 0 : depth), { pressed: String(hops === depth) })),
      button('Clear', () => actions.choose(null))),
    picker.element,
    h('h3', {}, counted(links.length, 'link')),
    links.length > 0 ? h('ul', { class: 'map-list' }, cut(links, (index) => neighbour(model, node, index, actions)))
      : h('p', { class: 'hint' }, 'No link names it: no way leads from or to it.'),
  ];
}

/** What relays can still take of a link, and what they took. */
function budget(item) {
  const { key_stock: told, key_available: available, key_reserved: reserved, key_used: used, key_rate: rate, key_capacity: capacity } = item;
  const notKnown = 'not known: nobody told';
  return [
    ['Keys available', told === null ? `${notKnown}, so that none is counted` : available === 0 ? badge('bad', '0: no relay is sent over it') : `${number(available ?? told)}, of a stock of ${number(told)} when it was told`],
    ['Reserved', `${counted(reserved ?? 0, 'key')} of relays under way`],
    ['Used', `${counted(used ?? 0, 'key')} since the bridge was started`],
    ['Made', rate === null ? notKnown : `${counted(rate, 'key')} an hour${(capacity ?? null) === null ? '' : `, up to ${number(capacity)}`}`],
  ];
}

/** @param {{ model: import('./model.js').Model, link: import('./model.js').Link, nowMs: number }} about @param {Actions} actions */
export function linkPanel({ model, link, nowMs }, actions) {
  const edit = linkTo(`/links?link=${encodeURIComponent(link.id)}`);
  const end = (index) => chooser(model.nodes[index].id, () => actions.choose(model.nodes[index].id));
  return [
    h('h2', {}, 'Link ', identifier(link.id)),
    h('dl', { class: 'facts' },
      fact('State', linkBadge(link.item), link.penalised && [' ', penaltyWords(link.item)]),
      fact('Between', end(link.a), ' and ', end(link.b)),
      fact('Cost', number(link.cost)),
      budget(link.item).map(([name, value]) => fact(name, value)),
      fact('Origin', identifier(link.item.origin)),
      fact('Changed', ageElement(link.item.changed_at, nowMs))),
    h('div', { class: 'map-actions' },
      edit && h('a', { class: 'button small', href: edit }, 'Edit'),
      button('Way between its ends', () => {
        actions.choose(model.nodes[link.a].id);
        actions.pairWith(model.nodes[link.b].id);
      }),
      button('Clear', () => actions.choose(null))),
  ];
}
