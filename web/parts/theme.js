// SPDX-License-Identifier: Apache-2.0
// The choice of colours: the system's, light or dark; kept in this browser.
import { h } from '../base/dom.js';

const KEY = 'ckbridge-theme';
const CHOICES = [['system', 'System colours'], ['light', 'Light'], ['dark', 'Dark']];

function read() {
  try {
    return localStorage.getItem(KEY) ?? 'system';
  } catch {
    return 'system';
  }
}

function write(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // it holds until the page is left
  }
  dispatchEvent(new CustomEvent('ckbridge-theme'));
}

/** The choice as an input; a canvas hears "ckbridge-theme" on the window. @returns {HTMLElement} */
export function createThemeSwitch() {
  const select = h('select', { id: 'theme', class: 'input small' }, CHOICES.map(([value, label]) => h('option', { value }, label)));
  select.value = read();
  select.addEventListener('change', () => write(select.value));
  addEventListener('storage', (event) => {
    if (event.key !== KEY) return;
    select.value = read();
    write(select.value);
  });
  return h('span', { class: 'theme' }, h('label', { for: 'theme', class: 'visually-hidden' }, 'Colours'), select);
}
