// SPDX-License-Identifier: Apache-2.0
// Above the map: search, filters, what the lines mean, how far around the choice is looked.
import { h, replace, setText, uniqueId } from '../base/dom.js';
import { number } from '../base/format.js';
import { STATE_WORDS } from './legend.js';
import { OVERLAYS } from './scales.js';
import { createSearchBox } from './search_box.js';

const KMS_OFFERED_MAX = 2000;
const STATES = [['', 'All'], ['trouble', 'With trouble'], ...Object.entries(STATE_WORDS)];
const HOPS = [['0', 'All'], ['1', '1 hop'], ['2', '2 hops'], ['3', '3 hops'], ['4', '4 hops']];

function choice(label, options, onChange) {
  const input = h('select', { class: 'input', id: uniqueId('map-choice') }, options.map(([value, name]) => h('option', { value }, name)));
  input.addEventListener('change', () => onChange(input.value));
  return { input, element: h('span', { class: 'filter-field choice' }, h('label', { for: input.id }, label), input) };
}

/**
 * @param {{ find: (text: string) => import('./model.js').Node[], onPick: (id: string, second: boolean) => void,
 *   onChange: (change: Record<string, any>) => void }} options
 *   `onChange`: of q, state, km, overlay, hops, relays
 * @returns {{ element: HTMLElement, set: (state: Record<string, any>, scene: import('./scene.js').Scene) => void,
 *   setKms: (ids: string[]) => void }}
 */
export function createToolbar({ find, onPick, onChange }) {
  const search = createSearchBox({ find, onText: (q) => onChange({ q }), onPick });
  const state = choice('State', STATES, (value) => onChange({ state: value }));
  const overlay = choice('Lines', OVERLAYS.map(({ id, name }) => [id, name]), (value) => onChange({ overlay: value }));
  const hops = choice('Around', HOPS, (value) => onChange({ hops: Number(value) }));
  const kmList = h('datalist', { id: uniqueId('map-kms') });
  const km = h('input', { class: 'input', id: uniqueId('map-km'), list: kmList.id, placeholder: 'any', autocomplete: 'off', spellcheck: 'false' });
  km.addEventListener('change', () => onChange({ km: km.value.trim() }));
  const relays = h('input', { type: 'checkbox', id: uniqueId('map-relays') });
  relays.addEventListener('change', () => onChange({ relays: relays.checked }));
  const count = h('span', { class: 'filter-count', role: 'status' });
  const element = h('form', { class: 'filter-bar map-toolbar', role: 'search', on: { submit: (event) => event.preventDefault() } },
    search.element, state.element,
    h('span', { class: 'filter-field' }, h('label', { for: km.id }, 'KM'), km, kmList),
    overlay.element, hops.element,
    h('span', { class: 'filter-field switch' }, relays, h('label', { for: relays.id }, 'Relays')),
    count);
  let offered = '';
  return {
    element,
    set(view, { look, selection }) {
      search.setText(view.q);
      state.input.value = view.state;
      overlay.input.value = view.overlay;
      hops.input.value = String(view.hops);
      hops.input.disabled = selection.a === null && selection.link === null;
      hops.input.title = hops.input.disabled ? 'Choose a KMA or a link first' : '';
      if (document.activeElement !== km) km.value = view.km;
      relays.checked = view.relays;
      const shown = look.reduce((sum, each) => sum + (each === 2 ? 1 : 0), 0);
      setText(count, shown === look.length ? `${number(shown)} KMAs` : `${number(shown)} of ${number(look.length)} KMAs`);
    },
    setKms(ids) {
      const key = ids.join('\n');
      if (key === offered) return;
      offered = key;
      replace(kmList, ids.slice(0, KMS_OFFERED_MAX).map((id) => h('option', { value: id })));
    },
  };
}
