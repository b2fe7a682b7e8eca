// SPDX-License-Identifier: Apache-2.0
// Every view there is, one line each, in the order of the navigation. `nav` is its name there; without it, it is not there.
// `key`: what follows "g" to go there, for those that come after the ninth.
import { placeOf } from '../service/router.js';

/**
 * What a view's module exports as its default.
 * @typedef {object} View
 * @property {{ keys: string, what: string }[]} [keys] for the help
 * @property {(container: HTMLElement, context: Context) => Mounted} mount draws into the container, which is empty
 *
 * @typedef {object} Mounted
 * @property {(place: import('../service/router.js').Place) => void} [update] the address changed, the view is the same
 *   (back, forward, a link); without it the view is mounted anew
 * @property {() => void} [unmount] the container is emptied afterwards
 *
 * @typedef {object} Context
 * @property {import('../service/router.js').Place} place the path's {parameters}, decoded, and the query
 * @property {(address: string, options?: { replace?: boolean }) => void} go to another place of the dashboard
 * @property {(query: string) => void} setQuery puts the view's state into the URL ("?a=b" of base/query.js, or "")
 * @property {(title: string) => void} setTitle of the document, when the entry's is not exact enough
 * @property {AbortSignal} signal aborted when the view goes: give it to requests, and to addEventListener
 * @property {(end: () => void) => void} onEnd called when the view goes: give it what `subscribe` returns
 */

/** @type {import('../service/router.js').Entry[]} */
export const views = [
  { path: '/', title: 'Overview', nav: 'Overview', load: () => import('./overview.js') },
  { path: '/topology', title: 'Topology', nav: 'Topology', load: () => import('./topology.js') },
  { path: '/kms', title: 'Key managers', nav: 'KMs', load: () => import('./kms.js') },
  { path: '/kms/{id}', title: 'Key manager', load: () => import('./km.js') },
  { path: '/relays', title: 'Relays', nav: 'Relays', load: () => import('./relays.js') },
  { path: '/relays/{id}', title: 'Relay', load: () => import('./relay.js') },
  { path: '/lookups', title: 'Lookups', nav: 'Lookups', load: () => import('./lookups.js') },
  { path: '/lookups/{id}', title: 'Lookup', load: () => import('./lookup.js') },
  { path: '/held', title: 'Held', nav: 'Held', load: () => import('./held.js') },
  { path: '/routes', title: 'Routes', nav: 'Routes', load: () => import('./routes.js') },
  { path: '/routes/{id}', title: 'Route', load: () => import('./route.js') },
  { path: '/links', title: 'Links and applications', nav: 'Links', load: () => import('./links.js') },
  { path: '/events', title: 'Events', nav: 'Events', load: () => import('./events.js') },
  { path: '/audit', title: 'Audit', nav: 'Audit', key: 'a', role: 'admin', load: () => import('./audit.js') },
  { path: '/access', title: 'Access', nav: 'Access', key: 'c', load: () => import('./access.js') },
  { path: '/sign-in', title: 'Sign in', load: () => import('./sign_in.js') },
];

/** What follows "g" to go to each view of the navigation. @returns {[key: string, entry: import('../service/router.js').Entry][]} */
export function goKeys() {
  return views.filter((entry) => entry.nav).map((entry, i) => [entry.key ?? String(i + 1), entry]);
}

/** The address when a view is there for it, else null: nothing links to where nothing is. @param {string | null} address */
export function linkTo(address) {
  return address !== null && placeOf(views, new URL(address, location.origin)).entry !== null ? address : null;
}
