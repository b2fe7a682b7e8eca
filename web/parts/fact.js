// SPDX-License-Identifier: Apache-2.0
// A fact: a name and its value, one row of a definition list.
import { h } from '../base/dom.js';

/** @param {string | Node} name @param {...any} value as children of h() @returns {HTMLElement} */
export function fact(name, ...value) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}
