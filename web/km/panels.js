// SPDX-License-Identifier: Apache-2.0
// What there is to know of one KM: its session and how it is protected, its configuration, what it has sent and got.
import { h, replace } from '../base/dom.js';
import { NONE, ageElement, duration, identifier, number, safe, timeElement } from '../base/format.js';
import { fact } from '../parts/fact.js';
import { badge, kmBadge } from '../parts/state_badge.js';
import { live } from '../service/live.js';
import { createHistogram } from './histogram.js';
import { DIALECT, learned } from './dialect.js';
import { EXPIRING_MS, certificateLeftMs, days, securityWords } from './model.js';

function facts(rows) {
  return h('dl', { class: 'facts' }, rows.filter(Boolean).map(([name, value]) => fact(name, value)));
}

function panel(title, more, ...content) {
  return h('section', { class: `panel ${more}` }, h('h2', {}, title), content);
}

/** Draws again only what reads otherwise than before. */
function redrawn(make, keyOf) {
  const element = h('div');
  let shown = null;
  return { element, draw: (km) => {
    const key = JSON.stringify(keyOf(km));
    if (key === shown) return;
    shown = key;
    replace(element, make(km));
  } };
}

function certificate(km) {
  const left = certificateLeftMs(km, live.now());
  if (left === null) return NONE;
  const words = left < 0 ? `expired ${duration(-left)} ago` : `${number(days(left))} days left`;
  const mark = left >= EXPIRING_MS ? badge('good', words) : badge(left < EXPIRING_MS / 4 ? 'bad' : 'warning', words);
  return [mark, ', until ', timeElement(km.session.certificate_expires_at, live.now())];
}

function security(session) {
  if (session.security === 'plain') return badge('bad', 'insecure: no TLS', { title: 'Whoever is on the way can read and change what it says' });
  return session.state === 'connected' ? badge('good', securityWords(session)) : NONE;
}

function lastError(error) {
  return error === null ? 'none' : [safe([error.reason, error.detail].filter(Boolean).join(': ')), ', ', ageElement(error.time, live.now()), ' ago'];
}

export function sessionPanel() {
  const inner = redrawn((km) => facts([
    ['State', [kmBadge(km, live.now()), km.session.since && [' for ', ageElement(km.session.since, live.now())]]],
    ['Peer', identifier(km.session.peer)],
    ['Security', security(km.session)],
    ['Cipher', km.session.cipher ? safe(km.session.cipher) : NONE],
    ['Certificate', certificate(km)],
    km.session.held_off_until && Date.parse(km.session.held_off_until) > live.now() && ['Held off until', timeElement(km.session.held_off_until, live.now())],
    ['Last error', lastError(km.session.last_error)],
  ]), (km) => [km.enabled, km.session, Math.floor(live.now() / 1000)]);
  return { element: panel('Session', '', inner.element), draw: inner.draw };
}

function cameFrom(km) {
  if (km.origin === 'api') return km.in_file ? 'the API, over what the file says' : 'the API';
  return 'the configuration file';
}

export function configurationPanel() {
  const inner = redrawn((km) => [
    facts([
      ['KMAs', h('ul', { class: 'identifiers' }, km.kma_ids.map((id) => h('li', {}, identifier(id))))],
      ['Identity', h('ul', { class: 'identifiers' }, km.identity.split(',').map((one) => h('li', {}, identifier(one.trim(), { max: 64 }))))],
      ['Enabled', km.enabled ? 'yes' : 'no: it is refused'],
      ['Set by', cameFrom(km)],
      ['Changed', km.changed_at ? timeElement(km.changed_at, live.now()) : NONE],
    ]),
    km.origin === 'api' && km.in_file && h('p', { class: 'hint' }, 'Every setting here is the API\u2019s; when it is removed, the file\u2019s hold again.'),
  ], (km) => [km.kma_ids, km.identity, km.enabled, km.origin, km.in_file, km.changed_at]);
  return { element: panel('Configuration', '', inner.element), draw: inner.draw };
}

export function dialectPanel() {
  const inner = redrawn((km) => h('table', { class: 'table compact' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Setting'), h('th', { scope: 'col' }, 'Configured'), h('th', { scope: 'col' }, 'Learned'))),
    h('tbody', {}, DIALECT.map(({ name, label, help, usual }) => h('tr', { title: help },
      h('th', { scope: 'row' }, label),
      h('td', {}, km.dialect[name] === '' ? NONE : safe(km.dialect[name]), km.dialect[name] === usual && h('span', { class: 'none' }, ' (default)')),
      h('td', {}, learned(name, km.session) ?? h('span', { class: 'none' }, NONE)))))),
  (km) => [km.dialect, km.session.byte_order, km.session.key_style_seen]);
  return { element: panel('Dialect', 'spans', inner.element), draw: inner.draw };
}

const COMMAND_ROWS = [
  ['0x01 Next hop requests', 'next_hop_requests', 'received'], ['0x02 Next hop responses', 'next_hop_responses', 'sent'],
  ['0x03 Notifications of relays', 'relay_notifications', 'received'], ['0x04 Key relay requests', 'relay_requests', 'sent'],
  ['0x05 Key relay responses', 'relay_responses', 'received'], ['Unknown commands', 'unknown_commands', 'received'],
];
const ERROR_ROWS = [
  ['Malformed frames', 'malformed'], ['Unexpected commands', 'unexpected'], ['Unknown members', 'unknown_members'],
  ['Responses to nothing', 'uncorrelated'], ['Repeated requests', 'repeats'], ['Sessions refused', 'sessions_refused'],
];
const RELAY_ROWS = [
  ['Open', 'relays_open'], ['Succeeded', 'relays_succeeded'], ['Failed', 'relays_failed'], ['Rejected', 'relays_rejected'],
  ['Expired', 'relays_expired'], ['Orphaned', 'relays_orphaned'],
];

function countTable(title, rows, counters) {
  return h('table', { class: 'table compact counts' }, h('caption', {}, title), h('tbody', {}, rows.map(([label, name, way]) => h('tr', {},
    h('th', { scope: 'row' }, label, way && h('span', { class: 'none' }, ` ${way}`)), h('td', { class: counters[name] > 0 ? 'end' : 'end none' }, number(counters[name]))))));
}

export function countersPanel() {
  const histogram = createHistogram();
  const inner = redrawn(({ counters }) => h('div', { class: 'count-tables' },
    countTable('Frames', COMMAND_ROWS, counters), countTable('Errors', ERROR_ROWS, counters), countTable('Relays', RELAY_ROWS, counters)), (km) => km.counters);
  const element = h('section', { class: 'panel wide' }, h('h2', {}, 'Since the bridge started'), inner.element,
    h('h3', { class: 'histogram-title' }, 'Time to answer a Key relay request'), histogram.element);
  return { element, draw: (km) => {
    inner.draw(km);
    histogram.set(km.counters.reply_time_ms);
  } };
}
