// SPDX-License-Identifier: Apache-2.0
// What the map's shapes and lines mean, with how many there are of each.
import { h, replace, svg } from '../base/dom.js';
import { number } from '../base/format.js';

/** @type {Record<import('./model.js').NodeState, string>} */
export const STATE_WORDS = { connected: 'connected', disconnected: 'not connected', disabled: 'disabled', unenrolled: 'without a KM' };

// Within 16 by 16; the same shapes as draw.js has.
const SHAPES = {
  connected: () => svg('circle', { cx: 8, cy: 8, r: 5 }),
  disconnected: () => svg('path', { d: 'M8 2 14 12.5H2z' }),
  disabled: () => svg('rect', { x: 3.5, y: 3.5, width: 9, height: 9 }),
  unenrolled: () => svg('path', { d: 'M8 2.5 13.5 8 8 13.5 2.5 8z' }),
};

/** The shape of a KMA's state, hidden from screen readers. @param {import('./model.js').NodeState} state */
export function stateShape(state) {
  return svg('svg', { class: `map-shape ${state}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, SHAPES[state]());
}

/** @param {import('./model.js').NodeState} state */
export function stateBadge(state) {
  return h('span', { class: 'map-state' }, stateShape(state), h('span', {}, STATE_WORDS[state]));
}

function line({ width, dash, tone, cut, penalty }) {
  return svg('svg', { class: 'map-line', viewBox: '0 0 36 12', width: 36, height: 12, 'aria-hidden': 'true' },
    svg('path', { d: 'M0 6h36', class: `tone-${tone}`, 'stroke-width': width, 'stroke-dasharray': dash.length > 0 ? dash.join(' ') : null }),
    cut && svg('path', { d: 'm15 3 6 6m0-6-6 6', class: 'tone-bad', 'stroke-width': 2 }),
    penalty && svg('path', { d: 'm18 .5 5.5 10h-11z', class: 'penalty' }));
}

function entry(mark, name, count) {
  return h('li', {}, mark, h('span', {}, name), h('span', { class: 'map-count' }, number(count)));
}

/** Classes of links that there are; where lines mean something else, a penalty is a mark upon them. */
function classesOf({ scale, linksByClass, penalised }) {
  const classes = scale.classes.map((each, i) => [each, linksByClass[i].length]);
  if (!scale.classes.some((each) => each.penalty)) classes.push([{ name: 'penalised', width: 1.5, dash: [], tone: 'link', penalty: true }, penalised.length]);
  return classes.filter(([, count]) => count > 0);
}

/** @returns {{ element: HTMLElement, set: (scene: import('./scene.js').Scene) => void }} */
export function createLegend() {
  const nodes = h('ul', { 'aria-label': 'KMAs' });
  const links = h('ul', { 'aria-label': 'Links' });
  const element = h('div', { class: 'map-legend', role: 'group', 'aria-label': 'Legend' }, nodes, links);
  let shown = '';
  return {
    element,
    set(scene) {
      const counts = scene.model.counts();
      const states = Object.keys(SHAPES).filter((state) => counts[state] > 0);
      const classes = classesOf(scene);
      const key = JSON.stringify([states.map((state) => counts[state]), classes]);
      if (key === shown) return;
      shown = key;
      replace(nodes, states.map((state) => entry(stateShape(state), STATE_WORDS[state], counts[state])));
      replace(links, classes.map(([each, count]) => entry(line(each), each.name, count)));
    },
  };
}
