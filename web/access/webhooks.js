// SPDX-License-Identifier: Apache-2.0
// The webhooks: where events are delivered to, how that stands, and what the receivers would not take.
import { h } from '../base/dom.js';
import { ageElement, duration, identifier, number, safe } from '../base/format.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock } from '../parts/empty.js';
import { badge } from '../parts/state_badge.js';
import { path, request } from '../service/api.js';
import { live } from '../service/live.js';
import { listOf, openForm } from './form.js';
import { showSecretOnce } from './secret.js';

const STATES = {
  idle: ['good', 'all delivered'], delivering: ['busy', 'delivering'], retrying: ['bad', 'retrying'],
  gone: ['bad', 'given up (410)'], disabled: ['off', 'disabled'],
};

/** @param {any} hook */
export function deliveryBadge(hook) {
  const { delivery } = hook;
  const [tone, word] = STATES[delivery.state] ?? ['neutral', safe(delivery.state)];
  return badge(tone, word, { title: delivery.last_error ? safe(delivery.last_error) : undefined });
}

/** @param {(hook: any) => void} onOpen */
export function createWebhookTable(onOpen) {
  return createTable({ label: 'Webhooks', key: (hook) => hook.webhook_id, sort: { id: 'webhook' }, onOpen,
    columns: [
      { id: 'webhook', label: 'Webhook', card: 'name', sort: (hook) => hook.webhook_id, cell: (hook) => identifier(hook.webhook_id, { max: 24 }) },
      { id: 'state', label: 'State', card: 'state', sort: (hook) => hook.delivery.state, cell: deliveryBadge },
      { id: 'lag', label: 'Behind', align: 'end', rank: 2, card: 'line', sort: (hook) => hook.delivery.lag, title: 'Events behind the newest one', cell: (hook) => number(hook.delivery.lag) },
      { id: 'letters', label: 'Dead letters', align: 'end', rank: 2, card: 'line', sort: (hook) => hook.delivery.dead_letters, cell: (hook) => (hook.delivery.dead_letters > 0 ? badge('warning', number(hook.delivery.dead_letters)) : number(hook.delivery.dead_letters)) },
      { id: 'success', label: 'Last taken', rank: 2, volatile: true, sort: (hook) => hook.delivery.last_success_at, cell: (hook) => (hook.delivery.last_success_at ? [ageElement(hook.delivery.last_success_at, live.now()), ' ago'] : h('span', { class: 'none' }, 'not yet')) },
      { id: 'url', label: 'Receiver', rank: 3, cell: (hook) => identifier(hook.url, { max: 60 }) },
      { id: 'act', label: '', class: 'act-cell', align: 'end', cell: (hook) => h('button', { type: 'button', class: 'button small', 'aria-label': `Open ${safe(hook.webhook_id)}`, on: { click: () => onOpen(hook) } }, 'Open') },
    ],
    empty: () => emptyBlock({ title: 'There is no webhook', detail: 'A webhook has events posted to a URL, signed, in order, and until they are taken.' }) });
}

function fieldsOf(hook) {
  return [
    { id: 'webhook_id', label: 'Name', required: true, value: hook?.webhook_id, disabled: hook !== null },
    { id: 'url', label: 'URL', required: true, value: hook?.url, max: 2048, hint: 'https://, or http:// to this machine. Credentials in it are kept and never shown.' },
    { id: 'types', label: 'Event types', value: hook ? hook.types.join(', ') : '*', hint: 'Separated by commas; * stands for any characters: relay.*, km.disconnected' },
    { id: 'subjects', label: 'Only about', value: hook?.subjects.join(', '), hint: 'Identifiers separated by commas: alice, or km_id:alice. Empty: anything.' },
    { id: 'timeout_ms', label: 'Time limit, ms', kind: 'number', value: hook?.timeout_ms ?? 15000 },
    { id: 'enabled', label: 'Enabled', kind: 'switch', value: hook?.enabled ?? true },
  ];
}

/** A new webhook, or another form of one. @param {any | null} hook @returns {Promise<boolean>} whether it was written */
export async function editWebhook(hook) {
  const before = hook ? await request('GET', path`/webhooks/${hook.webhook_id}`) : null;
  const written = await openForm({ title: hook ? `Change ${safe(hook.webhook_id)}` : 'New webhook', verb: hook ? 'Save' : 'Create',
    fields: fieldsOf(before?.data ?? null),
    send: async (values) => (await request('PUT', path`/webhooks/${values.webhook_id}`, {
      ...(before ? { ifMatch: before.etag } : { ifNoneMatch: '*' }),
      body: { url: values.url, types: listOf(values.types).length > 0 ? listOf(values.types) : null, subjects: listOf(values.subjects), timeout_ms: values.timeout_ms, enabled: values.enabled },
    })).data });
  if (written === undefined) return false;
  if (written.secret) await showSecretOnce({ title: `Secret of webhook ${safe(written.webhook_id)}`, secret: written.secret, words: 'The receiver checks with it that a delivery comes from this bridge (Standard Webhooks).' });
  return true;
}

/** How it stands, as facts. @param {any} hook @returns {[string, import('../base/dom.js').Child][]} */
export function factsOf(hook) {
  const { delivery } = hook;
  const age = (time) => (time ? [ageElement(time, live.now()), ' ago'] : 'never');
  return [
    ['State', [deliveryBadge(hook), delivery.replaying ? ' dead letters are being delivered again' : '']],
    ['Receiver', identifier(hook.url, { max: 200 })],
    ['Events', `${hook.types.map(safe).join(', ')}${hook.subjects.length > 0 ? `, about ${hook.subjects.map(safe).join(', ')}` : ''}`],
    ['Delivered up to', `event ${delivery.position}; ${number(delivery.lag)} behind the newest`],
    ['Last taken', age(delivery.last_success_at)],
    ['Last attempt', [age(delivery.last_attempt_at), delivery.last_status === null ? '' : `, status ${delivery.last_status}`]],
    delivery.last_error && ['Last error', h('bdi', {}, safe(delivery.last_error))],
    delivery.failing_since && ['Failing', ['for ', ageElement(delivery.failing_since, live.now()), `, ${number(delivery.attempts)} attempts`]],
    delivery.next_attempt_at && ['Next attempt', `in ${duration(Date.parse(delivery.next_attempt_at) - live.now())}`],
    ['Dead letters', delivery.dead_letters === null ? 'cannot be read now' : number(delivery.dead_letters)],
    hook.old_secret_valid_until && ['Old secret', ['signs as well until ', safe(hook.old_secret_valid_until)]],
  ].filter(Boolean);
}
