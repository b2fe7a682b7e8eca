#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""QKDN-CK-BRIDGE-MIB by itself, and that the agent answers all of it and nothing else."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_stage
from snmp_stage import MIB_FILE, MODULE, Mib, base_mibs, scene
from snmp_world import world
import harness
from harness import equal

MIB = Mib()
API = re.compile(r"^(.*\.) HTTP API: (?:none, for .+|([a-z_.]+)(?: and ([a-z_.]+))? of (/[a-z]+))\."
                 r"(?: Discontinuity: (\w+)\.)?$")
MACROS_OF_THE_SMI = re.compile(r"^[A-Z-]+ MACRO \(lines \d+\.\.\d+ parsed and ignored\)\.$")
QUANTITIES = ("Counter64", "Gauge32", "Unsigned32", "Integer32")
NO_QUANTITIES = ("CkbIndex", "InetPortNumber")
ANOTHER_ROOT = "1.3.6.1.4.1.99999.5.6.4294967295"


def smilint(path):
    done = subprocess.run(["smilint", "-l", "6", path], capture_output=True, text=True, check=False,
                          env={**os.environ, "SMIPATH": base_mibs()})
    return done.returncode, done.stdout, done.stderr


def test_smilint_finds_nothing_at_level_6():
    equal(smilint(MIB_FILE), (0, "", ""), "smilint")


def test_smilint_would_have_found_something():
    """The test above can fail: with one comma too many the same call complains."""
    folder = harness.Folder()
    with open(MIB_FILE, encoding="ascii") as file:
        broken = folder.write("BROKEN-MIB.txt", file.read().replace("ckbVersion,", "ckbVersion,,", 1))
    found = smilint(broken)
    folder.remove()
    equal(found == (0, "", ""), False, f"smilint of a broken module says {found}")


def test_parser_of_net_snmp_reads_all_of_it_without_complaint():
    """Every object gets the same number from net-snmp's parser as from smidump."""
    folder = harness.Folder()
    done = subprocess.run(["snmptranslate", "-Pw", "-Tz", "-m", MODULE], capture_output=True, text=True, check=False,
                          env=snmp_stage.environment(folder, mibs=True))
    folder.remove()
    complaints = [line for line in done.stderr.splitlines() if not MACROS_OF_THE_SMI.match(line)]
    equal((done.returncode, complaints), (0, []), "snmptranslate")
    theirs = dict(re.findall(r'^"(ckb\w+|qkdnCkBridgeMIB)"\s+"([0-9.]+)"$', done.stdout, re.M))
    own = {name: node["oid"] for group in (MIB.nodes, MIB.notifications, MIB.module["groups"],
                                           MIB.module["compliances"]) for name, node in group.items()}
    equal(theirs, own, "objects")


# ---- what its descriptions say

def described():
    """The objects that have a value: (name, node, description)."""
    return [(name, node, " ".join(node["description"].split())) for name, node in MIB.nodes.items()
            if node["nodetype"] in ("scalar", "column")]


def syntax_names(node):
    kind = node["syntax"]["type"]
    return {kind.get("name"), kind.get("basetype"), kind.get("parent module", {}).get("type")}


def test_every_description_names_its_source():
    """"HTTP API: member of /resource.", or that there is none and why."""
    equal([name for name, _, description in described() if not API.match(description)], [], "without a source")


def test_every_quantity_has_a_unit_or_is_said_to_have_none():
    bare = [name for name, node, description in described()
            if syntax_names(node) & set(QUANTITIES) and not syntax_names(node) & set(NO_QUANTITIES)
            and node["access"] != "noaccess" and "units" not in node and "without a unit" not in description]
    equal(bare, [], "without a unit")


def test_every_counter_and_nothing_else_names_its_discontinuity():
    """By an object that is there to be read (RFC 2578, 7.1.10)."""
    for name, node, description in described():
        named = API.match(description).group(5)
        equal(named, "ckbDiscontinuityTime" if "Counter64" in syntax_names(node) else None, name)
    equal("ckbDiscontinuityTime" in MIB.scalars(), True, "it is a scalar")


def member(answer, path):
    """Whether this member is in an answer, and that even if its value is null."""
    for name in path.split("."):
        if not isinstance(answer, dict) or name not in answer:
            return False
        answer = answer[name]
    return True


def test_every_source_is_a_member_of_the_api():
    with world("standalone") as (stage, _):
        bridge = stage.bridge
        answers = {path: bridge.items(path) for path in ("/kms", "/routes", "/links", "/relays", "/events")}
        answers["/status"] = [bridge.read("/status")]
    for name, _, description in described():
        _, first, second, path, _ = API.match(description).groups()
        for named in filter(None, (first, second)):
            equal(any(member(answer, named) for answer in answers[path]), True, f"{name}: {named} of {path}")


# ---- its root

def configure(folder, root):
    """A build tree of its own: exit code, and what was said."""
    os.makedirs(folder, exist_ok=True)
    done = subprocess.run([os.path.join(harness.SOURCE, "configure"), "-q", f"--with-mib-root={root}", "CFLAGS=-O0"],
                          cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_bad_roots_are_refused_by_configure():
    folder = harness.Folder()
    for root, word in (("1.3.6.1.4.1.9", "an enterprise's number"), ("1.3.6.1.4.1", "an enterprise's number"),
                       ("1.3.6.1.2.1.9.9", "1.3.6.1.4.1"), ("1.3.6.1.4.1.99999.01", "1.3.6.1.4.1"),
                       ("1.3.6.1.4.1.99999.4294967296", "4294967296 is more"), ("1.3.6.1.4.1.9..9", "1.3.6.1.4.1"),
                       ("1.3.6.1.4.1.9.9\n1.3.6.1.4.1.9.9", "1.3.6.1.4.1"), ("yes", "1.3.6.1.4.1"),
                       ("1.3.6.1.4.1" + 17 * ".9", "1 to 15 more")):
        code, words = configure(folder / "build", root)
        equal((code, word in words, "--with-mib-root" in words), (1, True, True), f"root {root!r}: {words}")
    folder.remove()


def test_module_and_program_have_the_root_of_configure():
    folder = harness.Folder()
    build = folder / "build"
    equal(configure(build, ANOTHER_ROOT), (0, ""), "configure")
    path = f"mibs/built/{MODULE}.txt"
    done = subprocess.run(["make", "-s", path, "tests/snmp/mib_names"], cwd=build, capture_output=True, text=True,
                          check=False, env={name: value for name, value in os.environ.items()
                                            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})
    equal((done.returncode, done.stderr), (0, ""), f"make: {done.stdout[-2000:]}")
    registered = subprocess.run([os.path.join(build, "tests/snmp/mib_names")], capture_output=True, text=True,
                                check=True, env=snmp_stage.environment(folder)).stdout.split()
    found = smilint(os.path.join(build, path))
    other = Mib(os.path.join(build, path))
    folder.remove()
    equal(found, (0, "", ""), "smilint")
    equal(other.oid("qkdnCkBridgeMIB"), "." + ANOTHER_ROOT, "root of the module")
    entries = {other.oid(table) + ".1" for table in other.tables()}
    equal(sorted(registered), sorted({*entries, other.oid("ckbBridge")}), "what the agent registers")
    equal({name: oid_below(other, name, ANOTHER_ROOT) for name in other.nodes if name.startswith("ckb")
           and not name.startswith("ckbEnterprise")},
          {name: oid_below(MIB, name, snmp_stage.CK_ROOT) for name in MIB.nodes if name.startswith("ckb")
           and not name.startswith("ckbEnterprise")}, "numbers below the root")


def oid_below(mib, name, root):
    return mib.oid(name).removeprefix("." + root.strip("."))


# ---- the agent

def answered(mode):
    """The objects that a whole walk shows, by name; one without a name stays a number."""
    names = MIB.accessible()
    with scene(mode, {"alice": ("kma-1", "")}) as (stage, agent):
        stage.bridge.put("/links/l-1", {"a": "kma-1", "b": "kma-2"})
        stage.install("r-1", ["kma-1", "kma-2"])
        stage.dial("alice").relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-2"})
        manager = agent.manager()
        for table in MIB.tables():
            harness.wait_until(lambda table=table: manager.walk(MIB.oid(table)), f"a row of {table}")
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
        test_parser_of_net_snmp_reads_all_of_it_without_complaint,
        test_every_description_names_its_source,
        test_every_quantity_has_a_unit_or_is_said_to_have_none,
        test_every_counter_and_nothing_else_names_its_discontinuity,
        test_every_source_is_a_member_of_the_api,
        test_bad_roots_are_refused_by_configure,
        test_module_and_program_have_the_root_of_configure,
        test_agent_of_agentx_answers_all_that_the_mib_names_and_nothing_else,
        test_standalone_agent_answers_all_that_the_mib_names_and_nothing_else,
    ])
