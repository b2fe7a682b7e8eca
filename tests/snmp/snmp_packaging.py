#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed for those who watch a bridge by SNMP: each file with the tool that it is for, where Debian has it,
and against the MIB."""
import grp
import os
import re
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from snmp_stage import CK_ROOT, COMMUNITY, Manager, Mib, Program, Snmpd, base_mibs, environment, free_port, scene, \
    wait_agent
import harness
from harness import equal, wait_until
from stage import Stage
import socket
import yaml

BUILT = os.path.join(harness.BUILD, "packaging", "built")
MIB = Mib()
BY_OID = {MIB.oid(name).strip("."): name for name in MIB.nodes}
KMS = {"alice": ("kma-1", ""), "bob": ("kma-9", "")}
UUID = re.compile(r"^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$")
OF_ZABBIX = {"36bff6c29af64692839d077febfc7079"}  # its own group


def built(name):
    with open(os.path.join(BUILT, name), encoding="utf-8") as file:
        text = file.read()
    equal("@" in re.sub(r"#.*", "", text), False, f"{name}: something is left to be put in")
    return text


def install():
    """A folder with what `make install` would put under /usr."""
    folder = harness.Folder()
    done = subprocess.run(["make", "-s", "install-data", f"DESTDIR={folder.path}", "prefix=/usr"],
                          cwd=harness.BUILD, capture_output=True, text=True, check=False,
                          env={name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")})
    equal(done.returncode, 0, done.stderr)
    return folder


def test_mib_is_installed_where_the_tools_look():
    folder = install()
    mibs = folder / "usr/share/snmp/mibs"
    done = subprocess.run(["snmptranslate", "-On", "-M", f"{base_mibs()}:{mibs}", "-m", "QKDN-CK-BRIDGE-MIB",
                           "QKDN-CK-BRIDGE-MIB::ckbKmId"], capture_output=True, text=True, check=False,
                          env=environment(folder))
    equal((done.returncode, done.stdout.strip()), (0, MIB.oid("ckbKmId")), done.stderr)
    looked = subprocess.run(["net-snmp-config", "--default-mibdirs"], capture_output=True, text=True, check=True).stdout
    equal("/usr/share/snmp/mibs" in looked.strip().split(":"), True, f"Debian's tools look in {looked}")
    for name in ("snmp/snmpd-ckbridge.conf", "snmp/snmptrapd.example.conf", "snmp/snmp-exporter.yml",
                 "zabbix/ckbridge-6.0.yaml"):
        equal(os.path.exists(folder / f"usr/share/ckbridge/{name}"), True, name)
    folder.remove()


def test_drop_in_lets_debians_public_see_the_bridge():
    """Debian's own access lines, and the drop-in as it is but for the group, which the package makes."""
    text = built("snmpd-ckbridge.conf")
    own = grp.getgrgid(os.getgid()).gr_name
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    changed = text.replace("agentXPerms 0660 0755 root ckbridge", f"agentXPerms 0660 0755 {user} {own}")
    equal(changed != text, True, "agentXPerms")
    folder = harness.Folder()
    snmpd = Snmpd(folder)
    folder.write("snmpd.conf", f"""agentXSocket {snmpd.socket}
view systemonly included .1.3.6.1.2.1.1
rocommunity {COMMUNITY} default -V systemonly
{changed}""")
    stage = None
    try:
        snmpd.start()
        stage = Stage(KMS, more=snmpd.sections())
        wait_agent(stage.bridge)
        equal(len(snmpd.manager().walk(CK_ROOT)) > 100, True, "the bridge's objects")
        equal(oct(os.stat(folder / "agentx").st_mode & 0o777), "0o660", "the socket's mode")
        equal([line for line in snmpd.lines if "rror" in line or "Unknown" in line], [], "complaints of snmpd")
    finally:
        if stage:
            stage.close()
        snmpd.kill()
        folder.remove()


class ExampleTrapd(Program):
    """snmptrapd with the example as it is installed."""

    name = "snmptrapd"

    def arguments(self):
        return ["-f", "-Lo", "-C", "-c", os.path.join(harness.SOURCE, "packaging/snmp/snmptrapd.example.conf"), "-On",
                f"udp:127.0.0.1:{self.port}"]

    def is_ready(self):
        return any("NET-SNMP version" in line for line in self.lines)


def test_example_of_snmptrapd_receives_an_inform():
    folder = harness.Folder()
    trapd = ExampleTrapd(folder)
    try:
        trapd.start()
        equal([line for line in trapd.lines if "rror" in line or "Unknown" in line], [], "complaints of snmptrapd")
        subprocess.run(["snmpinform", "-v3", "-u", "nms", "-l", "authPriv", "-a", "SHA-256", "-A", "authentication key",
                        "-x", "AES", "-X", "privacy key", f"udp:127.0.0.1:{trapd.port}", "", MIB.oid("ckbKmUp"),
                        MIB.oid("ckbEventId") + ".0", "s", "4711"], check=True, capture_output=True,
                       env=environment(folder))
        line = wait_until(lambda: [one for one in trapd.lines if "4711" in one], f"a line: {trapd.lines}")[0]
        equal(MIB.oid("ckbKmUp") in line, True, line)
    finally:
        trapd.kill()
        folder.remove()


# ---- Prometheus

def exporter_module():
    return yaml.safe_load(built("snmp-exporter.yml"))["ckbridge"]


def test_exporters_module_is_of_the_mib():
    module = exporter_module()
    for metric in module["metrics"]:
        equal(BY_OID.get(metric["oid"]), metric["name"])
        is_counter = MIB.nodes[metric["name"]]["syntax"]["type"].get("name") == "Counter64"
        equal(metric["type"], "counter" if is_counter else "gauge", metric["name"])
        covered = any(metric["oid"] == walked or metric["oid"].startswith(walked + ".") for walked in module["walk"])
        equal(covered, True, f"{metric['name']} is walked")
        for lookup in metric.get("lookups", []):
            equal(BY_OID.get(lookup["oid"]), lookup["labelname"])
            equal(lookup["oid"] in module["walk"], True, lookup)
    numeric = {name for name in MIB.scalars() if MIB.nodes[name]["syntax"]["type"].get("name") in ("Counter64", "Gauge32")}
    equal(numeric - {metric["name"] for metric in module["metrics"]}, set(), "scalars without a metric")


def test_exporter_shows_what_the_bridge_has():
    with scene("agentx", KMS) as (stage, agent):
        stage.dial("alice")
        stage.bridge.wait_connected("alice")
        port = free_port(socket.SOCK_STREAM)
        text = built("snmp-exporter.yml").replace("community: public", f"community: {COMMUNITY}")
        path = stage.folder.write("snmp.yml", text)
        exporter = subprocess.Popen(["prometheus-snmp-exporter", f"--config.file={path}",
                                     f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True)
        try:
            url = f"http://127.0.0.1:{port}/snmp?module=ckbridge&target=127.0.0.1:{agent.port}"

            def scrape():
                try:
                    with urllib.request.urlopen(url, timeout=harness.DEADLINE_S) as answer:
                        return answer.read().decode()
                except OSError:
                    equal(exporter.poll(), None, "the exporter runs")
                    return None
            shown = wait_until(lambda: (lambda text: text if text and "\nckbKmsConnected 1\n" in text else None)(scrape()),
                               "a scrape with alice in it")
            states = dict(re.findall(r'^ckbKmOperStatus\{ckbKmId="(\w+)",ckbKmIndex="\d+"\} (\d+)$', shown, re.M))
            equal(states, {"alice": "1", "bob": "2"}, shown)
            names = set(re.findall(r"^(ckb\w+)[ {]", shown, re.M))
            absent = {metric["name"] for metric in exporter_module()["metrics"]} - names
            equal({name for name in absent if not name.startswith("ckbLink")}, set(), "metrics that did not come")
        finally:
            exporter.terminate()
            exporter.communicate()


# ---- Zabbix, whose server is not run here: its template against itself and the MIB

def template():
    return yaml.safe_load(built("ckbridge-6.0.yaml"))["zabbix_export"]


def everything(node):
    """Each mapping in a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from everything(value)
    elif isinstance(node, list):
        for value in node:
            yield from everything(value)


def items():
    found = {}
    for one in everything(template()):
        if "snmp_oid" in one and "key" in one:
            equal(one["key"] in found, False, f"key {one['key']} twice")
            found[one["key"]] = one
    return found


def test_zabbix_oids_are_of_the_mib():
    for key, one in items().items():
        oid = one["snmp_oid"]
        if oid.startswith("discovery["):
            parts = oid[len("discovery["):-1].split(",")
            equal(all(re.fullmatch(r"\{#[A-Z]+\}", macro) for macro in parts[::2]), True, oid)
            equal([part for part in parts[1::2] if part not in BY_OID], [], oid)
            continue
        plain, _, instance = oid.rpartition(".")
        name = BY_OID.get(plain)
        equal(name is not None, True, f"{key}: {oid}")
        equal(instance, "0" if name in MIB.scalars() else "{#SNMPINDEX}", key)
        is_counter = MIB.nodes[name]["syntax"]["type"].get("name") == "Counter64"
        steps = [step["type"] for step in one.get("preprocessing", [])]
        equal(steps, ["CHANGE_PER_SECOND"] if is_counter else [], key)


def test_zabbix_expressions_and_graphs_name_items_that_exist():
    name = template()["templates"][0]["template"]
    keys, expressions = items(), 0
    for one in everything(template()):
        if "expression" in one:
            found = re.findall(r"\(/([^/]+)/([a-z0-9_.]+(?:\[\{#SNMPINDEX\}\])?)[,)]", one["expression"])
            equal(len(found) > 0 and len(found) == one["expression"].count("(/"), True, one["expression"])
            expressions += 1
            for host, key in found:
                equal((host, key in keys), (name, True), one["expression"])
        if "graph_items" in one:
            for member in one["graph_items"]:
                equal((member["item"]["host"], member["item"]["key"] in keys), (name, True), one["name"])
    equal(expressions > 5, True, "triggers")


def test_zabbix_value_maps_are_those_of_the_mib():
    maps = {one["name"]: {entry["value"]: entry["newvalue"] for entry in one["mappings"]}
            for one in template()["templates"][0]["valuemaps"]}
    for key, one in items().items():
        if "valuemap" in one:
            names = MIB.nodes[BY_OID[one["snmp_oid"].rpartition(".")[0]]]["syntax"]["type"]
            if names.get("basetype") == "Enumeration":
                numbers = {entry["number"]: word for word, entry in names.items() if isinstance(entry, dict)
                           and "number" in entry}
                equal(maps[one["valuemap"]["name"]], numbers, key)
            equal(one["valuemap"]["name"] in maps, True, key)


def test_zabbix_uuids_are_such_and_distinct():
    document = template()
    equal(document["version"], "6.0")
    found = [one["uuid"] for one in everything(document) if "uuid" in one]
    equal(len(set(found)), len(found), "twice")
    equal([uuid for uuid in found if not UUID.match(uuid) and uuid not in OF_ZABBIX], [], "of version 4, without hyphens")


harness.run([test for name, test in list(globals().items()) if name.startswith("test_")])
