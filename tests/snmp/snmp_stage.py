# SPDX-License-Identifier: Apache-2.0
"""What the SNMP tests share: a master agent (snmpd), a receiver (snmptrapd), a manager that asks by net-snmp's own
commands, and the MIB as its tables and scalars.

Nothing of the machine's own SNMP configuration is read or written.
"""
import ast
import collections
import contextlib
import glob
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import harness
from harness import wait_until
from stage import Stage

MODULE = "QKDN-CK-BRIDGE-MIB"
MIB_FILE = os.path.join(harness.BUILD, "mibs", "built", MODULE + ".txt")
CK_ROOT = ".1.3.6.1.4.1.32473.7164"
COMMUNITY = "bridge-readers"
USER, AUTH_KEY, PRIVACY_KEY = "nms", "an authentication key", "a privacy key"

# What the commands print of a value with these options: numeric names, octets as hexadecimal, no units, no enums.
OPTIONS = "-Onxet"
LINE = re.compile(r"^(\.[0-9.]+) = ([A-Za-z0-9-]+): ?(.*)$")
TICKS = re.compile(r"^(\.[0-9.]+) = (\d+)$")
EMPTY = re.compile(r'^(\.[0-9.]+) = ""$')
FAILED = re.compile(r"^(\.[0-9.]+) = (No Such Object|No Such Instance|No more variables)")


def base_mibs():
    """Where Debian's package erlang-snmp has the IETF's modules."""
    found = glob.glob("/usr/lib/erlang/lib/snmp-*/mibs/SNMPv2-SMI.mib")
    if not found:
        raise AssertionError("no base MIBs: package erlang-snmp is missing")
    return os.path.dirname(found[0])


def free_port(kind=socket.SOCK_DGRAM):
    """A port of 127.0.0.1 that nobody has now, and that the system gives to nobody who asks for any."""
    while True:
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket(socket.AF_INET, kind) as free:
            try:
                free.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass  # another one


def environment(folder, mibs=False):
    """For net-snmp's programs: their configuration and state are the test's own."""
    home = folder / "net-snmp"
    os.makedirs(os.path.join(home, "cert_indexes"), exist_ok=True)  # else the first program tells of making it
    path = os.path.join(home, "snmp.conf")
    if not os.path.exists(path):
        folder.write("net-snmp/snmp.conf", "hexOutputLength 0\n")
    found = {**os.environ, "SNMPCONFPATH": home, "SNMP_PERSISTENT_DIR": home, "MIBS": ""}
    if mibs:
        found.update(MIBS=MODULE, MIBDIRS=f"{base_mibs()}:{os.path.dirname(MIB_FILE)}")
    return found


class Value(collections.namedtuple("Value", "type value")):
    """A cell: the type as net-snmp names it; int, bytes, or a string of dotted numbers."""

    @property
    def text(self):
        return self.value.decode()


def parse_value(kind, words):
    if kind == "Hex-STRING":
        return Value("STRING", bytes.fromhex(words))
    if kind == "STRING":  # of octets that are a text, in spite of -Ox
        return Value("STRING", ast.literal_eval("b" + words) if words.startswith('"') else words.encode())
    if kind in ("INTEGER", "Gauge32", "Counter32", "Counter64", "Unsigned32"):
        return Value(kind, int(words))
    return Value(kind, words)


def parse_line(line):
    """(OID, Value) or None: of a line that holds no value."""
    match = LINE.match(line)
    if match:
        return match.group(1), parse_value(match.group(2), match.group(3).strip())
    match = TICKS.match(line)
    if match:
        return match.group(1), Value("Timeticks", int(match.group(2)))
    match = EMPTY.match(line)
    if match:
        return match.group(1), Value("STRING", b"")
    match = FAILED.match(line)
    return (match.group(1), Value(match.group(2), None)) if match else None


def numbers(oid):
    return tuple(int(arc) for arc in oid.strip(".").split("."))


class Failed(AssertionError):
    """A command that ended with an error, and what it said."""


class Manager:
    """net-snmp's commands against one agent, in one version and name."""

    def __init__(self, folder, port, version="2c", user=USER, auth=AUTH_KEY, privacy=PRIVACY_KEY,
                 community=COMMUNITY, transport="udp", timeout_s=10, retries=1):
        self.folder, self.address = folder, f"{transport}:127.0.0.1:{port}"
        self.identity = ["-v2c", "-c", community]
        if version == "3":
            self.identity = ["-v3", "-u", user, "-l", "authPriv", "-a", "SHA-256", "-A", auth, "-x", "AES", "-X",
                             privacy]
        self.patience = ["-t", str(timeout_s), "-r", str(retries)]

    def command(self, program, arguments, oids, mibs=False):
        return [program, *self.identity, *self.patience, *arguments, self.address, *oids], environment(
            self.folder, mibs)

    def run(self, program, arguments, oids, mibs=False):
        """What it printed; its complaints are a failure."""
        words, variables = self.command(program, arguments, oids, mibs)
        done = subprocess.run(words, env=variables, capture_output=True, text=True, errors="replace", check=False,
                              timeout=10 * harness.DEADLINE_S)
        if done.returncode != 0 or done.stderr:
            raise Failed(f"{' '.join(words)}: {done.returncode} {done.stderr} {done.stdout[-500:]}")
        return done.stdout

    def pairs(self, program, arguments, oids):
        """[(OID, Value)] in the order of the answer; each line must be one."""
        found = []
        for line in self.run(program, [OPTIONS, *arguments], oids).split("\n")[:-1]:
            pair = parse_line(line)
            if pair is None:
                raise AssertionError(f"{program}: {line!r}")
            found.append(pair)
        return found

    def get(self, *oids):
        return dict(self.pairs("snmpget", [], oids))

    def get_next(self, *oids):
        return self.pairs("snmpgetnext", [], oids)

    def walk(self, oid=CK_ROOT):
        """{OID: Value} by GETNEXT. Increasing OIDs are snmpwalk's own demand."""
        return judged(self.pairs("snmpwalk", [], [oid]))

    def bulk_walk(self, oid=CK_ROOT, repetitions=10):
        return judged(self.pairs("snmpbulkwalk", [f"-Cr{repetitions}"], [oid]))

    def named_walk(self, oid=MODULE + "::qkdnCkBridgeMIB"):
        """{"ckbKmId.1": words} as a person with the MIB sees it."""
        lines = self.run("snmpwalk", ["-OsQ"], [oid], mibs=True)
        return dict(re.findall(r"^(\S+) = ?(.*(?:\n(?!ckb\w+\.).*)*)$", lines.rstrip("\n"), re.M))

    def table(self, name):
        """[{column: words}] of snmptable: the index is in the column "index"."""
        lines = self.run("snmptable", ["-CB", "-Ci", "-Cf", "\x1f", "-Os"], [f"{MODULE}::{name}"], mibs=True)
        head, *rows = [line for line in lines.split("\n")[1:] if line]
        columns = head.split("\x1f")
        return [dict(zip(columns, row.split("\x1f"), strict=True)) for row in rows]


def judged(pairs):
    """As a dictionary; a name that comes twice, or out of order, fails."""
    names = [numbers(oid) for oid, value in pairs if value.value is not None]
    for former, latter in zip(names, names[1:]):
        if former >= latter:
            raise AssertionError(f"{former} before {latter}")
    return {oid: value for oid, value in pairs if value.value is not None}


# ---- the MIB

class Mib:
    """The module as smidump reads it: its scalars, and its tables with their columns."""

    def __init__(self, path=MIB_FILE):
        done = subprocess.run(["smidump", "-f", "python", path], capture_output=True, text=True, check=False,
                              env={**os.environ, "SMIPATH": base_mibs()})
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"smidump: {done.returncode} {done.stderr}")
        self.module = ast.literal_eval(done.stdout[done.stdout.index("MIB = {") + len("MIB = "):])
        self.nodes = self.module["nodes"]
        self.types = self.module.get("typedefs", {})
        self.notifications = self.module.get("notifications", {})

    def oid(self, name):
        found = self.nodes.get(name) or self.notifications[name]
        return "." + found["oid"]

    def scalars(self):
        return {name for name, node in self.nodes.items()
                if node["nodetype"] == "scalar" and node["access"] == "readonly"}

    def tables(self):
        """{table: [accessible columns in order]}."""
        found = {}
        for name, node in self.nodes.items():
            if node["nodetype"] == "table":
                start = node["oid"] + ".1."
                columns = [(numbers(column["oid"]), title) for title, column in self.nodes.items()
                           if column["nodetype"] == "column" and column["oid"].startswith(start)
                           and column["access"] == "readonly"]
                found[name] = [title for _, title in sorted(columns)]
        return found

    def accessible(self):
        """{OID without instance: name} of all that can be read."""
        names = self.scalars().union(*self.tables().values())
        return {self.oid(name): name for name in names}

    def rows(self, table, cells):
        """{index as a tuple: {column: Value}} of a walk's cells."""
        found = {}
        for column in self.tables()[table]:
            start = self.oid(column) + "."
            for oid, value in cells.items():
                if oid.startswith(start):
                    found.setdefault(numbers(oid[len(start):]), {})[column] = value
        return found


# ---- programs beside the bridge

class Program:
    """snmpd or snmptrapd, in the foreground, with a configuration of the test's own."""

    name = None

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.lines = []
        self.process = self.reader = None

    def arguments(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        self.process = subprocess.Popen([self.name, *self.arguments()], env=environment(self.folder),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace")
        self.reader = threading.Thread(target=harness.Bridge.read_log, args=(self.process.stdout, self.lines),
                                       daemon=True)
        self.reader.start()
        wait_until(self.lives_and_is_ready, f"{self.name} to be ready")
        return self

    def lives_and_is_ready(self):
        if self.process.poll() is not None:
            self.reader.join(harness.DEADLINE_S)
            raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.lines[-10:]}")
        return self.is_ready()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(harness.DEADLINE_S)
        if self.reader is not None:
            self.reader.join(harness.DEADLINE_S)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


class Snmpd(Program):
    """A master agent: v2c for COMMUNITY and v3 for USER, who see everything."""

    name = "snmpd"

    def __init__(self, folder, more=""):
        super().__init__(folder)
        self.socket = "unix:" + folder / "agentx"
        self.configuration = folder.write("snmpd.conf", f"""
master agentx
agentXSocket {self.socket}
rocommunity {COMMUNITY} 127.0.0.1
createUser {USER} SHA-256 "{AUTH_KEY}" AES "{PRIVACY_KEY}"
rouser {USER} priv
{more}
""")

    def arguments(self):
        return ["-f", "-Lo", "-C", "-c", self.configuration, f"udp:127.0.0.1:{self.port}"]

    def is_ready(self):
        return any("NET-SNMP version" in line for line in self.lines)

    def manager(self, **more):
        return Manager(self.folder, self.port, **more)

    def sections(self, more=""):
        """The bridge's configuration that goes with it."""
        return f"""
[snmp]
mode = agentx
agentx_socket = {self.socket}
{more}
"""


class Standalone:
    """A bridge's own agent: v2c for COMMUNITY and v3 for USER, on UDP and TCP."""

    def __init__(self, folder):
        self.folder = folder
        self.port, self.tcp_port = free_port(), free_port(socket.SOCK_STREAM)
        self.auth = folder.write("nms.auth", AUTH_KEY + "\n")
        self.privacy = folder.write("nms.privacy", PRIVACY_KEY + "\n")

    def sections(self, more=""):
        return f"""
[snmp]
mode = standalone
listen = udp:127.0.0.1:{self.port},tcp:127.0.0.1:{self.tcp_port}
state_folder = {self.folder.path}
{more}
[snmp_user "{USER}"]
auth_key_file = {self.auth}
privacy_key_file = {self.privacy}
[snmp_community "{COMMUNITY}"]
source = 127.0.0.1
"""

    def manager(self, transport="udp", **more):
        return Manager(self.folder, self.port if transport == "udp" else self.tcp_port, transport=transport, **more)

    def engine(self):
        """The agent's engine ID as hexadecimal digits, and its boots, as it keeps them."""
        with open(self.folder / "snmp-engine", encoding="ascii") as file:
            engine, boots = file.read().split()[:2]  # and whose they are
        return engine, int(boots)


class Trapd(Program):
    """A receiver of v2c for any community, and of v3 for USER; `engines`: of those who send traps by v3."""

    name = "snmptrapd"
    Notification = collections.namedtuple("Notification", "source version cells")

    def __init__(self, folder, engines=()):
        super().__init__(folder)
        users = [f'createUser {engine} {USER} SHA-256 "{AUTH_KEY}" AES "{PRIVACY_KEY}"'
                 for engine in ["", *(f"-e 0x{engine}" for engine in engines)]]
        self.configuration = folder.write("snmptrapd.conf", "\n".join([
            f"authCommunity log {COMMUNITY}", f"authUser log {USER} priv", "doNotRetainNotificationLogs yes", *users,
            "[snmp] hexOutputLength 0", ""]))

    def arguments(self):
        return ["-f", "-Lo", "-C", "-c", self.configuration, OPTIONS, "-F", "NOTIFICATION %b\x1f%P\x1f%V\x1e%v\n",
                f"udp:127.0.0.1:{self.port}"]

    def is_ready(self):
        return any("NET-SNMP version" in line for line in self.lines)

    def received(self):
        """[Notification], in order, with its varbinds as {OID: Value}."""
        found = []
        for line in list(self.lines):
            if line.startswith("NOTIFICATION "):
                source, version, varbinds = line[len("NOTIFICATION "):].split("\x1f")
                pairs = [parse_line(varbind.strip()) for varbind in varbinds.split("\x1e")]
                if None in pairs:
                    raise AssertionError(f"snmptrapd: {line!r}")
                found.append(self.Notification(source, version, dict(pairs)))
        return found

    def wait(self, condition, what):
        return wait_until(lambda: condition(self.received()), f"{what}; came: {self.lines[-20:]}")


def wait_agent(bridge):
    """Until the bridge says that its agent is connected, or listens."""
    return wait_until(lambda: (lambda snmp: snmp if snmp["connected"] else None)(bridge.read("/status")["snmp"]),
                      f"the SNMP agent: {bridge.read('/status')['snmp']}")


@contextlib.contextmanager
def scene(mode, kms, more="", settings="", **stage):
    """(stage, agent): a bridge whose agent is connected; the agent, an Snmpd or a Standalone, gives managers.
    `settings` are [snmp]'s, `more` are other sections."""
    folder = harness.Folder()
    agent = Snmpd(folder) if mode == "agentx" else Standalone(folder)
    shown = None
    try:
        if mode == "agentx":
            agent.start()
        shown = Stage(kms, more=agent.sections(settings) + more, **stage)
        wait_agent(shown.bridge)
        yield shown, agent
    finally:
        if shown is not None:
            shown.close()
        if mode == "agentx":
            agent.kill()
        folder.remove()
