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
    mount(container, context) {
      const view = new ListView(kind, container, context);
      return { update: (place) => view.update(place) };
    },
  };
}

function emptyWords(kind, filters) {
  return isFiltered(filters)
    ? { title: `No ${kind.one} fits these filters`, detail: 'Clear a filter, or look at another time.' }
    : { title: `No ${kind.one} yet`, detail: kind.one === 'relay' ? 'A relay appears here as soon as a KM asks for one.' : 'A lookup appears here as soon as a KM asks for a next hop.' };
}

class ListView {
  constructor(kind, container, { place, go, setQuery, signal, onEnd }) {
    this.kind = kind;
    this.signal = signal;
    this.drawTimer = 0;
    this.paused = false;
    this.waiting = new Set(); // IDs that came while it was paused
    this.loading = null; // the controller of the page that is awaited
    this.filters = filtersOf(place.query);
    this.build(container, { go, setQuery });
    onEnd(subscribe(kind.resource, (change) => this.onLive(change)));
    const tick = setInterval(() => this.table.refresh(), TICK_MS);
    onEnd(() => {
      clearInterval(tick);
      clearTimeout(this.drawTimer);
      this.loading?.abort();
    });
    this.start(this.filters);
  }

  get followed() {
    return live.data[this.kind.resource];
  }

  build(container, { go, setQuery }) {
    const { kind } = this;
    this.table = createTable({ label: kind.title, columns: columnsOf(kind), key: (item) => idOf(kind, item), sort: { id: 'id', descending: true },
      onOpen: (item) => go(addressOf(kind, idOf(kind, item))), empty: () => emptyBlock(emptyWords(kind, this.filters)) });
    this.form = createFilterForm({ kind, filters: this.filters, onChange: (changed) => {
      setQuery(queryOf(changed));
      this.start(changed);
    } });
    this.pause = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', on: { click: () => this.setPaused(!this.paused) } }, 'Pause');
    this.news = h('button', { type: 'button', class: 'button small primary', hidden: true, on: { click: () => this.showWaiting() } });
    this.more = h('button', { type: 'button', class: 'button', hidden: true, on: { click: () => this.load(this.cursor) } }, 'Load older');
    this.count = h('span', { class: 'head-count' });
    this.footWords = h('span', { role: 'status' });
    this.body = h('div', { class: 'list-body' }, loadingBlock());
    container.classList.add('requests-view');
    replace(container, h('div', { class: 'view-head' }, h('h1', {}, kind.title), this.count, h('span', { class: 'view-actions' }, this.news, this.pause)),
      this.form.element, this.body, h('div', { class: 'list-foot' }, this.footWords, this.more));
  }

  start(filters) {
    this.filters = filters;
    this.rows = new Rows(this.kind, filters);
    this.cursor = null;
    this.loaded = false; // the first page is there
    this.waiting.clear();
    replace(this.body, loadingBlock());
    this.load(null);
  }

  async load(from) {
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    this.more.disabled = true;
    const isOver = () => this.loading !== mine || this.signal.aborted;
    try {
      const page = await get(`/${this.kind.resource}`, { query: { ...this.filters, limit: PAGE, cursor: from }, signal: mine.signal });
      if (!isOver()) this.take(page, from);
    } catch (failure) {
      if (!isOver() && failure.kind !== 'aborted') this.fail(failure);
    } finally {
      if (this.loading === mine) this.loading = null;
      this.more.disabled = false;
    }
  }

  take(page, from) {
    this.rows.addPage(page.items, this.followed);
    this.rows.follow(this.followed.keys(), this.followed);
    if (from !== null || !this.loaded) this.cursor = page.next_cursor ?? null;
    if (!this.loaded) replace(this.body, this.table.element);
    this.loaded = true;
    this.draw();
  }

  /** What is there stays; only a first page that failed leaves nothing. */
  fail(failure) {
    if (this.loaded) notifyProblem(failure, `Older ${this.kind.resource} could not be loaded`);
    else replace(this.body, problemBlock(failure, () => this.start(this.filters)));
    this.drawFoot();
  }

  draw() {
    clearTimeout(this.drawTimer);
    this.drawTimer = 0;
    if (!this.loaded) return;
    this.table.setRows(this.rows.list());
    setText(this.count, number(this.rows.items.size));
    this.drawFoot();
  }

  drawFoot() {
    this.more.hidden = !this.loaded || this.cursor === null || this.rows.cut;
    setText(this.footWords, this.loaded ? this.howMany() : '');
  }

  howMany() {
    const { size } = this.rows.items;
    if (this.rows.cut) return `The newest ${number(ROWS_MAX)}: set a time to see older ones.`;
    if (this.cursor !== null) return `The newest ${counted(size, this.kind.one)}; there are older ones.`;
    return size > 0 ? `That is all: ${counted(size, this.kind.one)}.` : '';
  }

  onLive({ ids }) {
    if (ids === null) {
      if (this.loaded) this.load(null); // what ended while nobody listened is in history alone
      return;
    }
    if (this.paused) this.holdBack(ids);
    else this.rows.follow(ids, this.followed);
    this.drawTimer ||= setTimeout(() => this.draw(), REDRAW_MS);
  }

  /** While it is paused rows still change, but none come. */
  holdBack(ids) {
    for (const id of ids) if (!this.rows.items.has(id) && this.followed.has(id)) this.waiting.add(id);
    this.rows.follow([...ids].filter((id) => this.rows.items.has(id)), this.followed);
    this.news.hidden = this.waiting.size === 0;
    setText(this.news, counted(this.waiting.size, 'new one'));
  }

  showWaiting() {
    this.rows.follow(this.waiting, this.followed);
    this.waiting.clear();
    this.news.hidden = true;
    this.draw();
  }

  setPaused(wanted) {
    this.paused = wanted;
    this.pause.setAttribute('aria-pressed', String(wanted));
    setText(this.pause, wanted ? 'Go on' : 'Pause');
    if (!wanted) this.showWaiting();
  }

  /** The address has changed by other hands. */
  update(place) {
    const wanted = filtersOf(place.query);
    this.form.setFilters(wanted);
    this.start(wanted);
  }
}
