// SPDX-License-Identifier: Apache-2.0
// One route: what it says, whether it can be used hop by hop, what goes before it, and what can be done with it.
import { h, replace } from '../base/dom.js';
import { NONE, counted, identifier, number, safe, timeElement } from '../base/format.js';
import { openEditor } from '../config/editor.js';
import { ROUTES } from '../config/kinds.js';
import { copyObject, deleteObject, editObject } from '../config/open.js';
import { leaseLeft } from '../config/route_rows.js';
import { createUndoBar } from '../config/undo_bar.js';
import { usabilityOf } from '../config/usability.js';
import { actButton } from '../parts/act_button.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { fact } from '../parts/fact.js';
import { isTyping } from '../parts/help.js';
import { badge, kmBadge, linkBadge } from '../parts/state_badge.js';
import { kmLink, mapLink, routeLink } from '../requests/links.js';
import { judgeRoutes, sourceOf, surveyOf } from '../requests/route_judge.js';
import { get, path } from '../service/api.js';
import { live, subscribe } from '../service/live.js';
import { may } from '../service/session.js';

const TICK_MS = 1000;
const USES_MS = 5000;
const BESIDE_MAX = 20;

function linksBetween(a, b) {
  return [...live.data.links.values()].filter((link) => (link.a === a && link.b === b) || (link.a === b && link.b === a))
    .sort((left, right) => Number(right.state === 'up') - Number(left.state === 'up') || left.cost - right.cost);
}

const keysOf = (link) => link.key_available ?? link.key_stock;

function linkWords(links) {
  if (links.length === 0) return badge('warning', 'no link known');
  return links.map((link) => h('span', { class: 'hop-link' }, linkBadge(link), ' ', identifier(link.link_id, { max: 24 }), h('span', { class: 'aside' }, ` cost ${number(link.cost)}${keysOf(link) === null ? '' : `, ${counted(keysOf(link), 'key')}`}`)));
}

function kmWords(survey, kma) {
  const km = survey.owner(kma);
  if (km) return [kmBadge(km, live.now()), ' ', kmLink(km.km_id, { max: 28 })];
  return survey.knows(kma) ? h('span', { class: 'none' }, 'no KM has it') : badge('bad', 'unknown KMA');
}

function pathTable(survey, kmas) {
  return h('table', { class: 'hops-table' }, h('caption', { class: 'visually-hidden' }, 'The path, hop by hop'),
    h('thead', {}, h('tr', {}, ['KMA', 'KM', 'Link from the one before'].map((label) => h('th', { scope: 'col' }, label)))),
    h('tbody', {}, kmas.map((kma, i) => h('tr', {}, h('th', { scope: 'row' }, identifier(kma, { max: 32 })), h('td', { dataset: { label: 'KM' } }, kmWords(survey, kma)),
      h('td', { dataset: { label: 'Link' } }, i === 0 ? h('span', { class: 'none' }, 'source') : linkWords(linksBetween(kmas[i - 1], kma)))))));
}

function hopsTable(survey, hops) {
  return h('table', { class: 'hops-table' }, h('caption', { class: 'visually-hidden' }, 'Next hops, by KMA'),
    h('thead', {}, h('tr', {}, ['At', 'KM', 'Next, best first'].map((label) => h('th', { scope: 'col' }, label)))),
    h('tbody', {}, Object.entries(hops).map(([kma, next]) => h('tr', {}, h('th', { scope: 'row' }, identifier(kma, { max: 32 })), h('td', { dataset: { label: 'KM' } }, kmWords(survey, kma)),
      h('td', { dataset: { label: 'Next' } }, h('ol', { class: 'next-list' }, next.map((one) => h('li', {}, identifier(one, { max: 32 }), ' ', linkWords(linksBetween(kma, one))))))))));
}

/** Who else serves the same two, in the order in which they are asked. */
function besideView(route) {
  if (!route.path) return null;
  const judged = judgeRoutes(live.data, { source_kma_id: sourceOf(route), destination_kma_id: route.destination_kma_id, route_id: null }, live.now())
    .filter((one) => one.route.path && sourceOf(one.route) === sourceOf(route));
  if (judged.length < 2) return null;
  return h('section', { class: 'panel' }, h('h2', {}, 'Routes between the two'),
    h('ol', { class: 'beside' }, judged.slice(0, BESIDE_MAX).map((one) => h('li', {}, one.route === route ? h('strong', {}, identifier(one.route.route_id)) : routeLink(one.route.route_id),
      ` \u00b7 priority ${number(one.route.priority)} \u00b7 `, h('bdi', {}, safe(one.words))))),
    judged.length > BESIDE_MAX && h('p', { class: 'hint' }, `and ${judged.length - BESIDE_MAX} more`));
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: 'e', what: 'Edit the route' }],
  mount(container, { place, go, setTitle, signal, onEnd }) {
    const { id } = place.parameters;
    let uses = null;
    let shown = '';
    const head = h('div', { class: 'view-head' });
    const body = h('div', {}, loadingBlock());
    const lease = h('span');
    setTitle(`Route ${safe(id)}`);
    replace(container, h('p', { class: 'crumbs' }, h('a', { href: '/routes' }, 'Routes')), head, createUndoBar(onEnd), body);

    async function remove() {
      if ((await deleteObject(ROUTES, id)) === null && !signal.aborted) go('/routes');
    }

    async function copy() {
      const made = await copyObject(ROUTES, live.data.routes.get(id));
      if (made && !signal.aborted) go(ROUTES.address(made.route_id));
    }

    function actions() {
      return h('span', { class: 'view-actions' }, actButton({ label: 'Edit', run: () => editObject(ROUTES, id), about: `route ${safe(id)}` }),
        actButton({ label: 'Copy', kind: 'plain', hide: true, run: copy, about: `route ${safe(id)}` }), actButton({ label: 'Delete', kind: 'danger', hide: true, run: remove, about: `route ${safe(id)}` }));
    }

    function drawHead(route, usability) {
      replace(head, h('h1', {}, 'Route ', identifier(id, { max: 60 })), usability && badge(usability.tone, usability.word), route && actions());
    }

    function drawGone() {
      drawHead(null, null);
      replace(body, emptyBlock({ title: 'There is no such route', detail: 'It may have been deleted, or its lease may have ended.',
        action: may(ROUTES.role) ? { label: 'New route', run: () => openEditor(ROUTES, {}) } : undefined }));
    }

    function facts(route) {
      return h('section', { class: 'panel' }, h('h2', {}, 'What it says'), h('dl', { class: 'facts' },
        fact('From', sourceOf(route) === null ? 'anywhere' : identifier(sourceOf(route))), fact('To', identifier(route.destination_kma_id)),
        fact('Priority', number(route.priority)), fact('Lease', lease), fact('Origin', identifier(route.origin)),
        fact('Decisions made', h('span', { class: 'uses' }, uses === null ? NONE : number(uses))), fact('Changed', route.changed_at ? timeElement(route.changed_at, live.now()) : NONE), fact('Revision', route.revision)));
    }

    function drawBody(route, usability, survey) {
      replace(body, h('div', { class: 'route-page' },
        usability.why.length > 0 && h('section', { class: `panel why-not ${usability.tone}` }, h('h2', {}, usability.word === 'in part' ? 'What of it cannot be used' : 'Why it is not used'),
          h('ul', {}, usability.why.map((words) => h('li', {}, h('bdi', {}, safe(words)))))),
        h('section', { class: 'panel' }, h('h2', {}, route.path ? 'Path' : 'Next hops'), route.path ? pathTable(survey, route.path) : hopsTable(survey, route.next_hops), route.path && mapLink(route.path, 'On the map')),
        facts(route), besideView(route)));
    }

    /** Only what differs is drawn: a page that is read keeps its selection and its focus. */
    function draw() {
      if (!live.synced) return;
      const route = live.data.routes.get(id);
      if (!route) {
        if (shown !== 'gone') drawGone();
        shown = 'gone';
        return;
      }
      const survey = surveyOf(live.data);
      const usability = usabilityOf(route, survey, live.now());
      const kmas = route.path ?? Object.entries(route.next_hops).flat(2);
      const wanted = JSON.stringify([route, usability, kmas.map((kma) => [survey.owner(kma)?.km_id, survey.owner(kma)?.enabled, survey.owner(kma)?.session.state]),
        [...live.data.links.values()].filter((link) => kmas.includes(link.a) && kmas.includes(link.b)), [...live.data.routes.values()].filter((other) => other.destination_kma_id === route.destination_kma_id).map((other) => other.revision)]);
      if (wanted === shown) return;
      const before = container.contains(document.activeElement) ? document.activeElement.textContent : null;
      shown = wanted;
      drawHead(route, usability);
      drawBody(route, usability, survey);
      tick();
      if (before !== null && !container.contains(document.activeElement)) [...container.querySelectorAll('a, button')].find((one) => one.textContent === before)?.focus();
    }

    function tick() {
      const route = live.data.routes.get(id);
      if (route) replace(lease, leaseLeft(route.valid_until));
    }

    async function readUses() {
      if (document.visibilityState !== 'visible') return;
      const now = await get(path`/routes/${id}`, { signal }).catch(() => null);
      if (now === null || signal.aborted) return;
      uses = now.uses;
      const element = body.querySelector('.uses');
      if (element) replace(element, number(uses));
    }

    addEventListener('keydown', (event) => {
      if (event.key !== 'e' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]') || !may(ROUTES.role) || !live.data.routes.has(id)) return;
      event.preventDefault();
      editObject(ROUTES, id);
    }, { signal });
    onEnd(subscribe(['routes', 'links', 'kms'], draw));
    const timers = [setInterval(() => { draw(); tick(); }, TICK_MS), setInterval(readUses, USES_MS)];
    onEnd(() => timers.forEach(clearInterval));
    draw();
    if (live.data.routes.has(id)) readUses();
    return {};
  },
};
