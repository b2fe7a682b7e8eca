#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Walks by GETBULK over 10,000 KMs and 10,000 relays while KMs and routes come and go and relays begin and end: names
only ever increase, nothing comes twice, and what is there all the time is shown whole."""
import contextlib
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_stage
from snmp_stage import Mib, scene
import harness
from harness import NOTIFY, RELAY_REQUEST, equal, wait_until

MIB = Mib()
KMS, RELAYS, BATCH = 10000, 10000, 500
ENDING = RELAYS - 1000  # relays beyond are ended while the walks go on
OPEN = """
[ck "open"]
listen = 127.0.0.1:0
security = plain
"""


def kms():
    return {"alice": ("kma-1", ""), **{f"km-{number}": (f"kma-of-{number}", "") for number in range(KMS - 1)}}


class Churn:
    """Another thread that changes everything that is not to stay, as fast as it can."""

    def __init__(self, bridge, session, relays):
        self.bridge, self.session = bridge, session
        self.ending = list(relays[ENDING:])
        self.rounds = 0
        self.error = None
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join(harness.DEADLINE_S)
        if self.error is not None:
            raise AssertionError("the churn has failed") from self.error

    def run(self):
        try:
            while not self.done.is_set():
                self.turn(self.rounds)
                self.rounds += 1
        except Exception as error:  # told by the thread that judges
            self.error = error

    def turn(self, number):
        for path, body in ((f"/kms/new-{number}", {"kma_ids": [f"kma-new-{number}"], "identity": f"cn:new-{number}"}),
                           (f"/routes/new-{number}", {"destination_kma_id": "kma-1", "path": ["kma-of-1", "kma-1"]}),
                           (f"/links/new-{number}", {"a": "kma-1", "b": f"kma-new-{number}"})):
            self.bridge.put(path, body)
        if self.ending:
            self.session.complete(self.ending.pop())
        self.session.notify("kma-1", "kma-of-7")
        if number >= 3:
            for path in (f"/links/new-{number - 3}", f"/routes/new-{number - 3}", f"/kms/new-{number - 3}"):
                status, _, answer = self.bridge.request("DELETE", path)
                equal(status, 200, f"DELETE {path}: {answer}")


def ask_for_relays(session, count):
    """IDs of as many relays, which stay open."""
    found = []
    for first in range(0, count, BATCH):
        session.send_bytes(b"".join(harness.frame(NOTIFY, number + 1, {
            "source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-of-7"}) for number in range(first, first + BATCH)))
        for _ in range(BATCH):
            found.append(session.expect(RELAY_REQUEST)["key_relay_request_ID"])
    return found


@contextlib.contextmanager
def large_world(mode):
    """(bridge, agent, KM session, relays)"""
    with scene(mode, kms(), OPEN, decision="completion_ms = 3600000") as (stage, agent):
        stage.install("r-7", ["kma-1", "kma-of-7"])
        session = stage.dial("alice")
        relays = ask_for_relays(session, RELAYS)
        yield stage.bridge, agent, session, relays


def assert_whole(table, cells, stay):
    """Every row has every cell of the table; those that stay are all there."""
    rows = MIB.rows(table, cells)
    columns = set(MIB.tables()[table])
    holes = [(index, columns - row.keys()) for index, row in rows.items() if columns - row.keys()]
    # A row that came or went while its columns were walked lacks some, and is none that stays.
    equal([hole for hole in holes if hole[0] in stay], [], f"holes in {table}")
    equal(len(stay - rows.keys()), 0, f"rows of {table} that were there all the time and were not shown")
    return rows


def numbers_of_kms(manager, wanted):
    """The indexes of the KMs of the configuration file, which stay."""
    start = MIB.oid("ckbKmId") + "."
    return {snmp_stage.numbers(oid[len(start):]) for oid, value in manager.bulk_walk(MIB.oid("ckbKmId"), 50).items()
            if value.text in wanted}


def relay_indexes(relays):
    return {(len(relay), *relay.encode()) for relay in relays}


def test_standalone_walk_of_everything_while_everything_changes():
    with large_world("standalone") as (bridge, agent, session, relays):
        manager = agent.manager()
        stay = wait_until(lambda: (lambda found: found if len(found) == KMS else None)(numbers_of_kms(manager, kms())),
                          f"{KMS} KMs")
        with Churn(bridge, session, relays) as churn:
            judge(walk_during(churn, lambda: manager.bulk_walk(snmp_stage.CK_ROOT, 50)), stay, relays)
            over_3 = agent.manager(version="3").bulk_walk(MIB.oid("ckbRelayTable"), 30)
            assert_whole("ckbRelayTable", over_3, relay_indexes(relays[:ENDING]))


def walk_during(churn, walk):
    """A walk in the course of which something has changed, several times."""
    while True:
        wait_until(lambda: churn.rounds > 5 or churn.error, "the churn to begin")
        before = churn.rounds
        cells = walk()
        if churn.rounds > before + 5 or churn.error is not None:
            return cells


def judge(cells, stay, relays):
    for table in ("ckbKmTable", "ckbKmStatsTable"):
        equal(len(assert_whole(table, cells, stay)) >= KMS, True, f"rows of {table}")
    assert_whole("ckbRelayTable", cells, relay_indexes(relays[:ENDING]))
    instructed = sum(1 for oid, value in cells.items()
                     if oid.startswith(MIB.oid("ckbRelayState") + ".") and value.value == 3)
    equal(instructed >= ENDING, True, f"instructed relays: {instructed}")


def test_walk_of_columns_through_the_master_agent_while_everything_changes():
    with large_world("agentx") as (bridge, agent, session, relays):
        manager = agent.manager()
        stay = wait_until(lambda: (lambda found: found if len(found) == KMS else None)(numbers_of_kms(manager, kms())),
                          f"{KMS} KMs")
        with Churn(bridge, session, relays) as churn:
            rows = walk_during(churn, lambda: manager.bulk_walk(MIB.oid("ckbKmSessions"), 40))
            equal(len({snmp_stage.numbers(oid)[-1:] for oid in rows} & stay), KMS, "KMs")
            rows = walk_during(churn, lambda: manager.bulk_walk(MIB.oid("ckbRelayState"), 40))
            length = len(snmp_stage.numbers(MIB.oid("ckbRelayState")))
            equal(relay_indexes(relays[:ENDING]) - {snmp_stage.numbers(oid)[length:] for oid in rows}, set(),
                  "relays not shown")


if __name__ == "__main__":
    harness.run([
        test_standalone_walk_of_everything_while_everything_changes,
        test_walk_of_columns_through_the_master_agent_while_everything_changes,
    ])
