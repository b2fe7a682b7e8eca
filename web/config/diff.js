// SPDX-License-Identifier: Apache-2.0
// What differs between two or three states of an object, member by member.

/**
 * @typedef {import('./kinds.js').Kind} Kind
 * @typedef {{ name: string, label: string, before: any, after: any, changed: boolean }} Difference
 * @typedef {{ name: string, label: string, base: any, mine: any, theirs: any, byMe: boolean, byThem: boolean,
 *   clash: boolean }} Three `clash`: both have changed it, and not alike
 */

/** The order of an object's members says nothing. @param {any} left @param {any} right @returns {boolean} */
export function same(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, i) => same(value, right[i]));
  }
  if (left && right && typeof left === 'object' && typeof right === 'object' && !Array.isArray(left) && !Array.isArray(right)) {
    const names = Object.keys(left);
    return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]));
  }
  return (left ?? null) === (right ?? null);
}

function memberOf(given, { name, fallback }) {
  return given === null ? null : given[name] ?? fallback ?? null;
}

/** Both as `givenOf` or a PUT has them; null: there is none. @param {Kind} kind @returns {Difference[]} */
export function differences(kind, before, after) {
  return kind.members.map((member) => {
    const [left, right] = [memberOf(before, member), memberOf(after, member)];
    return { name: member.name, label: member.label, before: left, after: right, changed: !same(left, right) };
  });
}

/** @param {Kind} kind @returns {Three[]} */
export function threeWay(kind, base, mine, theirs) {
  return kind.members.map((member) => {
    const [b, m, t] = [base, mine, theirs].map((given) => memberOf(given, member));
    const byMe = !same(b, m);
    const byThem = !same(b, t);
    return { name: member.name, label: member.label, base: b, mine: m, theirs: t, byMe, byThem, clash: byMe && byThem && !same(m, t) };
  });
}

/**
 * What to go on with: mine wherever I have changed something, else theirs. The members that say which way a key goes
 * belong together: of two ways no third is made.
 * @param {Kind} kind
 */
export function merged(kind, base, mine, theirs) {
  if (theirs === null || mine === null) return mine ?? theirs;
  const rows = threeWay(kind, base, mine, theirs);
  const way = ['path', 'next_hops', 'source_kma_id', 'destination_kma_id', 'a', 'b'];
  const iHaveTheWay = rows.some((row) => way.includes(row.name) && row.byMe);
  return Object.fromEntries(rows.map((row) => [row.name, (way.includes(row.name) ? iHaveTheWay : row.byMe) ? row.mine : row.theirs]));
}

/**
 * The shortest way from one list to the other.
 * @param {string[]} before @param {string[]} after
 * @returns {{ value: string, mark: 'kept' | 'gone' | 'new' }[]}
 */
export function listDifference(before, after) {
  const common = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i][j] = before[i] === after[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const steps = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      steps.push({ value: before[i], mark: 'kept' });
      i += 1;
      j += 1;
    } else if (j === after.length || (i < before.length && common[i + 1][j] >= common[i][j + 1])) {
      steps.push({ value: before[i], mark: 'gone' });
      i += 1;
    } else {
      steps.push({ value: after[j], mark: 'new' });
      j += 1;
    }
  }
  return steps;
}
