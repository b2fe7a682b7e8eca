// SPDX-License-Identifier: Apache-2.0
// Enrolling a KM, and changing one: what the bridge refuses is said at the field that it is about.
import { h, setText, uniqueId } from '../base/dom.js';
import { safe } from '../base/format.js';
import { openDialog } from '../parts/dialog.js';
import { notify } from '../parts/notice.js';
import { path, request } from '../service/api.js';
import { DIALECT } from './dialect.js';

function field(label, input, hint) {
  const id = uniqueId('km');
  const error = h('span', { id: `${id}-error`, class: 'form-error', role: 'alert' });
  Object.assign(input, { id });
  input.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
  const element = h('div', { class: 'field' }, h('label', { for: id }, label), input, h('span', { id: `${id}-hint`, class: 'hint' }, hint), error);
  return { element, input, setError: (text) => {
    setText(error, text);
    if (text === '') input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
  } };
}

function textInput(value, attributes = {}) {
  return h('input', { class: 'input', type: 'text', value, autocomplete: 'off', spellcheck: 'false', ...attributes });
}

function choiceInput(choices, value) {
  const select = h('select', { class: 'input' }, choices.map((choice) => h('option', { value: choice }, choice)));
  select.value = value;
  return select;
}

function fieldsOf(km) {
  const fields = {
    ...(km === null && { km_id: field('KM', textInput('', { required: true, maxlength: 255 }), 'What it is called here: 1 to 255 bytes.') }),
    kma_ids: field('KMAs', h('textarea', { class: 'input', rows: 3, required: true, spellcheck: 'false', properties: { value: km?.kma_ids.join('\n') ?? '' } }), 'Its KMAs, one a line, 1 to 32. A KMA belongs to one KM.'),
    identity: field('Identity', textInput(km?.identity ?? '', { required: true }), 'What it proves when it connects: dns:NAME, uri:URI or cn:NAME of its certificate, psk:IDENTITY, or address:ADDRESS on a plain listener; several with commas between them.'),
  };
  const dialect = Object.fromEntries(DIALECT.map(({ name, label, help, usual, choices }) => {
    const value = km?.dialect[name] ?? usual;
    return [name, field(label, choices ? choiceInput(choices, value) : textInput(value), help)];
  }));
  return { fields, dialect };
}

/** What the form has no field for stays as it is. */
function bodyOf({ fields, dialect }, enabled, km) {
  return {
    kma_ids: fields.kma_ids.input.value.split('\n').map((line) => line.trim()).filter((line) => line !== ''),
    identity: fields.identity.input.value.trim(),
    enabled,
    dialect: Object.fromEntries(Object.entries(dialect).map(([name, { input }]) => [name, input.value.trim()])),
    ...(km?.policy && { policy: km.policy }),
  };
}

/** Where the problem belongs: at the field that its pointer names, or at the form's end. */
function showProblem(problem, { fields, dialect }, general) {
  const [, first, second] = (problem.pointer ?? '').split('/');
  const at = first === 'dialect' ? dialect[second] : fields[first];
  const words = problem.code === 'stale' ? 'It was changed by somebody else meanwhile: close this, and look at it again.' : problem.message;
  if (at === undefined) {
    setText(general, words);
    return;
  }
  at.setError(words);
  at.element.closest('details')?.setAttribute('open', '');
  at.input.focus();
}

async function write(id, body, condition) {
  const { data } = await request('PUT', path`/kms/${id}`, { body, ...condition });
  for (const warning of data.warnings ?? []) notify(safe(warning));
}

/**
 * @param {{ km?: any, etag?: string | null, onDone: (id: string) => void }} options `km`: the one to change, as its GET
 *   shows it, with its ETag; without it a new one is enrolled
 */
export function openKmForm({ km = null, etag = null, onDone }) {
  const made = fieldsOf(km);
  const enabled = h('input', { type: 'checkbox', id: uniqueId('enabled'), properties: { checked: km?.enabled ?? true } });
  const general = h('p', { class: 'form-error', role: 'alert' });

  async function save() {
    const all = [...Object.values(made.fields), ...Object.values(made.dialect)];
    for (const each of all) each.setError('');
    setText(general, '');
    const id = km?.km_id ?? made.fields.km_id.input.value.trim();
    if (id === '') {
      made.fields.km_id.setError('A KM needs a name.');
      made.fields.km_id.input.focus();
      return false;
    }
    try {
      await write(id, bodyOf(made, enabled.checked, km), km === null ? { ifNoneMatch: '*' } : { ifMatch: etag });
    } catch (problem) {
      if (km === null && problem.code === 'stale') made.fields.km_id.setError('There is a KM of that name.');
      else showProblem(problem, made, general);
      return false;
    }
    notify(km === null ? `KM ${safe(id)} is enrolled.` : `KM ${safe(id)} is changed.`, { kind: 'success' });
    onDone(id);
    return true;
  }

  const content = h('form', { class: 'km-form', on: { submit: (event) => { event.preventDefault(); opened.element.querySelector('.dialog-actions .primary').click(); } } },
    Object.values(made.fields).map((each) => each.element),
    h('label', { class: 'inline field', for: enabled.id }, enabled, 'Enabled: it may connect'),
    h('details', {}, h('summary', {}, 'Dialect'), h('div', { class: 'dialect-fields' }, Object.values(made.dialect).map((each) => each.element))),
    general, h('input', { type: 'submit', hidden: true }));
  const opened = openDialog({ title: km === null ? 'Enrol a KM' : `Change KM ${safe(km.km_id)}`, content, wide: true, actions: [
    { label: 'Cancel' }, { label: km === null ? 'Enrol' : 'Save', kind: 'primary', run: save },
  ] });
  content.querySelector('input, textarea').focus();
}
