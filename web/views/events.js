// SPDX-License-Identifier: Apache-2.0
// What happens, as it happens, and what has happened: one line an event, newest first.
import { h, replace, setText } from '../base/dom.js';
import { compact, counted, number, safe, timeElement } from '../base/format.js';
import { queryOf, stateOf } from '../base/query.js';
import { openEvent, openNoEvent } from '../events/detail.js';
import { firstIdOf, readBack, readEvent, readGap } from '../events/history.js';
import { EventLog, HELD_MAX, KEPT_MAX } from '../events/log.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock, partialLine, problemBlock } from '../parts/empty.js';
import { eventText, eventTone, sentenceNodes } from '../parts/event_sentence.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { isTyping } from '../parts/help.js';
import { badge } from '../parts/state_badge.js';
import { Problem } from '../service/api.js';
import { EVENT_TYPES, PROBLEM_TYPES, matchesSubject, matchesType, unknownTypes } from '../service/event_types.js';
import { live, subscribe } from '../service/live.js';
import { linkTo } from './index.js';

// `type`, `subject`, `after` and `before` are the API's; `q`, `from` and `to` are looked for here.
const DEFAULTS = { type: '', subject: '', q: '', from: '', to: '', after: '', before: '', event: '' };
const FILTERS = ['type', 'subject', 'q', 'from', 'to', 'after', 'before'];
const FIRST = 100;
const NEAR_END_PX = 400;
const NARROW = matchMedia('(max-width: 720px)');
const ROW_PX = 32;
const NARROW_ROW_PX = 52;

const TYPE_CHOICES = [['', 'All types'], [PROBLEM_TYPES.join(','), 'Problems'], ['relay.*', 'relay.*'], ['lookup.*', 'lookup.*'], ['km.*', 'km.*'],
  ['*.changed', '*.changed'], ...EVENT_TYPES.map((type) => [type, type])];
const FIELDS = [
  { id: 'q', label: 'Search', kind: 'search', placeholder: 'Search in the sentences' },
  { id: 'type', label: 'Type', kind: 'choice', options: TYPE_CHOICES },
  { id: 'subject', label: 'Subject', kind: 'text', placeholder: 'About: alice, relay_id:1042', extra: true },
  { id: 'from', label: 'From', kind: 'time', extra: true },
  { id: 'to', label: 'To', kind: 'time', extra: true },
];
const COLUMNS = [
  { id: 'time', label: 'Time', class: 'event-time', cell: (row) => timeElement(row.event.time, live.now()) },
  { id: 'type', label: 'Type', class: 'event-type shape-only', cell: (row) => badge(eventTone(row.event), safe(row.event.type)) },
  { id: 'what', label: 'What happened', class: 'event-what', cell: (row) => h('span', { class: 'event-words', title: eventText(row.event) }, sentenceNodes(row.event, { link: linkTo })) },
  { id: 'id', label: 'ID', class: 'event-id', align: 'end', rank: 2, cell: (row) => row.event.event_id },
];

function isNumber(text) {
  return /^[0-9]{1,15}$/.test(text);
}

class EventsView {
  constructor(container, context) {
    this.context = context;
    this.state = stateOf(context.place.query, DEFAULTS);
    this.log = new EventLog((event) => this.matches(event));
    this.loading = null; // the search of older ones that is under way
    this.exhausted = false;
    this.problem = null;
    this.searchedTo = null; // in vain, back to this ID
    this.reading = new AbortController();
    this.build(container);
    context.onEnd(subscribe('events', ({ ids, events }) => this.take(ids === null ? null : events)));
    context.onEnd(subscribe('connection', () => this.drawStatus()));
    context.onEnd(() => this.reading.abort());
    addEventListener('keydown', (event) => this.onKey(event), { signal: context.signal });
    NARROW.addEventListener('change', () => this.draw(), { signal: context.signal });
    if (live.lastEventId !== null) this.reload();
    if (this.state.event !== '') this.openById(this.state.event);
  }

  build(container) {
    this.hold = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', title: 'What comes waits until you go on (p)', on: { click: () => this.toggle() } }, 'Pause');
    this.bar = createFilterBar({ fields: FIELDS, state: this.state, onChange: (state) => this.change(state), actions: this.hold });
    this.status = h('p', { class: 'events-status', role: 'status' });
    this.notes = h('div');
    this.table = createTable({ label: 'Events, newest first', columns: COLUMNS, key: (row) => row.key, anchored: true,
      onOpen: (row) => row.kind === 'event' && this.open(row.event), empty: () => this.nothing(),
      whole: (row) => (row.kind === 'gap' ? this.gapLine(row) : null), rowClass: (row) => (row.kind === 'gap' ? `gap-row ${row.state}` : null),
      rowPx: () => (NARROW.matches ? NARROW_ROW_PX : ROW_PX) });
    this.foot = h('div', { class: 'events-foot' });
    this.table.element.addEventListener('scroll', (event) => this.onScroll(event.target), { capture: true, passive: true });
    container.classList.add('events-view');
    container.append(h('h1', { class: 'visually-hidden' }, 'Events'), this.bar.element, this.status, this.notes, this.table.element, this.foot);
    this.draw();
  }

  // ---- filters

  filter() {
    return { type: this.state.type, subject: this.state.subject };
  }

  matches(event) {
    const { type, subject, q, from, to, after, before } = this.state;
    const ms = Date.parse(event.time);
    return matchesType(type, event.type) && matchesSubject(subject, event.subject)
      && (from === '' || ms >= Date.parse(from)) && (to === '' || ms < Date.parse(to))
      && (!isNumber(after) || Number(event.event_id) > Number(after)) && (!isNumber(before) || Number(event.event_id) < Number(before))
      && (q === '' || `${event.type} ${event.event_id} ${eventText(event)}`.toLowerCase().includes(q.toLowerCase()));
  }

  isPast() {
    return this.state.to !== '' || this.state.before !== '';
  }

  change(state) {
    this.state = { ...this.state, ...state };
    this.context.setQuery(queryOf(this.state, DEFAULTS));
    this.reload();
  }

  clear() {
    this.bar.setState(DEFAULTS);
    this.change({ ...DEFAULTS, event: this.state.event });
  }

  update(place) {
    const before = this.state;
    this.state = stateOf(place.query, DEFAULTS);
    this.bar.setState(this.state);
    if (FILTERS.some((name) => this.state[name] !== before[name])) this.reload();
    if (this.state.event !== before.event) {
      this.opened?.close();
      if (this.state.event !== '') this.openById(this.state.event);
    }
  }

  // ---- what comes

  take(events) {
    if (live.lastEventId === null) return;
    const last = Number(live.lastEventId);
    if (this.top === undefined || last < this.log.high && events === null) this.reload(); // the first, or another history
    else if (!this.isPast()) this.fillAll(events === null ? this.log.resume(last) : this.log.append(events));
    this.draw();
  }

  toggle() {
    if (this.log.held) this.fillAll(this.log.release());
    else this.log.hold();
    this.draw();
  }

  onKey(event) {
    if (event.key !== 'p' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    this.toggle();
  }

  fillAll(gaps) {
    for (const gap of gaps) if (gap.why === 'stream') this.fill(gap);
  }

  async fill(gap) {
    const { signal } = this.reading;
    const row = this.log.put(gap, { state: 'loading' });
    this.draw();
    if (row === null) return;
    try {
      const { events, read, kept } = await readGap(this.filter(), row, signal);
      this.log.fill(row, events.filter((event) => this.matches(event)), read, kept);
    } catch (problem) {
      if (signal.aborted) return;
      this.log.put(row, { state: 'missing', problem });
    }
    this.draw();
  }

  // ---- what was

  async reload() {
    this.reading.abort();
    this.reading = new AbortController();
    const { signal } = this.reading;
    this.loading = null;
    this.problem = null;
    this.exhausted = false;
    this.searchedTo = null;
    if (live.lastEventId === null) return;
    const last = Number(live.lastEventId);
    this.top = last + 1;
    this.floor = 1;
    this.log.begin(this.top);
    this.drawNotes();
    if (unknownTypes(this.state.type).length > 0) {
      this.exhausted = true;
      this.draw();
      return;
    }
    this.loading = Promise.resolve();
    this.draw();
    try {
      const { from, to, after, before } = this.state;
      if (to !== '' && Number.isFinite(Date.parse(to))) this.top = await firstIdOf(Date.parse(to), last, signal);
      if (isNumber(before)) this.top = Math.min(this.top, Number(before));
      if (from !== '' && Number.isFinite(Date.parse(from))) this.floor = await firstIdOf(Date.parse(from), last, signal);
      if (isNumber(after)) this.floor = Math.max(this.floor, Number(after) + 1);
      if (this.top !== last + 1) this.log.low = this.top;
      this.loading = null;
      this.older();
    } catch (problem) {
      this.failed(problem, signal);
    }
  }

  async older() {
    if (this.loading !== null || this.exhausted || this.log.rows.length >= KEPT_MAX || this.top === undefined) return;
    const { signal } = this.reading;
    this.problem = null;
    this.loading = readBack({ filter: this.filter(), matches: (event) => this.matches(event), before: this.log.low, floor: this.floor, wanted: FIRST, signal });
    this.drawFoot();
    try {
      const { events, low, exhausted } = await this.loading;
      if (signal.aborted) return;
      this.log.addOlder(events, low);
      this.exhausted = exhausted;
      this.searchedTo = events.length === 0 && !exhausted ? low : null;
      this.loading = null;
      this.draw();
    } catch (problem) {
      this.failed(problem, signal);
    }
  }

  failed(problem, signal) {
    if (signal.aborted) return;
    this.problem = problem instanceof Problem ? problem : new Problem({ title: 'This could not be read', detail: String(problem) });
    this.loading = null;
    this.draw();
  }

  onScroll(scroller) {
    if (scroller.scrollTop > 0 && scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - NEAR_END_PX && this.problem === null && !this.searchedTo) this.older();
  }

  // ---- one event

  open(event) {
    this.opened?.close();
    this.state = { ...this.state, event: event.event_id };
    this.context.setQuery(queryOf(this.state, DEFAULTS));
    this.follow(openEvent(event, this.context.signal));
  }

  follow(opened) {
    this.opened = opened;
    opened.done.then(() => {
      if (this.context.signal.aborted || this.opened !== opened) return;
      this.opened = null;
      this.state = { ...this.state, event: '' };
      this.context.setQuery(queryOf(this.state, DEFAULTS));
    });
  }

  async openById(id) {
    const known = this.log.rows.find((row) => row.key === id);
    try {
      const event = known?.event ?? await readEvent(id, this.context.signal);
      if (event === null) throw new Problem({ status: 404, detail: `There is no event ${safe(id)}, or it is not kept any more.` });
      if (this.state.event === id) this.follow(openEvent(event, this.context.signal));
    } catch (problem) {
      if (!this.context.signal.aborted && this.state.event === id) this.follow(openNoEvent(problem, this.context.signal));
    }
  }

  // ---- drawing

  gapLine(gap) {
    const span = gap.to - gap.from + 1;
    const ids = gap.from === gap.to ? `event ${gap.from}` : `events ${gap.from} to ${gap.to}`;
    if (gap.state === 'loading') return h('span', { class: 'gap-line' }, `${ids}: being read \u2026`);
    if (gap.state === 'removed') return h('span', { class: 'gap-line' }, `${counted(span, 'event')} (${ids}) cannot be shown: removed from the bridge\u2019s history`);
    if (gap.state === 'filled') {
      const read = gap.count === 0 ? 'nothing that fits was missed' : `${counted(gap.count, 'event')} below came meanwhile, and were read afterwards`;
      return h('span', { class: 'gap-line' }, gap.why === 'held' ? `Dropped while paused: ${counted(gap.count, 'event')} below were read afterwards` : `The stream was interrupted here: ${read}`);
    }
    return h('span', { class: 'gap-line' }, gap.why === 'held' ? `Dropped while paused: ${ids}` : `The stream had a gap: ${ids} did not come`,
      gap.problem && ` (${gap.problem.message})`,
      h('button', { type: 'button', class: 'button small', on: { click: () => this.fill(gap) } }, 'Read them'));
  }

  nothing() {
    if (this.loading !== null || this.top === undefined) return loadingBlock(8);
    if (this.problem !== null) return problemBlock(this.problem, () => this.reload());
    const filtered = FILTERS.some((name) => this.state[name] !== '');
    const action = filtered ? { label: 'Show all events', run: () => this.clear() } : undefined;
    if (!filtered) return emptyBlock({ title: 'Nothing has happened yet', detail: 'KMs that connect, relays, and changes of routes, links and settings appear here as they happen.' });
    return emptyBlock({ title: 'No event fits', detail: this.exhausted ? 'Not one that is kept.' : `Not among those that were looked at, back to event ${this.log.low}.`, action });
  }

  draw() {
    this.table.setRows(this.log.rows);
    this.drawStatus();
    this.drawFoot();
  }

  drawStatus() {
    const { held, waiting, dropped, rows } = this.log;
    const count = waiting.filter((row) => row.kind === 'event').length;
    setText(this.hold, held ? `Go on${count > 0 ? ` (${number(count)} new)` : ''}` : 'Pause');
    this.hold.setAttribute('aria-pressed', String(held));
    this.hold.disabled = this.isPast();
    const mode = this.isPast() ? 'A time that is past: nothing new comes here'
      : held ? `Paused${dropped > 0 ? `; at most ${number(HELD_MAX)} wait: ${number(dropped)} older ones were dropped, and can be read again` : ''}`
        : live.connection.state === 'live' ? 'New events appear at the top' : 'Not live: what comes meanwhile is read later';
    setText(this.status, `${rows.length === 0 ? '' : `${counted(rows.filter((row) => row.kind === 'event').length, 'event')} \u00b7 `}${mode}`);
  }

  drawNotes() {
    const { type, after, before } = this.state;
    const unknown = unknownTypes(type);
    const bounds = [isNumber(after) && `behind event ${after}`, isNumber(before) && `in front of event ${before}`].filter(Boolean);
    replace(this.notes, unknown.length > 0 && partialLine(`No event type is like \u201c${safe(unknown.join(', '))}\u201d.`),
      bounds.length > 0 && h('p', { class: 'partial-line' }, `Only events ${bounds.join(' and ')}. `,
        h('button', { type: 'button', class: 'button small', on: { click: () => this.change({ after: '', before: '' }) } }, 'All')));
  }

  drawFoot() {
    const { rows } = this.log;
    if (rows.length === 0 && this.searchedTo === null) return replace(this.foot);
    const more = (label) => h('button', { type: 'button', class: 'button', on: { click: () => this.older() } }, label);
    if (this.problem !== null && rows.length > 0) return replace(this.foot, `Older ones could not be read: ${this.problem.message}`, more('Try again'));
    if (this.loading !== null) return replace(this.foot, rows.length > 0 && 'Reading older ones \u2026');
    if (this.exhausted) return replace(this.foot, rows.length > 0 && 'No older ones are kept, or asked for.');
    if (rows.length >= KEPT_MAX) {
      return replace(this.foot, `${compact(KEPT_MAX)} rows are shown at most.`, h('button', { type: 'button', class: 'button', on: { click: () => this.goBack() } }, 'Show those before'));
    }
    return replace(this.foot, this.searchedTo ? `Looked back to event ${this.searchedTo}.` : null, more(this.searchedTo ? 'Look further back' : 'Older'));
  }

  goBack() {
    this.change({ before: String(this.log.low) });
  }
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: 'p', what: 'Pause, and go on' }, { keys: 'Arrow keys', what: 'From event to event' }, { keys: 'Enter', what: 'All about the event' }],
  mount(container, context) {
    const view = new EventsView(container, context);
    return { update: (place) => view.update(place) };
  },
};
