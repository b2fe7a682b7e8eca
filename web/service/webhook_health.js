// SPDX-License-Identifier: Apache-2.0
// Webhooks whose receivers do not take what they are sent: asked for now and then, by those who may see them.
import { counted, number, safe } from '../base/format.js';
import { all } from './api.js';
import { may } from './session.js';

const EVERY_MS = 15000;

function findingOf(hook) {
  const { delivery } = hook;
  const name = safe(hook.webhook_id);
  const about = { key: `webhook ${hook.webhook_id}`, href: `/access?webhook=${encodeURIComponent(hook.webhook_id)}`, since: delivery.failing_since };
  if (delivery.state === 'gone') return { ...about, severity: 'bad', what: `Webhook ${name} is given up`, detail: 'its receiver answered 410; nothing is sent until it is written again' };
  if (delivery.state === 'retrying') return { ...about, severity: 'warning', what: `Webhook ${name} is failing`, detail: `${safe(delivery.last_error ?? `status ${delivery.last_status}`)}, ${counted(delivery.lag, 'event')} behind` };
  if (delivery.dead_letters > 0) return { ...about, severity: 'warning', since: null, what: `Webhook ${name} has dead letters`, detail: `${number(delivery.dead_letters)} to look at` };
  return null;
}

/**
 * @param {AbortSignal} signal ends it @param {(found: import('./health.js').Finding[]) => void} tell
 */
export function webhookFindings(signal, tell) {
  async function ask() {
    if (signal.aborted || !may('admin')) return;
    try {
      const { items } = await all('/webhooks', { signal });
      tell(items.map(findingOf).filter((finding) => finding !== null));
    } catch {
      tell([]); // what is wrong with the bridge itself shows elsewhere
    }
  }
  const timer = setInterval(ask, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  ask();
}
