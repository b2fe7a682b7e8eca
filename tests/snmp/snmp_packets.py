# SPDX-License-Identifier: Apache-2.0
"""SNMP packets by hand, for what net-snmp's commands would not send: BER, an eavesdropper, and mutations."""
import random
import select
import socket
import threading

GET, GETNEXT, SET, GETBULK = 0xa0, 0xa1, 0xa3, 0xa5


def tagged(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def integer(value):
    return tagged(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def name(oid):
    arcs = [int(arc) for arc in oid.strip(".").split(".")]
    content = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        digits = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            digits.insert(0, 0x80 | arc & 0x7f)
        content += bytes(digits)
    return tagged(6, content)


def request(kind, oids, community, first=0, second=0, number=77, version=1, value=b"\x05\x00"):
    """v2c. Of GETBULK `first` and `second` are non-repeaters and max-repetitions."""
    variables = b"".join(tagged(0x30, name(oid) + value) for oid in oids)
    pdu = tagged(kind, integer(number) + integer(first) + integer(second) + tagged(0x30, variables))
    return tagged(0x30, integer(version) + tagged(4, community.encode()) + pdu)


def refusal(status, index=1, number=77):
    """How an answer that refuses begins its PDU: of the request with this number, and why."""
    return integer(number) + integer(status) + integer(index)


def discovery(flags=4, model=3):
    """v3 of nobody: its report tells the engine's ID and boots (RFC 3414, 4)."""
    header = tagged(0x30, integer(4711) + integer(65507) + tagged(4, bytes([flags])) + integer(model))
    security = tagged(0x30, tagged(4, b"") + integer(0) + integer(0) + tagged(4, b"") * 3)
    pdu = tagged(GET, integer(4712) + integer(0) + integer(0) + tagged(0x30, b""))
    return tagged(0x30, integer(3) + header + tagged(4, security) + tagged(0x30, tagged(4, b"") * 2 + pdu))


def identity(engine, boots):
    """As it stands in the security parameters of a message."""
    return tagged(4, bytes.fromhex(engine)) + integer(boots)


def ask(port, packet, deadline_s, address="127.0.0.1"):
    """The answer's bytes; None: silence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((address, port))
        client.settimeout(deadline_s)
        client.send(packet)
        try:
            return client.recv(1 << 16)
        except TimeoutError:
            return None


class Eavesdropper:
    """Between a manager and an agent on UDP: passes everything on and keeps what the manager said."""

    def __init__(self, agent_port):
        self.heard = []
        self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inner.connect(("127.0.0.1", agent_port))
        self.outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outer.bind(("127.0.0.1", 0))
        self.port = self.outer.getsockname()[1]
        self.wake, self.woken = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        manager = None
        while True:
            ready, _, _ = select.select([self.inner, self.outer, self.woken], [], [])
            if self.woken in ready:
                return
            if self.outer in ready:
                packet, manager = self.outer.recvfrom(1 << 16)
                self.heard.append(packet)
                self.inner.send(packet)
            if self.inner in ready:
                self.outer.sendto(self.inner.recv(1 << 16), manager)

    def close(self):
        self.wake.send(b"x")
        self.thread.join()
        for one in (self.inner, self.outer, self.wake, self.woken):
            one.close()


def mutations(packets, count, seed):
    """`count` packets, each with one kind of damage: bits, lengths, cuts, doubled parts, and noise."""
    chance = random.Random(seed)
    for _ in range(count):
        packet = bytearray(chance.choice(packets))
        kind = chance.randrange(6)
        at = chance.randrange(len(packet))
        if kind == 0:
            packet[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            packet[at] = chance.choice((0x00, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff))
        elif kind == 2:
            del packet[at:]
        elif kind == 3:
            packet[at:at] = packet[at:at + chance.randrange(64)]
        elif kind == 4:
            packet[at:at + 8] = chance.randbytes(8)
        else:
            packet = bytearray(chance.randbytes(chance.randrange(1, 200)))
        yield bytes(packet)
