#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl doctor and ckctl explain against a real bridge: each way a KM can fail to connect, each reason why a route is
not used, in words; and the exit code that says so."""
import socket
import ssl

from ckctl_call import Ckctl, has, lines_of_json
import harness
from harness import Events, Km, equal, wait_until

folder = harness.Folder()
pki = harness.Pki(folder.path)
other_pki = harness.Pki(folder.path, "other")
SECTIONS = (harness.base_sections(folder, decision="orchestrator_ms = 60000") + harness.ck_section(pki)
            + harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-4, kma-9")
            + harness.km_section("carol", "kma-7", more="enabled = no"))
bridge = harness.Bridge(folder.write("ckbridge.conf", SECTIONS))
bridge.start()
ckctl = Ckctl(bridge)
orchestrator = Events(bridge, "orchestrator")
alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
bridge.wait_connected("alice")


def dial(context):
    """A KM that is refused, in whatever way."""
    try:
        km = Km(bridge.address(), context)
        km.expect_closed()
        km.close()
    except OSError:
        pass


def refused(identity=None, detail=""):
    """Once /status shows it, doctor does."""
    def shown():
        return [peer for peer in bridge.read("/status")["refused_peers"]
                if peer["identity"] == identity and detail in (peer["detail"] or "")]
    return wait_until(shown, f"{identity} {detail!r} to be refused; {bridge.read('/status')['refused_peers']}")


def doctor(*arguments, code=1):
    return ckctl("doctor", *arguments, code=code).out


def test_certificates_that_are_not_good_are_told_apart():
    dial(harness.tls_context(pki.ca, pki.issue("old", expired=True)))
    refused("dns:old.example")
    dial(harness.tls_context(pki.ca, other_pki.issue("foreign")))
    refused("dns:foreign.example")
    dial(harness.tls_context(pki.ca, pki.self_signed("selfmade")))
    refused("dns:selfmade.example")
    found = doctor()
    has(found, "refused peer dns:old.example: ", "its certificate has expired: give it a new one",
        "refused peer dns:foreign.example: ", "its certificate is not of an authority in the listener's ca",
        "refused peer dns:selfmade.example: ", "its certificate is signed by itself")


def test_revoked_certificate_is_told():
    certificate, key = pki.issue("revoked")
    pki.revoke(certificate)
    after = len(bridge.lines)
    bridge.signal(harness.signal.SIGHUP)
    bridge.wait_log("event=reloaded", after)
    dial(harness.tls_context(pki.ca, (certificate, key)))
    refused("dns:revoked.example")
    has(doctor(), "refused peer dns:revoked.example: ", "its certificate is in the listener's crl")


def test_handshakes_that_fail_otherwise_are_told_apart():
    pair = pki.issue("modern")
    context = harness.tls_context(pki.ca, pair)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    dial(context)
    refused(detail="unsupported protocol")
    has(doctor(), "it offers too old a version of TLS only", "tls_min")
    dial(harness.tls_context(pki.ca))
    refused(detail="certificate")
    has(doctor(), "it sent no certificate: give it its certificate and key")
    dial(harness.tls_context(other_pki.ca, pair))
    refused(detail="unknown ca")
    has(doctor(), "the KM does not trust the bridge's certificate")
    with socket.create_connection(bridge.address(), timeout=harness.DEADLINE_S) as plain:
        plain.sendall(harness.frame(harness.NOTIFY, 1, {"destination_KMA_ID": "kma-1"}))
        plain.shutdown(socket.SHUT_WR)
        while plain.recv(4096):
            pass
    refused(detail="wrong version number")
    has(doctor(), "it does not speak TLS, perhaps plain Ck")
    with socket.create_connection(bridge.address(), timeout=harness.DEADLINE_S) as web:
        web.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        web.shutdown(socket.SHUT_WR)
        while web.recv(4096):
            pass
    refused(detail="http request")
    has(doctor(), "it speaks HTTP: it was given the address of a Ck listener")


def test_km_is_looked_at_alone():
    dial(harness.tls_context(pki.ca, pki.issue("mallory")))
    refused("dns:mallory.example")
    dial(harness.tls_context(pki.ca, pki.issue("carol")))
    refused("dns:carol.example")
    found = doctor("km", "bob")
    has(found, "WRONG  km bob: it has not connected since the bridge started", "dns:bob.example",
        "refused peer dns:mallory.example", "no KM is enrolled with this identity")
    equal("carol" in found, False, found)
    found = doctor("km", "carol")
    has(found, "km carol: it is disabled", "refused peer dns:carol.example (km carol)", 'set "enabled" to true')
    has(doctor("km", "alice", code=0), "its certificate expires", "0 wrong")
    has(doctor(), "NOTE   listener main: the bridge's own certificate expires ")
    equal([item["about"] for item in lines_of_json(doctor("km", "alice", "--json", code=0))], ["km alice"])
    has(ckctl("doctor", "km", "nobody", code=5).err, "there is no such km")
    ckctl("doctor", "km", code=2)
    ckctl("doctor", "frob", code=2)


def test_km_whose_identity_no_listener_proves_is_told():
    bridge.put("/kms/plain", {"kma_ids": ["kma-p"], "identity": "address:127.0.0.9"})
    has(doctor("km", "plain"), "its identity is an address, which counts on a listener without TLS only")
    ckctl("kms", "delete", "plain")


def link(name, a, b, state="up"):
    bridge.put(f"/links/{name}", {"a": a, "b": b, "state": state})


def route(name, path, **more):
    bridge.put(f"/routes/{name}", {"destination_kma_id": path[-1], "path": path, **more})


def test_route_that_is_used_has_nothing_wrong():
    link("l14", "kma-1", "kma-4")
    route("good", ["kma-1", "kma-4"], source_kma_id="kma-1")
    has(doctor("route", "good", code=0), "Nothing is wrong.")


def test_routes_that_are_not_used_are_told_apart():
    link("l49", "kma-4", "kma-9", "down")
    link("x1", "kma-1", "kma-x")
    link("x9", "kma-x", "kma-9")
    link("x7", "kma-x", "kma-7")
    route("rival", ["kma-1", "kma-x", "kma-9"], priority=200)
    route("equal", ["kma-1", "kma-x", "kma-9"], priority=200)
    route("lesser", ["kma-1", "kma-x", "kma-9"], priority=50)
    has(doctor("route", "rival", code=0), "relays take the route equal instead: of two with priority 200")
    has(doctor("route", "lesser", code=0), "relays take the route equal instead: its priority is 200, this one's 50")
    route("broken", ["kma-1", "kma-x", "kma-9"], priority=300)
    bridge.put("/links/x9", {"a": "kma-x", "b": "kma-9", "state": "down"})
    has(doctor("route", "broken"), "WRONG  route broken: it cannot be used: the link between kma-x and kma-9 is down")
    route("gap", ["kma-1", "kma-9"], priority=10, valid_until="2100-01-01T00:00:00Z")
    has(doctor("route", "broken", code=0), "the route gap is used instead")
    has(doctor("route", "gap", code=0), "no link joins kma-1 and kma-9")
    route("gap", ["kma-1", "kma-9"], valid_until=harness.from_now(3600))
    has(doctor("route", "gap", code=0), "it is valid until ")
    has(doctor(), "it is valid until ")


def test_route_that_is_gone_is_told():
    wait_until(lambda: bridge.request("PUT", "/routes/leased", {
        "destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"], "valid_until": harness.from_now(0.3)})[0] in (200, 201),
        "a lease that ends in a time to come when it is read")
    wait_until(lambda: bridge.get("/routes/leased")[0] == 404, "the lease to end")
    has(doctor("route", "leased"), "WRONG  route leased: it is not installed any more: its lease ended 20")
    ckctl("routes", "delete", "good")
    has(doctor("route", "good"), "it is not installed any more: it was removed 20")


def test_route_that_nobody_can_ask_for_is_told():
    route("away", ["kma-4", "kma-1"])
    has(doctor("route", "away"), "the KM of its source, bob, is not connected (ckctl doctor km bob)")
    route("nobodys", ["kma-x", "kma-1"])
    has(doctor("route", "nobodys"), "no KM has its source kma-x")
    bridge.put("/routes/hops", {"destination_kma_id": "kma-1", "next_hops": {"kma-4": ["kma-1"]}})
    has(doctor("route", "hops", code=0), "it says next hops, which serve lookups; relays need a path")
    bridge.put("/kms/erin", {"kma_ids": ["kma-e"], "identity": "dns:erin.example"})
    link("le", "kma-1", "kma-e")
    route("disabled", ["kma-1", "kma-e"])
    bridge.put("/kms/erin", {"kma_ids": ["kma-e"], "identity": "dns:erin.example", "enabled": False})
    has(doctor("route", "disabled"), "kma-e belongs to the KM erin, which is disabled")
    has(doctor(), "WRONG  route disabled: it cannot be used")
    has(ckctl("doctor", "route", "none", code=5).err, "there is no such route")


def explained(relay_id):
    return ckctl("explain", "relay", relay_id).out


def test_relay_is_explained_with_the_routes_that_were_not_taken():
    link("m1", "kma-1", "kma-m")
    link("m2", "kma-m", "kma-z")
    link("m3", "kma-1", "kma-z")
    message_id = alice.notify("kma-1", "kma-z")
    relay_id = orchestrator.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    has(explained(relay_id), "Routes to kma-z: none are installed.")
    ckctl("relays", "decide", relay_id, "--path", "kma-1,kma-z")
    alice.expect(harness.RELAY_REQUEST, message_id)
    alice.complete(relay_id)
    bridge.wait_relay(relay_id, "succeeded")
    route("z1", ["kma-1", "kma-m", "kma-z"], priority=5)
    has(explained(relay_id), "  z1 (kma-1 > kma-m > kma-z, priority 5): it is what such relays take now; it was installed "
        "or changed after the decision")
    route("z2", ["kma-1", "kma-z"], priority=9)
    route("z3", ["kma-m", "kma-z"])
    bridge.put("/routes/z4", {"destination_kma_id": "kma-z", "next_hops": {"kma-1": ["kma-m"], "kma-m": ["kma-z"]}})
    message_id = alice.notify("kma-1", "kma-z")
    relay_id = alice.expect(harness.RELAY_REQUEST, message_id)["key_relay_request_ID"]
    alice.complete(relay_id)
    bridge.wait_relay(relay_id, "succeeded")
    has(explained(relay_id), "z2 (kma-1 > kma-z, priority 9): it decided this relay.",
        "z1 (kma-1 > kma-m > kma-z, priority 5): z2 goes before it: priority 9 against 5.",
        "z3 (kma-m > kma-z, priority 100): it begins at kma-m",
        "z4 (kma-1 > kma-m; kma-m > kma-z, priority 100): it says next hops, which serve lookups")
    link("m3", "kma-1", "kma-z", "down")
    has(explained(relay_id), "it decided this relay; now it could not be used: the link between kma-1 and kma-z is down.",
        "z1 (kma-1 > kma-m > kma-z, priority 5): it is what such relays take now.")


def stop():
    alice.close()
    orchestrator.close()
    bridge.stop()


def clean_up():
    bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
