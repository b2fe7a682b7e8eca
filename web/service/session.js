// SPDX-License-Identifier: Apache-2.0
// Who is signed in, and what he may do. The cookie is out of script's reach; what is here is what the bridge tells.
import { configureApi, get, request } from './api.js';

const HINT = 'ckbridge-signed-in'; // that there was a session, so that a 401 need not be asked for
const RANKS = { viewer: 1, orchestrator: 2, admin: 3 };

/**
 * @typedef {{ actor: string, role: 'viewer' | 'orchestrator' | 'admin', authenticated_by: string,
 *   expires_at: string | null, idle_expires_at: string | null, csrf_token: string | null }} WebSession
 */

/** @type {WebSession | null} */
let current = null;
/** @type {Set<() => void>} */
const listeners = new Set();

function hint(value) {
  try {
    if (value === null) localStorage.removeItem(HINT);
    else if (value === true) localStorage.setItem(HINT, 'yes');
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function set(session) {
  current = session;
  hint(session === null ? null : true);
  for (const listener of listeners) listener();
}

/** @returns {WebSession | null} null: nobody is signed in */
export function session() {
  return current;
}

/** @param {() => void} listener called after every change @returns {() => void} ends it */
export function onSession(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** False: nobody can be signed in here, neither by a session nor, over plain HTTP, by a certificate. */
export function maybeSignedIn() {
  return hint() || location.protocol === 'https:';
}

/** Asks the bridge. @returns {Promise<WebSession | null>} rejects with a Problem when it cannot be asked */
export async function loadSession() {
  try {
    set(await get('/session', { signingIn: true }));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    set(null);
  }
  return current;
}

/** @param {string} token */
export async function signIn(token) {
  set((await request('POST', '/session', { body: { token }, signingIn: true })).data);
}

/** Ends the session on the bridge; what shows a certificate instead cannot be ended so. */
export async function signOut() {
  await request('DELETE', '/session');
  set(null);
}

/** The session is over, as somebody else has noticed. */
export function sessionLost() {
  if (current !== null) set(null);
}

/** @param {'viewer' | 'orchestrator' | 'admin'} role */
export function may(role) {
  return current !== null && RANKS[current.role] >= RANKS[role];
}

/** Why not, in words; "" when he may. @param {'viewer' | 'orchestrator' | 'admin'} role */
export function whyNot(role) {
  if (may(role)) return '';
  return current === null ? 'Sign in first.' : `This needs the role ${role}; you are signed in as ${current.role}.`;
}

configureApi({
  csrfToken: () => current?.csrf_token ?? null,
  signedOut: sessionLost,
  refresh: async () => {
    const before = current?.csrf_token;
    try {
      await loadSession();
    } catch {
      return false;
    }
    return current !== null && current.csrf_token !== before;
  },
});
