#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Notifications when something is in their way: too many of a kind, receivers that are down or restarted, a
master agent that is away, a store that cannot be written. None is lost without being counted, none comes twice.
"""
import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from snmp_notices import Books
from snmp_stage import COMMUNITY, USER, Snmpd, Standalone, Trapd, free_port, wait_agent
import harness
from harness import equal, wait_until
from stage import Stage
import store_lock

KMS = {"alice": ("kma-1", ""), "bob": ("kma-9", "")}
books = Books()


def receiver(name, address, inform="no", more=f"community = {COMMUNITY}"):
    return f'\n[snmp_receiver "{name}"]\naddress = {address}\ninform = {inform}\n{more}\n'


def counts(stage):
    return stage.bridge.read("/status")["snmp"]


def events_of(stage, kind):
    return sorted(int(event["event_id"]) for event in stage.bridge.items(f"/events?type={kind}"))


def come_and_go(stage, name):
    """A session that has begun and ended, both on record."""
    before = len(events_of(stage, "km.disconnected"))
    km = stage.dial(name)
    stage.bridge.wait_connected(name)
    km.close()
    wait_until(lambda: len(events_of(stage, "km.disconnected")) > before, f"{name} to be gone")


@contextlib.contextmanager
def standalone(receivers, settings=""):
    folder = harness.Folder()
    agent = Standalone(folder)
    stage = Stage(KMS, more=agent.sections(settings) + receivers)
    try:
        wait_agent(stage.bridge)
        yield stage
    finally:
        stage.close()
        folder.remove()


@contextlib.contextmanager
def trapd_at(port=None):
    folder = harness.Folder()
    trapd = Trapd(folder)
    trapd.port = port or trapd.port
    try:
        yield trapd.start()
    finally:
        trapd.kill()
        folder.remove()


def of_kind(trapd, name):
    return [one for one in books.ours(trapd.received()) if books.name(one) == name]


def test_rate_limits_each_kind_and_the_next_tells_how_many():
    with trapd_at() as trapd, standalone(receiver("r", f"udp:127.0.0.1:{trapd.port}"),
                                         "notifications_per_minute = 4") as stage:
        def suppressed():
            come_and_go(stage, "alice")
            return counts(stage)["notifications_suppressed"] > 0
        wait_until(suppressed, "some to be suppressed")

        def told():
            """One that counts those before it."""
            come_and_go(stage, "alice")
            return [one for one in of_kind(trapd, "ckbKmUp") if int(books.value(one, "ckbSuppressed")) > 0]
        wait_until(told, "one that tells of suppressed ones")
        came = of_kind(trapd, "ckbKmUp")
        ids = events_of(stage, "km.connected")
        stood_for = 0
        for one in came:
            stood_for += int(books.value(one, "ckbSuppressed")) + 1
            equal(int(books.value(one, "ckbEventId")), ids[stood_for - 1], "each stands for itself and those suppressed")
        equal([int(books.value(one, "ckbSuppressed")) for one in came[:4]], [0] * 4, "a minute's worth at once")


def test_receivers_that_are_down_do_not_stall_the_others():
    dead, silent = free_port(), free_port()
    with trapd_at() as trapd, standalone(
            receiver("down", f"udp:127.0.0.1:{dead}", "yes")
            + receiver("silent", f"udp:127.0.0.1:{silent}", "yes", f"user = {USER}")
            + receiver("good", f"udp:127.0.0.1:{trapd.port}")) as stage:
        come_and_go(stage, "alice")
        trapd.wait(lambda found: len(books.ours(found)) == 2, "both notifications at the good one")
        shown = wait_until(lambda: (lambda snmp: snmp if snmp["detail"] else None)(counts(stage)), "a word on it")
        equal(str(silent) in shown["detail"] or str(dead) in shown["detail"], True, shown)
        equal(shown["connected"], True, "the agent itself is well")
        wait_until(lambda: counts(stage)["notifications_lost"] == 6, f"what two did not get is counted: {counts(stage)}")
        equal(len(books.ours(trapd.received())), 2, "once at the good one")


def test_inform_is_sent_again_until_a_restarted_receiver_acknowledges():
    port = free_port()
    with standalone(receiver("r", f"udp:127.0.0.1:{port}", "yes")) as stage:
        come_and_go(stage, "alice")
        with trapd_at(port) as trapd:
            trapd.wait(lambda found: len(books.ours(found)) >= 2, "both, sent again")
            come_and_go(stage, "bob")
            trapd.wait(lambda found: len(books.ours(found)) >= 4, "the next two")
            events = sorted(events_of(stage, "km.connected") + events_of(stage, "km.disconnected"))
            equal(sorted(int(books.value(one, "ckbEventId")) for one in books.ours(trapd.received())), events, "once")
            equal(counts(stage)["notifications_lost"], 0)


def test_notifications_wait_for_a_master_agent_that_is_away():
    folder = harness.Folder()
    with trapd_at() as trapd:
        snmpd = Snmpd(folder, more=f"trap2sink 127.0.0.1:{trapd.port} {COMMUNITY}")
        stage = Stage(KMS, more=snmpd.sections())
        try:
            come_and_go(stage, "alice")
            equal(counts(stage)["connected"], False)
            wait_until(lambda: counts(stage)["notifications_waiting"] == 2, f"two wait: {counts(stage)}")
            snmpd.start()
            trapd.wait(lambda found: len(books.ours(found)) == 2, "both, late")
            snmpd.kill()
            wait_until(lambda: not counts(stage)["connected"], "the loss to be seen")
            come_and_go(stage, "bob")
            wait_until(lambda: counts(stage)["notifications_waiting"] == 2, f"two wait: {counts(stage)}")
            snmpd.start()
            events = sorted(events_of(stage, "km.connected") + events_of(stage, "km.disconnected"))
            trapd.wait(lambda found: len(books.ours(found)) == 4, "all four")
            equal([int(books.value(one, "ckbEventId")) for one in books.ours(trapd.received())], events, "in order, once")
            wait_until(lambda: counts(stage)["notifications_waiting"] == 0, f"all to be acknowledged: {counts(stage)}")
            shown = counts(stage)
            equal((shown["notifications_sent"], shown["notifications_lost"]), (4, 0))
        finally:
            stage.close()
            snmpd.kill()
            folder.remove()


def test_nothing_is_sent_before_its_event_is_on_record():
    with trapd_at() as trapd, standalone(receiver("r", f"udp:127.0.0.1:{trapd.port}")) as stage:
        with store_lock.locked(stage.folder / "store.db"):
            stage.dial("alice")
            stage.bridge.wait_log("event=store_unavailable")  # the event has been tried to be written, for a second
            equal((books.ours(trapd.received()), events_of(stage, "km.connected")), ([], []), "nothing is told")
        trapd.wait(lambda found: len(books.ours(found)) == 1, "the notification, after its event")
        equal([int(books.value(one, "ckbEventId")) for one in books.ours(trapd.received())],
              events_of(stage, "km.connected"))


harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
