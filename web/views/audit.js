// SPDX-License-Identifier: Apache-2.0
// Who did what, when, from where, and how it ended: newest first, and whether the trail is whole.
import { h, replace } from '../base/dom.js';
import { counted, safe, timeElement } from '../base/format.js';
import { queryOf, stateOf } from '../base/query.js';
import { createChainLine } from '../audit/chain_line.js';
import { actorElement, entryText, isRefused, openEntry, outcomeBadge, whatWords } from '../audit/words.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock, problemBlock } from '../parts/empty.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { Problem, get } from '../service/api.js';
import { live, subscribe } from '../service/live.js';
import { may, whyNot } from '../service/session.js';

// `actor`, `after` and `before` are the API's; `q` and `outcome` are looked for in what is shown.
const DEFAULTS = { actor: '', after: '', before: '', q: '', outcome: '', entry: '' };
const PAGE = 100;
const KEPT_MAX = 5000;
const NEWER_MS = 5000;
const NEAR_END_PX = 400;
const NARROW = matchMedia('(max-width: 720px)');
const ROW_PX = 32;
const NARROW_ROW_PX = 52;
const FIELDS = [
  { id: 'q', label: 'Search', kind: 'search', placeholder: 'Search in the entries' },
  { id: 'outcome', label: 'Outcome', kind: 'choice', options: [['', 'All'], ['done', 'Done'], ['refused', 'Refused']] },
  { id: 'actor', label: 'Actor', kind: 'text', placeholder: 'Who: token:ops, client:orch-1, file', extra: true },
  { id: 'after', label: 'From', kind: 'time', extra: true },
  { id: 'before', label: 'To', kind: 'time', extra: true },
];
const COLUMNS = [
  { id: 'time', label: 'Time', class: 'audit-time', cell: (entry) => timeElement(entry.time, live.now()) },
  { id: 'actor', label: 'Who', class: 'audit-actor', rank: 2, cell: actorElement },
  { id: 'outcome', label: 'Outcome', class: 'audit-outcome shape-only', cell: outcomeBadge },
  { id: 'what', label: 'What', cell: (entry) => h('span', { class: 'event-words', title: `${safe(entry.action)} ${safe(entry.target)}` }, h('span', { class: 'narrow-only' }, actorElement(entry), ' '), whatWords(entry)) },
  { id: 'source', label: 'From', class: 'audit-source', rank: 2, cell: (entry) => (entry.source === null ? 'the bridge itself' : safe(entry.source)) },
  { id: 'id', label: 'ID', class: 'audit-id', align: 'end', rank: 2, cell: (entry) => entry.audit_id },
];

class AuditView {
  constructor(container, context) {
    this.context = context;
    this.state = stateOf(context.place.query, DEFAULTS);
    this.entries = []; // newest first
    this.cursor = null;
    this.problem = null;
    this.loading = false;
    this.reading = new AbortController();
    this.bar = createFilterBar({ fields: FIELDS, state: this.state, onChange: (state) => this.change(state) });
    this.table = createTable({ label: 'Audit trail, newest first', columns: COLUMNS, key: (entry) => entry.audit_id, anchored: true,
      onOpen: (entry) => this.open(entry), empty: () => this.nothing(), rowPx: () => (NARROW.matches ? NARROW_ROW_PX : ROW_PX) });
    this.foot = h('div', { class: 'events-foot' });
    this.table.element.addEventListener('scroll', (event) => this.onScroll(event.target), { capture: true, passive: true });
    container.classList.add('events-view', 'audit-view');
    container.append(h('h1', {}, 'Audit'), this.bar.element, createChainLine(context.signal), this.table.element, this.foot);
    NARROW.addEventListener('change', () => this.draw(), { signal: context.signal });
    const newer = setInterval(() => this.newer(), NEWER_MS);
    context.onEnd(() => {
      clearInterval(newer);
      this.reading.abort();
    });
    context.onEnd(subscribe('events', ({ ids }) => ids !== null && this.newer()));
    this.reload();
  }

  query() {
    const { actor, after, before } = this.state;
    return { actor, after, before, limit: PAGE };
  }

  fits(entry) {
    const { q, outcome } = this.state;
    return (outcome === '' || isRefused(entry) === (outcome === 'refused')) && (q === '' || entryText(entry).toLowerCase().includes(q.toLowerCase()));
  }

  change(state) {
    const asked = ['actor', 'after', 'before'].some((name) => state[name] !== this.state[name]);
    this.state = { ...this.state, ...state };
    this.context.setQuery(queryOf(this.state, DEFAULTS));
    if (asked) this.reload();
    else this.draw();
  }

  update(place) {
    const state = stateOf(place.query, DEFAULTS);
    this.bar.setState(state);
    const entry = state.entry !== this.state.entry && state.entry !== '' ? this.entries.find((each) => each.audit_id === state.entry) : undefined;
    this.change(state);
    if (entry) this.open(entry);
  }

  async reload() {
    this.reading.abort();
    this.reading = new AbortController();
    this.entries = [];
    this.cursor = null;
    this.loading = false;
    await this.older();
    const wanted = this.entries.find((entry) => entry.audit_id === this.state.entry);
    if (wanted && !this.opened) this.open(wanted);
  }

  /** `quiet`: its failure is not told, nor does its success end what is told. */
  async read(query, take, quiet = false) {
    const { signal } = this.reading;
    try {
      const page = await get('/audit', { query: { ...this.query(), ...query }, signal });
      if (signal.aborted) return;
      if (!quiet) this.problem = null;
      take(page);
    } catch (problem) {
      if (!signal.aborted && !quiet) this.problem = problem;
    }
    if (!signal.aborted) this.draw();
  }

  async older() {
    if (this.loading || this.entries.length >= KEPT_MAX) return;
    this.loading = true;
    this.draw();
    await this.read({ cursor: this.cursor }, (page) => {
      this.loading = false;
      const last = this.entries.at(-1);
      this.entries = [...this.entries, ...page.items.filter((entry) => !last || BigInt(entry.audit_id) < BigInt(last.audit_id))];
      this.cursor = page.next_cursor;
    });
    this.loading = false;
    this.drawFoot();
  }

  /** What has come since, at the top; more than a page of it: all anew. */
  async newer() {
    if (this.loading || this.asking || this.entries.length === 0 || document.visibilityState !== 'visible') return;
    this.asking = true;
    const newest = BigInt(this.entries[0].audit_id);
    await this.read({}, (page) => {
      const fresh = page.items.filter((entry) => BigInt(entry.audit_id) > newest);
      if (fresh.length === page.items.length && page.next_cursor) {
        this.entries = page.items;
        this.cursor = page.next_cursor;
      } else if (fresh.length > 0) this.entries = [...fresh, ...this.entries];
    }, true);
    this.asking = false;
  }

  onScroll(scroller) {
    if (scroller.scrollTop > 0 && this.cursor && this.problem === null && scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - NEAR_END_PX) this.older();
  }

  open(entry) {
    this.opened?.close();
    const show = (id) => {
      this.state = { ...this.state, entry: id };
      this.context.setQuery(queryOf(this.state, DEFAULTS));
    };
    show(entry.audit_id);
    const opened = openEntry(entry, this.context.signal);
    this.opened = opened;
    opened.done.then(() => {
      if (this.context.signal.aborted || this.opened !== opened) return;
      this.opened = null;
      show('');
    });
  }

  nothing() {
    if (this.problem !== null) return problemBlock(this.problem, () => this.reload());
    if (this.loading) return loadingBlock(8);
    if (this.entries.length > 0) return emptyBlock({ title: 'No entry fits', detail: this.cursor ? 'Not among those that were read; older ones can be.' : 'Not one that is kept.' });
    return emptyBlock({ title: 'No entry is kept that fits', detail: 'Every change, and every refused one, is written here with what it tells of.' });
  }

  draw() {
    const shown = this.entries.filter((entry) => this.fits(entry));
    this.table.setRows(shown);
    this.bar.setCount(shown.length, this.entries.length);
    this.drawFoot();
  }

  drawFoot() {
    const more = (label) => h('button', { type: 'button', class: 'button', on: { click: () => this.older() } }, label);
    if (this.entries.length === 0) replace(this.foot);
    else if (this.problem !== null) replace(this.foot, `Not read: ${this.problem.message}`, more('Try again'));
    else if (this.loading) replace(this.foot, 'Reading older ones \u2026');
    else if (!this.cursor) replace(this.foot, 'No older ones are kept, or asked for.');
    else if (this.entries.length >= KEPT_MAX) replace(this.foot, `${counted(KEPT_MAX, 'entry', 'entries')} are shown at most: choose an earlier time to see those before.`);
    else replace(this.foot, more('Older'));
  }
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: 'Arrow keys', what: 'From entry to entry' }, { keys: 'Enter', what: 'All about the entry' }],
  mount(container, context) {
    if (!may('admin')) {
      container.append(h('h1', {}, 'Audit'), problemBlock(new Problem({ status: 403, detail: whyNot('admin') })));
      return {};
    }
    const view = new AuditView(container, context);
    return { update: (place) => view.update(place) };
  },
};
