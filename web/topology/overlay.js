// SPDX-License-Identifier: Apache-2.0
// Draws the map's upper canvas: what changes often (selection, hover, paths, relays on their way) and what it covers.
import { traceLink, traceNode } from './draw.js';
import { HIDDEN, radiusAt } from './scene.js';

const GLYPH = 6;

function place(picture, index) {
  const { scene, camera } = picture;
  return [camera.screenX(scene.x[index]), camera.screenY(scene.y[index])];
}

/** The link of a hop, if it is drawn beside the straight line. */
function bent(picture, hops, i) {
  return hops[i] && picture.scene.bend(hops[i]) !== null ? hops[i] : null;
}

/** From node to node; a hop by one of several links goes along that one. */
function strokeLine(context, picture, { nodes, hops }) {
  const { scene, camera } = picture;
  context.beginPath();
  nodes.forEach((index, i) => {
    const link = bent(picture, hops, i - 1);
    const at = place(picture, index);
    if (i === 0) context.moveTo(...at);
    else if (link === null) context.lineTo(...at);
    else context.quadraticCurveTo(camera.screenX(scene.bend(link).x), camera.screenY(scene.bend(link).y), ...at);
  });
  context.stroke();
}

function middleOf(picture, { nodes, hops }, i) {
  const link = bent(picture, hops, i);
  if (link !== null) {
    const { x, y } = picture.scene.middle(link);
    return [picture.camera.screenX(x), picture.camera.screenY(y)];
  }
  const [[ax, ay], [bx, by]] = [place(picture, nodes[i]), place(picture, nodes[i + 1])];
  return [(ax + bx) / 2, (ay + by) / 2];
}

/** An arrow head in the middle of each hop: which way it goes. */
function drawArrows(context, picture, path, colour) {
  const { nodes } = path;
  context.fillStyle = colour;
  context.beginPath();
  for (let i = 0; i + 1 < nodes.length; i += 1) {
    const [ax, ay] = place(picture, nodes[i]);
    const [bx, by] = place(picture, nodes[i + 1]);
    const length = Math.hypot(bx - ax, by - ay);
    if (length < 36) continue;
    const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
    const [x, y] = middleOf(picture, path, i);
    context.moveTo(x + ux * 7, y + uy * 7);
    context.lineTo(x - ux * 4 - uy * 5, y - uy * 4 + ux * 5);
    context.lineTo(x - ux * 4 + uy * 5, y - uy * 4 - ux * 5);
    context.closePath();
  }
  context.fill();
}

/** How a path is drawn by what it is: one that was asked for, what a relay would take, the best that was computed, the second of a pair, another way. */
const PATH_STYLES = {
  other: { width: 2.5, dash: [2, 7], alpha: 0.7, arrows: false },
  second: { width: 4, dash: [2, 7], alpha: 0.85, arrows: true },
  best: { width: 4, dash: [10, 8], alpha: 0.85, arrows: true },
  taken: { width: 6, dash: [], alpha: 0.9, arrows: true },
  given: { width: 6, dash: [], alpha: 0.9, arrows: true },
};
const PATH_ORDER = Object.keys(PATH_STYLES); // the last upon the others

function drawPaths(context, picture) {
  const { scene, colours } = picture;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = colours.path;
  const order = [...scene.paths].sort((left, right) => PATH_ORDER.indexOf(left.role) - PATH_ORDER.indexOf(right.role));
  for (const path of order) {
    const style = PATH_STYLES[path.role];
    context.globalAlpha = style.alpha;
    context.lineWidth = style.width;
    context.setLineDash(style.dash);
    strokeLine(context, picture, path);
    context.setLineDash([]);
    if (style.arrows) drawArrows(context, picture, path, colours.path);
  }
  context.globalAlpha = 1;
}

function drawRing(context, picture, id, { width, gap, dash = [], tone }) {
  const node = picture.scene.model.node(id);
  if (node === null || picture.scene.look[node.index] === HIDDEN) return;
  const [x, y] = place(picture, node.index);
  context.strokeStyle = picture.colours[tone];
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.arc(x, y, radiusAt(picture.camera.scale) + gap, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
}

/** "1" and "2" beside the two that were chosen. */
function drawNumber(context, picture, id, text) {
  const node = picture.scene.model.node(id);
  if (node === null || picture.scene.look[node.index] === HIDDEN) return;
  const [x, y] = place(picture, node.index);
  const offset = radiusAt(picture.camera.scale) + 8;
  context.fillStyle = picture.colours.select;
  context.beginPath();
  context.arc(x + offset, y - offset, 8, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = picture.colours.ground;
  context.font = `600 11px ${picture.colours.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, x + offset, y - offset + 0.5);
}

function drawSelection(context, picture, focused) {
  const { scene, colours } = picture;
  const link = scene.model.link(scene.selection.link);
  if (link !== null) {
    context.strokeStyle = colours.select;
    context.globalAlpha = 0.7;
    context.lineWidth = 7;
    context.lineCap = 'round';
    context.beginPath();
    traceLink(context, picture, link);
    context.stroke();
    context.globalAlpha = 1;
  }
  if (scene.hover !== null) drawRing(context, picture, scene.hover, { width: 1.5, gap: 4, tone: 'text' });
  for (const id of [scene.selection.a, scene.selection.b]) {
    if (id !== null) drawRing(context, picture, id, { width: 3, gap: 4, tone: 'select' });
  }
  if (scene.selection.b !== null) {
    drawNumber(context, picture, scene.selection.a, '1');
    drawNumber(context, picture, scene.selection.b, '2');
  }
  if (focused && scene.selection.cursor !== null) drawRing(context, picture, scene.selection.cursor, { width: 2, gap: 9, dash: [4, 3], tone: 'text' });
}

/** The nodes of a path, as far as the map has them. */
function nodesOf(scene, path) {
  return path.map((id) => scene.model.nodeIndex.get(id)).filter((index) => index !== undefined && scene.look[index] !== HIDDEN);
}

/** A tick or a cross upon a disc: how it ended. */
function drawOutcome(context, colours, x, y, outcome) {
  context.fillStyle = outcome === 'succeeded' ? colours.good : colours.bad;
  context.beginPath();
  context.arc(x, y, GLYPH + 3, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = colours.ground;
  context.lineWidth = 2;
  context.beginPath();
  if (outcome === 'succeeded') {
    context.moveTo(x - 4, y);
    context.lineTo(x - 1, y + 3);
    context.lineTo(x + 4, y - 3);
  } else {
    context.moveTo(x - 3, y - 3);
    context.lineTo(x + 3, y + 3);
    context.moveTo(x + 3, y - 3);
    context.lineTo(x - 3, y + 3);
  }
  context.stroke();
}

function drawFlow(context, picture, flows, flow, nowMs) {
  const { scene, colours } = picture;
  const nodes = nodesOf(scene, flow.path);
  if (nodes.length !== flow.path.length) return; // a part of it is hidden, or gone
  const outcome = flows.shownOutcome(flow, nowMs);
  const progress = flows.progress(flow, nowMs);
  const whole = Math.floor(progress);
  const points = nodes.slice(0, whole + 1).map((index) => place(picture, index));
  if (whole < nodes.length - 1) {
    const [ax, ay] = points[whole];
    const [bx, by] = place(picture, nodes[whole + 1]);
    points.push([ax + (bx - ax) * (progress - whole), ay + (by - ay) * (progress - whole)]);
  }
  const strength = flows.strength(flow, nowMs);
  context.globalAlpha = strength * (outcome === 'succeeded' ? 0.35 : 0.6); // names and links are seen through it
  context.strokeStyle = outcome === null ? colours.flow : outcome === 'succeeded' ? colours.good : colours.bad;
  context.lineWidth = outcome === 'succeeded' ? 2.5 : 3.5;
  context.setLineDash(outcome === 'failed' ? [8, 6] : []);
  context.beginPath();
  points.forEach(([x, y], i) => context[i === 0 ? 'moveTo' : 'lineTo'](x, y));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = strength;
  const [x, y] = points[points.length - 1];
  if (outcome !== null) {
    const aside = radiusAt(picture.camera.scale) * 0.7 + GLYPH; // the node's own state stays visible
    drawOutcome(context, colours, x - aside, y - aside, outcome);
  } else {
    context.fillStyle = colours.flow;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Nodes that the lines of the upper canvas have covered. */
function drawAgain(context, picture, indices) {
  const radius = radiusAt(picture.camera.scale);
  for (const index of indices) {
    const node = picture.scene.model.nodes[index];
    const [x, y] = place(picture, index);
    context.fillStyle = picture.colours[node.state === 'connected' ? 'node' : node.state === 'disconnected' ? 'bad' : 'ground'];
    context.strokeStyle = picture.colours[node.state === 'unenrolled' ? 'node' : node.state === 'disabled' ? 'quiet' : 'ground'];
    context.lineWidth = 1.5;
    context.beginPath();
    traceNode(context, node.state, x, y, radius);
    context.fill();
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {import('./draw.js').Picture} picture
 * @param {import('./flows.js').Flows} flows @param {number} nowMs @param {boolean} focused the canvas has the keyboard
 */
export function drawOverlay(context, picture, flows, nowMs, focused) {
  context.lineJoin = 'round';
  drawPaths(context, picture);
  drawAgain(context, picture, new Set(picture.scene.paths.flatMap((path) => path.nodes)));
  context.lineCap = 'round';
  for (const flow of flows.flows.values()) drawFlow(context, picture, flows, flow, nowMs);
  drawSelection(context, picture, focused);
}
