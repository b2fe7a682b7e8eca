#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The subagent beside a master agent that is not there, refuses, hangs, is killed, and comes back."""
import contextlib
import itertools
import json
import os
import pwd
import random
import resource
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import agentx_master
import snmp_stage
from agentx_master import Master, response
from snmp_stage import CK_ROOT, Snmpd, Trapd, harness, wait_agent
from harness import equal, wait_until
from stage import Stage

CKSIM = os.path.join(harness.BUILD, "cksim")
TRAP_OID = ".1.3.6.1.6.3.1.1.4.1.0"
KMS = {"alice": ("kma-1", "")}


@contextlib.contextmanager
def beside(master, kms=None, more="", **stage):
    """A bridge whose agentx_socket is the master's path, or an address."""
    address = master if isinstance(master, str) else "unix:" + master.path
    shown = Stage(kms or KMS, more=f"\n[snmp]\nagentx_socket = {address}\nnotifications_per_minute = 60000\n{more}",
                  **stage)
    try:
        yield shown.bridge
    finally:
        shown.close()


@contextlib.contextmanager
def misbehaving(answer):
    folder = harness.Folder()
    master = Master(folder / "agentx", answer)
    try:
        yield master
    finally:
        master.close()
        folder.remove()


def snmp(bridge):
    return bridge.read("/status")["snmp"]


def wait_detail(bridge, words):
    """Until the status says these words of an agent that is not connected."""
    def said():
        found = snmp(bridge)
        return found if not found["connected"] and words in (found["detail"] or "") else None
    found = wait_until(said, f"{words!r} in {snmp(bridge)}")
    equal("[snmp] agentx_socket = " in found["detail"], True, f"the setting is named: {found}")
    return found


def wait_lost(bridge):
    return wait_until(lambda: not snmp(bridge)["connected"], f"the master agent's loss to be seen: {snmp(bridge)}")


def stops_well(bridge):
    """It stops by itself and leaves no thread behind."""
    bridge.stop()
    equal([line for line in bridge.lines if "snmp_left_behind" in line], [], "threads left behind")


def polite(kind, header):
    return None if kind == agentx_master.CLOSE else response(header)


# ---- never there

def test_without_a_socket_the_bridge_runs_and_says_so():
    folder = harness.Folder()
    with beside("unix:" + folder / "nothing") as bridge:
        equal(snmp(bridge)["mode"], "agentx", "mode")
        wait_detail(bridge, "No such file or directory")
        equal(bridge.get("/readyz", token=None)[0], 200, "ready")
        stops_well(bridge)
    folder.remove()


def test_a_path_alone_is_a_socket_too():
    with misbehaving(polite) as master, beside(master.path) as bridge:
        wait_agent(bridge)


def test_tcp_that_is_refused_then_served():
    port = snmp_stage.free_port(socket.SOCK_STREAM)
    with beside(f"tcp:127.0.0.1:{port}") as bridge:
        wait_detail(bridge, "Connection refused")
        folder = harness.Folder()
        agent = Snmpd(folder, more=f"agentXSocket tcp:127.0.0.1:{port}")
        try:
            agent.start()
            wait_agent(bridge)
            equal(len(agent.manager().walk()) > 0, True, "the MIB is served")
        finally:
            agent.kill()
            folder.remove()


def test_a_socket_that_may_not_be_entered_is_told_and_the_master_is_tried_as_the_daemons_user():
    """As the one that it has become: what root could enter at the start, it could not enter again."""
    folder = harness.Folder()
    os.chmod(folder.path, 0o755)
    locked = folder / "locked"
    os.mkdir(locked, 0o700)
    answers = Master(os.path.join(locked, "agentx"), polite)
    as_root = os.geteuid() == 0
    if not as_root:
        os.chmod(locked, 0)
    shown = harness.Folder()
    try:
        text = harness.base_sections(shown).replace("[bridge]\n", "[bridge]\nuser = nobody\n") + harness.ck_section(
            harness.Pki(shown.path)) + f"\n[snmp]\nagentx_socket = unix:{answers.path}\n"
        bridge = harness.Bridge(shown.write("ckbridge.conf", text))
        if as_root:
            os.chown(shown.path, pwd.getpwnam("nobody").pw_uid, -1)
        try:
            bridge.start()
            wait_detail(bridge, "Permission denied")
            equal(answers.accepted, 0, "connections")
            os.chmod(locked, 0o755)
            os.chmod(answers.path, 0o666)
            wait_agent(bridge)
            bridge.stop()
        finally:
            bridge.kill()
    finally:
        os.chmod(locked, 0o700)
        answers.close()
        shown.remove()
        folder.remove()


# ---- masters that misbehave

def test_a_master_that_never_answers_is_told_and_holds_no_stop():
    with misbehaving(lambda kind, header: None) as master, beside(master) as bridge:
        wait_detail(bridge, "it does not answer")
        wait_until(lambda: master.accepted > 1, "another attempt")
        wait_until(lambda: master.open, "one that waits")
        stops_well(bridge)


def test_attempts_at_a_master_that_closes_at_once_do_not_add_up():
    """Each waits its pause: 250 ms, 500 ms, 1 s, 2 s, 2 s. A slow machine only makes them longer."""
    def close(kind, header):
        raise ConnectionError
    with misbehaving(close) as master:
        begin = time.monotonic()
        with beside(master) as bridge:
            wait_until(lambda: master.accepted >= 6, "six attempts")
            equal(time.monotonic() - begin >= 5.75, True, "attempts wait their pauses")
            equal(snmp(bridge)["connected"], False, "connected")
            master.answer = polite
            wait_agent(bridge)
            before = master.accepted
            wait_until(lambda: master.kinds.count(agentx_master.PING) >= 2, "pings")
            equal(master.accepted, before, "connections when it is well")


def test_a_master_that_falls_silent_during_registration():
    registered = []

    def answer(kind, header):
        if kind == agentx_master.REGISTER:
            registered.append(kind)
            return response(header) if len(registered) < 3 else None
        return polite(kind, header)
    with misbehaving(answer) as master, beside(master) as bridge:
        wait_detail(bridge, "it does not answer a registration")
        master.answer = polite
        wait_agent(bridge)
        stops_well(bridge)


def test_a_refused_registration_is_told_and_tried_again():
    def refuse(kind, header):
        return response(header, 263 if kind == agentx_master.REGISTER else 0)
    with misbehaving(refuse) as master, beside(master) as bridge:
        wait_detail(bridge, "it refuses a registration")
        master.answer = polite
        wait_agent(bridge)


def test_a_refused_opening():
    with misbehaving(lambda kind, header: response(header, 256)) as master, beside(master) as bridge:
        wait_detail(bridge, "it refuses to open a session")
        master.answer = polite
        wait_agent(bridge)


@contextlib.contextmanager
def librarys_leak_is_let_pass():
    """net-snmp 5.9.3 does not free a PDU (280 bytes) that it could not parse: once for each such answer of the machine's
    own master agent. A leak of ours still fails the test."""
    folder = harness.Folder()
    before = os.environ.get("LSAN_OPTIONS")
    os.environ["LSAN_OPTIONS"] = f"suppressions={folder.write('suppressions', 'leak:libnetsnmp.so')}:print_suppressions=0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LSAN_OPTIONS"]
        else:
            os.environ["LSAN_OPTIONS"] = before
        folder.remove()


def test_noise_from_the_master_is_survived():
    noises = [b"\xff" * 64, b"\x01\x12" + b"\xff" * 18, random.Random(7).randbytes(512), b"\x01\x05\x10\x00" + b"\x00" * 12 + b"\x7f" * 4,
              b"\x01"]
    for noise in noises:
        def answer(kind, header, noise=noise):
            return response(header) + noise if kind == agentx_master.PING else polite(kind, header)
        with misbehaving(answer) as master, librarys_leak_is_let_pass(), beside(master) as bridge:
            wait_agent(bridge)
            wait_until(lambda: agentx_master.PING in master.kinds, "a ping")
            master.answer = polite
            master.drop()
            wait_until(lambda: master.accepted >= 2, f"another attempt after {noise!r}")
            wait_agent(bridge)
            stops_well(bridge)


def test_the_agents_thread_gives_way_to_the_others():
    """SCHED_BATCH, and nicer than the core's: fields 41 and 19 of proc(5)'s stat."""
    def named(task):
        with open(f"/proc/{bridge.process.pid}/task/{task}/stat", encoding="ascii") as file:
            name, fields = file.read().split("(", 1)[1].rsplit(")", 1)
        fields = fields.split()
        return name, (int(fields[38]), int(fields[16]))
    with misbehaving(polite) as master, beside(master) as bridge:
        wait_agent(bridge)
        threads = dict(named(task) for task in os.listdir(f"/proc/{bridge.process.pid}/task"))
        _, (policy, nice) = named(bridge.process.pid)
        equal(policy, os.SCHED_OTHER, "the core's policy")
        equal(threads["snmp"], (os.SCHED_BATCH, min(nice + 5, 19)), f"the agent's, of {threads}")


def test_a_master_that_no_longer_reads_does_not_hold_the_bridge():
    """Notifications fill its socket; the requests of key managers are answered all the same."""
    reads = [True]

    def answer(kind, header):
        wait_until(lambda: reads[0], "to be told to read on", 600)
        return polite(kind, header)
    with misbehaving(answer) as master:
        shown = Stage(KMS, more=f"\n[snmp]\nagentx_socket = unix:{master.path}\nnotifications_per_minute = 60000\n")
        try:
            wait_agent(shown.bridge)
            alice = shown.dial("alice")
            reads[0] = False
            for number in range(1, 1200):
                alice.notify("kma-1", "kma-nowhere", number)
            shown.bridge.wait_counter("alice", "relays_failed", 1199)
            wait_lost(shown.bridge)
            stops_well(shown.bridge)
        finally:
            reads[0] = True
            shown.close()


def descriptors(bridge):
    return len(os.listdir(f"/proc/{bridge.process.pid}/fd"))


def memory_kib(bridge):
    with open(f"/proc/{bridge.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def test_fifty_masters_leave_no_descriptor_and_no_memory():
    # A sanitizer that keeps what was freed would be taken for a leak; it finds real ones by itself.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
    with misbehaving(polite) as master, beside(master) as bridge:
        def come_and_go(times):
            for _ in range(times):
                before = master.accepted
                master.drop()
                wait_until(lambda: master.accepted > before, "another attempt")
                wait_agent(bridge)
        wait_agent(bridge)
        come_and_go(5)
        bridge.read("/status")
        open_before, memory_before = descriptors(bridge), memory_kib(bridge)
        come_and_go(50)
        wait_until(lambda: descriptors(bridge) <= open_before, f"{descriptors(bridge)} descriptors, {open_before} before")
        equal(memory_kib(bridge) - memory_before < 4096, True, "memory of 50 connections below 4 MiB")


# ---- snmpd itself

@contextlib.contextmanager
def with_snmpd(more="", kms=None, settings=""):
    folder = harness.Folder()
    agent = Snmpd(folder, more=more)
    try:
        agent.start()
        shown = Stage(kms or KMS, more=agent.sections(settings))
        try:
            wait_agent(shown.bridge)
            yield shown, agent
        finally:
            shown.close()
    finally:
        agent.kill()
        folder.remove()


def test_snmpd_killed_and_started_again():
    with with_snmpd() as (shown, agent):
        walked = set(agent.manager().walk())
        for _ in range(3):
            agent.kill()
            wait_lost(shown.bridge)
            agent.start()
            wait_agent(shown.bridge)
            equal(set(agent.manager().walk()), walked, "names after a restart")


def test_snmpd_frozen_in_a_walk_and_thawed():
    kms = {f"km-{number}": (f"kma-{number}", "") for number in range(40)}
    with with_snmpd(kms=kms) as (shown, agent):
        walked = set(agent.manager().walk())
        command, environment = agent.manager(timeout_s=30).command("snmpwalk", [snmp_stage.OPTIONS], [CK_ROOT])
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as walk:
            first = [walk.stdout.readline() for _ in range(20)]
            agent.freeze()
            wait_lost(shown.bridge)
            agent.thaw()
            wait_agent(shown.bridge)
            rest = walk.stdout.readlines()
        equal(len(first), 20, "lines before")
        equal(bool(rest) or walk.returncode != 0, True, "the walk ends")
        equal(set(agent.manager().walk()), walked, "names after it")


def test_the_bridge_stops_beside_a_frozen_snmpd():
    for wait_before in (False, True):
        with with_snmpd() as (shown, agent):
            agent.freeze()
            if wait_before:
                wait_lost(shown.bridge)
            stops_well(shown.bridge)


def ours(received):
    """Without snmpd's own of its start and end."""
    return [one for one in received if one.cells[TRAP_OID].value.startswith(CK_ROOT)]


def test_notifications_wait_for_the_master():
    folder = harness.Folder()
    trapd = Trapd(folder)
    try:
        trapd.start()
        sink = f"trap2sink udp:127.0.0.1:{trapd.port} {snmp_stage.COMMUNITY}"
        with with_snmpd(more=sink) as (shown, agent):
            agent.kill()
            wait_lost(shown.bridge)
            alice = shown.dial("alice")
            shown.bridge.wait_connected("alice")
            alice.close()
            wait_until(lambda: shown.bridge.km("alice")["session"]["state"] != "connected", "alice to be away")
            equal(ours(trapd.received()), [], "notifications without a master")
            agent.start()
            trapd.wait(lambda received: len(ours(received)) == 2, "the notifications of alice's coming and going")
    finally:
        trapd.kill()
        folder.remove()


def test_a_second_bridge_is_refused_until_the_first_ends():
    with with_snmpd() as (first, agent):
        second = Stage({"bob": ("kma-2", "")}, more=agent.sections())
        try:
            wait_detail(second.bridge, "it refuses a registration: does another bridge or subagent")
            equal(snmp(first.bridge)["connected"], True, "the first is served")
            first.bridge.stop()
            wait_agent(second.bridge)
        finally:
            second.close()


def test_a_reload_keeps_the_connection_and_tells_what_takes_a_restart():
    with with_snmpd() as (shown, agent):
        before = len(agent.manager().walk())
        text = shown.text()
        def reload(changed):
            seen = len(shown.bridge.lines)
            shown.folder.write("ckbridge.conf", changed)
            shown.bridge.signal(signal.SIGHUP)
            shown.bridge.wait_log("event=reloaded", seen)
            return [line for line in shown.bridge.lines[seen:] if "restart_needed section=snmp" in line]

        key = shown.folder.write("key", "a passphrase\n")
        for change, told in ((text.replace("[snmp]\n", "[snmp]\nnotifications_per_minute = 7\n"),
                              "section=snmp setting=notifications_per_minute"),
                             (text + f'\n[snmp_user "new"]\nauth_key_file = {key}\n', "section=snmp_user setting=*")):
            found = reload(change)
            equal((len(found), told in "".join(found)), (1, True), f"{told} in {found}")
            equal(snmp(shown.bridge)["connected"], True, "connected")
            reload(text)
        equal(len(agent.manager().walk()), before, "the same names")


def test_relays_succeed_while_snmpd_is_killed_frozen_and_restarted():
    folder = harness.Folder()
    agent = Snmpd(folder).start()
    fleet = ["--kms", "6", "--mode", "centralized", "--load", "closed:4", "--seconds", "14", "--seed", "7",
             "--certificate-dir", folder / "fleet", "--ca", folder / "fleet/ca.pem"]
    try:
        scenario = folder.write("scenario", "[fleet]\nkms = 6\nmode = centralized\n")
        subprocess.run([CKSIM, "--scenario", scenario, "--pki", folder / "fleet"], check=True, capture_output=True)
        sections = subprocess.run([CKSIM, "--scenario", scenario, "--emit-config"], check=True, capture_output=True,
                                  text=True).stdout
        pki = folder / "fleet"
        text = harness.base_sections(folder, decision="order = routes") + f"""
[ck "main"]
listen = 127.0.0.1:0
security = tls
certificate = {pki}/server.pem
key = {pki}/server.key
ca = {pki}/ca.pem
{sections}
{agent.sections("notifications_per_minute = 60000")}
"""
        bridge = harness.Bridge(folder.write("ckbridge.conf", text))
        bridge.start()
        try:
            wait_agent(bridge)
            for source, destination in itertools.permutations(range(1, 7), 2):  # around the ring
                path = [f"kma-{(source - 1 + step) % 6 + 1}" for step in range((destination - source) % 6 + 1)]
                bridge.put(f"/routes/from-{source}-to-{destination}", {
                    "source_kma_id": path[0], "destination_kma_id": path[-1], "path": path, "priority": 1})
            host, port = bridge.address()
            with subprocess.Popen([CKSIM, *fleet, "--connect", f"{host}:{port}", "--report", "json", "--progress=none"],
                                  stdout=subprocess.PIPE, text=True) as load:
                wait_until(lambda: bridge.read("/status")["totals"]["relays_received"] > 0, "load")
                agent.freeze()
                wait_lost(bridge)
                agent.thaw()
                wait_agent(bridge)
                agent.kill()
                wait_lost(bridge)
                agent.start()
                wait_agent(bridge)
                report = json.loads(load.stdout.read())
            equal(load.returncode, 0, f"cksim's verdict: {report}")
            outcomes = report["requests"]["outcomes"]
            equal({name: count for name, count in outcomes.items() if count and name != "succeeded"}, {}, "not succeeded")
            equal(outcomes["succeeded"] > 0, True, "relays")
            equal(len(agent.manager().walk()) > 0, True, "the MIB is served")
            bridge.stop()
        finally:
            bridge.kill()
    finally:
        agent.kill()
        folder.remove()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
