// SPDX-License-Identifier: Apache-2.0
// The form that exchanges a token for a session; the token stays in no variable and in no storage.
import { h, setText, uniqueId } from '../base/dom.js';
import { duration } from '../base/format.js';
import { signIn } from '../service/session.js';

function words(problem) {
  if (problem.status === 401) return problem.message.includes('expired') ? 'This token has expired.' : 'This token is not known: check it, or ask for another.';
  if (problem.status === 429) return `Too many attempts from this address: try again in ${duration(problem.retryAfterS * 1000)}.`;
  return problem.message;
}

/**
 * @param {{ onSignedIn: () => void, note?: string }} options
 * @returns {{ element: HTMLFormElement, focus: () => void }}
 */
export function createSignIn({ onSignedIn, note }) {
  const id = uniqueId('token');
  const input = /** @type {HTMLInputElement} */ (h('input', { id, class: 'input', type: 'password', autocomplete: 'current-password', required: true, spellcheck: 'false', 'aria-describedby': `${id}-hint ${id}-error` }));
  const shown = h('input', { type: 'checkbox', id: `${id}-show`, on: { change: () => { input.type = shown.checked ? 'text' : 'password'; } } });
  const error = h('p', { id: `${id}-error`, class: 'form-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'button primary' }, 'Sign in');

  async function submit(event) {
    event.preventDefault();
    setText(error, '');
    if (input.value.trim() === '') {
      setText(error, 'Enter a token.');
      input.focus();
      return;
    }
    button.disabled = true;
    try {
      await signIn(input.value.trim());
      input.value = '';
      onSignedIn();
    } catch (problem) {
      setText(error, words(problem));
      input.select();
    } finally {
      button.disabled = false;
    }
  }

  const element = h('form', { class: 'sign-in', on: { submit }, novalidate: true },
    note && h('p', {}, note),
    h('input', { type: 'text', autocomplete: 'username', value: location.host, hidden: true, readonly: true }), // for password managers
    h('div', { class: 'field' },
      h('label', { for: id }, 'Token'), input,
      h('span', { id: `${id}-hint`, class: 'hint' }, 'As the bridge\u2019s configuration or an administrator gave it.'),
      h('label', { class: 'inline', for: shown.id }, shown, 'Show it')),
    error, button);
  return { element: /** @type {HTMLFormElement} */ (element), focus: () => input.focus() };
}
