// SPDX-License-Identifier: Apache-2.0
// Links from a request to what it names, where the dashboard has a view for that.
import { h } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { queryOf } from '../base/query.js';
import { linkTo } from '../views/index.js';

/** A link, or what it would hold when nothing is there. @param {string} address @param {import('../base/dom.js').Child} words */
function place(address, words) {
  return linkTo(address) === null ? h('span', {}, words) : h('a', { href: address }, words);
}

/** @param {string | null} kmId @param {{ max?: number }} [options] */
export function kmLink(kmId, options) {
  return kmId ? place(`/kms/${encodeURIComponent(kmId)}`, identifier(kmId, options)) : identifier(null);
}

/** @param {string} routeId @param {{ max?: number }} [options] */
export function routeLink(routeId, options) {
  return place(`/routes/${encodeURIComponent(routeId)}`, identifier(routeId, options));
}

/** Where the map shows exactly this path; null: there is no map. @param {string[]} path @param {string} words */
export function mapLink(path, words) {
  const address = `/topology${queryOf({ path }, { path: [] })}`;
  return linkTo(address) === null ? null : h('a', { class: 'on-map', href: address }, words);
}
