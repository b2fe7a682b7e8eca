// SPDX-License-Identifier: Apache-2.0
// Draws the map's lower canvas: links and nodes, each state with a shape of its own. Only what is in view.
import { drawLabels } from './labels.js';
import { markCuts, markPenalties } from './link_marks.js';
import { DIMMED, HIDDEN, SHOWN, radiusAt } from './scene.js';

const DASH_SCALE_MIN = 0.22; // below it dots would run into each other, and cost time
const MARK_SCALE_MIN = 0.3;
const DOT_RADIUS = 3.5; // up to it nodes are squares: at that size nobody sees the difference
const RING_RADIUS = 4.5; // up to it a ring would only make nodes smaller
const DIM_ALPHA = 0.22;

/** @typedef {{ scene: import('./scene.js').Scene, colours: import('./palette.js').Palette, camera: import('./camera.js').Camera }} Picture */

function touches(view, ax, ay, bx, by) {
  return Math.max(ax, bx) >= view.left && Math.min(ax, bx) <= view.right && Math.max(ay, by) >= view.top && Math.min(ay, by) <= view.bottom;
}

/** Adds a link's line to the current path. @param {CanvasRenderingContext2D} context @param {Picture} picture */
export function traceLink(context, { scene, camera }, link) {
  const bend = scene.bend(link);
  context.moveTo(camera.screenX(scene.x[link.a]), camera.screenY(scene.y[link.a]));
  const toX = camera.screenX(scene.x[link.b]);
  const toY = camera.screenY(scene.y[link.b]);
  if (bend === null) context.lineTo(toX, toY);
  else context.quadraticCurveTo(camera.screenX(bend.x), camera.screenY(bend.y), toX, toY);
}

function lineWidth(style, scale) {
  return Math.max(style.width > 2.5 ? 1.25 : 0.6, style.width * Math.min(1.4, Math.max(0.4, Math.sqrt(scale))));
}

function strokeLinks(context, picture, links, style) {
  const { camera, colours, scene } = picture;
  const view = camera.view(20);
  context.strokeStyle = colours[style.tone];
  context.lineWidth = lineWidth(style, camera.scale);
  context.setLineDash(style.dash.length > 0 && (camera.scale >= DASH_SCALE_MIN || style.cut) ? style.dash : []);
  context.beginPath();
  for (const link of links) {
    if (touches(view, scene.x[link.a], scene.y[link.a], scene.x[link.b], scene.y[link.b])) traceLink(context, picture, link);
  }
  context.stroke();
}

function drawLinks(context, picture, look) {
  const { scene, camera } = picture;
  const classes = scene.scale.classes;
  for (let index = classes.length - 1; index >= 0; index -= 1) { // what is down comes last, upon the others
    const links = scene.linksByClass[index].filter((link) => scene.linkLook(link) === look);
    if (links.length === 0) continue;
    strokeLinks(context, picture, links, classes[index]);
    if (classes[index].cut && camera.scale >= MARK_SCALE_MIN) markCuts(context, picture, links);
  }
  if (camera.scale >= MARK_SCALE_MIN) markPenalties(context, picture, scene.penalised.filter((link) => scene.linkLook(link) === look));
}

/**
 * Adds a node's outline to the current path: a disc that is connected, a triangle that is not, a square that is
 * disabled, a diamond that nobody enrolled.
 * @param {CanvasRenderingContext2D} context
 */
export function traceNode(context, state, x, y, radius) {
  if (state === 'connected') {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const corners = { disconnected: [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]], disabled: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    unenrolled: [[0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]] }[state];
  corners.forEach(([dx, dy], i) => context[i === 0 ? 'moveTo' : 'lineTo'](x + dx * radius, y + dy * radius));
  context.closePath();
}

/** @type {Record<string, { fill: string, ring: string }>} */
export const NODE_STYLES = {
  connected: { fill: 'node', ring: 'ground' },
  disconnected: { fill: 'bad', ring: 'ground' },
  disabled: { fill: 'ground', ring: 'quiet' },
  unenrolled: { fill: 'ground', ring: 'node' },
};

/** Each by itself: one path of a thousand outlines takes ten times as long. */
function drawNodesOf(context, picture, state, look, radius) {
  const { scene, camera, colours } = picture;
  const view = camera.view(16);
  const style = NODE_STYLES[state];
  const hollow = style.fill === 'ground';
  context.setLineDash([]);
  context.fillStyle = colours[style.fill];
  context.strokeStyle = colours[style.ring];
  context.lineWidth = hollow ? 1.75 : 1.25;
  const size = state === 'disconnected' ? Math.max(radius, 4) : radius; // trouble is seen from afar
  for (const node of scene.model.nodes) {
    const x = scene.x[node.index];
    const y = scene.y[node.index];
    if (node.state !== state || scene.look[node.index] !== look || !touches(view, x, y, x, y)) continue;
    if (state === 'connected' && radius <= DOT_RADIUS) {
      context.fillRect(camera.screenX(x) - size, camera.screenY(y) - size, 2 * size, 2 * size);
      continue;
    }
    context.beginPath();
    traceNode(context, state, camera.screenX(x), camera.screenY(y), size);
    context.fill();
    if (hollow || radius > RING_RADIUS) context.stroke();
  }
}

function drawPins(context, { scene, camera, colours }, radius) {
  if (camera.scale < 0.35) return;
  context.fillStyle = colours.ground;
  context.beginPath();
  for (const id of scene.pins) {
    const node = scene.model.node(id);
    if (node === null || scene.look[node.index] === HIDDEN || node.state !== 'connected') continue;
    const x = camera.screenX(scene.x[node.index]);
    const y = camera.screenY(scene.y[node.index]);
    context.moveTo(x + radius * 0.36, y);
    context.arc(x, y, radius * 0.36, 0, 2 * Math.PI);
  }
  context.fill();
}

function drawLook(context, picture, look) {
  const radius = radiusAt(picture.camera.scale);
  context.globalAlpha = look === DIMMED ? DIM_ALPHA : 1;
  drawLinks(context, picture, look);
  for (const state of ['connected', 'unenrolled', 'disabled', 'disconnected']) drawNodesOf(context, picture, state, look, radius);
  context.globalAlpha = 1;
}

/** All of it, on an empty canvas whose unit is the CSS pixel. @param {CanvasRenderingContext2D} context @param {Picture} picture */
export function drawMap(context, picture) {
  const { scene } = picture;
  context.lineCap = 'butt';
  context.lineJoin = 'round';
  if (scene.look.includes(DIMMED)) drawLook(context, picture, DIMMED);
  drawLook(context, picture, SHOWN);
  drawPins(context, picture, radiusAt(picture.camera.scale));
  drawLabels(context, picture);
}
