// SPDX-License-Identifier: Apache-2.0
// Modal dialogs on the browser's own <dialog>: focus stays within, Escape closes, and focus returns to where it was.
import { h, replace, setText, uniqueId } from '../base/dom.js';

/**
 * @typedef {{ label: string, kind?: 'primary' | 'danger' | 'plain', value?: any,
 *   run?: () => Promise<any> | any }} Action `run` may return false to keep the dialog open
 * @typedef {{ element: HTMLDialogElement, close: (value?: any) => void, dismiss: () => void, done: Promise<any>,
 *   setTitle: (title: string) => void, setActions: (actions: Action[]) => void }} OpenDialog
 *   `dismiss`: as Escape does
 */

function actionButton(action, close) {
  const button = h('button', { type: 'button', class: `button ${action.kind ?? 'plain'}` }, action.label);
  button.addEventListener('click', async (event) => {
    if (event.detail > 1) return; // of a double click the second was meant for what stood here before
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
 *   wide?: boolean, class?: string, mayClose?: () => boolean | Promise<boolean> }} options
 *   `mayClose`: asked when it is dismissed, by Escape or its cross; false keeps it open
 * @returns {OpenDialog} `done` resolves to the value it was closed with; undefined: dismissed
 */
export function openDialog({ title, content, actions = [], dismissible = true, wide = false, class: more = '', mayClose }) {
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
  let asking = false;
  const dismiss = async () => {
    if (asking) return;
    asking = true;
    try {
      if (!mayClose || (await mayClose())) close();
    } finally {
      asking = false;
    }
  };
  const heading = h('h2', { id: titleId }, title);
  const foot = h('div', { class: 'dialog-actions' });
  const setActions = (given) => {
    replace(foot, given.map((action) => actionButton(action, close)));
    foot.hidden = given.length === 0;
  };
  setActions(actions);
  const element = h('dialog', { class: `dialog ${wide ? 'wide' : ''} ${more}`, 'aria-labelledby': titleId },
    h('div', { class: 'dialog-head' },
      heading,
      dismissible && h('button', { type: 'button', class: 'button icon', 'aria-label': 'Close', on: { click: dismiss } }, '\u2715')),
    h('div', { class: 'dialog-body' }, content),
    foot);
  element.addEventListener('cancel', (event) => {
    if (event.target !== element) return;
    if (!dismissible || mayClose) event.preventDefault();
    if (dismissible && mayClose) dismiss();
  });
  // A browser closes on a second Escape whatever was said to the first; unless the key itself is taken.
  if (mayClose) {
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      dismiss();
    });
  }
  element.addEventListener('close', () => {
    element.remove();
    settle(result);
  });
  document.getElementById('dialogs').append(element);
  element.showModal();
  return { element, close, dismiss, done, setActions, setTitle: (text) => setText(heading, text) };
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
