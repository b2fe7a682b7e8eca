#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl paths and the paths in ckctl explain, against a real bridge: what there is, why not the others, what could not
serve, and the exit code when there is none."""
import json

from ckctl_call import Ckctl, has
import harness
from harness import Events, Km, equal

folder = harness.Folder()
pki = harness.Pki(folder.path)
LINKS = {"l14": ("kma-1", "kma-4", "up", 1), "l49": ("kma-4", "kma-9", "up", 1), "l15": ("kma-1", "kma-5", "up", 2),
         "l59": ("kma-5", "kma-9", "up", 2), "l19": ("kma-1", "kma-9", "down", 1), "l9x": ("kma-9", "kma-x", "down", 1)}
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision="orchestrator_ms = 60000")
                                     + harness.ck_section(pki) + harness.km_section("alice", "kma-1")))
bridge.start()
ckctl = Ckctl(bridge)
bridge.put("/links", {"origin": "test", "links": [{"link_id": name, "a": a, "b": b, "state": state, "cost": cost}
                                                  for name, (a, b, state, cost) in LINKS.items()]})


def paths(*arguments, code=0, token="viewer"):
    return ckctl("paths", *arguments, code=code, token=token)


def found(*arguments):
    return [path["path"] for path in json.loads(paths(*arguments, "--json").out)["paths"]]


def test_paths_are_told_with_what_is_worse_about_the_others():
    told = paths("kma-1", "kma-9", "--k", "3").out.splitlines()
    has(told[0], "PATH", "COST", "HOPS", "KEY STOCK", "LINKS", "AWAY", "WHY NOT")
    has(told[1], "kma-1 > kma-4 > kma-9", "l14, l49", "the best")
    has(told[2], "kma-1 > kma-5 > kma-9", "l15, l59", "kma-5")
    has("\n".join(told[3:]), "Links that no path could use:", "  l19 (kma-1 - kma-9): ")
    equal(found("kma-1", "kma-9"), [["kma-1", "kma-4", "kma-9"]])


def test_conditions_count():
    other = [["kma-1", "kma-5", "kma-9"]]
    equal(found("kma-1", "kma-9", "--avoid-kma", "kma-4"), other)
    equal(found("kma-1", "kma-9", "--avoid-link", "l14", "--avoid-link", "l49"), other)
    equal(found("kma-1", "kma-9", "--via", "kma-5"), other)
    equal(found("kma-1", "kma-9", "--k=2", "--metric=shortest", "--max-hops=2"), [["kma-1", "kma-4", "kma-9"], *other])
    bridge.put("/links/l15", {"a": "kma-1", "b": "kma-5", "cost": 2, "key_stock": 50})
    bridge.put("/links/l59", {"a": "kma-5", "b": "kma-9", "cost": 2, "key_stock": 40})
    equal(found("kma-1", "kma-9", "--min-key-stock", "40"), other)
    has(paths("kma-1", "kma-9", "--min-key-stock", "41", code=1).out, "There is no path: ", "l59 (kma-5 - kma-9): ")


def test_pairs_and_why_there_is_none():
    pair = [["kma-1", "kma-4", "kma-9"], ["kma-1", "kma-5", "kma-9"]]
    equal(found("kma-1", "kma-9", "--disjoint", "links"), pair)
    equal(found("kma-1", "kma-9", "--disjoint=kmas", "--k=2"), pair)
    told = paths("kma-1", "kma-9", "--disjoint", "kmas", "--avoid-link", "l15", code=1).out
    has(told, "kma-1 > kma-4 > kma-9", "There is no second path: every path passes the KMA kma-4.",
        "  Links that every path uses: l14, l49.", "  KMAs that every path passes: kma-4.")
    has(paths("kma-1", "kma-9", "--disjoint", "odd", code=1).err, "/disjoint")
    has(paths("kma-1", "kma-9", "--disjoint", "links", "--k", "3", code=1).err, "/k")


def test_no_path_is_bad_news_and_nonsense_is_refused():
    has(paths("kma-1", "kma-x", code=1).out, "There is no path: ", "l9x")
    has(paths("kma-1", "kma-none", code=1).err, "ckctl: ", "kma-none")
    has(paths("kma-1", "kma-9", "--metric", "odd", code=1).err, "/metric")
    has(paths("kma-1", "kma-9", "--k", "0", code=2).err, "--k is a number")
    paths("kma-1", code=2)


def test_relay_is_explained_beside_what_would_be_computed():
    events = Events(bridge, "orchestrator")
    alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
    alice.notify("kma-1", "kma-9")
    relay_id = events.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    told = ckctl("explain", "relay", relay_id).out
    has(told, "What would be computed now", "kma-1 > kma-4 > kma-9", "l19 (kma-1 - kma-9): ")
    equal("taken" in told, False, told)
    ckctl("relays", "decide", relay_id, "--path", "kma-1,kma-5,kma-9")
    taken = [line for line in ckctl("explain", "relay", relay_id).out.splitlines() if "kma-1 > kma-5 > kma-9" in line]
    has(taken[-1], "taken")
    ckctl("relays", "start", "--path", "kma-1,kma-4,kma-5,kma-9")
    newest = bridge.items("/relays")[0]["relay_id"]
    has(ckctl("explain", "relay", newest).out, "The path that was taken is none of these.")
    alice.close()
    events.close()


def test_computed_relay_names_the_best_way_that_was_not_taken():
    bridge.put("/destinations/kma-9", {"order": ["computed"]})
    alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
    alice.notify("kma-1", "kma-9", message_id=90)  # not the one before again
    newest = harness.wait_until(lambda: [relay["relay_id"] for relay in bridge.items("/relays") if relay["decided_by"] == "computed"],
                                "a computed relay")[0]
    computed = bridge.read(f"/relays/{newest}")["explanation"]["steps"][-1]
    equal([computed["outcome"], computed["alternatives_sought"]], ["decided", True])
    [other] = computed["alternatives"]
    second = json.loads(paths("kma-1", "kma-9", "--k", "2", "--json").out)["paths"][1]
    equal([other["path"], other["cost"]], [second["path"], second["cost"]])
    has(ckctl("explain", "relay", newest).out, f"      not {' > '.join(second['path'])} (cost {second['cost']}")
    alice.close()


def stop():
    bridge.stop()


def clean_up():
    bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
