#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dry runs of every write: what would change, which open requests it would touch; and nothing changes."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal

folder = harness.Folder()
pki = harness.Pki(folder.path)
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision="orchestrator_ms = 600000")
                                     + harness.ck_section(pki) + harness.km_section("alice", "kma-1")
                                     + harness.km_section("bob", "kma-2") + harness.km_section("carol", "kma-3")))
bridge.start()
events = Events(bridge, "orchestrator")
alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
bridge.wait_connected("alice")

ROUTE = {"destination_kma_id": "kma-3", "path": ["kma-1", "kma-2", "kma-3"]}
UNTOUCHED = {"relays": [], "relays_total": 0, "lookups": [], "lookups_total": 0, "cut": False, "all_looked_at": True}


def everything():
    """All that a dry run must leave alone."""
    return [bridge.items(path) for path in ("/applications", "/routes", "/links", "/relays", "/lookups", "/events")] \
        + [[(km["km_id"], km["revision"], km["enabled"]) for km in bridge.items("/kms")]]


def dry(method, path, body=None):
    before = everything()
    separator = "&" if "?" in path else "?"
    status, _, answer = bridge.request(method, f"{path}{separator}dry_run=true", body)
    equal((status, answer.get("dry_run")), (200, True), f"{method} {path}: {answer}")
    equal(answer["created"] + answer["updated"] + answer["deleted"], len(answer["changes"]), f"{answer}")
    equal(everything(), before, f"after {method} {path}")
    return answer


def touched(answer):
    return {item["relay_id"]: item["effect"] for item in answer["touched"]["relays"]}, \
        {item["lookup_id"]: item["effect"] for item in answer["touched"]["lookups"]}


def test_single_objects():
    answer = dry("PUT", "/applications/a", {"kma_id": "kma-3"})
    equal(answer["changes"], [{"id": "a", "change": "created", "before": None, "members": [],
                               "after": {"application_id": "a", "kma_id": "kma-3"}}])
    equal((answer["touched"], answer["changes_cut"], answer["warnings"]), (UNTOUCHED, False, []))
    bridge.put("/applications/a", {"kma_id": "kma-3"})
    equal(dry("PUT", "/applications/a", {"kma_id": "kma-3"})["unchanged"], 1)
    change = dry("PUT", "/applications/a", {"kma_id": "kma-2"})["changes"][0]
    equal((change["change"], change["before"]["kma_id"], change["after"]["kma_id"], change["members"]),
          ("updated", "kma-3", "kma-2", ["kma_id"]))
    change = dry("DELETE", "/applications/a")["changes"][0]
    equal((change["change"], change["before"]["kma_id"], change["after"]), ("deleted", "kma-3", None))
    answer = dry("PUT", "/kms/dave", {"kma_ids": ["kma-4"], "identity": "dns:dave.example"})
    equal(answer["changes"][0]["after"]["kma_ids"], ["kma-4"])
    answer = dry("PUT", "/kms/alice", {"kma_ids": ["kma-1", "kma-9"], "identity": "dns:alice.example", "enabled": False})
    equal(sorted(answer["changes"][0]["members"]), ["enabled", "kma_ids"])
    answer = dry("PUT", "/links/l", {"a": "kma-1", "b": "kma-2", "cost": 7})
    equal((answer["created"], answer["changes"][0]["after"]["cost"]), (1, 7))
    equal(bridge.request("DELETE", "/routes/none?dry_run=true")[0], 404)
    equal(bridge.request("PUT", "/routes/r?dry_run=true", {**ROUTE, "path": ["kma-1", "kma-x", "kma-3"]})[0], 422)


def test_collections():
    links = [{"link_id": f"l{number}", "a": "kma-1", "b": "kma-2", "cost": number} for number in range(3)]
    answer = dry("PUT", "/links?origin=o", {"links": links})
    equal([change["change"] for change in answer["changes"]], ["created"] * 3)
    bridge.put("/links?origin=o", {"links": links})
    answer = dry("PUT", "/links?origin=o", {"links": [links[0], {**links[1], "cost": 9}]})
    equal((answer["unchanged"], answer["updated"], answer["deleted"]), (1, 1, 1))
    equal({change["id"]: (change["change"], change["members"]) for change in answer["changes"]},
          {"l1": ("updated", ["cost"]), "l2": ("deleted", [])})
    bridge.put("/links?origin=o", {"links": []})
    many = [{**ROUTE, "route_id": f"many-{number:04}"} for number in range(1005)]
    answer = bridge.request("PUT", "/routes?origin=o&dry_run=true", {"routes": many})[2]
    equal((answer["created"], len(answer["changes"]), answer["changes_cut"]), (1005, 1000, True))
    equal(len(answer["warnings"]) > 0, True, "an adjacency without a link")


def test_held_requests_that_a_route_would_decide():
    alice.notify("kma-1", "kma-3")
    relay_id = events.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    asked = alice.ask("kma-1", "kma-3")
    lookup_id = events.wait("lookup.awaiting_decision", km_id="alice")["subject"]["lookup_id"]
    equal(touched(dry("PUT", "/routes/r1", {**ROUTE, "path": ["kma-2", "kma-3"]})), ({}, {}))
    answer = dry("PUT", "/routes?origin=o", {"routes": [{**ROUTE, "route_id": "r1"}]})
    equal(touched(answer), ({relay_id: "decided"}, {lookup_id: "decided"}))
    equal(answer["touched"]["relays_total"], 1)
    equal(touched(dry("PUT", "/routes/r1", ROUTE)), ({relay_id: "decided"}, {lookup_id: "decided"}))
    equal(touched(dry("DELETE", "/applications/a")), ({}, {}))
    change = dry("PUT", "/kms/alice", {"kma_ids": ["kma-1"], "identity": "dns:alice.example", "enabled": False})
    equal(touched(change), ({relay_id: "orphaned"}, {lookup_id: "session_lost"}))
    bridge.put("/routes/r1", ROUTE)
    relay = bridge.wait_relay(relay_id, "instructed")
    equal((relay["decided_by"], relay["route_id"]), ("route", "r1"))
    got = dict((command, (message_id, payload)) for command, message_id, payload in (alice.receive(), alice.receive()))
    equal(got[harness.NEXT_HOP_RESPONSE][0], asked)
    equal(got[harness.NEXT_HOP_RESPONSE][1]["next_KMA_IDs"], ["kma-2"])
    equal(str(got[harness.RELAY_REQUEST][1]["key_relay_request_ID"]), relay_id)


def test_requests_in_flight_go_on():
    relay_id = bridge.items("/relays?state=instructed")[0]["relay_id"]
    bridge.put("/links/l", {"a": "kma-2", "b": "kma-1"})
    in_flight = ({relay_id: "unchanged_in_flight"}, {})
    equal(touched(dry("DELETE", "/routes/r1")), in_flight)
    equal(touched(dry("PUT", "/routes/r1", {**ROUTE, "path": ["kma-1", "kma-3"]})), in_flight)
    equal(touched(dry("PUT", "/routes/r1", {**ROUTE, "priority": 7})), ({}, {}))
    equal(touched(dry("DELETE", "/links/l")), in_flight)
    equal(touched(dry("PUT", "/links/l", {"a": "kma-2", "b": "kma-1", "state": "down"})), in_flight)
    equal(touched(dry("PUT", "/links/l", {"a": "kma-2", "b": "kma-1", "cost": 3})), ({}, {}))
    equal(touched(dry("PUT", "/kms/bob", {"kma_ids": ["kma-2"], "identity": "dns:bob.example", "enabled": False})),
          in_flight)
    bridge.request("DELETE", "/routes/r1")
    alice.complete(relay_id)
    bridge.wait_relay(relay_id, "succeeded")


def test_stop_is_clean():
    bridge.stop()


def clean():
    events.close()
    alice.close()
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
