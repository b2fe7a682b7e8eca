#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every kind of event against real snmptrapds: who has a notification gets it once, in order, with each varbind as
the event of its ID has it; who has none gets none. Through snmpd (AgentX), and standalone by v2c and v3, as traps and
as informs.
"""
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from snmp_notices import NOTIFICATION_OF, Books
from snmp_stage import COMMUNITY, USER, Snmpd, Standalone, Trapd, wait_agent
import harness
from harness import Closed, equal, wait_until
from stage import Stage
import store_lock

KMS = {name: (kma, "") for name, kma in (("alice", "kma-1"), ("bob", "kma-9"), ("carol", "kma-5"))}
NO_END = "frames_per_second = 0\nbad_frames_per_minute = 1000"
books = Books()


def limits(orchestrator_ms=600000, completion_ms=600000):
    """Of [decision]: what is not to end by time does not, on the slowest machine."""
    return f"order = orchestrator, routes\norchestrator_ms = {orchestrator_ms}\ncompletion_ms = {completion_ms}"


def events_of(bridge):
    """All events, oldest first."""
    return sorted(bridge.items("/events"), key=lambda event: int(event["event_id"]))


# ---- what happens

def relays_that_end_by_themselves(stage, alice):
    """succeeded, failed, expired, and one that nobody knows."""
    done = alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"})
    alice.respond({"response": "success", "key_relay_request_ID": done.payload["key_relay_request_ID"]})
    stage.wait_newest("alice", "succeeded")
    failed = alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"})
    alice.respond({"response": "keine Schlüssel \u2026 " + "x" * 600,
                   "key_relay_request_ID": failed.payload["key_relay_request_ID"]})
    stage.wait_newest("alice", "failed", "km_failure")
    alice.respond({"response": "success", "key_relay_request_ID": "999999"})
    stage.set_decision(limits(completion_ms=200))
    alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"})
    stage.wait_newest("alice", "expired", "completion_timeout")


def relay_that_is_orphaned(stage):
    carol = stage.dial("carol")
    stage.bridge.wait_connected("carol")
    stage.set_decision(limits(completion_ms=2500))  # by which she is to be away
    carol.relay({"source_KMA_ID": "kma-5", "destination_KMA_ID": "kma-9"})
    carol.close()
    stage.wait_newest("carol", "orphaned")


def requests_for_the_orchestrator(stage, alice):
    """Held: decided too late, by a route; by nobody; a lookup; and one that is rejected in time."""
    stage.bridge.put("/links/l-1", {"a": "kma-1", "b": "kma-9"})
    stage.set_decision(limits(orchestrator_ms=300))
    orchestrator = stage.listen("orchestrator")
    late = alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"})
    alice.respond({"response": "success", "key_relay_request_ID": late.payload["key_relay_request_ID"]})
    routed = stage.wait_newest("alice", "succeeded")
    alice.send(harness.NOTIFY, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-77"})
    nobody = stage.wait_newest("alice", "failed", "no_route")
    alice.send(harness.NEXT_HOP_REQUEST, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-79"})
    orchestrator.wait("lookup.awaiting_decision")
    orchestrator.wait("lookup.answered")
    stage.set_decision(limits())
    alice.send(harness.NOTIFY, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-78"})
    held = stage.wait_newest("alice", "awaiting_decision")
    equal(stage.bridge.post(f"/relays/{held['relay_id']}/decision", {"reject": "maintenance"})[0], 200)
    orchestrator.close()
    stage.set_decision(limits(orchestrator_ms=300))  # who is still called present for a while
    return {routed["relay_id"]: "relay.instructed", nobody["relay_id"]: "relay.failed"}


def peers_that_err(stage, alice):
    alice.send(harness.NOTIFY, b"no JSON")
    stage.bridge.wait_counter("alice", "malformed", 1)
    try:
        harness.Km(stage.bridge.address(), harness.tls_context(stage.pki.ca, stage.pki.issue("mallory"))).expect_closed()
    except (Closed, OSError):
        pass
    wait_until(lambda: any(event["type"] == "km.refused" for event in events_of(stage.bridge)), "km.refused")


def overload(stage, alice):
    """The store is locked for as long as it may be without being called unavailable, and alice asks for much."""
    stream = stage.listen()
    payload = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9", "extension": [{"v_x": "e" * 4000}] * 4}
    stopped = threading.Event()

    def flood():
        number = 1000
        while not stopped.is_set():
            number += 1
            try:
                alice.send(harness.NEXT_HOP_REQUEST, payload, number)
            except Closed:
                return
    sender = threading.Thread(target=flood, daemon=True)
    sender.start()
    try:
        store_lock.lock_until(stage.folder / "store.db",
                              lambda: any(event["event"] == "overload.entered" for event in stream.received))
        stream.wait("overload.left")
    finally:
        stopped.set()
        alice.close()
        sender.join(harness.DEADLINE_S)


def play(stage):
    """Has each type of event happen. {relay: type of the event with which it was decided too late}."""
    stage.install("r-1", ["kma-1", "kma-9"])
    stage.install("r-5", ["kma-5", "kma-9"])
    alice = stage.dial("alice")
    stage.bridge.wait_connected("alice")
    relays_that_end_by_themselves(stage, alice)
    relay_that_is_orphaned(stage)
    overdue = requests_for_the_orchestrator(stage, alice)
    peers_that_err(stage, alice)
    overload(stage, alice)
    wait_until(lambda: stage.bridge.km("alice")["session"]["state"] == "disconnected", "alice to be gone")
    return overdue


# ---- what is told of it

def judge(stage, overdue, trapds):
    """Everything that came, at every receiver."""
    events = events_of(stage.bridge)
    equal({event["type"] for event in events}, set(NOTIFICATION_OF), "types of events that happened")
    late = [event["event_id"] for event in events
            if overdue.get(event["subject"].get("relay_id")) == event["type"]]
    equal(len(late), len(overdue), "decisions that came too late")
    wanted = books.expected(events, late)
    equal({name for name, _ in wanted}, set(books.mib.notifications), "notifications of the MIB that are expected")
    by_id = {event["event_id"]: event for event in events}
    for trapd in trapds:
        for notification in books.wait(trapd, wanted, stage.bridge):
            books.judge(notification, by_id[books.value(notification, "ckbEventId").decode()])
    judge_objects(stage, books.ours(trapds[0].received()))
    judge_log(stage, events)
    # Nothing more follows: the next notifications that come at each are those of the next events.
    bob = stage.dial("bob")
    stage.bridge.wait_connected("bob")
    bob.close()
    wait_until(lambda: stage.bridge.km("bob")["session"]["state"] == "disconnected", "bob to be gone")
    wanted = books.expected(events_of(stage.bridge), late)
    for trapd in trapds:
        books.wait(trapd, wanted, stage.bridge)


def judge_objects(stage, notifications):
    """What a notification says of a relay is what the relay's resource says."""
    ends = [one for one in notifications if books.name(one) in ("ckbRelayFailed", "ckbRelayExpired")]
    equal(len(ends), 4, "relays that failed, expired, were orphaned")
    for notification in ends:
        relay = stage.bridge.relay(books.value(notification, "ckbEventRelayId").decode())
        for name, member in (("ckbEventKmId", "km_id"), ("ckbEventSource", "source_kma_id"),
                             ("ckbEventDestination", "destination_kma_id"), ("ckbEventReason", "reason")):
            equal(books.value(notification, name).decode(), relay[member], f"{name} against {relay}")


def judge_log(stage, events):
    """The log has the same IDs."""
    for event in events:
        if NOTIFICATION_OF[event["type"]] is not None:
            equal(bool(stage.bridge.log(f"event={event['type']} event_id={event['event_id']} ")), True,
                  f"log line of {event}")


def test_every_type_of_event_is_decided():
    with open(os.path.join(harness.SOURCE, "bridge", "http", "openapi.json"), encoding="utf-8") as file:
        schema = json.load(file)["components"]["schemas"]["EventType"]
    equal(set(NOTIFICATION_OF), set(schema["enum"]), "types of events: decide in snmp_notices.py which has a notification")
    equal(set(NOTIFICATION_OF.values()) - {None} | {"ckbDecisionOverdue"}, set(books.mib.notifications))


def test_agentx_every_event_once():
    folder, at = harness.Folder(), harness.Folder()
    trapd = Trapd(at).start()
    snmpd = Snmpd(folder, more=f"trap2sink 127.0.0.1:{trapd.port} {COMMUNITY}").start()
    stage = Stage(KMS, decision=limits(), ck=NO_END, more=snmpd.sections())
    try:
        wait_agent(stage.bridge)
        judge(stage, play(stage), [trapd])
        counts = wait_until(lambda: (lambda snmp: snmp if snmp["notifications_waiting"] == 0 else None)(
            stage.bridge.read("/status")["snmp"]), "the last one to be acknowledged")
        equal((counts["notifications_suppressed"], counts["notifications_lost"]), (0, 0), counts)
        equal(counts["notifications_sent"], len(books.ours(trapd.received())), counts)
    finally:
        stage.close()
        snmpd.kill()
        trapd.kill()
        folder.remove()
        at.remove()


def receiver(name, trapd, inform, version):
    how = f"user = {USER}" if version == 3 else f"community = {COMMUNITY}"
    return f"""
[snmp_receiver "{name}"]
address = udp:127.0.0.1:{trapd.port}
inform = {"yes" if inform else "no"}
{how}
"""


def engine_of(agent):
    """The engine of a standalone agent is known from its first start on, as an administrator would see it."""
    stage = Stage({}, more=agent.sections())
    wait_agent(stage.bridge)
    stage.close()
    return agent.engine()[0]


def test_standalone_every_event_once_by_all_four_ways():
    folder, homes = harness.Folder(), [harness.Folder() for _ in range(4)]
    agent = Standalone(folder)
    trapds = [Trapd(home, engines=[engine_of(agent)] if number == 0 else ()).start()
              for number, home in enumerate(homes)]
    ways = [(3, False), (3, True), (2, False), (2, True)]
    sections = "".join(receiver(f"r{number}", trapd, inform, version)
                       for number, (trapd, (version, inform)) in enumerate(zip(trapds, ways)))
    stage = Stage(KMS, decision=limits(), ck=NO_END, more=agent.sections() + sections)
    try:
        wait_agent(stage.bridge)
        judge(stage, play(stage), trapds)
        counts = stage.bridge.read("/status")["snmp"]
        equal((counts["notifications_lost"], counts["detail"]), (0, None), counts)
    finally:
        stage.close()
        for trapd, home in zip(trapds, homes):
            trapd.kill()
            home.remove()
        folder.remove()


harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
