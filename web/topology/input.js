// SPDX-License-Identifier: Apache-2.0
// What hands do on the map: drag, wheel, pinch and keys become moves of the camera, choices and pins.

const CLICK_SLACK = 4; // pixels that a click may slip
const TOUCH_SLACK = 9;
const WHEEL_STEP = 0.0016;
const KEY_ZOOM = 1.25;
const KEY_PAN = 80; // pixels
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * What the map's owner does with it.
 * @typedef {{ choose: (id: string | null, second: boolean) => void, chooseLink: (id: string) => void,
 *   cursor: (id: string) => void, hover: (id: string | null) => void, drag: (id: string, x: number, y: number) => void,
 *   drop: (id: string) => void, mayDrag: () => boolean, moved: () => void, fit: () => void, togglePin: (id: string) => void,
 *   clear: () => void, trouble: (step: number) => void }} Owner
 */

export class Input {
  /** @param {HTMLCanvasElement} canvas @param {import('./scene.js').Scene} scene @param {Owner} owner */
  constructor(canvas, scene, owner) {
    Object.assign(this, { canvas, scene, owner });
    /** @type {Map<number, { x: number, y: number }>} */ this.pointers = new Map();
    this.grip = null; // what the first pointer holds
    const listen = (type, listener, options) => canvas.addEventListener(type, listener.bind(this), options);
    listen('pointerdown', this.down);
    listen('pointermove', this.move);
    listen('pointerup', this.up);
    listen('pointercancel', this.cancel);
    listen('pointerleave', () => owner.hover(null));
    listen('wheel', this.wheel, { passive: false });
    listen('dblclick', this.doubleClick);
    listen('keydown', this.key);
  }

  /** @private */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const zoom = box.width / this.canvas.clientWidth || 1; // the page's own, on a wall
    return { x: (event.clientX - box.left) / zoom, y: (event.clientY - box.top) / zoom };
  }

  /** @private */
  down(event) {
    if (event.button !== 0 && event.pointerType === 'mouse') return;
    const at = this.place(event);
    this.pointers.set(event.pointerId, at);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.pointers.size > 1) {
      this.letGo();
      return;
    }
    const node = this.scene.nodeAt(at.x, at.y, event.pointerType === 'mouse' ? undefined : 14);
    this.grip = { node, from: at, slack: event.pointerType === 'mouse' ? CLICK_SLACK : TOUCH_SLACK, moved: false, drags: false };
  }

  /** @private */
  letGo() {
    if (this.grip?.drags) this.owner.drop(this.grip.node.id);
    this.grip = null;
  }

  /** @private */
  move(event) {
    const at = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') this.owner.hover(this.scene.nodeAt(at.x, at.y)?.id ?? null);
      return;
    }
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, at);
    else if (this.grip !== null) this.pull(before, at);
    this.pointers.set(event.pointerId, at);
  }

  /** @private */
  pull(before, at) {
    const { grip } = this;
    if (!grip.moved && Math.hypot(at.x - grip.from.x, at.y - grip.from.y) < grip.slack) return;
    const first = !grip.moved;
    grip.moved = true;
    if (first) grip.drags = grip.node !== null && this.owner.mayDrag();
    if (grip.drags) {
      this.owner.drag(grip.node.id, this.scene.camera.mapX(at.x), this.scene.camera.mapY(at.y));
      return;
    }
    const from = first ? grip.from : before;
    this.scene.camera.pan(at.x - from.x, at.y - from.y);
    this.owner.moved();
  }

  /** @private */
  pinch(id, before, at) {
    const [other] = [...this.pointers].find(([pointer]) => pointer !== id).slice(1);
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(at.x - other.x, at.y - other.y);
    this.scene.camera.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    if (was > 0 && is > 0) this.scene.camera.zoomAt((at.x + other.x) / 2, (at.y + other.y) / 2, is / was);
    this.owner.moved();
  }

  /** @private */
  up(event) {
    const { grip } = this;
    if (!this.pointers.delete(event.pointerId)) return;
    if (grip !== null && !grip.moved) this.click(grip, event);
    else this.letGo();
    this.grip = null;
  }

  /** @private */
  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.letGo();
  }

  /** @private */
  click({ node, from }, event) {
    const second = event.shiftKey || event.ctrlKey || event.metaKey;
    if (node !== null) {
      this.owner.choose(node.id, second);
      return;
    }
    const link = this.scene.linkAt(from.x, from.y);
    if (link !== null) this.owner.chooseLink(link.id);
    else if (!second) this.owner.choose(null, false);
  }

  /** @private */
  wheel(event) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1;
    const at = this.place(event);
    const turn = Math.max(-400, Math.min(400, event.deltaY * unit));
    this.scene.camera.zoomAt(at.x, at.y, Math.exp(-turn * WHEEL_STEP * (event.ctrlKey ? 4 : 1)));
    this.owner.moved();
  }

  /** @private */
  doubleClick(event) {
    const at = this.place(event);
    if (this.scene.nodeAt(at.x, at.y) === null) this.zoom(KEY_ZOOM * KEY_ZOOM, at);
  }

  /** By a key or a button. @param {number} factor @param {{ x: number, y: number }} [at] */
  zoom(factor, at) {
    const { camera } = this.scene;
    camera.zoomAt(at?.x ?? camera.width / 2, at?.y ?? camera.height / 2, factor);
    this.owner.moved();
  }

  /** @private */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.arrow(event) || this.letter(event)) event.preventDefault();
  }

  /** @private with Shift the view moves, without it the cursor goes from node to node */
  arrow(event) {
    const direction = DIRECTIONS[event.key];
    if (!direction) return false;
    const { scene } = this;
    if (event.shiftKey) {
      scene.camera.pan(-direction[0] * KEY_PAN, -direction[1] * KEY_PAN);
      this.owner.moved();
      return true;
    }
    const cursor = scene.model.node(scene.selection.cursor);
    const next = cursor === null ? scene.central() : scene.neighbourTowards(cursor.index, ...direction);
    if (next !== null) this.owner.cursor(next.id);
    return true;
  }

  /** @private */
  letter(event) {
    const cursor = this.scene.selection.cursor;
    switch (event.key) {
      case '+': case '=': this.zoom(KEY_ZOOM); return true;
      case '-': case '_': this.zoom(1 / KEY_ZOOM); return true;
      case '0': this.owner.fit(); return true;
      case 'Enter': case ' ':
        if (cursor !== null) this.owner.choose(cursor, event.shiftKey);
        return true;
      case 'p': case 'P':
        if (cursor !== null) this.owner.togglePin(cursor);
        return true;
      case 'n': this.owner.trouble(1); return true;
      case 'N': this.owner.trouble(-1); return true;
      case 'Escape': this.owner.clear(); return true;
      default: return false;
    }
  }
}
