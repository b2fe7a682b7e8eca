#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What POST /paths answers first is what the bridge then decides: while relays reserve keys, use them up and give them
back, when a stock grows, and when there is no key left."""
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until
from stage import Stage

SEED = int(os.environ.get("PATHS_SEED", "1"))
RELAYS = 100  # more than the links have keys for
ENDS = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
KMS = {"alice": ("kma-1", ""), "bob": ("kma-4", ""), "carol": ("kma-5", ""), "dora": ("kma-9", "")}
# Two ways of equal cost, a dearer one of a single hop, and a parallel link.
LINKS = {"l14": ("kma-1", "kma-4", 1, 5), "l49": ("kma-4", "kma-9", 1, 7), "l15": ("kma-1", "kma-5", 1, 4),
         "l59": ("kma-5", "kma-9", 1, 2), "l59b": ("kma-5", "kma-9", 1, 3), "l19": ("kma-1", "kma-9", 5, 2)}

stage = Stage(KMS, decision="order = routes, computed\ncompletion_ms = 600000")
bridge = stage.bridge
alice = stage.dial("alice")
bridge.wait_connected("alice")


def put(link_id, stock, rate=None, **more):
    a, b, cost, _ = LINKS[link_id]
    bridge.put(f"/links/{link_id}", {"a": a, "b": b, "cost": cost, "key_stock": stock, "key_rate": rate, **more})


def paths(**more):
    status, _, answer = bridge.post("/paths", {"source_kma_id": "kma-1", "destination_kma_id": "kma-9", **more}, "viewer")
    equal(status, 200, answer)
    return answer


def preview():
    """The KMAs of the path that comes first; None: there is none."""
    found = paths()["paths"]
    return found[0]["path"] if found else None


class Books:
    """What is left of each link, by the test's own count."""

    def __init__(self):
        self.left = {name: values[3] for name, values in LINKS.items()}
        self.reserved = dict.fromkeys(LINKS, 0)
        self.used = dict.fromkeys(LINKS, 0)

    @staticmethod
    def shown(name):
        link = bridge.read(f"/links/{name}")
        return link["key_available"], link["key_reserved"]

    def expected(self):
        return {name: (self.left[name] - self.used[name] - self.reserved[name], self.reserved[name]) for name in LINKS}

    def wait(self):
        """Until the bridge shows as much."""
        wait_until(lambda: {name: self.shown(name) for name in LINKS} == self.expected(),
                   f"keys as they should be: {self.expected()}")


def newest_path():
    relay = stage.newest("alice")
    return relay["decided_by"], relay["path"]


def decided(by, path):
    """A relay, which is decided so, and succeeds."""
    asked = alice.relay(ENDS)
    equal(newest_path(), (by, path))
    alice.respond({"response": "success", "key_relay_request_ID": asked.payload["key_relay_request_ID"]})
    stage.wait_newest("alice", "succeeded")


def links_of(path, books):
    """One link of each hop: of parallel ones the one with most keys, by ID."""
    found = []
    for a, b in zip(path, path[1:]):
        joining = [name for name, values in LINKS.items() if {values[0], values[1]} == {a, b}]
        found.append(max(sorted(joining), key=lambda name: books.expected()[name][0]))
    return found


def end(books, request, taken, succeeds):
    alice.respond({"response": "success" if succeeds else "no key", "key_relay_request_ID": request})
    for name in taken:
        books.reserved[name] -= 1
        books.used[name] += 1 if succeeds else 0


def test_the_first_path_is_what_is_decided_until_there_is_no_key():
    for name, values in LINKS.items():
        put(name, values[3])
    chance, books, open_relays, ways = random.Random(SEED), Books(), [], set()
    for number in range(RELAYS):
        books.wait()
        first = preview()
        if first is None:
            if not open_relays:
                break
        else:
            asked = alice.relay(ENDS)
            equal(newest_path(), ("computed", first), f"seed {SEED}, relay {number}")
            taken = links_of(first, books)
            for name in taken:
                books.reserved[name] += 1
            open_relays.append((asked.payload["key_relay_request_ID"], taken))
            ways.add(tuple(first))
        while open_relays and (first is None or chance.random() < 0.45):
            end(books, *open_relays.pop(chance.randrange(len(open_relays))), succeeds=chance.random() < 0.7)
            if first is None:
                break
    equal(first, None, f"seed {SEED}: the keys are used up after {RELAYS} relays")
    equal(len(ways), 3, "ways that were taken")
    answer = paths()
    equal((answer["no_path"]["reason"], answer["installed_route_id"]), ("links_rejected", None))
    keyless = {one["link_id"]: one["detail"] for one in answer["rejected_links"] if one["reason"] == "insufficient_keys"}
    equal(keyless, {name: "no key of it is left" for name in LINKS if books.expected()[name][0] == 0})
    stage.fails(alice, "alice", ENDS, "insufficient_keys")
    # Any link will do, if that is asked for.
    equal(len(paths(min_key_stock=0)["paths"]), 1)


def test_the_bottleneck_shows_what_is_left():
    for name, values in LINKS.items():
        put(name, values[3])
    asked = alice.relay(ENDS)
    first = preview()
    wait_until(lambda: bridge.read("/links/l14")["key_reserved"] == 1, "the reservation to be shown")
    bottleneck = paths()["paths"][0]["bottleneck"]
    equal((first, bottleneck["link_id"], bottleneck["key_stock"]), (["kma-1", "kma-4", "kma-9"], "l14", 4))
    alice.respond({"response": "success", "key_relay_request_ID": asked.payload["key_relay_request_ID"]})
    stage.wait_newest("alice", "succeeded")
    wait_until(lambda: paths(min_key_stock=5, avoid_kma_ids=["kma-5"])["paths"] == [], "the used key to be missed")


def test_who_tells_a_stock_reads_it_at_once():
    """Also the same again, by which no link changes."""
    for name in LINKS:
        put(name, 0)
    for _ in range(3):
        put("l19", 1)
        equal(preview(), ["kma-1", "kma-9"])
        equal(bridge.read("/links/l19")["key_available"], 1)
        decided("computed", ["kma-1", "kma-9"])


def test_a_link_of_unknown_stock_is_taken_as_by_a_decision():
    for name in LINKS:
        put(name, 0)
    put("l19", None)
    equal(preview(), ["kma-1", "kma-9"])
    decided("computed", ["kma-1", "kma-9"])
    equal(paths(min_key_stock=1)["paths"], [], "by name it is not")


def test_a_stock_that_grows_while_nothing_happens_is_seen():
    """Nobody but the one who asks is there: what a rate makes needs no event."""
    for name in LINKS:
        put(name, 0)
    put("l19", 0, 3600)
    wait_until(lambda: preview() == ["kma-1", "kma-9"], "a key to be made")
    decided("computed", ["kma-1", "kma-9"])
    put("l19", 0, 36000000, key_capacity=2)
    wait_until(lambda: [path["bottleneck"]["key_stock"] for path in paths()["paths"]] == [2], "as many as it holds")
    equal(bridge.read("/links/l19")["key_available"], 2)


def test_an_installed_route_without_a_key_is_not_the_one_that_would_decide():
    for name in LINKS:
        put(name, 5)
    stage.install("r", ["kma-1", "kma-5", "kma-9"])
    equal(paths()["installed_route_id"], "r")
    put("l59", 0)
    equal(paths()["installed_route_id"], "r", "the parallel link has keys")
    put("l59b", 0)
    equal(paths()["installed_route_id"], None)
    decided("computed", preview())
    put("l59b", 1, state="down")
    equal(paths()["installed_route_id"], None)
    put("l59b", 1)
    decided("route", ["kma-1", "kma-5", "kma-9"])
    stage.remove("r")


def test_stop_is_clean():
    bridge.stop()


harness.run([test for name, test in list(globals().items()) if name.startswith("test_")], [stage.close])
