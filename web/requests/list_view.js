// SPDX-License-Identifier: Apache-2.0
// The list of relays or of lookups: what is live on top, history below it page by page, both by the same filters.
import { h, replace, setText } from '../base/dom.js';
import { counted, number } from '../base/format.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock, problemBlock } from '../parts/empty.js';
import { notifyProblem } from '../parts/notice.js';
import { get } from '../service/api.js';
import { live, subscribe } from '../service/live.js';
import { columnsOf } from './columns.js';
import { filtersOf, isFiltered, queryOf } from './filters.js';
import { createFilterForm } from './filter_form.js';
import { addressOf, idOf } from './kinds.js';
import { ROWS_MAX, Rows } from './rows.js';

const PAGE = 100;
const REDRAW_MS = 500;
const TICK_MS = 1000;

/**
 * @param {import('./kinds.js').Kind} kind
 * @returns {import('../views/index.js').View}
 */
export function requestListView(kind) {
  return {
    keys: [{ keys: '\u2191 \u2193', what: `Go from ${kind.one} to ${kind.one}` }, { keys: 'Enter', what: `Open the ${kind.one}` }],
    mount: (container, context) => mount(kind, container, context),
  };
}

function emptyWords(kind, filters) {
  return isFiltered(filters)
    ? { title: `No ${kind.one} fits these filters`, detail: 'Clear a filter, or look at another time.' }
    : { title: `No ${kind.one} yet`, detail: kind.one === 'relay' ? 'A relay appears here as soon as a KM asks for one.' : 'A lookup appears here as soon as a KM asks for a next hop.' };
}

function mount(kind, container, { place, go, setQuery, signal, onEnd }) {
  let filters = filtersOf(place.query);
  let rows = new Rows(kind, filters);
  let cursor = null;
  let loading = null; // the controller of the page that is awaited
  let problem = null;
  let loaded = false; // the first page is there
  let drawTimer = 0;
  let paused = false;
  let waiting = new Set(); // IDs that came while it was paused

  const table = createTable({ label: kind.title, columns: columnsOf(kind), key: (item) => idOf(kind, item), sort: { id: 'id', descending: true },
    onOpen: (item) => go(addressOf(kind, idOf(kind, item))), empty: () => emptyBlock(emptyWords(kind, filters)) });
  const form = createFilterForm({ kind, filters, onChange: (changed) => {
    setQuery(queryOf(changed));
    start(changed);
  } });
  const pause = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', on: { click: () => setPaused(!paused) } }, 'Pause');
  const news = h('button', { type: 'button', class: 'button small primary', hidden: true, on: { click: showWaiting } });
  const more = h('button', { type: 'button', class: 'button', hidden: true, on: { click: () => load(cursor) } }, 'Load older');
  const count = h('span', { class: 'head-count' });
  const foot = h('div', { class: 'list-foot' }, h('span', { role: 'status' }), more);
  const body = h('div', { class: 'list-body' }, loadingBlock());
  container.classList.add('requests-view');
  replace(container, h('div', { class: 'view-head' }, h('h1', {}, kind.title), count, h('span', { class: 'view-actions' }, news, pause)), form.element, body, foot);

  function start(changed) {
    filters = changed;
    rows = new Rows(kind, filters);
    cursor = null;
    problem = null;
    loaded = false;
    waiting.clear();
    replace(body, loadingBlock());
    load(null);
  }

  async function load(from) {
    loading?.abort();
    const mine = new AbortController();
    loading = mine;
    more.disabled = true;
    try {
      const page = await get(`/${kind.resource}`, { query: { ...filters, limit: PAGE, cursor: from }, signal: mine.signal });
      if (loading !== mine || signal.aborted) return;
      take(page, from);
    } catch (failure) {
      if (loading !== mine || signal.aborted || failure.kind === 'aborted') return;
      fail(failure);
    } finally {
      if (loading === mine) loading = null;
      more.disabled = false;
    }
  }

  function take(page, from) {
    rows.addPage(page.items, live.data[kind.resource]);
    rows.follow(live.data[kind.resource].keys(), live.data[kind.resource]);
    if (from !== null || !loaded) cursor = page.next_cursor ?? null;
    problem = null;
    if (!loaded) replace(body, table.element);
    loaded = true;
    draw();
  }

  /** What is there stays; only a first page that failed leaves nothing. */
  function fail(failure) {
    problem = failure;
    if (loaded) notifyProblem(failure, `Older ${kind.resource} could not be loaded`);
    else replace(body, problemBlock(failure, () => start(filters)));
    drawFoot();
  }

  function draw() {
    clearTimeout(drawTimer);
    drawTimer = 0;
    if (!loaded) return;
    table.setRows(rows.list());
    setText(count, number(rows.items.size));
    drawFoot();
  }

  function drawFoot() {
    const all = cursor === null;
    more.hidden = !loaded || all || rows.cut;
    const words = !loaded ? '' : rows.cut ? `The newest ${number(ROWS_MAX)}: set a time to see older ones.`
      : all ? (rows.items.size > 0 ? `That is all: ${counted(rows.items.size, kind.one)}.` : '')
        : `The newest ${counted(rows.items.size, kind.one)}; there are older ones.`;
    setText(foot.firstElementChild, words);
  }

  function onLive({ ids }) {
    if (ids === null) {
      if (loaded) load(null); // what ended while nobody listened is in history alone
      return;
    }
    const known = [...ids].filter((id) => rows.items.has(id));
    if (paused) {
      for (const id of ids) if (!rows.items.has(id) && live.data[kind.resource].has(id)) waiting.add(id);
      rows.follow(known, live.data[kind.resource]);
      news.hidden = waiting.size === 0;
      setText(news, `${counted(waiting.size, 'new one')}`);
    } else rows.follow(ids, live.data[kind.resource]);
    drawTimer ||= setTimeout(draw, REDRAW_MS);
  }

  function showWaiting() {
    rows.follow(waiting, live.data[kind.resource]);
    waiting.clear();
    news.hidden = true;
    draw();
  }

  function setPaused(wanted) {
    paused = wanted;
    pause.setAttribute('aria-pressed', String(paused));
    setText(pause, paused ? 'Go on' : 'Pause');
    if (!paused) showWaiting();
  }

  onEnd(subscribe(kind.resource, onLive));
  const tick = setInterval(() => table.refresh(), TICK_MS);
  onEnd(() => {
    clearInterval(tick);
    clearTimeout(drawTimer);
    loading?.abort();
  });
  start(filters);
  return {
    update(changed) {
      const wanted = filtersOf(changed.query);
      form.setFilters(wanted);
      start(wanted);
    },
  };
}
