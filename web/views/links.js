// SPDX-License-Identifier: Apache-2.0
// Links between KMAs and where applications are, as far as a person edits them.
import { h, replace } from '../base/dom.js';
import { NONE, identifier, number, timeElement } from '../base/format.js';
import { queryOf, stateOf } from '../base/query.js';
import { openEditor } from '../config/editor.js';
import { APPLICATIONS, LINKS } from '../config/kinds.js';
import { editObject } from '../config/open.js';
import { createUndoBar } from '../config/undo_bar.js';
import { actButton } from '../parts/act_button.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock, loadingBlock } from '../parts/empty.js';
import { createFilterBar } from '../parts/filter_bar.js';
import { badge, linkBadge, linkRank } from '../parts/state_badge.js';
import { kmLink } from '../requests/links.js';
import { surveyOf } from '../requests/route_judge.js';
import { followFigures } from '../service/follow_figures.js';
import { live, subscribe } from '../service/live.js';

const DEFAULTS = { q: '', state: '', defined: '', sort: 'state', down: false, aq: '', asort: 'id', adown: false };
const REDRAW_MS = 250;

const definedIn = (where) => (where === 'file' ? 'configuration file' : 'API');
const available = (link) => link.key_available ?? link.key_stock;
const when = (iso) => (iso ? timeElement(iso, live.now()) : NONE);

/** What a search looks through. */
const textOf = (...values) => values.join('\n').toLowerCase();

function opener(kind, id) {
  return h('button', { type: 'button', class: 'link-button', tabindex: '-1', on: { click: () => editObject(kind, id) } }, identifier(id, { max: 28 }));
}

/** @type {import('../parts/data_table.js').Column<any>[]} */
const LINK_COLUMNS = [
  { id: 'id', label: 'Link', card: 'name', cell: (link) => opener(LINKS, link.link_id), sort: (link) => link.link_id },
  { id: 'state', label: 'State', card: 'state', cell: linkBadge, sort: linkRank },
  { id: 'a', label: 'One end', cell: (link) => identifier(link.a, { max: 24 }), sort: (link) => link.a },
  { id: 'b', label: 'Other end', cell: (link) => identifier(link.b, { max: 24 }), sort: (link) => link.b },
  { id: 'cost', label: 'Cost', align: 'end', rank: 2, card: 'line', cell: (link) => number(link.cost), sort: (link) => link.cost },
  { id: 'stock', label: 'Keys', title: 'Available: neither used nor reserved', align: 'end', cell: (link) => number(available(link)), sort: available },
  { id: 'reserved', label: 'Reserved', title: 'Keys of relays that are under way', align: 'end', rank: 2, cell: (link) => number(link.key_reserved ?? null), sort: (link) => link.key_reserved },
  { id: 'used', label: 'Used', title: 'Keys of relays that succeeded, since the bridge was started', align: 'end', rank: 3, cell: (link) => number(link.key_used ?? null), sort: (link) => link.key_used },
  { id: 'rate', label: 'Keys an hour', align: 'end', rank: 3, cell: (link) => number(link.key_rate), sort: (link) => link.key_rate },
  { id: 'origin', label: 'Origin', rank: 3, cell: (link) => identifier(link.origin, { max: 16 }), sort: (link) => link.origin },
  { id: 'defined', label: 'Defined in', rank: 2, cell: (link) => definedIn(link.defined_in), sort: (link) => link.defined_in },
  { id: 'changed', label: 'Changed', rank: 3, cell: (link) => when(link.changed_at), sort: (link) => (link.changed_at ? Date.parse(link.changed_at) : null) },
];

function ownerCell({ application, km, known }) {
  if (km) return kmLink(km, { max: 28 });
  return known ? h('span', { class: 'none' }, 'no KM has it') : badge('warning', 'unknown KMA');
}

/** @type {import('../parts/data_table.js').Column<any>[]} */
const APPLICATION_COLUMNS = [
  { id: 'id', label: 'Application', card: 'name', cell: ({ application }) => opener(APPLICATIONS, application.application_id), sort: ({ application }) => application.application_id },
  { id: 'kma', label: 'KMA', cell: ({ application }) => identifier(application.kma_id, { max: 28 }), sort: ({ application }) => application.kma_id },
  { id: 'km', label: 'KM', cell: ownerCell, sort: ({ km }) => km },
  { id: 'defined', label: 'Defined in', rank: 2, cell: ({ application }) => definedIn(application.origin), sort: ({ application }) => application.origin },
  { id: 'changed', label: 'Changed', rank: 3, cell: ({ application }) => when(application.changed_at), sort: ({ application }) => (application.changed_at ? Date.parse(application.changed_at) : null) },
];

const LINK_FIELDS = [
  { id: 'q', label: 'Search links', kind: 'search', placeholder: 'ID, KMA or origin' },
  { id: 'state', label: 'State', kind: 'choice', options: [['', 'any'], ['down', 'down'], ['penalised', 'penalised'], ['up', 'up']] },
  { id: 'defined', label: 'Defined in', kind: 'choice', options: [['', 'anywhere'], ['file', 'configuration file'], ['api', 'API']] },
];
const APPLICATION_FIELDS = [{ id: 'aq', label: 'Search applications', kind: 'search', placeholder: 'ID or KMA' }];

function linkFits({ q, state, defined }, link) {
  return (state === '' || link.state === state || (state === 'penalised' && linkRank(link) === 1)) && (defined === '' || link.defined_in === defined)
    && (q === '' || textOf(link.link_id, link.a, link.b, link.origin).includes(q.toLowerCase()));
}

/** The same row as long as nothing changed. */
function createApplicationRows() {
  let known = new Map();
  return () => {
    const survey = surveyOf(live.data);
    known = new Map([...live.data.applications.values()].map((application) => {
      const [km, isKnown] = [survey.owner(application.kma_id)?.km_id ?? null, survey.knows(application.kma_id)];
      const old = known.get(application.application_id);
      return [application.application_id, old?.application === application && old.km === km && old.known === isKnown ? old : { application, km, known: isKnown }];
    }));
    return [...known.values()];
  };
}

/** @type {import('./index.js').View} */
export default {
  keys: [{ keys: '\u2191 \u2193', what: 'Go from row to row' }, { keys: 'Enter', what: 'Open and edit' }],
  mount(container, { place, setQuery, signal, onEnd }) {
    let state = stateOf(place.query, DEFAULTS);
    let timer = 0;
    const applicationRows = createApplicationRows();

    function change(wanted) {
      state = { ...DEFAULTS, ...wanted };
      setQuery(queryOf(state, DEFAULTS));
      draw();
    }

    const links = createTable({ label: 'Links', columns: LINK_COLUMNS, key: (link) => link.link_id, sort: { id: state.sort, descending: state.down },
      onSort: ({ id, descending }) => change({ ...state, sort: id, down: descending }), onOpen: (link) => editObject(LINKS, link.link_id),
      empty: () => emptyBlock(live.data.links.size > 0 ? { title: 'No link fits these filters' } : { title: 'No links', detail: 'Paths are computed over links: without them none is.' }) });
    const applications = createTable({ label: 'Applications', columns: APPLICATION_COLUMNS, key: (row) => row.application.application_id, sort: { id: state.asort, descending: state.adown },
      onSort: ({ id, descending }) => change({ ...state, asort: id, adown: descending }), onOpen: (row) => editObject(APPLICATIONS, row.application.application_id),
      empty: () => emptyBlock(live.data.applications.size > 0 ? { title: 'No application fits this search' } : { title: 'No applications', detail: 'A KM may ask for a key to an application; here it says at which KMA that is.' }) });
    const linkBar = createFilterBar({ fields: LINK_FIELDS, state, onChange: ({ q, state: wanted, defined }) => change({ ...state, q, state: wanted, defined }) });
    const applicationBar = createFilterBar({ fields: APPLICATION_FIELDS, state, onChange: ({ aq }) => change({ ...state, aq }) });
    const body = h('div', {}, loadingBlock());
    const whole = h('div', { class: 'links-page' },
      h('section', {}, h('div', { class: 'view-head' }, h('h2', {}, 'Links'), h('span', { class: 'view-actions' }, actButton({ label: 'New link', run: () => openEditor(LINKS, {}) }))), linkBar.element, links.element),
      h('section', {}, h('div', { class: 'view-head' }, h('h2', {}, 'Applications'), h('span', { class: 'view-actions' }, actButton({ label: 'New application', hide: true, run: () => openEditor(APPLICATIONS, {}) }))), applicationBar.element, applications.element));

    function draw() {
      clearTimeout(timer);
      timer = 0;
      if (!live.synced) return;
      if (!whole.isConnected) replace(body, whole);
      const linkRows = [...live.data.links.values()].filter((link) => linkFits(state, link));
      links.setRows(linkRows);
      linkBar.setCount(linkRows.length, live.data.links.size);
      const wanted = applicationRows().filter(({ application }) => state.aq === '' || textOf(application.application_id, application.kma_id).includes(state.aq.toLowerCase()));
      applications.setRows(wanted);
      applicationBar.setCount(wanted.length, live.data.applications.size);
    }

    /** An address may name what is to be opened; after that it is the list's again. */
    function openNamed(query) {
      const link = query.get('link');
      const application = query.get('application');
      if (link === null && application === null) return;
      setQuery(queryOf(state, DEFAULTS));
      if (link !== null) editObject(LINKS, link);
      else editObject(APPLICATIONS, application);
    }

    replace(container, h('h1', {}, 'Links and applications'), createUndoBar(onEnd), body);
    onEnd(subscribe(['links', 'applications', 'kms'], () => { timer ||= setTimeout(draw, REDRAW_MS); }));
    onEnd(() => clearTimeout(timer));
    followFigures('links', signal);
    draw();
    openNamed(place.query);
    return {
      update(changed) {
        state = stateOf(changed.query, DEFAULTS);
        linkBar.setState(state);
        applicationBar.setState(state);
        links.setSort({ id: state.sort, descending: state.down });
        applications.setSort({ id: state.asort, descending: state.adown });
        draw();
        openNamed(changed.query);
      },
    };
  },
};
