#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TCP connections to a standalone agent: they stay few, the longest silent goes first, and who does not read his answers
is cut off and holds nobody.
"""
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_packets
from snmp_stage import CK_ROOT, COMMUNITY, harness, scene
from harness import equal, wait_until

CONNECTIONS_MAX = 32
KMS = {f"km-{number}": (f"kma-{number}", "") for number in range(200)}
ASK = snmp_packets.request(snmp_packets.GETNEXT, [CK_ROOT], COMMUNITY)


def connect(agent):
    client = socket.create_connection(("127.0.0.1", agent.tcp_port), harness.DEADLINE_S)
    client.settimeout(harness.DEADLINE_S)
    return client


def is_answered(client):
    """False: it was cut off."""
    try:
        client.sendall(ASK)
        return len(client.recv(1 << 16)) > 0
    except ConnectionError:
        return False


def descriptors(bridge):
    return len(os.listdir(f"/proc/{bridge.process.pid}/fd"))


def test_connections_are_few_and_the_longest_silent_goes():
    with scene("standalone", {"alice": ("kma-1", "")}) as (stage, agent):
        equal(len(agent.manager(transport="tcp").walk()) > 0, True, "a walk")
        stage.bridge.read("/status")
        before = descriptors(stage.bridge)
        busy, *silent = clients = [connect(agent) for _ in range(CONNECTIONS_MAX)]
        equal([is_answered(client) for client in clients], [True] * CONNECTIONS_MAX, "as many as may be")
        for number in range(2 * CONNECTIONS_MAX):
            equal(is_answered(busy), True, f"the busy one, {number} later")
            clients.append(connect(agent))
            equal(is_answered(clients[-1]), True, f"a new one, {number} later")
        equal([client.recv(1) for client in silent], [b""] * len(silent), "the silent ones are cut off")
        wait_until(lambda: descriptors(stage.bridge) <= before + CONNECTIONS_MAX,
                   f"{before} descriptors before, {descriptors(stage.bridge)} now")
        equal(len(agent.manager(transport="tcp").walk()) > 0, True, "a walk by another one")
        for client in clients:
            client.close()
        wait_until(lambda: descriptors(stage.bridge) <= before, f"{before} descriptors, {descriptors(stage.bridge)} now")
        stage.bridge.stop()


def test_who_does_not_read_is_cut_off_and_holds_nobody():
    much = snmp_packets.request(snmp_packets.GETBULK, [CK_ROOT] * 4, COMMUNITY, 0, 400)
    with scene("standalone", KMS) as (stage, agent):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", agent.tcp_port))
        client.setblocking(False)
        asked = []

        def is_cut_off():
            try:
                client.send(much)
                asked.append(1)
            except BlockingIOError:
                pass
            except ConnectionError:
                return True
            return False
        wait_until(is_cut_off, "its end")
        equal(len(asked) > 1, True, "requests that it could send")
        equal(len(agent.manager().get(CK_ROOT + ".1.1.1.0")), 1, "others are answered")
        client.close()
        stage.bridge.stop()


if __name__ == "__main__":
    harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
