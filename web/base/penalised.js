// SPDX-License-Identifier: Apache-2.0
// Whether a link is avoided for the relays that failed over it. Pure.

/** @param {any} link as the API shows it */
export function isPenalised(link) {
  return (link?.penalised_until ?? null) !== null;
}
