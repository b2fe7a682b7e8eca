// SPDX-License-Identifier: Apache-2.0
// Lays graphs out beside the page's own thread: one message a job, one answer with its number.
import { layOut } from './layout.js';

self.addEventListener('message', ({ data }) => {
  const started = performance.now();
  const { x, y } = layOut(data.graph, data.known);
  self.postMessage({ job: data.job, x, y, ms: performance.now() - started }, [x.buffer, y.buffer]);
});
