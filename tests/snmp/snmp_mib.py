#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""QKDN-CK-BRIDGE-MIB by itself, and that the agent answers all of it and nothing else."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_stage
from snmp_stage import MIB_FILE, Mib, base_mibs, scene
import harness
from harness import equal


def test_smilint_finds_nothing_at_level_6():
    done = subprocess.run(["smilint", "-l", "6", MIB_FILE], capture_output=True, text=True, check=False,
                          env={**os.environ, "SMIPATH": base_mibs()})
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "smilint")


def test_smilint_would_have_found_something():
    """The test above can fail: with one comma too many the same call complains."""
    folder = harness.Folder()
    with open(MIB_FILE, encoding="ascii") as file:
        broken = folder.write("BROKEN-MIB.txt", file.read().replace("ckbVersion,", "ckbVersion,,", 1))
    done = subprocess.run(["smilint", "-l", "6", broken], capture_output=True, text=True, check=False,
                          env={**os.environ, "SMIPATH": base_mibs()})
    folder.remove()
    equal(done.returncode != 0 or bool(done.stderr), True, f"smilint of a broken module: {done}")


def answered(mode):
    """The objects that a whole walk shows, by name; one without a name stays a number."""
    mib = Mib()
    names = mib.accessible()
    with scene(mode, {"alice": ("kma-1", "")}) as (stage, agent):
        stage.bridge.put("/links/l-1", {"a": "kma-1", "b": "kma-2"})
        stage.install("r-1", ["kma-1", "kma-2"])
        stage.dial("alice").relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-2"})
        manager = agent.manager()
        for table in mib.tables():
            harness.wait_until(lambda table=table: manager.walk(mib.oid(table)), f"a row of {table}")
        return names.values(), {names.get(object_of(names, oid), oid) for oid in manager.walk(snmp_stage.CK_ROOT)}


def object_of(names, oid):
    """The object of which this is an instance."""
    while oid and oid not in names:
        oid = oid[:oid.rfind(".")]
    return oid


def test_agent_of_agentx_answers_all_that_the_mib_names_and_nothing_else():
    named, shown = answered("agentx")
    equal(shown ^ set(named), set(), "objects that only the agent or only the MIB has")


def test_standalone_agent_answers_all_that_the_mib_names_and_nothing_else():
    named, shown = answered("standalone")
    equal(shown ^ set(named), set(), "objects that only the agent or only the MIB has")


if __name__ == "__main__":
    harness.run([
        test_smilint_finds_nothing_at_level_6,
        test_smilint_would_have_found_something,
        test_agent_of_agentx_answers_all_that_the_mib_names_and_nothing_else,
        test_standalone_agent_answers_all_that_the_mib_names_and_nothing_else,
    ])
