// SPDX-License-Identifier: Apache-2.0
// The navigation: a column of views beside them; on a narrow screen a button that opens it, and says where one is.
import { h, replace, setText } from '../base/dom.js';

/**
 * @param {HTMLElement} place
 * @returns {{ draw: (entries: { path: string, name: string, lacks: string | null }[]) => void, mark: (path: string | null) => void }}
 *   `lacks`: the role that who is signed in has not
 */
export function mountNav(place) {
  const here = h('span', { class: 'nav-here' });
  const list = h('ul', { id: 'nav-list' });
  const toggle = h('button', { type: 'button', class: 'nav-toggle', 'aria-expanded': 'false', 'aria-controls': list.id, on: { click: () => open(!isOpen()) } },
    h('span', { class: 'nav-mark', 'aria-hidden': 'true' }, '\u2630'), h('span', { class: 'visually-hidden' }, 'Views, now: '), here);
  const isOpen = () => toggle.getAttribute('aria-expanded') === 'true';

  function open(wanted) {
    toggle.setAttribute('aria-expanded', String(wanted));
    place.classList.toggle('open', wanted);
  }

  place.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !isOpen()) return;
    open(false);
    toggle.focus();
  });

  return {
    draw(entries) {
      replace(list, entries.map(({ path, name, lacks }) => h('li', {}, h('a', { href: path, dataset: { path }, class: lacks && 'lacks-role',
        title: lacks && `This needs the role ${lacks}`, on: { click: () => open(false) } }, name))));
      replace(place, entries.length > 0 && [toggle, list]);
    },
    mark(path) {
      setText(here, 'Views');
      for (const link of list.querySelectorAll('a')) {
        if (link.dataset.path !== path) link.removeAttribute('aria-current');
        else {
          link.setAttribute('aria-current', 'page');
          setText(here, link.textContent);
        }
      }
      open(false);
    },
  };
}
