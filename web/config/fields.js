// SPDX-License-Identifier: Apache-2.0
// The fields of an editor: each tells its value, is judged as one types, and shows what is wrong beside itself.
import { h, replace, setText, uniqueId } from '../base/dom.js';
import { duration, fromLocalInput, safe, toLocalInput } from '../base/format.js';
import { createKmaPicker } from '../parts/kma_picker.js';
import { live } from '../service/live.js';

/**
 * @typedef {import('../requests/path_rules.js').Findings} Findings
 * @typedef {object} Field
 * @property {string} name @property {HTMLElement} element
 * @property {() => any} get @property {(value: any) => void} set
 * @property {() => Findings} judge
 * @property {(findings: Findings) => void} show @property {() => void} focus
 * @property {(onInput: () => void) => void} listen
 */

/** The list of what is wrong and what is odd, as text. */
function saidBlock(id) {
  const element = h('div', { id, class: 'said', role: 'status' });
  let shown = '';
  const lines = (kind, texts, before) => texts.length > 0 && h('ul', { class: kind }, texts.map((words) => h('li', {}, h('bdi', {}, before, safe(words)))));
  /** @param {Findings} findings */
  const show = ({ errors, warnings }) => {
    const text = JSON.stringify([errors, warnings]);
    if (text === shown) return;
    shown = text;
    replace(element, lines('errors', errors, ''), lines('warnings', warnings, 'Warning: '));
  };
  return { element, show };
}

/** A label, what is filled in, a hint, and what is said of it. @returns {Field} */
function framed({ name, label, hint, control, focused = control, get, set, judge, event = 'input', around = [] }) {
  control.id ||= uniqueId('field');
  const said = saidBlock(`${control.id}-said`);
  const hintElement = hint && h('span', { id: `${control.id}-hint`, class: 'hint' }, hint);
  control.setAttribute('aria-describedby', [hint && `${control.id}-hint`, `${control.id}-said`].filter(Boolean).join(' '));
  return {
    name, get, set, judge,
    element: h('div', { class: 'field', dataset: { field: name } }, h('label', { for: control.id }, label), control, around, hintElement, said.element),
    show: (findings) => {
      control.setAttribute('aria-invalid', String(findings.errors.length > 0));
      said.show(findings);
    },
    focus: () => focused.focus(),
    listen: (onInput) => control.addEventListener(event, onInput),
  };
}

/** @returns {Field} */
export function textField({ name, label, hint, value, judge, required = true }) {
  const control = /** @type {HTMLInputElement} */ (h('input', { class: 'input wide', value: value ?? '', required, autocomplete: 'off', spellcheck: 'false', dir: 'auto' }));
  return framed({ name, label, hint, control, get: () => control.value, set: (given) => { control.value = given ?? ''; }, judge: () => judge(control.value) });
}

/** A whole number, or null where it may lack. @returns {Field} */
export function integerField({ name, label, hint, value, judge }) {
  const text = (given) => (given === null || given === undefined ? '' : String(given));
  const control = /** @type {HTMLInputElement} */ (h('input', { class: 'input', inputmode: 'numeric', value: text(value), autocomplete: 'off' }));
  return framed({ name, label, hint, control, judge: () => judge(control.value), set: (given) => { control.value = text(given); },
    get: () => (control.value.trim() === '' ? null : Number(control.value)) });
}

/** @returns {Field} */
export function choiceField({ name, label, hint, value, options }) {
  const control = /** @type {HTMLSelectElement} */ (h('select', { class: 'input' }, options.map(([id, words]) => h('option', { value: id }, words))));
  control.value = value;
  return framed({ name, label, hint, control, event: 'change', get: () => control.value, set: (given) => { control.value = given; }, judge: () => ({ errors: [], warnings: [] }) });
}

/** A KMA's ID; empty is null. @returns {Field} */
export function kmaField({ name, label, hint, value, judge, signal }) {
  const picker = createKmaPicker({ label, value: value ?? '', hint, signal });
  const { input } = picker;
  const said = saidBlock(`${input.id}-said`);
  input.setAttribute('aria-describedby', [hint && `${input.id}-hint`, `${input.id}-said`].filter(Boolean).join(' '));
  input.setAttribute('dir', 'auto');
  input.classList.add('wide');
  picker.element.append(said.element);
  picker.element.dataset.field = name;
  return {
    name, element: picker.element, get: () => (input.value === '' ? null : input.value), set: (given) => { input.value = given ?? ''; },
    judge: () => judge(input.value),
    show: (findings) => {
      input.setAttribute('aria-invalid', String(findings.errors.length > 0));
      said.show(findings);
    },
    focus: () => input.focus(),
    listen: (onInput) => input.addEventListener('input', onInput),
  };
}

const LEASES = [['1 hour', 3600000], ['1 day', 86400000], ['1 week', 604800000]];

/** An end in local time, or none. What was not touched stays to the millisecond. @returns {Field} */
export function leaseField({ name, label, value, judge, signal }) {
  let kept = value ?? null;
  const control = /** @type {HTMLInputElement} */ (h('input', { type: 'datetime-local', step: 1, class: 'input' }));
  const countdown = h('span', { class: 'hint' });
  const get = () => (control.value === '' ? null : kept !== null && toLocalInput(kept) === control.value ? kept : fromLocalInput(control.value));
  const set = (given) => {
    kept = given ?? null;
    control.value = given ? toLocalInput(given) : '';
    tick();
  };
  const pick = (ms) => {
    set(ms === null ? null : new Date(Math.ceil((live.now() + ms) / 1000) * 1000).toISOString());
    control.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const quick = h('span', { class: 'quick', role: 'group', 'aria-label': 'From now' },
    [['Never', null], ...LEASES].map(([words, ms]) => h('button', { type: 'button', class: 'button small', on: { click: () => pick(ms) } }, words)));
  function tick() {
    const iso = get();
    setText(countdown, iso === null ? 'Until it is deleted.' : `${iso} UTC, ${Date.parse(iso) > live.now() ? `in ${duration(Date.parse(iso) - live.now())}` : 'passed'}.`);
  }
  const field = framed({ name, label, control, get, set, around: [quick, countdown], judge: () => judge(get(), control.validity.badInput) });
  field.listen(tick);
  const timer = setInterval(tick, 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  set(value);
  return field;
}

/** A group of controls under one name. @returns {Field} */
export function groupField({ name, label, hint, content, get, set, judge, focus, listen }) {
  const id = uniqueId('group');
  const said = saidBlock(`${id}-said`);
  return {
    name, get, set, judge, focus, listen, show: said.show,
    element: h('fieldset', { class: 'field group', dataset: { field: name }, 'aria-describedby': [hint && `${id}-hint`, `${id}-said`].filter(Boolean).join(' ') },
      h('legend', {}, label), hint && h('span', { id: `${id}-hint`, class: 'hint' }, hint), content, said.element),
  };
}
