// SPDX-License-Identifier: Apache-2.0
// Signing in, for who comes without a session; then on to where he wanted to go.
import { h } from '../base/dom.js';
import { createSignIn } from '../parts/sign_in.js';
import { liveSignedIn } from '../service/live.js';

/** Only a place of the dashboard, whatever the address says. */
function goal(from) {
  try {
    const url = new URL(from ?? '/', location.origin);
    return url.origin === location.origin && url.pathname !== '/sign-in' ? url.pathname + url.search : '/';
  } catch {
    return '/';
  }
}

/** @type {import('./index.js').View} */
export default {
  mount(container, { place, go }) {
    const form = createSignIn({ onSignedIn: () => {
      liveSignedIn();
      go(goal(place.query.get('from')), { replace: true });
    } });
    container.append(h('section', { class: 'sign-in-page' }, h('h1', {}, 'Sign in'), form.element,
      !isSecureContext && h('p', { class: 'partial-line' }, 'This connection is not encrypted: whoever is on the way can read the token.')));
    queueMicrotask(() => form.focus()); // it is not in the page yet
    return {};
  },
};
