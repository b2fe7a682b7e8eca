// SPDX-License-Identifier: Apache-2.0
// A small line of what a number was in the last minutes; its label says in words what the line shows.
import { svg } from '../base/dom.js';

const WIDTH = 160;
const HEIGHT = 36;
const MIN_SLOTS = 15; // as long as there are fewer values, the line does not fill the width

function points(values, low, high, slots) {
  const step = WIDTH / Math.max(1, slots - 1);
  const span = high - low || 1;
  const first = slots - values.length;
  return values.map((value, i) => [
    (first + i) * step,
    value === null ? null : HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 4),
  ]);
}

/** A gap in the values is a gap in the line. */
function pathOf(all) {
  let drawing = false;
  let d = '';
  for (const [x, y] of all) {
    if (y !== null) d += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawing = y !== null;
  }
  return d;
}

/**
 * @param {{ label: string, slots?: number, format: (value: number) => string, floor?: number, ceiling?: number }} options
 *   `floor`, `ceiling`: what the scale holds at least
 * @returns {{ element: SVGElement, set: (values: (number | null)[]) => void }} newest value last; null: not known
 */
export function createSparkline({ label, slots = 60, format, floor = 0, ceiling = 0 }) {
  const line = svg('path', { class: 'sparkline-line', fill: 'none' });
  const area = svg('path', { class: 'sparkline-area' });
  const element = svg('svg', { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${label}: nothing yet` }, area, line);
  return {
    element,
    set(values) {
      const shown = values.slice(-slots);
      const known = shown.filter((value) => value !== null);
      if (known.length === 0) return;
      const low = Math.min(floor, ...known);
      const high = Math.max(ceiling, ...known);
      const all = points(shown, low, high, Math.min(slots, Math.max(MIN_SLOTS, shown.length)));
      const d = pathOf(all);
      line.setAttribute('d', d);
      const drawn = all.filter(([, y]) => y !== null);
      area.setAttribute('d', known.length === shown.length ? `${d}L${drawn.at(-1)[0]} ${HEIGHT}L${drawn[0][0]} ${HEIGHT}Z` : '');
      element.setAttribute('aria-label', `${label}: now ${format(known.at(-1))}, between ${format(Math.min(...known))} and ${format(Math.max(...known))}`);
    },
  };
}
