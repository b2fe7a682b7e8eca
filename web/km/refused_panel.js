// SPDX-License-Identifier: Apache-2.0
// Who knocked on a Ck listener and was not let in, and why: the first thing to look at when a KM does not come.
import { h, replace } from '../base/dom.js';
import { NONE, identifier, safe, timeElement } from '../base/format.js';
import { live } from '../service/live.js';

const SHOWN_MAX = 12;
const HEADS = ['When', 'Peer', 'Calls itself', 'Why'];

function cellsOf(peer) {
  return [timeElement(peer.time, live.now()), identifier(peer.peer), identifier(peer.identity),
    [peer.reason, peer.detail].filter(Boolean).map(safe).join(': ') || NONE];
}

/** @returns {{ element: HTMLElement, draw: () => void }} */
export function refusedPanel() {
  const body = h('tbody', { role: 'rowgroup' });
  const element = h('section', { class: 'panel refused', hidden: true }, h('h2', {}, 'Refused peers'),
    h('div', { class: 'table-scroll' }, h('table', { class: 'table cards', role: 'table', 'aria-label': 'Refused peers, the latest first' },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, HEADS.map((label) => h('th', { scope: 'col', role: 'columnheader' }, label)))), body)));
  let shown = '';
  return {
    element,
    draw() {
      const peers = [...(live.data.status?.refused_peers ?? [])].sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, SHOWN_MAX);
      element.hidden = peers.length === 0;
      if (JSON.stringify(peers) === shown) return;
      shown = JSON.stringify(peers);
      replace(body, peers.map((peer) => h('tr', { role: 'row' }, cellsOf(peer).map((cell, i) =>
        h('td', { class: 'wraps', role: 'cell', dataset: { label: HEADS[i] } }, cell)))));
    },
  };
}
