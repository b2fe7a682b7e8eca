// SPDX-License-Identifier: Apache-2.0
// One relay or lookup: what it is now, all that happened, and why it went this way and no other.
import { h, replace } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { actButton } from '../parts/act_button.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { requestBadge } from '../parts/state_badge.js';
import { live, subscribe } from '../service/live.js';
import { policyFor } from '../service/policy.js';
import { deadlineOf, timeLeft, whatThen } from './deadline.js';
import { openDecision } from './decide_dialog.js';
import { awaited, extensionSection, factsSection, pathSection, timelineSection } from './detail_parts.js';
import { routesTold, story } from './explain.js';
import { explanationTold } from './explanation.js';
import { isHeld } from './kinds.js';
import { computePaths, pathsTold, readRequest } from './paths_found.js';

const REREAD_MS = 150;
const REDRAW_MS = 500;

/**
 * @param {import('./kinds.js').Kind} kind
 * @returns {import('../views/index.js').View}
 */
export function requestDetailView(kind) {
  return { mount: (container, context) => ({ view: new DetailView(kind, container, context) }) };
}

class DetailView {
  constructor(kind, container, { place, setTitle, signal, onEnd }) {
    this.kind = kind;
    this.id = place.parameters.id;
    this.name = `${kind.title.slice(0, -1)} ${this.id}`;
    this.signal = signal;
    this.item = null;
    this.missing = false; // the bridge knows none of that ID
    this.computed = null; // what POST /paths has answered
    this.rereadTimer = 0;
    this.routesTimer = 0;
    setTitle(this.name);
    this.build(container);
    this.follow(onEnd);
    this.read();
  }

  build(container) {
    const { kind } = this;
    this.badgePlace = h('span', { class: 'head-badge' });
    this.held = h('div', { class: 'held-banner', hidden: true });
    this.body = h('div', { class: 'detail' }, loadingBlock());
    this.paths = h('div', {});
    this.routes = h('div', {});
    this.asOfNow = h('details', { class: 'as-of-now', on: { toggle: () => this.asOfNow.open && this.computed === null && this.compute() } },
      h('summary', {}, h('h2', {}, 'If it came now')),
      h('section', {}, h('h3', {}, 'Installed routes to its destination'), this.routes),
      h('section', {}, h('h3', {}, 'What would be computed'), this.paths, h('button', { type: 'button', class: 'button small', on: { click: () => this.compute() } }, 'Compute again')));
    replace(container, h('p', { class: 'crumbs' }, h('a', { href: `/${kind.resource}` }, kind.title)),
      h('div', { class: 'view-head' }, h('h1', {}, kind.title.slice(0, -1), ' ', identifier(this.id)), this.badgePlace), this.held, this.body);
  }

  follow(onEnd) {
    onEnd(subscribe(this.kind.resource, (change) => this.onLive(change)));
    onEnd(subscribe(['routes', 'links', 'kms'], () => { this.routesTimer ||= setTimeout(() => this.drawRoutes(), REDRAW_MS); }));
    const timer = setInterval(() => {
      if (this.item !== null && isHeld(this.item)) this.tick();
    }, REDRAW_MS);
    onEnd(() => {
      clearInterval(timer);
      clearTimeout(this.rereadTimer);
      clearTimeout(this.routesTimer);
    });
  }

  async read() {
    try {
      const found = await readRequest(this.kind, this.id, this.signal);
      const isFirst = this.item === null;
      this.item = found;
      this.missing = false;
      if (isFirst) this.asOfNow.open = !found.explanation; // which is all that can be told of why
      this.draw();
    } catch (problem) {
      this.missing = problem.status === 404;
      if (problem.kind !== 'aborted' && this.item === null) replace(this.body, problemBlock(problem, () => this.read()));
    }
  }

  async compute() {
    const { source_kma_id: source, destination_kma_id: destination } = this.item;
    if (!source || !destination) {
      replace(this.paths, h('p', { class: 'hint' }, 'Source and destination are not both known: nothing can be computed.'));
      return;
    }
    replace(this.paths, loadingBlock(3));
    try {
      this.computed = await computePaths(source, destination, this.signal);
      this.drawPaths();
    } catch (problem) {
      if (problem.kind !== 'aborted') replace(this.paths, problemBlock(problem, () => this.compute()));
    }
  }

  why() {
    const { kind, item } = this;
    const isRelay = kind.one === 'relay';
    return [
      h('section', {}, h('h2', {}, isRelay ? 'Why this way' : 'Why these'), isRelay && story(item, live.data.routes), explanationTold(item, kind)),
      isRelay && this.asOfNow,
    ];
  }

  draw() {
    const { kind, item } = this;
    replace(this.badgePlace, requestBadge(item.state));
    this.drawHeld();
    this.drawRoutes();
    this.drawPaths();
    replace(this.body, h('div', { class: 'column' }, factsSection(kind, item), timelineSection(item), extensionSection(item)),
      h('div', { class: 'column' }, pathSection(kind, item), this.why()));
  }

  drawPaths() {
    if (this.computed !== null) replace(this.paths, pathsTold(this.computed, this.item.path));
  }

  drawRoutes() {
    this.routesTimer = 0;
    if (this.item !== null && this.kind.one === 'relay') replace(this.routes, routesTold(this.item, live.data, live.now()));
  }

  drawHeld() {
    const { held, item } = this;
    held.hidden = !isHeld(item);
    if (isHeld(item)) replace(held, h('span', { class: 'countdown' }), actButton({ label: 'Decide', about: this.name.toLowerCase(), run: () => this.decide() }));
    this.tick();
  }

  tick() {
    const { status } = live.data;
    const words = this.held.querySelector('.countdown');
    if (words && status) words.textContent = `Held: ${timeLeft(deadlineOf(awaited(this.item), live.data), live.now())}; ${whatThen(policyFor(this.item, live.data))}.`;
  }

  async decide() {
    const decided = await openDecision(this.kind, awaited(this.item));
    if (decided) this.item = { ...this.item, ...decided };
    if (!this.signal.aborted) this.read();
  }

  onLive({ ids }) {
    if (ids !== null && !ids.has(this.id)) return;
    this.rereadTimer ||= setTimeout(() => {
      this.rereadTimer = 0;
      if (!this.missing || live.data[this.kind.resource].has(this.id)) this.read();
    }, REREAD_MS);
  }
}
