#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a restart keeps: configuration written over the API, open relays, identifiers, the event stream."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal, wait_until

folder = harness.Folder()
pki = harness.Pki(folder.path)
context = harness.tls_context(pki.ca, pki.issue("alice"))
bob_context = harness.tls_context(pki.ca, pki.issue("bob"))
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(
    folder, decision="orchestrator_ms = 60000\norder = routes, orchestrator") + harness.ck_section(pki)
    + harness.km_section("alice", "kma-1")))
kept = {}


def test_state_is_made():
    bridge.start()
    bridge.put("/kms/bob", {"kma_ids": ["kma-9"], "identity": "dns:bob.example", "enabled": True})
    bridge.put("/links/l1", {"a": "kma-1", "b": "kma-9"})
    bridge.put("/applications/app-1", {"kma_id": "kma-9"})
    bridge.put("/routes/r1", {"source_kma_id": "kma-1", "destination_kma_id": "kma-9", "path": ["kma-1", "kma-9"],
                              "priority": 5})
    events = Events(bridge, "orchestrator")
    alice = Km(bridge.address(), context)
    events.wait("km.connected", km_id="alice")
    alice.notify("kma-1", "kma-9", 1)
    kept["instructed"] = alice.expect(harness.RELAY_REQUEST, 1)["key_relay_request_ID"]
    alice.notify("kma-1", "kma-77", 2)
    kept["held"] = events.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    alice.notify("kma-1", "kma-9", 3)
    kept["ended"] = alice.expect(harness.RELAY_REQUEST, 3)["key_relay_request_ID"]
    alice.complete(kept["ended"])
    events.wait("relay.succeeded", relay_id=kept["ended"])
    kept["configuration"] = configuration()
    kept["explanations"] = explanations()
    equal(asked("held"), [("routes", "no_match"), ("orchestrator", "waiting")])
    equal(asked("ended"), [("routes", "decided")])
    equal(kept["explanations"]["ended"]["steps"][0]["route_id"], "r1")
    equal(kept["explanations"]["ended"]["steps"][0]["route_revision"], int(bridge.read("/routes/r1")["revision"]))
    bridge.stop()
    kept["events"] = list(events.received)
    events.close()
    alice.close()


def explanations():
    return {name: bridge.relay(kept[name])["explanation"] for name in ("instructed", "held", "ended")}


def asked(name):
    """The deciders of a relay and what came of each."""
    return [(step["decider"], step["outcome"]) for step in bridge.relay(kept[name])["explanation"]["steps"]]


def configuration():
    """What is configured, by the API or the file, without what lives."""
    lives = ("session", "counters", "uses", "key_available", "key_reserved", "key_used")
    return {name: [{key: value for key, value in item.items() if key not in lives}
                   for item in bridge.items(f"/{name}")] for name in ("kms", "links", "applications", "routes")}


def test_configuration_is_kept_with_its_revisions_and_no_event_tells_it_anew():
    bridge.start()
    equal([line for line in bridge.lines if "event=config.changed" in line], [], "events of the start")
    after = configuration()
    for name, items in kept["configuration"].items():
        equal(after[name], items, f"{name}: kept")
    kept["resumed"] = Events(bridge, "viewer", after=kept["events"][2]["id"])


def test_event_stream_resumes_over_the_restart():
    last = int(kept["events"][-1]["id"])
    resumed = kept["resumed"]
    wait_until(lambda: any(int(event["id"]) >= last for event in resumed.received), "the events of before")
    before = {event["id"]: event["data"] for event in kept["events"]}
    for event in list(resumed.received):
        if event["id"] in before:
            equal(event["data"], before[event["id"]], "an event after the restart")
    identifiers = [int(event["id"]) for event in resumed.received]
    first = int(kept["events"][2]["id"]) + 1
    equal(identifiers, list(range(first, first + len(identifiers))), "event IDs over the restart")


def test_open_relays_go_on():
    bob = Km(bridge.address(), bob_context)
    alice = Km(bridge.address(), context)
    kept["resumed"].wait("km.connected", km_id="bob")
    equal(bridge.relay(kept["ended"])["state"], "succeeded")
    equal(bridge.relay(kept["instructed"])["state"], "instructed")
    equal(explanations(), kept["explanations"], "why they were decided so")
    alice.complete(kept["instructed"])
    equal(bridge.wait_relay(kept["instructed"], "succeeded")["path"], ["kma-1", "kma-9"])
    equal(bridge.relay(kept["held"])["state"], "awaiting_decision")
    status, _, answer = bridge.post(f"/relays/{kept['held']}/decision", {"path": ["kma-1", "kma-77"]})
    if status == 422:  # a path may only name known KMAs: make it one
        bridge.put("/links/l2", {"a": "kma-1", "b": "kma-77"})
        status, _, answer = bridge.post(f"/relays/{kept['held']}/decision", {"path": ["kma-1", "kma-77"]})
    equal(status, 200, answer)
    equal(alice.expect(harness.RELAY_REQUEST)["key_relay_request_ID"], kept["held"])
    alice.complete(kept["held"])
    bridge.wait_relay(kept["held"], "succeeded")
    equal(asked("held"), [("routes", "no_match"), ("orchestrator", "decided")], "asked before and after the restart")
    message_id = alice.notify("kma-1", "kma-9", 3)
    new = alice.expect(harness.RELAY_REQUEST, message_id)["key_relay_request_ID"]
    equal(new in (kept["instructed"], kept["held"], kept["ended"]), False, "an identifier is used twice")
    alice.close()
    bob.close()


def test_every_relay_has_one_terminal_entry():
    for item in bridge.items("/relays"):
        timeline = bridge.relay(item["relay_id"])["timeline"]
        ends = [entry for entry in timeline if entry["state"] in ("succeeded", "failed", "rejected")]
        equal(len(ends) <= 1, True, f"{item['relay_id']}: {timeline}")


def test_deleted_objects_stay_deleted():
    equal(bridge.request("DELETE", "/routes/r1")[0] in (200, 204), True)
    bridge.stop()
    kept["resumed"].close()
    bridge.start()
    equal(bridge.get("/routes/r1")[0], 404)
    bridge.stop()


def clean():
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
