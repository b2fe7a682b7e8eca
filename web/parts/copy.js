// SPDX-License-Identifier: Apache-2.0
// A button that puts a text into the clipboard, and says whether it did.
import { h, setText } from '../base/dom.js';
import { announce } from './notice.js';

const SAID_MS = 2000;

/** Without the clipboard (plain HTTP from elsewhere) the text is selected, to be copied by hand. */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown) getSelection().selectAllChildren(shown);
    return false;
  }
}

/**
 * @param {string} text @param {{ label?: string, what?: string, shown?: Element }} [options]
 *   `what` is copied, for who cannot see it; `shown`: the element that shows it
 */
export function copyButton(text, { label = 'Copy', what = 'it', shown } = {}) {
  let timer = 0;
  const button = h('button', { type: 'button', class: 'button small', 'aria-label': `Copy ${what}` }, label);
  button.addEventListener('click', async () => {
    const done = await copy(text, shown);
    setText(button, done ? 'Copied' : 'Selected: press Ctrl+C');
    announce(done ? `Copied ${what}` : 'Selected, to be copied by hand');
    clearTimeout(timer);
    timer = setTimeout(() => setText(button, label), SAID_MS);
  });
  return button;
}
