// SPDX-License-Identifier: Apache-2.0
// The one Trusted Types policy: URLs of this bridge's own workers, and nothing else, may become script.

const WORKERS = ['/service/stream_worker.js', '/topology/layout_worker.js'];

function check(url) {
  if (WORKERS.includes(url)) return url;
  throw new TypeError(`${url} is no worker of the dashboard`);
}

// Browsers without Trusted Types take the string itself; it is checked all the same.
const policy = globalThis.trustedTypes?.createPolicy('ckbridge', { createScriptURL: check }) ?? { createScriptURL: check };

/**
 * What `new Worker` and `new SharedWorker` take.
 * @param {'/service/stream_worker.js' | '/topology/layout_worker.js'} path
 */
export function workerUrl(path) {
  return policy.createScriptURL(path);
}
