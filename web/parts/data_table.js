// SPDX-License-Identifier: Apache-2.0
// A table of many rows: sorted by a click on its heads, walked by keys, and drawn only where it is looked at. On a
// narrow screen each row is a card, by style alone: roles are named, since what is no table to the eye keeps none.
import { append, h, replace } from '../base/dom.js';

const VIRTUAL_FROM = 200;
const ROW_PX = 32;
const OVERSCAN = 12;
const NARROW = matchMedia('(max-width: 720px)'); // as cards.css has it
const collator = new Intl.Collator(undefined, { numeric: true });

/**
 * @template Row
 * @typedef {{ id: string, label: string, cell: (row: Row) => import('../base/dom.js').Child,
 *   sort?: (row: Row) => string | number | null, align?: 'end', rank?: 1 | 2 | 3, volatile?: boolean,
 *   title?: string, class?: string, card?: 'name' | 'state' | 'line' }} Column
 *   `sort`: what it is sorted by (absent: it is not sortable; null comes last); `rank`: 2 is left out on narrow
 *   screens, 3 on all but wide ones; `volatile`: it changes by itself (an age), `refresh` draws it anew; `card`: of a
 *   card it is the name, or the state beside it, or a line of it in spite of its rank.
 */

/**
 * @template Row
 * @param {{ label: string, columns: Column<Row>[], key: (row: Row) => string, sort?: { id: string, descending?: boolean },
 *   onSort?: (sort: { id: string, descending: boolean }) => void, onOpen?: (row: Row, event: Event) => void,
 *   empty?: () => Node, rowClass?: (row: Row) => string, whole?: (row: Row) => Node | null, anchored?: boolean,
 *   rowPx?: () => number, selected?: (row: Row) => boolean }} options
 *   `whole`: what stands in place of all cells of a row; `anchored`: rows that come above those in sight do not move
 *   them; `rowPx`: where the view's style gives its rows another height, and a narrow screen no cards
 * @returns {{ element: HTMLElement, setRows: (rows: Row[]) => void, setSort: (sort: { id: string, descending?: boolean }) => void,
 *   refresh: () => void, focus: () => void, reveal: (key: string) => void }} `reveal` scrolls the row into view
 */
export function createTable(options) {
  const { label, columns, key, onSort, onOpen, empty, rowClass, selected, whole = () => null, anchored = false } = options;
  const rowPx = options.rowPx ?? (() => pitch);
  let sort = { descending: false, ...(options.sort ?? { id: '' }) };
  let rows = [];
  let active = null; // the key of the row that Tab goes to
  /** @type {Map<string, { element: HTMLElement, row: any }>} */
  let drawn = new Map();
  let from = 0;
  let to = 0;
  let pitch = ROW_PX; // of a row, or of a card

  const heads = columns.map(head);
  const body = h('tbody', { role: 'rowgroup' });
  const table = h('table', { class: options.rowPx ? 'table' : 'table cards', role: 'grid', 'aria-label': label, 'aria-colcount': columns.length },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row', 'aria-rowindex': 1 }, heads)), body);
  const scroller = h('div', { class: 'table-scroll' }, table);
  const nothing = h('div', { hidden: true });
  const element = h('div', { class: 'table-frame' }, scroller, nothing);

  function classOf(column) {
    return [column.align === 'end' ? 'end' : '', column.rank ? `rank-${column.rank}` : '', column.card ? `card-${column.card}` : '', column.class ?? ''].filter(Boolean).join(' ') || null;
  }

  function head(column) {
    const inner = column.sort
      ? h('button', { type: 'button', class: 'sort', on: { click: () => toggle(column) } }, column.label, h('span', { class: 'sort-mark', 'aria-hidden': 'true' }))
      : column.label;
    return h('th', { scope: 'col', role: 'columnheader', class: classOf(column), title: column.title }, inner);
  }

  function toggle(column) {
    sort = { id: column.id, descending: sort.id === column.id ? !sort.descending : false };
    onSort?.(sort);
    arrange();
  }

  function compare(column) {
    const sign = sort.descending ? -1 : 1;
    return (left, right) => {
      const a = column.sort(left);
      const b = column.sort(right);
      if (a === b) return key(left) < key(right) ? -1 : 1;
      if (a === null || a === undefined) return 1;
      if (b === null || b === undefined) return -1;
      if (typeof a === 'string' && typeof b === 'string') return sign * collator.compare(a, b);
      return sign * (a < b ? -1 : 1);
    };
  }

  function arrange() {
    const column = columns.find((candidate) => candidate.id === sort.id);
    columns.forEach((candidate, i) => {
      const state = candidate !== column ? (candidate.sort ? 'none' : null) : sort.descending ? 'descending' : 'ascending';
      if (state === null) heads[i].removeAttribute('aria-sort');
      else heads[i].setAttribute('aria-sort', state);
    });
    if (column?.sort) rows = [...rows].sort(compare(column));
    draw(true);
  }

  function cells(row) {
    const all = whole(row);
    if (all !== null) return h('td', { class: 'whole', role: 'gridcell', colspan: heads.filter((each) => getComputedStyle(each).display !== 'none').length || columns.length }, all);
    return columns.map((column) => h('td', { class: classOf(column), role: 'gridcell', dataset: { label: column.label } }, column.cell(row)));
  }

  function makeRow(row, id) {
    const element = h('tr', { class: rowClass?.(row), role: 'row', 'aria-selected': selected && String(selected(row)), dataset: { key: id } });
    append(element, cells(row));
    return element;
  }

  function range() {
    if (rows.length < VIRTUAL_FROM) return [0, rows.length];
    const first = Math.max(0, Math.floor(scroller.scrollTop / rowPx()) - OVERSCAN);
    return [first, Math.min(rows.length, first + Math.ceil((scroller.clientHeight || 640) / rowPx()) + 2 * OVERSCAN)];
  }

  /** Cards are as high as their lines make them, all alike. @returns {boolean} it is not what it was */
  function measure() {
    const before = pitch;
    pitch = NARROW.matches && !options.rowPx ? body.querySelector('tr[data-key]')?.offsetHeight || pitch : ROW_PX;
    return pitch !== before;
  }

  function spacer(count) {
    return count > 0 && h('tr', { class: 'spacer', 'aria-hidden': 'true' }, h('td', { style: { height: `${count * rowPx()}px` } }));
  }

  function rowElement(row, index) {
    const id = key(row);
    const old = drawn.get(id);
    const element = old?.row === row ? old.element : makeRow(row, id);
    element.setAttribute('aria-rowindex', index + 2);
    element.tabIndex = id === active ? 0 : -1;
    for (const inner of element.querySelectorAll('a, button')) inner.tabIndex = element.tabIndex; // Tab goes through one row
    element.classList.toggle('active', id === active);
    return [id, { element, row }];
  }

  function draw(force) {
    const virtual = rows.length >= VIRTUAL_FROM;
    const isChanged = virtual && measure();
    const [first, last] = range();
    if (!force && !isChanged && first === from && last === to) return;
    from = first;
    to = last;
    scroller.classList.toggle('virtual', virtual);
    if (active === null || !rows.some((row) => key(row) === active)) active = rows.length > 0 ? key(rows[0]) : null;
    const focused = body.contains(document.activeElement) ? document.activeElement.closest('tr')?.dataset.key : undefined;
    const inside = focused !== undefined && document.activeElement.tagName !== 'TR';
    const next = new Map(rows.slice(first, last).map((row, i) => rowElement(row, first + i)));
    const kept = inside && next.get(focused)?.element.contains(document.activeElement);
    if (!kept || next.size !== drawn.size || [...next.keys()].join('\n') !== [...drawn.keys()].join('\n')) {
      replace(body, spacer(first), [...next.values()].map((each) => each.element), spacer(rows.length - last));
      if (focused !== undefined) next.get(focused)?.element.focus({ preventScroll: true });
    }
    drawn = next;
    table.setAttribute('aria-rowcount', rows.length + 1);
    const none = rows.length === 0;
    scroller.hidden = none && Boolean(empty);
    nothing.hidden = !none || !empty;
    if (none && empty) {
      const words = empty();
      if (words.textContent !== nothing.textContent) replace(nothing, words); // a button that is about to be pressed stays
    }
  }

  function makeActive(index) {
    active = key(rows[index]);
    if (rows.length >= VIRTUAL_FROM) {
      const top = index * rowPx();
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (top + 3 * rowPx() > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + 3 * rowPx() - scroller.clientHeight;
    }
    draw(true);
  }

  function focusRow(index) {
    if (rows.length === 0) return;
    makeActive(Math.max(0, Math.min(rows.length - 1, index)));
    drawn.get(active)?.element.focus();
  }

  /** Within the table's own frame: the page stays where it is. */
  function reveal(id) {
    const index = rows.findIndex((row) => key(row) === id);
    if (index < 0) return;
    makeActive(index);
    const line = drawn.get(id)?.element;
    if (line === undefined) return;
    const head = heads[0].offsetHeight;
    if (line.offsetTop - head < scroller.scrollTop) scroller.scrollTop = line.offsetTop - head;
    else if (line.offsetTop + line.offsetHeight > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = line.offsetTop + line.offsetHeight - scroller.clientHeight;
  }

  function onKey(event) {
    const at = event.target.closest('tr[data-key]');
    if (at === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = rows.findIndex((row) => key(row) === at.dataset.key);
    const page = Math.max(1, Math.floor((scroller.clientHeight || 320) / rowPx()) - 2);
    const steps = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1, PageDown: index + page, PageUp: index - page };
    if (event.key in steps && !event.target.matches('input, select, textarea')) {
      event.preventDefault();
      focusRow(steps[event.key]);
    } else if (event.key === 'Enter' && event.target.tagName === 'TR' && onOpen) {
      event.preventDefault();
      onOpen(rows[index], event);
    }
  }

  function onClick(event) {
    const at = event.target.closest('tr[data-key]');
    if (at === null || event.target.closest('a, button, input, select, label')) return;
    const row = rows.find((candidate) => key(candidate) === at.dataset.key);
    active = at.dataset.key;
    if (onOpen && row && (event.shiftKey || String(getSelection()) === '')) onOpen(row, event);
  }

  body.addEventListener('keydown', onKey);
  body.addEventListener('click', onClick);
  if (onOpen) table.classList.add('opens');
  scroller.addEventListener('scroll', () => draw(false), { passive: true });
  new ResizeObserver(() => rows.length >= VIRTUAL_FROM && draw(false)).observe(scroller);

  return {
    element,
    setRows(given) {
      const top = anchored && scroller.scrollTop > 0 ? rows[Math.floor(scroller.scrollTop / rowPx())] : undefined;
      const before = top && rows.indexOf(top);
      rows = [...given];
      arrange();
      if (!top) return;
      const id = key(top);
      const after = rows.findIndex((row) => key(row) === id);
      if (after < 0 || after === before) return;
      scroller.scrollTop += (after - before) * rowPx();
      draw(false);
    },
    setSort(given) {
      sort = { descending: false, ...given };
      arrange();
    },
    refresh() {
      const volatile = columns.map((column, i) => [column, i]).filter(([column]) => column.volatile);
      for (const { element: line, row } of drawn.values()) if (whole(row) === null) for (const [column, i] of volatile) replace(line.children[i], column.cell(row));
    },
    reveal,
    focus: () => focusRow(Math.max(0, rows.findIndex((row) => key(row) === active))),
  };
}
