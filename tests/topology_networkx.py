#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Floor 1 beside networkx: the costs of the k shortest paths and of disjoint pairs, on thousands of random graphs, on
published networks and on a graph of 10,000 nodes. PATHS_SEED and PATHS_GRAPHS replay random graphs."""
import itertools
import os
import random
import subprocess
import sys

import networkx

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "daemon"))
import harness
from harness import equal

SEED = int(os.environ.get("PATHS_SEED", "1"))
GRAPHS = int(os.environ.get("PATHS_GRAPHS", "3000"))
TOPOLOGIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "topologies")
lines = subprocess.Popen([os.path.join(harness.BUILD, "tests", "topology_lines")], text=True, bufsize=1,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)


class Network:
    """A multigraph for networkx, and the same behind topology_lines, which knows one at a time."""

    def __init__(self, links):
        self.links = links
        self.graph = networkx.MultiGraph()
        told = ["clear\n"]
        for number, (a, b, cost) in enumerate(links):
            self.graph.add_edge(a, b, key=f"l{number}", cost=cost)
            told.append(f"link {a} {b} {cost}\n")
        self.simple = networkx.Graph()
        for a, b, cost in links:
            if a != b and (not self.simple.has_edge(a, b) or self.simple[a][b]["cost"] > cost):
                self.simple.add_edge(a, b, cost=cost)
        lines.stdin.write("".join(told))

    def ask(self, question, what):
        """The paths as (cost, KMAs, links), each checked to be what it claims."""
        lines.stdin.write(question + "\n")
        answer = lines.stdout.readline()
        equal(answer[-1:], "\n", f"topology_lines ended: {what}")
        *_, source, destination = question.split()
        paths = []
        for words in filter(None, answer.strip().split(";")):
            cost, kmas, links = words.split()
            paths.append((int(cost), kmas.split(","), links.split(",")))
            self.check(*paths[-1], source, destination, what)
        return paths

    def check(self, cost, kmas, links, source, destination, what):
        equal((kmas[0], kmas[-1], len(set(kmas)), len(links)), (source, destination, len(kmas), len(kmas) - 1), what)
        equal(sum(self.graph.edges[a, b, one]["cost"] for a, b, one in zip(kmas, kmas[1:], links)), cost, what)

    def compare_paths(self, source, destination, k, what):
        what = f"{what} paths {k} {source} {destination}"
        paths = self.ask(f"paths {k} {source} {destination}", what)
        equal(len({tuple(kmas) for _, kmas, _ in paths}), len(paths), what)
        equal([cost for cost, _, _ in paths], self.costs(source, destination, k), what)

    def costs(self, source, destination, k):
        if source not in self.simple or destination not in self.simple:
            return []
        try:
            paths = networkx.shortest_simple_paths(self.simple, source, destination, weight="cost")
            return [networkx.path_weight(self.simple, path, "cost") for path in itertools.islice(paths, k)]
        except networkx.NetworkXNoPath:
            return []

    def compare_pair(self, kind, source, destination, what):
        what = f"{what} pair {kind} {source} {destination}"
        paths = self.ask(f"pair {kind} {source} {destination}", what)
        expected = self.pair_cost(kind, source, destination)
        equal(sum(cost for cost, _, _ in paths) if len(paths) == 2 else None, expected, what)
        if expected is None:
            return
        (_, kmas, links), (_, other_kmas, other_links) = paths
        equal(set(links) & set(other_links), set(), what)
        if kind == "kmas":
            equal(set(kmas) & set(other_kmas), {source, destination}, what)
            equal(kmas != other_kmas, True, what)

    def pair_cost(self, kind, source, destination):
        """The least cost of a flow of 2, every link, and of kind kmas every KMA between, with room for 1."""
        flow = networkx.MultiDiGraph()
        links = self.simple.edges(data="cost") if kind == "kmas" else [(a, b, cost) for a, b, cost in self.links if a != b]
        for node in self.graph:
            room = 1 if kind == "kmas" and node not in (source, destination) else 2
            flow.add_edge((node, "in"), (node, "out"), capacity=room, weight=0)
        for a, b, cost in links:
            flow.add_edge((a, "out"), (b, "in"), capacity=1, weight=cost)
            flow.add_edge((b, "out"), (a, "in"), capacity=1, weight=cost)
        flow.nodes[source, "out"]["demand"], flow.nodes[destination, "in"]["demand"] = -2, 2
        try:
            return networkx.network_simplex(flow)[0]
        except networkx.NetworkXUnfeasible:
            return None


def read(name):
    with open(os.path.join(TOPOLOGIES, f"{name}.txt"), encoding="utf-8") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return Network([(a, b, int(cost)) for a, b, cost in rows])


def compare_published(name, nodes, links, pair_count, k):
    network = read(name)
    equal((network.simple.number_of_nodes(), network.simple.number_of_edges()), (nodes, links), name)
    equal(networkx.is_connected(network.simple), True)
    pairs = list(itertools.combinations(sorted(network.simple), 2))
    for source, destination in random.Random(SEED).sample(pairs, pair_count):
        network.compare_paths(source, destination, k, name)
        for kind in ("links", "kmas"):
            network.compare_pair(kind, source, destination, name)


def test_nsfnet():
    compare_published("nsfnet", 14, 21, 91, 16)


def test_cost266():
    compare_published("cost266", 37, 57, 60, 8)


def test_germany50():
    compare_published("germany50", 50, 88, 60, 8)


def test_random_graphs():
    for number in range(GRAPHS):
        seed = SEED + number
        lot = random.Random(seed)
        size = lot.randrange(2, 14)
        most = lot.choice([0, 1, 3, 1000, 2**32 - 1])
        names = [f"k{lot.randrange(10**4)}-{index}" for index in range(size)]
        network = Network([(lot.choice(names), lot.choice(names), lot.randint(0, most))
                           for _ in range(lot.randrange(size, 3 * size))])
        if network.graph.number_of_nodes() < 2:
            continue
        source, destination = lot.sample(sorted(network.graph), 2)
        what = f"PATHS_SEED={seed} PATHS_GRAPHS=1"
        network.compare_paths(source, destination, lot.choice([1, 3, 8, 16]), what)
        if seed % 4 == 0:
            network.compare_pair(lot.choice(["links", "kmas"]), source, destination, what)


def test_graph_of_ten_thousand():
    """A ring with twice as many chords, most of them short: far from one another, and many ways."""
    lot = random.Random(SEED)
    size = 10000
    reach = lambda: lot.choice([2, 5, 30, 30, 200, 3000])
    links = [(f"n{index}", f"n{(index + step) % size}", lot.randint(1, 1000))
             for index in range(size) for step in (1, reach(), reach())]
    network = Network(links)
    equal(network.graph.number_of_nodes(), size)
    for _ in range(3):
        network.compare_paths(*(f"n{index}" for index in lot.sample(range(size), 2)), 4, f"PATHS_SEED={SEED}")


def test_program_ends_clean():
    lines.stdin.close()
    equal(lines.wait(harness.DEADLINE_S), 0)


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")],
            [lambda: lines.poll() is None and lines.kill()])
