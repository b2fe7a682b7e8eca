// SPDX-License-Identifier: Apache-2.0
// Where people have put KMAs by hand: kept by the bridge, the same for all who look at the map.
import { all, path, request } from '../service/api.js';

const LAYOUT = 'map';
const SAVE_MS = 400;
const ATTEMPTS_MAX = 4; // when somebody else writes too

/** @typedef {{ x: number, y: number }} Pin */

export class Pins {
  /** @param {AbortSignal} signal @param {(problem: import('../service/api.js').Problem) => void} onProblem */
  constructor(signal, onProblem) {
    /** @type {Map<string, Pin>} */ this.all = new Map();
    /** What is not saved yet; null: unpinned. @type {Map<string, Pin | null>} */ this.changes = new Map();
    this.etag = null;
    this.signal = signal;
    this.onProblem = onProblem;
    this.onSaved = () => {};
    this.timer = 0;
    this.saving = false;
    signal.addEventListener('abort', () => this.flush(), { once: true });
  }

  /** What the bridge has, with our own changes upon it. */
  async load(signal = this.signal) {
    // By the list, where a layout that nobody has made yet is no error; its revision is its ETag.
    const { items } = await all('/layouts', { signal });
    const layout = items.find((item) => item.layout_id === LAYOUT) ?? null;
    this.all = new Map(Object.entries(layout?.pins ?? {}));
    this.etag = layout === null ? null : `"${layout.revision}"`;
    for (const [id, pin] of this.changes) this.apply(id, pin);
  }

  /** @private */
  apply(id, pin) {
    if (pin === null) this.all.delete(id);
    else this.all.set(id, pin);
  }

  /** @param {string} id @param {Pin | null} pin null: it goes where the layout puts it */
  set(id, pin) {
    this.apply(id, pin);
    this.changes.set(id, pin);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_MS);
  }

  /** @private */
  flush() {
    clearTimeout(this.timer);
    if (this.changes.size > 0) this.save();
  }

  /** @private the view may be gone when the answer comes: what was moved is kept all the same */
  async save() {
    if (this.saving) return;
    this.saving = true;
    const sent = new Map(this.changes);
    try {
      await this.put();
      for (const [id, pin] of sent) if (this.changes.get(id) === pin) this.changes.delete(id);
      this.onSaved();
    } catch (problem) {
      this.changes.clear();
      this.onProblem(problem);
    } finally {
      this.saving = false;
      if (this.changes.size > 0) this.timer = setTimeout(() => this.save(), SAVE_MS);
    }
  }

  /** @private */
  async put() {
    for (let attempt = 1; ; attempt += 1) {
      const condition = this.etag === null ? { ifNoneMatch: '*' } : { ifMatch: this.etag };
      try {
        const { etag } = await request('PUT', path`/layouts/${LAYOUT}`, { body: { pins: Object.fromEntries(this.all) }, ...condition });
        this.etag = etag;
        return;
      } catch (problem) {
        if (problem.status !== 412 || attempt === ATTEMPTS_MAX) throw problem;
        await this.load(undefined);
      }
    }
  }
}
