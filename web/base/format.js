// SPDX-License-Identifier: Apache-2.0
// How values are written for people: numbers, times, durations, and identifiers that others chose.
import { h } from './dom.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compactly = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const clockTime = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

function day(ms) {
  const at = new Date(ms);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** What stands for a value that is not there. */
export const NONE = '\u2013';

/** "12,345" @param {number | null | undefined} value */
export function number(value) {
  return Number.isFinite(value) ? whole.format(value) : NONE;
}

/** "1.2M", for what must stay narrow; the exact number belongs in a title. @param {number | null | undefined} value */
export function compact(value) {
  if (!Number.isFinite(value)) return NONE;
  return Math.abs(value) < 10000 ? tenth.format(value) : compactly.format(value);
}

/** "99.2%"; never 100% while something is missing. @param {number} part @param {number} total */
export function percent(part, total) {
  if (!(total > 0)) return NONE;
  const share = (100 * part) / total;
  if (part === total) return '100%';
  return `${share > 99.9 ? '99.9' : share < 0.1 && part > 0 ? '0.1' : tenth.format(share)}%`;
}

const UNITS = [['d', 86400000], ['h', 3600000], ['min', 60000], ['s', 1000]];

/** "350 ms", "4.2 s", "12 min 5 s", "3 d 4 h": the two largest units. @param {number | null | undefined} ms */
export function duration(ms) {
  if (!Number.isFinite(ms)) return NONE;
  const span = Math.max(0, ms);
  if (span < 1000) return `${span < 10 ? tenth.format(span) : whole.format(span)} ms`;
  if (span < 10000) return `${tenth.format(Math.floor(span / 100) / 10)} s`;
  const first = UNITS.findIndex(([, size]) => span >= size);
  const [unit, size] = UNITS[first];
  const count = Math.floor(span / size);
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((span % size) / next[1]) : 0;
  return rest > 0 ? `${count} ${unit} ${rest} ${next[0]}` : `${count} ${unit}`;
}

/** "1.4 MiB" @param {number | null | undefined} count */
export function bytes(count) {
  if (!Number.isFinite(count)) return NONE;
  let value = count;
  let unit = 0;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : tenth.format(value)} ${units[unit]}`;
}

/** "hh:mm:ss", local. @param {number} ms Unix time */
export function timeOfDay(ms) {
  return clockTime.format(ms);
}

/** Today's times as hh:mm:ss, others with their day before it, year first; local. @param {string | number} time @param {number} nowMs */
export function localTime(time, nowMs = Date.now()) {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  if (!Number.isFinite(ms)) return NONE;
  return new Date(ms).toDateString() === new Date(nowMs).toDateString() ? clockTime.format(ms) : `${day(ms)} ${clockTime.format(ms)}`;
}

/** A <time>, local, with UTC in its title. @param {string | null | undefined} iso @param {number} [nowMs] */
export function timeElement(iso, nowMs) {
  if (!iso || !Number.isFinite(Date.parse(iso))) return h('span', { class: 'none' }, NONE);
  return h('time', { datetime: iso, title: `${iso} (UTC)` }, localTime(iso, nowMs));
}

/** A <time> that reads as an age, with local time and UTC in its title. @param {string | null} iso @param {number} nowMs */
export function ageElement(iso, nowMs) {
  const ms = iso ? Date.parse(iso) : NaN;
  if (!Number.isFinite(ms)) return h('span', { class: 'none' }, NONE);
  return h('time', { datetime: iso, title: `${localTime(ms, nowMs)} local, ${iso} UTC` }, duration(nowMs - ms));
}

// C0, DEL, C1; what reorders or hides text; line separators; a lone surrogate.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udfff]/gu;

/** The text with control and bidi characters as visible escapes. @param {unknown} text */
export function safe(text) {
  return String(text).replace(UNSAFE, (character) => {
    const code = character.codePointAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Cut in the middle, where names that differ at their ends still differ. @param {string} text @param {number} max */
export function cutMiddle(text, max) {
  const characters = Array.from(text);
  if (characters.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${characters.slice(0, head).join('')}\u2026${characters.slice(characters.length - (max - 1 - head)).join('')}`;
}

/**
 * An identifier that somebody else chose: escaped, isolated from the direction of what surrounds it, cut in the
 * middle with all of it in the title.
 * @param {string | null | undefined} id @param {{ max?: number }} [options]
 * @returns {HTMLElement}
 */
export function identifier(id, { max = 40 } = {}) {
  if (id === null || id === undefined || id === '') return h('span', { class: 'none' }, NONE);
  const whole = safe(id);
  const shown = cutMiddle(whole, max);
  return h('bdi', { class: 'identifier', title: shown === whole ? null : whole }, shown);
}

/** "1 relay", "2 relays" @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** For <input type="datetime-local">: local time, seconds at the finest. @param {string} iso */
export function toLocalInput(iso) {
  const ms = Date.parse(iso);
  if (!Number.isFinite(ms)) return '';
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

/** Of what such an input holds; "" when it holds none. @param {string} text */
export function fromLocalInput(text) {
  const ms = text === '' ? NaN : new Date(text).getTime();
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '';
}
