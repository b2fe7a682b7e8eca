// SPDX-License-Identifier: Apache-2.0
// Where an application is that the bridge does not know: asked for with the decision, and remembered if that is wanted.
import { h, uniqueId } from '../base/dom.js';
import { identifier, safe } from '../base/format.js';
import { createKmaPicker } from '../parts/kma_picker.js';
import { live } from '../service/live.js';

/**
 * @typedef {{ element: HTMLElement | null, addTo: (body: any) => any, told: () => string }} Target
 *   `addTo`: the decision with what was said here; a rejection stays as it is; `told`: what was remembered, once it was
 */

function learnBox(application) {
  const id = uniqueId('learn');
  const input = /** @type {HTMLInputElement} */ (h('input', { type: 'checkbox', id, 'aria-describedby': `${id}-hint` }));
  return { input, element: h('div', { class: 'learn' }, input,
    h('label', { for: id }, 'Remember that application ', identifier(application, { max: 32 }), ' is at this KMA'),
    h('p', { id: `${id}-hint`, class: 'hint' }, 'It is put into the directory of applications together with the decision: from then on nobody is asked where it is.')) };
}

/**
 * @param {any} item held @param {import('./decide_ways.js').Ends} ends its destination is written here
 * @param {AbortSignal} signal @param {() => void} onChange the destination is another
 * @returns {Target}
 */
export function createTarget(item, ends, signal, onChange) {
  const application = item.application_destination_id ?? null;
  const isAsked = ends.destination === null;
  const picker = isAsked ? createKmaPicker({ label: 'Where the destination is', hint: 'The request names an application that the bridge does not know.', required: true, signal, onInput: (value) => {
    ends.destination = value.trim() || null;
    onChange();
  } }) : null;
  const learn = application !== null && !live.data.applications.has(application) ? learnBox(application) : null;
  return {
    element: (picker !== null || learn !== null) && h('div', { class: 'decide-target' }, picker?.element, learn?.element),
    addTo(body) {
      if ('reject' in body) return body;
      return { ...body, ...(isAsked && { destination_kma_id: ends.destination }), ...(learn?.input.checked && { learn: true }) };
    },
    told: () => (learn?.input.checked ? ` Application ${safe(application)} is at ${safe(ends.destination)} from now on.` : ''),
  };
}
