// SPDX-License-Identifier: Apache-2.0
// Webhooks whose receivers do not take what they are sent: asked for now and then, by those who may see them.
import { counted, number, safe } from '../base/format.js';
import { all } from './api.js';
import { live } from './live.js';
import { may } from './session.js';

const EVERY_MS = 5000;
const LETTERS_COUNTED = 1000; // by the bridge; of more it says no more

function deliveryFinding({ state, last_error: error, last_status: status, lag, failing_since: since }, name) {
  if (state === 'gone') return { severity: 'bad', since, what: `Webhook ${name} is given up`, detail: 'its receiver answered 410; nothing is sent until it is written again' };
  if (state !== 'retrying') return null;
  return { severity: 'warning', since, what: `Webhook ${name} is failing`, detail: `${safe(error ?? `status ${status}`)}, ${counted(lag, 'event')} behind` };
}

/** What is wrong now, and what was given up before: one says nothing of the other. */
function findingsOf(hook) {
  const name = safe(hook.webhook_id);
  const found = [deliveryFinding(hook.delivery, name)];
  const letters = hook.delivery.dead_letters;
  if (letters > 0) found.push({ severity: 'warning', since: null, what: `Webhook ${name} has dead letters`, detail: `${number(letters)}${letters === LETTERS_COUNTED ? ' or more' : ''} to look at` });
  const href = `/access?webhook=${encodeURIComponent(hook.webhook_id)}`;
  return found.filter((each) => each !== null).map((each, i) => ({ ...each, key: `webhook ${hook.webhook_id} ${i}`, href }));
}

/**
 * @param {AbortSignal} signal ends it @param {(found: import('./health.js').Finding[]) => void} tell
 */
export function webhookFindings(signal, tell) {
  async function ask() {
    if (signal.aborted || !may('admin') || (live.synced && live.connection.state !== 'live')) return;
    try {
      const { items } = await all('/webhooks', { signal });
      tell(items.flatMap(findingsOf));
    } catch {
      tell([]); // what is wrong with the bridge itself shows elsewhere
    }
  }
  const timer = setInterval(ask, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  ask();
}
