// SPDX-License-Identifier: Apache-2.0
// The map as two tables, KMAs and links: what is chosen in one is chosen in the other.
import { h, setText } from '../base/dom.js';
import { NONE, ageElement, identifier, number } from '../base/format.js';
import { createTable } from '../parts/data_table.js';
import { emptyBlock } from '../parts/empty.js';
import { linkBadge, linkRank } from '../parts/state_badge.js';
import { stateBadge } from './legend.js';
import { NODE_STATES } from './model.js';

function nodeColumns(nowMs) {
  return [
    { id: 'id', label: 'KMA', card: 'name', cell: ({ node }) => identifier(node.id), sort: ({ node }) => node.id },
    { id: 'state', label: 'State', card: 'state', cell: ({ node }) => stateBadge(node.state), sort: ({ node }) => NODE_STATES.indexOf(node.state) },
    { id: 'km', label: 'KM', cell: ({ node }) => identifier(node.kmId), sort: ({ node }) => node.kmId, rank: 2 },
    { id: 'since', label: 'For', cell: ({ node }) => ageElement(node.since, nowMs()), sort: ({ node }) => node.since, rank: 2, volatile: true },
    { id: 'links', label: 'Links', cell: ({ node }) => number(node.links.length), sort: ({ node }) => node.links.length, align: 'end' },
    { id: 'down', label: 'Down', cell: ({ down }) => number(down), sort: ({ down }) => -down, align: 'end' },
    { id: 'pin', label: 'Place', cell: ({ pinned }) => (pinned ? 'pinned' : NONE), sort: ({ pinned }) => (pinned ? 0 : 1), rank: 3 },
  ];
}

function linkColumns() {
  return [
    { id: 'id', label: 'Link', card: 'name', cell: ({ link }) => identifier(link.id), sort: ({ link }) => link.id },
    { id: 'a', label: 'From', cell: ({ a }) => identifier(a, { max: 24 }), sort: ({ a }) => a },
    { id: 'b', label: 'To', cell: ({ b }) => identifier(b, { max: 24 }), sort: ({ b }) => b },
    { id: 'state', label: 'State', card: 'state', cell: ({ link }) => linkBadge(link.item), sort: ({ link }) => linkRank(link.item) },
    { id: 'cost', label: 'Cost', cell: ({ link }) => number(link.cost), sort: ({ link }) => link.cost, align: 'end', rank: 2 },
    { id: 'stock', label: 'Keys', title: 'Available: neither used nor reserved', cell: ({ link }) => number(link.stock), sort: ({ link }) => link.stock, align: 'end', rank: 2 },
    { id: 'rate', label: 'Keys an hour', cell: ({ link }) => number(link.rate), sort: ({ link }) => link.rate, align: 'end', rank: 3 },
  ];
}

/** Rows are objects of their own, made anew when what they show has changed: the table draws the others no more. */
function keep(before, rows) {
  return rows.map((row) => {
    const old = before.get(row.key);
    if (old !== undefined && old.text === row.text) return old;
    before.set(row.key, row);
    return row;
  });
}

/**
 * @param {{ nowMs: () => number, onNode: (id: string, second: boolean) => void, onLink: (id: string) => void }} options
 * @returns {{ element: HTMLElement, set: (scene: import('./scene.js').Scene) => void, refresh: () => void }}
 */
export function createTables({ nowMs, onNode, onLink }) {
  const selected = (row) => row.chosen;
  const nodes = createTable({ label: 'KMAs', columns: nodeColumns(nowMs), key: (row) => row.key, sort: { id: 'state' }, selected,
    onOpen: (row, event) => onNode(row.key, event.shiftKey), empty: () => emptyBlock({ title: 'No KMA', detail: 'None is within the filter and the focus.' }) });
  const links = createTable({ label: 'Links', columns: linkColumns(), key: (row) => row.key, sort: { id: 'state' }, selected,
    onOpen: (row) => onLink(row.key), empty: () => emptyBlock({ title: 'No link', detail: 'None is within the filter and the focus.' }) });
  const known = { nodes: new Map(), links: new Map() };
  const names = { nodes: h('span'), links: h('span') };
  const element = h('div', { class: 'map-tables' },
    h('section', { 'aria-label': 'KMAs' }, h('h2', {}, names.nodes), nodes.element),
    h('section', { 'aria-label': 'Links' }, h('h2', {}, names.links), links.element));

  function nodeRows({ model, look, pins, selection }) {
    return model.nodes.filter(({ index }) => look[index] === 2).map((node) => {
      const down = node.links.filter((index) => model.links[index].state === 'down').length;
      const chosen = node.id === selection.a || node.id === selection.b;
      const pinned = pins.has(node.id);
      return { key: node.id, node, down, chosen, pinned, text: `${node.kmId} ${node.state} ${node.since} ${node.links.length} ${down} ${chosen} ${pinned}` };
    });
  }

  function linkRows(scene) {
    const { model, selection } = scene;
    return model.links.filter((link) => scene.linkLook(link) === 2).map((link) => {
      const chosen = link.id === selection.link;
      return { key: link.id, link, a: link.item.a, b: link.item.b, chosen, text: `${link.item.a} ${link.item.b} ${link.state} ${link.penalised} ${link.cost} ${link.stock} ${link.rate} ${chosen}` };
    });
  }

  let revealed = '';
  /** What was chosen elsewhere is seen here. */
  function reveal({ a, b, link }) {
    const key = JSON.stringify([a, b, link]);
    if (key === revealed) return;
    revealed = key;
    if (link !== null) links.reveal(link);
    else if (a !== null) nodes.reveal(b ?? a);
  }

  return {
    element,
    set(scene) {
      const nodeList = keep(known.nodes, nodeRows(scene));
      const linkList = keep(known.links, linkRows(scene));
      nodes.setRows(nodeList);
      links.setRows(linkList);
      reveal(scene.selection);
      setText(names.nodes, count('KMAs', nodeList.length, scene.model.nodes.length));
      setText(names.links, count('Links', linkList.length, scene.model.links.length));
    },
    refresh: () => nodes.refresh(),
  };
}

function count(name, shown, all) {
  return shown === all ? `${name} (${number(all)})` : `${name} (${number(shown)} of ${number(all)})`;
}
