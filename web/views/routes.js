// SPDX-License-Identifier: Apache-2.0
// The installed routes: which there are, which cannot be used and why, and how long they hold.
import { h, replace } from '../base/dom.js';
import { queryOf, stateOf } from '../base/query.js';
import { openEditor } from '../config/editor.js';
import { ROUTES } from '../config/kinds.js';
import { COLUMNS, createRouteRows, fits } from '../config/route_rows.js';
import { createUndoBar } from '../config/undo_bar.js';
import { actButton } from '../parts/act_button.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { isTyping } from '../parts/help.js';
import { live, subscribe } from '../service/live.js';
import { may } from '../service/session.js';
import { safe } from '../base/format.js';

const DEFAULTS = { q: '', usable: '', kind: '', origin: '', sort: 'usable', down: false };
const REDRAW_MS = 250;
const TICK_MS = 1000;

function fieldsOf(origins) {
  return [
    { id: 'q', label: 'Search', kind: 'search', placeholder: 'ID, KMA or origin' },
    { id: 'usable', label: 'Show', kind: 'choice', options: [['', 'all'], ['no', 'not usable'], ['yes', 'usable'], ['lease', 'with a lease']] },
    { id: 'kind', label: 'Way', kind: 'choice', options: [['', 'any'], ['path', 'paths'], ['hops', 'next hops']] },
    { id: 'origin', label: 'Origin', kind: 'choice', options: [['', 'any'], ...origins.map((origin) => [origin, safe(origin)])] },
  ];
}

function nothing(state) {
  const isFiltered = state.q !== '' || state.usable !== '' || state.kind !== '' || state.origin !== '';
  return emptyBlock(isFiltered ? { title: 'No route fits these filters', detail: 'Clear a filter to see more.' }
    : { title: 'No routes', detail: 'Relays are decided by the orchestrator, or computed. A route says for two KMAs which way keys go.' });
}

function originsOf(chosen) {
  const found = new Set(chosen === '' ? [] : [chosen]);
  for (const route of live.data.routes.values()) found.add(route.origin);
  return [...found].sort();
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: '\u2191 \u2193', what: 'Go from route to route' }, { keys: 'Enter', what: 'Open the route' }, { keys: 'n', what: 'New route' }],
  mount(container, { place, go, setQuery, signal, onEnd }) {
    let state = stateOf(place.query, DEFAULTS);
    let timer = 0;
    const source = createRouteRows();
    const create = async () => {
      const made = await openEditor(ROUTES, {});
      if (made) go(ROUTES.address(made.route_id));
    };
    const table = createTable({
      label: 'Routes', columns: COLUMNS, key: (row) => row.route.route_id, sort: { id: state.sort, descending: state.down },
      onSort: ({ id, descending }) => change({ ...state, sort: id, down: descending }),
      onOpen: (row) => go(ROUTES.address(row.route.route_id)), empty: () => nothing(state),
    });
    const bars = h('div');
    const body = h('div', {}, loadingBlock());
    let bar = null;
    let origins = '';

    function change(wanted) {
      state = { ...DEFAULTS, ...wanted };
      setQuery(queryOf(state, DEFAULTS));
      draw();
    }

    /** Anew only when there are other origins to choose from. */
    function drawBar() {
      const now = originsOf(state.origin);
      if (bar !== null && (now.join('\n') === origins || bars.contains(document.activeElement))) return;
      origins = now.join('\n');
      bar = createFilterBar({ fields: fieldsOf(now), state, onChange: ({ q, usable, kind, origin }) => change({ ...state, q, usable, kind, origin }) });
      replace(bars, bar.element);
    }

    function draw() {
      clearTimeout(timer);
      timer = 0;
      if (!live.synced) return;
      drawBar();
      const all = source.rows();
      const rows = all.filter((row) => fits(state, row));
      if (!body.contains(table.element)) replace(body, table.element);
      table.setRows(rows);
      bar.setCount(rows.length, all.length);
    }

    replace(container,
      h('div', { class: 'view-head' }, h('h1', {}, 'Routes'), h('span', { class: 'view-actions' }, actButton({ label: 'New route', run: create }))),
      createUndoBar(onEnd), bars, body);
    addEventListener('keydown', (event) => {
      if (event.key !== 'n' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]') || !may(ROUTES.role)) return;
      event.preventDefault();
      create();
    }, { signal });
    onEnd(subscribe(['routes', 'links', 'kms'], () => { timer ||= setTimeout(draw, REDRAW_MS); }));
    const ticking = setInterval(() => table.refresh(), TICK_MS);
    onEnd(() => {
      clearInterval(ticking);
      clearTimeout(timer);
    });
    draw();
    return {
      update(changed) {
        state = stateOf(changed.query, DEFAULTS);
        bar?.setState(state);
        table.setSort({ id: state.sort, descending: state.down });
        draw();
      },
    };
  },
};
