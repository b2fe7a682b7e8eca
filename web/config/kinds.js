// SPDX-License-Identifier: Apache-2.0
// What an operator configures here: routes, links and applications, each with the members that a PUT takes.
import { path, request } from '../service/api.js';

/**
 * @typedef {{ name: string, label: string, fallback?: any }} Member `fallback`: what a PUT without it means
 * @typedef {{ resource: 'routes' | 'links' | 'applications', one: string, title: string, id: string, idLabel: string,
 *   role: 'orchestrator', members: Member[], address: (id: string) => string,
 *   hasFile: boolean, isOfFile: (item: any) => boolean }} Kind
 *   `hasFile`: the configuration file may define some, and a deletion uncovers what it says; `isOfFile`: its values are the configuration file's
 */

/** @type {Kind} */
export const ROUTES = {
  resource: 'routes', one: 'route', title: 'Routes', id: 'route_id', idLabel: 'Route ID', role: 'orchestrator',
  members: [
    { name: 'source_kma_id', label: 'Source' },
    { name: 'destination_kma_id', label: 'Destination' },
    { name: 'path', label: 'Path' },
    { name: 'next_hops', label: 'Next hops' },
    { name: 'priority', label: 'Priority', fallback: 100 },
    { name: 'valid_until', label: 'Valid until' },
    { name: 'origin', label: 'Origin', fallback: 'api' },
  ],
  address: (id) => `/routes/${encodeURIComponent(id)}`,
  hasFile: false,
  isOfFile: () => false,
};

/** @type {Kind} */
export const LINKS = {
  resource: 'links', one: 'link', title: 'Links', id: 'link_id', idLabel: 'Link ID', role: 'orchestrator',
  members: [
    { name: 'a', label: 'One end' },
    { name: 'b', label: 'Other end' },
    { name: 'state', label: 'State', fallback: 'up' },
    { name: 'cost', label: 'Cost', fallback: 1 },
    { name: 'key_stock', label: 'Key stock' },
    { name: 'key_rate', label: 'Key rate' },
    { name: 'key_capacity', label: 'Key capacity' },
    { name: 'origin', label: 'Origin', fallback: 'api' },
  ],
  address: (id) => `/links?link=${encodeURIComponent(id)}`,
  hasFile: true,
  isOfFile: (link) => link.defined_in === 'file',
};

/** @type {Kind} */
export const APPLICATIONS = {
  resource: 'applications', one: 'application', title: 'Applications', id: 'application_id', idLabel: 'Application ID', role: 'orchestrator',
  members: [{ name: 'kma_id', label: 'KMA' }],
  address: (id) => `/links?application=${encodeURIComponent(id)}`,
  hasFile: true,
  isOfFile: (application) => application.origin === 'file',
};

/** "Route" @param {Kind} kind */
export function capital(kind) {
  return kind.one[0].toUpperCase() + kind.one.slice(1);
}

/** The members that a PUT takes, each with a value or null. @param {Kind} kind @param {any} item */
export function givenOf(kind, item) {
  return Object.fromEntries(kind.members.map(({ name, fallback }) => [name, item?.[name] ?? fallback ?? null]));
}

/** The ETag of an object as it was read. @param {any} item */
export function tagOf(item) {
  return `"${item.revision}"`;
}

/** @param {Kind} kind @param {string} id */
export function targetOf(kind, id) {
  return path`/${kind.resource}/${id}`;
}

/**
 * As it is now; null: there is none.
 * @param {Kind} kind @param {string} id @param {AbortSignal} [signal]
 */
export async function readObject(kind, id, signal) {
  try {
    return (await request('GET', targetOf(kind, id), { signal })).data;
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

