// SPDX-License-Identifier: Apache-2.0
// The rows of a list of requests: pages of history and the live state in one, each request once and as new as is known.
import { isOpen } from '../service/live_state.js';
import { matches } from './filters.js';
import { newestFirst } from './kinds.js';

/** More than these are not kept: the oldest go, and the list says so. */
export const ROWS_MAX = 5000;

const RANK = { received: 0, awaiting_decision: 1, instructed: 2 };

function rank(item) {
  return RANK[item.state] ?? 3;
}

/** What is known of it from both: a request only goes forward. @param {any} told by the API @param {any} followed live */
export function newer(told, followed) {
  if (!followed) return told;
  if (!told) return followed;
  if (rank(told) > rank(followed)) return told;
  const seen = Object.fromEntries(Object.entries(followed).filter(([, value]) => value !== null));
  return { ...told, ...seen };
}

export class Rows {
  /** @param {import('./kinds.js').Kind} kind @param {import('./filters.js').Filters} filters */
  constructor(kind, filters) {
    this.kind = kind;
    this.filters = filters;
    /** @type {Map<string, any>} */ this.items = new Map();
    /** The oldest that pages have told of: what is older is not known to be complete. @type {string | null} */ this.oldest = null;
    /** Some had to go. */ this.cut = false;
  }

  /** @param {any[]} page newest first @param {Map<string, any>} followed the live state */
  addPage(page, followed) {
    for (const told of page) {
      const id = told[this.kind.key];
      this.put(id, newer(told, followed.get(id)));
      if (this.oldest === null || newestFirst(this.oldest, id) < 0) this.oldest = id;
    }
    this.trim();
  }

  /** @param {Iterable<string>} ids @param {Map<string, any>} followed */
  follow(ids, followed) {
    for (const id of ids) {
      const item = followed.get(id);
      if (item) this.put(id, newer(this.items.get(id), item));
    }
    this.trim();
  }

  /** @private a request that no longer fits the filters leaves the list */
  put(id, item) {
    if (matches(item, this.filters)) this.items.set(id, item);
    else this.items.delete(id);
  }

  /** @private */
  trim() {
    if (this.items.size <= ROWS_MAX) return;
    const ids = [...this.items.keys()].sort(newestFirst);
    for (const id of ids.slice(ROWS_MAX)) {
      if (!isOpen(this.items.get(id))) this.items.delete(id);
    }
    this.cut = true;
  }

  /** Newest first. @returns {any[]} */
  list() {
    return [...this.items.keys()].sort(newestFirst).map((id) => this.items.get(id));
  }
}
