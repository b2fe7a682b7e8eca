// SPDX-License-Identifier: Apache-2.0
// How long a KM takes to answer Key relay requests, as bars, and as a table for who cannot see them.
import { h, replace, svg } from '../base/dom.js';
import { duration, number, percent } from '../base/format.js';

const WIDTH = 320;
const HEIGHT = 96;
const GAP = 2;

/** @typedef {{ below: number | null, count: number }} Bucket they don't overlap; null: all that is above */

function label(buckets, i) {
  const from = i === 0 ? 0 : buckets[i - 1].below;
  return buckets[i].below === null ? `${duration(from)} or more` : `${duration(from)} to ${duration(buckets[i].below)}`;
}

/** The bucket's upper end below which at least that share lies. */
function quantile(buckets, share) {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let sum = 0;
  for (const [i, { below, count }] of buckets.entries()) {
    sum += count;
    if (sum >= share * total) return below === null ? `over ${duration(buckets[i - 1].below)}` : `under ${duration(below)}`;
  }
  return '';
}

/** Without the empty buckets at both ends. */
function trimmed(buckets) {
  const first = buckets.findIndex(({ count }) => count > 0);
  const last = buckets.findLastIndex(({ count }) => count > 0);
  return [Math.max(0, first - 1), Math.min(buckets.length - 1, last + 1)];
}

/** @param {Bucket[]} buckets */
function bars(buckets) {
  const [first, last] = trimmed(buckets);
  const shown = buckets.slice(first, last + 1);
  const most = Math.max(...shown.map(({ count }) => count));
  const width = WIDTH / shown.length;
  return svg('svg', { class: 'histogram', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    shown.map(({ count }, i) => {
      const height = count === 0 ? 0 : Math.max(2, (count / most) * (HEIGHT - 2));
      return svg('rect', { class: 'histogram-bar', x: i * width + GAP / 2, y: HEIGHT - height, width: width - GAP, height },
        svg('title', {}, `${label(buckets, first + i)}: ${number(count)}`));
    }));
}

function axis(buckets) {
  const [first, last] = trimmed(buckets);
  const from = first === 0 ? 0 : buckets[first - 1].below;
  const to = buckets[last].below;
  return h('div', { class: 'histogram-axis', 'aria-hidden': 'true' }, h('span', {}, duration(from)), h('span', {}, to === null ? 'more' : duration(to)));
}

/** @returns {{ element: HTMLElement, set: (buckets: Bucket[]) => void }} */
export function createHistogram() {
  const element = h('div', { class: 'histogram-frame' });
  let shown = '';
  return {
    element,
    set(buckets) {
      if (JSON.stringify(buckets) === shown) return;
      shown = JSON.stringify(buckets);
      const total = buckets.reduce((sum, { count }) => sum + count, 0);
      if (total === 0) {
        replace(element, h('p', { class: 'none' }, 'No answer yet.'));
        return;
      }
      replace(element,
        h('p', {}, `${number(total)} answers; half ${quantile(buckets, 0.5)}, 99 of 100 ${quantile(buckets, 0.99)}`), bars(buckets), axis(buckets),
        h('div', { class: 'visually-hidden' }, h('table', {}, h('caption', {}, 'Answers by the time they took'),
          h('tbody', {}, buckets.flatMap(({ count }, i) => (count === 0 ? [] : [h('tr', {}, h('th', { scope: 'row' }, label(buckets, i)), h('td', {}, number(count)), h('td', {}, percent(count, total)))]))))));
    },
  };
}
