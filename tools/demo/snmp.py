# SPDX-License-Identifier: Apache-2.0
"""The demo's SNMP: a snmpd of its own beside the bridge, and a command that shows a table by names.

The IETF's modules are not in Debian's main. What QKDN-CK-BRIDGE-MIB needs of them to be read is written here in short.
"""
import os
import shutil

MODULE = "QKDN-CK-BRIDGE-MIB"
CONVENTION = """{name} ::= TEXTUAL-CONVENTION
    {hint}STATUS current
    DESCRIPTION "In short."
    SYNTAX {syntax}
"""
BASE = {
    "SNMPv2-SMI": "".join(f"{name} OBJECT IDENTIFIER ::= {{ {above} {number} }}\n" for name, above, number in (
        ("org", "iso", 3), ("dod", "org", 6), ("internet", "dod", 1), ("private", "internet", 4),
        ("enterprises", "private", 1))),
    "SNMPv2-TC": CONVENTION.format(name="DateAndTime", hint='DISPLAY-HINT "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"\n    ',
                                   syntax="OCTET STRING (SIZE (8 | 11))")
                 + CONVENTION.format(name="TruthValue", hint="", syntax="INTEGER { true(1), false(2) }"),
    "SNMPv2-CONF": "",
    "SNMP-FRAMEWORK-MIB": CONVENTION.format(name="SnmpAdminString", hint='DISPLAY-HINT "255t"\n    ',
                                            syntax="OCTET STRING (SIZE (0..255))"),
    "INET-ADDRESS-MIB": CONVENTION.format(name="InetAddressType", hint="",
                                          syntax="INTEGER { unknown(0), ipv4(1), ipv6(2), ipv4z(3), ipv6z(4), dns(16) }")
                        + CONVENTION.format(name="InetAddress", hint="", syntax="OCTET STRING (SIZE (0..255))")
                        + CONVENTION.format(name="InetPortNumber", hint='DISPLAY-HINT "d"\n    ',
                                            syntax="Unsigned32 (0..65535)"),
}


def program():
    """snmpd, or None; it is not on everybody's path."""
    return shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Snmp:
    def __init__(self, folder, build, port):
        self.folder, self.port = folder / "snmp", port
        self.folder.mkdir(mode=0o700)
        mibs = self.folder / "mibs"
        mibs.mkdir()
        for name, words in BASE.items():
            (mibs / f"{name}.txt").write_text(f"{name} DEFINITIONS ::= BEGIN\n{words}END\n")
        self.mibs = f"{mibs}:{build}/mibs/built"
        self.socket = f"unix:{self.folder}/agentx"
        self.configuration = self.folder / "snmpd.conf"
        self.configuration.write_text(f"""master agentx
agentXSocket {self.socket}
agentaddress udp:127.0.0.1:{port}
dontLogTCPWrappersConnects yes
rocommunity public 127.0.0.1
""")

    def command(self):
        return [program(), "-f", "-Lo", "-C", "-c", self.configuration]

    def environment(self):
        """It reads and writes nothing of the machine's own."""
        return {"MIBS": "", "SNMPCONFPATH": str(self.folder), "SNMP_PERSISTENT_DIR": str(self.folder)}

    def section(self):
        """The bridge's configuration that goes with it."""
        return f"[snmp]\nmode = agentx\nagentx_socket = {self.socket}\n"

    def table(self):
        """What to type to see the KMs."""
        return (f"snmptable -v2c -c public -M {self.mibs} -m {MODULE} -Cw 120 "
                f"udp:127.0.0.1:{self.port} {MODULE}::ckbKmTable")
