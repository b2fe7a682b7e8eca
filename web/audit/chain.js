// SPDX-License-Identifier: Apache-2.0
// Proves in the browser that the audit trail is a chain: every entry's hash, and that each names the one before.
import { get } from '../service/api.js';

const PAGE = 1000;
const GENESIS = '0'.repeat(64);

/** SHA-256 is there only where the page came over TLS, or from this machine. */
export function canVerify() {
  return globalThis.crypto?.subtle !== undefined;
}

/** RFC 8785 of an entry without its hash: it has strings and nulls alone, in members that are sorted. */
function canonical(entry) {
  const members = Object.keys(entry).filter((name) => name !== 'hash').sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${JSON.stringify(entry[name])}`).join(',')}}`;
}

/** @param {any} entry @returns {Promise<string>} what its `hash` must be */
export async function hashOf(entry) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(entry)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is wrong with an entry behind another; null: nothing. `before` is null for the oldest that is kept. */
async function fault(entry, before) {
  if (await hashOf(entry) !== entry.hash) return 'its content is not what its hash was taken of';
  if (before === null) return entry.audit_id === '1' && entry.previous_hash !== GENESIS ? 'it is the first, but names one before' : null;
  if (BigInt(entry.audit_id) !== BigInt(before.audit_id) + 1n) return `it follows entry ${before.audit_id}: entries between are missing`;
  return entry.previous_hash === before.hash ? null : `it does not name the hash of entry ${before.audit_id}`;
}

/**
 * @typedef {{ ok: boolean, count: number, first: string | null, last: any, brokenAt: string | null, why: string }} Verdict
 *   `last`: the newest entry that was reached
 * @param {AbortSignal} signal @param {(count: number) => void} tell how far it is
 * @returns {Promise<Verdict>} rejects with a Problem
 */
export async function verifyChain(signal, tell) {
  const verdict = { ok: true, count: 0, first: null, last: null, brokenAt: null, why: '' };
  let cursor = null;
  do {
    const page = await get('/audit', { query: { order: 'asc', limit: PAGE, cursor }, signal });
    for (const entry of page.items) {
      const why = await fault(entry, verdict.last);
      if (why !== null) return { ...verdict, ok: false, brokenAt: entry.audit_id, why };
      verdict.first ??= entry.audit_id;
      verdict.last = entry;
      verdict.count += 1;
    }
    cursor = page.next_cursor;
    if (!cursor && page.head && (verdict.last === null || BigInt(page.head.audit_id) > BigInt(verdict.last.audit_id))) {
      return { ...verdict, ok: false, brokenAt: page.head.audit_id, why: 'it is the newest, and cannot be reached' };
    }
    tell(verdict.count);
  } while (cursor);
  return verdict;
}
