// SPDX-License-Identifier: Apache-2.0
// Asks the layout worker for places; only the newest question counts.
import { workerUrl } from '../base/trusted.js';

export class LayoutClient {
  constructor() {
    this.worker = new Worker(workerUrl('/topology/layout_worker.js'), { type: 'module' });
    this.job = 0;
    this.settle = null;
    this.worker.addEventListener('message', ({ data }) => {
      if (data.job !== this.job) return;
      this.settle?.({ x: data.x, y: data.y });
      this.settle = null;
    });
  }

  /**
   * @param {import('./model.js').Model} model @param {import('./layout.js').Placement | null} known by node
   * @returns {Promise<import('./layout.js').Placement>} never settles when another is asked for meanwhile
   */
  ask(model, known) {
    this.job += 1;
    const graph = { ids: model.nodes.map((node) => node.id), a: Int32Array.from(model.links, (link) => link.a),
      b: Int32Array.from(model.links, (link) => link.b) };
    this.worker.postMessage({ job: this.job, graph, known });
    return new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  close() {
    this.worker.terminate();
  }
}
