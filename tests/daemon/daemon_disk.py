#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A store that cannot grow any more: nothing is acknowledged, the state is clear, and it recovers by itself.

The running process gets a limit of file size (prlimit), which is what a full disk looks like to the store.
"""
import os
import resource
import signal
import ssl
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal, wait_until

folder = harness.Folder()
pki = harness.Pki(folder.path)
context = harness.tls_context(pki.ca, pki.issue("alice"))
bob_context = harness.tls_context(pki.ca, pki.issue("bob"))
base = (harness.base_sections(folder) + harness.ck_section(pki)
        + harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-9"))
bridge = harness.Bridge(folder.write("ckbridge.conf", base))
bridge.start()
bridge.put("/routes/r1", {"source_kma_id": "kma-1", "destination_kma_id": "kma-9", "path": ["kma-1", "kma-9"],
                          "priority": 1})
events = Events(bridge, "orchestrator")
alice = Km(bridge.address(), context)
events.wait("km.connected", km_id="alice")
kept = {}


def set_limit(size):
    resource.prlimit(bridge.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def silent(km):
    """No byte of a frame has come for this KM; TLS session tickets are not frames."""
    km.socket.setblocking(False)
    try:
        km.buffer += km.socket.recv(65536)
    except ssl.SSLWantReadError:
        pass
    return not km.buffer


def test_request_that_cannot_be_recorded_is_not_answered():
    set_limit(4096)
    kept["events"] = len(events.received)
    kept["message_id"] = alice.notify("kma-1", "kma-9")
    wait_until(lambda: bridge.get("/readyz", token=None)[0] == 503, "/readyz to say 503")
    bridge.wait_log("event=store_unavailable")
    equal(silent(alice), True, "no frame")
    equal(len(events.received), kept["events"], "no event")
    equal(bridge.items("/relays"), [], "no relay is shown")


def test_status_says_what_is_wrong():
    status = bridge.read("/status")
    equal((status["ready"], status["store"]["available"]), (False, False))
    equal(bool(status["store"]["detail"]), True, "detail")
    equal(bridge.get("/healthz", token=None)[0], 200)


def test_commands_are_refused_until_it_recovers():
    status, headers, body = bridge.request("PUT", "/applications/a", {"kma_id": "kma-9"})
    equal(status, 503, body)
    equal(headers["Retry-After"] is not None, True, "Retry-After")
    equal(bridge.get("/applications/a")[0], 404)


def test_file_read_meanwhile_waits_too():
    folder.write("ckbridge.conf", base + harness.km_section("carol", "kma-5"))
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded")
    equal(bridge.get("/kms/carol")[0], 404)


def test_more_input_waits_without_being_lost():
    kept["more"] = [alice.notify("kma-1", "kma-9") for _ in range(200)]
    equal(bridge.get("/readyz", token=None)[0], 503)
    equal(silent(alice), True, "no frame")
    kept["commits"] = bridge.read("/status")["store"]["commits"]


def test_recovers_without_restart():
    pid = bridge.process.pid
    set_limit(resource.RLIM_INFINITY)
    wait_until(lambda: bridge.get("/readyz", token=None)[0] == 200, "/readyz to say 200")
    bridge.wait_log("event=store_available")
    equal(bridge.process.pid, pid)
    wait_until(lambda: bridge.get("/kms/carol")[0] == 200, "the file's new KM")
    expected = [kept["message_id"], *kept["more"]]
    answers = {}
    for _ in expected:
        command, message_id, payload = alice.receive()
        equal(command, harness.RELAY_REQUEST)
        answers[message_id] = payload["key_relay_request_ID"]
    equal(sorted(answers), sorted(expected), "MessageIDs answered")
    equal(len(set(answers.values())), len(expected), "distinct relays")
    for relay_id in answers.values():
        alice.complete(relay_id)
    for relay_id in answers.values():
        bridge.wait_relay(relay_id, "succeeded")


def test_new_work_is_served_after_recovery():
    bob = Km(bridge.address(), bob_context)
    events.wait("km.connected", km_id="bob")
    bob.close()
    bridge.put("/applications/a", {"kma_id": "kma-9"})
    identifiers = [int(event["id"]) for event in events.received]
    equal(identifiers, list(range(identifiers[0], identifiers[0] + len(identifiers))), "event IDs")


def test_fails_and_recovers_again_and_stops_clean():
    set_limit(4096)
    message_id = alice.notify("kma-1", "kma-9")
    wait_until(lambda: bridge.get("/readyz", token=None)[0] == 503, "/readyz to say 503")
    set_limit(resource.RLIM_INFINITY)
    alice.expect(harness.RELAY_REQUEST, message_id)
    bridge.stop()


def test_stop_while_it_fails_loses_nothing_that_was_told():
    bridge.start()
    told = {item["relay_id"] for item in bridge.items("/relays")}
    again = Km(bridge.address(), context)
    set_limit(4096)
    again.notify("kma-1", "kma-9")
    wait_until(lambda: bridge.get("/readyz", token=None)[0] == 503, "/readyz to say 503")
    bridge.signal(signal.SIGTERM)
    equal(bridge.process.wait(harness.DEADLINE_S), 5, "exit code of a stop that was cut short")
    again.expect_closed()
    bridge.start()
    equal(told - {item["relay_id"] for item in bridge.items("/relays")}, set(), "relays lost")
    bridge.stop()


def clean():
    events.close()
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
