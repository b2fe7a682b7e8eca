// SPDX-License-Identifier: Apache-2.0
// Changes as people read them: member by member before and after, of three states at once, and whom they touch.
import { h } from '../base/dom.js';
import { NONE, counted, identifier, number, timeElement } from '../base/format.js';
import { fact } from '../parts/fact.js';
import { pathList } from '../parts/path_list.js';
import { badge } from '../parts/state_badge.js';
import { linkTo } from '../views/index.js';
import { differences, listDifference, threeWay } from './diff.js';

const KMA_MEMBERS = new Set(['source_kma_id', 'destination_kma_id', 'a', 'b', 'kma_id', 'origin']);

function hopsList(hops) {
  return h('ul', { class: 'hops' }, Object.entries(hops).map(([kma, next]) => h('li', {}, identifier(kma), ' \u2192 ', next.map((one, i) => [i > 0 && ', ', identifier(one)]))));
}

const EMPTY = { source_kma_id: 'anywhere', valid_until: 'until it is deleted', key_stock: 'not told', key_rate: 'not told',
  key_capacity: 'no limit' };

/** @param {string} name the member @param {any} value */
export function valueOf(name, value) {
  if (value === null || value === undefined) return h('span', { class: 'none' }, EMPTY[name] ?? NONE);
  if (name === 'path') return pathList(value, { max: 32 });
  if (name === 'next_hops') return hopsList(value);
  if (name === 'valid_until') return timeElement(value);
  if (KMA_MEMBERS.has(name)) return identifier(value);
  return typeof value === 'number' ? number(value) : String(value);
}

function pathSteps(before, after) {
  return h('ol', { class: 'path-list path-difference', 'aria-label': 'Path, what goes and what comes' }, listDifference(before, after).map(({ value, mark }) => {
    const kma = identifier(value, { max: 32 });
    return h('li', {}, mark === 'gone' ? h('del', {}, h('span', { class: 'visually-hidden' }, 'without '), kma)
      : mark === 'new' ? h('ins', {}, h('span', { class: 'visually-hidden' }, 'new '), kma) : kma);
  }));
}

function changeCell({ name, before, after }) {
  if (name === 'path' && before && after) return pathSteps(before, after);
  return h('div', { class: 'change' }, before !== null && h('del', {}, h('span', { class: 'visually-hidden' }, 'before: '), valueOf(name, before)),
    h('ins', {}, h('span', { class: 'visually-hidden' }, 'after: '), valueOf(name, after)));
}

/** @param {import('./kinds.js').Kind} kind @param {any} before null: it is created @param {any} after null: it is deleted */
export function diffView(kind, before, after) {
  const rows = differences(kind, before, after).filter((row) => row.changed);
  const rest = kind.members.length - rows.length;
  if (before === null || after === null) {
    const whole = before ?? after;
    return h('dl', { class: `facts diff ${before === null ? 'created' : 'deleted'}` }, differences(kind, null, whole).filter((row) => row.after !== null)
      .map((row) => fact(row.label, h(before === null ? 'ins' : 'del', {}, valueOf(row.name, row.after)))));
  }
  if (rows.length === 0) return h('p', {}, 'Every value stays as it is.');
  return h('div', {}, h('dl', { class: 'facts diff' }, rows.map((row) => fact(row.label, changeCell(row)))),
    rest > 0 && h('p', { class: 'hint' }, 'Everything else stays as it is.'));
}

function threeCell(row, which, label) {
  const mark = which === 'mine' ? row.byMe : which === 'theirs' ? row.byThem : false;
  return h('td', { dataset: { label }, class: mark ? 'is-changed' : null }, valueOf(row.name, row[which]), mark && [' ', badge(row.clash ? 'warning' : 'neutral', row.clash ? 'clash' : 'changed')]);
}

/** @param {import('./kinds.js').Kind} kind each null: there is none */
export function threeView(kind, base, mine, theirs) {
  const rows = threeWay(kind, base, mine, theirs).filter((row) => row.byMe || row.byThem);
  const columns = [['base', base === null ? 'As you read it: nothing' : 'As you read it'], ['mine', mine === null ? 'Yours: deleted' : 'Yours'], ['theirs', theirs === null ? 'Theirs: deleted' : 'Theirs, in force']];
  if (rows.length === 0) return h('p', {}, 'Both have the same values: somebody has written what you meant to.');
  return h('table', { class: 'three-way' }, h('caption', { class: 'visually-hidden' }, 'What differs between what you read, what you want and what is there'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'What'), columns.map(([, label]) => h('th', { scope: 'col' }, label)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, h('th', { scope: 'row' }, row.label), columns.map(([which, label]) => threeCell(row, which, label))))));
}

const EFFECTS = {
  decided: 'held now; this decides it at once',
  unchanged_in_flight: 'under way; it goes on as instructed',
  orphaned: 'ends, orphaned',
  session_lost: 'ends, answered to nobody',
};

function touchedItem(resource, id, effect) {
  const address = linkTo(`/${resource}/${encodeURIComponent(id)}`);
  const words = `${resource === 'relays' ? 'Relay' : 'Lookup'} ${id}`;
  return h('li', {}, address ? h('a', { href: address, target: '_blank', rel: 'noopener' }, words) : words, ': ', EFFECTS[effect] ?? effect);
}

/** @param {any} touched of a dry run */
export function touchedView(touched) {
  const total = touched.relays_total + touched.lookups_total;
  const partly = !touched.all_looked_at && h('p', { class: 'partial-line' }, 'More requests are open than the bridge looked at: there may be more.');
  if (total === 0) return h('section', { class: 'touched' }, h('h3', {}, 'Open requests'), h('p', {}, 'None is touched.'), partly);
  return h('section', { class: 'touched' }, h('h3', {}, `Open requests that it touches: ${counted(total, 'request')}`),
    h('ul', {}, touched.relays.map((one) => touchedItem('relays', one.relay_id, one.effect)), touched.lookups.map((one) => touchedItem('lookups', one.lookup_id, one.effect)),
      touched.cut && h('li', {}, `and ${number(total - touched.relays.length - touched.lookups.length)} more`)), partly);
}

/** What a dry run answered. @param {import('./kinds.js').Kind} kind @param {any} preview */
export function previewView(kind, preview) {
  const [change] = preview.changes;
  const elsewhere = change?.change === 'updated' && change.members.length === 0;
  return h('div', { class: 'preview' },
    !change ? h('p', {}, 'Nothing would change: this is what is in force.')
      : elsewhere ? h('p', {}, 'The values stay; only where they are defined changes.') : diffView(kind, change.before, change.after),
    preview.warnings.length > 0 && h('ul', { class: 'warnings' }, preview.warnings.map((words) => h('li', {}, h('bdi', {}, 'Warning: ', words)))),
    touchedView(preview.touched));
}
