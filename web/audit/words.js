// SPDX-License-Identifier: Apache-2.0
// How an entry of the audit trail is told: who, what, how it ended, and where that can be looked at.
import { h } from '../base/dom.js';
import { identifier, localTime, safe } from '../base/format.js';
import { copyButton } from '../parts/copy.js';
import { openDialog } from '../parts/dialog.js';
import { fact } from '../parts/fact.js';
import { badge } from '../parts/state_badge.js';
import { linkTo } from '../views/index.js';

const VERBS = { PUT: 'wrote', POST: 'posted', DELETE: 'removed', GET: 'asked for', apply: 'applied' };
const GOOD = ['ok', 'created'];

/** @param {any} entry */
export function isRefused(entry) {
  return !GOOD.includes(entry.outcome);
}

/** @param {any} entry */
export function outcomeBadge(entry) {
  return badge(isRefused(entry) ? 'bad' : 'good', safe(entry.outcome));
}

/** @param {any} entry */
export function actorElement(entry) {
  return entry.actor === null ? h('span', { class: 'none' }, 'unknown') : identifier(entry.actor, { max: 32 });
}

/** "wrote links/l12" @param {any} entry */
export function whatWords(entry) {
  let path = entry.target.replace(/^\/api\/v1\//, '');
  try {
    path = decodeURIComponent(path);
  } catch {
    // as it came
  }
  return [`${VERBS[entry.action] ?? safe(entry.action)} `, identifier(path, { max: 64 })];
}

/** The entry as text, for the search. @param {any} entry */
export function entryText(entry) {
  return [entry.audit_id, entry.actor, entry.action, entry.target, entry.outcome, entry.reason, entry.detail, entry.source].filter((part) => part !== null).join(' ');
}

/** Where its events are; null: it caused none. @param {any} entry */
export function eventsAddress(entry) {
  if (entry.first_event_id === null) return null;
  return linkTo(`/events?after=${BigInt(entry.first_event_id) - 1n}&before=${BigInt(entry.last_event_id) + 1n}`);
}

function eventsFact(entry) {
  if (entry.first_event_id === null) return fact('Events', 'none');
  const range = entry.first_event_id === entry.last_event_id ? entry.first_event_id : `${entry.first_event_id} to ${entry.last_event_id}`;
  return fact('Events', h('a', { href: eventsAddress(entry) }, range), ': what it changed, as it was told');
}

function requestFact(entry) {
  const kind = entry.target.includes('/lookups/') ? 'lookups' : 'relays';
  const address = linkTo(`/${kind}/${entry.request_id}`);
  return fact(kind === 'relays' ? 'Relay' : 'Lookup', address ? h('a', { href: address }, entry.request_id) : entry.request_id);
}

function content(entry) {
  const hash = h('span', { class: 'identifier' }, safe(entry.hash));
  return [h('dl', { class: 'facts' },
    fact('Who', entry.actor === null ? 'nobody could be made out' : identifier(entry.actor, { max: 200 })),
    fact('From', entry.source === null ? 'the bridge\u2019s own machine' : safe(entry.source)),
    fact('What', `${safe(entry.action)} `, identifier(entry.target, { max: 200 })),
    fact('When', h('time', { datetime: entry.time }, localTime(entry.time)), ` local \u00b7 ${safe(entry.time)} UTC`),
    fact('Outcome', outcomeBadge(entry), entry.reason ? ` ${safe(entry.reason)}` : '', entry.detail ? `: ${safe(entry.detail)}` : ''),
    entry.revision !== null && fact('Revision', `${entry.revision} (the ETag of what was written)`),
    entry.request_id !== null && requestFact(entry),
    eventsFact(entry),
    fact('Hash', hash, ' ', copyButton(entry.hash, { what: 'the hash', shown: hash })),
    fact('Of the one before', h('span', { class: 'identifier' }, safe(entry.previous_hash)))),
  h('p', { class: 'hint' }, 'The trail keeps who did what and the revision that came of it, not the contents before and after.')];
}

/** @param {any} entry @param {AbortSignal} signal the view's @returns {import('../parts/dialog.js').OpenDialog} */
export function openEntry(entry, signal) {
  const opened = openDialog({ title: `Audit entry ${safe(entry.audit_id)}`, wide: true, content: content(entry) });
  const close = () => opened.close();
  signal.addEventListener('abort', close, { once: true });
  opened.done.then(() => signal.removeEventListener('abort', close));
  return opened;
}
