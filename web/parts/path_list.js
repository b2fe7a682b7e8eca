// SPDX-License-Identifier: Apache-2.0
// A path from KMA to KMA, in a line, as a list that can be read out.
import { h } from '../base/dom.js';
import { NONE, identifier } from '../base/format.js';

/**
 * @param {string[]} path KMA IDs, source first @param {{ label?: string, max?: number, marked?: string }} [options]
 *   `marked`: a KMA that stands out
 * @returns {HTMLElement}
 */
export function pathList(path, { label = 'Path', max = 24, marked } = {}) {
  if (!path || path.length === 0) return h('span', { class: 'none' }, NONE);
  return h('ol', { class: 'path-list', 'aria-label': label },
    path.map((kma) => h('li', { class: kma === marked ? 'marked' : null }, identifier(kma, { max }))));
}
