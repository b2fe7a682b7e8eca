// SPDX-License-Identifier: Apache-2.0
// Names on the map: as many as have room, what matters first, none upon another.
import { cutMiddle, safe } from '../base/format.js';
import { SHOWN, radiusAt } from './scene.js';

const FONT_PIXELS = 12;
const LABELS_MAX = 400;
const ALL_SCALE_MIN = 0.55; // from here on every node may have its name
const TROUBLE_SCALE_MIN = 0.3;
const LINK_SCALE_MIN = 0.9;
const LINK_LABELS_MAX = 300;
const CELL = 8; // of the grid in which room is noted, in pixels
const NAME_CHARACTERS = 24;

/** An identifier as one line for the canvas: no control or bidi character takes effect. @param {string} id */
export function labelOf(id) {
  return cutMiddle(safe(id), NAME_CHARACTERS);
}

/** Where there is writing already. */
class Room {
  constructor(width, height) {
    this.columns = Math.ceil(width / CELL) + 1;
    this.rows = Math.ceil(height / CELL) + 1;
    this.taken = new Uint8Array(this.columns * this.rows);
  }

  /** Takes a place; false: something is there. */
  take(left, top, width, height) {
    const from = Math.max(0, Math.floor(left / CELL));
    const to = Math.min(this.columns - 1, Math.floor((left + width) / CELL));
    const first = Math.max(0, Math.floor(top / CELL));
    const last = Math.min(this.rows - 1, Math.floor((top + height) / CELL));
    if (from > to || first > last) return false;
    for (let row = first; row <= last; row += 1) {
      for (let column = from; column <= to; column += 1) if (this.taken[row * this.columns + column]) return false;
    }
    for (let row = first; row <= last; row += 1) this.taken.fill(1, row * this.columns + from, row * this.columns + to + 1);
    return true;
  }
}

/** Nodes whose names are wanted, what matters first. */
function wanted({ scene, camera }) {
  const view = camera.view(40);
  const { a, b, cursor } = scene.selection;
  const chosen = new Set([a, b, cursor, scene.hover]);
  const rank = (node) => (chosen.has(node.id) ? 1e9 : 0) + (node.state === 'connected' ? 0 : 1e6) + node.links.length;
  const onPath = new Set(scene.paths.filter((path) => path.role !== 'other').flatMap((path) => path.nodes));
  const passes = (node) => camera.scale >= ALL_SCALE_MIN || scene.model.nodes.length <= 40 || chosen.has(node.id) || onPath.has(node.index)
    || (node.state !== 'connected' && camera.scale >= TROUBLE_SCALE_MIN);
  return scene.model.nodes.filter((node) => {
    const x = scene.x[node.index];
    const y = scene.y[node.index];
    return scene.look[node.index] === SHOWN && x >= view.left && x <= view.right && y >= view.top && y <= view.bottom && passes(node);
  }).map((node) => [rank(node), node]).sort((left, right) => right[0] - left[0] || left[1].index - right[1].index)
    .slice(0, LABELS_MAX).map(([, node]) => node);
}

const widths = new Map();
function widthOf(context, text) {
  const key = context.font + text;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}

/** With the ground's colour around it, so that it is read upon lines. */
function write(context, colours, text, x, y, tone = 'text') {
  context.lineWidth = 3.5;
  context.strokeStyle = colours.ground;
  context.strokeText(text, x, y);
  context.fillStyle = colours[tone];
  context.fillText(text, x, y);
}

function prepare(context, colours) {
  context.font = `${FONT_PIXELS}px ${colours.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.direction = 'ltr';
  context.lineJoin = 'round';
  context.setLineDash([]);
}

function drawNodeNames(context, picture, room) {
  const { scene, camera, colours } = picture;
  const radius = radiusAt(camera.scale);
  for (const node of wanted(picture)) {
    const text = labelOf(node.id);
    const width = widthOf(context, text);
    const x = camera.screenX(scene.x[node.index]);
    const nodeY = camera.screenY(scene.y[node.index]);
    const below = nodeY + radius + FONT_PIXELS * 0.85;
    const above = nodeY - radius - FONT_PIXELS * 0.85;
    for (const y of [below, above]) {
      if (!room.take(x - width / 2, y - FONT_PIXELS / 2, width, FONT_PIXELS)) continue;
      write(context, colours, text, x, y);
      break;
    }
  }
}

/** What the lines mean, in words, once there is room. */
function drawLinkWords(context, picture, room) {
  const { scene, camera, colours } = picture;
  if (camera.scale < LINK_SCALE_MIN) return;
  const view = camera.view();
  let count = 0;
  for (const link of scene.model.links) {
    const text = scene.scale.label(link);
    if (text === '' || scene.linkLook(link) !== SHOWN) continue;
    const { x, y } = scene.middle(link);
    if (x < view.left || x > view.right || y < view.top || y > view.bottom) continue;
    const width = widthOf(context, text);
    const left = camera.screenX(x);
    const isMarked = link.state === 'down' || link.penalised;
    const top = camera.screenY(y) - (isMarked ? 13 : 0);
    if (!room.take(left - width / 2, top - FONT_PIXELS / 2, width, FONT_PIXELS)) continue;
    write(context, colours, text, left, top, link.state === 'down' ? 'bad' : link.penalised ? 'warning' : 'text');
    count += 1;
    if (count === LINK_LABELS_MAX) break;
  }
}

/** @param {CanvasRenderingContext2D} context @param {import('./draw.js').Picture} picture */
export function drawLabels(context, picture) {
  const room = new Room(picture.camera.width, picture.camera.height);
  prepare(context, picture.colours);
  drawNodeNames(context, picture, room);
  drawLinkWords(context, picture, room);
}
