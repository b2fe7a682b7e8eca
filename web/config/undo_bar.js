// SPDX-License-Identifier: Apache-2.0
// The line that says what was changed last from this page, with the button that takes it back.
import { h, replace } from '../base/dom.js';
import { timeOfDay } from '../base/format.js';
import { notify } from '../parts/notice.js';
import { forget, lastMade, madeWords, onMade, undo } from './undo.js';

/** @param {(end: () => void) => void} onEnd @returns {HTMLElement} */
export function createUndoBar(onEnd) {
  const element = h('div', { class: 'undo-bar', role: 'status', hidden: true });

  async function run(change, buttons) {
    for (const button of buttons) button.disabled = true;
    const { outcome, words } = await undo(change);
    notify(words, { kind: outcome === 'done' ? 'success' : 'error' });
    for (const button of buttons) button.disabled = false;
  }

  function draw() {
    const change = lastMade();
    const held = element.contains(document.activeElement);
    element.hidden = change === null;
    if (change === null) {
      replace(element);
      if (held) document.getElementById('main').focus({ preventScroll: true });
      return;
    }
    const take = h('button', { type: 'button', class: 'button small', on: { click: () => run(change, [take, keep]) } }, 'Undo');
    const keep = h('button', { type: 'button', class: 'button small', on: { click: () => forget(change) } }, 'Keep it');
    replace(element, h('span', { class: 'undo-words' }, `You ${madeWords(change)} at ${timeOfDay(change.atMs)}.`), take, keep);
    if (held) take.focus();
  }

  onEnd(onMade(draw));
  draw();
  return element;
}
