#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--check-config with the real parser, reload by SIGHUP without dropping a session, clean stop by SIGTERM."""
import hashlib
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal, wait_until

folder = harness.Folder()
pki = harness.Pki(folder.path)
certificates = {name: pki.issue(name) for name in ("alice", "bob")}
contexts = {name: harness.tls_context(pki.ca, pair) for name, pair in certificates.items()}
base = harness.base_sections(folder) + harness.ck_section(pki)
alice_section = harness.km_section("alice", "kma-1")
path = folder.write("ckbridge.conf", base + alice_section)
bridge = harness.Bridge(path)


def daemon(*arguments):
    return subprocess.run([harness.DAEMON, *arguments], capture_output=True, text=True, check=False,
                          timeout=harness.DEADLINE_S)


def check(text, name="checked.conf"):
    """(exit code, what it said) of --check-config."""
    done = daemon("--config", folder.write(name, text), "--check-config")
    return done.returncode, done.stderr


def test_good_file_is_good():
    code, said = check(base + alice_section)
    equal((code, said), (0, ""))


def test_each_error_has_file_and_line():
    code, said = check("[bridge]\nuserr = x\n\n[ck \"main\"]\nlisten = here\n[what]\n[snmp]\nmode = master\n")
    equal(code, 3)
    lines = said.splitlines()
    file = folder / "checked.conf"
    equal([line.split(": ")[0] for line in lines], [f"{file}:{n}" for n in (2, 5, 6, 8)], said)
    equal("did you mean user?" in lines[0], True, said)
    equal("agentx | standalone | off" in lines[3], True, said)


def test_missing_and_broken_files_are_named():
    code, said = check(base.replace(pki.ca, folder / "none.pem"))
    equal(code, 3)
    equal("none.pem" in said and "checked.conf:" in said, True, said)
    bad = folder.write("bad.pem", "no certificate\n")
    code, said = check(base.replace(os.path.join(pki.path, "server.pem"), bad))
    equal((code, "bad.pem" in said), (3, True), said)
    code, said = check(base.replace(os.path.join(pki.path, "server.key"), certificates["alice"][1]))
    equal(code, 3, f"a key of another certificate: {said}")
    code = daemon("--config", folder / "nowhere.conf", "--check-config").returncode
    equal(code, 3)


def test_command_line_is_checked_and_explained():
    equal(daemon("--nonsense").returncode, 2)
    equal(daemon("superfluous").returncode, 2)
    helped = daemon("--help")
    equal((helped.returncode, "--check-config" in helped.stdout), (0, True))
    versioned = daemon("--version")
    equal((versioned.returncode, versioned.stdout.startswith("ckbridged ")), (0, True))
    code, said = check(daemon("--help-config").stdout)
    equal((code, "error" in said), (0, False), said)


def test_wrong_file_does_not_start():
    wrong = harness.Bridge(folder.write("wrong.conf", base + "[oops]\n"))
    wrong.start(ready=False)
    equal(wrong.process.wait(harness.DEADLINE_S), 3)
    wrong.kill()
    equal(wrong.log("event=configuration_error") is not None, True)


def test_taken_port_does_not_start():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wrong = harness.Bridge(folder.write("taken.conf", base.replace(
            "[http]\nlisten = 127.0.0.1:0", f"[http]\nlisten = 127.0.0.1:{port}")))
        wrong.start(ready=False)
        equal(wrong.process.wait(harness.DEADLINE_S), 1)
        wrong.kill()
    equal(str(port) in wrong.log("event=start_failed"), True)


def reload(text, outcome):
    folder.write("ckbridge.conf", text)
    after = len(bridge.lines)
    bridge.signal(signal.SIGHUP)
    bridge.wait_log(f"event={outcome}", after)
    return after


def test_reload_keeps_sessions_and_applies():
    bridge.start()
    events = Events(bridge)
    alice = Km(bridge.address(), contexts["alice"])
    events.wait("km.connected", km_id="alice")
    new_token = hashlib.sha256(b"new-secret").hexdigest()
    reload(base.replace("[decision]", "[decision]\ncompletion_ms = 12345") + alice_section
           + harness.km_section("bob", "kma-4") + f"[token \"new\"]\nrole = viewer\nsha256 = {new_token}\n"
           + "[link \"l1\"]\na = kma-1\nb = kma-4\n", "reloaded")
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)  # the session of before
    bob = Km(bridge.address(), contexts["bob"])
    events.wait("km.connected", km_id="bob")
    equal(bridge.read("/links/l1")["a"], "kma-1")
    wait_until(lambda: bridge.read("/status")["decision"]["completion_ms"] == 12345, "completion_ms to be applied")
    harness.TOKENS["new"] = "new-secret"
    equal(bridge.get("/status", token="new")[0], 200)
    equal([event["event"] for event in events.received].count("km.disconnected"), 0)
    bob.close()
    alice.close()
    events.close()


def test_reload_loses_nothing_that_falls_due_meanwhile():
    """A thousand relays expire one after the other, while the file is read again and again."""
    count, text = 1000, (base.replace("[decision]", "[decision]\norder = routes\ncompletion_ms = 400") + alice_section
                         + harness.km_section("bob", "kma-4"))
    reload(text, "reloaded")
    bridge.put("/routes/due", {"source_kma_id": "kma-1", "destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"]})
    alice = Km(bridge.address(), contexts["alice"])
    for _ in range(count):
        alice.notify("kma-1", "kma-4")
    sent = {alice.expect(harness.RELAY_REQUEST)["key_relay_request_ID"] for _ in range(count)}
    equal(len(sent), count)
    def expired():
        reload(text, "reloaded")
        return len(sent & {relay["relay_id"] for relay in bridge.items("/relays?state=expired")}) == count
    wait_until(expired, "every relay to have expired")
    alice.close()
    equal(bridge.request("DELETE", "/routes/due")[0] in (200, 204), True)


def test_reload_takes_away():
    events = Events(bridge)
    bob = Km(bridge.address(), contexts["bob"])
    events.wait("km.connected", km_id="bob")
    reload(base + alice_section, "reloaded")
    bob.expect_closed()
    wait_until(lambda: bridge.get("/kms/bob")[0] == 404, "bob to be gone")
    equal(bridge.get("/status", token="new")[0], 401)
    events.close()


def test_reload_of_certificates_is_used_by_the_next_handshake():
    alice = Km(bridge.address(), contexts["alice"])
    before = alice.socket.getpeercert(binary_form=True)
    pki.issue("server2", "DNS:localhost,IP:127.0.0.1")
    reload((base + alice_section).replace("server.pem", "server2.pem").replace("server.key", "server2.key"), "reloaded")
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)
    second = Km(bridge.address(), contexts["alice"])
    equal(second.socket.getpeercert(binary_form=True) != before, True, "the new certificate is shown")
    second.close()
    alice.close()


def test_reload_with_a_new_crl_refuses_the_next_handshake():
    reload(base + alice_section + harness.km_section("bob", "kma-4"), "reloaded")
    events = Events(bridge)
    bob = Km(bridge.address(), contexts["bob"])
    events.wait("km.connected", km_id="bob")
    bob.close()
    pki.revoke(certificates["bob"][0])
    after = len(bridge.lines)
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded", after)
    try:
        again = Km(bridge.address(), contexts["bob"])
        again.expect_closed()
    except OSError:
        pass
    equal("revoked" in events.wait("km.refused")["data"]["detail"], True)
    events.close()


def test_bad_reload_keeps_the_old_configuration():
    alice = Km(bridge.address(), contexts["alice"])
    for text in ("[bridge\n", base.replace("[decision]", "[decision]\ncompletion_ms = never"),
                 base.replace(pki.ca, folder / "none.pem"),
                 base.replace("[http]", f"[http]\ncertificate = {folder / 'bad.pem'}\nkey = {folder / 'bad.pem'}")):
        after = reload(text + alice_section, "reload_refused")
        equal(bridge.log("event=configuration_error", after) is not None, True)
    equal(bridge.get("/readyz", token=None)[0], 200)
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)
    alice.close()


def test_reload_that_contradicts_the_api_is_refused():
    bridge.put("/kms/carol", {"kma_ids": ["kma-9"], "identity": "dns:carol.example"})
    after = reload(base + harness.km_section("dora", "kma-9"), "reload_refused")
    equal("kma-9" in bridge.log("event=configuration_error", after), True)
    equal(bridge.get("/kms/dora")[0], 404)
    reload(base + alice_section, "reloaded")
    equal(bridge.get("/kms/carol")[0], 200)


def test_settings_that_take_a_restart_are_named():
    after = reload(base.replace("[bridge]", "[bridge]\nsessions_max = 77") + alice_section, "reloaded")
    equal("section=bridge setting=sessions_max" in bridge.log("event=restart_needed", after), True)
    moved = base.replace("[http]\nlisten = 127.0.0.1:0", "[http]\nlisten = 127.0.0.1:9")
    after = reload(moved + alice_section, "reloaded")
    bridge.wait_log("section=http setting=listen", after)
    reload(moved + alice_section, "reloaded")
    equal(bridge.get("/readyz", token=None)[0], 200, "still served where it was")


def test_new_listener_serves_after_reload():
    reload(base + alice_section + harness.ck_section(pki, "second"), "reloaded")
    alice = Km(bridge.address("second"), contexts["alice"])
    message_id = alice.ask("kma-1", "kma-1")
    alice.expect(harness.NEXT_HOP_RESPONSE, message_id)
    alice.close()


def test_stop_is_clean():
    bridge.stop()
    equal(bridge.log("event=stopped exit_code=0") is not None, True)


def clean():
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
