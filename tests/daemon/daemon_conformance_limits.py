#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time limits, presence of an orchestrator, late completions, and what bad peers get: limits are short for what is to
end by them, and long for what is not to."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import NEXT_HOP_REQUEST, NEXT_HOP_RESPONSE, NOTIFY, RELAY_REQUEST, equal, wait_until
from stage import Stage



def limits(orchestrator_ms=600000, completion_ms=600000, presence_ms=600000, answer_memory_ms=600000):
    return (f"orchestrator_ms = {orchestrator_ms}\ncompletion_ms = {completion_ms}\n"
            f"presence_ms = {presence_ms}\nanswer_memory_ms = {answer_memory_ms}")


stage = Stage({
    "alice": ("kma-1", ""),
    "bob": ("kma-4, kma-6", ""),
    "carol": ("kma-5", ""),
    "rude": ("kma-r", ""),
    "flap": ("kma-f", ""),
    "off": ("kma-o", "enabled = no"),
}, decision=limits(), ck="bad_frames_per_minute = 5\nhold_off_s = 5\nreplacements_per_minute = 4", more="""
[application "app-9"]
kma = kma-9
[link "l1"]
a = kma-5
b = kma-9
""")
bridge = stage.bridge
events = stage.listen("viewer")
admin_events = stage.listen("admin")
alice = stage.dial("alice")
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
TO_6 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-6"}  # no route
stage.install("r1", ["kma-1", "kma-4", "kma-9"])


def states(relay):
    return [entry["state"] for entry in relay["timeline"]]


def request_id(frame):
    return frame.payload["key_relay_request_ID"]


# ---- presence

def test_streams_of_admins_and_viewers_are_no_orchestrator():
    bridge.read("/relays")
    equal(states(stage.fails(alice, "alice", TO_6, "no_route")), ["received", "failed"])
    equal(alice.hops(TO_6).payload, {**TO_6, "next_KMA_IDs": []})
    equal(bridge.read("/lookups?limit=1")["items"][0]["reason"], "no_route")
    equal(bridge.read("/status")["decision"]["orchestrator_present"], False)


def test_unknown_application_without_orchestrator():
    failed = stage.fails(alice, "alice", {"application_destination_ID": "app-new"}, "unknown_application")
    equal(failed["application_destination_id"], "app-new")
    answer = alice.hops({"application_destination_ID": "app-new"}).payload
    equal((answer["next_KMA_IDs"], "destination_KMA_ID" in answer), ([], False))
    equal(bridge.read("/lookups?limit=1")["items"][0]["reason"], "unknown_application")


def test_stream_of_an_orchestrator_is_asked_and_its_time_runs_out():
    stage.set_decision(limits(orchestrator_ms=300, presence_ms=100))
    stream = harness.Events(bridge, "orchestrator")
    alice.send(NOTIFY, TO_6)
    number = stream.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    failed = bridge.wait_relay(number, "failed")
    equal((states(failed), failed["reason"]), (["received", "awaiting_decision", "failed"], "no_route"))
    status, headers, answer = bridge.post(f"/relays/{number}/decision", {"path": ["kma-1", "kma-6"]})
    equal((status, headers["Content-Type"]), (409, "application/problem+json"), answer)
    message_id = alice.send(NEXT_HOP_REQUEST, TO_6)
    equal(alice.answer(NEXT_HOP_RESPONSE, message_id).payload["next_KMA_IDs"], [])
    equal(stream.wait("lookup.awaiting_decision", km_id="alice")["type"], "lookup.awaiting_decision")
    stream.close()


def test_request_of_an_orchestrator_counts_for_a_while():
    def is_held():
        alice.send(NOTIFY, TO_6)
        alice.fence()
        return "awaiting_decision" in states(stage.wait_newest("alice", "failed", "no_route"))
    wait_until(lambda: not is_held(), "no orchestrator to be there")
    stage.set_decision(limits(orchestrator_ms=300))
    bridge.get("/status", "orchestrator")
    equal(is_held(), True)
    stage.set_decision(limits(orchestrator_ms=300, presence_ms=100))
    wait_until(lambda: not is_held(), "the orchestrator to be absent again")


# ---- completions that come late (reading 9)

def test_relay_expires_and_its_late_completion_corrects_it():
    stage.set_decision(limits(completion_ms=400, presence_ms=100))
    for response, state in (("ok", "succeeded"), ("keys are out", "failed")):
        sent = alice.relay(TO_9)
        expired = bridge.wait_relay(request_id(sent), "expired")
        equal((states(expired), expired["decided_by"]), (["received", "instructed", "expired"], "route"))
        events.wait("relay.expired", relay_id=request_id(sent))
        alice.respond({"response": response, "key_relay_request_ID": request_id(sent)})
        late = bridge.wait_relay(request_id(sent), state)
        equal(states(late), ["received", "instructed", "expired", state])
        events.wait(f"relay.{state}", relay_id=request_id(sent))


def test_repeat_of_an_expired_relay_is_a_new_request():
    sent = alice.relay(TO_9, 33)
    bridge.wait_relay(request_id(sent), "expired")
    equal(request_id(alice.relay(TO_9, 33)) != request_id(sent), True)


def test_relay_of_a_km_that_is_away_is_orphaned_and_completed_late():
    global alice
    stage.set_decision(limits(completion_ms=3000, presence_ms=100))  # by which she is to be away
    sent = alice.relay(TO_9)
    alice.close()
    orphaned = bridge.wait_relay(request_id(sent), "orphaned")
    equal(states(orphaned), ["received", "instructed", "orphaned"])
    events.wait("relay.orphaned", relay_id=request_id(sent))
    alice = stage.dial("alice")
    alice.respond({"response": "done", "key_relay_request_ID": request_id(sent)})
    equal(states(bridge.wait_relay(request_id(sent), "succeeded"))[-2:], ["orphaned", "succeeded"])


def test_relay_of_a_km_that_is_disabled_is_orphaned():
    stage.set_decision(limits(presence_ms=100))
    carol = stage.dial("carol")
    stage.install("r5", ["kma-5", "kma-9"])
    sent = carol.relay({"destination_KMA_ID": "kma-9"})
    bridge.put("/kms/carol", {"kma_ids": ["kma-5"], "identity": "dns:carol.example", "enabled": False})
    carol.expect_closed()
    bridge.wait_relay(request_id(sent), "orphaned")
    equal(bridge.km("carol")["session"]["state"], "disconnected")
    bridge.put("/kms/carol", {"kma_ids": ["kma-5"], "identity": "dns:carol.example", "enabled": True})


# ---- routes that change

def test_leases_of_routes_expire():
    equal(lease(600)[0], 201)
    sent = alice.relay(TO_6)
    equal(sent.payload["transit_KMA_IDs"], ["kma-5"])
    alice.respond({"response": "ok"}, sent.message_id)
    wait_until(lambda: lease(0.5)[0] == 200, "a lease that ends in a time to come when it is read")
    wait_until(lambda: alice.hops(TO_6).payload["next_KMA_IDs"] == [], "the lease to end")
    stage.fails(alice, "alice", TO_6, "no_route")


def lease(seconds):
    return bridge.request("PUT", "/routes/leased", {
        "source_kma_id": "kma-1", "destination_kma_id": "kma-6", "path": ["kma-1", "kma-5", "kma-6"],
        "valid_until": harness.from_now(seconds)})


def test_recent_answers_are_not_contradicted_into_a_cycle():
    bob, carol = stage.dial("bob"), stage.dial("carol")
    stage.install("there", ["kma-4", "kma-5", "kma-9"], source=False)
    wait_until(lambda: "kma-5" in bob.hops({"destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"], "kma-5 to be a hop")
    stage.remove("there", "r5")
    stage.install("back", ["kma-5", "kma-4", "kma-9"], source=False)
    equal("kma-4" in carol.hops({"destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"], False, "a cycle")
    stage.set_decision(limits(presence_ms=100, answer_memory_ms=100))
    wait_until(lambda: carol.hops({"destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"] == ["kma-4"],
               "the earlier answer to be forgotten")
    stage.remove("back")


# ---- errors (reading 11)

def protocol_error(km_id, after):
    def find():
        found = [event["json"] for event in list(events.received)[after:] if event["event"] == "ck.protocol_error" and
                 event["json"]["subject"].get("km_id") == km_id]
        return found[-1] if found else None
    return wait_until(find, f"ck.protocol_error of {km_id}")


def test_unknown_commands_are_skipped_counted_and_not_bad():
    def many():
        for number in range(20):
            alice.send((0, 6, 9, 0x0300, 0xffff)[number % 5], b"\xff" * number)
    stage.raises("alice", "unknown_commands", 20, many)
    alice.fence()


def test_malformed_payloads_are_told_with_offset_and_reason():
    for command, payload in ((NOTIFY, b'{"source_KMA_ID": "kma-1"}'), (NOTIFY, b'["kma-9"]'),
                             (NOTIFY, b'{"destination_KMA_ID":"kma-9"}x'), (5, b'{"response": ""}')):
        after = len(events.received)
        relays = stage.relay_count("alice")
        stage.raises("alice", "malformed", 1, lambda: alice.send(command, payload))
        told = protocol_error("alice", after)["data"]
        equal(("offset" in told, bool(told.get("reason"))), (True, True), told)
        equal(stage.relay_count("alice"), relays)


def test_malformed_lookup_is_answered_all_the_same():
    rude = stage.dial("rude")
    for payload in (b"", b"{", b'{"source_KMA_ID": "kma-1"}', b'{"destination_KMA_ID": 9}', b"\xff\xfe"):
        equal(rude.answer(NEXT_HOP_RESPONSE, rude.send(NEXT_HOP_REQUEST, payload)).payload["next_KMA_IDs"], [])
    rude.close()


def test_commands_of_the_controller_are_a_protocol_error():
    bob = stage.dial("bob")
    for command in (NEXT_HOP_RESPONSE, RELAY_REQUEST):
        after = len(events.received)
        stage.raises("bob", "unexpected", 1, lambda: bob.send(command, {"next_KMA_IDs": [], "destination_KMA_ID": "x",
                                                                        "transit_KMA_IDs": []}))
        protocol_error("bob", after)
        bob.fence()


def held_off(name):
    """The KM is refused now, and shown so; it is served again after the hold-off."""
    wait_until(lambda: bridge.km(name)["session"]["held_off_until"], f"{name} to be held off")
    def served():
        km = stage.dial(name)
        try:
            return km.fence()
        except (harness.Closed, OSError):
            return None
    equal_closed(stage.dial(name))
    wait_until(served, f"{name} to be served again")


def equal_closed(km):
    try:
        km.fence()
    except (harness.Closed, OSError):
        return
    raise AssertionError("served while held off")


def test_too_many_bad_frames_close_the_session_and_hold_off_the_km():
    rude = stage.dial("rude")
    after = len(events.received)
    try:
        for _ in range(12):
            rude.send(NOTIFY, b"rubbish")
    except harness.Closed:
        pass
    rude.expect_closed()
    protocol_error("rude", after)
    events.wait("km.disconnected", km_id="rude")
    held_off("rude")


def test_flapping_km_is_held_off():
    for _ in range(6):
        last = stage.dial("flap")
        try:
            last.fence()
        except harness.Closed:
            break
    def flapping():
        return [event for event in list(events.received) if event["json"]["subject"].get("km_id") == "flap" and
                "flapping" in str(event["json"])]
    wait_until(flapping, "an event of the flapping")


def test_unacceptable_version_closes_before_the_payload_is_there():
    km = stage.dial("bob")
    km.send_bytes(struct.pack(">HIHH", 7, 1, NOTIFY, 60000))
    km.expect_closed()
    gone = wait_until(lambda: [event for event in list(events.received) if event["event"] == "km.disconnected" and
                               "bad_version" in str(event["json"]["data"])], "the reason")
    equal(gone[0]["json"]["subject"]["km_id"], "bob")


# ---- who is refused (reading 13)

def refused(identity, context):
    """The event of a peer that the bridge refuses after the handshake."""
    try:
        harness.Km(bridge.address(), context).expect_closed()
    except (harness.Closed, OSError):
        pass
    return wait_until(lambda: [event["json"] for event in list(events.received) if event["event"] == "km.refused" and
                               identity in str(event["json"])], f"{identity} to be refused")[-1]


def test_km_that_is_not_enrolled_is_refused_and_shown():
    refused("stranger.example", stage.context("stranger"))
    wait_until(lambda: "stranger.example" in str(bridge.read("/status")["refused_peers"]), "it to be shown")


def test_km_that_is_disabled_is_refused():
    equal(refused("off.example", stage.context("off"))["subject"]["km_id"], "off")


def test_certificates_of_others_are_refused():
    other = harness.Pki(stage.folder.path, "other")
    for pair in (stage.pki.issue("late", "DNS:alice.example", expired=True), other.issue("alice"),
                 stage.pki.self_signed("alice-self"), None):
        try:
            harness.Km(bridge.address(), harness.tls_context(stage.pki.ca, pair)).expect_closed()
        except OSError:
            pass
    alice.fence()


def test_certificate_named_in_the_common_name_needs_that_identity():
    """alice's name as common name of a certificate whose SAN says otherwise is not alice."""
    certificate, key = stage.pki.issue("alice.example", "DNS:mallory.example")
    refused("mallory.example", harness.tls_context(stage.pki.ca, (certificate, key)))
    alice.fence()
    wait_until(lambda: "mallory.example" in str(bridge.read("/status")["refused_peers"]), "it to be shown")


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
