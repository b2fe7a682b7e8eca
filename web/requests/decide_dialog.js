// SPDX-License-Identifier: Apache-2.0
// The dialog that decides a held relay or lookup: a computed path, one of one's own, or a rejection.
import { h, setText, uniqueId } from '../base/dom.js';
import { safe } from '../base/format.js';
import { openDialog } from '../parts/dialog.js';
import { announce, notify } from '../parts/notice.js';
import { live, subscribe } from '../service/live.js';
import { policyFor } from '../service/policy.js';
import { computedWay } from './computed_way.js';
import { deadlineOf, timeLeft, whatThen } from './deadline.js';
import { createTarget } from './decide_target.js';
import { hopsWay, ownWay, rejectWay } from './decide_ways.js';
import { aboutRequest, goneWords } from './decide_words.js';
import { createDecision } from './decision.js';
import { idOf, isHeld } from './kinds.js';
import { readRequest } from './paths_found.js';
import { stateWords } from './words.js';

const TICK_MS = 500;

/**
 * @typedef {{ id: string, label: string, verb: string, element: HTMLElement, body: () => any | null,
 *   focus?: () => void, shown?: () => void }} Way `body`: what is sent; null: not yet right, and it says why
 */

function choiceOf(ways, onChoose) {
  const name = uniqueId('way');
  return h('fieldset', { class: 'ways' }, h('legend', {}, 'Decide by'), ways.map((way, i) => {
    const input = h('input', { type: 'radio', name, id: uniqueId('way'), value: way.id, checked: i === 0, on: { change: () => onChoose(way) } });
    return h('span', { class: 'way-choice' }, input, h('label', { for: input.id }, way.label));
  }));
}

class DecideDialog {
  constructor(kind, item) {
    this.kind = kind;
    this.item = item;
    this.id = idOf(kind, item);
    this.ending = new AbortController();
    this.send = createDecision(kind, this.id);
    this.ends = { source: item.source_kma_id, destination: item.destination_kma_id, current: item.current_kma_id ?? null };
    this.ways = this.waysOf();
    this.way = this.ways[0];
    this.target = createTarget(item, this.ends, this.ending.signal, () => this.ways.forEach((way) => way.shown?.()));
    this.open();
    this.follow();
    this.choose(this.way);
    this.tick();
    announce(timeLeft(deadlineOf(item, live.data), live.now()));
  }

  waysOf() {
    const { ends, ending: { signal } } = this;
    return this.kind.one === 'relay' ? [computedWay(ends, signal), ownWay(ends, signal), rejectWay()] : [hopsWay(ends, signal), rejectWay()];
  }

  open() {
    this.clock = h('p', { class: 'decide-clock' });
    this.said = h('p', { class: 'decide-result', role: 'alert', hidden: true });
    this.dialog = openDialog({ title: `Decide ${this.kind.one} ${this.id}`, wide: true, class: 'decide',
      content: [aboutRequest(this.kind, this.item), this.clock, this.target.element, choiceOf(this.ways, (way) => this.choose(way)),
        this.ways.map((each) => each.element), this.said],
      actions: [{ label: 'Cancel' }, { label: this.way.verb, kind: 'primary', run: () => this.submit() }] });
    this.button = this.dialog.element.querySelector('.dialog-actions .primary');
  }

  /** What else may end it: another's decision, time, another view. */
  follow() {
    const where = location.pathname;
    const leave = () => {
      if (location.pathname !== where) this.dialog.close();
    };
    const unsubscribe = subscribe(this.kind.resource, (change) => this.onLive(change));
    const timer = setInterval(() => this.tick(), TICK_MS);
    addEventListener('popstate', leave);
    this.dialog.done.then(() => {
      this.ending.abort();
      unsubscribe();
      clearInterval(timer);
      removeEventListener('popstate', leave);
    });
  }

  choose(chosen) {
    this.way = chosen;
    for (const each of this.ways) each.element.hidden = each !== chosen;
    if (this.target.element) this.target.element.hidden = chosen.id === 'reject';
    setText(this.button, chosen.verb);
    this.button.classList.toggle('danger', chosen.id === 'reject');
    this.button.classList.toggle('primary', chosen.id !== 'reject');
    this.tell('');
    chosen.shown?.();
  }

  tell(words, tone = 'error') {
    this.said.hidden = words === '';
    this.said.className = `decide-result ${tone}`;
    setText(this.said, words);
  }

  async submit() {
    const body = this.way.body();
    if (body === null) return false;
    this.tell('');
    const result = await this.send(this.target.addTo(body));
    if (this.ending.signal.aborted) return false;
    if (result.outcome === 'decided') this.decided(result.item, 'reject' in body ? '' : this.target.told());
    // What came while the answer was waited for is seen now: a lost answer may have been the decision.
    else if (result.outcome === 'not_held' || !isHeld(this.now())) await this.over(result.words);
    else this.tell(result.words, result.outcome === 'refused' ? 'error' : 'warning');
    if (result.outcome === 'unknown') setText(this.button, 'Send again');
    return false;
  }

  decided(item, more) {
    notify(`${this.kind.title.slice(0, -1)} ${this.id}: ${stateWords(item.state)}.${more}`, { kind: 'success' });
    for (const words of item.warnings ?? []) notify(`Warning: ${safe(words)}`);
    this.dialog.close(item);
  }

  now() {
    return live.data[this.kind.resource].get(this.id) ?? null;
  }

  /** Somebody or something else has decided; what it is now is read, and said. */
  async over(words) {
    const { signal } = this.ending;
    const now = await readRequest(this.kind, this.id, signal).catch(() => this.now());
    if (signal.aborted) return;
    if (now && isHeld(now)) {
      this.tell(words);
      return;
    }
    this.tell(goneWords(this.kind, now), 'warning');
    this.finish();
  }

  finish() {
    this.button.hidden = true;
    setText(this.clock, '');
    for (const field of this.dialog.element.querySelectorAll('fieldset')) field.disabled = true;
    for (const each of [...this.ways.map((way) => way.element), this.target.element]) if (each) each.inert = true;
  }

  onLive({ ids }) {
    if ((ids !== null && !ids.has(this.id)) || this.button.hidden || isHeld(this.now())) return;
    if (!this.button.disabled) this.over('');
  }

  tick() {
    const { status } = live.data;
    if (this.button.hidden) return;
    const left = timeLeft(deadlineOf(this.now() ?? this.item, live.data), live.now());
    setText(this.clock, status ? `${left}; ${whatThen(policyFor(this.item, live.data))}.` : '');
  }
}

/**
 * @param {import('./kinds.js').Kind} kind @param {any} item held
 * @returns {Promise<any>} the request as it is after the decision; undefined: it was not decided here
 */
export function openDecision(kind, item) {
  return new DecideDialog(kind, item).dialog.done;
}
