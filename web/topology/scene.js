// SPDX-License-Identifier: Apache-2.0
// What the map shows at present: the graph, where its nodes are, what is selected, what is dimmed or hidden. Pure.
import { Camera } from './camera.js';
import { Model } from './model.js';
import { scaleOf } from './scales.js';

export const HIDDEN = 0;
export const DIMMED = 1;
export const SHOWN = 2;
const LINK_BEND = 14; // between parallel links, in the map's unit
const HIT_SLACK = 6; // pixels around what may be clicked
const LINK_HIT = 7;

/**
 * @typedef {{ a: string | null, b: string | null, link: string | null, cursor: string | null }} Selection
 *   two KMAs in the order in which they were chosen, or a link; `cursor`: where the keyboard is
 */

/** A node's radius in pixels. @param {number} scale */
export function radiusAt(scale) {
  return Math.min(14, Math.max(2, 7.5 * Math.sqrt(scale)));
}

export class Scene {
  constructor() {
    this.camera = new Camera();
    this.model = new Model([], []);
    this.x = new Float64Array(0);
    this.y = new Float64Array(0);
    /** @type {Uint8Array} HIDDEN, DIMMED or SHOWN, by node */ this.look = new Uint8Array(0);
    /** @type {Set<string>} */ this.pins = new Set();
    /** @type {Selection} */ this.selection = { a: null, b: null, link: null, cursor: null };
    /** @type {string | null} */ this.hover = null;
    /** @type {import('./scales.js').Overlay} */ this.overlay = 'state';
    this.scale = scaleOf('state', []);
    /** @type {import('./model.js').Link[]} */ this.penalised = [];
    this.ways = [];
    /** Ways to show. @type {{ nodes: number[], hops: (import('./model.js').Link | null)[], role: import('./path_panel.js').DrawnPath['role'] }[]}
     *   `hops`: by which link, where it matters */ this.paths = [];
    this.classify();
  }

  /** @param {Model} model @param {{ x: Float64Array, y: Float64Array }} at places by node */
  setGraph(model, at) {
    this.model = model;
    this.x = at.x;
    this.y = at.y;
    if (this.look.length !== model.nodes.length) this.look = new Uint8Array(model.nodes.length).fill(SHOWN);
    this.findPaths();
    this.classify();
  }

  /** @param {import('./path_panel.js').DrawnPath[]} ways */
  setWays(ways) {
    this.ways = ways;
    this.findPaths();
  }

  /** @private the ways by node, as far as the graph has them */
  findPaths() {
    this.paths = this.ways.map(({ path, role, links = [] }) => {
      const nodes = path.map((id) => this.model.nodeIndex.get(id)).filter((index) => index !== undefined);
      return { role, nodes, hops: nodes.length === path.length ? links.map((id) => this.model.link(id)) : [] };
    });
  }

  /** @param {import('./scales.js').Overlay} overlay */
  setOverlay(overlay) {
    this.overlay = overlay;
    this.classify();
  }

  /** Links by what is drawn alike. */
  classify() {
    this.scale = scaleOf(this.overlay, this.model.links);
    /** @type {import('./model.js').Link[][]} */
    this.linksByClass = this.scale.classes.map(() => []);
    for (const link of this.model.links) this.linksByClass[this.scale.classOf(link)].push(link);
    this.penalised = this.model.links.filter((link) => link.penalised && link.state === 'up');
  }

  /** @returns {import('./camera.js').Box | null} of these nodes, or of all that are not hidden; null: there are none */
  box(indices = null) {
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const { index } of this.model.nodes) {
      if (indices ? !indices.has(index) : this.look[index] === HIDDEN) continue;
      box.left = Math.min(box.left, this.x[index]);
      box.right = Math.max(box.right, this.x[index]);
      box.top = Math.min(box.top, this.y[index]);
      box.bottom = Math.max(box.bottom, this.y[index]);
    }
    return box.left <= box.right ? box : null;
  }

  /** How a link is seen: as the less visible of its ends. */
  linkLook(link) {
    return Math.min(this.look[link.a], this.look[link.b]);
  }

  /** The control point of a link's curve; null: it is straight. @returns {{ x: number, y: number } | null} */
  bend(link) {
    if (link.twins === 1) return null;
    const offset = (link.twin - (link.twins - 1) / 2) * LINK_BEND * 2;
    if (offset === 0) return null;
    const [from, to] = link.a < link.b ? [link.a, link.b] : [link.b, link.a]; // the same side, whichever end comes first
    const dx = this.x[to] - this.x[from];
    const dy = this.y[to] - this.y[from];
    const length = Math.hypot(dx, dy) || 1;
    return { x: (this.x[from] + this.x[to]) / 2 - (dy / length) * offset, y: (this.y[from] + this.y[to]) / 2 + (dx / length) * offset };
  }

  /** The middle of a link on the map. */
  middle(link) {
    const bend = this.bend(link);
    const x = (this.x[link.a] + this.x[link.b]) / 2;
    const y = (this.y[link.a] + this.y[link.b]) / 2;
    return bend === null ? { x, y } : { x: (x + bend.x) / 2, y: (y + bend.y) / 2 };
  }

  /** The node at a place of the screen. @returns {import('./model.js').Node | null} */
  nodeAt(x, y, slack = HIT_SLACK) {
    const reach = (radiusAt(this.camera.scale) + slack) ** 2;
    let best = null;
    let least = reach;
    for (const node of this.model.nodes) {
      if (this.look[node.index] === HIDDEN) continue;
      const distance = (this.camera.screenX(this.x[node.index]) - x) ** 2 + (this.camera.screenY(this.y[node.index]) - y) ** 2;
      if (distance > least) continue;
      least = distance;
      best = node;
    }
    return best;
  }

  /** The link at a place of the screen. @returns {import('./model.js').Link | null} */
  linkAt(x, y) {
    let best = null;
    let least = LINK_HIT;
    for (const link of this.model.links) {
      if (this.linkLook(link) === HIDDEN) continue;
      const distance = this.distanceTo(link, x, y);
      if (distance >= least) continue;
      least = distance;
      best = link;
    }
    return best;
  }

  /** @private */
  distanceTo(link, x, y) {
    const { camera } = this;
    const ax = camera.screenX(this.x[link.a]);
    const ay = camera.screenY(this.y[link.a]);
    const bx = camera.screenX(this.x[link.b]);
    const by = camera.screenY(this.y[link.b]);
    const bend = this.bend(link);
    if (bend === null) return toSegment(x, y, ax, ay, bx, by);
    const { x: middleX, y: middleY } = this.middle(link);
    const mx = camera.screenX(middleX);
    const my = camera.screenY(middleY);
    return Math.min(toSegment(x, y, ax, ay, mx, my), toSegment(x, y, mx, my, bx, by));
  }

  /** The neighbour that lies in this direction, as the keyboard goes. @returns {import('./model.js').Node | null} */
  neighbourTowards(index, dx, dy) {
    let best = null;
    let most = 0.35; // not much more than 70 degrees aside
    for (const end of this.model.neighbours(index)) {
      if (this.look[end] === HIDDEN) continue;
      const x = this.x[end] - this.x[index];
      const y = this.y[end] - this.y[index];
      const length = Math.hypot(x, y) || 1;
      const alike = (x * dx + y * dy) / length;
      if (alike <= most) continue;
      most = alike;
      best = this.model.nodes[end];
    }
    return best;
  }

  /** The node that is nearest to the middle of the view. @returns {import('./model.js').Node | null} */
  central() {
    return this.nodeAt(this.camera.width / 2, this.camera.height / 2, Math.hypot(this.camera.width, this.camera.height));
  }
}

function toSegment(x, y, ax, ay, bx, by) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y);
}
