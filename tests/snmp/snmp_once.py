#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A notification through a master agent that is late, frozen or killed comes once: never twice whatever happens, and
not at all only where AgentX cannot tell, which is counted."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import agentx_master
from agentx_master import Master, response
from snmp_notices import Books
from snmp_stage import COMMUNITY, Snmpd, Trapd, harness, wait_agent
from harness import equal, wait_until
from stage import Stage

KMS = {name: (f"kma-{number}", "") for number, name in enumerate(("alice", "bob", "carol"))}
books = Books()


def snmp(stage):
    return stage.bridge.read("/status")["snmp"]


def counts(stage):
    """(sent, waiting, lost)."""
    shown = snmp(stage)
    return shown["notifications_sent"], shown["notifications_waiting"], shown["notifications_lost"]


def wait_counts(stage, wanted, what):
    try:
        wait_until(lambda: counts(stage) == wanted, what)
    except AssertionError as error:
        raise AssertionError(f"{what}: sent, waiting, lost are {counts(stage)} instead of {wanted}") from error


def wait_word(stage, words):
    return wait_until(lambda: not snmp(stage)["connected"] and words in (snmp(stage)["detail"] or ""),
                      f"{words!r} in {snmp(stage)}")


@contextlib.contextmanager
def told():
    """(stage, snmpd, trapd): a bridge whose notifications come to a receiver by way of snmpd."""
    home, folder = harness.Folder(), harness.Folder()
    trapd, stage = Trapd(home).start(), None
    agent = Snmpd(folder, more=f"trap2sink 127.0.0.1:{trapd.port} {COMMUNITY}").start()
    try:
        stage = Stage(KMS, more=agent.sections())
        wait_agent(stage.bridge)
        yield stage, agent, trapd
    finally:
        if stage is not None:
            stage.close()
        agent.kill()
        trapd.kill()
        folder.remove()
        home.remove()


def connect(stage, *names):
    for name in names:
        stage.dial(name)
        stage.bridge.wait_connected(name)


def judge_once(stage, trapd):
    """Each event's, once and in order, and nothing else: what follows them at the receiver is the next one."""
    connect(stage, "carol")
    events = sorted(stage.bridge.items("/events"), key=lambda event: int(event["event_id"]))
    books.wait(trapd, books.expected(events), stage.bridge)


# ---- snmpd

def test_frozen_beyond_the_limit_of_an_answer_and_thawed():
    with told() as (stage, agent, trapd):
        silent = len(stage.bridge.lines)
        agent.freeze()
        connect(stage, "alice", "bob")
        wait_word(stage, "it does not answer at present; it is waited for")
        equal(counts(stage), (0, 2, 0), "one in the frozen one's socket, one behind it")
        before = len(stage.bridge.lines)
        agent.thaw()
        wait_agent(stage.bridge)
        wait_counts(stage, (2, 0, 0), "both to be acknowledged, late")
        judge_once(stage, trapd)
        stage.bridge.wait_log("event=snmp_connected", before)
        equal(stage.bridge.log("event=snmp_disconnected", silent), None, "the connection was kept")


def test_frozen_until_it_is_given_up_and_thawed():
    with told() as (stage, agent, trapd):
        agent.freeze()
        connect(stage, "alice", "bob")
        wait_word(stage, "it is tried again")
        wait_counts(stage, (0, 1, 1), "the one in its socket to be in doubt")
        agent.thaw()
        wait_agent(stage.bridge)
        wait_counts(stage, (1, 0, 1), "the other to be acknowledged")
        judge_once(stage, trapd)  # the one in doubt came: snmpd read on


def test_frozen_and_killed_has_read_nothing():
    with told() as (stage, agent, trapd):
        agent.freeze()
        connect(stage, "alice", "bob")
        wait_counts(stage, (0, 2, 0), "two to wait")
        agent.process.kill()  # without a thaw
        wait_word(stage, "it is tried again")
        agent.kill()
        equal(counts(stage), (0, 2, 0), "the one that it had not read waits again")
        agent.start()
        wait_counts(stage, (2, 0, 0), "both to be acknowledged by the next one")
        judge_once(stage, trapd)


# ---- what snmpd does only by chance

@contextlib.contextmanager
def beside(answer):
    folder = harness.Folder()
    master = Master(folder / "agentx", answer)
    stage = None
    try:
        stage = Stage(KMS, more=f"\n[snmp]\nagentx_socket = unix:{master.path}\n")
        wait_agent(stage.bridge)
        yield stage, master
    finally:
        if stage is not None:
            stage.close()
        master.close()
        folder.remove()


def notifies(master):
    return master.kinds.count(agentx_master.NOTIFY)


def polite(kind, header):
    return None if kind == agentx_master.CLOSE else response(header)


def test_read_and_not_acknowledged_is_not_sent_again():
    """As one that passes it on and dies: at most once."""
    def answer(kind, header):
        if kind == agentx_master.NOTIFY:
            raise ConnectionError
        return polite(kind, header)
    with beside(answer) as (stage, master):
        connect(stage, "alice")
        wait_counts(stage, (0, 0, 1), "what became of it nobody knows")
        master.answer = polite
        wait_agent(stage.bridge)
        connect(stage, "bob")
        wait_counts(stage, (1, 0, 1), "the next")
        equal(notifies(master), 2, "notifications sent")


def test_refused_is_not_sent_again():
    with beside(lambda kind, header: response(header, 256) if kind == agentx_master.NOTIFY else polite(kind, header)) as (
            stage, master):
        connect(stage, "alice")
        wait_counts(stage, (0, 0, 1), "it is lost")
        equal((notifies(master), master.accepted, snmp(stage)["connected"]), (1, 1, True), "sent once, and all is well")


def test_late_answers_count():
    """The acknowledgement of a notification, and the answer to a ping."""
    for kind_held in (agentx_master.NOTIFY, agentx_master.PING):
        held = []

        def answer(kind, header):
            if kind == kind_held:
                held.append(header)
                return None
            return polite(kind, header)
        with beside(answer) as (stage, master):
            if kind_held == agentx_master.NOTIFY:
                connect(stage, "alice", "bob")
            wait_word(stage, "it does not answer at present")
            equal(len(held), 1, "one question at a time")
            if kind_held == agentx_master.PING:
                connect(stage, "alice", "bob")
                equal(notifies(master), 0, "one that is silent gets nothing")
            master.answer = polite
            master.open[0].sendall(response(held[0]))
            wait_agent(stage.bridge)
            wait_counts(stage, (2, 0, 0), "both")
            equal((notifies(master), master.accepted), (2, 1), "each once, by the one connection")


def test_a_ping_that_is_refused_ends_the_session():
    with beside(polite) as (stage, master):
        master.answer = lambda kind, header: response(header, 257) if kind == agentx_master.PING else polite(kind, header)
        stage.bridge.wait_log("it does not know this session any more")
        master.answer = polite
        wait_agent(stage.bridge)
        connect(stage, "alice")
        wait_counts(stage, (1, 0, 0), "a notification by the new one")


if __name__ == "__main__":
    harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
