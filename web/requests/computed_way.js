// SPDX-License-Identifier: Apache-2.0
// Deciding by a path that the bridge computes: the best ones to choose from, or a pair that does not fail together.
import { h, replace } from '../base/dom.js';
import { safe } from '../base/format.js';
import { apartChoice } from '../parts/apart.js';
import { loadingBlock, problemBlock } from '../parts/empty.js';
import { live } from '../service/live.js';
import { findingsBlock } from './findings_block.js';
import { computePaths, pathsToChoose } from './paths_found.js';
import { surveyOf } from './route_judge.js';

const NO_PATH = { errors: ['No path is chosen: compute again, or give one of your own.'], warnings: [] };

/** Why nothing can be computed; "": it can. @param {import('./decide_ways.js').Ends} ends */
function lackOf({ source, destination }) {
  if (source === null) return 'The source is not known: no path can be computed.';
  if (destination === null) return 'Say where the destination is.';
  return surveyOf(live.data).knows(destination) ? '' : `Neither a KM nor a link names ${safe(destination)}: no path leads there.`;
}

class ComputedWay {
  constructor(ends, signal) {
    this.ends = ends;
    this.signal = signal;
    this.chosen = null;
    this.computedFor = '';
    this.found = h('div', { class: 'computed' });
    this.said = findingsBlock();
    this.apart = apartChoice(() => this.compute());
    this.element = h('div', { class: 'way-body' }, this.apart.element, this.found, this.said.element,
      h('button', { type: 'button', class: 'button small', on: { click: () => this.compute() } }, 'Compute again'));
  }

  /** What was computed, and is not worth computing again. */
  get question() {
    return JSON.stringify([this.ends.source, this.ends.destination, this.apart.value()]);
  }

  async compute() {
    const mine = this.question;
    this.computedFor = mine;
    this.chosen = null;
    this.said.clear();
    const { source, destination } = this.ends;
    const lack = lackOf(this.ends);
    if (lack !== '') {
      replace(this.found, h('p', { class: 'hint' }, lack));
      return;
    }
    replace(this.found, loadingBlock(3));
    try {
      const answer = await computePaths(source, destination, this.signal, this.apart.value());
      if (mine === this.computedFor) replace(this.found, pathsToChoose(answer, (path) => { this.chosen = path; }));
    } catch (problem) {
      if (problem.kind !== 'aborted' && mine === this.computedFor) replace(this.found, problemBlock(problem, () => this.compute()));
    }
  }

  shown() {
    this.said.clear();
    if (this.computedFor !== this.question) this.compute();
  }

  body() {
    if (this.chosen !== null) return { path: this.chosen };
    this.said.show(NO_PATH);
    return null;
  }
}

/** @param {import('./decide_ways.js').Ends} ends @param {AbortSignal} signal @returns {import('./decide_dialog.js').Way} */
export function computedWay(ends, signal) {
  const way = new ComputedWay(ends, signal);
  return { id: 'computed', label: 'A computed path', verb: 'Give this path', element: way.element, shown: () => way.shown(), body: () => way.body() };
}
