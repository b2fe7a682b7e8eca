// SPDX-License-Identifier: Apache-2.0
// Which part of the map is looked at: a point of it in the middle of the canvas, and a scale. Pure.

export const SCALE_MIN = 0.02;
export const SCALE_MAX = 4;
const LABEL_ROOM = 48; // beside the outermost nodes, where the map is not narrow: names are wider than high
const FIT_SCALE_MAX = 2.6; // two nodes do not go to the ends of a wall

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

export class Camera {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.scale = 1;
    this.width = 1;
    this.height = 1;
  }

  /** @param {number} width @param {number} height in CSS pixels */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  screenX(x) {
    return (x - this.x) * this.scale + this.width / 2;
  }

  screenY(y) {
    return (y - this.y) * this.scale + this.height / 2;
  }

  mapX(x) {
    return (x - this.width / 2) / this.scale + this.x;
  }

  mapY(y) {
    return (y - this.height / 2) / this.scale + this.y;
  }

  /** By so many pixels of the screen. */
  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** What is at this place of the screen stays there. */
  zoomAt(x, y, factor) {
    const mapX = this.mapX(x);
    const mapY = this.mapY(y);
    this.scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, this.scale * factor));
    this.x = mapX - (x - this.width / 2) / this.scale;
    this.y = mapY - (y - this.height / 2) / this.scale;
  }

  /** @param {Box} box of the map @param {number} margin in pixels */
  fit(box, margin = 48) {
    const room = (size, each = margin) => Math.max(40, size - 2 * each);
    const scale = Math.min(room(this.width, this.width > 640 ? margin + LABEL_ROOM : margin) / Math.max(1, box.right - box.left), room(this.height) / Math.max(1, box.bottom - box.top));
    this.scale = Math.min(FIT_SCALE_MAX, Math.max(SCALE_MIN, scale));
    this.x = (box.left + box.right) / 2;
    this.y = (box.top + box.bottom) / 2;
  }

  /** The part of the map that is seen, and so many pixels around it. @returns {Box} */
  view(margin = 0) {
    return { left: this.mapX(-margin), top: this.mapY(-margin),
      right: this.mapX(this.width + margin), bottom: this.mapY(this.height + margin) };
  }

  copy() {
    return Object.assign(new Camera(), this);
  }

  same(other) {
    return this.x === other.x && this.y === other.y && this.scale === other.scale && this.width === other.width && this.height === other.height;
  }
}
