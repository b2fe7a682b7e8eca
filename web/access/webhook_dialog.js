// SPDX-License-Identifier: Apache-2.0
// One webhook: how it stands, a delivery to try it, its dead letters, delivering again, and removing it.
import { h, replace } from '../base/dom.js';
import { counted, safe, timeElement } from '../base/format.js';
import { confirmDialog, openDialog } from '../parts/dialog.js';
import { problemBlock } from '../parts/empty.js';
import { fact } from '../parts/fact.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { linkTo } from '../views/index.js';
import { get, newIdempotencyKey, path, request } from '../service/api.js';
import { live } from '../service/live.js';
import { openForm } from './form.js';
import { editWebhook, factsOf } from './webhooks.js';

const LETTERS_SHOWN = 50;
const REREAD_MS = 2000;

function letterItem(letter, again, forget) {
  const address = linkTo(`/events?event=${letter.event_id}`);
  const name = `event ${letter.event_id}`;
  const gap = letter.kind === 'gap';
  return h('li', { class: 'letter' },
    h('span', {}, address ? h('a', { href: address }, name) : name, ' \u00b7 ', timeElement(letter.given_up_at, live.now()), ' \u00b7 ',
      gap ? 'removed from history before they were delivered' : `${counted(letter.attempts, 'attempt')}${letter.status === null ? '' : `, status ${letter.status}`}${letter.detail ? `: ${safe(letter.detail)}` : ''}`),
    h('span', { class: 'letter-acts' },
      !gap && h('button', { type: 'button', class: 'button small', 'aria-label': `Deliver ${name} again`, on: { click: again } }, 'Deliver again'),
      h('button', { type: 'button', class: 'button small', 'aria-label': `Forget ${name}`, on: { click: forget } }, 'Forget')));
}

/**
 * @param {any} shown the webhook as the list has it @param {AbortSignal} signal the view's @param {() => void} changed
 */
export function openWebhook(shown, signal, changed) {
  const id = shown.webhook_id;
  const facts = h('dl', { class: 'facts' });
  const letters = h('div');
  const said = h('p', { class: 'webhook-said', role: 'status' });
  const button = (label, run, kind = '') => h('button', { type: 'button', class: `button ${kind}`, on: { click: run } }, label);
  const opened = openDialog({ title: `Webhook ${safe(id)}`, wide: true, content: [facts,
    h('p', { class: 'webhook-acts' }, button('Test delivery', tryIt), button('Deliver from an event on \u2026', replay), button('Change \u2026', edit), button('Remove \u2026', remove, 'danger')),
    said, letters] });

  let gone = false; // it was removed, here

  async function reread() {
    if (gone) return;
    try {
      const hook = await get(path`/webhooks/${id}`, { signal });
      replace(facts, factsOf(hook).map(([name, value]) => fact(name, value)));
      const page = hook.delivery.dead_letters > 0 ? await get(path`/webhooks/${id}/dead_letters`, { query: { limit: LETTERS_SHOWN }, signal }) : { items: [] };
      if (letters.contains(document.activeElement) && page.items.length > 0) return;
      replace(letters, page.items.length > 0 && [h('h3', {}, 'Dead letters, oldest first'),
        h('p', {}, button('Deliver all again', () => post('replay', { dead_letters: true }, 'They are delivered again.'), 'small'), ' ', button('Forget all \u2026', () => forget(null), 'small danger')),
        h('ul', { class: 'letters' }, page.items.map((letter) => letterItem(letter, () => post('replay', { dead_letters: [letter.event_id] }, 'It is delivered again.'), () => forget(letter.event_id)))),
        page.next_cursor && h('p', { class: 'hint' }, `The first ${LETTERS_SHOWN}.`)]);
    } catch (problem) {
      if (problem.kind !== 'aborted') replace(facts, problemBlock(problem));
    }
  }

  async function act(what, run) {
    try {
      await run();
    } catch (problem) {
      notifyProblem(problem, what);
    }
    reread();
    changed();
  }

  function post(action, body, words) {
    return act('Nothing was done', async () => {
      await request('POST', `${path`/webhooks/${id}`}/${action}`, { body, idempotencyKey: newIdempotencyKey() });
      notify(words, { kind: 'success' });
    });
  }

  function tryIt() {
    replace(said, 'Waiting for the receiver \u2026');
    return act('It was not tried', async () => {
      const { data } = await request('POST', path`/webhooks/${id}/test`, { idempotencyKey: newIdempotencyKey(), timeLimitMs: 70000 }).catch((problem) => {
        replace(said);
        throw problem;
      });
      replace(said, data.delivered ? `Taken with status ${data.status} after ${data.took_ms} ms.` : `Not taken: ${data.status === null ? safe(data.detail ?? 'no answer') : `status ${data.status}`}, after ${data.took_ms} ms.`);
    });
  }

  async function replay() {
    await openForm({ title: `Deliver again to ${safe(id)}`, verb: 'Deliver again', intro: h('p', { class: 'hint' }, 'Events behind this one are delivered, again or at last, in their order. 0: from the oldest that is kept.'),
      fields: [{ id: 'after', label: 'Behind event', required: true, value: '0' }],
      send: (values) => request('POST', path`/webhooks/${id}/replay`, { body: { after: values.after }, idempotencyKey: newIdempotencyKey() }) });
    reread();
    changed();
  }

  async function forget(letter) {
    if (letter === null && !await confirmDialog({ title: 'Forget all dead letters?', body: 'They cannot be delivered again from here; the events stay in history.', confirm: 'Forget', danger: true })) return;
    await act('Nothing was forgotten', () => request('DELETE', path`/webhooks/${id}/dead_letters`, { query: { event_id: letter } }));
  }

  function edit() {
    return act('It was not changed', () => editWebhook(shown));
  }

  async function remove() {
    if (!await confirmDialog({ title: `Remove webhook ${safe(id)}?`, body: 'Nothing is delivered to it any more; its dead letters go with it.', confirm: 'Remove', danger: true })) return;
    await act('It was not removed', async () => {
      const { etag } = await request('GET', path`/webhooks/${id}`);
      await request('DELETE', path`/webhooks/${id}`, { ifMatch: etag });
      gone = true;
      opened.close();
    });
  }

  const timer = setInterval(reread, REREAD_MS);
  const close = () => opened.close();
  signal.addEventListener('abort', close, { once: true });
  opened.done.then(() => {
    clearInterval(timer);
    signal.removeEventListener('abort', close);
  });
  reread();
  return opened;
}
