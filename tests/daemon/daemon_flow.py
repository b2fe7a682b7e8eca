#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One complete way through the bridge: KMs over TLS, PSK and plain TCP, an orchestrator over HTTP, events."""
import os
import subprocess
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal, wait_until

folder = harness.Folder()
pki = harness.Pki(folder.path)
psk_hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
psk_file = folder.write("psk", f"carol:{psk_hex}\n")
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision="orchestrator_ms = 20000")
                                     + harness.ck_section(pki) + f"""
[ck "keys"]
listen = 127.0.0.1:0
security = psk
psk_file = {psk_file}

[ck "open"]
listen = 127.0.0.1:0
security = plain

[application "app-7"]
kma = kma-9

[link "l1"]
a = kma-1
b = kma-4
""" + harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-4, kma-5")
                                     + harness.km_section("carol", "kma-9", "psk:carol")
                                     + harness.km_section("dave", "kma-8", "address:127.0.0.2")))
alice_context = harness.tls_context(pki.ca, pki.issue("alice"))
bob_context = harness.tls_context(pki.ca, pki.issue("bob"))
bridge.start()
events = Events(bridge, "orchestrator")
alice = Km(bridge.address(), alice_context)


def test_session_is_shown_with_its_security():
    events.wait("km.connected", km_id="alice")
    session = bridge.wait_connected("alice")
    equal(session["security"], "tls")
    equal(session["tls_version"], "TLSv1.3")
    equal(session["peer"].rsplit(":", 1)[0], "127.0.0.1")


def test_notify_with_installed_route_is_instructed_and_succeeds():
    bridge.put("/routes/r1", {"source_kma_id": "kma-1", "destination_kma_id": "kma-9",
                              "path": ["kma-1", "kma-4", "kma-9"], "priority": 100})
    message_id = alice.notify("kma-1", "kma-9")
    request = alice.expect(harness.RELAY_REQUEST, message_id)
    equal(request["destination_KMA_ID"], "kma-9")
    equal(request["transit_KMA_IDs"], ["kma-4"])
    relay_id = request["key_relay_request_ID"]
    equal(bridge.wait_relay(relay_id, "instructed")["decided_by"], "route")
    alice.complete(relay_id)
    relay = bridge.wait_relay(relay_id, "succeeded")
    equal(relay["path"], ["kma-1", "kma-4", "kma-9"])
    equal([entry["state"] for entry in relay["timeline"]], ["received", "instructed", "succeeded"])
    listed = bridge.read("/relays?state=succeeded&km_id=alice")["items"]
    equal(relay_id in [item["relay_id"] for item in listed], True, "in the list of those that succeeded")


def test_failure_words_are_kept_verbatim():
    message_id = alice.notify("kma-1", "kma-9")
    relay_id = alice.expect(harness.RELAY_REQUEST, message_id)["key_relay_request_ID"]
    alice.complete(relay_id, "key stock \u4e0d\u8db3 on kma-4")
    relay = bridge.wait_relay(relay_id, "failed")
    equal(relay["reason"], "km_failure")
    equal(relay["detail"], "key stock \u4e0d\u8db3 on kma-4")


def test_held_request_is_decided_over_http():
    message_id = alice.notify("kma-1", "kma-4")
    held = events.wait("relay.awaiting_decision", km_id="alice")
    relay_id = held["subject"]["relay_id"]
    equal([item["relay_id"] for item in bridge.read("/relays?state=awaiting_decision")["items"]], [relay_id])
    status, _, answer = bridge.post(f"/relays/{relay_id}/decision", {"path": ["kma-1", "kma-4"]})
    equal(status, 200, answer)
    request = alice.expect(harness.RELAY_REQUEST, message_id)
    equal(request["transit_KMA_IDs"], [])
    equal(request["key_relay_request_ID"], relay_id)
    equal(bridge.post(f"/relays/{relay_id}/decision", {"path": ["kma-1", "kma-4"]})[0], 409, "decided twice")
    alice.complete(relay_id)
    equal(bridge.wait_relay(relay_id, "succeeded")["decided_by"], "orchestrator")


def test_held_request_is_rejected_over_http():
    alice.notify("kma-1", "kma-5")
    relay_id = wait_until(lambda: [item["relay_id"] for item in
                                   bridge.read("/relays?state=awaiting_decision")["items"]], "a held relay")[0]
    equal(bridge.post(f"/relays/{relay_id}/decision", {"reject": "maintenance"})[0], 200)
    relay = bridge.wait_relay(relay_id, "rejected")
    equal((relay["reason"], relay["detail"], relay["decided_by"]), ("rejected", "maintenance", "orchestrator"))


def constrained(**constraints):
    return {"extension": [{"ckbridge_constraints": constraints}]}


def test_decision_against_the_requests_constraints_is_taken_and_warned_of():
    """The route is passed over for them; what the orchestrator says is done."""
    message_id = alice.notify("kma-1", "kma-9", **constrained(avoid_kma_ids=["kma-4"], max_hops=2))
    held = wait_until(lambda: bridge.read("/relays?state=awaiting_decision")["items"], "a held relay")
    target = f"/relays/{held[0]['relay_id']}/decision"
    status, _, answer = bridge.post(target, {"path": ["kma-1", "kma-4", "kma-9"]})
    equal((status, answer["state"]), (200, "instructed"))
    equal(answer["warnings"], ["no link is known between kma-4 and kma-9",
                               "the request's constraint avoid_kma_ids is not kept: KMA kma-4"])
    alice.complete(alice.expect(harness.RELAY_REQUEST, message_id)["key_relay_request_ID"])
    equal("warnings" in bridge.wait_relay(held[0]["relay_id"], "succeeded"), False, "only the answer to the decision has them")


def test_lookup_is_answered_from_the_route():
    message_id = alice.ask("kma-1", "kma-9")
    equal(alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], ["kma-4"])
    bob = Km(bridge.address(), bob_context)
    message_id = bob.ask("kma-1", "kma-9")  # at the second hop the source is not the sender
    equal(bob.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], ["kma-9"])
    bob.close()
    events.wait("km.disconnected", km_id="bob")
    equal(len(bridge.read("/lookups?state=answered&km_id=bob")["items"]), 1)


def test_lookup_of_an_application_names_its_kma():
    message_id = alice.send(harness.NEXT_HOP_REQUEST, {"application_destination_ID": "app-7"})
    answer = alice.expect(harness.NEXT_HOP_RESPONSE, message_id)
    equal(answer["destination_KMA_ID"], "kma-9")
    equal(answer["next_KMA_IDs"], ["kma-4"])


def test_held_lookup_is_decided_over_http():
    message_id = alice.ask("kma-1", "kma-8")
    held = events.wait("lookup.awaiting_decision", km_id="alice")
    status, _, answer = bridge.post(f"/lookups/{held['subject']['lookup_id']}/decision", {"next_hops": ["kma-4"]})
    equal(status, 200, answer)
    equal(alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], ["kma-4"])


def test_decision_of_a_lookup_against_its_constraints_is_taken_and_warned_of():
    message_id = alice.ask("kma-1", "kma-9", **constrained(avoid_kma_ids=["kma-4"]))
    held = wait_until(lambda: bridge.read("/lookups?state=awaiting_decision")["items"], "a held lookup")
    status, _, answer = bridge.post(f"/lookups/{held[0]['lookup_id']}/decision", {"next_hops": ["kma-4"]})
    equal((status, answer["state"]), (200, "answered"))
    equal(answer["warnings"], ["the request's constraint avoid_kma_ids is not kept: KMA kma-4"])
    equal(alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], ["kma-4"])


def test_unsolicited_relay_is_sent_and_completed():
    status, _, answer = bridge.post("/relays", {"path": ["kma-1", "kma-4", "kma-9"]})
    equal(status in (200, 201, 202), True, f"{status} {answer}")
    command, message_id, request = alice.receive()
    equal(command, harness.RELAY_REQUEST)
    equal(message_id >> 31, 1, "top bit of an unsolicited MessageID")
    alice.complete(request["key_relay_request_ID"])
    bridge.wait_relay(request["key_relay_request_ID"], "succeeded")


def test_plain_km_is_known_by_its_address():
    dave = Km(bridge.address("open"), bind="127.0.0.2")
    message_id = dave.ask("kma-8", "kma-8")
    equal(dave.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], [])
    equal(bridge.wait_connected("dave")["security"], "plain")
    secure = {at["name"]: at["secure"] for at in bridge.read("/status")["listeners"]}
    equal((secure["main"], secure["keys"], secure["open"]), (True, True, False))
    dave.close()


def test_psk_km_is_known_by_its_identity():
    """Python's ssl has no external pre-shared keys before 3.13: the openssl command carries the frames."""
    host, port = bridge.address("keys")
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"{host}:{port}", "-psk", psk_hex, "-psk_identity",
                               "carol", "-tls1_3", "-quiet"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        client.stdin.write(harness.frame(harness.NEXT_HOP_REQUEST, 77, {"destination_KMA_ID": "kma-9"}))
        client.stdin.flush()
        _, message_id, command, length = struct.unpack(">HIHH", client.stdout.read(10))
        equal((command, message_id), (harness.NEXT_HOP_RESPONSE, 77))
        equal(b"next_KMA_IDs" in client.stdout.read(length), True)
        equal(bridge.wait_connected("carol")["security"], "psk")
    finally:
        client.kill()
        client.wait()


def test_events_came_in_order_without_holes():
    identifiers = [int(event["id"]) for event in events.received]
    equal(identifiers, list(range(identifiers[0], identifiers[0] + len(identifiers))), "event IDs")
    of_first = [event["event"] for event in events.received
                if event["json"]["subject"].get("relay_id") == "1" and event["event"].startswith("relay.")]
    equal(of_first, ["relay.received", "relay.instructed", "relay.succeeded"])
    equal(all(event["id"] == event["json"]["event_id"] for event in events.received), True)


def test_every_event_has_its_log_line():
    for event in list(events.received):
        bridge.wait_log(f"event={event['event']} event_id={event['id']} ")


def test_http_refuses_without_token_and_by_role():
    equal(bridge.get("/relays", token=None)[0], 401)
    equal(bridge.request("PUT", "/routes/x", {}, token="viewer")[0], 403)
    equal(bridge.get("/healthz", token=None)[0], 200)


def test_stop_is_clean_and_tells_the_sessions():
    bridge.stop()
    alice.expect_closed()
    equal(bridge.log("event=km.disconnected") is not None, True)
    equal("reason=shutdown" in bridge.wait_log("km_id=alice reason=shutdown"), True)


def clean():
    events.close()
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
