#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A link over which relays fail again and again: avoided, told and shown, until its penalty is over."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until
from stage import Stage

LINKS = """
[link "straight"]
a = kma-1
b = kma-9
cost = 1
[link "round-1"]
a = kma-1
b = kma-4
cost = 5
[link "round-2"]
a = kma-4
b = kma-9
cost = 5
"""
DECISION = "failing_relays = 2\nfailing_window_ms = 3600000\nfailing_penalty_ms = "
stage = Stage({"alice": ("kma-1", ""), "bob": ("kma-4", "")}, decision=DECISION + "3600000", more=LINKS)
bridge = stage.bridge
events = stage.listen()
alice = stage.dial("alice")
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}


def relay(response):
    """One relay to its end; whom it passes."""
    sent = alice.relay(TO_9).payload
    alice.respond({"response": response, "key_relay_request_ID": sent["key_relay_request_ID"]})
    bridge.wait_relay(sent["key_relay_request_ID"], "succeeded" if response == "success" else "failed")
    return sent["transit_KMA_IDs"]


def link():
    return bridge.read("/links/straight")


def penalised():
    lines = bridge.request("GET", "/metrics")[2].splitlines()
    return [line.split()[1] for line in lines if line.startswith("ckbridge_links_penalised ")]


def cost():
    return bridge.post("/paths", {"source_kma_id": "kma-1", "destination_kma_id": "kma-9"})[2]["paths"][0]["cost"]


def test_link_is_penalised_and_the_way_round_taken():
    equal(relay("broken"), [])
    wait_until(lambda: link()["recent_failures"] == 1, "the first failure to be shown")
    equal((link()["penalised_until"], penalised(), cost()), (None, ["0"], 1))
    equal(relay("broken"), [])
    event = events.wait("link.changed", link_id="straight")
    equal((event["data"]["change"], "avoid it" in event["data"]["detail"]), ("penalised", True), event)
    wait_until(lambda: link()["penalised_until"], "the penalty to be shown")
    equal((penalised(), cost()), (["1"], 10))
    equal(relay("success"), ["kma-4"])


def test_link_that_is_penalised_can_be_put_as_it_is_shown():
    body = {**link(), "cost": 2}
    equal(bridge.put("/links/straight", body)["cost"], 2)
    equal(bool(link()["penalised_until"]), True)


def test_metric_of_the_configuration_is_shown_and_what_paths_are_asked_by():
    ends = {"source_kma_id": "kma-1", "destination_kma_id": "kma-9"}
    equal(bridge.read("/status")["decision"]["metric"], "widest_shortest")
    stage.decision = DECISION + "3600000\nmetric = widest"
    stage.folder.write("ckbridge.conf", stage.text())
    bridge.signal(signal.SIGHUP)
    wait_until(lambda: bridge.read("/status")["decision"]["metric"] == "widest", "the metric to be read")
    found = bridge.post("/paths", {**ends, "k": 2})[2]
    equal((found["metric"], [path["path"] for path in found["paths"]], [link["reason"] for link in found["rejected_links"]]),
          ("widest", [["kma-1", "kma-4", "kma-9"]], ["penalised"]))
    equal(len(bridge.post("/paths", {**ends, "k": 2, "metric": "shortest"})[2]["paths"]), 2)
    equal(relay("success"), ["kma-4"])


def test_penalty_ends_when_the_settings_say_so():
    events.received.clear()
    stage.decision = "failing_relays = 0"
    stage.folder.write("ckbridge.conf", stage.text())
    bridge.signal(signal.SIGHUP)
    wait_until(lambda: link()["penalised_until"] is None, "the penalty to end")
    equal(events.wait("link.changed", link_id="straight")["data"]["change"] in ("updated", "recovered"), True)
    equal(penalised(), ["0"])
    equal([relay("broken") for _ in range(4)], [[]] * 4)
    equal(link()["recent_failures"], 0)


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
