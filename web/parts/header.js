// SPDX-License-Identifier: Apache-2.0
// The line above every view: how the bridge is, whether what is shown is live, who is signed in.
import { h, replace, setText } from '../base/dom.js';
import { counted, duration, number, safe, timeOfDay } from '../base/format.js';
import { findings, order } from '../service/health.js';
import { live, liveRetry, subscribe } from '../service/live.js';
import { onSession, session } from '../service/session.js';
import { shape } from './state_badge.js';
import { createThemeSwitch } from './theme.js';

/**
 * The bridge in one line. @param {import('../service/health.js').Finding[]} [more] that the live state does not tell
 * @returns {{ tone: import('./state_badge.js').Tone, text: string }}
 */
export function healthLine(more = []) {
  const { status } = live.data;
  if (status === null) return { tone: 'neutral', text: '' };
  const found = order([...findings(live.data, live.now()), ...more]);
  const bad = found.filter((finding) => finding.severity === 'bad').length;
  const { totals } = status;
  const rest = `${number(totals.kms_connected)} of ${number(totals.kms_enrolled)} KMs connected`;
  if (bad > 0) return { tone: 'bad', text: `${bad === 1 ? found[0].what : counted(bad, 'problem')} \u00b7 ${rest}` };
  if (found.length > 0) return { tone: 'warning', text: `${counted(found.length, 'warning')} \u00b7 ${rest}` };
  return { tone: 'good', text: `All well \u00b7 ${rest}` };
}

function connectionWords() {
  const { state, since, detail, retryAt } = live.connection;
  const next = retryAt ? Math.max(0, retryAt - live.now()) : null;
  if (state === 'live') return { tone: 'good', word: 'live', title: 'What is shown changes as the bridge does' };
  if (state === 'connecting') return { tone: 'busy', word: 'connecting', title: detail };
  if (state === 'unauthorised') return { tone: 'off', word: since ? `signed out, as of ${timeOfDay(since)}` : 'signed out', title: detail };
  return { tone: 'bad', word: `no connection, as of ${since ? timeOfDay(since) : 'never'}${next === null ? '' : `, next try in ${duration(Math.ceil(next / 1000) * 1000)}`}`, title: detail };
}

/**
 * @param {{ health: HTMLElement, instance: HTMLElement, tools: HTMLElement }} places
 * @param {{ onHelp: () => void, onSignOut: () => void }} handlers
 */
export function mountHeader({ health, instance, tools }, { onHelp, onSignOut }) {
  const connection = h('span', { class: 'connection', role: 'status' });
  const retry = h('button', { type: 'button', class: 'button small', hidden: true, on: { click: () => liveRetry() } }, 'Try now');
  const who = h('span', { class: 'who' });
  const signOut = h('button', { type: 'button', class: 'button small', hidden: true, on: { click: onSignOut } }, 'Sign out');
  const help = h('button', { type: 'button', class: 'button icon', 'aria-label': 'Keys and help', title: 'Keys and help (?)', on: { click: onHelp } }, '?');
  replace(tools, connection, retry, createThemeSwitch(), help, who, signOut);

  let shownHealth = '';
  function drawHealth() {
    const { tone, text } = healthLine();
    if (`${tone} ${text}` !== shownHealth) replace(health, text !== '' && h('a', { href: '/', class: `health-link ${tone}` }, shape(tone), h('span', {}, text)));
    shownHealth = `${tone} ${text}`;
    const name = live.data.status?.instance ?? '';
    setText(instance, safe(name));
    instance.title = live.data.status ? `ckbridge ${live.data.status.version}` : '';
  }

  let shownConnection = '';
  function drawConnection() {
    const { tone, word, title } = connectionWords();
    connection.title = title;
    retry.hidden = live.connection.state !== 'stale';
    document.documentElement.classList.toggle('is-stale', live.synced && live.connection.state !== 'live');
    if (`${tone} ${word}` !== shownConnection) replace(connection, session() !== null || live.synced ? [shape(tone), h('span', { class: 'connection-word' }, word)] : null);
    shownConnection = session() !== null || live.synced ? `${tone} ${word}` : '';
  }

  function drawSession() {
    const now = session();
    replace(who, now && [h('bdi', {}, safe(now.actor.replace(/^token:/, ''))), h('span', { class: 'role' }, now.role)]);
    who.title = now ? `${now.actor}, by ${now.authenticated_by}${now.expires_at ? `; signed in until ${new Date(now.expires_at).toLocaleString()}` : ''}${now.role === 'orchestrator' ? '; while this is open the orchestrator counts as present' : ''}` : '';
    signOut.hidden = now?.authenticated_by !== 'session';
    drawConnection();
  }

  subscribe(['status', 'kms', 'links', 'relays', 'lookups'], drawHealth);
  subscribe('connection', drawConnection);
  onSession(drawSession);
  setInterval(() => {
    drawHealth();
    drawConnection();
  }, 1000);
  drawSession();
}
