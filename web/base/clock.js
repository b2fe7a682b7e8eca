// SPDX-License-Identifier: Apache-2.0
// The bridge's clock as the browser can tell it: ages are counted in the bridge's time, whatever the desk's clock says.

let low = -Infinity;
let high = Infinity;

/**
 * One answer's Date header, which has whole seconds: the bridge's clock then showed a time within that second.
 * Each narrows the offset; one that contradicts the earlier ones (a clock was set) begins anew.
 * @param {string | null} date @param {number} sentMs @param {number} receivedMs both by Date.now()
 */
export function observe(date, sentMs, receivedMs) {
  const second = date ? Date.parse(date) : NaN;
  if (!Number.isFinite(second)) return;
  narrow(second - receivedMs, second + 999 - sentMs);
}

function narrow(least, most) {
  if (least > high || most < low) {
    low = least;
    high = most;
    return;
  }
  low = Math.max(low, least);
  high = Math.min(high, most);
}

/** What is known so far, for another thread's clock. @returns {[number, number]} */
export function share() {
  return [low, high];
}

/** What another thread's clock knows. @param {[number, number]} shared */
export function adopt([least, most]) {
  if (least > -Infinity) narrow(least, most);
}

/** Milliseconds to add to Date.now(); 0 as long as that fits what was seen. */
export function offsetMs() {
  if (low === -Infinity || (low <= 0 && high >= 0)) return 0;
  return (low + high) / 2;
}

/** The bridge's time now, Unix milliseconds. */
export function now() {
  return Date.now() + offsetMs();
}

/** For tests. */
export function reset() {
  low = -Infinity;
  high = Infinity;
}
