// SPDX-License-Identifier: Apache-2.0
// The dialog that decides a held relay or lookup: a computed path, one of one's own, or a rejection.
import { h, replace, setText, uniqueId } from '../base/dom.js';
import { identifier } from '../base/format.js';
import { openDialog } from '../parts/dialog.js';
import { announce, notify } from '../parts/notice.js';
import { live, subscribe } from '../service/live.js';
import { deadlineOf, timeLeft, whatThen } from './deadline.js';
import { computedWay, hopsWay, ownWay, rejectWay } from './decide_ways.js';
import { createDecision } from './decision.js';
import { idOf, isHeld } from './kinds.js';
import { readRequest } from './paths_found.js';
import { deciderWords, stateWords } from './words.js';
import { createKmaPicker } from '../parts/kma_picker.js';

/**
 * @typedef {{ id: string, label: string, verb: string, element: HTMLElement, body: () => any | null,
 *   focus?: () => void, shown?: () => void }} Way `body`: what is sent; null: not yet right, and it says why
 */

function about(kind, item) {
  const { source_kma_id: source, current_kma_id: current, destination_kma_id: destination } = item;
  return h('p', { class: 'about-request' },
    kind.one === 'relay' ? ['A key from ', identifier(source)] : ['The next hop from ', identifier(current ?? source)],
    kind.one === 'relay' ? ' to ' : ' towards ', destination ? identifier(destination) : 'a KMA that is not known',
    item.application_destination_id && [', application ', identifier(item.application_destination_id)],
    kind.one === 'lookup' && current && source && source !== current && [', for a key from ', identifier(source)],
    item.km_id && [', asked for by KM ', identifier(item.km_id)], '.');
}

/** Why it cannot be decided any more. @param {import('./kinds.js').Kind} kind @param {any} item as it is now; null: gone */
function goneWords(kind, item) {
  if (!item) return `This ${kind.one} is not there any more.`;
  const by = item.decided_by ? `, decided by ${deciderWords(item.decided_by)}` : '';
  return `This ${kind.one} is not held any more: ${stateWords(item.state)}${by}${item.reason ? ` (${item.reason})` : ''}.`;
}

function choiceOf(ways, onChoose) {
  const name = uniqueId('way');
  return h('fieldset', { class: 'ways' }, h('legend', {}, 'Decide by'), ways.map((way, i) => {
    const input = h('input', { type: 'radio', name, id: uniqueId('way'), value: way.id, checked: i === 0, on: { change: () => onChoose(way) } });
    return h('span', { class: 'way-choice' }, input, h('label', { for: input.id }, way.label));
  }));
}

/**
 * @param {import('./kinds.js').Kind} kind @param {any} item held
 * @returns {Promise<any>} the request as it is after the decision; undefined: it was not decided here
 */
export function openDecision(kind, item) {
  const id = idOf(kind, item);
  const ending = new AbortController();
  const send = createDecision(kind, id);
  const where = location.pathname;
  const ends = { source: item.source_kma_id, destination: item.destination_kma_id, current: item.current_kma_id ?? null };
  const picker = ends.destination === null ? createKmaPicker({ label: 'Where the destination is', hint: 'The request names an application that the bridge does not know.', required: true, signal: ending.signal, onInput: (value) => {
    ends.destination = value.trim() || null;
    ways.forEach((way) => way.shown?.());
  } }) : null;
  const ways = kind.one === 'relay'
    ? [computedWay(ends, ending.signal), ownWay(ends, ending.signal), rejectWay()]
    : [hopsWay(ends, ending.signal), rejectWay()];
  let way = ways[0];

  const clock = h('p', { class: 'decide-clock' });
  const said = h('p', { class: 'decide-result', role: 'alert', hidden: true });
  const dialog = openDialog({ title: `Decide ${kind.one} ${id}`, wide: true, class: 'decide',
    content: [about(kind, item), clock, picker?.element, choiceOf(ways, choose), ways.map((each) => each.element), said],
    actions: [{ label: 'Cancel' }, { label: way.verb, kind: 'primary', run: submit }] });
  const button = dialog.element.querySelector('.dialog-actions .primary');

  function choose(chosen) {
    way = chosen;
    for (const each of ways) each.element.hidden = each !== way;
    setText(button, way.verb);
    button.classList.toggle('danger', way.id === 'reject');
    button.classList.toggle('primary', way.id !== 'reject');
    tell('');
    way.shown?.();
  }

  function tell(words, tone = 'error') {
    said.hidden = words === '';
    said.className = `decide-result ${tone}`;
    setText(said, words);
  }

  async function submit() {
    const body = way.body();
    if (body === null) return false;
    if (picker !== null && way.id !== 'reject') body.destination_kma_id = ends.destination;
    tell('');
    const result = await send(body);
    if (ending.signal.aborted) return false;
    if (result.outcome === 'decided') {
      notify(`${kind.title.slice(0, -1)} ${id}: ${stateWords(result.item.state)}.`, { kind: 'success' });
      dialog.close(result.item);
      return false;
    }
    if (result.outcome === 'not_held') await over(result.words);
    else tell(result.words, result.outcome === 'refused' ? 'error' : 'warning');
    if (result.outcome === 'unknown') setText(button, 'Send again');
    return false;
  }

  /** Somebody or something else has decided; what it is now is read, and said. */
  async function over(words) {
    const now = await readRequest(kind, id, ending.signal).catch(() => live.data[kind.resource].get(id) ?? null);
    if (ending.signal.aborted) return;
    if (now && isHeld(now)) {
      tell(words);
      return;
    }
    tell(goneWords(kind, now), 'warning');
    finish();
  }

  function finish() {
    button.hidden = true;
    setText(clock, '');
    for (const field of dialog.element.querySelectorAll('fieldset')) field.disabled = true;
    for (const each of ways) each.element.inert = true;
  }

  function onLive({ ids }) {
    if (ids !== null && !ids.has(id)) return;
    const now = live.data[kind.resource].get(id);
    if (button.hidden || (now && isHeld(now))) return;
    if (!button.disabled) over('');
  }

  function tick() {
    const { status } = live.data;
    if (button.hidden) return;
    const left = timeLeft(deadlineOf(live.data[kind.resource].get(id) ?? item, status), live.now());
    setText(clock, status ? `${left}; ${whatThen(status.decision)}.` : '');
  }

  const unsubscribe = subscribe(kind.resource, onLive);
  const timer = setInterval(tick, 500);
  const leave = () => {
    if (location.pathname !== where) dialog.close();
  };
  addEventListener('popstate', leave);
  dialog.done.then(() => {
    ending.abort();
    unsubscribe();
    clearInterval(timer);
    removeEventListener('popstate', leave);
  });
  choose(way);
  tick();
  announce(`${timeLeft(deadlineOf(item, live.data.status), live.now())}`);
  return dialog.done;
}
