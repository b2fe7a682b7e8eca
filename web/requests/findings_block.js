// SPDX-License-Identifier: Apache-2.0
// Where a way to decide says what is wrong with it, as it is made.
import { h, replace } from '../base/dom.js';

/** @returns {{ element: HTMLElement, show: (findings: import('./path_rules.js').Findings) => void, clear: () => void }} */
export function findingsBlock() {
  const element = h('div', { class: 'judgement', role: 'status' });
  return {
    element,
    show: ({ errors, warnings }) => replace(element, errors.length > 0 && h('ul', { class: 'errors' }, errors.map((words) => h('li', {}, words))),
      warnings.length > 0 && h('ul', { class: 'warnings' }, warnings.map((words) => h('li', {}, `Warning: ${words}`)))),
    clear: () => replace(element),
  };
}
