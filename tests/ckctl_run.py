#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl against a real bridge: every command, every exit code, the live event stream, and what doctor finds."""
import errno
import json
import os
import pty
import subprocess

from ckctl_call import CKCTL, Ckctl, Following, has, lines_of_json
import harness
from harness import Events, Km, equal, wait_until

EVENT_TYPES = "relay.*,km.*"

folder = harness.Folder()
pki = harness.Pki(folder.path)
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision="orchestrator_ms = 60000")
                                     + harness.ck_section(pki) + """
[link "l1"]
a = kma-1
b = kma-4
""" + harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-4, kma-9")))
bridge.start()
ckctl = Ckctl(bridge)
orchestrator = Events(bridge, "orchestrator")
alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
orchestrator.wait("km.connected", km_id="alice")
bridge.wait_connected("alice")


def hold_relay(source="kma-1", destination="kma-9"):
    """A held relay's ID, and the MessageID its KM gave it."""
    message_id = alice.notify(source, destination)
    held = orchestrator.wait("relay.awaiting_decision", km_id="alice")
    orchestrator.received.clear()
    return held["subject"]["relay_id"], message_id


def test_status_for_people_and_for_scripts():
    has(ckctl("status").out, "instance", "totals.kms_connected", "limits.sessions")
    status = json.loads(ckctl("status", "--json").out)
    equal(status["instance"], "test")


def test_kms_are_put_listed_shown_and_deleted():
    body = json.dumps({"kma_ids": ["kma-7"], "identity": "dns:carol.example"})
    has(ckctl("kms", "put", "carol", "-", body=body).out, "created carol, revision ")
    listed = ckctl("kms", "list").out.splitlines()
    has(listed[0], "KM", "STATE", "IDENTITY")
    equal([line.split()[:2] for line in listed[1:]],
          [["alice", "connected"], ["bob", "disconnected"], ["carol", "disconnected"]])
    has(ckctl("kms", "show", "alice").out, "session.state", "connected", "counters.relay_requests")
    shown = ckctl("kms", "show", "carol", "--json").out
    equal(json.loads(shown)["kma_ids"], ["kma-7"])
    has(ckctl("kms", "put", "carol", "-", body=shown).out, "changed carol, revision ")  # what show gives, put takes
    has(ckctl("kms", "delete", "carol", "--dry-run").out, "would be: ", "1 deleted")
    has(ckctl("kms", "delete", "carol").out, "done: ", "1 deleted")
    ckctl("kms", "show", "carol", code=5)


def test_applications_links_and_routes_are_put_shown_and_deleted():
    for noun, identifier, body in (("applications", "app/7 \u91cf", {"kma_id": "kma-9"}),
                                   ("links", "l2", {"a": "kma-4", "b": "kma-9", "cost": 3}),
                                   ("routes", "r1", {"destination_kma_id": "kma-9", "path": ["kma-1", "kma-9"]})):
        path = folder.write("body.json", json.dumps(body))
        has(ckctl(noun, "put", identifier, path, "--dry-run").out, "would be: 1 created")
        ckctl(noun, "show", identifier, code=5)
        done = ckctl(noun, "put", identifier, path)
        has(done.out, f"created {identifier}, revision ")
        equal("warning: " in done.err, noun == "routes", "a route without a link is accepted with a warning")
        has(ckctl(noun, "list").out, identifier)
        shown = json.loads(ckctl(noun, "show", identifier, "--json").out)
        equal({name: shown[name] for name in body}, body)
        has(ckctl(noun, "show", identifier).out, shown["revision"])
        has(ckctl(noun, "delete", identifier).out, "1 deleted")


def test_routes_and_links_of_one_origin_are_replaced():
    routes = {"origin": "test", "routes": [{"route_id": f"t{number}", "destination_kma_id": "kma-4",
                                            "path": ["kma-1", "kma-4"]} for number in range(3)]}
    path = folder.write("routes.json", json.dumps(routes))
    has(ckctl("routes", "replace", path, "--dry-run").out, "would be: 3 created")
    equal(ckctl("routes", "list", "--json", "--origin", "test").out, "")
    has(ckctl("routes", "replace", path).out, "done: 3 created")
    listed = lines_of_json(ckctl("routes", "list", "--json", "--origin=test").out)
    equal([route["route_id"] for route in listed], ["t0", "t1", "t2"])
    has(ckctl("routes", "list").out, "kma-1 > kma-4")
    links = json.dumps({"links": [{"link_id": "x1", "a": "kma-4", "b": "kma-9"}]})
    has(ckctl("links", "replace", "-", "--origin", "test", body=links).out, "1 created")
    has(ckctl("links", "replace", "-", "--origin", "test", body='{"links": []}').out, "1 deleted")
    has(ckctl("routes", "replace", "-", "--origin", "test", body='{"routes": []}').out, "3 deleted")


def test_all_pages_are_followed_unless_limited():
    links = {"origin": "many", "links": [{"link_id": f"m{number:04}", "a": "kma-1", "b": f"kmb-{number}"}
                                         for number in range(2300)]}
    has(ckctl("links", "replace", "-", body=json.dumps(links)).out, "2300 created")
    listed = lines_of_json(ckctl("links", "list", "--json", "--origin", "many").out)
    equal([link["link_id"] for link in listed], [link["link_id"] for link in links["links"]])
    equal(len(ckctl("links", "list", "--origin", "many", "--limit", "1005").out.splitlines()), 1006)
    has(ckctl("links", "replace", "-", body='{"origin": "many", "links": []}').out, "2300 deleted")


def test_if_match_lets_the_second_of_two_writers_fail():
    body = json.dumps({"kma_id": "kma-9"})
    ckctl("applications", "put", "once", "-", body=body)
    revision = json.loads(ckctl("applications", "show", "once", "--json").out)["revision"]
    body = json.dumps({"kma_id": "kma-4"})
    has(ckctl("applications", "put", "once", "-", "--if-match", revision, body=body).out, "changed once")
    refused = ckctl("applications", "put", "once", "-", "--if-match", revision, body=body, code=1)
    has(refused.err, "The resource has changed since")
    has(ckctl("applications", "put", "once", "-", "--create", body=body, code=1).err, "ckctl: ")
    ckctl("applications", "delete", "once", "--if-match", "*")
    has(ckctl("applications", "put", "once", "-", "--create", body=body).out, "created once")
    ckctl("applications", "delete", "once")


def test_held_relay_is_decided_rejected_and_explained():
    relay_id, message_id = hold_relay()
    has(ckctl("relays", "list", "--state", "awaiting_decision").out, relay_id, "kma-9")
    has(ckctl("explain", "relay", relay_id).out, "nobody yet", "ckctl relays decide", "Why, as it was then:",
        "routes: none is for it", "orchestrator: is being asked", "All that follows is of now")
    decided = ckctl("relays", "decide", relay_id, "--path", "kma-1,kma-4,kma-9")
    has(decided.out, f"{relay_id} is instructed")
    has(decided.err, "warning: no link is known between kma-4 and kma-9\n")
    equal(alice.expect(harness.RELAY_REQUEST, message_id)["transit_KMA_IDs"], ["kma-4"])
    has(ckctl("relays", "decide", relay_id, "--path", "kma-1,kma-9", code=1).err, "\n  reason: not_held")
    alice.complete(relay_id, "no key \u001b[31m left")
    bridge.wait_relay(relay_id, "failed")
    explained = ckctl("explain", "relay", relay_id).out
    has(explained, f"Relay {relay_id}: a key from kma-1 to kma-9.", "an orchestrator, over the API",
        "Path: kma-1 > kma-4 > kma-9.", "awaiting_decision", "ended as failed (km_failure)", r"no key \x1b[31m left")
    equal("\x1b" in explained, False, "control characters")
    has(ckctl("relays", "show", relay_id).out, "kma-1 > kma-4 > kma-9", "timeline", r"\x1b[31m")
    rejected_id, _ = hold_relay("kma-1", "kma-4")
    has(ckctl("relays", "decide", rejected_id, "--reject", "maintenance").out, f"{rejected_id} is rejected")
    listed = lines_of_json(ckctl("relays", "list", "--json", "--km-id", "alice", "--source-kma-id", "kma-1",
                                 "--destination-kma-id", "kma-4", "--decided-by", "orchestrator", "--reason",
                                 "rejected", "--received-after", "2020-01-01T00:00:00Z", "--received-before",
                                 "2100-01-01T00:00:00Z").out)
    equal([relay["relay_id"] for relay in listed], [rejected_id])
    equal(ckctl("relays", "list", "--json", "--application-destination-id", "none").out, "")


def test_decision_teaches_where_an_application_is():
    alice.send(harness.NOTIFY, {"application_destination_ID": "app-taught"})
    relay_id = orchestrator.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    orchestrator.received.clear()
    has(ckctl("relays", "decide", relay_id, "--reject", "no", "--learn", code=1).err, "leave out learn")
    has(ckctl("relays", "decide", relay_id, "--path", "kma-1,kma-4", "--learn").out, f"{relay_id} is instructed")
    has(ckctl("applications", "show", "app-taught").out, "kma-4")
    alice.expect(harness.RELAY_REQUEST)
    alice.complete(relay_id)
    bridge.wait_relay(relay_id, "succeeded")


def test_relay_of_a_route_is_explained_also_when_the_route_is_gone():
    bridge.put("/routes/r2", {"destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"]})
    message_id = alice.notify("kma-1", "kma-4")
    relay_id = alice.expect(harness.RELAY_REQUEST, message_id)["key_relay_request_ID"]
    alice.complete(relay_id)
    bridge.wait_relay(relay_id, "succeeded")
    has(ckctl("explain", "relay", relay_id).out, "the installed route r2, which now says kma-1 > kma-4 (priority 100",
        "ended as succeeded")
    ckctl("routes", "delete", "r2")
    has(ckctl("explain", "relay", relay_id).out, "the route r2, which is not installed any more")


def test_relay_is_started():
    started = json.loads(ckctl("relays", "start", "--path", "kma-1,kma-4", "--json").out)
    command, _, request = alice.receive()
    equal((command, request["key_relay_request_ID"]), (harness.RELAY_REQUEST, started["relay_id"]))
    alice.complete(started["relay_id"])
    first = json.loads(ckctl("relays", "start", "--path=kma-1,kma-4", "--json", "--idempotency-key", "once").out)
    again = json.loads(ckctl("relays", "start", "--path=kma-1,kma-4", "--json", "--idempotency-key", "once").out)
    equal(again["relay_id"], first["relay_id"])
    equal(alice.receive()[2]["key_relay_request_ID"], first["relay_id"])
    alice.complete(first["relay_id"])
    ckctl("relays", "start", "--path", "kma-1,kma-4", "--idempotency-key", "a\nb", code=2)
    bridge.wait_relay(started["relay_id"], "succeeded")
    has(ckctl("explain", "relay", started["relay_id"]).out, "Started over the API")


def test_held_lookup_is_decided():
    message_id = alice.ask("kma-1", "kma-4")
    lookup_id = orchestrator.wait("lookup.awaiting_decision", km_id="alice")["subject"]["lookup_id"]
    has(ckctl("lookups", "list", "--state=awaiting_decision").out, lookup_id)
    has(ckctl("lookups", "decide", lookup_id, "--next-hops", "kma-4").out, f"{lookup_id} is answered")
    equal(alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"], ["kma-4"])
    has(ckctl("lookups", "show", lookup_id).out, "next_kma_ids", "kma-4")
    has(ckctl("explain", "lookup", lookup_id).out, f"Lookup {lookup_id}: KM alice asked", "routes: none is for it",
        "orchestrator: decided")
    ckctl("lookups", "decide", lookup_id, "--reject", "late", code=1)


def test_events_are_listed_by_type_and_after():
    events = lines_of_json(ckctl("events", "--json", "--type", EVENT_TYPES).out)
    equal(events[0]["type"], "km.connected")
    after = lines_of_json(ckctl("events", "--json", "--type", EVENT_TYPES, "--after", events[2]["event_id"],
                                "--limit", "1").out)
    equal(after, events[3:4])
    listed = ckctl("events", "--type", "km.connected", "--subject", "km_id:alice").out
    has(listed, "EVENT", "km.connected", "km_id=alice")


followings = []


def follow(*arguments):
    """Follows once the bridge has the stream, and those that have ended no more: from then on nothing is missed."""
    followings.append(Following(ckctl, "events", "--follow", *arguments))
    def are_open():
        running = sum(one.process.poll() is None for one in followings)
        return bridge.read("/status")["limits"]["event_streams"]["used"] == 1 + running  # the orchestrator's, too
    wait_until(are_open, "the stream to be open")
    return followings[-1]


def test_follow_shows_a_live_event_and_ends_on_an_interrupt():
    people, scripts = follow(), follow("--json", "--type", "relay.received")
    relay_id, _ = hold_relay()
    has(people.wait("relay.received"), f"relay_id={relay_id}")
    equal(json.loads(scripts.wait("relay.received"))["subject"]["relay_id"], relay_id)
    people.interrupt()
    scripts.interrupt()
    equal(len(scripts.lines), 1)
    ckctl("relays", "decide", relay_id, "--reject", "done")


def test_follow_goes_on_behind_the_position_of_a_file():
    position = folder / "position"
    first = follow("--json", "--type", "link.changed", "--position-file", position)
    bridge.put("/links/p1", {"a": "kma-4", "b": "kma-9"})
    first.wait('"p1"')
    first.interrupt()
    bridge.put("/links/p2", {"a": "kma-4", "b": "kma-9"})
    second = Following(ckctl, "events", "--follow", "--json", "--type", "link.changed", "--position-file", position,
                       "--limit", "1")
    second.wait('"p2"')
    equal(second.process.wait(harness.DEADLINE_S), 0)
    equal(len(second.lines), 1, second.lines)
    folder.write("position", "no number")
    has(ckctl("events", "--follow", "--position-file", position, code=2).err, "holds no event's ID")
    has(ckctl("events", "--follow", "--position-file", folder.path, code=2).err, "ckctl: ")
    has(ckctl("events", "--position-file", position, code=2).err, "goes with --follow")
    for name in ("p1", "p2"):
        ckctl("links", "delete", name)


def test_tokens_are_made_used_listed_and_revoked():
    made = ckctl("token", "create", "night shift", "--role", "viewer", "--days", "3", "--description", "for the night")
    secret = made.out.strip()
    has(made.err, "token night shift, role viewer, expires: 20", "told this once")
    ckctl("status", token=secret)
    ckctl("kms", "delete", "alice", token=secret, code=4)
    ckctl("token", "list", token=secret, code=4)
    has(ckctl("token", "list").out, "night shift", "viewer", "for the night")
    equal(secret in ckctl("token", "get", "night shift").out, False, "the secret")
    has(ckctl("doctor", code=1).out, "WRONG  token night shift: it expires ")
    equal("token" in ckctl("doctor", code=1, token=secret).out, False, "a viewer sees no tokens")
    has(ckctl("token", "create", "night shift", "--role", "viewer", code=1).err, "ckctl: ")
    has(ckctl("token", "create", "x", code=2).err, "give --role")
    has(ckctl("token", "create", "x", "--role", "king", code=1).err, "/role")
    has(ckctl("token", "create", "x", "--role", "viewer", "--days", "1", "--expires", "2100-01-01T00:00:00Z",
              code=2).err, "not both")
    has(json.loads(ckctl("token", "create", "y", "--role", "viewer", "--expires", "2100-01-01T00:00:00Z", "--json").out)
        ["expires_at"], "2100-01-01T00:00:00")
    has(ckctl("token", "revoke", "y").out, "1 deleted")
    has(ckctl("token", "revoke", "night shift").out, "1 deleted")
    ckctl("status", token=secret, code=4)
    has(ckctl("token", "revoke", "night shift", code=5).err, "There is no such resource")
    has(ckctl("token", "revoke", "admin", code=1).err, "reason: defined_in_file")


def test_watch_repeats_until_interrupted():
    watching = Following(ckctl, "kms", "list", "--json", "--watch=1")
    wait_until(lambda: sum('"alice"' in line for line in watching.lines) >= 2, "a second look")
    watching.interrupt()


def test_exit_codes():
    has(ckctl("routes", "put", "bad", "-", body='{"destination_kma_id": "kma-9", "path": ["kma-1", 7]}', code=1).err,
        "A member's value is not acceptable", "element 1", "\n  element: /path")
    has(ckctl("relays", "list", "--state", "frobbed", code=1).err, "\n  parameter: state")
    for arguments in ((), ("frob",), ("kms",), ("kms", "frob"), ("kms", "show"), ("kms", "list", "x"),
                      ("kms", "list", "--frob"), ("kms", "list", "--state", "x"), ("kms", "list", "--limit", "0"),
                      ("kms", "list", "--limit"), ("kms", "list", "--json=1"), ("kms", "list", "--json", "--json"),
                      ("kms", "list", "--times", "odd"), ("kms", "put", "x", folder / "none.json"),
                      ("kms", "list", "--token-file", folder / "none"), ("kms", "list", "--key", "x"),
                      ("relays", "decide", "1"), ("relays", "start"), ("kms", "show", "a", "b", "c", "d"),
                      ("relays", "decide", "1", "--path", "a", "--reject", "b"), ("status", "--url", "ftp://x/")):
        has(ckctl(*arguments, code=2).err, "ckctl: ")
    has(ckctl("status", code=3, CKBRIDGE_URL="http://127.0.0.1:1").err, "ckctl: http://127.0.0.1:1: ")
    ckctl("events", "--follow", code=3, CKBRIDGE_URL="http://127.0.0.1:1")
    has(ckctl("status", code=4, token=None).err, "Authentication is needed")
    ckctl("status", code=4, token=None, CKBRIDGE_TOKEN="wrong")
    ckctl("events", "--follow", code=4, token=None)
    has(ckctl("kms", "delete", "alice", code=4, token="viewer").err, "The role does not allow this")
    has(ckctl("kms", "show", "nobody", code=5).err, "There is no such resource")
    ckctl("explain", "relay", "999999", code=5)


def test_token_comes_from_a_file_too():
    path = folder.write("token", harness.TOKENS["viewer"] + "\n")
    ckctl("status", "--token-file", path, token=None)
    ckctl("status", token=None, CKBRIDGE_TOKEN_FILE=path)
    ckctl("status", "--token-file", path, CKBRIDGE_TOKEN="the option wins")
    ckctl("status", code=2, token=None, CKBRIDGE_TOKEN="two words")


def test_help_names_commands_and_exit_codes_alike():
    text = ckctl("--help").out
    has(text, "kms list", "relays decide ID", "--if-match", "exit codes:", "  5  there is no such object")
    has(ckctl("relays", "decide", "--help").out, "relays decide ID", "--reject")
    equal("--follow" in ckctl("relays", "decide", "--help").out, False, "options of other commands")
    has(ckctl("--version").out, "ckctl ")


def complete(*words):
    """What bash would offer for the last word."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = f'. "$1"; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _ckctl; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", script, "bash", os.path.join(harness.SOURCE, "tools/ckctl/ckctl.bash")],
                          capture_output=True, text=True, check=True)
    equal(done.stderr, "")
    return done.stdout.split()


def test_completion_is_that_of_the_table_of_commands():
    with open(os.path.join(harness.SOURCE, "tools/ckctl/ckctl.bash"), encoding="utf-8") as file:
        equal(file.read(), ckctl("completion", "bash").out, "ckctl.bash is made by: ckctl completion bash")
    equal(complete("ckctl", "re"), ["relays"])
    equal(complete("ckctl", "kms", ""), ["list", "show", "put", "delete"])
    equal(complete("ckctl", "--url", "http://x", "links", "rep"), ["replace"])
    equal(complete("ckctl", "events", "--fo"), ["--follow"])
    equal(complete("ckctl", "kms", "list", "--fo"), [])


def read_to_end(terminal):
    """What was written on the other end, which is closed; the kernel hands it over in pieces, in its own time."""
    said = b""
    while True:
        try:
            said += os.read(terminal, 65536)
        except OSError as error:
            equal(error.errno, errno.EIO)
            return said.decode()


def on_terminal(*arguments, **more):
    """What ckctl prints on a terminal of 60 columns."""
    main, terminal = pty.openpty()
    try:
        subprocess.run(["stty", "cols", "60", "-opost"], stdin=terminal, check=True)
        done = subprocess.run([CKCTL, *arguments], env=ckctl.environment(TERM="xterm", **more), stdin=subprocess.DEVNULL,
                              stdout=terminal, stderr=subprocess.PIPE, timeout=harness.DEADLINE_S, check=False)
    finally:
        os.close(terminal)
    try:
        equal(done.returncode, 0, done.stderr)
        return read_to_end(main)
    finally:
        os.close(main)


def test_terminal_gets_colours_and_its_width():
    bridge.put("/routes/r3", {"destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"], "origin": "o" * 90})
    plain = on_terminal("routes", "list", NO_COLOR="1")
    equal("\x1b" in plain, False, "colours with NO_COLOR")
    has(plain, "\u2026")
    ckctl("routes", "delete", "r3")
    has(on_terminal("kms", "list"), "\x1b[32mconnected\x1b[0m")
    equal("\x1b" in ckctl("kms", "list").out, False, "colours in a pipe")
    has(on_terminal("kms", "show", "alice"), " ago")


def test_doctor_finds_what_is_wrong():
    try:
        Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("mallory"))).expect_closed()
    except harness.Closed:
        pass
    wait_until(lambda: [peer for peer in bridge.read("/status")["refused_peers"]
                        if peer["identity"] == "dns:mallory.example"], "the refused peer to be shown")
    ckctl("kms", "put", "carol", "-", body='{"kma_ids": ["kma-7"], "identity": "dns:carol.example", "enabled": false}')
    found = ckctl("doctor", code=1).out
    has(found, "WRONG  refused peer dns:mallory.example: refused ", "(not_enrolled): no KM is enrolled with this identity",
        "WRONG  km bob: it has not connected since the bridge started", "dns:bob.example",
        "NOTE   km carol: it is disabled", "NOTE   km alice: its certificate expires ", "loopback alone", " wrong, ")
    findings = lines_of_json(ckctl("doctor", "--json", code=1).out)
    equal("km bob" in [finding["about"] for finding in findings if finding["severity"] == "wrong"], True, findings)


def test_doctor_is_content_when_nothing_is_wrong():
    other = harness.Bridge(folder.write("fine.conf", harness.base_sections(folder, store="fine.db")))
    try:
        other.start()
        url = "http://%s:%d" % other.address("http")
        has(ckctl("doctor", "--url", url).out, "0 wrong, ")
        other.stop()
    finally:
        other.kill()


def test_https_with_a_client_certificate():
    certificate, key = pki.issue("web", "IP:127.0.0.1")
    operator, operator_key = pki.issue("operator")
    text = harness.base_sections(folder, store="tls.db").replace(
        "[http]", f"[http]\ncertificate = {certificate}\nkey = {key}\nclient_ca = {pki.ca}")
    other = harness.Bridge(folder.write("tls.conf", text + """
[client "operator"]
role = viewer
identity = dns:operator.example
"""))
    try:
        other.start(ready=False)
        other.wait_log("event=ready ")
        url = "https://%s:%d" % other.address("http")
        has(ckctl("status", "--url", url, code=3, token=None).err, "certificate")
        ckctl("status", "--url", url, "--ca", pki.ca, code=4, token=None)
        ckctl("status", "--url", url, "--ca", pki.ca)
        ckctl("status", "--url", url, "--ca", pki.ca, "--certificate", operator, "--key", operator_key, token=None)
        other.stop()
    finally:
        other.kill()


def test_follow_goes_on_after_a_restart_of_the_bridge():
    """The second start takes the first one's port, on an address that nobody else takes ports on."""
    text = harness.base_sections(folder, store="fixed.db").replace("listen = 127.0.0.1:0", "listen = 127.0.0.77:0")
    fixed = harness.Bridge(folder.write("fixed.conf", text))
    try:
        fixed.start()
        address = "%s:%d" % fixed.address("http")
        following = Following(ckctl, "events", "--follow", "--json", "--url", f"http://{address}", "--after", "0")
        fixed.put("/applications/a1", {"kma_id": "kma-1"})
        following.wait('"config.changed"')
        fixed.stop()
        wait_until(lambda: following.errors, "the loss to be told")
        folder.write("fixed.conf", text.replace("127.0.0.77:0", address))
        fixed.start()
        fixed.put("/applications/a2", {"kma_id": "kma-1"})
        wait_until(lambda: sum('"config.changed"' in line for line in following.lines) == 2, "the event after it")
        following.interrupt()
        identifiers = [json.loads(line)["event_id"] for line in following.lines]
        equal(len(identifiers), len(set(identifiers)), f"no event twice: {identifiers}")
        fixed.stop()
    finally:
        fixed.kill()


def stop():
    alice.close()
    orchestrator.close()
    bridge.stop()


def clean_up():
    bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
