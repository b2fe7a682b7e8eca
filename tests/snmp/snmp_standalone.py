#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A standalone agent against what it cannot use, and against those who may not ask, ask too much, or lie."""
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_packets
import snmp_stage
from snmp_stage import AUTH_KEY, CK_ROOT, COMMUNITY, USER, Manager, Mib, Standalone, harness, wait_agent
from harness import equal, wait_until
from stage import Stage

KMS = {"alice": ("kma-1", "")}
SYSTEM_NAME = CK_ROOT + ".1.1.1.0"
SILENCE_S = 1  # how long an answer that must not come is waited for


def snmp(bridge):
    return bridge.read("/status")["snmp"]


def refused(bridge):
    return snmp(bridge)["packets_refused"]


def wait_refused(bridge, before, what):
    return wait_until(lambda: refused(bridge) > before, f"{what} to be counted: {snmp(bridge)}")


def wait_detail(bridge, mode, *words):
    def said():
        found = snmp(bridge)
        good = found["mode"] == mode and not found["connected"] and all(one in (found["detail"] or "") for one in words)
        return found if good else None
    return wait_until(said, f"{words} in {snmp(bridge)}")


@contextlib.contextmanager
def standalone(change=lambda text: text, folder=None):
    """(stage, agent) of a bridge whose [snmp] sections `change` has changed; it need not be listening."""
    own = harness.Folder()
    agent = Standalone(folder or own)
    shown = None
    try:
        shown = Stage(KMS, more=change(agent.sections()))
        yield shown, agent
    finally:
        if shown is not None:
            shown.close()
        own.remove()


@contextlib.contextmanager
def listening(change=lambda text: text):
    with standalone(change) as (shown, agent):
        wait_agent(shown.bridge)
        yield shown, agent


def still_well(shown, agent):
    """It answers whom it should, and the bridge lives."""
    cells = agent.manager().walk()
    equal(len(cells) > 0, True, "cells")
    equal(set(agent.manager(version="3").walk()), set(cells), "names by v3")
    equal(shown.bridge.get("/readyz", token=None)[0], 200, "ready")


# ---- where it listens

def test_every_transport_answers():
    port = snmp_stage.free_port()

    def at_all(text):
        return text.replace("listen = ", f"listen = udp6:[::1]:{port}, tcp6:[::1]:{port}, ")
    with listening(at_all) as (shown, agent):
        expected = set(agent.manager().walk())
        equal(set(agent.manager(transport="tcp").walk()), expected, "by TCP")
        for transport in ("udp6", "tcp6"):
            manager = agent.manager(version="3")
            manager.address = f"{transport}:[::1]:{port}"
            equal(set(manager.walk()), expected, f"by {transport}")
        shown.bridge.stop()


def test_a_port_in_use_is_told_and_taken_when_it_is_free():
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with taken, standalone(lambda text: text.replace("listen = ", f"listen = udp:127.0.0.1:{port}, ")) as (shown, agent):
        found = wait_detail(shown.bridge, "standalone", "[snmp] listen", f"udp:127.0.0.1:{port}", "Address already in use")
        equal(len(agent.manager().walk()) > 0, True, f"the other address answers: {found}")
        taken.close()
        wait_agent(shown.bridge)
        agent.port = port
        still_well(shown, agent)


def test_an_address_that_is_not_the_machines_is_told():
    with standalone(lambda text: text.replace("listen = ", "listen = udp:192.0.2.1:1161, ")) as (shown, agent):
        wait_detail(shown.bridge, "standalone", "udp:192.0.2.1:1161", "Cannot assign requested address")
        equal(len(agent.manager().walk()) > 0, True, "the other address answers")


def privileged_port():
    """One below 1024 that nobody has."""
    for port in range(1023, 511, -1):
        with open("/proc/net/udp", encoding="ascii") as file:
            if f":{port:04X} " not in file.read():
                return port
    raise AssertionError("no port is free")


def test_a_privileged_port_is_bound_before_root_is_given_up():
    """Started by another than root it is told instead, and the bridge runs on."""
    port = privileged_port()
    folder = harness.Folder()
    agent = Standalone(folder)
    text = harness.base_sections(folder).replace("[bridge]\n", "[bridge]\nuser = nobody\n") + harness.ck_section(
        harness.Pki(folder.path)) + agent.sections().replace(f"udp:127.0.0.1:{agent.port}", f"udp:127.0.0.1:{port}")
    bridge = harness.Bridge(folder.write("ckbridge.conf", text))
    try:
        for path in (agent.auth, agent.privacy):
            os.chmod(path, 0o600)
        if os.geteuid() == 0:
            os.chown(folder.path, pwd.getpwnam("nobody").pw_uid, -1)
            bridge.start()
            wait_agent(bridge)
            with open(f"/proc/{bridge.process.pid}/status", encoding="ascii") as file:
                uids = next(line.split()[1:] for line in file if line.startswith("Uid:"))
            equal(set(uids), {str(pwd.getpwnam("nobody").pw_uid)}, "the user it has become")
            equal(os.stat(folder / "snmp-engine").st_uid, pwd.getpwnam("nobody").pw_uid, "whose the engine's file is")
            equal(len(Manager(folder, port, version="3").walk()) > 0, True, "it answers")
        else:
            bridge.start()
            wait_detail(bridge, "standalone", f"udp:127.0.0.1:{port}", "Permission denied")
        bridge.stop()
    finally:
        bridge.kill()
        folder.remove()


# ---- its engine

def test_a_damaged_engine_file_is_told_and_the_bridge_runs():
    folder = harness.Folder()
    folder.write("snmp-engine", "not an engine\n")
    with standalone(folder=folder) as (shown, _):
        wait_detail(shown.bridge, "failed", "[snmp] state_folder", "is damaged; remove it")
        shown.bridge.stop()
    folder.remove()


def test_a_folder_that_may_not_be_written_is_told():
    folder = harness.Folder()
    locked = folder / "locked"
    os.mkdir(locked, 0o500)
    agent = Standalone(folder)
    text = harness.base_sections(folder).replace("[bridge]\n", "[bridge]\nuser = nobody\n") + harness.ck_section(
        harness.Pki(folder.path)) + agent.sections().replace(f"state_folder = {folder.path}", f"state_folder = {locked}")
    bridge = harness.Bridge(folder.write("ckbridge.conf", text))
    if os.geteuid() == 0:
        os.chown(folder.path, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        bridge.start()
        wait_detail(bridge, "failed", "[snmp] state_folder", "Permission denied")
        bridge.stop()
    finally:
        bridge.kill()
        folder.remove()


def test_two_bridges_do_not_share_a_folder():
    with listening() as (first, agent):
        with standalone(lambda text: text.replace(f"udp:127.0.0.1:{agent.port},tcp:127.0.0.1:{agent.tcp_port}", "x"),
                        folder=agent.folder) as (second, _):
            wait_detail(second.bridge, "failed", "[snmp] state_folder", "another bridge is using it")
        equal(snmp(first.bridge)["connected"], True, "the first")


def tells_its_identity(shown, agent):
    """In the file, in the status and on the wire it is the same engine."""
    engine, boots = agent.engine()
    equal(snmp(shown.bridge)["engine_id"], "0x" + engine, "in the status")
    report = snmp_packets.ask(agent.port, snmp_packets.discovery(), harness.DEADLINE_S)
    equal(snmp_packets.identity(engine, boots) in report, True, f"{engine} {boots} in {report.hex()}")
    return engine, boots


def test_a_copied_folder_gives_another_engine():
    with listening() as (shown, agent):
        original, _ = tells_its_identity(shown, agent)
        with open(agent.folder / "snmp-engine", encoding="ascii") as file:
            of_another = file.read().replace(" test@", " another@")
    copy = harness.Folder()
    copy.write("snmp-engine", of_another)
    with standalone(folder=copy) as (second, agent):
        wait_agent(second.bridge)
        engine, boots = tells_its_identity(second, agent)
        equal((engine != original, boots), (True, 1), "another engine")
        equal(second.bridge.log("a new one, for the folder's was another bridge's") is not None, True, "it is told")
        still_well(second, agent)
    copy.remove()


def test_boots_grow_over_restarts_and_the_engine_stays():
    with listening() as (shown, agent):
        engine, boots = tells_its_identity(shown, agent)
        for _ in range(2):
            shown.bridge.kill()
            shown.bridge.start()
            wait_agent(shown.bridge)
            boots += 1
            equal(tells_its_identity(shown, agent), (engine, boots), "the engine")
        still_well(shown, agent)


# ---- who may not ask

def test_who_asks_rightly_is_not_counted():
    with listening() as (shown, agent):
        still_well(shown, agent)
        equal(refused(shown.bridge), 0, "refused")


def answer_of(manager):
    """What the command says, which must not be a value."""
    try:
        return f"a value: {manager.run('snmpget', [], [SYSTEM_NAME])}"
    except snmp_stage.Failed as failed:
        return str(failed)


def test_unknown_users_and_wrong_keys_are_refused_and_counted():
    with listening() as (shown, agent):
        for more, words in (({"user": "stranger"}, "Unknown user name"),
                            ({"auth": "not the key at all"}, "Authentication failure"),
                            ({"privacy": "not the key at all"}, "Timeout")):
            before = refused(shown.bridge)
            said = answer_of(agent.manager(version="3", retries=0, **more))
            equal(words in said or "Decryption error" in said, True, f"{more}: {said}")
            wait_refused(shown.bridge, before, str(more))
        still_well(shown, agent)


def test_a_user_with_keys_for_privacy_is_not_answered_without():
    with listening() as (shown, agent):
        for identity in (["-v3", "-u", USER, "-l", "authNoPriv", "-a", "SHA-256", "-A", AUTH_KEY],
                         ["-v3", "-u", USER, "-l", "noAuthNoPriv"]):
            manager = agent.manager(retries=0)
            manager.identity = identity
            said = answer_of(manager)
            equal("authorizationError" in said, True, said)
        still_well(shown, agent)


def test_unknown_communities_get_silence_and_are_counted():
    with listening() as (shown, agent):
        for community in ("public", "", COMMUNITY.upper(), COMMUNITY + "x", "x" * 200):
            before = refused(shown.bridge)
            packet = snmp_packets.request(snmp_packets.GETNEXT, [CK_ROOT], community)
            equal(snmp_packets.ask(agent.port, packet, SILENCE_S), None, f"an answer to {community!r}")
            wait_refused(shown.bridge, before, repr(community))
        still_well(shown, agent)


def test_a_community_from_elsewhere_gets_silence_and_is_counted():
    with listening(lambda text: text.replace("source = 127.0.0.1", "source = 127.0.0.7")) as (shown, agent):
        packet = snmp_packets.request(snmp_packets.GETNEXT, [CK_ROOT], COMMUNITY)
        equal(snmp_packets.ask(agent.port, packet, SILENCE_S), None, "an answer")
        wait_refused(shown.bridge, 0, "a community from elsewhere")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind(("127.0.0.7", 0))
            client.connect(("127.0.0.1", agent.port))
            client.settimeout(harness.DEADLINE_S)
            client.send(packet)
            equal(len(client.recv(1 << 16)) > 0, True, "an answer to 127.0.0.7")


def test_old_packets_after_a_restart_are_replays():
    with listening() as (shown, agent):
        spy = snmp_packets.Eavesdropper(agent.port)
        try:
            Manager(agent.folder, spy.port, version="3").get_next(CK_ROOT)
        finally:
            spy.close()
        replay = spy.heard[-1]
        equal(snmp_packets.ask(agent.port, replay, harness.DEADLINE_S) is not None, True, "within the window: an answer")
        shown.bridge.stop()
        shown.bridge.start()
        wait_agent(shown.bridge)
        before = refused(shown.bridge)
        report = snmp_packets.ask(agent.port, replay, harness.DEADLINE_S)
        # usmStatsNotInTimeWindows.0
        equal(snmp_packets.name(".1.3.6.1.6.3.15.1.1.2.0") in report, True, f"a report: {report!r}")
        wait_refused(shown.bridge, before, "a replay")
        still_well(shown, agent)


# ---- what is asked

def test_set_is_refused_for_every_object_and_changes_nothing():
    with listening() as (shown, agent):
        before = agent.manager().walk()
        instances = {}
        for oid, value in before.items():
            instances.setdefault(next(name for name in Mib().accessible() if oid.startswith(name + ".")), (oid, value))
        for version in ("2c", "3"):
            for oid, value in instances.values():
                kind = {"STRING": "s", "INTEGER": "i", "Gauge32": "u", "Unsigned32": "u"}.get(value.type, "i")
                words, variables = agent.manager(version=version).command("snmpset", [], [oid, kind, "1"])
                done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
                refusal = "noAccess" in done.stderr or "notWritable" in done.stderr or "authorizationError" in done.stderr
                equal((done.returncode != 0, refusal), (True, True), f"SET of {oid} by {version}: {done.stderr}")
        equal(set(agent.manager().walk()), set(before), "names afterwards")
        still_well(shown, agent)


def test_an_oversized_getbulk_gets_a_bounded_answer():
    most = (1 << 31) - 1
    with listening() as (shown, agent):
        for oids, first, second in (([CK_ROOT], 0, most), ([CK_ROOT] * 1000, 0, most), ([CK_ROOT] * 1000, most, most),
                                    ([CK_ROOT] * 1000, 0, 0), ([CK_ROOT], -1, -1), ([CK_ROOT], -most, most), ([], 0, most)):
            packet = snmp_packets.request(snmp_packets.GETBULK, oids, COMMUNITY, first, second)
            answer = snmp_packets.ask(agent.port, packet, harness.DEADLINE_S)
            equal(answer is not None and len(answer) < 1 << 16, True,
                  f"an answer to {len(oids)} names, {first}, {second}: {answer and len(answer)}")
        still_well(shown, agent)


def test_thousands_of_malformed_packets_are_survived():
    with listening() as (shown, agent):
        spy = snmp_packets.Eavesdropper(agent.port)
        try:
            Manager(agent.folder, spy.port, version="3").bulk_walk()
        finally:
            spy.close()
        packets = [*spy.heard[:4], snmp_packets.request(snmp_packets.GETBULK, [CK_ROOT] * 3, COMMUNITY, 1, 10),
                   snmp_packets.request(snmp_packets.SET, [SYSTEM_NAME], COMMUNITY)]
        before = refused(shown.bridge)
        good = snmp_packets.request(snmp_packets.GETNEXT, [CK_ROOT], COMMUNITY)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", agent.port))
            for number, packet in enumerate(snmp_packets.mutations(packets, 4000, seed=7164)):
                client.send(packet)
                if number % 50 == 0:  # no more than its socket holds
                    equal(snmp_packets.ask(agent.port, good, harness.DEADLINE_S) is not None, True,
                          f"an answer after packet {number}")
        wait_refused(shown.bridge, before + 100, "malformed packets")
        still_well(shown, agent)


def test_malformed_streams_are_survived():
    good = snmp_packets.request(snmp_packets.GETNEXT, [CK_ROOT], COMMUNITY)
    with listening() as (shown, agent):
        for packet in snmp_packets.mutations([good, good * 3, good[:7], b"\x30\x84\xff\xff\xff\xff"], 300, seed=3):
            with socket.create_connection(("127.0.0.1", agent.tcp_port), harness.DEADLINE_S) as client:
                with contextlib.suppress(OSError):  # it may have closed before the whole was sent
                    client.sendall(packet)
        still_well(shown, agent)
        equal(len(agent.manager(transport="tcp").walk()) > 0, True, "by TCP")
        shown.bridge.stop()


if __name__ == "__main__":
    harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
