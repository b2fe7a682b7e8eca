# SPDX-License-Identifier: Apache-2.0
"""A bridge that has something of everything that the MIB can show: sessions of every kind, relays in every state,
hostile names, texts that are too long."""
import contextlib
import subprocess
from urllib.parse import quote

import harness
from harness import NEXT_HOP_REQUEST, NOTIFY, RELAY_REQUEST, equal, wait_until
from snmp_stage import scene

PSK = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
HOSTILE = ('q"uote', "back\\slash", "Zo\u00eb-\u043a\u043b\u044e\u0447-\u9375", "\u2028line", "two  blanks", "/slash%2f",
           "\u202eright to left", "'; DROP TABLE kms; --", "\U0001f511", "x" * 255, "\u9375" * 85, "-x", "1.2.3")
KMS = {
    "alice": ("kma-1,kma-1b", ""),
    "bob": ("kma-2", ""),
    "rude": ("kma-r", ""),
    "off": ("kma-o", "enabled = no"),
    "never": ("kma-n", ""),
}
LONG_NAMES = [f"{number:02d}-" + "\u9375" * 80 for number in range(60)]  # 243 bytes each
WORDS_OF_A_KM = "no \x00key\x1b[31m left\r\n\u0085\ttoday \u9375"


def sections(folder):
    psk_file = folder.write("psk", f"carol:{PSK}\n")
    more = f"""
[ck "keys"]
listen = 127.0.0.1:0
security = psk
psk_file = {psk_file}
[ck "open"]
listen = 127.0.0.1:0
security = plain
[application "app-7"]
kma = kma-9
[link "l-file"]
a = kma-1
b = kma-2
cost = 3
key_stock = 5000000000
key_rate = 0
"""
    return more + harness.km_section("carol", "kma-9", "psk:carol") + harness.km_section("dave", "kma-8",
                                                                                       "address:127.0.0.2")


SHORT = "completion_ms = 250\norchestrator_ms = 600000"
TIME_TO_LEAVE = "completion_ms = 2500\norchestrator_ms = 600000"  # for a KM that is to be away before it ends
LONG = "completion_ms = 600000\norchestrator_ms = 600000"


class World:
    """Made by steps, each of which waits for what it has caused."""

    def __init__(self, stage):
        self.stage, self.bridge = stage, stage.bridge
        self.clients = []
        self.orchestrator = None

    def make(self):
        self.configure()
        self.end_relays_by_time()
        self.stage.set_decision(LONG)
        self.open_sessions()
        self.err()
        self.orchestrator = self.stage.listen("orchestrator")
        self.ask()
        self.decide()
        return self

    def close(self):
        for client in self.clients:
            client.kill()
            client.wait()

    def configure(self):
        put = self.bridge.put
        for name in HOSTILE:
            put(f"/kms/{quote(name, safe='')}", {"kma_ids": [name], "identity": f"dns:{len(name)}-{ord(name[0])}"})
            put(f"/links/{quote(name, safe='')}", {"a": "kma-1", "b": name, "state": "down"})
            put(f"/routes/{quote(name, safe='')}", {"destination_kma_id": name, "path": ["kma-2", name], "origin": name})
        for first in (0, 30):
            put(f"/kms/long-{first}", {"kma_ids": LONG_NAMES[first:first + 30], "identity": f"cn:long-{first}"})
        put("/kms/bob-2", {"kma_ids": ["kma-3", "kma-4"], "identity": "cn:bob-2", "enabled": False})
        put("/links/l-1", {"a": "kma-1", "b": "kma-9"})
        # Without a key, and dear: not where a relay goes.
        put("/links/l-2", {"a": "kma-3", "b": "kma-4", "cost": 4294967295, "key_stock": 0, "key_rate": 7200})
        self.stage.install("r-1", ["kma-1", "kma-2", "kma-9"])
        self.stage.install("r-2", ["kma-2", "kma-9"], priority=-7)
        self.stage.install("r-long", ["kma-1", *LONG_NAMES])
        put("/routes/r-hops", {"destination_kma_id": "kma-8", "valid_until": "2100-01-01T00:00:00Z", "origin": "te",
                               "next_hops": {"kma-1": ["kma-2", "kma-9"], "kma-2": ["kma-8"], "kma-9": ["kma-8"]}})

    def end_relays_by_time(self):
        """One expires; one is orphaned, for its KM is away."""
        alice, bob = self.stage.dial("alice"), self.stage.dial("bob")
        alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"})
        self.stage.wait_newest("alice", "expired")
        self.stage.set_decision(TIME_TO_LEAVE)
        bob.relay({"source_KMA_ID": "kma-2", "destination_KMA_ID": "kma-9"})
        bob.close()
        self.stage.wait_newest("bob", "orphaned")
        alice.close()

    def open_sessions(self):
        self.alice = self.stage.dial("alice")
        dave = harness.Km(self.bridge.address("open"), bind="127.0.0.2")
        self.stage.sessions.append(dave)
        host, port = self.bridge.address("keys")
        carol = subprocess.Popen(["openssl", "s_client", "-connect", f"{host}:{port}", "-psk", PSK, "-psk_identity",
                                  "carol", "-tls1_3", "-quiet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.clients.append(carol)
        for name, security in (("alice", "tls"), ("carol", "psk"), ("dave", "plain")):
            equal(self.bridge.wait_connected(name)["security"], security, name)

    def err(self):
        """A KM that is held off for what it sends, and connections that are refused."""
        rude = self.stage.dial("rude")
        try:
            rude.send(77, {"a command": "of nobody's"})
            rude.send(RELAY_REQUEST, {"destination_KMA_ID": "kma-9", "transit_KMA_IDs": []})  # a controller's
            for _ in range(12):
                rude.send(NOTIFY, b"rubbish")
            rude.expect_closed()
        except harness.Closed:
            pass  # the bridge was quicker
        wait_until(lambda: self.bridge.km("rude")["session"]["held_off_until"], "rude to be held off")
        try:
            self.stage.dial("off").expect_closed()
        except (OSError, harness.Closed):
            pass
        self.bridge.wait_counter("off", "sessions_refused", 1)

    def ask(self):
        """What is decided by routes, or by nobody."""
        alice = self.alice
        succeeded = alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}, 31)
        alice.respond({"response": "success", "key_relay_request_ID": succeeded.payload["key_relay_request_ID"]})
        for words in (WORDS_OF_A_KM, "\u9375" * 700):
            failed = alice.relay({"source_KMA_ID": "kma-1", "application_destination_ID": "app-7"})
            alice.respond({"response": words, "key_relay_request_ID": failed.payload["key_relay_request_ID"]})
            self.bridge.wait_relay(failed.payload["key_relay_request_ID"], "failed")
        alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": LONG_NAMES[-1]})
        self.stage.fails(alice, "alice", {"source_KMA_ID": "kma-2", "destination_KMA_ID": "kma-9"},
                         "source_not_authorised")
        alice.hops({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-8"})
        alice.respond({"response": "success", "key_relay_request_ID": "123456789"})  # of no relay

    def decide(self):
        """What the orchestrator decides, rejects, starts, and has not decided yet."""
        for number, (destination, decision) in enumerate((
                ("kma-8", {"path": ["kma-1", "kma-9", "kma-8"]}), ("kma-o", {"reject": "not \u0007today"}),
                ("kma-o", None))):
            self.alice.send(NOTIFY, {"source_KMA_ID": "kma-1", "destination_KMA_ID": destination})
            held = wait_until(lambda number=number: self.held()[number:], f"relay {number} to be held")[0]
            if decision is not None:
                status, _, answer = self.bridge.post(f"/relays/{held}/decision", decision)
                equal(status, 200, f"decision {decision}: {answer}")
        status, _, answer = self.bridge.post("/relays", {"path": ["kma-1", "kma-2"]})
        equal(status in (200, 201, 202), True, f"a relay of the orchestrator's: {answer}")
        self.alice.send(NEXT_HOP_REQUEST, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-n"})
        self.orchestrator.wait("lookup.awaiting_decision")

    def held(self):
        return [event["json"]["subject"]["relay_id"] for event in list(self.orchestrator.received)
                if event["event"] == "relay.awaiting_decision"]


@contextlib.contextmanager
def world(mode):
    """(stage, agent) of a bridge with everything."""
    folder = harness.Folder()
    try:
        with scene(mode, KMS, sections(folder), decision=SHORT,
                   ck="bad_frames_per_minute = 5\nhold_off_s = 3600") as (stage, agent):
            made = World(stage)
            try:
                made.make()
                yield stage, agent
            finally:
                made.close()
    finally:
        folder.remove()
