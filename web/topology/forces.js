// SPDX-License-Identifier: Apache-2.0
// Makes a rough placement readable: springs along links, nodes that are near repel, none on top of another.
// Pure, deterministic; what is near is found by a grid, so that a step costs in proportion to the nodes.

/** The length that a link would like to have, in the map's unit. */
export const LINK_LENGTH = 90;

const REACH = 2.5 * LINK_LENGTH; // beyond it nodes do not feel each other
const SPACE = 0.55 * LINK_LENGTH; // nodes are at least so far apart
const SPACE_ROUNDS = 60;
const START_STEP = 0.6 * LINK_LENGTH;
const END_STEP = 0.01 * LINK_LENGTH;

/**
 * @typedef {{ x: Float64Array, y: Float64Array }} Placement
 * @typedef {{ a: Int32Array, b: Int32Array }} Ends of each link
 */

/** Nodes by the square of a grid in which they are. */
class Grid {
  constructor({ x, y }, size) {
    const count = x.length;
    this.size = size;
    this.left = Math.min(...bounds(x));
    this.top = Math.min(...bounds(y));
    const [, right] = bounds(x);
    const [, bottom] = bounds(y);
    this.columns = Math.floor((right - this.left) / size) + 1;
    this.rows = Math.floor((bottom - this.top) / size) + 1;
    this.start = new Int32Array(this.columns * this.rows + 1);
    this.cell = new Int32Array(count);
    for (let i = 0; i < count; i += 1) {
      this.cell[i] = this.cellOf(x[i], y[i]);
      this.start[this.cell[i] + 1] += 1;
    }
    for (let i = 0; i + 1 < this.start.length; i += 1) this.start[i + 1] += this.start[i];
    const next = this.start.slice();
    this.members = new Int32Array(count);
    for (let i = 0; i < count; i += 1) {
      this.members[next[this.cell[i]]] = i;
      next[this.cell[i]] += 1;
    }
  }

  cellOf(x, y) {
    return Math.floor((y - this.top) / this.size) * this.columns + Math.floor((x - this.left) / this.size);
  }

  /** Calls with every pair of nodes in the same square or in two that touch, once. */
  eachPair(visit) {
    const { start, members, columns, rows } = this;
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const cell = row * columns + column;
        for (let at = start[cell]; at < start[cell + 1]; at += 1) {
          const i = members[at];
          for (let other = at + 1; other < start[cell + 1]; other += 1) visit(i, members[other]);
          if (column + 1 < columns) this.visitCell(cell + 1, i, visit);
          if (row + 1 >= rows) continue;
          if (column > 0) this.visitCell(cell + columns - 1, i, visit);
          this.visitCell(cell + columns, i, visit);
          if (column + 1 < columns) this.visitCell(cell + columns + 1, i, visit);
        }
      }
    }
  }

  visitCell(cell, i, visit) {
    for (let at = this.start[cell]; at < this.start[cell + 1]; at += 1) visit(i, this.members[at]);
  }
}

function bounds(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

function repel({ x, y }, push) {
  const grid = new Grid({ x, y }, REACH);
  grid.eachPair((i, j) => {
    const dx = x[i] - x[j];
    const dy = y[i] - y[j];
    const squared = dx * dx + dy * dy;
    if (squared >= REACH * REACH) return;
    const distance = Math.max(Math.sqrt(squared), 1);
    const force = (LINK_LENGTH * LINK_LENGTH * (1 - distance / REACH)) / (distance * distance);
    push.x[i] += dx * force;
    push.y[i] += dy * force;
    push.x[j] -= dx * force;
    push.y[j] -= dy * force;
  });
}

function pull({ x, y }, { a, b }, weight, push) {
  for (let link = 0; link < a.length; link += 1) {
    const i = a[link];
    const j = b[link];
    const dx = x[j] - x[i];
    const dy = y[j] - y[i];
    const distance = Math.max(Math.sqrt(dx * dx + dy * dy), 1);
    const stretch = Math.max(-LINK_LENGTH, Math.min(distance - LINK_LENGTH, 2 * LINK_LENGTH)); // a far end pulls no more than one not so far
    const force = (weight[link] * stretch) / distance;
    push.x[i] += dx * force;
    push.y[i] += dy * force;
    push.x[j] -= dx * force;
    push.y[j] -= dy * force;
  }
}

function weights({ a, b }, count) {
  const degree = new Int32Array(count);
  for (let link = 0; link < a.length; link += 1) {
    degree[a[link]] += 1;
    degree[b[link]] += 1;
  }
  return Float64Array.from(a, (i, link) => 0.6 / Math.sqrt(Math.max(1, Math.min(degree[i], degree[b[link]]))));
}

function move({ x, y }, push, step) {
  for (let i = 0; i < x.length; i += 1) {
    const length = Math.sqrt(push.x[i] * push.x[i] + push.y[i] * push.y[i]);
    const share = length > step ? step / length : 1;
    x[i] += 0.5 * push.x[i] * share;
    y[i] += 0.5 * push.y[i] * share;
  }
}

/** Fewer for many nodes: what they have at first is the main thing then. */
function roundsFor(count) {
  return count <= 200 ? 400 : count <= 1200 ? 250 : 150;
}

/** Lets springs and repulsion find their balance, in place. @param {Placement} at @param {Ends} ends */
export function relax(at, ends) {
  const rounds = roundsFor(at.x.length);
  const weight = weights(ends, at.x.length);
  const cooling = (END_STEP / START_STEP) ** (1 / rounds);
  let step = START_STEP;
  for (let round = 0; round < rounds; round += 1) {
    const push = { x: new Float64Array(at.x.length), y: new Float64Array(at.y.length) };
    repel(at, push);
    pull(at, ends, weight, push);
    move(at, push, step);
    step *= cooling;
  }
}

/** Moves nodes apart that are too near each other, in place. @param {Placement} at */
export function makeSpace({ x, y }) {
  for (let round = 0, moved = true; moved && round < SPACE_ROUNDS; round += 1) {
    moved = false;
    new Grid({ x, y }, SPACE).eachPair((i, j) => {
      let dx = x[i] - x[j];
      let dy = y[i] - y[j];
      let distance = Math.sqrt(dx * dx + dy * dy);
      if (distance >= SPACE) return;
      if (distance < 1e-6) { // one upon the other: apart by their order
        dx = Math.cos(i * 2.4);
        dy = Math.sin(i * 2.4);
        distance = 1;
      }
      const share = (0.51 * (SPACE - distance)) / distance;
      x[i] += dx * share;
      y[i] += dy * share;
      x[j] -= dx * share;
      y[j] -= dy * share;
      moved = true;
    });
  }
}
