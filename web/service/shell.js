// SPDX-License-Identifier: Apache-2.0
// What is around the views: the navigation, the keys, the view of the address, and what happens when a session ends.
import { h, replace } from '../base/dom.js';
import { openDialog } from '../parts/dialog.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { mountHeader } from '../parts/header.js';
import { isTyping, openHelp } from '../parts/help.js';
import { mountNav } from '../parts/nav.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { createSignIn } from '../parts/sign_in.js';
import { goKeys, views } from '../views/index.js';
import { Problem } from './api.js';
import { live, liveSignedIn, liveSignedOut, startLive, subscribe } from './live.js';
import { createRouter, placeOf } from './router.js';
import { loadSession, may, maybeSignedIn, onSession, session, signOut } from './session.js';

const GO_MS = 1500;

const main = () => document.getElementById('main');

let router = null;
let nav = null;
let current = null; // { entry, address, mounted, ending, view }
let signInDialog = null;
let leaving = false; // he signs out himself
let goUntil = 0; // "g" was typed: a key until then names a view

// ---- views

function setTitle(title) {
  const instance = live.data.status?.instance;
  document.title = `${title} \u2013 ${instance ? `${instance} \u2013 ` : ''}ckbridge`;
}

function leave() {
  if (current === null) return;
  current.ending.abort();
  try {
    current.mounted?.unmount?.();
  } finally {
    current = null;
    main().replaceChildren();
  }
}

function contextOf(place, ending) {
  return {
    place,
    go: router.go,
    setQuery: (query) => {
      router.setQuery(query);
      if (current !== null) current.address = location.pathname + location.search;
    },
    setTitle,
    signal: ending.signal,
    onEnd: (end) => ending.signal.addEventListener('abort', end, { once: true }),
  };
}

function nowhere(place) {
  setTitle('Not found');
  replace(main(), h('h1', {}, 'Not found'), problemBlock(new Problem({ status: 404, detail: `There is no view at ${place.path}.` })));
}

async function enter(place) {
  leave();
  const ending = new AbortController();
  const mine = { entry: place.entry, address: location.pathname + location.search, mounted: null, ending, view: null };
  current = mine;
  markNav(place.entry);
  if (place.entry === null) {
    nowhere(place);
    return;
  }
  setTitle(place.entry.title);
  main().replaceChildren(loadingBlock());
  try {
    mine.view = (await place.entry.load()).default;
    if (current !== mine) return;
    const container = h('div', { class: 'view' });
    mine.mounted = mine.view.mount(container, contextOf(place, ending)) ?? {};
    main().replaceChildren(container);
    container.querySelector('[autofocus]')?.focus();
  } catch (error) {
    if (current !== mine) return;
    console.error(error);
    replace(main(), problemBlock(new Problem({ title: 'This view could not be shown', detail: String(error?.message ?? error) }), show));
  }
}

/** Shows what the address names. */
function show() {
  const place = placeOf(views, location);
  const address = location.pathname + location.search;
  if (session() === null && place.entry?.path !== '/sign-in') {
    router.go(`/sign-in?from=${encodeURIComponent(address)}`, { replace: true });
    return;
  }
  if (current !== null && current.entry === place.entry && current.mounted?.update) {
    if (current.address === address) return;
    current.address = address;
    current.mounted.update(place);
    return;
  }
  enter(place);
}

function onAddress() {
  if (current !== null && current.address === location.pathname + location.search && current.mounted !== null) return; // a fragment
  const before = current?.entry;
  show();
  if (current !== null && current.entry !== before && !isTyping(document.activeElement)) {
    main().focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

// ---- navigation

function drawNav() {
  const entries = session() === null ? [] : views.filter((entry) => entry.nav);
  nav.draw(entries.map(({ path, nav: name, role }) => ({ path, name, lacks: role && !may(role) ? role : null })));
  markNav(current?.entry ?? null);
}

function markNav(entry) {
  const home = entry === null ? null : views.filter((candidate) => candidate.nav && (entry.path === candidate.path || entry.path.startsWith(`${candidate.path}/`))).at(-1);
  nav.mark(home?.path ?? null);
}

function onKey(event) {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const [, goal] = Date.now() < goUntil ? goKeys().find(([key]) => key === event.key) ?? [] : [];
  if (goal) {
    goUntil = 0;
    if (session() !== null) router.go(goal.path);
  } else if (event.key === 'g') {
    goUntil = Date.now() + GO_MS;
  } else if (event.key === '?') {
    event.preventDefault();
    help();
  } else if (event.key === '/') {
    const search = main().querySelector('[data-search]');
    if (search === null) return;
    event.preventDefault();
    search.focus();
  }
}

function help() {
  openHelp(current?.entry?.title ?? '', current?.view?.keys ?? [], goKeys().map(([key, entry]) => ({ keys: `g then ${key}`, what: entry.title })));
}

// ---- the session

async function leaveSession() {
  leaving = true;
  try {
    await signOut();
    liveSignedOut();
    main().replaceChildren();
    location.assign('/sign-in'); // nothing that was shown stays in memory
  } catch (problem) {
    leaving = false;
    notifyProblem(problem, 'You are still signed in');
  }
}

/** Back to a page that was signed out from: the browser may have kept it as it was. */
function onPageShow(event) {
  if (event.persisted && leaving) location.reload();
}

/** In the midst of work: what is shown stays, greyed, under a dialog that leads back to it. */
function askToSignIn() {
  if (signInDialog !== null || leaving || current?.entry?.path === '/sign-in') return;
  const form = createSignIn({ note: 'Your session has ended. Sign in again to go on where you were.', onSignedIn: () => {
    liveSignedIn();
    signInDialog?.close();
  } });
  signInDialog = openDialog({ title: 'Signed out', content: form.element, dismissible: false });
  form.focus();
  signInDialog.done.then(() => { signInDialog = null; });
}

let hadSession = false;

function onSessionChange() {
  drawNav();
  if (session() === null) {
    if (hadSession && !leaving) {
      liveSignedOut();
      askToSignIn();
    }
    return;
  }
  const again = hadSession && signInDialog !== null;
  hadSession = true;
  signInDialog?.close();
  if (again && current !== null) {
    current.mounted = null; // what it loads, it loads anew
    show();
  }
}

async function onConnection() {
  if (leaving) return; // the stream may end before the answer to signing out comes
  if (live.connection.state === 'unauthorised' && session() !== null) {
    await loadSession().catch(() => {}); // which tells onSessionChange
    if (session() !== null) liveSignedIn();
  } else if (live.connection.state !== 'unauthorised' && session() === null && hadSession && !leaving) {
    await loadSession().catch(() => {}); // another tab has signed in
  }
}

let version = null;

function onStatus() {
  const now = live.data.status?.version ?? null;
  if (version !== null && now !== null && now !== version) {
    notify(`The bridge now runs version ${now}; this page is of ${version}.`, { action: { label: 'Reload', run: () => location.reload() } });
  }
  version = now ?? version;
}

async function begin() {
  try {
    if (maybeSignedIn()) await loadSession();
  } catch (problem) {
    replace(main(), h('h1', {}, 'ckbridge'), problemBlock(problem, begin));
    return;
  }
  if (session() !== null) startLive();
  show();
}

/** Starts everything; called once. */
export function startShell() {
  router = createRouter(onAddress);
  nav = mountNav(document.getElementById('nav'));
  mountHeader({ health: document.getElementById('health'), instance: document.getElementById('instance'), tools: document.getElementById('tools') },
    { onHelp: help, onSignOut: leaveSession });
  onSession(onSessionChange);
  addEventListener('pageshow', onPageShow);
  subscribe('connection', onConnection);
  subscribe('status', onStatus);
  addEventListener('keydown', onKey);
  replace(main(), loadingBlock());
  begin();
}
