// SPDX-License-Identifier: Apache-2.0
// The network as a graph: KMAs and the links between them, from the bridge's KMs and links. Pure.
import { isPenalised } from '../base/penalised.js';

/**
 * What a KMA is, as far as its KM tells:
 * `connected`, `disconnected`, `disabled` (its KM is), `unenrolled` (only links speak of it).
 * @typedef {'connected' | 'disconnected' | 'disabled' | 'unenrolled'} NodeState
 * @typedef {{ id: string, index: number, kmId: string | null, state: NodeState, since: string | null, links: number[] }} Node
 * @typedef {{ id: string, index: number, a: number, b: number, state: 'up' | 'down', cost: number, stock: number | null,
 *   rate: number | null, penalised: boolean, twin: number, twins: number, item: any }} Link
 *   `a`, `b`: nodes; `twin` of `twins`: which of the parallel links between the two it is.
 */

/** Worst first. @type {NodeState[]} */
export const NODE_STATES = ['disconnected', 'disabled', 'unenrolled', 'connected'];

function compare(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

function stateOf(km) {
  if (!km.enabled) return 'disabled';
  return km.session.state === 'connected' ? 'connected' : 'disconnected';
}

export class Model {
  /** @param {Iterable<any>} kms @param {Iterable<any>} links as the API shows them */
  constructor(kms, links) {
    /** @type {Node[]} by ID */ this.nodes = [];
    /** @type {Link[]} by ID */ this.links = [];
    /** @type {Map<string, number>} */ this.nodeIndex = new Map();
    /** @type {Map<string, number>} */ this.linkIndex = new Map();
    const items = [...links].sort((left, right) => compare(left.link_id, right.link_id));
    this.addNodes(kms, items);
    this.addLinks(items);
  }

  /** The same nodes, and links with the same ends: all that a layout depends on. @param {Model} other */
  sameShape(other) {
    return this.nodes.length === other.nodes.length && this.links.length === other.links.length
      && this.nodes.every((node, i) => node.id === other.nodes[i].id)
      && this.links.every((link, i) => link.a === other.links[i].a && link.b === other.links[i].b);
  }

  /** @private */
  addNodes(kms, links) {
    const about = new Map();
    for (const km of kms) {
      for (const id of km.kma_ids) about.set(id, { kmId: km.km_id, state: stateOf(km), since: km.session.since });
    }
    const unenrolled = { kmId: null, state: 'unenrolled', since: null };
    for (const link of links) {
      for (const id of [link.a, link.b]) if (!about.has(id)) about.set(id, unenrolled);
    }
    for (const id of [...about.keys()].sort(compare)) {
      this.nodeIndex.set(id, this.nodes.length);
      this.nodes.push({ id, index: this.nodes.length, links: [], ...about.get(id) });
    }
  }

  /** @private */
  addLinks(items) {
    const pairs = new Map();
    for (const item of items) {
      const a = this.nodeIndex.get(item.a);
      const b = this.nodeIndex.get(item.b);
      const link = { id: item.link_id, index: this.links.length, a, b, state: item.state, cost: item.cost,
        stock: item.key_available ?? item.key_stock, rate: item.key_rate, penalised: isPenalised(item), twin: 0, twins: 1, item };
      const pair = Math.min(a, b) * this.nodes.length + Math.max(a, b);
      const twins = pairs.get(pair) ?? [];
      pairs.set(pair, twins);
      link.twin = twins.push(link) - 1;
      for (const twin of twins) twin.twins = twins.length;
      this.linkIndex.set(link.id, link.index);
      this.links.push(link);
      this.nodes[a].links.push(link.index);
      if (a !== b) this.nodes[b].links.push(link.index);
    }
  }

  /** @param {string | null} id @returns {Node | null} */
  node(id) {
    const index = id === null ? undefined : this.nodeIndex.get(id);
    return index === undefined ? null : this.nodes[index];
  }

  /** @param {string | null} id @returns {Link | null} */
  link(id) {
    const index = id === null ? undefined : this.linkIndex.get(id);
    return index === undefined ? null : this.links[index];
  }

  /** @param {Link} link @param {number} node one of its ends */
  otherEnd(link, node) {
    return link.a === node ? link.b : link.a;
  }

  /** Neighbouring nodes, each once, in order. @param {number} index */
  neighbours(index) {
    const ends = this.nodes[index].links.map((link) => this.otherEnd(this.links[link], index));
    return [...new Set(ends)].filter((end) => end !== index).sort((left, right) => left - right);
  }

  /** The links between two nodes, best first: up before down, then by cost, then by ID. @returns {Link[]} */
  between(a, b) {
    return this.nodes[a].links.map((index) => this.links[index])
      .filter((link) => this.otherEnd(link, a) === b)
      .sort((left, right) => (left.state === right.state ? left.cost - right.cost || left.index - right.index
        : left.state === 'up' ? -1 : 1));
  }

  /**
   * Hops from the nearest of the given nodes; Infinity: no way, whatever the links' states.
   * @param {number[]} from @param {number} [limit] @returns {Float64Array}
   */
  hops(from, limit = Infinity) {
    const hops = new Float64Array(this.nodes.length).fill(Infinity);
    let front = [...new Set(from)];
    for (const index of front) hops[index] = 0;
    for (let depth = 1; front.length > 0 && depth <= limit; depth += 1) {
      const next = [];
      for (const index of front) {
        for (const end of this.neighbours(index)) {
          if (hops[end] !== Infinity) continue;
          hops[end] = depth;
          next.push(end);
        }
      }
      front = next;
    }
    return hops;
  }

  /** How many nodes are in each state, how many links are down, and how many of those that are up are penalised. */
  counts() {
    const counts = { connected: 0, disconnected: 0, disabled: 0, unenrolled: 0, up: 0, down: 0, penalised: 0 };
    for (const node of this.nodes) counts[node.state] += 1;
    for (const link of this.links) {
      counts[link.state] += 1;
      if (link.penalised && link.state === 'up') counts.penalised += 1;
    }
    return counts;
  }
}

/**
 * @typedef {{ state: string, km: string, text: string }} Filter
 *   `state`: "" all, "trouble" (anything but connected, or with a link that is down or penalised), or a NodeState
 */

function matchesState(model, node, state) {
  if (state === '') return true;
  if (state !== 'trouble') return node.state === state;
  return node.state !== 'connected' || node.links.some((index) => model.links[index].state === 'down' || model.links[index].penalised);
}

/** @param {Node} node @param {string} words in lower case */
export function nodeMentions(node, words) {
  return node.id.toLowerCase().includes(words) || (node.kmId !== null && node.kmId.toLowerCase().includes(words));
}

/** Which nodes pass. @param {Model} model @param {Filter} filter @returns {Uint8Array} 1: it does */
export function filterNodes(model, filter) {
  const words = filter.text.trim().toLowerCase();
  return Uint8Array.from(model.nodes, (node) => Number(matchesState(model, node, filter.state)
    && (filter.km === '' || node.kmId === filter.km) && (words === '' || nodeMentions(node, words))));
}

/** Nodes for a search, best first: the ID itself, IDs that begin so, then all that mention it. @returns {Node[]} */
export function searchNodes(model, text, limit = 12) {
  const words = text.trim().toLowerCase();
  if (words === '') return [];
  const rank = (node) => {
    const id = node.id.toLowerCase();
    return id === words ? 0 : id.startsWith(words) ? 1 : id.includes(words) ? 2 : 3;
  };
  return model.nodes.filter((node) => nodeMentions(node, words))
    .map((node) => [rank(node), node]).sort((left, right) => left[0] - right[0] || left[1].index - right[1].index)
    .slice(0, limit).map(([, node]) => node);
}
