// SPDX-License-Identifier: Apache-2.0
// One key manager: whether it is there, how it is protected, how it speaks, and what it has got wrong.
import { h, replace } from '../base/dom.js';
import { identifier, safe } from '../base/format.js';
import { openKmForm } from '../km/config_form.js';
import { errorsPanel } from '../km/errors.js';
import { configurationPanel, countersPanel, dialectPanel, sessionPanel } from '../km/panels.js';
import { actButton } from '../parts/act_button.js';
import { confirmDialog } from '../parts/dialog.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { notify, notifyProblem } from '../parts/notice.js';
import { kmBadge } from '../parts/state_badge.js';
import { path, request } from '../service/api.js';
import { followFigures } from '../service/follow_figures.js';
import { live, subscribe } from '../service/live.js';
import { linkTo } from './index.js';

const TICK_MS = 1000;

/** As it is now, with the ETag to change it by. */
async function readKm(id) {
  const { data, etag } = await request('GET', path`/kms/${id}`);
  return { km: data, etag };
}

async function edit(id) {
  try {
    openKmForm({ ...(await readKm(id)), onDone: () => {} });
  } catch (problem) {
    notifyProblem(problem, 'It could not be read');
  }
}

async function setEnabled(id, enabled) {
  if (!enabled && !(await confirmDialog({ title: `Disable KM ${safe(id)}?`, danger: true, confirm: 'Disable',
    body: 'Its session is closed, and it is refused until it is enabled again. Its open relays become orphaned when their time is over.' }))) return;
  try {
    const { km, etag } = await readKm(id);
    await request('PUT', path`/kms/${id}`, { body: { kma_ids: km.kma_ids, identity: km.identity, dialect: km.dialect, policy: km.policy, enabled }, ifMatch: etag });
    notify(`KM ${safe(id)} is ${enabled ? 'enabled' : 'disabled'}.`, { kind: 'success' });
  } catch (problem) {
    notifyProblem(problem, `It could not be ${enabled ? 'enabled' : 'disabled'}`);
  }
}

async function remove(km, go) {
  const returns = km.in_file && km.origin === 'api';
  if (!(await confirmDialog({ title: returns ? `Give KM ${safe(km.km_id)} back its file\u2019s settings?` : `Remove KM ${safe(km.km_id)}?`, danger: true, confirm: returns ? 'Give back' : 'Remove',
    body: returns ? 'What the API has set is dropped, and the configuration file\u2019s settings hold again.' : 'Its session is closed, and its KMAs belong to no KM any more. Its history stays.' }))) return;
  try {
    const { etag } = await readKm(km.km_id);
    await request('DELETE', path`/kms/${km.km_id}`, { ifMatch: etag });
    notify(returns ? `KM ${safe(km.km_id)} has its file\u2019s settings.` : `KM ${safe(km.km_id)} is removed.`, { kind: 'success' });
    if (!returns) go('/kms');
  } catch (problem) {
    notifyProblem(problem, 'It was not removed');
  }
}

function actions(km, go) {
  const id = km.km_id;
  return [
    actButton({ role: 'admin', label: 'Change', kind: 'plain', about: `KM ${id}`, hide: true, run: () => edit(id) }),
    actButton({ role: 'admin', label: km.enabled ? 'Disable' : 'Enable', kind: km.enabled ? 'danger' : 'primary', about: `KM ${id}`, hide: true, run: () => setEnabled(id, !km.enabled) }),
    km.origin === 'api' && actButton({ role: 'admin', label: km.in_file ? 'Back to the file\u2019s' : 'Remove', kind: 'danger', about: `KM ${id}`, run: () => remove(km, go) }),
  ];
}

/** @type {import('./index.js').View} */
export default {
  keys: [],
  mount(container, { place, go, setTitle, signal, onEnd }) {
    const { id } = place.parameters;
    setTitle(`KM ${safe(id)}`);
    const relays = linkTo(`/relays?km_id=${encodeURIComponent(id)}`);
    const state = h('span');
    const buttons = h('span', { class: 'title-actions' });
    const head = h('div', { class: 'title-line' }, h('h1', {}, h('a', { href: '/kms', class: 'crumb' }, 'Key managers'), ' ', identifier(id, { max: 64 })), state, buttons);
    const panels = [sessionPanel(), dialectPanel(), configurationPanel(), countersPanel()];
    const body = h('div', { class: 'km-panels' }, panels.map((each) => each.element), errorsPanel(id, { signal, onEnd }));
    const nothing = h('div');
    container.append(head, nothing, body);
    let shownHead = '';

    function drawHead(km) {
      const key = JSON.stringify([km.enabled, km.session.state, km.origin, km.in_file, km.session.held_off_until]);
      if (key === shownHead) return;
      shownHead = key;
      replace(state, kmBadge(km, live.now()));
      replace(buttons, relays && h('a', { class: 'button', href: relays }, 'Its relays'), actions(km, go));
    }

    function draw() {
      const km = live.data.kms.get(id);
      body.hidden = km === undefined;
      state.hidden = buttons.hidden = km === undefined;
      replace(nothing, km === undefined && (live.synced ? emptyBlock({ title: 'No such KM is enrolled', detail: ['There is no ', identifier(id), ' any more, or there never was.'], action: { label: 'To all KMs', run: () => go('/kms') } }) : loadingBlock(8)));
      if (km === undefined) return;
      drawHead(km);
      for (const each of panels) each.draw(km);
    }

    onEnd(subscribe('kms', ({ ids }) => (ids === null || ids.has(id)) && draw()));
    const timer = setInterval(draw, TICK_MS);
    onEnd(() => clearInterval(timer));
    followFigures('kms', signal, id);
    draw();
    return {};
  },
};
