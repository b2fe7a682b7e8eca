// SPDX-License-Identifier: Apache-2.0
// Modal dialogs on the browser's own <dialog>: focus stays within, Escape closes, and focus returns to where it was.
import { h, uniqueId } from '../base/dom.js';

/**
 * @typedef {{ label: string, kind?: 'primary' | 'danger' | 'plain', value?: any,
 *   run?: () => Promise<any> | any }} Action `run` may return false to keep the dialog open
 * @typedef {{ element: HTMLDialogElement, close: (value?: any) => void, done: Promise<any> }} OpenDialog
 */

function actionButton(action, close) {
  const button = h('button', { type: 'button', class: `button ${action.kind ?? 'plain'}` }, action.label);
  button.addEventListener('click', async () => {
    if (!action.run) {
      close(action.value);
      return;
    }
    button.disabled = true;
    try {
      const result = await action.run();
      if (result !== false) close(action.value ?? result);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

/**
 * @param {{ title: string, content: import('../base/dom.js').Child, actions?: Action[], dismissible?: boolean,
 *   wide?: boolean, class?: string }} options
 * @returns {OpenDialog} `done` resolves to the value it was closed with; undefined: dismissed
 */
export function openDialog({ title, content, actions = [], dismissible = true, wide = false, class: more = '' }) {
  const titleId = uniqueId('dialog-title');
  let settle;
  const done = new Promise((resolve) => {
    settle = resolve;
  });
  let result;
  const close = (value) => {
    result = value;
    element.close();
  };
  const buttons = actions.map((action) => actionButton(action, close));
  const element = h('dialog', { class: `dialog ${wide ? 'wide' : ''} ${more}`, 'aria-labelledby': titleId },
    h('div', { class: 'dialog-head' },
      h('h2', { id: titleId }, title),
      dismissible && h('button', { type: 'button', class: 'button icon', 'aria-label': 'Close', on: { click: () => close() } }, '\u2715')),
    h('div', { class: 'dialog-body' }, content),
    buttons.length > 0 && h('div', { class: 'dialog-actions' }, buttons));
  element.addEventListener('cancel', (event) => {
    if (!dismissible) event.preventDefault();
  });
  element.addEventListener('close', () => {
    element.remove();
    settle(result);
  });
  document.getElementById('dialogs').append(element);
  element.showModal();
  return { element, close, done };
}

/**
 * Asks before what cannot be undone. The verb is on the button.
 * @param {{ title: string, body: import('../base/dom.js').Child, confirm: string, danger?: boolean }} options
 * @returns {Promise<boolean>}
 */
export async function confirmDialog({ title, body, confirm, danger = false }) {
  const opened = openDialog({ title, content: body, actions: [
    { label: 'Cancel', value: false },
    { label: confirm, kind: danger ? 'danger' : 'primary', value: true },
  ] });
  return (await opened.done) === true;
}
