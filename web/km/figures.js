// SPDX-License-Identifier: Apache-2.0
// The counters of KMs, which no event tells: read again and again while a view shows them.
import { all, get, path } from '../service/api.js';
import { live, mergeCounters } from '../service/live.js';

const EVERY_MS = 5000;
const EVERY_MS_OF_MANY = 30000;
const MANY = 2000;

/**
 * Keeps the counters in the live state fresh: of all KMs, or of one.
 * @param {AbortSignal} signal ends it @param {string | null} [id]
 */
export function followCounters(signal, id = null) {
  let timer = 0;
  async function read() {
    if (document.visibilityState === 'visible' && live.connection.state === 'live') {
      try {
        mergeCounters(id === null ? (await all('/kms', { signal })).items : [await get(path`/kms/${id}`, { signal })]);
      } catch {
        // the connection's state says what is wrong, where it matters
      }
    }
    const many = id === null && live.data.kms.size > MANY;
    if (!signal.aborted) timer = setTimeout(read, many ? EVERY_MS_OF_MANY : EVERY_MS);
  }
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  read();
}
