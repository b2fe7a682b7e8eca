// SPDX-License-Identifier: Apache-2.0
// A form in a dialog: what the bridge will not take is said at the field it is about, and nothing that was typed is lost.
import { h, setText, uniqueId } from '../base/dom.js';
import { openDialog } from '../parts/dialog.js';

/**
 * @typedef {{ id: string, label: string, kind?: 'text' | 'choice' | 'time' | 'switch' | 'number', value?: any,
 *   options?: [value: string, label: string][], hint?: string, required?: boolean, disabled?: boolean, max?: number }} Field
 *   `id`: the member of the body; `time`: RFC 3339 or "" in values
 */

function inputOf(field, id) {
  const common = { id, required: field.required, disabled: field.disabled, 'aria-describedby': `${id}-hint ${id}-error` };
  if (field.kind === 'choice') {
    const select = h('select', { ...common, class: 'input' }, field.options.map(([value, label]) => h('option', { value }, label)));
    select.value = field.value ?? field.options[0][0];
    return select;
  }
  if (field.kind === 'switch') return h('input', { ...common, type: 'checkbox', properties: { checked: field.value === true } });
  const type = { time: 'datetime-local', number: 'number' }[field.kind] ?? 'text';
  return h('input', { ...common, class: 'input', type, maxlength: field.max, step: field.kind === 'time' ? 1 : null, autocomplete: 'off', spellcheck: 'false', properties: { value: field.value ?? '' } });
}

function valueOf(field, input) {
  if (field.kind === 'switch') return input.checked;
  if (field.kind === 'time') return input.value === '' ? '' : new Date(input.value).toISOString();
  if (field.kind === 'number') return input.value === '' ? null : Number(input.value);
  return input.value.trim();
}

function makeField(field) {
  const id = uniqueId('field');
  const input = inputOf(field, id);
  const error = h('span', { id: `${id}-error`, class: 'form-error field-error' });
  const label = h('label', { for: id }, field.label);
  const hint = h('span', { id: `${id}-hint`, class: 'hint' }, field.hint ?? '');
  const element = field.kind === 'switch' ? h('div', { class: 'field' }, h('span', { class: 'inline' }, input, label), hint, error)
    : h('div', { class: 'field' }, label, input, hint, error);
  return { field, input, element, value: () => valueOf(field, input), fault: (text) => {
    setText(error, text);
    if (text === '') input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
  } };
}

/** The field that a problem is about: its pointer is "/token_id", or "/types/0". */
function blamed(made, problem) {
  const member = (problem.pointer ?? '').split('/')[1];
  return made.find(({ field }) => field.id === member);
}

/**
 * @param {{ title: string, intro?: import('../base/dom.js').Child, fields: Field[], verb: string,
 *   send: (values: Record<string, any>) => Promise<any> }} options `send` rejects with a Problem
 * @returns {Promise<any>} what `send` gave; undefined: dismissed
 */
export async function openForm({ title, intro, fields, verb, send }) {
  const made = fields.map(makeField);
  const said = h('p', { class: 'form-error', role: 'alert' });
  const form = h('form', { novalidate: true, on: { submit: (event) => {
    event.preventDefault();
    opened.element.querySelector('.dialog-actions .primary').click();
  } } }, intro, made.map((each) => each.element), said, h('button', { type: 'submit', hidden: true }));

  function missing() {
    for (const each of made) each.fault('');
    setText(said, '');
    const empty = made.find((each) => each.field.required && each.value() === '');
    empty?.fault(`${empty.field.label} is missing.`);
    empty?.input.focus();
    return empty !== undefined;
  }

  async function run() {
    if (missing()) return false;
    try {
      return await send(Object.fromEntries(made.map((each) => [each.field.id, each.value()])));
    } catch (problem) {
      const at = blamed(made, problem);
      if (at) at.fault(problem.message);
      setText(said, at ? 'Nothing was written: see above.' : problem.message);
      at?.input.focus();
      return false;
    }
  }

  const opened = openDialog({ title, content: form, actions: [{ label: 'Cancel' }, { label: verb, kind: 'primary', run }] });
  made[0].input.focus();
  return opened.done;
}

/** "a, b" as a list without empty ones. @param {string} text */
export function listOf(text) {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}
