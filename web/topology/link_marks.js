// SPDX-License-Identifier: Apache-2.0
// Marks upon the map's links, whatever their lines mean: a cross where one is down, a triangle where one is penalised.
const SIZE = 4;
const TRIANGLE = [[0, -6.5], [6.5, 5], [-6.5, 5]];

function eachMiddle({ scene, camera }, links, draw) {
  const view = camera.view(10);
  for (const link of links) {
    const { x, y } = scene.middle(link);
    if (x >= view.left && x <= view.right && y >= view.top && y <= view.bottom) draw(camera.screenX(x), camera.screenY(y));
  }
}

/** @param {CanvasRenderingContext2D} context @param {import('./draw.js').Picture} picture @param {import('./model.js').Link[]} links that are down */
export function markCuts(context, picture, links) {
  context.strokeStyle = picture.colours.bad;
  context.lineWidth = 2;
  context.setLineDash([]);
  context.beginPath();
  eachMiddle(picture, links, (x, y) => {
    context.moveTo(x - SIZE, y - SIZE);
    context.lineTo(x + SIZE, y + SIZE);
    context.moveTo(x + SIZE, y - SIZE);
    context.lineTo(x - SIZE, y + SIZE);
  });
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {import('./draw.js').Picture} picture @param {import('./model.js').Link[]} links that are penalised */
export function markPenalties(context, picture, links) {
  context.fillStyle = picture.colours.warning;
  context.strokeStyle = picture.colours.ground;
  context.lineWidth = 1.5;
  context.setLineDash([]);
  context.beginPath();
  eachMiddle(picture, links, (x, y) => {
    TRIANGLE.forEach(([dx, dy], i) => context[i === 0 ? 'moveTo' : 'lineTo'](x + dx, y + dy));
    context.closePath();
  });
  context.stroke();
  context.fill();
}
