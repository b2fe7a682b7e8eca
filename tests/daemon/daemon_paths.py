#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""POST /paths on a real daemon: what it answers and refuses, and its paths beside those that networkx finds."""
import datetime
import itertools
import os
import random
import sys

import networkx

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Km, equal

SEED = int(os.environ.get("PATHS_SEED", "1"))
GRAPHS = int(os.environ.get("PATHS_GRAPHS", "12"))
# The 14 nodes and 21 links of NSFNET, lengths in km.
NSFNET = [(1, 2, 1050), (1, 3, 1500), (1, 8, 2400), (2, 3, 600), (2, 4, 750), (3, 6, 1800), (4, 5, 600), (4, 11, 1950),
          (5, 6, 1200), (5, 7, 600), (6, 10, 1050), (6, 14, 1800), (7, 8, 750), (8, 9, 750), (9, 10, 750), (9, 12, 300),
          (9, 13, 300), (11, 12, 600), (11, 13, 750), (12, 14, 300), (13, 14, 150)]

folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder) + """
[ck "open"]
listen = 127.0.0.1:0
security = plain
""" + harness.km_section("alice", "kma-1", "address:127.0.0.2") + harness.km_section("bob", "kma-4", "address:127.0.0.3")
                                     + harness.km_section("carol", "kma-5, kma-9", "address:127.0.0.4")
                                     + harness.km_section("dora", "kma-7", "address:127.0.0.5", "enabled = no")))
bridge.start()


def link(link_id, a, b, cost=1, stock=None, state="up"):
    return {"link_id": link_id, "a": a, "b": b, "cost": cost, "key_stock": stock, "key_rate": None, "state": state}


def replace(links):
    """These links, and no others."""
    status, _, answer = bridge.request("PUT", "/links?origin=test", {"links": links})
    equal(status, 200, answer)


def ask(source, destination, expected=200, token="viewer", **more):
    status, _, answer = bridge.post("/paths", {"source_kma_id": source, "destination_kma_id": destination, **more},
                                    token)
    equal(status, expected, answer)
    return answer


SMALL = [link("l1", "kma-1", "kma-4", 1, 500), link("l2", "kma-4", "kma-9", 1, 80), link("l3", "kma-1", "kma-5", 1, 60),
         link("l4", "kma-5", "kma-9", 2, 900), link("l5", "kma-1", "kma-9", 9, 900, "down"),
         link("l6", "kma-1", "kma-7", 1, 5), link("l7", "kma-7", "kma-9", 1)]
ENDS = {"source_kma_id": "kma-1", "destination_kma_id": "kma-9"}


# ---- one answer, whole

def test_answer_has_paths_bottlenecks_and_reasons():
    replace(SMALL)
    answer = ask("kma-1", "kma-9", k=5)
    as_of = datetime.datetime.fromisoformat(answer.pop("as_of").replace("Z", "+00:00"))
    equal(abs((datetime.datetime.now(datetime.timezone.utc) - as_of).total_seconds()) < 600, True, as_of)
    equal(answer, {
        "source_kma_id": "kma-1", "destination_kma_id": "kma-9", "metric": "widest_shortest",
        "disjoint": None, "paths": [
            {"path": ["kma-1", "kma-4", "kma-9"], "link_ids": ["l1", "l2"], "cost": 2, "hops": 2,
             "bottleneck": {"link_id": "l2", "key_stock": 80, "key_rate": None},
             "disconnected_kma_ids": ["kma-1", "kma-4", "kma-9"], "behind_best": None},
            {"path": ["kma-1", "kma-5", "kma-9"], "link_ids": ["l3", "l4"], "cost": 3, "hops": 2,
             "bottleneck": {"link_id": "l3", "key_stock": 60, "key_rate": None},
             "disconnected_kma_ids": ["kma-1", "kma-5", "kma-9"],
             "behind_best": {"by": "cost", "amount": 1, "detail": "the cost is higher by 1"}}],
        "no_path": None, "no_second": None, "complete": True,
        "rejected_links": [
            {"link_id": "l5", "a": "kma-1", "b": "kma-9", "reason": "link_down", "detail": "its state is down"},
            {"link_id": "l6", "a": "kma-1", "b": "kma-7", "reason": "kma_disabled",
             "detail": "the KM of kma-7 is disabled"},
            {"link_id": "l7", "a": "kma-7", "b": "kma-9", "reason": "kma_disabled",
             "detail": "the KM of kma-7 is disabled"}],
        "rejected_link_count": 3, "installed_route_id": None})


def test_every_constraint_and_its_reason():
    replace(SMALL)
    answer = ask("kma-1", "kma-9", k=5, avoid_kma_ids=["kma-5"])
    equal([path["path"][1] for path in answer["paths"]], ["kma-4"])
    equal([(one["link_id"], one["reason"], one["detail"]) for one in answer["rejected_links"]][:2],
          [("l3", "kma_avoided", "avoid_kma_ids names kma-5"), ("l4", "kma_avoided", "avoid_kma_ids names kma-5")])
    answer = ask("kma-1", "kma-9", k=5, avoid_link_ids=["l2"])
    equal([path["path"][1] for path in answer["paths"]], ["kma-5"])
    equal([(one["link_id"], one["reason"]) for one in answer["rejected_links"]][:1], [("l2", "avoided")])
    answer = ask("kma-1", "kma-9", k=5, min_key_stock=70)
    equal([path["path"][1] for path in answer["paths"]], ["kma-4"])
    equal(answer["rejected_links"][0], {"link_id": "l3", "a": "kma-1", "b": "kma-5", "reason": "insufficient_keys",
                                        "detail": "it has 60 keys; min_key_stock is 70"})
    answer = ask("kma-1", "kma-9", k=5, require_kma_ids=["kma-5"])
    equal([path["path"] for path in answer["paths"]], [["kma-1", "kma-5", "kma-9"]])
    answer = ask("kma-1", "kma-4", k=5, max_hops=1, metric="shortest")
    equal([path["path"] for path in answer["paths"]], [["kma-1", "kma-4"]])
    replace([link("l1", "kma-1", "kma-9")])
    answer = ask("kma-1", "kma-9", min_key_stock=1)
    equal((answer["rejected_links"][0]["reason"], answer["rejected_links"][0]["detail"]),
          ("key_stock_unknown", "nobody told its key stock; min_key_stock is 1"))


def test_null_and_empty_lists_mean_no_constraint():
    replace(SMALL)
    plain = ask("kma-1", "kma-9")
    full = ask("kma-1", "kma-9", k=None, metric=None, avoid_kma_ids=[], avoid_link_ids=None, require_kma_ids=[],
               max_hops=None, min_key_stock=None, disjoint=None)
    equal({**full, "as_of": ""}, {**plain, "as_of": ""})
    equal(len(plain["paths"]), 1)


def test_behind_best_names_the_first_difference():
    replace([link("1", "a", "b", 1, 50), link("2", "b", "z", 1, 50), link("3", "a", "c", 1, 50),
             link("4", "c", "z", 1, 50), link("5", "a", "d", 1, 20), link("6", "d", "z", 1, 90),
             link("7", "a", "e", 1), link("8", "e", "z", 1, 90), link("9", "a", "f", 0, 50),
             link("10", "f", "g", 1, 50), link("11", "g", "z", 1, 50)])
    told = [(path["path"][1], path["behind_best"]) for path in ask("a", "z", k=9)["paths"]]
    equal(told, [("b", None),
                 ("c", {"by": "kma_ids", "amount": None, "detail": "equal in all; its KMA IDs come later in order"}),
                 ("f", {"by": "hops", "amount": 1, "detail": "it has 1 hop more"}),
                 ("d", {"by": "key_stock", "amount": 30, "detail": "the bottleneck's key stock is lower by 30"}),
                 ("e", {"by": "key_stock", "amount": None, "detail": "the bottleneck's key stock is not known"})])


def test_no_path_says_why():
    replace(SMALL + [link("l8", "kma-2", "kma-3")])
    cases = [(("kma-1", "kma-2"), {}, "not_connected"), (("kma-1", "kma-9"), {"avoid_link_ids": ["l2", "l4"]},
                                                         "links_rejected"),
             (("kma-4", "kma-5"), {"max_hops": 1}, "max_hops"), (("kma-1", "kma-7"), {}, "kma_disabled"),
             (("kma-1", "kma-9"), {"require_kma_ids": ["kma-4", "kma-5"]}, "require_kma_ids")]
    for ends, more, reason in cases:
        answer = ask(*ends, k=2, **more)
        equal((answer["paths"], answer["no_path"]["reason"], answer["complete"]), ([], reason, True), more)
    equal(ask("kma-1", "kma-7")["no_path"]["detail"], "the KM of an end is disabled: kma-7")


# ---- pairs

# The best path, a-b-c-z, leaves nothing for a second.
TRAP = [link("1", "a", "b"), link("2", "b", "c"), link("3", "c", "z"), link("4", "a", "x", 2), link("5", "x", "c", 3),
        link("6", "b", "y", 3), link("7", "y", "z", 2)]


def told_pair(answer):
    return [("-".join(path["path"]), ",".join(path["link_ids"])) for path in answer["paths"]], answer["no_second"]


def test_pair_is_the_best_of_two_together():
    replace(TRAP)
    for what in ("links", "kmas"):
        for k in ({}, {"k": 2}):
            answer = ask("a", "z", disjoint=what, **k)
            equal(told_pair(answer), ([("a-b-y-z", "1,6,7"), ("a-x-c-z", "4,5,3")], None))
            equal((answer["disjoint"], answer["complete"], answer["no_path"]), (what, True, None))
            equal(answer["paths"][1]["behind_best"], {"by": "kma_ids", "amount": None,
                                                      "detail": "equal in all; its KMA IDs come later in order"})


def test_pair_over_parallel_links_says_which():
    replace([link("1", "a", "b"), link("2", "a", "b"), link("3", "b", "z"), link("4", "b", "z")])
    answer = ask("a", "z", disjoint="links")
    equal(told_pair(answer), ([("a-b-z", "1,3"), ("a-b-z", "2,4")], None))
    equal(answer["paths"][1]["behind_best"], {"by": "link_ids", "amount": None,
                                              "detail": "equal in all, over other links between the same KMAs"})


def test_no_second_path_says_what_all_share():
    replace([link("1", "a", "b"), link("2", "a", "b"), link("3", "b", "c"), link("4", "c", "z"), link("5", "c", "d"),
             link("6", "d", "z"), link("7", "b", "z", state="down"), link("8", "y", "z"), link("9", "y", "z")])
    equal(told_pair(ask("a", "z", disjoint="links")),
          ([("a-b-c-z", "1,3,4")], {"reason": "shared_links", "detail": "every path uses the link 3", "link_ids": ["3"],
                                    "kma_ids": []}))
    equal(told_pair(ask("a", "z", disjoint="kmas")),
          ([("a-b-c-z", "1,3,4")], {"reason": "shared_kmas", "detail": "every path passes the KMA b and others",
                                    "link_ids": ["3"], "kma_ids": ["b", "c"]}))
    equal(told_pair(ask("y", "z", disjoint="kmas"))[1],
          {"reason": "adjacent", "detail": "there is no way but the direct one, and KMs can't tell parallel links apart",
           "link_ids": ["8"], "kma_ids": []})
    equal(told_pair(ask("c", "z", disjoint="links", max_hops=1))[1],
          {"reason": "max_hops", "detail": "of every pair a path has more hops than max_hops allows", "link_ids": [],
           "kma_ids": []})
    answer = ask("a", "z", disjoint="links", avoid_link_ids=["3"])
    equal((answer["paths"], answer["no_second"], answer["no_path"]["reason"]), ([], None, "links_rejected"))


def test_rejected_links_are_cut_and_counted():
    replace([link(f"l{number:03}", "a", f"n{number}", state="down") for number in range(130)] + [link("x", "a", "z")])
    answer = ask("a", "z")
    equal([one["link_id"] for one in answer["rejected_links"]], [f"l{number:03}" for number in range(100)])
    equal(answer["rejected_link_count"], 130)


# ---- what is refused

def test_what_is_unknown_is_refused_by_name():
    replace(SMALL)
    cases = [({"source_kma_id": "kma-77"}, "/source_kma_id", "unknown_kma", "kma-77"),
             ({"destination_kma_id": "\u00e9"}, "/destination_kma_id", "unknown_kma", "\u00e9"),
             ({"avoid_kma_ids": ["kma-4", "kma-77"]}, "/avoid_kma_ids/1", "unknown_kma", "kma-77"),
             ({"require_kma_ids": ["kma-77"]}, "/require_kma_ids/0", "unknown_kma", "kma-77"),
             ({"avoid_link_ids": ["l1", "l2", "l99"]}, "/avoid_link_ids/2", "not_found", "l99"),
             ({"destination_kma_id": "kma-1"}, "/destination_kma_id", "at_destination", "kma-1"),
             ({"avoid_kma_ids": ["kma-9"]}, "/avoid_kma_ids/0", "invalid", "kma-9"),
             ({"avoid_kma_ids": ["kma-4"], "require_kma_ids": ["kma-5", "kma-4"]}, "/require_kma_ids/1", "invalid",
              "kma-4")]
    for change, pointer, reason, name in cases:
        status, _, problem = bridge.post("/paths", {**ENDS, **change})
        equal(status, 422, problem)
        equal((problem["type"], problem["pointer"], problem["reason"]), ("urn:ckbridge:problem:refused", pointer, reason))
        equal(name in problem["detail"], True, problem["detail"])


def test_malformed_members_are_refused_by_pointer():
    cases = [({"k": 0}, "/k"), ({"k": 17}, "/k"), ({"k": "2"}, "/k"), ({"metric": "fastest"}, "/metric"),
             ({"max_hops": 128}, "/max_hops"), ({"max_hops": 0}, "/max_hops"), ({"min_key_stock": -1}, "/min_key_stock"),
             ({"avoid_kma_ids": "kma-4"}, "/avoid_kma_ids"), ({"avoid_kma_ids": [""]}, "/avoid_kma_ids"),
             ({"avoid_link_ids": ["l"] * 1001}, "/avoid_link_ids"), ({"require_kma_ids": ["x"] * 5}, "/require_kma_ids"),
             ({"disjoint": "nodes"}, "/disjoint"), ({"disjoint": True}, "/disjoint"),
             ({"disjoint": "links", "k": 3}, "/k"), ({"disjoint": "kmas", "k": 1}, "/k"),
             ({"disjoint": "links", "require_kma_ids": ["kma-4"]}, "/require_kma_ids"),
             ({"source_kma_id": ""}, "/source_kma_id"), ({"colour": 1}, "/colour")]
    for change, pointer in cases:
        status, _, problem = bridge.post("/paths", {**ENDS, **change}, "viewer")
        equal((status, problem.get("pointer")), (400, pointer), problem)
    for missing in ENDS:
        status, _, problem = bridge.post("/paths", {name: ENDS[name] for name in ENDS if name != missing}, "viewer")
        equal((status, problem["type"]), (400, "urn:ckbridge:problem:missing_member"))
    equal(bridge.post("/paths", ENDS, None)[0], 401)


# ---- beside the rest of the bridge

def test_disconnected_kmas_are_those_without_a_session():
    replace(SMALL)
    alice = Km(bridge.address("open"), bind="127.0.0.2")
    try:
        bridge.wait_connected("alice")
        equal(ask("kma-1", "kma-9")["paths"][0]["disconnected_kma_ids"], ["kma-4", "kma-9"])
    finally:
        alice.close()


def test_installed_route_is_the_one_that_would_decide():
    replace(SMALL)
    equal(ask("kma-1", "kma-9")["installed_route_id"], None)
    bridge.put("/routes/low", {**ENDS, "path": ["kma-1", "kma-5", "kma-9"], "priority": 1})
    bridge.put("/routes/b", {**ENDS, "path": ["kma-1", "kma-4", "kma-9"], "priority": 5})
    bridge.put("/routes/a", {**ENDS, "path": ["kma-1", "kma-4", "kma-9"], "priority": 5})
    bridge.put("/routes/hops", {"destination_kma_id": "kma-9", "next_hops": {"kma-1": ["kma-4"]}, "priority": 900})
    equal(ask("kma-1", "kma-9")["installed_route_id"], "a")
    equal(ask("kma-4", "kma-9")["installed_route_id"], None)
    replace([{**one, "state": "down"} if one["link_id"] == "l2" else one for one in SMALL])
    equal(ask("kma-1", "kma-9")["installed_route_id"], "low")
    for route in ("low", "b", "a", "hops"):
        bridge.request("DELETE", f"/routes/{route}")


def test_answers_follow_each_write_at_once():
    for cost, expected in ((1, "kma-4"), (9, "kma-5"), (1, "kma-4")):
        replace([{**one, "cost": cost} if one["link_id"] == "l1" else one for one in SMALL])
        equal(ask("kma-1", "kma-9")["paths"][0]["path"][1], expected)
        equal(ask("kma-1", "kma-9")["paths"][0]["path"][1], expected)
    equal(bridge.request("DELETE", "/links/l1")[0], 200)
    equal(ask("kma-1", "kma-9")["paths"][0]["path"][1], "kma-5")


def test_asking_leaves_no_trace():
    replace(SMALL)
    before = bridge.items("/events"), bridge.items("/relays"), bridge.items("/lookups")
    answers = [ask("kma-1", "kma-9", k=3, token=token) for token in ("viewer", "orchestrator", "admin")]
    equal([answer["paths"] for answer in answers], [answers[0]["paths"]] * 3)
    equal((bridge.items("/events"), bridge.items("/relays"), bridge.items("/lookups")), before)


# ---- beside networkx

def graph_of(links):
    """A simple graph: of parallel links the cheapest."""
    graph = networkx.Graph()
    for one in links:
        a, b, cost = one["a"], one["b"], one["cost"]
        if a != b and (not graph.has_edge(a, b) or graph[a][b]["cost"] > cost):
            graph.add_edge(a, b, cost=cost)
    return graph


def costs_of(graph, source, destination, k):
    try:
        paths = networkx.shortest_simple_paths(graph, source, destination, weight="cost")
        return [networkx.path_weight(graph, path, "cost") for path in itertools.islice(paths, k)]
    except networkx.NetworkXNoPath:
        return []


def widest_of(links, source, destination):
    """The largest bottleneck: the least stock on the way through a maximum spanning tree."""
    graph = networkx.Graph()
    for one in links:
        a, b, stock = one["a"], one["b"], one["key_stock"]
        if a != b and (not graph.has_edge(a, b) or graph[a][b]["stock"] < stock):
            graph.add_edge(a, b, stock=stock)
    tree = networkx.maximum_spanning_tree(graph, weight="stock")
    if not networkx.has_path(tree, source, destination):
        return None
    way = networkx.shortest_path(tree, source, destination)
    return min(tree[a][b]["stock"] for a, b in zip(way, way[1:]))


def compare(links, pairs, k, what):
    replace(links)
    graph = graph_of(links)
    by_id = {one["link_id"]: one for one in links}
    for source, destination in pairs:
        expected = costs_of(graph, source, destination, k)
        for metric in ("shortest", "widest_shortest"):
            paths = ask(source, destination, k=k, metric=metric, min_key_stock=0)["paths"]
            equal([path["cost"] for path in paths], expected, f"{what} {source} {destination} {metric}")
            check_paths(paths, by_id, source, destination)
        best = ask(source, destination, metric="widest", min_key_stock=0)["paths"]
        equal(best[0]["bottleneck"]["key_stock"] if best else None, widest_of(links, source, destination),
              f"{what} {source} {destination} widest")


def check_paths(paths, by_id, source, destination):
    """They are what they claim: loop-free, different, over links that join their KMAs."""
    equal(len({tuple(path["path"]) for path in paths}), len(paths))
    for path in paths:
        kmas, links = path["path"], [by_id[one] for one in path["link_ids"]]
        equal((kmas[0], kmas[-1], len(set(kmas)), path["hops"]), (source, destination, len(kmas), len(kmas) - 1))
        for a, b, one in zip(kmas, kmas[1:], links):
            equal({one["a"], one["b"]}, {a, b})
        equal(sum(one["cost"] for one in links), path["cost"])
        equal(min(one["key_stock"] for one in links), path["bottleneck"]["key_stock"])


def test_nsfnet_costs_are_those_of_networkx():
    links = [link(f"l{number}", f"n{a}", f"n{b}", length, 100 + length * 7 % 1000)
             for number, (a, b, length) in enumerate(NSFNET)]
    pairs = list(itertools.combinations([f"n{number}" for number in range(1, 15)], 2))
    compare(links, pairs, 8, "NSFNET")


def test_random_costs_are_those_of_networkx():
    for number in range(GRAPHS):
        seed = SEED + number
        lot = random.Random(seed)
        size = lot.randrange(4, 60)
        names = [f"k{lot.randrange(10**6)}-{index}" for index in range(size)]
        costs = lot.choice([1, 3, 1000])
        links = [link(f"l{index}", lot.choice(names), lot.choice(names), lot.randint(0, costs), lot.randrange(200))
                 for index in range(lot.randrange(size, 3 * size))]
        links = [one for one in links if one["a"] != one["b"]]
        known = sorted({end for one in links for end in (one["a"], one["b"])})
        pairs = [lot.sample(known, 2) for _ in range(6)]
        compare(links, pairs, lot.choice([1, 4, 16]), f"PATHS_SEED={seed} PATHS_GRAPHS=1")


def test_stop_is_clean():
    bridge.stop()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")],
            [bridge.kill, folder.remove])
