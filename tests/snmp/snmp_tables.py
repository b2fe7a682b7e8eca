#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every cell of every table, by every kind of walk and over every way to the agent, against the HTTP API."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_expected
import snmp_stage
from snmp_stage import Mib, scene, wait_agent
from snmp_world import HOSTILE, world
import harness
from harness import equal, wait_until

MIB = Mib()
WAYS = (("agentx", "2c", "udp"), ("agentx", "3", "udp"), ("standalone", "2c", "udp"), ("standalone", "2c", "tcp"),
        ("standalone", "3", "udp"))
WALKS = {
    "snmpwalk": lambda manager, oid: manager.walk(oid),
    "snmpbulkwalk of 1": lambda manager, oid: manager.bulk_walk(oid, 1),
    "snmpbulkwalk of 7": lambda manager, oid: manager.bulk_walk(oid, 7),
    "snmpbulkwalk of 400": lambda manager, oid: manager.bulk_walk(oid, 400),
}
worlds = contextlib.ExitStack()
made = {}


def manager_of(mode, version, transport):
    if mode not in made:
        made[mode] = worlds.enter_context(world(mode))
    stage, agent = made[mode]
    return stage.bridge, agent.manager(version=version, **({"transport": transport} if transport != "udp" else {}))


def assert_as_in_the_api(bridge, walk):
    """At the latest when the agent's view, which may be seconds old, has become new."""
    last = []

    def agrees():
        before = snmp_expected.everything(bridge)
        cells = walk()
        last[:] = snmp_expected.differences(before, snmp_expected.shown(MIB, cells))
        return not last
    try:
        wait_until(agrees, "the cells")
    except AssertionError as error:
        raise AssertionError("\n".join(last[:20])) from error


def test_of_walk(mode, version, transport, name):
    def test():
        bridge, manager = manager_of(mode, version, transport)
        assert_as_in_the_api(bridge, lambda: WALKS[name](manager, snmp_stage.CK_ROOT))
    test.__name__ = f"{mode} v{version} {transport} {name}: every cell is what the API says"
    return test


def test_of_single_tables(mode):
    """A walk of one table shows that table alone, and all of it."""
    def test():
        bridge, manager = manager_of(mode, "2c", "udp")
        whole = manager.walk()
        for table in MIB.tables():
            mine = {oid: value for oid, value in whole.items() if oid.startswith(MIB.oid(table) + ".")}
            equal(len(mine) > 0, True, f"rows of {table}")
            equal(manager.bulk_walk(MIB.oid(table), 20), mine, table)
        equal(bridge.read("/status")["snmp"]["packets_refused"], 0, "packets refused")
    test.__name__ = f"{mode}: each table by itself"
    return test


def test_of_get(mode, version):
    def test():
        _, manager = manager_of(mode, version, "udp")
        whole = list(manager.walk().items())
        for first in range(0, len(whole), 20):
            part = dict(whole[first:first + 20])
            equal(manager.get(*part), part, "GET")
    test.__name__ = f"{mode} v{version}: GET of each cell by its name"
    return test


def test_of_gap(mode):
    """What is not there is told as it should be: no such object, or no such instance of it."""
    def test():
        _, manager = manager_of(mode, "2c", "udp")
        km_table = MIB.oid("ckbKmTable")
        for oid, expected in ((MIB.oid("ckbKmId") + ".4294967295", "No Such Instance"),
                              (MIB.oid("ckbKmId") + ".1.1", "No Such Instance"),
                              (MIB.oid("ckbKmId"), "No Such Instance"),
                              (MIB.oid("ckbVersion") + ".1", "No Such Instance"),
                              (MIB.oid("ckbKmIndex") + ".1", "No Such Object"),
                              (km_table + ".1.99.1", "No Such Object"),
                              (km_table + ".2", "No Such Object"),
                              (MIB.oid("ckbEventId") + ".0", "No Such Object")):
            equal(manager.get(oid), {oid: snmp_stage.Value(expected, None)}, oid)
    test.__name__ = f"{mode}: what does not exist"
    return test


# ---- as people see it

def displayed(column, value):
    """As snmptable shows a cell with the MIB's hints, enumerations and units."""
    node = MIB.nodes[column]
    syntax = node["syntax"]["type"]
    kind = {**MIB.types.get(syntax.get("name"), {}), **syntax}
    if syntax.get("name") == "DateAndTime":
        year, rest = int.from_bytes(value[:2], "big"), value[2:]
        zone = ",+0:0" if len(value) == 11 else ""
        return "{}-{}-{},{}:{}:{}.{}".format(year, *rest[:6]) + zone
    if column == "ckbKmPeerAddress":  # InetAddress has no hint
        return '"' + "".join(f"{octet:02X} " for octet in value) + '"'
    if isinstance(value, bytes):
        return value.decode()
    labels = {int(entry["number"]): label for label, entry in kind.items()
              if isinstance(entry, dict) and entry.get("nodetype") == "namednumber"}
    labels.update(STANDARD_LABELS.get(syntax.get("name"), {}))
    if labels:
        return labels[value]
    return f"{value} {node['units']}" if "units" in node else str(value)


STANDARD_LABELS = {"TruthValue": {1: "true", 2: "false"}, "InetAddressType": {0: "unknown", 1: "ipv4", 2: "ipv6"}}


def test_of_snmptable(mode, version, table):
    def test():
        _, manager = manager_of(mode, version, "udp")
        rows = MIB.rows(table, manager.walk(MIB.oid(table)))
        lines = manager.table(table)
        equal(len(lines), len(rows), "rows")
        for index, line in zip(sorted(rows), lines, strict=True):
            equal(sorted(line), sorted(["index", *rows[index]]), "columns")
            for column, value in rows[index].items():
                equal(line[column], displayed(column, value.value), f"{table} {index} {column}")
    test.__name__ = f"{mode} v{version}: snmptable {table}"
    return test


# ---- worlds of their own

def test_of_empty_tables(mode):
    def test():
        with scene(mode, {"alice": ("kma-1", "")}) as (stage, agent):
            manager = agent.manager()
            assert_as_in_the_api(stage.bridge, manager.walk)
            for table in ("ckbRouteTable", "ckbLinkTable", "ckbRelayTable"):
                equal(manager.walk(MIB.oid(table)), {}, table)
                equal(manager.bulk_walk(MIB.oid(table), 50), {}, table)
            after = manager.get_next(MIB.oid("ckbRouteTable"))
            equal([oid for oid, _ in after], [MIB.oid("ckbInstanceName") + ".1"], "what follows three empty tables")
    test.__name__ = f"{mode}: empty tables"
    return test


def index_of(manager, column, identifier):
    """The number of the object with this identifier; None: it is not there."""
    start = MIB.oid(column) + "."
    return next((int(oid[len(start):]) for oid, value in manager.walk(MIB.oid(column)).items()
                 if value.value == identifier.encode()), None)


def wait_index(manager, column, identifier):
    return wait_until(lambda: index_of(manager, column, identifier), f"{identifier} in {column}")


def test_objects_keep_their_numbers_and_numbers_their_objects():
    """The rule: a number is given once. It is kept over changes and restarts; what is deleted and made again is another
    object, with another number, and the numbers of those deleted never come again."""
    with scene("standalone", {"alice": ("kma-1", ""), "bob": ("kma-2", "")}) as (stage, agent):
        bridge, manager = stage.bridge, agent.manager()
        km = {"kma_ids": ["kma-3"], "identity": "cn:carol"}
        bridge.put("/kms/carol", km)
        bridge.put("/links/l-1", {"a": "kma-1", "b": "kma-3"})
        stage.install("r-1", ["kma-1", "kma-3"])
        names = (("ckbKmId", "alice"), ("ckbKmId", "bob"), ("ckbKmId", "carol"), ("ckbLinkId", "l-1"),
                 ("ckbRouteId", "r-1"))
        first = {name: wait_index(manager, *name) for name in names}
        equal(len(set(first.values())), len(names), f"distinct numbers: {first}")

        bridge.put("/kms/carol", {**km, "kma_ids": ["kma-3", "kma-4"]})
        bridge.put("/kms/alice", {"kma_ids": ["kma-1", "kma-1b"], "identity": "dns:alice.example"})
        stage.install("r-1", ["kma-1", "kma-3"], priority=7)
        restart(stage)
        equal({name: wait_index(manager, *name) for name in names}, first, "numbers after changes and a restart")

        for path, again in (("/kms/carol", km), ("/links/l-1", {"a": "kma-1", "b": "kma-3"})):
            delete(bridge, path)
            bridge.put(path, again)
        made_again = {name: wait_until(lambda name=name: differs(index_of(manager, *name), first[name]),
                                       f"{name} with a new number") for name in names if name[1] in ("carol", "l-1")}
        equal(set(made_again.values()) & set(first.values()), set(), "numbers used twice")

        delete(bridge, "/routes/r-1")
        delete(bridge, "/kms/alice")  # what the API wrote; the file's remains, under the same number
        restart(stage)
        stage.install("r-2", ["kma-1", "kma-3"])
        newest = wait_index(manager, "ckbRouteId", "r-2")
        equal(newest > max([*first.values(), *made_again.values()]), True, f"{newest} is beyond all before")
        equal({name: wait_index(manager, *name) for name in names[:2]}, {name: first[name] for name in names[:2]},
              "numbers of the file's KMs")
        section = stage.kms.pop("bob")
        rewrite(stage)
        equal(index_of(manager, "ckbKmId", "bob"), None, "what is no more in the file")
        stage.kms["bob"] = section
        rewrite(stage)
        equal(wait_index(manager, "ckbKmId", "bob") > newest, True, "a new number")


def delete(bridge, path):
    status, _, answer = bridge.request("DELETE", path)
    equal(status, 200, f"DELETE {path}: {answer}")


def differs(now, before):
    return now if now is not None and now != before else None


def rewrite(stage):
    stage.folder.write("ckbridge.conf", stage.text())
    restart(stage)


def restart(stage):
    stage.bridge.stop()
    stage.bridge.start()
    wait_agent(stage.bridge)


def test_hostile_names_were_all_shown():
    """The tests above have looked at them: none was refused and left out."""
    bridge, _ = manager_of("standalone", "2c", "udp")
    names = {item["km_id"] for item in bridge.items("/kms")}
    equal(set(HOSTILE) - names, set(), "missing")


if __name__ == "__main__":
    tests = [test_of_walk(*way, name) for way in WAYS for name in WALKS]
    tests += [make(mode) for mode in ("agentx", "standalone")
              for make in (test_of_single_tables, test_of_gap, test_of_empty_tables)]
    tests += [test_of_get("agentx", "2c"), test_of_get("standalone", "3")]
    tests += [test_of_snmptable(*way, table) for way in (("agentx", "2c"), ("standalone", "3")) for table in MIB.tables()]
    harness.run([*tests, test_hostile_names_were_all_shown,
                 test_objects_keep_their_numbers_and_numbers_their_objects], [worlds.close])
