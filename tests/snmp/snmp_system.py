#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a standalone agent shows to a station that has never heard of ckbridge: the groups that it asks every agent for,
against the IETF's modules and against the truth; and what the agent tells of itself."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import snmp_packets
from snmp_notices import SYS_UP_TIME, TRAP_OID, Books
from snmp_stage import CK_ROOT, COMMUNITY, USER, Failed, Mib, Standalone, Trapd, Value, base_mibs, numbers, scene, \
    wait_agent
import harness
from harness import equal, wait_until
from stage import Stage

NAME, CONTACT, LOCATION = "bridge-1.example", 'NOC <noc@example.net>, "24/7" \\ +41 1', "rack 7 # left"
SETTINGS = f"\nname = {NAME}\ncontact = {CONTACT}\nlocation = {LOCATION}\n"
UNENCRYPTED = "clerk"
TYPES = {"Counter32": "Counter32", "TimeTicks": "Timeticks", "TimeStamp": "Timeticks", "ObjectIdentifier": "OID",
         "OctetString": "STRING", "DisplayString": "STRING", "SnmpEngineID": "STRING", "Integer32": "INTEGER",
         "Enumeration": "INTEGER"}
NOT_SERVED = {"snmpSetSerialNo"}  # there are no SETs
SET_ERRORS = {"noAccess": 6, "notWritable": 17}
SILENCE_S = 1  # how long an answer that must not come is waited for
OWN = Mib()
BASE = {name: Mib(os.path.join(base_mibs(), name + ".mib"))
        for name in ("SNMPv2-MIB", "SNMP-FRAMEWORK-MIB", "SNMP-MPD-MIB", "SNMP-USER-BASED-SM-MIB")}


def served():
    """{OID: node} of the IETF's objects that the agent has: their modules' readable ones, but for tables of users."""
    found = {}
    for mib in BASE.values():
        for name, node in mib.nodes.items():
            readable = node["nodetype"] in ("scalar", "column") and node["access"] in ("readonly", "readwrite")
            if readable and not name.startswith("usmUser") and name not in NOT_SERVED:
                found["." + node["oid"]] = {**node, "name": name}
    return found


def base_oid(name):
    """Of an object, a group or a statement of the IETF's modules."""
    for mib in BASE.values():
        for part in ("nodes", "groups", "compliances", "notifications"):
            if name in mib.module.get(part, {}):
                return "." + mib.module[part][name]["oid"]
    raise AssertionError(name)


def scalar(name):
    return base_oid(name) + ".0"


SERVED = served()
AGENT = STAGE = None  # of all tests; set below
BEGUN_S = READY_S = None  # on the monotonic clock


def read(name, manager=None):
    return (manager or AGENT.manager()).get(scalar(name))[scalar(name)].value


# ---- what is there

def test_a_start_logs_nothing_of_the_librarys():
    equal([line for line in STAGE.bridge.lines if "event=snmp_library" in line or "access control" in line], [])


def test_every_object_of_the_groups_is_there_with_its_type_and_nothing_else():
    cells = {oid: value for oid, value in AGENT.manager().walk(".1").items() if not oid.startswith(CK_ROOT + ".")}
    shown = {}
    for oid, value in cells.items():
        shown.setdefault(next(one for one in SERVED if oid.startswith(one + ".")), value)
    equal({node["name"] for node in SERVED.values()} ^ {SERVED[oid]["name"] for oid in shown}, set(), "objects")
    for oid, value in shown.items():
        kind = SERVED[oid]["syntax"]["type"]
        equal(value.type, TYPES[kind.get("name") or kind["basetype"]], f"type of {SERVED[oid]['name']}")


def test_all_who_may_ask_see_the_same_tree_in_order_by_every_way():
    expected = list(AGENT.manager().walk(".1"))
    equal(expected, sorted(expected, key=numbers), "by GETNEXT")
    for version, user in (("2c", None), ("3", USER)):
        manager = AGENT.manager(version=version)
        for repetitions in (1, 7, 50):
            equal(list(manager.bulk_walk(".1", repetitions)), expected, f"GETBULK of {repetitions} by {version} {user}")
    clerk = AGENT.manager(timeout_s=10)
    clerk.identity = ["-v3", "-u", UNENCRYPTED, "-l", "authNoPriv", "-a", "SHA-256", "-A", "a clerk's own key"]
    equal(list(clerk.walk(".1")), expected, "a user without encryption")


def test_the_next_of_every_name_and_of_its_beginnings_is_right():
    """Also where no object is: the library goes on from group to group."""
    names = list(AGENT.manager().walk(".1"))
    asked = sorted({oid[:end] for oid in names for end in range(2, len(oid) + 1) if end == len(oid) or oid[end] == "."}
                   | {".1.3.6.1.2.1.1.0", ".1.3.6.1.2.1.1.9.1.2.3.1", ".1.3.6.1.2.1.2", ".1.3.6.1.2.1.11.7",
                      ".1.3.6.1.2.1.11.23.5", ".1.3.6.1.2.1.11.33", ".1.3.6.1.3", ".1.3.6.1.6.3.10.2.1.5"}, key=numbers)
    for start in range(0, len(asked), 40):
        part = asked[start:start + 40]
        found = [oid for oid, _ in AGENT.manager().get_next(*part)]
        equal(found, [next((oid for oid in names if numbers(oid) > numbers(one)), one) for one in part], f"after {part}")


def test_what_is_not_there_is_said_to_be_missing():
    for oid, words in ((".1.3.6.1.2.1.1.1.1", "No Such Instance"), (".1.3.6.1.2.1.1.9.1.2.99", "No Such Instance"),
                       (".1.3.6.1.2.1.11.7.0", "No Such Object"), (".1.3.6.1.2.1.1.10.0", "No Such Object"),
                       (".1.3.6.1.2.1.2.1.0", "No Such Object")):
        equal(AGENT.manager().pairs("snmpget", [], [oid]), [(oid, Value(words, None))])


# ---- whether it is true

def test_the_system_is_what_the_configuration_and_the_status_say():
    machine, version = os.uname(), STAGE.bridge.read("/status")["version"]
    words = read("sysDescr").decode()
    for part in ("ckbridge " + version, machine.sysname, machine.release, machine.machine):
        equal(part in words, True, f"{part} in {words}")
    equal([read(name).decode() for name in ("sysName", "sysContact", "sysLocation")], [NAME, CONTACT, LOCATION])
    equal(read("sysObjectID"), OWN.oid("ckbStandaloneAgent"))
    equal(read("sysServices"), 72)


def test_without_a_name_of_its_own_the_system_has_the_bridges():
    with scene("standalone", {}) as (stage, agent):
        equal(read("sysName", agent.manager()).decode(), stage.bridge.read("/status")["instance"])


def test_uptime_is_the_agents_and_goes_on():
    """Between two moments that surely were before and after the agent's start."""
    asked_s = time.monotonic()
    uptime = read("sysUpTime")
    answered_s = time.monotonic()
    equal((asked_s - READY_S) * 100 - 1 <= uptime <= (answered_s - BEGUN_S) * 100 + 1, True,
          f"{uptime}: {asked_s - READY_S} s to {answered_s - BEGUN_S} s")
    wait_until(lambda: read("sysUpTime") > uptime, "time to pass")


def test_modules_that_are_named_exist():
    known = {OWN.oid(name) for name in OWN.nodes} | {"." + one["oid"] for one in OWN.module["compliances"].values()}
    known |= {base_oid(name) for name in ("snmpFrameworkMIBCompliance", "snmpMPDCompliance")}
    named = [value.value for value in AGENT.manager().walk(base_oid("sysORID")).values()]
    equal(set(named) - known, set(), "unknown names")
    equal(sorted(named, key=numbers) == sorted(set(named), key=numbers) and
          {OWN.oid("ckbStandaloneCapabilities"), "." + OWN.module["compliances"]["ckbCompliance"]["oid"]} < set(named),
          True, f"{named}: each once, our own among them")


def test_the_engine_is_the_one_in_its_file_and_on_the_wire():
    engine, boots = AGENT.engine()
    equal(read("snmpEngineID").hex(), engine)
    equal(read("snmpEngineBoots"), boots)
    uptime_s = read("sysUpTime") // 100
    equal(uptime_s <= read("snmpEngineTime") + 2, True, "the engine has run as long as the agent")
    # The same size that messages of version 3 carry (RFC 3412, msgMaxSize).
    report = snmp_packets.ask(AGENT.port, snmp_packets.discovery(), harness.DEADLINE_S)
    equal(snmp_packets.integer(read("snmpEngineMaxMessageSize")) in report, True, report.hex())


def test_standard_tools_take_it_for_an_agent():
    said = AGENT.manager().run("snmpstatus", [], [])
    equal("ckbridge" in said and "Up: " in said, True, said)
    words, variables = AGENT.manager(version="3").command("snmpwalk", ["-Os"], ["system"])
    done = subprocess.run(words, env={**variables, "MIBS": "SNMPv2-MIB", "MIBDIRS": base_mibs()}, capture_output=True,
                          text=True, check=False)
    equal((done.returncode, f"sysName.0 = STRING: {NAME}" in done.stdout), (0, True), done)


# ---- the counters, by what they count

def raw(packet, answered=False):
    def provoke():
        answer = snmp_packets.ask(AGENT.port, packet, harness.DEADLINE_S if answered else SILENCE_S)
        equal(answer is not None, answered, f"an answer to {packet.hex()}")
    return provoke


def refused(words, **more):
    """A command that must not get a value."""
    def provoke():
        manager = AGENT.manager(version="3", retries=0)
        manager.identity = more.pop("identity", None) or AGENT.manager(version="3", **more).identity
        try:
            found = manager.run("snmpget", [], [scalar("sysDescr")])
        except Failed as failed:
            equal(any(one in str(failed) for one in words), True, str(failed))
        else:
            raise AssertionError(f"a value: {found}")
    return provoke


def of_another_boot():
    engine, boots = AGENT.engine()
    return [*AGENT.manager(version="3").identity, "-e", "0x" + engine, "-Z", f"{boots + 5},1"]


def provocations():
    good = snmp_packets.request(snmp_packets.GET, [scalar("sysDescr")], COMMUNITY)
    clerk = ["-v3", "-u", UNENCRYPTED, "-l", "authPriv", "-a", "SHA-256", "-A", "a clerk's own key", "-x", "AES", "-X",
             "a clerk's own key"]
    return (
        ("snmpInBadVersions", raw(snmp_packets.request(snmp_packets.GET, [CK_ROOT], COMMUNITY, version=7))),
        ("snmpInBadCommunityNames", raw(snmp_packets.request(snmp_packets.GET, [CK_ROOT], "nobody's"))),
        ("snmpInASNParseErrs", raw(good[:-4])),
        ("snmpUnknownSecurityModels", raw(snmp_packets.discovery(model=99))),
        ("snmpInvalidMsgs", raw(snmp_packets.discovery(flags=6))),
        ("usmStatsUnknownEngineIDs", raw(snmp_packets.discovery(), answered=True)),
        ("usmStatsUnknownUserNames", refused(["Unknown user name"], user="stranger")),
        ("usmStatsWrongDigests", refused(["Authentication failure"], auth="not the key at all")),
        # What a wrong key makes of a message is none; that it was the key, the agent cannot know.
        ("snmpInASNParseErrs", refused(["Timeout", "Decryption error"], privacy="not the key at all")),
        ("usmStatsDecryptionErrors", raw(snmp_packets.discovery(flags=7), answered=True)),  # without a salt
        ("usmStatsUnsupportedSecLevels", refused(["Unsupported security level"], identity=clerk)),
    )


def test_each_error_is_counted_where_it_belongs_and_as_refused():
    for name, provoke in provocations():
        before, refusals = read(name), STAGE.bridge.read("/status")["snmp"]["packets_refused"]
        provoke()
        equal(read(name), before + 1, name)
        if name != "usmStatsUnknownEngineIDs":  # which is how everybody begins
            wait_until(lambda least=refusals: STAGE.bridge.read("/status")["snmp"]["packets_refused"] > least,
                       f"{name} as refused")


def test_a_message_of_another_boot_is_counted():
    before = read("usmStatsNotInTimeWindows")
    manager = AGENT.manager(version="3")
    manager.identity = of_another_boot()
    equal(scalar("sysDescr") in manager.get(scalar("sysDescr")), True, "the report tells the time, and then it works")
    equal(read("usmStatsNotInTimeWindows"), before + 1)


def test_messages_are_counted():
    names = ["snmpInPkts", "snmpOutPkts", "snmpInGetRequests", "snmpOutGetResponses", "snmpInTotalReqVars"]
    oids = [scalar(name) for name in names]

    def counts():
        found = AGENT.manager().get(*oids)
        return [found[oid].value for oid in oids]
    before = counts()
    for _ in range(5):
        raw(snmp_packets.request(snmp_packets.GET, [scalar("sysDescr"), scalar("sysName")], COMMUNITY), answered=True)()
    # Five of two variables, and one of the two readings themselves.
    equal([after - earlier for earlier, after in zip(before, counts())], [6, 6, 6, 6, 10 + len(oids)], names)


# ---- what may not be done

def test_set_is_refused_for_every_object_and_changes_nothing():
    steady = [scalar(name) for name in ("sysDescr", "sysContact", "sysName", "sysLocation", "snmpEnableAuthenTraps")]
    before = AGENT.manager().get(*steady)
    for oid in AGENT.manager().walk(".1"):
        if not oid.startswith(CK_ROOT + "."):
            answer = snmp_packets.ask(AGENT.port, snmp_packets.request(
                snmp_packets.SET, [oid], COMMUNITY, value=snmp_packets.integer(1)), harness.DEADLINE_S)
            equal(any(snmp_packets.refusal(error) in answer for error in SET_ERRORS.values()), True,
                  f"SET of {oid}: {answer.hex()}")
    for oid in steady[1:4]:
        words, variables = AGENT.manager(version="3").command("snmpset", [], [oid, "s", "mine"])
        done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
        equal((done.returncode != 0, any(error in done.stderr for error in SET_ERRORS)), (True, True), done.stderr)
    equal(AGENT.manager().get(*steady), before)


# ---- what it tells of itself

def told(trapd, name):
    return [one for one in trapd.received() if one.cells[TRAP_OID].value == base_oid(name)]


def judge_own(notification, most_ticks):
    """sysUpTime, which; how many were suppressed; and whose it is."""
    books = Books()
    equal(list(notification.cells), [SYS_UP_TIME, TRAP_OID, OWN.oid("ckbSuppressed") + ".0",
                                     base_oid("snmpTrapEnterprise") + ".0"], "varbinds")
    equal(notification.cells[base_oid("snmpTrapEnterprise") + ".0"].value, OWN.oid("ckbStandaloneAgent"))
    equal(int(books.value(notification, "ckbSuppressed")), 0)
    equal(notification.cells[SYS_UP_TIME].value <= most_ticks, True, "its time is the agent's")


def receivers(trapds):
    return "".join(f'\n[snmp_receiver "r{number}"]\naddress = udp:127.0.0.1:{trapd.port}\ninform = {inform}\n{who}\n'
                   for number, (trapd, inform, who) in enumerate(zip(trapds, ("no", "yes"), (f"community = {COMMUNITY}",
                                                                                           f"user = {USER}"))))


def starts_and_strangers(settings, expected):
    """A bridge is started, a stranger asks, a KM comes: what the receivers get, in order."""
    homes = [harness.Folder() for _ in range(2)]
    trapds = [Trapd(home).start() for home in homes]
    folder = harness.Folder()
    agent = Standalone(folder)
    stage = Stage({"alice": ("kma-1", "")}, more=agent.sections(settings) + receivers(trapds))
    try:
        wait_agent(stage.bridge)
        snmp_packets.ask(agent.port, snmp_packets.request(snmp_packets.GET, [CK_ROOT], "nobody's"), SILENCE_S)
        wait_until(lambda: read("snmpInBadCommunityNames", agent.manager()) == 1, "the stranger to be counted")
        stage.dial("alice")
        for trapd in trapds:
            trapd.wait(lambda found: len(found) >= len(expected), expected)
            equal([one.cells[TRAP_OID].value for one in trapd.received()], expected)
            for one in trapd.received()[:-1]:
                judge_own(one, read("sysUpTime", agent.manager()))
        equal(read("snmpEnableAuthenTraps", agent.manager()), 1 if settings else 2)
        equal(read("snmpOutTraps", agent.manager()), 2 * len(expected), "each to both")
        stage.bridge.stop()
    finally:
        stage.close()
        for trapd, home in zip(trapds, homes):
            trapd.kill()
            home.remove()
        folder.remove()


def test_a_start_is_told_first():
    starts_and_strangers("", [base_oid("coldStart"), OWN.oid("ckbKmUp")])


def test_strangers_are_told_of_where_the_configuration_says_so():
    starts_and_strangers("authentication_traps = yes",
                         [base_oid("coldStart"), base_oid("authenticationFailure"), OWN.oid("ckbKmUp")])


def test_an_agent_that_nobody_may_ask_is_warned_of():
    """The check above, that a start warns of nothing, can fail."""
    folder = harness.Folder()
    agent = Standalone(folder)
    sections = agent.sections()
    stage = Stage({}, more=sections[:sections.index("[snmp_user")])
    try:
        wait_agent(stage.bridge)
        equal(stage.bridge.log("no access control information configured") is not None, True, "a warning")
        equal(stage.bridge.log("nobody can ask") is not None, True, "and why")
    finally:
        stage.close()
        folder.remove()


def clerk_section():
    home = harness.Folder()
    return home, f"""
[snmp_user "{UNENCRYPTED}"]
auth_key_file = {home.write("clerk.auth", "a clerk's own key" + chr(10))}
privacy = none
"""


if __name__ == "__main__":
    keys, clerk_words = clerk_section()
    BEGUN_S = time.monotonic()
    with scene("standalone", {"alice": ("kma-1", "")}, settings=SETTINGS, more=clerk_words) as (STAGE, AGENT):
        READY_S = time.monotonic()
        harness.run([test for name, test in list(globals().items()) if name.startswith("test_")], [keys.remove])
