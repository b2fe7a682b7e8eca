// SPDX-License-Identifier: Apache-2.0
// The map's two canvases: sized to their box and its pixels, painted when something has changed and not otherwise.
import { h } from '../base/dom.js';
import { drawMap } from './draw.js';
import { drawOverlay } from './overlay.js';

const BITMAP_NODES_MIN = 400; // from so many on, moving shows a bitmap; below, painting anew is quick enough
const BITMAP_MARGIN = 0.3; // of the size, on each side
const BITMAP_ZOOM_MAX = 1.8; // a bitmap that is stretched more is painted anew
const REST_MS = 140; // without a move: painted sharp again
const PIXELS_MAX = 3840 * 2400; // of one canvas; more are not worth their time

/** A canvas whose unit is the CSS pixel, whatever the display's. */
class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.ratio = 1;
  }

  resize(width, height, ratio) {
    this.ratio = Math.min(ratio, Math.sqrt(PIXELS_MAX / Math.max(1, width * height)));
    this.canvas.width = Math.max(1, Math.round(width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(height * this.ratio));
  }

  begin() {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    return this.context;
  }
}

export class Stage {
  /**
   * @param {import('./scene.js').Scene} scene @param {import('./flows.js').Flows} flows
   * @param {import('./palette.js').Palette} colours
   */
  constructor(scene, flows, colours) {
    Object.assign(this, { scene, flows, colours });
    this.lowerCanvas = h('canvas', { class: 'map-canvas', 'aria-hidden': 'true' });
    this.canvas = h('canvas', { class: 'map-canvas map-canvas-upper', tabindex: '0' });
    this.element = h('div', { class: 'map-stage' }, this.lowerCanvas, this.canvas);
    this.lower = new Surface(this.lowerCanvas);
    this.upper = new Surface(this.canvas);
    this.bitmap = null;
    this.dirty = { lower: true, upper: true };
    this.movedMs = -Infinity;
    this.frame = 0;
    this.timer = 0;
    this.painted = { lower: 0, upper: 0, bitmap: 0 };
    this.onResize = () => {};
    this.onFlowsOver = () => {};
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.element);
    for (const type of ['focus', 'blur']) this.canvas.addEventListener(type, () => this.invalidate('upper'));
    this.paint = this.paint.bind(this);
  }

  /** @private */
  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    const zoom = this.element.getBoundingClientRect().width / this.element.offsetWidth || 1; // the page's own, on a wall
    const ratio = (globalThis.devicePixelRatio || 1) * zoom;
    const first = this.scene.camera.width <= 1;
    this.scene.camera.resize(width, height);
    for (const surface of [this.lower, this.upper]) surface.resize(width, height, ratio);
    this.onResize(first);
    this.invalidate();
    cancelAnimationFrame(this.frame);
    this.paint(); // at once: another size has emptied the canvases
  }

  /** Something has changed. @param {'lower' | 'upper' | 'both'} what */
  invalidate(what = 'both') {
    if (what !== 'upper') {
      this.dirty.lower = true;
      this.bitmap = null;
    }
    this.dirty.upper = true;
    this.schedule();
  }

  /** The camera has moved. */
  moved() {
    this.movedMs = performance.now();
    this.dirty.lower = this.dirty.upper = true;
    this.schedule();
  }

  /** @private */
  schedule() {
    if (this.frame === 0) this.frame = requestAnimationFrame(this.paint);
  }

  /** @private */
  paint() {
    this.frame = 0;
    const now = performance.now();
    const over = this.flows.prune(now);
    if (over) this.onFlowsOver();
    if (this.dirty.lower) this.paintLower(now);
    if (this.dirty.upper || over || this.flows.nextChange() === 0) this.paintUpper(now);
    this.planNext(now);
  }

  /** @private */
  planNext(now) {
    clearTimeout(this.timer);
    const next = this.flows.nextChange();
    if (next === 0) this.schedule();
    else if (next !== Infinity) this.timer = setTimeout(() => this.invalidate('upper'), Math.max(20, next - now));
  }

  /** @private */
  paintLower(now) {
    const moving = now - this.movedMs < REST_MS;
    if (moving && this.scene.model.nodes.length >= BITMAP_NODES_MIN) {
      this.paintBitmap();
      clearTimeout(this.rest);
      this.rest = setTimeout(() => {
        this.dirty.lower = true;
        this.schedule();
      }, REST_MS);
    } else {
      drawMap(this.lower.begin(), this.picture());
      this.painted.lower += 1;
    }
    this.dirty.lower = false;
  }

  /** @private */
  picture(camera = this.scene.camera) {
    return { scene: this.scene, colours: this.colours, camera };
  }

  /** @private what was painted before, moved and stretched */
  paintBitmap() {
    const { camera } = this.scene;
    if (this.bitmap === null || !this.bitmapServes()) this.makeBitmap();
    const { surface, camera: made } = this.bitmap;
    const stretch = camera.scale / made.scale;
    const context = this.lower.begin();
    const whole = (value) => (stretch === 1 ? Math.round(value * this.lower.ratio) / this.lower.ratio : value);
    context.imageSmoothingEnabled = stretch !== 1;
    const left = whole(camera.screenX(made.mapX(0)));
    const top = whole(camera.screenY(made.mapY(0)));
    context.drawImage(surface.canvas, left, top, made.width * stretch, made.height * stretch);
    this.painted.bitmap += 1;
  }

  /** @private */
  bitmapServes() {
    const { camera: made } = this.bitmap;
    const { camera } = this.scene;
    const stretch = camera.scale / made.scale;
    if (stretch > BITMAP_ZOOM_MAX || stretch < 1 / BITMAP_ZOOM_MAX) return false;
    const has = made.view();
    const wants = camera.view();
    const all = this.scene.box();
    if (all === null) return true;
    return (has.left <= wants.left || has.left <= all.left) && (has.right >= wants.right || has.right >= all.right)
      && (has.top <= wants.top || has.top <= all.top) && (has.bottom >= wants.bottom || has.bottom >= all.bottom);
  }

  /** @private */
  makeBitmap() {
    const { camera } = this.scene;
    const made = camera.copy();
    made.resize(camera.width * (1 + 2 * BITMAP_MARGIN), camera.height * (1 + 2 * BITMAP_MARGIN));
    const surface = new Surface(document.createElement('canvas'));
    surface.resize(made.width, made.height, this.lower.ratio);
    drawMap(surface.begin(), this.picture(made));
    this.bitmap = { surface, camera: made };
    this.painted.lower += 1;
  }

  /** @private */
  paintUpper(now) {
    drawOverlay(this.upper.begin(), this.picture(), this.flows, now, document.activeElement === this.canvas);
    this.dirty.upper = false;
    this.painted.upper += 1;
  }

  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    clearTimeout(this.rest);
    this.watch.disconnect();
  }
}
