// SPDX-License-Identifier: Apache-2.0
// One relay or lookup: what it is now, all that happened, and why it went this way and no other.
import { h, replace } from '../base/dom.js';
import { NONE, duration, identifier, timeElement } from '../base/format.js';
import { actButton } from '../parts/act_button.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { fact } from '../parts/fact.js';
import { pathList } from '../parts/path_list.js';
import { requestBadge } from '../parts/state_badge.js';
import { timeline } from '../parts/timeline.js';
import { live, subscribe } from '../service/live.js';
import { spanOf, target } from './columns.js';
import { deadlineOf, timeLeft, whatThen } from './deadline.js';
import { openDecision } from './decide_dialog.js';
import { routesTold, story } from './explain.js';
import { isHeld } from './kinds.js';
import { kmLink, mapLink, routeLink } from './links.js';
import { computePaths, pathsTold, readRequest } from './paths_found.js';
import { deciderWords, reasonWords } from './words.js';

const TONES = { received: 'neutral', awaiting_decision: 'warning', instructed: 'busy', succeeded: 'good', answered: 'good', failed: 'bad', rejected: 'off', expired: 'bad', orphaned: 'bad' };
const STEP_WORDS = { instructed: 'its path was given to the KM', succeeded: 'the KM said so' };
const REREAD_MS = 150;
const REDRAW_MS = 500;

function factsOf(kind, item) {
  const none = () => h('span', { class: 'none' }, NONE);
  return [
    ['From', identifier(item.source_kma_id)],
    kind.one === 'lookup' && ['Asked at', identifier(item.current_kma_id)],
    ['To', target(item)],
    ['KM', kmLink(item.km_id)],
    ['Decided by', item.decided_by ? deciderWords(item.decided_by) : none()],
    item.route_id && ['Route', routeLink(item.route_id)],
    item.reason && ['Reason', [h('span', { class: 'code' }, item.reason), reasonWords(item.reason) && `: ${reasonWords(item.reason)}`]],
    ['Received', timeElement(item.received_at, live.now())],
    ['Ended', item.ended_at ? [timeElement(item.ended_at, live.now()), ` after ${duration(spanOf(item))}`] : none()],
    kind.one === 'relay' && ['Sent to the KM', item.sent ? 'yes' : 'no'],
    ['Message ID', String(item.message_id ?? NONE)],
  ].filter(Boolean);
}

function facts(kind, item) {
  return h('dl', { class: 'facts' }, factsOf(kind, item).map(([name, value]) => fact(name, value)));
}

function pathSection(kind, item) {
  const kmas = kind.one === 'relay' ? item.path : item.next_kma_ids;
  const label = kind.one === 'relay' ? 'Path' : 'Next hops, best first';
  return h('section', {}, h('h2', {}, label),
    kmas.length === 0 ? h('p', { class: 'hint' }, kind.one === 'relay' ? (item.ended_at ? 'None was decided.' : 'None is decided yet.') : item.ended_at ? 'None was given.' : 'None yet.') : pathList(kmas, { label, max: 40 }),
    kind.one === 'relay' && kmas.length > 0 && mapLink(kmas, 'Show on the map'));
}

function stepsOf(kind, item) {
  if (item.timeline) return item.timeline;
  const ended = item.ended_at && { time: item.ended_at, state: item.state, reason: item.reason };
  return [{ time: item.received_at, state: 'received', reason: null }, ended].filter(Boolean);
}

function timelineSection(kind, item) {
  return h('section', {}, h('h2', {}, 'What happened'), timeline(stepsOf(kind, item).map((step) => ({
    time: step.time, tone: TONES[step.state] ?? 'neutral', what: step.state === 'awaiting_decision' ? 'held for a decision' : step.state,
    detail: step.reason ? [h('span', { class: 'code' }, step.reason), reasonWords(step.reason) && `: ${reasonWords(step.reason)}`] : STEP_WORDS[step.state],
  }))));
}

function extensionSection(item) {
  return item.extension !== null && item.extension !== undefined && h('section', {}, h('h2', {}, "The KM's extension"),
    h('pre', { class: 'json', tabindex: 0, role: 'region', 'aria-label': "The KM's extension" }, identifier(JSON.stringify(item.extension), { max: 4000 })));
}

/**
 * @param {import('./kinds.js').Kind} kind
 * @returns {import('../views/index.js').View}
 */
export function requestDetailView(kind) {
  return { mount: (container, context) => mount(kind, container, context) };
}

function mount(kind, container, { place, setTitle, signal, onEnd }) {
  const id = place.parameters.id;
  const name = `${kind.title.slice(0, -1)} ${id}`;
  const head = h('div', { class: 'view-head' }, h('h1', {}, kind.title.slice(0, -1), ' ', identifier(id)));
  const badgePlace = h('span', { class: 'head-badge' });
  const held = h('div', { class: 'held-banner', hidden: true });
  const body = h('div', { class: 'detail' }, loadingBlock());
  const paths = h('div', {});
  const routes = h('div', {});
  let item = null;
  let missing = false; // the bridge knows none of that ID
  let computed = null; // what POST /paths has answered
  let rereadTimer = 0;
  let routesTimer = 0;
  setTitle(name);
  head.append(badgePlace);
  replace(container, h('p', { class: 'crumbs' }, h('a', { href: `/${kind.resource}` }, kind.title)), head, held, body);

  async function read() {
    try {
      const found = await readRequest(kind, id, signal);
      const isFirst = item === null;
      item = found;
      missing = false;
      draw();
      if (isFirst && kind.one === 'relay') compute();
    } catch (problem) {
      missing = problem.status === 404;
      if (problem.kind !== 'aborted' && item === null) replace(body, problemBlock(problem, read));
    }
  }

  async function compute() {
    if (!item.source_kma_id || !item.destination_kma_id) {
      replace(paths, h('p', { class: 'hint' }, 'Source and destination are not both known: nothing can be computed.'));
      return;
    }
    replace(paths, loadingBlock(3));
    try {
      computed = await computePaths(item.source_kma_id, item.destination_kma_id, signal);
      drawPaths();
    } catch (problem) {
      if (problem.kind !== 'aborted') replace(paths, problemBlock(problem, compute));
    }
  }

  function explanation() {
    if (kind.one !== 'relay') return null;
    return [
      h('section', {}, h('h2', {}, 'Why this way'), story(item, live.data.routes)),
      h('section', {}, h('h2', {}, 'Installed routes to its destination'), routes),
      h('section', {}, h('h2', {}, 'What would be computed now'), paths, h('button', { type: 'button', class: 'button small', on: { click: compute } }, 'Compute again')),
    ];
  }

  function draw() {
    replace(badgePlace, requestBadge(item.state));
    drawHeld();
    drawRoutes();
    drawPaths();
    replace(body, h('div', { class: 'column' }, h('section', { 'aria-label': 'Facts' }, facts(kind, item)), timelineSection(kind, item), extensionSection(item)),
      h('div', { class: 'column' }, pathSection(kind, item), explanation()));
  }

  function drawPaths() {
    if (computed !== null) replace(paths, pathsTold(computed, item.path));
  }

  function drawRoutes() {
    routesTimer = 0;
    if (item !== null && kind.one === 'relay') replace(routes, routesTold(item, live.data, live.now()));
  }

  function drawHeld() {
    held.hidden = !isHeld(item);
    if (isHeld(item)) replace(held, h('span', { class: 'countdown' }), actButton({ label: 'Decide', about: name.toLowerCase(), run: decide }));
    tick();
  }

  function tick() {
    const { status } = live.data;
    const words = held.querySelector('.countdown');
    if (words && status) words.textContent = `Held: ${timeLeft(deadlineOf(awaited(), status), live.now())}; ${whatThen(status.decision)}.`;
  }

  function awaited() {
    const step = item.timeline?.find((each) => each.state === 'awaiting_decision');
    return step ? { ...item, awaiting_since: step.time } : item;
  }

  async function decide() {
    const decided = await openDecision(kind, awaited());
    if (decided) item = { ...item, ...decided };
    if (!signal.aborted) read();
  }

  function onLive({ ids }) {
    if (ids !== null && !ids.has(id)) return;
    rereadTimer ||= setTimeout(() => {
      rereadTimer = 0;
      if (!missing || live.data[kind.resource].has(id)) read();
    }, REREAD_MS);
  }

  onEnd(subscribe(kind.resource, onLive));
  onEnd(subscribe(['routes', 'links', 'kms'], () => { routesTimer ||= setTimeout(drawRoutes, REDRAW_MS); }));
  const timer = setInterval(() => {
    if (item !== null && isHeld(item)) tick();
  }, 500);
  onEnd(() => {
    clearInterval(timer);
    clearTimeout(rereadTimer);
    clearTimeout(routesTimer);
  });
  read();
  return {};
}
