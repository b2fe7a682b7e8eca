// SPDX-License-Identifier: Apache-2.0
// The map's colours, read from the style sheet: a canvas knows nothing of custom properties, themes or forced colours.
import { h } from '../base/dom.js';

const TONES = ['ground', 'text', 'link', 'faint', 'node', 'bad', 'quiet', 'low', 'warning', 'middle', 'high', 'select', 'path', 'flow', 'good'];

/**
 * @typedef {Record<string, string> & { font: string }} Palette
 */

/**
 * Follows the theme. @param {HTMLElement} host within which the colours are looked up
 * @param {() => void} onChange @returns {{ colours: Palette, read: () => void, close: () => void }}
 *   `read`: once the host is in the document: before, it has no colours
 */
export function followPalette(host, onChange) {
  const probes = TONES.map((tone) => h('span', { dataset: { tone } }));
  const box = h('div', { class: 'map-tones', 'aria-hidden': 'true' }, probes);
  host.append(box);
  const colours = {};
  function read() {
    for (const probe of probes) colours[probe.dataset.tone] = getComputedStyle(probe).color;
    colours.font = getComputedStyle(host).fontFamily;
  }
  function changed() {
    read();
    onChange();
  }
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
  return {
    colours,
    read,
    close() {
      for (const query of queries) query.removeEventListener('change', changed);
      observer.disconnect();
      box.remove();
    },
  };
}
