#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bad peers and bad bytes get: a refusal, an event, a counter; nobody else is disturbed."""
import json
import os
import random
import socket
import ssl
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Closed, Events, Km, equal, wait_until

seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
print(f"# SEED={seed}", flush=True)
chance = random.Random(seed)
with open(os.path.join(harness.SOURCE, "tests", "vectors", "frames.json"), encoding="utf-8") as file:
    vectors = json.load(file)

folder = harness.Folder()
pki = harness.Pki(folder.path)
other_pki = harness.Pki(folder.path, "other")
revoked = pki.issue("revoked")
pki.revoke(revoked[0])
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder).replace(
    "[bridge]", "[bridge]\nhandshake_timeout_ms = 1000") + harness.ck_section(pki)
    + harness.ck_section(pki, "strict", "bad_frames_per_minute = 5\nhold_off_s = 3\n")
    + harness.km_section("alice", "kma-1, kma-2") + harness.km_section("bob", "kma-4")
    + harness.km_section("revoked", "kma-5") + harness.km_section("expired", "kma-6")
    + harness.km_section("lone", "kma-7") + harness.km_section("off", "kma-8", more="enabled = no")))
contexts = {name: harness.tls_context(pki.ca, pki.issue(name)) for name in ("alice", "bob", "lone", "off", "nobody")}
bridge.start()
events = Events(bridge)
bob = Km(bridge.address(), contexts["bob"])
alice = Km(bridge.address(), contexts["alice"])
events.wait("km.connected", km_id="alice")
events.wait("km.connected", km_id="bob")


def bob_is_served():
    """Another session is not disturbed: it asks and is answered at once."""
    message_id = bob.ask("kma-4", "kma-4")
    equal(bob.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], [])


def refused_since(count, *words):
    """A km.refused event behind the first `count` events, whose JSON has one of the words."""
    def find():
        for event in events.received[count:]:
            if event["event"] == "km.refused" and any(word in event["data"] for word in words):
                return event["json"]
        return None
    return wait_until(find, f"km.refused with {words}; came: {[e['data'] for e in events.received[count:]]}")


def event_since(count, kind, km_id):
    """The first event of this type and KM behind the first `count` events."""
    return wait_until(lambda: next((e["json"] for e in events.received[count:] if e["event"] == kind
                                    and e["json"]["subject"].get("km_id") == km_id), None), f"{kind} of {km_id}")


def try_to_connect(context, listener="main"):
    """Connects and waits for the end; in TLS 1.3 a client learns of its refusal when it reads."""
    try:
        km = Km(bridge.address(listener), context)
    except (ssl.SSLError, OSError):
        return
    try:
        km.expect_closed()
    finally:
        km.close()


def check_refused(context, *words):
    count, before = len(events.received), bridge.read("/status")["totals"]["kms_refused"]
    try_to_connect(context)
    event = refused_since(count, *words)
    wait_until(lambda: bridge.read("/status")["totals"]["kms_refused"] == before + 1, "the refusal to be counted")
    bridge.wait_log(f"event=km.refused event_id={event['event_id']} ")
    bob_is_served()


def test_expired_certificate_is_refused():
    check_refused(harness.tls_context(pki.ca, pki.issue("expired", expired=True)), "expired")


def test_revoked_certificate_is_refused():
    check_refused(harness.tls_context(pki.ca, revoked), "revoked")


def test_self_signed_certificate_is_refused():
    check_refused(harness.tls_context(pki.ca, pki.self_signed("lone-self")), "self-signed", "self signed")


def test_certificate_of_another_authority_is_refused():
    check_refused(harness.tls_context(pki.ca, other_pki.issue("alice")), "unable to get local issuer",
                  "unable to verify", "issuer")


def test_no_certificate_is_refused():
    check_refused(harness.tls_context(pki.ca), "did not return a certificate", "certificate")


def test_km_that_is_not_enrolled_is_refused_and_shown():
    check_refused(contexts["nobody"], "not_enrolled")
    shown = bridge.read("/status")["refused_peers"]
    equal(any("nobody.example" in json.dumps(peer) for peer in shown), True, f"in {shown}")


def test_km_that_is_disabled_is_refused():
    check_refused(contexts["off"], "km_disabled")


def test_garbage_instead_of_tls_is_refused():
    for data in (b"\0" * 400, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", chance.randbytes(3000)):
        count = len(events.received)
        with socket.create_connection(bridge.address(), timeout=harness.DEADLINE_S) as plain:
            plain.sendall(data)
            wait_until(lambda: ended(plain), "the connection to be ended")
        refused_since(count, "tls_handshake")
    bob_is_served()


def ended(plain):
    try:
        return plain.recv(4096) == b""
    except ConnectionError:
        return True


def test_handshake_that_stalls_is_cut():
    with socket.create_connection(bridge.address(), timeout=harness.DEADLINE_S) as plain:
        plain.sendall(b"\x16\x03\x01")
        wait_until(lambda: ended(plain), "the connection to be ended")
    bob_is_served()


def test_another_kms_kma_as_source_fails_and_session_stays():
    alice.notify("kma-4", "kma-9")
    failed = events.wait("relay.failed", km_id="alice")
    equal(bridge.relay(failed["subject"]["relay_id"])["reason"], "source_not_authorised")
    alice.send(harness.NOTIFY, {"destination_KMA_ID": "kma-9"})
    wait_until(lambda: [item for item in bridge.read("/relays?state=failed&km_id=alice")["items"]
                        if item["reason"] == "source_ambiguous"], "a relay without a source to fail")
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)


def check_malformed_vector(vector):
    count, before = len(events.received), bridge.km("alice")["counters"]["malformed"]
    data = bytes.fromhex(vector["hex"])
    alice.send_bytes(data)
    bridge.wait_counter("alice", "malformed", before + 1)
    message_id = int.from_bytes(data[2:6], "big")
    event = event_since(count, "ck.protocol_error", "alice")
    equal(message_id in (event["data"].get("message_id"), int(event["data"].get("message_id", -1))), True,
          f"MessageID in {event}")
    told = event["data"]
    if "excerpt" in told:
        begin = told["excerpt_offset"]
        equal(told["excerpt"], data[10:][begin:begin + 256].hex(), f"excerpt of {event}")
        equal(begin <= told["offset"], True, f"it shows where: {event}")
    equal((told["version"], told["payload_bytes"]), (int.from_bytes(data[:2], "big"), int.from_bytes(data[8:10], "big")), event)
    bob_is_served()


def test_every_malformed_vector_is_counted_and_reported():
    relays = len(bridge.items("/relays"))
    malformed = [vector for vector in vectors if vector["expect"] == "malformed"]
    equal(len(malformed) >= 8, True, "vectors")
    for vector in malformed:
        check_malformed_vector(vector)
    equal(len(bridge.items("/relays")), relays, "a malformed 0x03 makes no relay: relays")


def test_malformed_next_hop_request_is_answered_empty():
    message_id = alice.send(harness.NEXT_HOP_REQUEST, b"{nonsense")
    equal(alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], [])


def test_unknown_command_is_skipped_and_counted():
    before = bridge.km("alice")["counters"]["unknown_commands"]
    for vector in vectors:
        if vector["expect"] == "skip":
            alice.send_bytes(bytes.fromhex(vector["hex"]))
            before += 1
    bridge.wait_counter("alice", "unknown_commands", before)
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)


def test_codes_of_the_other_side_are_unexpected():
    before = bridge.km("alice")["counters"]["unexpected"]
    for vector in vectors:
        if vector["name"] in ("next-hop-response", "relay-request"):
            alice.send_bytes(bytes.fromhex(vector["hex"]))
    bridge.wait_counter("alice", "unexpected", before + 2)
    bob_is_served()


def test_unknown_version_closes_the_session():
    for vector in vectors:
        if vector["expect"] == "close":
            count = len(events.received)
            lone = Km(bridge.address(), contexts["lone"])
            lone.send_bytes(bytes.fromhex(vector["hex"]))
            lone.expect_closed()
            lone.close()
            equal(event_since(count, "km.disconnected", "lone")["data"]["reason"], "bad_version")
    bob_is_served()


def test_uncorrelated_completion_is_recorded_and_changes_nothing():
    alice.complete(999999)
    events.wait("relay.uncorrelated", km_id="alice")
    bridge.wait_counter("alice", "uncorrelated", 1)


def test_truncated_frame_is_nothing():
    before = len(bridge.items("/relays"))
    for cut in (1, 9, 10, 30):
        count = len(events.received)
        lone = Km(bridge.address(), contexts["lone"])
        event_since(count, "km.connected", "lone")
        lone.send_bytes(harness.frame(harness.NOTIFY, 1, {"destination_KMA_ID": "kma-9"})[:cut])
        lone.close()
        event_since(count, "km.disconnected", "lone")
    equal(len(bridge.items("/relays")), before, "relays")


def test_oversized_identifier_is_malformed_and_largest_frame_is_served():
    before = bridge.km("alice")["counters"]["malformed"]
    alice.send(harness.NEXT_HOP_REQUEST, {"destination_KMA_ID": "x" * 256})
    alice.expect(harness.NEXT_HOP_RESPONSE)
    bridge.wait_counter("alice", "malformed", before + 1)
    body = json.dumps({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-1"}).encode()
    message_id = alice.send(harness.NEXT_HOP_REQUEST, body + b" " * (65535 - len(body)))
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)


def test_frame_that_drips_is_served_and_delays_nobody():
    message_id = 4242
    for byte in harness.frame(harness.NEXT_HOP_REQUEST, message_id, {"source_KMA_ID": "kma-1",
                                                                     "destination_KMA_ID": "kma-1"}):
        alice.send_bytes(bytes([byte]))
        bob_is_served()
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)


def test_frames_cut_anywhere_are_answered_in_order():
    stream = b"".join(harness.frame(harness.NEXT_HOP_REQUEST, number, {"source_KMA_ID": "kma-1",
                                                                       "destination_KMA_ID": "kma-1"})
                      for number in range(1000, 1200))
    while stream:
        cut = chance.randrange(1, 400)
        alice.send_bytes(stream[:cut])
        stream = stream[cut:]
    equal([alice.receive()[1] for _ in range(200)], list(range(1000, 1200)), "MessageIDs")


def test_many_small_records_at_once_are_all_read():
    """More TLS records than one turn serves: what came while they were served must not be forgotten."""
    for start in range(2000, 2000 + 30 * 100, 100):
        stream = b"".join(harness.frame(harness.NEXT_HOP_REQUEST, number, {"source_KMA_ID": "kma-1",
                                                                           "destination_KMA_ID": "kma-1"})
                          for number in range(start, start + 100))
        while stream:
            cut = chance.randrange(1, 60)
            alice.send_bytes(stream[:cut])
            stream = stream[cut:]
        equal([alice.receive()[1] for _ in range(100)], list(range(start, start + 100)), "MessageIDs")


def test_too_many_bad_frames_close_and_hold_off():
    count = len(events.received)
    lone = Km(bridge.address("strict"), contexts["lone"])
    try:
        for _ in range(20):
            lone.send(harness.NOTIFY, b"[]")
    except Closed:
        pass
    lone.expect_closed()
    lone.close()
    gone = event_since(count, "km.disconnected", "lone")
    equal(gone["data"]["reason"], "too_many_bad_frames")
    try_to_connect(contexts["lone"], "strict")
    refused_since(count, "held_off")
    wait_until(is_served_again, "the hold-off to end")
    bob_is_served()


def is_served_again():
    try:
        lone = Km(bridge.address("strict"), contexts["lone"])
        lone.ask("kma-7", "kma-7", 5)
        lone.expect(harness.NEXT_HOP_RESPONSE, 5)
        lone.close()
        return True
    except (Closed, OSError):
        return False


def test_second_session_replaces_the_first():
    count = len(events.received)
    second = Km(bridge.address(), contexts["alice"])
    alice.expect_closed()
    gone = event_since(count, "km.disconnected", "alice")
    equal(gone["data"]["reason"], "replaced")
    message_id = second.ask("kma-1", "kma-1")
    second.expect(harness.NEXT_HOP_RESPONSE, message_id)
    second.close()


def test_stop_is_clean():
    bridge.stop()


def clean():
    events.close()
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
