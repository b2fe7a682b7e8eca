// SPDX-License-Identifier: Apache-2.0
// The bearer tokens: who may ask what until when, who used one last; new ones, and revoking.
import { h } from '../base/dom.js';
import { ageElement, duration, identifier, localTime, safe } from '../base/format.js';
import { createTable } from '../parts/data_table.js';
import { confirmDialog } from '../parts/dialog.js';
import { emptyBlock } from '../parts/empty.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { badge } from '../parts/state_badge.js';
import { path, request } from '../service/api.js';
import { live } from '../service/live.js';
import { session } from '../service/session.js';
import { openForm } from './form.js';
import { showSecretOnce } from './secret.js';

const SOON_MS = 14 * 86400000;
const ROLES = [['viewer', 'viewer: sees all, changes nothing'], ['orchestrator', 'orchestrator: decides, writes routes and links'], ['admin', 'admin: all of it']];

function expiry(token) {
  if (token.expires_at === null) return h('span', { class: 'none' }, 'never');
  const left = Date.parse(token.expires_at) - live.now();
  const title = `${localTime(token.expires_at)} local, ${token.expires_at} UTC`;
  if (left <= 0) return badge('bad', `expired ${duration(-left)} ago`, { title });
  return badge(left < SOON_MS ? 'warning' : 'neutral', `in ${duration(left)}`, { title });
}

function lastUse(token) {
  if (token.last_used_at === null) return h('span', { class: 'none' }, 'no use known');
  return h('span', {}, ageElement(token.last_used_at, live.now()), ' ago', token.last_used_from && [' from ', safe(token.last_used_from)]);
}

async function revoke(token, done) {
  const own = session()?.actor === `token:${token.token_id}`;
  const sure = await confirmDialog({ title: `Revoke ${safe(token.token_id)}?`, confirm: 'Revoke', danger: true,
    body: ['At once: what it asks for from now on is refused, its event streams end, and so do the sessions begun with it. ',
      own && h('strong', {}, 'You are signed in with it.')] });
  if (!sure) return;
  try {
    const { etag } = await request('GET', path`/tokens/${token.token_id}`);
    await request('DELETE', path`/tokens/${token.token_id}`, { ifMatch: etag ?? undefined });
    notify(`Token ${safe(token.token_id)} is revoked.`, { kind: 'success' });
  } catch (problem) {
    notifyProblem(problem, 'The token was not revoked');
  }
  done();
}

function revokeButton(token, done) {
  const inFile = token.origin === 'file';
  const name = safe(token.token_id);
  return h('button', { type: 'button', class: 'button small danger', disabled: inFile, 'aria-label': `Revoke ${name}`,
    title: inFile ? 'It is of the configuration file: it is revoked there.' : null, on: { click: () => revoke(token, done) } }, 'Revoke');
}

/** @param {() => void} done something has changed */
export function createTokenTable(done) {
  return createTable({ label: 'Tokens', key: (token) => token.token_id, sort: { id: 'token' },
    columns: [
      { id: 'token', label: 'Token', card: 'name', sort: (token) => token.token_id, cell: (token) => identifier(token.token_id, { max: 24 }) },
      { id: 'role', label: 'Role', card: 'state', sort: (token) => token.role, cell: (token) => token.role },
      { id: 'expires', label: 'Expires', rank: 2, card: 'line', sort: (token) => token.expires_at, volatile: true, cell: expiry },
      { id: 'used', label: 'Last use', sort: (token) => token.last_used_at, volatile: true, rank: 2, card: 'line', cell: lastUse },
      { id: 'description', label: 'For', rank: 3, cell: (token) => (token.description ? h('bdi', { title: safe(token.description) }, safe(token.description)) : h('span', { class: 'none' }, '\u2013')) },
      { id: 'by', label: 'Made by', rank: 2, cell: (token) => (token.origin === 'file' ? 'the configuration file' : identifier(token.created_by)) },
      { id: 'act', label: '', class: 'act-cell', align: 'end', cell: (token) => revokeButton(token, done) },
    ],
    empty: () => emptyBlock({ title: 'There is no token', detail: 'Only client certificates are accepted.' }) });
}

/** @returns {Promise<boolean>} whether one was made */
export async function makeToken() {
  const made = await openForm({ title: 'New token', verb: 'Make the token',
    fields: [
      { id: 'token_id', label: 'Name', required: true, max: 128, hint: 'What is done with it is written to the audit trail as token: and this name.' },
      { id: 'role', label: 'Role', kind: 'choice', options: ROLES },
      { id: 'expires_at', label: 'Expires', kind: 'time', hint: 'Empty: never. Local time.' },
      { id: 'description', label: 'What it is for', hint: 'For people; it may stay empty.' },
    ],
    send: async (values) => (await request('POST', '/tokens', { body: {
      token_id: values.token_id, role: values.role, expires_at: values.expires_at || null, description: values.description || null,
    } })).data });
  if (made === undefined) return false;
  await showSecretOnce({ title: `Token ${safe(made.token_id)}`, secret: made.secret, words: `Whoever shows it has the role ${made.role}${made.expires_at ? ` until ${localTime(made.expires_at)}` : ''}.` });
  return true;
}
