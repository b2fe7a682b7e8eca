// SPDX-License-Identifier: Apache-2.0
// Figures that no event tells - counters of KMs, keys of links: read again and again while a view shows them.
import { all, get, path } from './api.js';
import { live, mergeFigures } from './live.js';

const EVERY_MS = 5000;
const EVERY_MS_OF_MANY = 30000;
const MANY = 2000;

/** By resource, the members that change without a word. */
const MEMBERS = {
  kms: ['counters', 'session'],
  links: ['key_available', 'key_reserved', 'key_used', 'recent_failures'],
};

/**
 * Keeps these figures in the live state fresh, of all items or of one. Who follows the resource hears of those that changed.
 * @param {'kms' | 'links'} resource @param {AbortSignal} signal ends it @param {string | null} [id]
 */
export function followFigures(resource, signal, id = null) {
  const address = id === null ? `/${resource}` : `/${resource}${path`/${id}`}`;
  let timer = 0;
  async function read() {
    if (document.visibilityState === 'visible' && live.connection.state === 'live') {
      try {
        mergeFigures(resource, id === null ? (await all(address, { signal })).items : [await get(address, { signal })], MEMBERS[resource]);
      } catch {
        // the connection's state says what is wrong, where it matters
      }
    }
    const many = id === null && live.data[resource].size > MANY;
    if (!signal.aborted) timer = setTimeout(read, many ? EVERY_MS_OF_MANY : EVERY_MS);
  }
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  read();
}
