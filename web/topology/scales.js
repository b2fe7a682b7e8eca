// SPDX-License-Identifier: Apache-2.0
// What the lines of the map mean: classes of links by state, keys available, key rate or cost, each with a width and a dash. Pure.
import { compact } from '../base/format.js';

/**
 * @typedef {'state' | 'stock' | 'rate' | 'cost'} Overlay
 * @typedef {{ name: string, width: number, dash: number[], tone: string, cut?: boolean, penalty?: boolean }} LinkClass
 *   `name`: for the legend; `width` in pixels at scale 1; `tone`: of palette.js; `cut`: drawn with a gap's mark; `penalty`: with a triangle
 * @typedef {{ classes: LinkClass[], classOf: (link: import('./model.js').Link) => number,
 *   label: (link: import('./model.js').Link) => string }} Scale
 */

/** @type {{ id: Overlay, name: string }[]} */
export const OVERLAYS = [
  { id: 'state', name: 'Link state' },
  { id: 'stock', name: 'Keys available' },
  { id: 'rate', name: 'Key rate' },
  { id: 'cost', name: 'Cost' },
];

const PENALISED = { name: 'Penalised', width: 1.5, dash: [10, 3, 2, 3], tone: 'warning', penalty: true };
const DOWN = { name: 'Down', width: 2, dash: [7, 6], tone: 'bad', cut: true };

function stateScale() {
  return {
    classes: [DOWN, PENALISED, { name: 'Up', width: 1.5, dash: [], tone: 'link' }],
    classOf: (link) => (link.state === 'down' ? 0 : link.penalised ? 1 : 2),
    label: (link) => (link.state === 'down' ? 'down' : link.penalised ? 'penalised' : ''),
  };
}

/** The power of ten that is at most the value. */
function decade(value) {
  return 10 ** Math.floor(Math.log10(value));
}

/** Three classes by powers of ten, with the most that there is in the highest; and none, and not known. */
function amountScale(links, amountOf, names) {
  const most = links.reduce((high, link) => Math.max(high, amountOf(link) ?? 0), 0);
  const high = most > 0 ? Math.max(decade(most), 100) : 100;
  const [plenty, some] = [high, high / 10];
  return {
    classes: [
      DOWN,
      { name: names.none, width: 1.5, dash: [2, 5], tone: 'bad' },
      { name: `below ${compact(some)}${names.unit}`, width: 1.5, dash: [], tone: 'low' },
      { name: `${compact(some)} to ${compact(plenty)}${names.unit}`, width: 3, dash: [], tone: 'middle' },
      { name: `${compact(plenty)}${names.unit} and more`, width: 5, dash: [], tone: 'high' },
      { name: 'not known', width: 1, dash: [1, 4], tone: 'faint' },
    ],
    classOf(link) {
      if (link.state === 'down') return 0;
      const amount = amountOf(link);
      if (amount === null) return 5;
      if (amount === 0) return 1;
      return amount < some ? 2 : amount < plenty ? 3 : 4;
    },
    label(link) {
      const amount = amountOf(link);
      const words = amount === null ? '?' : `${compact(amount)}${names.unit}`;
      return link.state === 'down' ? `down, ${words}` : words;
    },
  };
}

function costScale(links) {
  const costs = [...new Set(links.map((link) => link.cost))].sort((left, right) => left - right);
  const low = costs[Math.floor((costs.length - 1) / 3)] ?? 1;
  const middle = Math.max(low, costs[Math.floor((2 * (costs.length - 1)) / 3)] ?? 1);
  const classes = [DOWN, { name: `${compact(low)} and less`, width: 4.5, dash: [], tone: 'high' }];
  if (middle > low) classes.push({ name: `to ${compact(middle)}`, width: 2.75, dash: [], tone: 'middle' });
  if ((costs[costs.length - 1] ?? 1) > middle) classes.push({ name: `above ${compact(middle)}`, width: 1.25, dash: [], tone: 'low' });
  const dearest = classes.length - 1;
  return {
    classes,
    classOf: (link) => (link.state === 'down' ? 0 : link.cost <= low ? 1 : link.cost <= middle ? Math.min(2, dearest) : dearest),
    label: (link) => (link.state === 'down' ? `down, ${compact(link.cost)}` : compact(link.cost)),
  };
}

/** @param {Overlay} overlay @param {import('./model.js').Link[]} links @returns {Scale} */
export function scaleOf(overlay, links) {
  if (overlay === 'stock') return amountScale(links, (link) => link.stock, { none: 'no keys', unit: '' });
  if (overlay === 'rate') return amountScale(links, (link) => link.rate, { none: 'no keys made', unit: '/h' });
  if (overlay === 'cost') return costScale(links);
  return stateScale();
}
