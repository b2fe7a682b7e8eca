// SPDX-License-Identifier: Apache-2.0
// The network as a map: what is connected, which way a relay goes and why, and relays as they go.
import { h, replace, setText, uniqueId } from '../base/dom.js';
import { counted, number, safe } from '../base/format.js';
import { queryOf, stateOf } from '../base/query.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { announce, notify, notifyProblem } from '../parts/notice.js';
import { followFigures } from '../service/follow_figures.js';
import { live, subscribe } from '../service/live.js';
import { may, whyNot } from '../service/session.js';
import { linkRank } from '../parts/state_badge.js';
import { linkPanel, nodePanel, overviewPanel } from '../topology/detail_panel.js';
import { STATE_WORDS, createLegend } from '../topology/legend.js';
import { TopologyMap } from '../topology/map.js';
import { Model, filterNodes, searchNodes } from '../topology/model.js';
import { createPathPanel } from '../topology/path_panel.js';
import { createTables } from '../topology/tables.js';
import { createToolbar } from '../topology/toolbar.js';

const DEFAULTS = { a: '', b: '', path: [], link: '', overlay: 'state', state: '', km: '', q: '', hops: 0, relays: true, x: NaN, y: NaN, z: NaN };
const URL_MS = 250;
const PATHS_MS = 1000; // the ways are asked for anew at most so often
const LARGE_LINKS = 1000;
const NETWORK_MS = 500; // between two pictures of a large network
const AGES_MS = 1000;
const KEYS = [
  { keys: 'Arrow keys', what: 'On the map: to the neighbour that lies there' },
  { keys: 'Enter', what: 'Choose it; with Shift as the second, to see the way between both' },
  { keys: 'n, N', what: 'To the next or the previous KMA with trouble' },
  { keys: '+, \u2212, 0', what: 'Zoom in, out, to the whole' },
  { keys: 'Shift + arrow keys', what: 'Move the view' },
  { keys: 'p', what: 'Pin or unpin' },
  { keys: 'Esc', what: 'Choose nothing' },
];

const EMPTY = {
  title: 'There is no network yet',
  detail: ['KMAs come with the KMs that are enrolled ([km] sections of the configuration, or ', h('code', {}, 'PUT /api/v1/kms/{km_id}'),
    '), links from [link] sections or ', h('code', {}, 'PUT /api/v1/links/{link_id}'), ': two KMAs, a cost, and if it is known the key stock.'],
};

/** Of a node, for who cannot see it. */
function words(model, node) {
  const down = node.links.filter((index) => model.links[index].state === 'down').length;
  return `${safe(node.id)}, ${STATE_WORDS[node.state]}${node.kmId === null ? '' : `, KM ${safe(node.kmId)}`}, ${counted(node.links.length, 'link')}${down > 0 ? `, ${number(down)} down` : ''}`;
}

/** What the panel tells of the whole. */
function overviewOf(model) {
  const bad = model.nodes.filter((node) => node.state === 'disconnected').map((node) => [node.id, node.since]);
  return [model.nodes.length, model.counts(), bad, model.links.filter((link) => linkRank(link.item) < 2).map((link) => link.item)];
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

class TopologyView {
  constructor(container, context) {
    this.context = context;
    this.view = stateOf(context.place.query, DEFAULTS);
    this.panelEnd = null;
    this.timers = { url: 0, paths: 0, network: 0 };
    this.map = new TopologyMap(this.callbacks(), context.signal);
    this.build(container);
    this.readView();
    context.onEnd(subscribe(['kms', 'links'], () => this.planNetwork()));
    followFigures('links', context.signal);
    context.onEnd(subscribe(['routes', 'status'], (change) => change.ids !== null && this.planPaths()));
    context.onEnd(subscribe('events', ({ ids, events }) => this.takeEvents(ids === null ? [] : events)));
    const ages = setInterval(() => this.tables.refresh(), AGES_MS);
    context.onEnd(() => clearInterval(ages));
    this.map.pins.load().catch((problem) => notifyProblem(problem, 'The pins could not be read')).then(() => {
      if (context.signal.aborted) return;
      this.pinsRead = true;
      this.takeNetwork();
    });
    this.draw();
  }

  callbacks() {
    return {
      onChoose: (id, second) => this.choose(id, second),
      onChooseLink: (id) => this.chooseLink(id),
      onCursor: (id) => announce(words(this.model, this.model.node(id))),
      onCamera: () => this.noteCamera(),
      onClear: () => this.choose(null),
      onLayout: () => this.laidOut(),
      mayPin: () => this.mayPin(),
      onPinned: (id, pinned) => {
        announce(`${safe(id)} is ${pinned ? 'pinned' : 'not pinned any more'}`);
        this.draw();
      },
      onPinProblem: (problem) => notifyProblem(problem, 'The pins could not be saved'),
    };
  }

  get model() {
    return this.map.scene.model;
  }

  // ---- what is on the page

  build(container) {
    const { map } = this;
    const help = h('p', { id: uniqueId('map-help'), class: 'visually-hidden' }, 'Arrow keys go from KMA to KMA, Enter chooses, Shift and Enter chooses a second one, n goes to trouble, plus and minus zoom, 0 shows the whole, Escape chooses nothing. The tables below have the same.');
    for (const [name, value] of Object.entries({ role: 'application', 'aria-roledescription': 'map', 'aria-describedby': help.id })) map.stage.canvas.setAttribute(name, value);
    this.toolbar = createToolbar({ find: (text) => searchNodes(this.model, text),
      onPick: (id, second) => {
        this.choose(id, second);
        map.goTo(id);
        map.stage.canvas.focus({ preventScroll: true });
      },
      onChange: (change) => this.change(change) });
    this.legend = createLegend();
    this.flowLine = h('p', { class: 'map-flow-line', hidden: true });
    this.side = h('section', { class: 'panel map-side', 'aria-label': 'What is chosen' });
    map.stage.onFlowsOver = () => this.tellFlows();
    this.pathPanel = createPathPanel({ data: () => live.data, model: () => this.model, nowMs: live.now, signal: this.context.signal,
      onPaths: (paths) => map.setPaths(paths), swap: () => this.change({ a: this.view.b, b: this.view.a }), clear: () => this.choose(null),
      forgetGiven: () => this.change({ path: [] }), chooseLink: (id) => this.chooseLink(id) });
    this.tables = createTables({ nowMs: live.now, onNode: (id, second) => this.chooseFromTable(id, second), onLink: (id) => {
      this.chooseLink(id);
      this.showLink(id);
    } });
    this.waiting = loadingBlock(8);
    this.empty = h('div', { class: 'panel', hidden: true }, emptyBlock(EMPTY));
    this.body = h('div', { class: 'topology', hidden: true }, this.toolbar.element,
      h('div', { class: 'map-frame' }, map.stage.element, this.legend.element, this.flowLine, this.zoomButtons(), help),
      this.side, this.tables.element);
    container.append(h('h1', { class: 'visually-hidden' }, 'Topology'), this.waiting, this.empty, this.body);
  }

  zoomButtons() {
    const button = (label, text, act) => h('button', { type: 'button', class: 'button icon', 'aria-label': label, title: label, on: { click: act } }, text);
    return h('div', { class: 'map-zoom', role: 'group', 'aria-label': 'Zoom' }, button('Zoom in', '+', () => this.map.zoom(1.4)),
      button('Zoom out', '\u2212', () => this.map.zoom(1 / 1.4)), button('Show the whole', '\u2922', () => this.map.fit()),
      button('Arrange anew: all but what is pinned', '\u21bb', () => this.map.arrangeAnew()));
  }

  // ---- the network

  /** A small network at once, a large one now and then. */
  planNetwork() {
    if (this.timers.network !== 0) return;
    this.timers.network = setTimeout(() => this.takeNetwork(), this.drawn && this.model.links.length > LARGE_LINKS ? NETWORK_MS : 0);
  }

  takeNetwork() {
    clearTimeout(this.timers.network);
    this.timers.network = 0;
    if (!live.synced || !this.pinsRead) return;
    this.map.setModel(new Model(live.data.kms.values(), live.data.links.values()));
    if (this.map.asked === null) this.laidOut();
  }

  laidOut() {
    const first = !this.drawn;
    this.drawn = true;
    this.toolbar.setKms([...live.data.kms.keys()].sort());
    this.map.stage.canvas.setAttribute('aria-label', `Map of ${counted(this.model.nodes.length, 'KMA')} and ${counted(this.model.links.length, 'link')}`);
    this.applyView();
    if (first && this.map.fitted) this.map.fit(); // to what the focus has left
    this.planPaths();
  }

  takeEvents(events) {
    if (!this.view.relays || document.visibilityState === 'hidden') return;
    this.map.takeEvents(events);
    this.tellFlows();
  }

  tellFlows() {
    const { flows, undrawn } = this.map.flows;
    this.flowLine.hidden = flows.size === 0;
    setText(this.flowLine, `${counted(flows.size, 'relay')} shown${undrawn.size > 0 ? `, ${number(undrawn.size)} more under way` : ''}`);
  }

  // ---- the view's state

  readView() {
    const { x, y, z, path } = this.view;
    if (path.length > 0) Object.assign(this.view, { a: path[0], b: path.length > 1 ? path.at(-1) : '', link: '' });
    this.map.wantedCamera = [x, y, z].every(Number.isFinite) && z > 0 ? { x, y, scale: z } : null;
  }

  change(change) {
    if ('a' in change || 'link' in change) this.view.path = []; // another choice ends it
    const focus = change.hops !== undefined && change.hops !== this.view.hops;
    Object.assign(this.view, change);
    this.applyView();
    if (focus) this.map.fit();
    this.noteUrl();
  }

  noteUrl() {
    clearTimeout(this.timers.url);
    this.timers.url = setTimeout(() => this.context.setQuery(queryOf(this.view, DEFAULTS)), URL_MS);
  }

  noteCamera() {
    const { camera } = this.map.scene;
    const whole = this.map.fitted;
    Object.assign(this.view, whole ? { x: NaN, y: NaN, z: NaN } : { x: round(camera.x, 1), y: round(camera.y, 1), z: round(camera.scale, 3) });
    this.noteUrl();
  }

  /** The address has changed by other hands. */
  update(place) {
    this.view = stateOf(place.query, DEFAULTS);
    this.readView();
    this.map.settleCamera();
    this.applyView();
  }

  applyView() {
    if (!this.drawn) return;
    const { view, map, model } = this;
    const node = (id) => (id !== '' && model.node(id) !== null ? id : null);
    const selection = { a: node(view.a), b: node(view.b), link: model.link(view.link || null) === null ? null : view.link };
    map.setSelection({ ...selection, cursor: map.scene.selection.cursor ?? selection.a });
    if (map.scene.overlay !== view.overlay) map.scene.setOverlay(view.overlay);
    map.setLook(filterNodes(model, { state: view.state, km: view.km, text: view.q }), this.near(selection));
    if (!view.relays) {
      map.flows.clear();
      this.flowLine.hidden = true;
    }
    this.draw();
  }

  near({ a, b, link }) {
    const { hops } = this.view;
    const from = link !== null ? [this.model.link(link).a, this.model.link(link).b] : [a, b].filter((id) => id !== null).map((id) => this.model.node(id).index);
    if (hops === 0 || from.length === 0) return null;
    const distance = this.model.hops(from, hops);
    const near = Uint8Array.from(distance, (each) => Number(each <= hops));
    for (const path of this.map.scene.paths) for (const index of path.nodes) near[index] = 1;
    return near;
  }

  choose(id, second = false) {
    const { a } = this.view;
    if (id !== null) this.map.scene.selection.cursor = id;
    if (id === null) this.change({ a: '', b: '', link: '', hops: 0 });
    else if (second && a !== '' && a !== id && this.model.node(a) !== null) this.change({ a, b: id, link: '' });
    else this.change({ a: id, b: '', link: '' });
    if (id !== null) announce(`Chosen: ${words(this.model, this.model.node(id))}`);
  }

  chooseLink(id) {
    this.change({ a: '', b: '', link: id });
    announce(`Chosen: link ${safe(id)}`);
  }

  chooseFromTable(id, second) {
    this.choose(id, second);
    this.map.bringIntoView(id);
  }

  showLink(id) {
    const link = this.model.link(id);
    if (link !== null) for (const end of [link.a, link.b]) this.map.bringIntoView(this.model.nodes[end].id);
  }

  mayPin() {
    if (may('orchestrator')) return true;
    if (!this.told) notify(`The map moves, the KMA does not. ${whyNot('orchestrator')}`);
    this.told = true;
    return false;
  }

  // ---- drawing

  draw() {
    const none = this.drawn && this.model.nodes.length === 0;
    this.waiting.hidden = Boolean(this.drawn);
    this.empty.hidden = !none;
    this.body.hidden = !this.drawn || none;
    if (!this.drawn || none) return;
    const { scene } = this.map;
    this.toolbar.set(this.view, scene);
    this.legend.set(scene);
    this.tables.set(scene);
    this.drawSide(scene.selection);
  }

  drawSide({ a, b, link }) {
    if (a !== null && b !== null) {
      if (!this.side.contains(this.pathPanel.element)) replace(this.side, this.pathPanel.element);
      this.sideText = null;
      this.pathPanel.set(a, b, this.view.path);
      return;
    }
    if (this.side.contains(this.pathPanel.element)) {
      this.pathPanel.close();
      this.map.setPaths([]);
    }
    this.drawDetail(a, link);
  }

  drawDetail(a, link) {
    const { model } = this;
    const text = JSON.stringify([link, this.view.hops, may('orchestrator'), link !== null ? model.link(link).item : a !== null ? this.shownOf(model.node(a)) : overviewOf(model)]);
    if (text === this.sideText) return; // what is being read, or typed into, is left alone
    this.sideText = text;
    this.panelEnd?.abort();
    this.panelEnd = new AbortController();
    const nowMs = live.now();
    const actions = { choose: (id, second) => this.choose(id, second), chooseLink: (id) => this.chooseLink(id), focus: (hops) => this.change({ hops }),
      togglePin: (id) => this.map.togglePin(id), pairWith: (id) => this.choose(id, true) };
    if (link !== null) replace(this.side, linkPanel({ model, link: model.link(link), nowMs }, actions));
    else if (a === null) replace(this.side, overviewPanel(model, actions, nowMs));
    else replace(this.side, nodePanel({ model, node: model.node(a), hops: this.view.hops, pinned: this.map.pins.all.has(a), nowMs, signal: this.panelEnd.signal }, actions));
  }

  /** What the panel tells of a node. */
  shownOf(node) {
    const { model } = this;
    return [node.id, node.state, node.kmId, node.since, this.map.pins.all.has(node.id),
      node.links.map((index) => [model.links[index].id, model.otherEnd(model.links[index], node.index), linkRank(model.links[index].item), model.links[index].stock])];
  }

  /** The network or the routes have changed: so may the way have. */
  planPaths() {
    if (this.timers.paths !== 0 || !this.side.contains(this.pathPanel.element)) return;
    this.timers.paths = setTimeout(() => {
      this.timers.paths = 0;
      if (this.side.contains(this.pathPanel.element)) this.pathPanel.refresh();
    }, PATHS_MS);
  }

  close() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.panelEnd?.abort();
    this.pathPanel.close();
    this.map.close();
  }
}

/** @type {import('./index.js').View} */
export default {
  keys: KEYS,
  mount(container, context) {
    const view = new TopologyView(container, context);
    return { update: (place) => view.update(place), unmount: () => view.close() };
  },
};
