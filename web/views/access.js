// SPDX-License-Identifier: Apache-2.0
// Who may come in, and where events go: one's own session, the tokens, the webhooks.
import { h, replace } from '../base/dom.js';
import { localTime, safe } from '../base/format.js';
import { createTokenTable, makeToken } from '../access/tokens.js';
import { openWebhook } from '../access/webhook_dialog.js';
import { createWebhookTable, editWebhook } from '../access/webhooks.js';
import { actButton } from '../parts/act_button.js';
import { loadingBlock, partialLine, problemBlock } from '../parts/empty.js';
import { fact } from '../parts/fact.js';
import { notifyProblem } from '../parts/notice.js';
import { Problem, all } from '../service/api.js';
import { subscribe } from '../service/live.js';
import { may, session, whyNot } from '../service/session.js';
import { linkTo } from './index.js';

const REREAD_MS = 5000;
const AGES_MS = 1000;
const BY = { session: 'a session, begun with a token', token: 'a token', certificate: 'a client certificate' };

function ownSession() {
  const now = session();
  const until = (time, otherwise) => (time ? [h('time', { datetime: time, title: `${time} UTC` }, localTime(time))] : otherwise);
  return h('section', { class: 'panel' }, h('h2', {}, 'Your session'), h('dl', { class: 'facts' },
    fact('Who', h('bdi', {}, safe(now.actor))), fact('Role', now.role), fact('By', BY[now.authenticated_by]),
    fact('Ends', until(now.expires_at, 'never by itself')), now.idle_expires_at && fact('Without use', [until(now.idle_expires_at), ', which an open page is'])));
}

/** A list with its title and the button that adds to it; read now, and again when something has changed. */
class Section {
  constructor({ title, address, table, add, verb, hint }, signal) {
    Object.assign(this, { address, table, signal });
    this.place = h('div', {}, loadingBlock(4));
    this.shown = false;
    const button = actButton({ label: verb, role: 'admin', run: () => add().then((done) => done && this.read()).catch((problem) => notifyProblem(problem)) });
    this.element = h('section', { class: 'panel' }, h('div', { class: 'section-head' }, h('h2', {}, title), button), h('p', { class: 'hint' }, hint), this.place);
    if (may('admin')) this.first = this.read();
    else replace(this.place, problemBlock(new Problem({ status: 403, detail: whyNot('admin') })));
  }

  async read() {
    try {
      const { items, complete } = await all(this.address, { signal: this.signal });
      this.items = items;
      this.table.setRows(items);
      if (!this.shown || !complete) replace(this.place, !complete && partialLine('Not all can be shown.'), this.table.element);
      this.shown = true;
    } catch (problem) {
      if (problem.kind === 'aborted') return;
      this.shown = false;
      replace(this.place, problemBlock(problem, () => this.read()));
    }
  }
}

/** What the address names, once the list is there. */
function openNamed(webhooks, name, signal) {
  const hook = webhooks.items?.find((each) => each.webhook_id === name);
  if (!signal.aborted && hook) openWebhook(hook, signal, () => webhooks.read());
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: 'Arrow keys', what: 'From row to row' }, { keys: 'Enter', what: 'Open a webhook' }],
  mount(container, { place, signal, onEnd }) {
    const tokens = new Section({ title: 'Tokens', address: '/tokens', verb: 'New token', add: makeToken,
      table: createTokenTable(() => tokens.read()), hint: 'Who shows one has its role. A token never changes: another role is another token.' }, signal);
    const webhooks = new Section({ title: 'Webhooks', address: '/webhooks', verb: 'New webhook', add: () => editWebhook(null),
      table: createWebhookTable((hook) => openWebhook(hook, signal, () => webhooks.read())), hint: 'Where the bridge posts events to, signed and in order.' }, signal);
    const audit = linkTo('/audit');
    container.append(h('h1', {}, 'Access'), h('div', { class: 'access' }, ownSession(), tokens.element, webhooks.element,
      audit && h('p', {}, 'Who did what is in the ', h('a', { href: audit }, 'audit trail'), '.')));
    if (!may('admin')) return {};
    const wanted = place.query.get('webhook');
    if (wanted !== null) webhooks.first.then(() => openNamed(webhooks, wanted, signal));
    onEnd(subscribe('events', ({ events }) => {
      if (events.some((event) => /^(token|webhook)\//.test(event.data.object ?? ''))) [tokens, webhooks].forEach((section) => section.read());
    }));
    const reread = setInterval(() => document.visibilityState === 'visible' && !document.querySelector('dialog[open]') && webhooks.read(), REREAD_MS);
    const ages = setInterval(() => [tokens, webhooks].forEach((section) => section.table.refresh()), AGES_MS);
    onEnd(() => [reread, ages].forEach(clearInterval));
    return {};
  },
};
