// SPDX-License-Identifier: Apache-2.0
// What the deciding dialog says of its request: what was asked for, and why it cannot be decided any more.
import { h } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { deciderWords, stateWords } from './words.js';

/** @param {import('./kinds.js').Kind} kind @param {any} item */
export function aboutRequest(kind, item) {
  const { source_kma_id: source, current_kma_id: current, destination_kma_id: destination } = item;
  return h('p', { class: 'about-request' },
    kind.one === 'relay' ? ['A key from ', identifier(source)] : ['The next hop from ', identifier(current ?? source)],
    kind.one === 'relay' ? ' to ' : ' towards ', destination ? identifier(destination) : 'a KMA that is not known',
    item.application_destination_id && [', application ', identifier(item.application_destination_id)],
    kind.one === 'lookup' && current && source && source !== current && [', for a key from ', identifier(source)],
    item.km_id && [', asked for by KM ', identifier(item.km_id)], '.');
}

/** Why it cannot be decided any more. @param {import('./kinds.js').Kind} kind @param {any} item as it is now; null: gone */
export function goneWords(kind, item) {
  if (!item) return `This ${kind.one} is not there any more.`;
  const by = item.decided_by ? `, decided by ${deciderWords(item.decided_by)}` : '';
  return `This ${kind.one} is not held any more: ${stateWords(item.state)}${by}${item.reason ? ` (${item.reason})` : ''}.`;
}
