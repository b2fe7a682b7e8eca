// SPDX-License-Identifier: Apache-2.0
// The bridge's API: one function a method, errors as Problem, time limits, and what a session's writes must carry.
import { observe } from '../base/clock.js';

const BASE = '/api/v1';
const TIME_LIMIT_MS = 15000;
const PAGE_LIMIT = 1000;

/**
 * Why a request did not succeed, in words for people.
 * `kind`: "problem" (the bridge said so), "network" (no answer), "timeout" (none in time: the outcome is not known),
 * "aborted" (nobody waits for it any more).
 */
export class Problem extends Error {
  /** @param {{ kind?: string, status?: number, type?: string, title?: string, detail?: string, pointer?: string,
   *   parameter?: string, reason?: string, retryAfterS?: number }} about */
  constructor(about) {
    super(about.detail || about.title || 'The request failed');
    this.name = 'Problem';
    /** @type {string} */ this.kind = about.kind ?? 'problem';
    /** @type {number} */ this.status = about.status ?? 0;
    /** The type's last word: "stale". @type {string} */ this.code = (about.type ?? '').split(':').pop() ?? '';
    /** @type {string} */ this.title = about.title ?? '';
    /** @type {string} */ this.detail = about.detail ?? '';
    /** The member of the body at fault. @type {string | undefined} */ this.pointer = about.pointer;
    /** @type {string | undefined} */ this.parameter = about.parameter;
    /** @type {string | undefined} */ this.reason = about.reason;
    /** @type {number} */ this.retryAfterS = about.retryAfterS ?? 0;
  }
}

/** Set by session.js; workers leave them. */
const hooks = {
  /** @returns {string | null} */ csrfToken: () => null,
  /** A 401 outside signing in. */ signedOut: () => {},
  /** A session whose token is not the one that we know: true when there is a new one to try. */ refresh: async () => false,
};

/** @param {Partial<typeof hooks>} given */
export function configureApi(given) {
  Object.assign(hooks, given);
}

/** A path with its identifiers encoded: path`/kms/${id}`. */
export function path(parts, ...identifiers) {
  return parts.reduce((all, part, i) => all + encodeURIComponent(identifiers[i - 1]) + part);
}

function urlOf(target, query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return BASE + target + (text === '' ? '' : `?${text}`);
}

function headersOf(method, options) {
  const headers = { Accept: 'application/json' };
  const csrf = hooks.csrfToken();
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.ifMatch) headers['If-Match'] = options.ifMatch;
  if (options.ifNoneMatch) headers['If-None-Match'] = options.ifNoneMatch;
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  return headers;
}

async function readBody(response) {
  const type = response.headers.get('Content-Type') ?? '';
  const text = await response.text();
  if (text === '') return null;
  return type.includes('json') ? JSON.parse(text) : text;
}

function problemOf(response, body) {
  const about = body !== null && typeof body === 'object' ? body : { title: `The bridge answered ${response.status}` };
  return new Problem({ ...about, status: response.status, retryAfterS: Number(response.headers.get('Retry-After')) || 0 });
}

function failure(error, options, limit) {
  if (error instanceof Problem) return error;
  if (options.signal?.aborted) return new Problem({ kind: 'aborted', title: 'Not waited for any more' });
  if (limit.aborted) {
    return new Problem({ kind: 'timeout', title: 'No answer in time',
      detail: 'The bridge did not answer in time; what was asked for may still happen.' });
  }
  if (error instanceof SyntaxError) return new Problem({ title: 'The answer is not JSON', detail: 'The answer could not be read.' });
  return new Problem({ kind: 'network', title: 'The bridge cannot be reached',
    detail: 'The bridge cannot be reached: it may be restarting, or the network may be down.' });
}

/**
 * @typedef {{ query?: Record<string, any>, body?: any, ifMatch?: string, ifNoneMatch?: string,
 *   idempotencyKey?: string, signal?: AbortSignal, timeLimitMs?: number, signingIn?: boolean }} Options
 * @typedef {{ status: number, data: any, etag: string | null, headers: Headers }} Answer
 */

async function attempt(method, target, options, limit) {
  const sent = Date.now();
  const response = await fetch(urlOf(target, options.query), {
    method,
    headers: headersOf(method, options),
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    credentials: 'same-origin',
    cache: 'no-store',
    redirect: 'error',
    signal: options.signal ? anyOf(options.signal, limit) : limit,
  });
  observe(response.headers.get('Date'), sent, Date.now());
  const data = await readBody(response);
  if (!response.ok && response.status !== 304) throw problemOf(response, data);
  return { status: response.status, data, etag: response.headers.get('ETag'), headers: response.headers };
}

function anyOf(first, second) {
  const either = new AbortController();
  for (const signal of [first, second]) {
    if (signal.aborted) either.abort();
    signal.addEventListener('abort', () => either.abort(), { once: true });
  }
  return either.signal;
}

/**
 * @param {'GET' | 'PUT' | 'POST' | 'DELETE'} method @param {string} target below /api/v1, see `path`
 * @param {Options} [options]
 * @returns {Promise<Answer>} rejects with a Problem, and nothing else
 */
export async function request(method, target, options = {}) {
  const limit = AbortSignal.timeout(options.timeLimitMs ?? TIME_LIMIT_MS);
  try {
    return await attempt(method, target, options, limit);
  } catch (error) {
    const problem = failure(error, options, limit);
    // Another tab has signed in anew: its session is the cookie's now, and wants its own token.
    if (problem.code === 'cross_site' && !options.signingIn && (await hooks.refresh())) {
      try {
        return await attempt(method, target, options, limit);
      } catch (again) {
        throw failure(again, options, limit);
      }
    }
    if (problem.status === 401 && !options.signingIn) hooks.signedOut();
    throw problem;
  }
}

/** The data alone. @param {string} target @param {Options} [options] */
export async function get(target, options) {
  return (await request('GET', target, options)).data;
}

/**
 * Every item of a list, page by page, up to `most`; `complete` says whether that was all.
 * @param {string} target @param {Options & { most?: number }} [options]
 * @returns {Promise<{ items: any[], complete: boolean }>}
 */
export async function all(target, options = {}) {
  const most = options.most ?? 20000;
  const items = [];
  let cursor = null;
  do {
    const page = await get(target, { ...options, query: { limit: PAGE_LIMIT, ...options.query, cursor } });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return { items, complete: !cursor };
}

/** For POSTs that must not happen twice. */
export function newIdempotencyKey() {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}
