// SPDX-License-Identifier: Apache-2.0
// What waits for a decision, the most urgent first, with how long it can still be decided.
import { h, replace, setText } from '../base/dom.js';
import { counted, identifier, timeElement } from '../base/format.js';
import { actButton } from '../parts/act_button.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { live, subscribe } from '../service/live.js';
import { hasOwnPolicies } from '../service/policy.js';
import { whyNot } from '../service/session.js';
import { target } from '../requests/columns.js';
import { deadlineOf, policyWords, presenceWords, timeLeft, whatThen } from '../requests/deadline.js';
import { openDecision } from '../requests/decide_dialog.js';
import { KINDS, addressOf, idOf, isHeld } from '../requests/kinds.js';

const URGENT_MS = 10000;
const REDRAW_MS = 200;
const TICK_MS = 1000;

/** @typedef {{ kind: import('../requests/kinds.js').Kind, item: any }} Row */

/** The same row for the same item, so that a table leaves what did not change alone. @type {WeakMap<object, Row>} */
const rowsOfItems = new WeakMap();

function rowOf(kind, item) {
  if (!rowsOfItems.has(item)) rowsOfItems.set(item, { kind, item });
  return rowsOfItems.get(item);
}

function heldRows() {
  return Object.values(KINDS).flatMap((kind) => [...live.data[kind.resource].values()].filter(isHeld).map((item) => rowOf(kind, item)));
}

function leftCell({ item }) {
  const deadline = deadlineOf(item, live.data);
  const isUrgent = deadline !== null && deadline - live.now() < URGENT_MS;
  return h('span', { class: isUrgent ? 'urgent' : null }, timeLeft(deadline, live.now()));
}

function columns(decide) {
  return [
    { id: 'left', label: 'Time left', card: 'state', sort: ({ item }) => deadlineOf(item, live.data), volatile: true, cell: leftCell },
    { id: 'what', label: 'What', card: 'name', sort: ({ kind }) => kind.one, cell: ({ kind, item }) => h('a', { href: addressOf(kind, idOf(kind, item)) }, `${kind.one} ${idOf(kind, item)}`) },
    { id: 'source', label: 'From', sort: ({ item }) => item.source_kma_id ?? item.current_kma_id, cell: ({ item }) => identifier(item.source_kma_id ?? item.current_kma_id, { max: 24 }) },
    { id: 'destination', label: 'To', sort: ({ item }) => item.destination_kma_id, cell: ({ item }) => target(item) },
    { id: 'km', label: 'KM', sort: ({ item }) => item.km_id, rank: 2, cell: ({ item }) => identifier(item.km_id, { max: 20 }) },
    { id: 'received', label: 'Received', sort: ({ item }) => Date.parse(item.received_at), rank: 2, card: 'line', align: 'end', cell: ({ item }) => timeElement(item.received_at, live.now()) },
    { id: 'act', label: 'Decision', class: 'act-cell', align: 'end', cell: ({ kind, item }) => actButton({ label: 'Decide', kind: 'small primary', about: `${kind.one} ${idOf(kind, item)}`, hide: true, run: () => decide(kind, item) }) },
  ];
}

function emptyWords() {
  return { title: 'Nothing is held', detail: live.data.status ? presenceWords(live.data.status.decision) : null };
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: '\u2191 \u2193', what: 'Go from request to request' }, { keys: 'Enter', what: 'Open the request' }, { keys: 'd', what: 'Decide the request that has the focus' }],
  mount(container, { go, onEnd }) {
    let drawTimer = 0;
    const table = createTable({ label: 'Held requests', columns: columns(openDecision), key: ({ kind, item }) => `${kind.one} ${idOf(kind, item)}`,
      sort: { id: 'left' }, onOpen: ({ kind, item }) => go(addressOf(kind, idOf(kind, item))), empty: () => emptyBlock(emptyWords()) });
    const count = h('span', { class: 'head-count', role: 'status' });
    const policy = h('p', { class: 'policy' });
    const presence = h('p', { class: 'policy' });
    const why = whyNot('orchestrator');
    const body = h('div', {}, loadingBlock());
    replace(container, h('div', { class: 'view-head' }, h('h1', {}, 'Held for a decision'), count), policy, presence,
      why !== '' && h('p', { class: 'partial-line' }, `You can look, but not decide. ${why}`), body);

    function draw() {
      clearTimeout(drawTimer);
      drawTimer = 0;
      drawPolicy();
      if (!live.synced) return;
      if (!table.element.isConnected) replace(body, table.element);
      const rows = heldRows();
      table.setRows(rows);
      setText(count, rows.length === 0 ? '' : counted(rows.length, 'request'));
    }

    function drawPolicy() {
      const { status } = live.data;
      setText(policy, status ? `${policyWords(status.decision)}${hasOwnPolicies(live.data) ? ' Some KMs or destinations have a policy of their own, by which their requests wait.' : ''}` : '');
      setText(presence, status ? presenceWords(status.decision) : '');
    }

    function onKey(event) {
      const row = event.target.closest?.('tr[data-key]');
      if (event.key !== 'd' || !row || event.ctrlKey || event.metaKey || event.altKey) return;
      row.querySelector('button:not(:disabled)')?.click();
    }

    table.element.addEventListener('keydown', onKey);
    onEnd(subscribe(['relays', 'lookups'], () => { drawTimer ||= setTimeout(draw, REDRAW_MS); }));
    onEnd(subscribe('status', drawPolicy));
    const tick = setInterval(() => table.refresh(), TICK_MS);
    onEnd(() => {
      clearInterval(tick);
      clearTimeout(drawTimer);
    });
    draw();
    return {};
  },
};
