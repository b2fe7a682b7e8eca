// SPDX-License-Identifier: Apache-2.0
// What went wrong with one KM lately: bad frames with their bytes, refusals, and how its sessions ended.
import { h, replace } from '../base/dom.js';
import { NONE, safe, timeElement } from '../base/format.js';
import { emptyBlock, loadingBlock, problemBlock } from '../parts/empty.js';
import { shape } from '../parts/state_badge.js';
import { get } from '../service/api.js';
import { live, subscribe } from '../service/live.js';
import { commandWords, frameDetail } from './frame.js';

const TYPES = ['ck.protocol_error', 'km.refused', 'km.disconnected'];
const SHOWN_MAX = 20;
const LOOKED_BACK = [2000, 50000, Infinity]; // events before the newest; further back only where there were few
const PAGES_MAX = 8;

/** Events of these types after that one, the latest SHOWN_MAX of them. */
async function readAfter(id, after, signal) {
  let found = [];
  let cursor = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await get('/events', { signal, query: { type: TYPES.join(','), subject: `km_id:${id}`, limit: 1000, cursor, after: cursor ? null : after } });
    found = [...found, ...answer.items].slice(-SHOWN_MAX);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return found;
}

async function readLatest(id, signal) {
  const newest = Number((await get('/status', { signal })).event_streams.newest_event_id);
  for (const back of LOOKED_BACK) {
    const after = Math.max(0, newest - back);
    const found = await readAfter(id, after, signal);
    if (found.length >= SHOWN_MAX || after === 0) return found;
  }
  return [];
}

const WORDS = {
  'ck.protocol_error': (data) => [`Bad frame: ${safe(data.detail ?? data.reason ?? 'unknown')}`, h('span', { class: 'none' }, ` ${commandWords(data.command)}`)],
  'km.refused': (data) => [`Refused: ${safe(data.detail ?? data.reason ?? 'unknown')}`],
  'km.disconnected': (data) => [`Session ended: ${safe([data.reason, data.detail].filter(Boolean).join(', ')) || NONE}`],
};

function item(event) {
  const isFrame = event.type === 'ck.protocol_error';
  const head = [shape(event.type === 'km.disconnected' ? 'off' : 'bad'), h('span', { class: 'error-what' }, WORDS[event.type](event.data)),
    h('span', { class: 'error-when' }, timeElement(event.time, live.now()))];
  return h('li', { dataset: { event: event.event_id } }, isFrame
    ? h('details', {}, h('summary', { class: 'error-head' }, head), frameDetail(event.data))
    : h('div', { class: 'error-head' }, head));
}

/**
 * @param {string} id of the KM @param {{ signal: AbortSignal, onEnd: (end: () => void) => void }} context
 * @returns {HTMLElement}
 */
export function errorsPanel(id, { signal, onEnd }) {
  const list = h('ol', { class: 'km-errors', 'aria-label': 'What went wrong, the latest first' });
  const place = h('div', {}, loadingBlock(3));
  let known = [];
  let following = null;
  onEnd(() => following?.());

  function draw() {
    if (known.length === 0) {
      replace(place, emptyBlock({ title: 'Nothing went wrong', detail: 'As far as the bridge\u2019s history goes.' }));
      return;
    }
    if (list.parentNode !== place) replace(place, list);
    const there = new Map([...list.children].map((child) => [child.dataset.event, child]));
    replace(list, [...known].reverse().map((event) => there.get(event.event_id) ?? item(event)));
  }

  function add(events) {
    const wanted = events.filter((event) => TYPES.includes(event.type) && event.subject.km_id === id && !known.some((old) => old.event_id === event.event_id));
    if (wanted.length === 0) return;
    known = [...known, ...wanted].slice(-SHOWN_MAX);
    draw();
  }

  async function load() {
    try {
      known = await readLatest(id, signal);
      draw();
      following ??= subscribe('events', ({ ids, events }) => (ids === null ? load() : add(events)));
    } catch (problem) {
      if (problem.kind !== 'aborted') replace(place, problemBlock(problem, load));
    }
  }

  load();
  return h('section', { class: 'panel wide' }, h('h2', {}, 'What went wrong lately'), place);
}
