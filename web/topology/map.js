// SPDX-License-Identifier: Apache-2.0
// The map as one piece: graph, layout, pins, camera, canvases and hands, and what others may ask of it.
import { Flows } from './flows.js';
import { Input } from './input.js';
import { LayoutClient } from './layout_client.js';
import { Model } from './model.js';
import { followPalette } from './palette.js';
import { Pins } from './pins.js';
import { DIMMED, HIDDEN, SHOWN, Scene } from './scene.js';
import { Stage } from './stage.js';

const GO_SCALE = 1; // at least, when a node is gone to
const EDGE = 60; // pixels that the cursor's node keeps from the border

/**
 * @typedef {{ onChoose: (id: string | null, second: boolean) => void, onChooseLink: (id: string) => void,
 *   onCursor: (id: string) => void, onCamera: () => void, onClear: () => void, onLayout: () => void,
 *   mayPin: () => boolean, onPinned: (id: string, pinned: boolean) => void,
 *   onPinProblem: (problem: import('../service/api.js').Problem) => void }} Callbacks
 */

export class TopologyMap {
  /** @param {Callbacks} callbacks @param {AbortSignal} signal */
  constructor(callbacks, signal) {
    this.callbacks = callbacks;
    this.scene = new Scene();
    this.reduced = matchMedia('(prefers-reduced-motion: reduce)');
    this.flows = new Flows(this.reduced.matches);
    this.layout = new LayoutClient();
    this.pins = new Pins(signal, callbacks.onPinProblem);
    this.pins.onSaved = () => this.stage.element.setAttribute('data-pins', 'saved');
    this.stage = new Stage(this.scene, this.flows, {});
    this.stage.element.topologyMap = this; // for tests, and whoever debugs
    this.palette = followPalette(this.stage.element, () => this.stage.invalidate());
    this.stage.colours = this.palette.colours;
    this.input = new Input(this.stage.canvas, this.scene, this.owner());
    /** Where the camera was told to be before there was anything to see; null: at the whole. */ this.wantedCamera = null;
    this.fitted = false;
    /** The newest that was given. */ this.latest = this.scene.model;
    /** The one whose layout is awaited. @type {Model | null} */ this.asked = null;
    this.free = new Map(); // where the layout had put what is pinned now
    this.stage.onResize = (first) => {
      if (first) this.palette.read();
      if (first || this.fitted) this.settleCamera();
    };
    this.reduced.addEventListener('change', () => {
      this.flows.still = this.reduced.matches;
    }, { signal });
  }

  /** @private */
  owner() {
    const { callbacks } = this;
    return {
      choose: callbacks.onChoose,
      chooseLink: callbacks.onChooseLink,
      clear: callbacks.onClear,
      cursor: (id) => this.moveCursor(id),
      hover: (id) => this.setHover(id),
      drag: (id, x, y) => this.drag(id, x, y),
      drop: (id) => this.drop(id),
      mayDrag: callbacks.mayPin,
      moved: () => this.cameraMoved(),
      fit: () => this.fit(),
      togglePin: (id) => this.togglePin(id),
      trouble: (step) => this.goToTrouble(step),
    };
  }

  // ---- the graph

  /**
   * What the bridge knows now. Nodes stay where they are; newcomers get a place beside their neighbours.
   * @param {Model} model @param {{ anew?: boolean }} [options] `anew`: all are placed anew, but those that are pinned
   * @returns {Promise<void>} when it is on the map; never, when another has come meanwhile
   */
  async setModel(model, { anew = false } = {}) {
    const pending = this.asked !== null && this.asked.sameShape(model) && !anew;
    this.latest = model;
    if (pending) return;
    const { scene } = this;
    if (!anew && scene.model.sameShape(model) && scene.model.nodes.length > 0) {
      this.asked = null;
      this.show(model, { x: scene.x, y: scene.y });
      return;
    }
    this.asked = model;
    const known = anew || scene.model.nodes.length === 0 ? null : this.placesFor(model);
    const at = await this.layout.ask(model, known);
    if (this.asked !== model) return;
    this.asked = null;
    this.place(this.latest, at);
  }

  /** @private */
  place(model, at) {
    const first = this.scene.model.nodes.length === 0;
    model.nodes.forEach(({ id, index }) => {
      const pin = this.pins.all.get(id);
      if (!pin) return;
      if (!this.free.has(id)) this.free.set(id, { x: at.x[index], y: at.y[index] });
      at.x[index] = pin.x;
      at.y[index] = pin.y;
    });
    this.show(model, at);
    if (first) this.settleCamera();
    this.callbacks.onLayout();
  }

  /** @private */
  placesFor(model) {
    const { scene } = this;
    const old = model.nodes.map(({ id }) => scene.model.nodeIndex.get(id));
    return { x: Float64Array.from(old, (index) => (index === undefined ? NaN : scene.x[index])),
      y: Float64Array.from(old, (index) => (index === undefined ? NaN : scene.y[index])) };
  }

  /** @private */
  show(model, at) {
    this.scene.setGraph(model, at);
    this.scene.pins = new Set(this.pins.all.keys());
    this.stage.invalidate();
  }

  /** Places all nodes anew, but those that are pinned. */
  async arrangeAnew() {
    this.free.clear();
    await this.setModel(this.latest, { anew: true });
    this.fit();
  }

  /**
   * Which nodes are seen. @param {Uint8Array} matches by node: 1 of the filter's @param {Uint8Array | null} near by
   * node: 1 within the focus; null: all
   */
  setLook(matches, near) {
    const { look } = this.scene;
    for (let i = 0; i < look.length; i += 1) look[i] = near !== null && !near[i] ? HIDDEN : matches[i] ? SHOWN : DIMMED;
    this.stage.invalidate();
  }

  // ---- the camera

  /** @private */
  settleCamera() {
    if (this.scene.model.nodes.length === 0 || this.scene.camera.width <= 1) return;
    if (this.wantedCamera !== null) {
      Object.assign(this.scene.camera, this.wantedCamera);
      this.stage.invalidate();
    } else {
      this.fit();
    }
  }

  /** @private */
  cameraMoved() {
    this.fitted = false;
    this.wantedCamera = null;
    this.stage.moved();
    this.callbacks.onCamera();
  }

  /** All that is not hidden, or these nodes. @param {Set<number> | null} [indices] */
  fit(indices = null) {
    const box = this.scene.box(indices);
    if (box === null) return;
    this.scene.camera.fit(box);
    this.fitted = indices === null;
    this.wantedCamera = null;
    this.stage.moved();
    this.callbacks.onCamera();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.input.zoom(factor);
  }

  /** The node in the middle, near enough to be read. @param {string} id */
  goTo(id) {
    const node = this.scene.model.node(id);
    if (node === null) return;
    const { camera } = this.scene;
    camera.scale = Math.max(camera.scale, GO_SCALE);
    camera.x = this.scene.x[node.index];
    camera.y = this.scene.y[node.index];
    this.cameraMoved();
  }

  /** Moves the view only when the node is not within it. @param {string} id */
  bringIntoView(id) {
    const node = this.scene.model.node(id);
    if (node === null) return;
    const { camera } = this.scene;
    const x = camera.screenX(this.scene.x[node.index]);
    const y = camera.screenY(this.scene.y[node.index]);
    const dx = Math.max(0, EDGE - x) - Math.max(0, x - camera.width + EDGE);
    const dy = Math.max(0, EDGE - y) - Math.max(0, y - camera.height + EDGE);
    if (dx === 0 && dy === 0) return;
    camera.pan(dx, dy);
    this.cameraMoved();
  }

  // ---- selection

  /** @param {Partial<import('./scene.js').Selection>} selection */
  setSelection(selection) {
    Object.assign(this.scene.selection, selection);
    this.stage.invalidate();
  }

  /** @param {import('./path_panel.js').DrawnPath[]} paths */
  setPaths(paths) {
    this.scene.setWays(paths);
    this.stage.invalidate();
  }

  /** @private */
  setHover(id) {
    if (this.scene.hover === id) return;
    this.scene.hover = id;
    this.stage.canvas.classList.toggle('over-node', id !== null);
    this.stage.invalidate(this.scene.camera.scale < 0.55 ? 'both' : 'upper');
  }

  /** @private */
  moveCursor(id) {
    this.scene.selection.cursor = id;
    this.bringIntoView(id);
    this.stage.invalidate();
    this.callbacks.onCursor(id);
  }

  /** The next node that is not as it should be. @param {number} step 1 or -1 */
  goToTrouble(step) {
    const { model, selection, look } = this.scene;
    const bad = model.nodes.filter((node) => look[node.index] !== HIDDEN && (node.state !== 'connected' || node.links.some((index) => model.links[index].state === 'down')));
    if (bad.length === 0) return;
    const cursor = model.node(selection.cursor)?.index ?? (step > 0 ? -1 : model.nodes.length);
    const next = step > 0 ? bad.find((node) => node.index > cursor) ?? bad[0] : bad.findLast((node) => node.index < cursor) ?? bad[bad.length - 1];
    this.moveCursor(next.id);
  }

  // ---- pins

  /** @private */
  drag(id, x, y) {
    const node = this.scene.model.node(id);
    if (node === null) return;
    if (!this.free.has(id)) this.free.set(id, { x: this.scene.x[node.index], y: this.scene.y[node.index] });
    this.scene.x[node.index] = x;
    this.scene.y[node.index] = y;
    this.stage.invalidate();
  }

  /** @private */
  drop(id) {
    const node = this.scene.model.node(id);
    if (node !== null) this.pin(id, { x: this.scene.x[node.index], y: this.scene.y[node.index] });
  }

  /** @private */
  pin(id, at) {
    const rounded = at && { x: Math.round(at.x * 10) / 10, y: Math.round(at.y * 10) / 10 };
    this.stage.element.setAttribute('data-pins', 'saving');
    this.pins.set(id, rounded);
    this.scene.pins = new Set(this.pins.all.keys());
    this.stage.invalidate();
    this.callbacks.onPinned(id, at !== null);
  }

  /** Pins a node where it is, or lets it go. @param {string} id */
  togglePin(id) {
    const node = this.scene.model.node(id);
    if (node === null || !this.callbacks.mayPin()) return;
    if (!this.pins.all.has(id)) {
      if (!this.free.has(id)) this.free.set(id, { x: this.scene.x[node.index], y: this.scene.y[node.index] });
      this.pin(id, { x: this.scene.x[node.index], y: this.scene.y[node.index] });
      return;
    }
    const free = this.free.get(id);
    if (free) {
      this.scene.x[node.index] = free.x;
      this.scene.y[node.index] = free.y;
      this.free.delete(id);
    }
    this.pin(id, null);
  }

  /** @param {import('../service/live_state.js').BridgeEvent[]} events */
  takeEvents(events) {
    const now = performance.now();
    for (const event of events) this.flows.take(event, now);
    if (this.flows.flows.size > 0) this.stage.invalidate('upper');
  }

  close() {
    this.layout.close();
    this.palette.close();
    this.stage.close();
  }
}
