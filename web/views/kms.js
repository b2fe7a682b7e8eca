// SPDX-License-Identifier: Apache-2.0
// Every key manager that is enrolled: who is there, how it is protected, what it has got wrong.
import { h } from '../base/dom.js';
import { queryOf, stateOf } from '../base/query.js';
import { columns } from '../km/columns.js';
import { openKmForm } from '../km/config_form.js';
import { STATES, isIn, matches } from '../km/model.js';
import { refusedPanel } from '../km/refused_panel.js';
import { actButton } from '../parts/act_button.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { followFigures } from '../service/follow_figures.js';
import { live, subscribe } from '../service/live.js';

const DEFAULTS = { search: '', state: 'all', sort: 'state', down: false };
const TICK_MS = 1000;

function emptyWords(filtered, clear) {
  if (filtered) return emptyBlock({ title: 'No KM is like that', detail: 'Others are there.', action: { label: 'Show all', run: clear } });
  return emptyBlock({ title: 'No KM is enrolled', detail: 'Enrol one here, or in the configuration file as [km "name"].' });
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: '\u2191 \u2193', what: 'Go from KM to KM' }, { keys: 'Enter', what: 'Open the KM' }],
  mount(container, { place, go, setQuery, signal, onEnd }) {
    let state = stateOf(place.query, DEFAULTS);
    const filter = createFilterBar({
      fields: [{ id: 'search', label: 'Search', kind: 'search', placeholder: 'KM, KMA, identity, address' },
        { id: 'state', label: 'State', kind: 'choice', options: STATES }],
      state,
      onChange: (changed) => setState({ ...state, ...changed }),
      actions: actButton({ role: 'admin', label: 'Enrol a KM', kind: 'primary', run: () => openKmForm({ onDone: (id) => go(`/kms/${encodeURIComponent(id)}`) }) }),
    });
    const table = createTable({
      label: 'Key managers', columns, key: (km) => km.km_id,
      sort: { id: state.sort, descending: state.down },
      onSort: ({ id, descending }) => { state = { ...state, sort: id, down: descending }; setQuery(queryOf(state, DEFAULTS)); },
      onOpen: (km) => go(`/kms/${encodeURIComponent(km.km_id)}`),
      empty: () => emptyWords(live.data.kms.size > 0, () => setState(DEFAULTS)),
    });
    const waiting = loadingBlock(8);
    const refused = refusedPanel();
    container.classList.add('kms-view');
    container.append(h('h1', {}, 'Key managers'), filter.element, waiting, table.element, refused.element);

    function setState(changed) {
      state = changed;
      setQuery(queryOf(state, DEFAULTS));
      filter.setState(state);
      draw();
    }

    function draw() {
      if (live.synced) waiting.remove();
      table.element.hidden = !live.synced;
      const now = live.now();
      const rows = [...live.data.kms.values()].filter((km) => isIn(km, state.state, now) && matches(km, state.search));
      filter.setCount(rows.length, live.data.kms.size);
      table.setRows(rows);
      refused.draw();
    }

    onEnd(subscribe(['kms', 'status'], draw));
    const timer = setInterval(table.refresh, TICK_MS);
    onEnd(() => clearInterval(timer));
    followFigures('kms', signal);
    draw();
    return {
      update(next) {
        state = stateOf(next.query, DEFAULTS);
        filter.setState(state);
        table.setSort({ id: state.sort, descending: state.down });
        draw();
      },
    };
  },
};
