// SPDX-License-Identifier: Apache-2.0
// Who knocked on a Ck listener and was not let in, and why: the first thing to look at when a KM does not come.
import { h, replace } from '../base/dom.js';
import { NONE, identifier, safe, timeElement } from '../base/format.js';
import { live } from '../service/live.js';

const SHOWN_MAX = 12;

/** @returns {{ element: HTMLElement, draw: () => void }} */
export function refusedPanel() {
  const body = h('tbody');
  const element = h('section', { class: 'panel refused', hidden: true }, h('h2', {}, 'Refused peers'),
    h('div', { class: 'table-scroll' }, h('table', { class: 'table', 'aria-label': 'Refused peers, the latest first' },
      h('thead', {}, h('tr', {}, ['When', 'Peer', 'Calls itself', 'Why'].map((label) => h('th', { scope: 'col' }, label)))), body)));
  let shown = '';
  return {
    element,
    draw() {
      const peers = [...(live.data.status?.refused_peers ?? [])].sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, SHOWN_MAX);
      element.hidden = peers.length === 0;
      if (JSON.stringify(peers) === shown) return;
      shown = JSON.stringify(peers);
      replace(body, peers.map((peer) => h('tr', {},
        h('td', {}, timeElement(peer.time, live.now())), h('td', {}, identifier(peer.peer)), h('td', {}, identifier(peer.identity)),
        h('td', { class: 'wraps' }, [peer.reason, peer.detail].filter(Boolean).map(safe).join(': ') || NONE))));
    },
  };
}
