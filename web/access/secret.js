// SPDX-License-Identifier: Apache-2.0
// A secret that the bridge tells once: shown, copied, and gone with its dialog.
import { h } from '../base/dom.js';
import { copyButton } from '../parts/copy.js';
import { openDialog } from '../parts/dialog.js';

/** @param {{ title: string, secret: string, words: import('../base/dom.js').Child }} options @returns {Promise<void>} until it is closed */
export async function showSecretOnce({ title, secret, words }) {
  const shown = h('code', { class: 'secret', tabindex: 0, role: 'textbox', 'aria-readonly': 'true', 'aria-label': 'The secret' }, secret);
  const opened = openDialog({ title, wide: true, dismissible: false,
    content: [h('p', {}, words), h('p', { class: 'secret-line' }, shown, copyButton(secret, { what: 'the secret', shown })),
      h('p', { class: 'partial-line' }, 'It is shown this once: the bridge cannot tell it again.')],
    actions: [{ label: 'I have stored it', kind: 'primary', value: true }] });
  await opened.done;
}
