// SPDX-License-Identifier: Apache-2.0
// A button for what not everybody may do: who may not sees it too, and reads why it does nothing.
import { h, uniqueId } from '../base/dom.js';
import { whyNot } from '../service/session.js';

/**
 * @param {{ label: string, run: () => void, role?: 'orchestrator' | 'admin', kind?: string, about?: string, hide?: boolean }} options
 *   `about`: what a screen reader hears after the label ("relay 1042"); `hide`: the reason is for screen readers alone,
 *   since it stands elsewhere too
 * @returns {HTMLElement}
 */
export function actButton({ label, run, role = 'orchestrator', kind = 'primary', about = '', hide = false }) {
  const why = whyNot(role);
  const id = uniqueId('why');
  const button = h('button', { type: 'button', class: `button ${kind}`, disabled: why !== '', 'aria-describedby': why !== '' && id,
    'aria-label': about !== '' && `${label} ${about}`, on: { click: run } }, label);
  return why === '' ? button : h('span', { class: 'act' }, button, h('span', { id, class: hide ? 'visually-hidden' : 'hint' }, why));
}
