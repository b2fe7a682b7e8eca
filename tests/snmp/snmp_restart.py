#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Notifications over an orderly stop of the bridge, kill -9, reloads, and a change by the API: each event has its own
once, those of the stop and of the start too, and the audit trail names the events that a change has caused.
"""
import contextlib
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from snmp_notices import Books
from snmp_stage import COMMUNITY, Snmpd, Standalone, Trapd, wait_agent
import harness
from harness import equal, wait_until
from stage import Stage

NAMES = ("alice", "bob", "carol")
KMS = {name: (f"kma-{number}", "") for number, name in enumerate(NAMES)}
SOON = "order = routes\ncompletion_ms = 3000"
books = Books()


@contextlib.contextmanager
def told_to(mode, kms=None, decision=""):
    """(stage, trapd, agent) of a bridge whose notifications come to a receiver that outlives it."""
    home, folder = harness.Folder(), harness.Folder()
    trapd, stage = Trapd(home).start(), None
    agent = Standalone(folder)
    more = f'\n[snmp_receiver "r"]\naddress = udp:127.0.0.1:{trapd.port}\ncommunity = {COMMUNITY}\n'
    if mode == "agentx":
        agent, more = Snmpd(folder, more=f"trap2sink 127.0.0.1:{trapd.port} {COMMUNITY}").start(), ""
    try:
        stage = Stage(dict(KMS) if kms is None else kms, decision=decision, more=agent.sections() + more)
        wait_agent(stage.bridge)
        yield stage, trapd, agent
    finally:
        if stage is not None:
            stage.close()
        if mode == "agentx":
            agent.kill()
        trapd.kill()
        folder.remove()
        home.remove()


def events_of(bridge):
    return sorted(bridge.items("/events"), key=lambda event: int(event["event_id"]))


def wait_told(stage, trapd):
    """Until all events that have one have had their notification, in order; the events."""
    events = events_of(stage.bridge)
    books.wait(trapd, books.expected(events), stage.bridge)
    return events


def connect_all(stage, names=NAMES):
    for name in names:
        stage.dial(name)
        stage.bridge.wait_connected(name)


def types_of(events):
    return [event["type"] for event in events if event["type"].startswith(("km.", "relay."))]


def assert_orderly_stop_is_told(mode):
    with told_to(mode) as (stage, trapd, _):
        connect_all(stage)
        stage.bridge.stop()
        left = [line for line in stage.bridge.lines if "snmp_unsent" in line or "snmp_left_behind" in line]
        equal(left, [], "what the stop left")
        stage.bridge.start()
        wait_agent(stage.bridge)
        connect_all(stage)
        found = types_of(wait_told(stage, trapd))
        equal(sorted(found), sorted(["km.connected"] * 6 + ["km.disconnected"] * 3), "events of the stop and after it")


def test_agentx_an_orderly_stop_is_told_once():
    assert_orderly_stop_is_told("agentx")


def test_standalone_an_orderly_stop_is_told_once():
    assert_orderly_stop_is_told("standalone")


def assert_kill_is_told(mode):
    """What had been told is not told again; what the start makes of what was left is told."""
    with told_to(mode, decision=SOON) as (stage, trapd, _):
        stage.install("r", ["kma-0", "kma-1"])
        connect_all(stage)
        stage.sessions[0].relay({"source_KMA_ID": "kma-0", "destination_KMA_ID": "kma-1"})
        wait_told(stage, trapd)
        stage.bridge.kill()
        del stage.kms["alice"]  # from the file: the start ends its relay
        stage.folder.write("ckbridge.conf", stage.text())
        stage.bridge.start()
        wait_agent(stage.bridge)
        connect_all(stage, NAMES[1:])
        wait_told(stage, trapd)


def test_agentx_a_kill_is_told_once():
    assert_kill_is_told("agentx")


def test_standalone_a_kill_is_told_once():
    assert_kill_is_told("standalone")


def test_walks_and_reloads_beside_notifications():
    with told_to("standalone") as (stage, trapd, agent):
        for _ in range(3):
            connect_all(stage)
            names = set(agent.manager().walk())
            before = len(stage.bridge.lines)
            stage.bridge.signal(signal.SIGHUP)
            stage.bridge.wait_log("event=reloaded", before)
            for session in stage.sessions:
                session.close()
            equal(set(agent.manager(version="3").walk()), names, "names after a reload")
            wait_until(lambda: stage.bridge.read("/status")["totals"]["kms_connected"] == 0, "all to be gone")
            stage.sessions.clear()
        wait_told(stage, trapd)
        stage.bridge.stop()


def test_audit_names_the_event_of_the_notification():
    with told_to("standalone", kms={}) as (stage, trapd, _):
        body = {"kma_ids": ["kma-0"], "identity": "dns:alice.example", "enabled": True}
        stage.kms["alice"] = ("kma-0", "")
        stage.bridge.put("/kms/alice", body)
        stage.dial("alice")
        stage.bridge.wait_connected("alice")
        stage.bridge.put("/kms/alice", {**body, "enabled": False})
        events = wait_told(stage, trapd)
        down = next(event for event in events if event["type"] == "km.disconnected")
        entry = stage.bridge.read("/audit?limit=1")["items"][0]
        equal((entry["action"], entry["target"]), ("PUT", "/api/v1/kms/alice"), entry)
        caused = range(int(entry["first_event_id"]), int(entry["last_event_id"]) + 1)
        equal(int(down["event_id"]) in caused, True, f"{down} in {entry}")
        told = books.ours(trapd.received())[-1]
        equal((books.name(told), books.value(told, "ckbEventId").decode()), ("ckbKmDown", down["event_id"]))
        books.judge(told, down)


harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
