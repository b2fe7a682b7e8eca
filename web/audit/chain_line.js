// SPDX-License-Identifier: Apache-2.0
// The line that says whether the audit trail is whole, and proves it when asked to.
import { h, replace } from '../base/dom.js';
import { counted, number, safe } from '../base/format.js';
import { copyButton } from '../parts/copy.js';
import { shape } from '../parts/state_badge.js';
import { canVerify, verifyChain } from './chain.js';

function headWords(head) {
  const hash = h('span', { class: 'identifier' }, `${safe(head.hash).slice(0, 16)}\u2026`);
  return [`entry ${safe(head.audit_id)}, `, hash, ' ', copyButton(`${head.audit_id} ${head.hash}`, { label: 'Copy', what: 'the newest entry\u2019s ID and hash' })];
}

function verdictWords(verdict) {
  if (!verdict.ok) return [shape('bad'), `The chain is broken at entry ${safe(verdict.brokenAt)}: ${verdict.why}.`];
  if (verdict.count === 0) return [shape('good'), 'There is nothing to verify yet.'];
  return [shape('good'), `${counted(verdict.count, 'entry', 'entries')}, ${verdict.first} to ${verdict.last.audit_id}: all hashes fit, none is missing. `,
    h('span', { class: 'hint' }, 'Note the newest one elsewhere: '), headWords(verdict.last)];
}

/** @param {AbortSignal} signal the view's @returns {HTMLElement} */
export function createChainLine(signal) {
  const line = h('p', { class: 'chain-line', role: 'status' });
  const begin = (label) => h('button', { type: 'button', class: 'button small', on: { click: verify } }, label);

  async function verify() {
    replace(line, shape('busy'), 'Verifying \u2026');
    try {
      const verdict = await verifyChain(signal, (count) => replace(line, shape('busy'), `Verifying \u2026 ${number(count)}`));
      replace(line, verdictWords(verdict), begin('Again'));
    } catch (problem) {
      if (!signal.aborted) replace(line, shape('warning'), `Not verified: ${problem.message}`, begin('Again'));
    }
  }

  if (canVerify()) replace(line, shape('neutral'), 'Each entry holds the hash of the one before. ', begin('Verify the chain'));
  else replace(line, shape('neutral'), 'Each entry holds the hash of the one before. Over this connection the browser cannot verify that: ', h('code', {}, 'ckctl audit verify'), ' can.');
  return line;
}
