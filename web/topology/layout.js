// SPDX-License-Identifier: Apache-2.0
// Places a graph on the map: the same graph always the same way, and what was there stays where it was. Pure.
import { LINK_LENGTH, makeSpace, relax } from './forces.js';
import { spread } from './spread.js';

const GAP = 1.6 * LINK_LENGTH; // between parts that no link joins
const WIDTH_TO_HEIGHT = 1.6; // of the whole, about as a window is
const KEEP_SHARE = 0.5; // with places known for fewer nodes than this, all are placed anew
const DIRECTIONS = 16; // that are tried around a newcomer's neighbours

/**
 * @typedef {{ ids: string[], a: Int32Array, b: Int32Array }} Graph `a`, `b`: the ends of each link, indices of `ids`
 * @typedef {{ x: Float64Array, y: Float64Array }} Placement NaN: no place known
 */

/** A number from 0 to 1 that is the text's own (FNV-1a). */
export function chance(text, salt = 0) {
  let hash = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x100000000;
}

function neighboursOf(graph) {
  const lists = graph.ids.map(() => new Set());
  for (let link = 0; link < graph.a.length; link += 1) {
    if (graph.a[link] === graph.b[link]) continue;
    lists[graph.a[link]].add(graph.b[link]);
    lists[graph.b[link]].add(graph.a[link]);
  }
  return lists.map((set) => Int32Array.from(set).sort());
}

/** Parts that links join, the largest first. @returns {number[][]} */
function components(neighbours, among) {
  const seen = new Uint8Array(neighbours.length);
  const parts = [];
  for (const start of among) {
    if (seen[start]) continue;
    seen[start] = 1;
    const part = [start];
    for (let at = 0; at < part.length; at += 1) {
      for (const next of neighbours[part[at]]) {
        if (seen[next] || !among.has(next)) continue;
        seen[next] = 1;
        part.push(next);
      }
    }
    parts.push(part.sort((left, right) => left - right));
  }
  return parts.sort((left, right) => right.length - left.length || left[0] - right[0]);
}

/** Links within a part, each pair of ends once, by the part's own numbers. */
function linksWithin(part, neighbours, number) {
  const a = [];
  const b = [];
  for (const i of part) {
    for (const j of neighbours[i]) {
      if (i >= j || number[j] < 0) continue;
      a.push(number[i]);
      b.push(number[j]);
    }
  }
  return { a: Int32Array.from(a), b: Int32Array.from(b) };
}

function scaleToLinks(at, ends) {
  let sum = 0;
  for (let link = 0; link < ends.a.length; link += 1) {
    sum += Math.hypot(at.x[ends.a[link]] - at.x[ends.b[link]], at.y[ends.a[link]] - at.y[ends.b[link]]);
  }
  const factor = sum > 0 ? (LINK_LENGTH * ends.a.length) / sum : 1;
  for (let i = 0; i < at.x.length; i += 1) {
    at.x[i] *= factor;
    at.y[i] *= factor;
  }
}

/** Nodes that are alike for all pivots would fall on one place. */
function shake(at, ids) {
  for (let i = 0; i < ids.length; i += 1) {
    at.x[i] += (chance(ids[i], 1) - 0.5) * 0.3 * LINK_LENGTH;
    at.y[i] += (chance(ids[i], 2) - 0.5) * 0.3 * LINK_LENGTH;
  }
}

/** One part for itself, its middle at 0, 0. */
function placePart(part, graph, neighbours) {
  const number = new Int32Array(graph.ids.length).fill(-1);
  part.forEach((i, own) => {
    number[i] = own;
  });
  const ends = linksWithin(part, neighbours, number);
  const at = spread(part.map((i) => neighbours[i].filter((j) => number[j] >= 0).map((j) => number[j])));
  scaleToLinks(at, ends);
  shake(at, part.map((i) => graph.ids[i]));
  relax(at, ends);
  makeSpace(at);
  return at;
}

function boxOf(at, indices) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const i of indices) {
    if (Number.isNaN(at.x[i])) continue;
    box.left = Math.min(box.left, at.x[i]);
    box.right = Math.max(box.right, at.x[i]);
    box.top = Math.min(box.top, at.y[i]);
    box.bottom = Math.max(box.bottom, at.y[i]);
  }
  return box.left <= box.right ? box : { left: 0, top: 0, right: 0, bottom: 0 };
}

/** Nodes without links make one block. */
function placeLoners(loners) {
  const columns = Math.max(1, Math.ceil(Math.sqrt(loners.length * WIDTH_TO_HEIGHT)));
  return { x: Float64Array.from(loners, (_, i) => (i % columns) * LINK_LENGTH),
    y: Float64Array.from(loners, (_, i) => Math.floor(i / columns) * LINK_LENGTH) };
}

/** Parts in rows, within a width that makes the whole about as wide as a window; from `origin` to the right and down. */
function pack(parts, out, origin) {
  const area = parts.reduce((sum, { box }) => sum + (box.right - box.left + GAP) * (box.bottom - box.top + GAP), 0);
  const widest = Math.max(...parts.map(({ box }) => box.right - box.left));
  const width = Math.max(widest, Math.sqrt(area * WIDTH_TO_HEIGHT));
  let left = 0;
  let top = 0;
  let height = 0;
  for (const { part, at, box } of parts) {
    if (left > 0 && left + box.right - box.left > width) {
      top += height + GAP;
      left = height = 0;
    }
    part.forEach((i, own) => {
      out.x[i] = origin.x + left + at.x[own] - box.left;
      out.y[i] = origin.y + top + at.y[own] - box.top;
    });
    left += box.right - box.left + GAP;
    height = Math.max(height, box.bottom - box.top);
  }
}

/** All of these nodes, which have no link to any other, from `origin` on. */
function placeAll(indices, graph, neighbours, out, origin) {
  const parts = components(neighbours, new Set(indices));
  const loners = parts.filter((part) => part.length === 1).flat();
  const placed = parts.filter((part) => part.length > 1)
    .map((part) => ({ part, at: placePart(part, graph, neighbours) }));
  if (loners.length > 0) placed.push({ part: loners, at: placeLoners(loners) });
  for (const one of placed) one.box = boxOf(one.at, one.part.keys());
  if (placed.length > 0) pack(placed, out, origin);
}

function nearest(out, x, y) {
  let least = Infinity;
  for (let i = 0; i < out.x.length; i += 1) {
    const distance = (out.x[i] - x) ** 2 + (out.y[i] - y) ** 2;
    if (distance < least) least = distance; // never of NaN
  }
  return least;
}

/** Beside its neighbours, where there is most room. */
function placeNewcomer(index, graph, around, out) {
  const x = around.reduce((sum, i) => sum + out.x[i], 0) / around.length;
  const y = around.reduce((sum, i) => sum + out.y[i], 0) / around.length;
  const turn = chance(graph.ids[index]) * 2 * Math.PI;
  let best = null;
  for (let direction = 0; direction < DIRECTIONS; direction += 1) {
    const angle = turn + (direction * 2 * Math.PI) / DIRECTIONS;
    const at = { x: x + LINK_LENGTH * Math.cos(angle), y: y + LINK_LENGTH * Math.sin(angle) };
    const room = nearest(out, at.x, at.y);
    if (best === null || room > best.room) best = { ...at, room };
  }
  out.x[index] = best.x;
  out.y[index] = best.y;
}

/** Those with neighbours that have a place, then those with neighbours among these, and so on. The rest is returned. */
function placeNewcomers(missing, graph, neighbours, out) {
  let rest = missing;
  for (;;) {
    const next = rest.map((index) => [index, [...neighbours[index]].filter((i) => !Number.isNaN(out.x[i]))])
      .filter(([, around]) => around.length > 0);
    if (next.length === 0) return rest;
    for (const [index, around] of next) placeNewcomer(index, graph, around, out);
    rest = rest.filter((index) => Number.isNaN(out.x[index]));
  }
}

function moveToMiddle(out) {
  const box = boxOf(out, out.x.keys());
  for (let i = 0; i < out.x.length; i += 1) {
    out.x[i] -= (box.left + box.right) / 2;
    out.y[i] -= (box.top + box.bottom) / 2;
  }
}

/**
 * A place for every node.
 * @param {Graph} graph its IDs in order
 * @param {Placement | null} known places of before; most of them known: they stay, and only newcomers are placed
 * @returns {Placement}
 */
export function layOut(graph, known = null) {
  const count = graph.ids.length;
  const out = { x: new Float64Array(count).fill(NaN), y: new Float64Array(count).fill(NaN) };
  const neighbours = neighboursOf(graph);
  const all = graph.ids.map((_, i) => i);
  const had = known === null ? [] : all.filter((i) => Number.isFinite(known.x[i]) && Number.isFinite(known.y[i]));
  if (had.length < KEEP_SHARE * count || had.length === 0) {
    placeAll(all, graph, neighbours, out, { x: 0, y: 0 });
    moveToMiddle(out);
    return out;
  }
  for (const i of had) {
    out.x[i] = known.x[i];
    out.y[i] = known.y[i];
  }
  const apart = placeNewcomers(all.filter((i) => Number.isNaN(out.x[i])), graph, neighbours, out);
  const box = boxOf(out, all);
  placeAll(apart, graph, neighbours, out, { x: box.left, y: box.bottom + GAP });
  return out;
}
