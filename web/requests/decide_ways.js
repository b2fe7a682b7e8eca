// SPDX-License-Identifier: Apache-2.0
// Ways to decide by what a person says, each a part of the dialog: a path of one's own, next hops, a rejection.
import { h, setText, uniqueId } from '../base/dom.js';
import { live } from '../service/live.js';
import { findingsBlock } from './findings_block.js';
import { createOrderList } from './order_list.js';
import { judgeHops, judgePath, judgeReason } from './path_rules.js';
import { surveyOf } from './route_judge.js';

/** @typedef {{ source: string | null, destination: string | null, current: string | null }} Ends */

/** @param {Ends} ends @param {AbortSignal} signal @returns {import('./decide_dialog.js').Way} */
export function ownWay(ends, signal) {
  const said = findingsBlock();
  const first = ends.source === null ? [] : [ends.source];
  const judge = (kmas) => judgePath(kmas, ends, surveyOf(live.data));
  const order = createOrderList({ label: 'Path, source first', first, fixed: first.length, grows: 'path', signal,
    from: (kmas) => (kmas.length > 0 && kmas.at(-1) !== ends.destination ? kmas.at(-1) : null),
    onChange: (kmas) => said.show(kmas.at(-1) === ends.destination ? judge(kmas) : { errors: [], warnings: judge(kmas).warnings }) });
  return {
    id: 'own', label: 'A path of your own', verb: 'Give this path',
    element: h('div', { class: 'way-body' }, h('p', { class: 'hint' }, 'Hop by hop from the source to the destination.'), order.element, said.element),
    body: () => {
      const findings = judge(order.kmas());
      said.show(findings);
      return findings.errors.length > 0 ? null : { path: order.kmas() };
    },
  };
}

/** @param {Ends} ends @param {AbortSignal} signal @returns {import('./decide_dialog.js').Way} */
export function hopsWay(ends, signal) {
  const said = findingsBlock();
  const current = ends.current ?? ends.source;
  const judge = (kmas) => judgeHops(kmas, { current }, surveyOf(live.data));
  const order = createOrderList({ label: 'Next hops, best first', first: [], fixed: 0, grows: 'set', signal, from: () => current,
    onChange: (kmas) => said.show(kmas.length > 0 ? judge(kmas) : { errors: [], warnings: [] }) });
  return {
    id: 'hops', label: 'Next hops', verb: 'Answer with these',
    element: h('div', { class: 'way-body' }, h('p', { class: 'hint' }, 'Where to go on, best first: the KM takes the first that it can.'), order.element, said.element),
    body: () => {
      const findings = judge(order.kmas());
      said.show(findings);
      return findings.errors.length > 0 ? null : { next_hops: order.kmas() };
    },
  };
}

/** @returns {import('./decide_dialog.js').Way} */
export function rejectWay() {
  const id = uniqueId('reason');
  const error = h('p', { id: `${id}-error`, class: 'field-error', role: 'status' });
  const input = /** @type {HTMLTextAreaElement} */ (h('textarea', { id, class: 'input', rows: 3, 'aria-describedby': error.id }));
  const judge = () => {
    const words = judgeReason(input.value);
    setText(error, words);
    input.setAttribute('aria-invalid', String(words !== ''));
    return words;
  };
  input.addEventListener('input', () => {
    if (error.textContent !== '') judge();
  });
  return {
    id: 'reject', label: 'Reject it', verb: 'Reject',
    element: h('div', { class: 'way-body field' }, h('label', { for: id }, 'Reason'), input, error),
    body: () => {
      if (judge() === '') return { reject: input.value.trim() };
      input.focus();
      return null;
    },
  };
}
