# SPDX-License-Identifier: Apache-2.0
"""A stage for the conformance scripts: a bridge with its PKI and key managers that speak to it over mutual TLS.

What the scripts expect comes from the Recommendation, the wire profile and the northbound contract, not from the code.
"""
import collections
import json
import struct

import harness
from harness import NEXT_HOP_REQUEST, NEXT_HOP_RESPONSE, NOTIFY, RELAY_REQUEST, RELAY_RESPONSE, equal, wait_until

Frame = collections.namedtuple("Frame", "version message_id command payload text")


class Peer(harness.Km):
    """A key manager's session that shows the whole frame, in either byte order."""

    order = ">"
    own_kma = None

    def pack(self, command, payload, message_id, version=1):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return struct.pack(self.order + "HIHH", version, message_id, command, len(body)) + body

    def send(self, command, payload, message_id=None, version=1):
        if message_id is None:
            self.next_id += 1
            message_id = self.next_id
        self.send_bytes(self.pack(command, payload, message_id, version))
        return message_id

    def frame(self):
        self.socket.settimeout(harness.DEADLINE_S)
        while True:
            if len(self.buffer) >= 10:
                version, message_id, command, length = struct.unpack(self.order + "HIHH", self.buffer[:10])
                if len(self.buffer) >= 10 + length:
                    body, self.buffer = self.buffer[10:10 + length], self.buffer[10 + length:]
                    return Frame(version, message_id, command, json.loads(body), body.decode())
            self.more()

    def answer(self, command, message_id=None):
        got = self.frame()
        equal(got.command, command, f"command of {got}")
        if message_id is not None:
            equal(got.message_id, message_id, f"MessageID of {got}")
        return got

    def hops(self, payload):
        """What a next hop request is answered."""
        return self.answer(NEXT_HOP_RESPONSE, self.send(NEXT_HOP_REQUEST, payload))

    def relay(self, payload, message_id=None):
        """What a notification is answered."""
        return self.answer(RELAY_REQUEST, self.send(NOTIFY, payload, message_id))

    def respond(self, payload, message_id=0x123456):
        return self.send(RELAY_RESPONSE, payload, message_id)

    def fence(self, message_id=0x0fe0ce00):
        """Nothing else was sent: answers that do not wait leave in order, so this one's must be the next frame."""
        self.send(NEXT_HOP_REQUEST, {"destination_KMA_ID": self.own_kma}, message_id)
        return self.answer(NEXT_HOP_RESPONSE, message_id)


class Stage:
    """kms: name -> (KMAs, further settings of its section)."""

    def __init__(self, kms, decision="", ck="", http="", more="", web=None):
        self.folder = harness.Folder()
        self.pki = harness.Pki(self.folder.path)
        self.kms, self.decision, self.ck, self.http, self.more = kms, decision, ck, http, more
        self.contexts, self.sessions, self.streams = {}, [], []
        self.bridge = harness.Bridge(self.folder.write("ckbridge.conf", self.text()))
        self.bridge.web = web
        self.bridge.start()

    def text(self):
        sections = "".join(harness.km_section(name, kmas, None, extra) for name, (kmas, extra) in self.kms.items())
        base = harness.base_sections(self.folder, decision=self.decision).replace("[http]\n", f"[http]\n{self.http}\n")
        return base + harness.ck_section(
            self.pki, more=self.ck) + sections + self.more

    def set_decision(self, decision):
        """Other limits of [decision], for what begins from now on: short for what is to end by them, and long for what
        is not to, however slow the machine is."""
        self.decision = decision
        before = len(self.bridge.lines)
        self.folder.write("ckbridge.conf", self.text())
        self.bridge.signal(harness.signal.SIGHUP)
        self.bridge.wait_log("event=reloaded", before)

    def context(self, name):
        if name not in self.contexts:
            self.contexts[name] = harness.tls_context(self.pki.ca, self.pki.issue(name))
        return self.contexts[name]

    def dial(self, name, order=">"):
        km = Peer(self.bridge.address(), self.context(name))
        km.order, km.own_kma = order, self.kms[name][0].split(",")[0]
        self.sessions.append(km)
        return km

    def listen(self, token="viewer", **more):
        stream = harness.Events(self.bridge, token, **more)
        self.streams.append(stream)
        return stream

    def install(self, name, path, priority=100, source=True):
        body = {"destination_kma_id": path[-1], "path": path, "priority": priority}
        if source:
            body["source_kma_id"] = path[0]
        return self.bridge.put(f"/routes/{name}", body)

    def remove(self, *names):
        for name in names:
            equal(self.bridge.request("DELETE", f"/routes/{name}")[0] in (200, 204), True, f"DELETE {name}")

    def newest(self, km):
        """The newest relay of this KM, in detail."""
        return self.bridge.relay(self.bridge.read(f"/relays?limit=1&km_id={km}")["items"][0]["relay_id"])

    def wait_newest(self, km, state, reason=None):
        """The newest relay of this KM, once it is in that state for that reason."""
        found = wait_until(lambda: (lambda relay: relay if relay["state"] == state else None)(self.newest(km)),
                           f"the newest relay of {km} to be {state}")
        if reason is not None:
            equal(found["reason"], reason, f"reason of {found}")
        return found

    def fails(self, km, name, payload, reason):
        """A notification that ends failed for this reason, without a frame; the session goes on."""
        count = self.relay_count(name)
        km.send(NOTIFY, payload)
        km.fence()
        wait_until(lambda: self.relay_count(name) > count, f"a relay of {payload}")
        return self.wait_newest(name, "failed", reason)

    def relay_count(self, name):
        return len(self.bridge.items(f"/relays?km_id={name}"))

    def counter(self, km, name):
        return self.bridge.km(km)["counters"][name]

    def raises(self, km, name, by, action):
        """The action raises this counter of this KM by so much."""
        before = self.counter(km, name)
        action()
        self.bridge.wait_counter(km, name, before + by)

    def close(self):
        for session in self.sessions:
            session.close()
        for stream in self.streams:
            stream.close()
        self.bridge.kill()
        self.bridge.judge_log()
        self.folder.remove()
