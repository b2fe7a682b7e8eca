// SPDX-License-Identifier: Apache-2.0
// An input for a KMA's ID, with those that KMs and links name to choose from.
import { h, replace, uniqueId } from '../base/dom.js';
import { live, subscribe } from '../service/live.js';

const OFFERED_MAX = 2000;

/** Every KMA that a KM or a link names, in order. @returns {string[]} */
export function knownKmas() {
  const found = new Set();
  for (const km of live.data.kms.values()) for (const id of km.kma_ids) found.add(id);
  for (const link of live.data.links.values()) found.add(link.a).add(link.b);
  return [...found].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

/**
 * @param {{ label: string, value?: string, hint?: string, required?: boolean, signal: AbortSignal,
 *   onInput?: (value: string) => void }} options `signal`: when it is aborted, the picker lets go of the live state
 * @returns {{ element: HTMLElement, input: HTMLInputElement, known: () => boolean }}
 */
export function createKmaPicker({ label, value = '', hint, required = false, signal, onInput }) {
  const id = uniqueId('kma');
  const list = h('datalist', { id: `${id}-list` });
  const hintElement = hint && h('span', { id: `${id}-hint`, class: 'hint' }, hint);
  const input = /** @type {HTMLInputElement} */ (h('input', { id, class: 'input', list: list.id, value, required, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': hint ? `${id}-hint` : null }));
  const fill = () => replace(list, knownKmas().slice(0, OFFERED_MAX).map((kma) => h('option', { value: kma })));
  input.addEventListener('input', () => onInput?.(input.value));
  const end = subscribe(['kms', 'links'], fill);
  signal.addEventListener('abort', end, { once: true });
  fill();
  return { element: h('div', { class: 'field' }, h('label', { for: id }, label), input, list, hintElement), input, known: () => knownKmas().includes(input.value) };
}
