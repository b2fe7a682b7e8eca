// SPDX-License-Identifier: Apache-2.0
// Who decides a request, and by when: what its destination says is over what its KM says, and that over the configuration.

/** @typedef {{ order: string[], orchestrator_ms: number, orchestrator_present: boolean, metric: string }} Policy */

const MEMBERS = ['order', 'orchestrator_ms'];

/**
 * @param {{ km_id: string | null, destination_kma_id: string | null }} request
 * @param {import('./live_state.js').LiveState} data with a status
 * @returns {Policy}
 */
export function policyFor(request, data) {
  const own = [data.destinations?.get(request.destination_kma_id), data.kms.get(request.km_id)?.policy];
  const { decision } = data.status;
  return { ...decision, ...Object.fromEntries(MEMBERS.map((name) => [name, own.find((each) => (each?.[name] ?? null) !== null)?.[name] ?? decision[name]])) };
}

/** Whether any KM or destination has something of its own to say. @param {import('./live_state.js').LiveState} data */
export function hasOwnPolicies(data) {
  const says = (each) => MEMBERS.some((name) => (each?.[name] ?? null) !== null);
  return [...(data.destinations?.values() ?? [])].some(says) || [...data.kms.values()].some((km) => says(km.policy));
}
