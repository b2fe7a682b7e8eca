// SPDX-License-Identifier: Apache-2.0
// The form of one object: its fields, what is wrong with them as one types, and where the bridge's objections belong.
import { h, setText, uniqueId } from '../base/dom.js';
import { safe } from '../base/format.js';
import { surveyOf } from '../requests/route_judge.js';
import { live, subscribe } from '../service/live.js';
import { choiceField, integerField, kmaField, leaseField, textField } from './fields.js';
import { APPLICATIONS, LINKS, ROUTES, capital, givenOf } from './kinds.js';
import { fieldOf, judgeIdentifier, judgeInteger, judgeKma, judgeLease, nothing } from './rules.js';
import { hopsField, pathField } from './way_fields.js';

const RECHECK_MS = 1000; // what is typed is judged anew as the network changes

/**
 * @typedef {import('./kinds.js').Kind} Kind
 * @typedef {import('./fields.js').Field} Field
 * @typedef {{ element: HTMLElement, fields: Field[], given: () => any, set: (given: any) => void, shown: () => Field[] }} Parts
 */

const INTEGERS = {
  priority: { label: 'The priority', min: -2147483648, max: 2147483647, mayLack: false },
  cost: { label: 'The cost', min: 0, max: 4294967295, mayLack: false },
  key_stock: { label: 'The key stock', min: 0, max: Number.MAX_SAFE_INTEGER, mayLack: true },
  key_rate: { label: 'The key rate', min: 0, max: Number.MAX_SAFE_INTEGER, mayLack: true },
  key_capacity: { label: 'The key capacity', min: 1, max: Number.MAX_SAFE_INTEGER, mayLack: true },
};

const integer = (name, label, value, hint) => integerField({ name, label, hint, value, judge: (text) => judgeInteger(text, INTEGERS[name]) });
const origin = (kind, value) => textField({ name: 'origin', label: 'Origin', value, judge: (text) => judgeIdentifier(text, 'The origin'),
  hint: `Whose ${kind.one} it is: who replaces all of that origin replaces it too.` });
const kma = (name, label, value, signal, hint, mayLack) => kmaField({ name, label, hint, value, signal,
  judge: (text) => (mayLack && text === '' ? nothing() : judgeKma(text, surveyOf(live.data))) });

function plain(fields) {
  return {
    fields, element: h('div', { class: 'form-grid' }, fields.map((field) => field.element)), shown: () => fields,
    given: () => Object.fromEntries(fields.map((field) => [field.name, field.get()])),
    set: (given) => fields.forEach((field) => field.set(given[field.name])),
  };
}

function otherEnd(text, other) {
  const known = judgeIdentifier(text, 'The KMA');
  if (known.errors.length === 0 && text === other) known.errors.push('A link joins two different KMAs.');
  if (known.errors.length === 0 && !surveyOf(live.data).owner(text)) known.warnings.push(`No KM has ${text}: the link alone will name it.`);
  return known;
}

/** @returns {Parts} */
function linkParts(given, signal) {
  const a = kmaField({ name: 'a', label: 'One end', value: given.a, signal, judge: (text) => otherEnd(text, null) });
  const b = kmaField({ name: 'b', label: 'Other end', value: given.b, signal, judge: (text) => otherEnd(text, a.get()) });
  return plain([a, b,
    choiceField({ name: 'state', label: 'State', value: given.state, options: [['up', 'up'], ['down', 'down: no path goes over it']] }),
    integer('cost', 'Cost', given.cost), integer('key_stock', 'Key stock', given.key_stock, 'Keys in store; empty: nobody told.'),
    integer('key_rate', 'Key rate', given.key_rate, 'Keys made an hour; empty: nobody told.'),
    integer('key_capacity', 'Key capacity', given.key_capacity, 'Keys at which no more are made; empty: no limit.'), origin(LINKS, given.origin)]);
}

/** @returns {Parts} */
function applicationParts(given, signal) {
  return plain([kmaField({ name: 'kma_id', label: 'KMA', value: given.kma_id, signal, judge: (text) => {
    const findings = judgeIdentifier(text, 'The KMA');
    if (findings.errors.length === 0) findings.warnings.push(...judgeKma(text, surveyOf(live.data)).errors);
    return findings;
  } })]);
}

function wayChoice(first, onChoose) {
  const name = uniqueId('way');
  return h('fieldset', { class: 'ways' }, h('legend', {}, 'The route says'), [['path', 'a path'], ['next_hops', 'next hops']].map(([id, words]) => {
    const input = h('input', { type: 'radio', name, id: uniqueId('way'), value: id, checked: id === first, on: { change: () => onChoose(id) } });
    return h('span', { class: 'way-choice' }, input, h('label', { for: input.id }, words));
  }));
}

/** @returns {Parts} */
function routeParts(given, signal) {
  let way = given.next_hops ? 'next_hops' : 'path';
  const path = pathField({ value: given.path, signal });
  const destination = kma('destination_kma_id', 'Destination', given.path ? null : given.destination_kma_id, signal);
  const source = kma('source_kma_id', 'Source', given.path ? null : given.source_kma_id, signal, 'Empty: from anywhere.', true);
  const hops = hopsField({ value: given.next_hops, signal, ends: () => ({ source: source.get(), destination: destination.get() }) });
  const rest = [
    integer('priority', 'Priority', given.priority, 'Of routes that would do, the one with the highest is used.'),
    leaseField({ name: 'valid_until', label: 'Valid until', value: given.valid_until, signal, judge: (iso, isPartial) => judgeLease(iso, isPartial, live.now()) }),
    origin(ROUTES, given.origin),
  ];
  const ofHops = h('div', { class: 'of-hops' }, h('div', { class: 'form-grid' }, destination.element, source.element), hops.element);
  const choice = wayChoice(way, choose);
  function choose(id) {
    way = id;
    path.element.hidden = id !== 'path';
    ofHops.hidden = id !== 'next_hops';
    choice.querySelector(`input[value=${id}]`).checked = true;
  }
  choose(way);
  const shown = () => [...(way === 'path' ? [path] : [destination, source, hops]), ...rest];
  return {
    fields: [path, destination, source, hops, ...rest], shown,
    element: h('div', {}, choice, path.element, ofHops, h('div', { class: 'form-grid' }, rest.map((field) => field.element))),
    given: () => {
      const kmas = path.get();
      const ends = way === 'path' ? { source_kma_id: kmas[0] ?? null, destination_kma_id: kmas.at(-1) ?? null, path: kmas, next_hops: null }
        : { source_kma_id: source.get(), destination_kma_id: destination.get(), path: null, next_hops: hops.get() };
      return { ...ends, ...Object.fromEntries(rest.map((field) => [field.name, field.get()])) };
    },
    set: (values) => {
      choose(values.next_hops ? 'next_hops' : 'path');
      path.set(values.path);
      hops.set(values.next_hops);
      destination.set(values.path ? null : values.destination_kma_id);
      source.set(values.path ? null : values.source_kma_id);
      for (const field of rest) field.set(values[field.name]);
    },
  };
}

const PARTS = new Map([[ROUTES, routeParts], [LINKS, linkParts], [APPLICATIONS, applicationParts]]);

function idFieldOf(kind) {
  const what = `The ${kind.idLabel.replace(/^\w/, (letter) => letter.toLowerCase())}`;
  return textField({ name: kind.id, label: kind.idLabel, value: '', judge: (text) => {
    const findings = judgeIdentifier(text, what);
    if (live.data[kind.resource].has(text)) findings.errors.push(`There is a ${kind.one} ${text} already: edit that one, or choose another ID.`);
    return findings;
  } });
}

/**
 * @param {Kind} kind
 * @param {{ id: string | null, given: any, signal: AbortSignal, onInput: () => void, fixed: string }} options
 *   `id`: null: it is asked for; `fixed`: why nothing can be changed, "" when it can
 */
export function createForm(kind, { id, given: first, signal, onInput, fixed }) {
  const idField = id === null ? idFieldOf(kind) : null;
  const parts = PARTS.get(kind)(givenOf(kind, first), signal);
  const all = idField ? [idField, ...parts.fields] : parts.fields;
  const shown = () => (idField ? [idField, ...parts.shown()] : parts.shown());
  const touched = new Set();
  /** What the bridge said of a field, as long as it is not changed. @type {Map<string, string>} */
  const objections = new Map();
  const said = h('p', { class: 'form-said', role: 'alert', hidden: true });
  const element = h('fieldset', { class: 'object-form', disabled: fixed !== '', 'aria-label': capital(kind) }, idField?.element, parts.element, said);

  function findingsOf(field) {
    const findings = field.judge();
    const objection = objections.get(field.name);
    return objection ? { ...findings, errors: [...findings.errors, objection] } : findings;
  }

  function judge() {
    for (const field of shown()) {
      const findings = findingsOf(field);
      field.show(touched.has(field) ? findings : { errors: [], warnings: findings.errors.length > 0 ? [] : findings.warnings });
    }
  }

  /** @param {string} words "": nothing @param {'error' | 'info'} [tone] */
  function say(words, tone = 'error') {
    said.hidden = words === '';
    said.className = `form-said ${tone}`;
    setText(said, words);
  }

  for (const field of all) {
    field.listen(() => {
      touched.add(field);
      objections.delete(field.name);
      say('');
      judge();
      onInput();
    });
  }
  const timer = setInterval(judge, RECHECK_MS);
  const end = subscribe(['kms', 'links'], judge);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    end();
  }, { once: true });
  judge();

  return {
    element, say,
    id: () => id ?? idField.get(),
    given: parts.given,
    set: (given) => {
      objections.clear();
      parts.set(givenOf(kind, given));
      judge();
    },
    /** Everything is shown that is wrong; the first such field has the focus then. @returns {boolean} all is right */
    check() {
      shown().forEach((field) => touched.add(field));
      judge();
      const wrong = shown().find((field) => findingsOf(field).errors.length > 0);
      wrong?.focus();
      return wrong === undefined;
    },
    /** Puts a problem of the bridge where it belongs. @param {import('../service/api.js').Problem} problem @param {any} sent */
    object(problem, sent) {
      const name = fieldOf(problem, sent, shown().map((field) => field.name));
      const field = shown().find((candidate) => candidate.name === name);
      if (!field) {
        say(safe(problem.message));
        return;
      }
      objections.set(field.name, `The bridge: ${problem.message}`);
      touched.add(field);
      judge();
      field.focus();
    },
    focus: () => shown()[0].focus(),
  };
}
