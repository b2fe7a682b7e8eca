// SPDX-License-Identifier: Apache-2.0
// One event with all there is to it: what it is about, who caused it, and the event itself as JSON.
import { h, replace } from '../base/dom.js';
import { identifier, localTime, safe } from '../base/format.js';
import { copyButton } from '../parts/copy.js';
import { openDialog } from '../parts/dialog.js';
import { problemBlock } from '../parts/empty.js';
import { addressOf, eventTone, mapAddressOf, sentenceNodes } from '../parts/event_sentence.js';
import { fact } from '../parts/fact.js';
import { shape } from '../parts/state_badge.js';
import { may } from '../service/session.js';
import { linkTo } from '../views/index.js';
import { causeOf } from './history.js';

const KINDS = { km_id: ['km', 'KM'], relay_id: ['relay', 'Relay'], lookup_id: ['lookup', 'Lookup'], route_id: ['route', 'Route'], link_id: ['link', 'Link'] };

function subjectFact([member, id]) {
  const [kind, label] = KINDS[member] ?? [null, safe(member)];
  const address = linkTo(kind && addressOf({ kind, id }));
  return fact(label, address ? h('a', { href: address }, identifier(id)) : identifier(id),
    ' \u00b7 ', h('a', { href: `/events?subject=${encodeURIComponent(`${member}:${id}`)}` }, 'all its events'));
}

/** What the event says, safely: control and bidi characters are escaped, as nobody expects them in JSON. */
function jsonOf(event) {
  return safe(JSON.stringify(event, null, 2).replaceAll('\n', '\u0001')).replaceAll('\\x01', '\n');
}

function causeWords(entry) {
  const until = new Date(Date.parse(entry.time) + 1000).toISOString();
  const address = linkTo(`/audit?${new URLSearchParams({ after: entry.time, before: until, entry: entry.audit_id })}`);
  const what = `audit entry ${entry.audit_id}`;
  return [entry.actor === null ? 'somebody unknown' : h('bdi', {}, safe(entry.actor)), ', ', safe(entry.action), ' ', identifier(entry.target),
    ' \u00b7 ', address ? h('a', { href: address }, what) : what];
}

async function showCause(place, event, signal) {
  if (!may('admin')) {
    replace(place, 'who may read the audit trail (admin) sees it here');
    return;
  }
  try {
    const entry = await causeOf(event, signal);
    replace(place, entry ? causeWords(entry) : 'nobody: the bridge or a KM did, or the audit trail does not reach so far back');
  } catch (problem) {
    if (problem.kind !== 'aborted') replace(place, problem.message);
  }
}

function content(event, signal) {
  const raw = h('pre', { class: 'raw', tabindex: 0, role: 'region', 'aria-label': 'The event as JSON' }, jsonOf(event));
  const cause = h('dd', {}, 'looking \u2026');
  const map = linkTo(mapAddressOf(event));
  showCause(cause, event, signal);
  return [
    h('p', { class: 'event-line' }, shape(eventTone(event)), h('span', {}, sentenceNodes(event, { link: linkTo, max: 64 }))),
    h('dl', { class: 'facts' },
      fact('Event ID', h('span', { class: 'identifier' }, safe(event.event_id)), ' ', copyButton(event.event_id, { what: 'the event ID' }),
        h('span', { class: 'hint' }, ' the same in SNMP, log, webhooks and audit')),
      fact('Type', h('a', { href: `/events?type=${encodeURIComponent(event.type)}` }, safe(event.type))),
      fact('Time', h('time', { datetime: event.time }, localTime(event.time)), ` local \u00b7 ${safe(event.time)} UTC`),
      Object.entries(event.subject).map(subjectFact),
      map && fact('Map', h('a', { href: map }, 'Show on the map')),
      h('div', {}, h('dt', {}, 'Caused by'), cause)),
    h('details', { class: 'raw-block' }, h('summary', {}, 'JSON'), copyButton(JSON.stringify(event), { what: 'the event as JSON' }), raw)];
}

/**
 * @param {import('../service/live_state.js').BridgeEvent} event @param {AbortSignal} signal the view's
 * @returns {import('../parts/dialog.js').OpenDialog}
 */
export function openEvent(event, signal) {
  const ending = new AbortController();
  const opened = openDialog({ title: `Event ${safe(event.event_id)}`, wide: true, content: content(event, ending.signal) });
  const close = () => opened.close();
  signal.addEventListener('abort', close, { once: true });
  opened.done.then(() => {
    ending.abort();
    signal.removeEventListener('abort', close);
  });
  return opened;
}

/** For an ID that the address names, and nobody knows. @param {import('../service/api.js').Problem} problem @param {AbortSignal} signal */
export function openNoEvent(problem, signal) {
  const opened = openDialog({ title: 'No such event', content: problemBlock(problem) });
  signal.addEventListener('abort', () => opened.close(), { once: true });
  return opened;
}
