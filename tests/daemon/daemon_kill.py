#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: what was answered is in the store, every relay ends, no identifier is
used twice with another content. KILL_ROUNDS rounds (50); SEED replays the moments and the choices."""
import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Closed, Km, equal, wait_until

ROUNDS = int(os.environ.get("KILL_ROUNDS", "50"))
KMS = 3
CHECKED_A_ROUND = 40
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
print(f"# SEED={seed} KILL_ROUNDS={ROUNDS}", flush=True)
chance = random.Random(seed)
TERMINAL = {"succeeded", "failed", "rejected", "expired", "orphaned"}

folder = harness.Folder()
pki = harness.Pki(folder.path)
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(
    folder, decision="orchestrator_ms = 300\ncompletion_ms = 700\norder = routes, orchestrator")
    + harness.ck_section(pki, more="replacements_per_minute = 1000000")
    + "".join(harness.km_section(f"km{n}", f"kma-{n}") for n in range(KMS))
    + "".join(f"[link \"{kind}{n}\"]\na = kma-{n}\nb = far-{kind}\n" for n in range(KMS) for kind in ("route", "held"))))
contexts = [harness.tls_context(pki.ca, pki.issue(f"km{n}")) for n in range(KMS)]


class Ledger:
    """What peers were told, over all rounds: it must hold for ever."""

    def __init__(self):
        self.lock = threading.Lock()
        self.relays = {}     # relay_id -> (km, MessageID, destination) of its 0x04
        self.lookups = {}    # (km, MessageID) -> the next hops of its 0x02
        self.decided = set() # relay_id whose decision got a 200
        self.completed = 0
        self.events = {}     # event_id -> data
        self.newest_event = 0
        self.wrong = []

    def instructed(self, relay_id, told):
        with self.lock:
            before = self.relays.setdefault(relay_id, told)
            if before != told:
                self.wrong.append(f"relay {relay_id} is {before} and {told}")

    def event(self, identifier, data):
        with self.lock:
            before = self.events.setdefault(identifier, data)
            if before != data:
                self.wrong.append(f"event {identifier} is {before} and {data}")
            self.newest_event = max(self.newest_event, identifier)


ledger = Ledger()


class Load(threading.Thread):
    """One KM that notifies, asks and completes until its bridge is gone. MessageIDs are never used again."""
    message_ids = [0] * KMS

    def __init__(self, number, random_seed):
        super().__init__(daemon=True)
        self.number, self.chance, self.sent, self.failure = number, random.Random(random_seed), {}, None

    def run(self):
        try:
            km = Km(bridge.address(), contexts[self.number])
        except (OSError, Closed):
            return  # killed before it was served
        try:
            for _ in range(4):
                self.request(km)
            while True:
                self.take(km, *km.receive())
                self.request(km)
        except Closed:
            pass
        except Exception as failure:  # reported by the main thread
            self.failure = failure
        finally:
            km.close()

    def request(self, km):
        Load.message_ids[self.number] += 1
        message_id = Load.message_ids[self.number]
        source = f"kma-{self.number}"
        if self.chance.random() < 0.3:
            self.sent[message_id] = "lookup"
            km.ask(source, "far-route", message_id)
        else:
            destination = self.chance.choice(["far-route", "far-route", "far-held"])
            self.sent[message_id] = destination
            km.notify(source, destination, message_id)

    def take(self, km, command, message_id, payload):
        if command == harness.NEXT_HOP_RESPONSE:
            with ledger.lock:
                ledger.lookups[(f"km{self.number}", message_id)] = payload["next_KMA_IDs"]
            return
        equal(command, harness.RELAY_REQUEST, "command")
        relay_id = payload["key_relay_request_ID"]
        # One decided while the KM was away has an ID of the bridge's own and a request of a round before.
        if message_id in self.sent:
            equal(payload["destination_KMA_ID"], self.sent[message_id], "destination")
            ledger.instructed(relay_id, (f"km{self.number}", message_id, payload["destination_KMA_ID"]))
        if self.chance.random() < 0.9:
            km.complete(relay_id, self.chance.choice(["success", "success", "no keys"]))
            ledger.completed += 1


class Orchestrator(threading.Thread):
    """Decides what is held, and watches the event stream."""

    def __init__(self, stop):
        super().__init__(daemon=True)
        self.stop = stop

    def run(self):
        try:
            while not self.stop.is_set():
                held = bridge.request("GET", "/relays?state=awaiting_decision", token="orchestrator", timeout=5)
                for item in held[2]["items"]:
                    self.decide(item)
        except (OSError, ValueError, KeyError, TypeError, harness.http.client.HTTPException):
            pass  # killed

    @staticmethod
    def decide(item):
        path = [item["source_kma_id"], item["destination_kma_id"]]
        status, _, _ = bridge.request("POST", f"/relays/{item['relay_id']}/decision", {"path": path}, "orchestrator",
                                      timeout=5)
        if status == 200:
            with ledger.lock:
                ledger.decided.add(item["relay_id"])


def take_events(events):
    for event in list(events.received):
        ledger.event(int(event["id"]), event["data"])


def one_round(number):
    """Starts the bridge, checks what was told before, loads it, and kills it somewhere."""
    early = chance.random() < 0.1  # perhaps while it restores
    bridge.start(ready=not early)
    stop = threading.Event()
    if early:
        stop.wait(chance.uniform(0, 0.1))  # the random moment itself
        bridge.kill()
        return
    check_answered(chance.sample(sorted(ledger.relays), min(CHECKED_A_ROUND, len(ledger.relays))))
    if number == 0:
        for n in range(KMS):
            bridge.put(f"/routes/r{n}", {"source_kma_id": f"kma-{n}", "destination_kma_id": "far-route",
                                         "path": [f"kma-{n}", "far-route"], "priority": 1})
    events = harness.Events(bridge, "viewer", after=ledger.newest_event)
    threads = [Load(n, chance.randrange(1 << 32)) for n in range(KMS)] + [Orchestrator(stop)]
    for thread in threads:
        thread.start()
    stop.wait(chance.uniform(0.02, 0.7))  # the random moment itself
    bridge.kill()
    bridge.judge_log()
    stop.set()
    for thread in threads:
        thread.join(harness.DEADLINE_S)
        if getattr(thread, "failure", None) is not None:
            raise thread.failure
    events.close()
    take_events(events)
    equal(ledger.wrong, [], "used twice")


def check_answered(relay_ids):
    for relay_id in relay_ids:
        relay = bridge.relay(relay_id)
        equal((relay["km_id"], relay["message_id"], relay["destination_kma_id"]), ledger.relays[relay_id],
              f"relay {relay_id}")


def test_rounds_of_load_and_kill():
    for number in range(ROUNDS):
        one_round(number)
    equal(len(ledger.relays) > ROUNDS and len(ledger.lookups) > ROUNDS, True, "answered requests")
    equal(len(ledger.decided) > 0, True, "decisions")
    print(f"# told: {len(ledger.relays)} relays instructed, {ledger.completed} completions sent, "
          f"{len(ledger.decided)} decided, {len(ledger.lookups)} lookups, {len(ledger.events)} events")


def test_every_relay_ends_after_the_last_restart():
    bridge.start()
    for state in ("received", "awaiting_decision", "instructed"):
        wait_until(lambda: not bridge.read(f"/relays?state={state}")["items"], f"no relay to stay {state}")


def test_every_answered_request_is_in_the_store():
    stored = {item["relay_id"]: item for item in bridge.items("/relays")}
    for relay_id, (km, _, destination) in ledger.relays.items():
        item = stored[relay_id]
        equal((item["km_id"], item["destination_kma_id"]), (km, destination), f"relay {relay_id}")
        equal(item["state"] in TERMINAL, True, f"relay {relay_id}: {item['state']}")
    for relay_id in ledger.decided:
        equal(stored[relay_id]["decided_by"], "orchestrator", f"relay {relay_id}")
    answered = {}
    for item in bridge.items("/lookups"):
        if item["state"] == "answered":
            answered.setdefault(item["km_id"], []).append(item)
    for name in (f"km{n}" for n in range(KMS)):
        told = [hops for (km, _), hops in ledger.lookups.items() if km == name and hops]
        kept = [item for item in answered.get(name, []) if item["next_kma_ids"]]
        equal(len(kept) >= len(told), True, f"lookups of {name}: {len(kept)} kept, {len(told)} told")


def test_relays_end_once():
    for relay_id in chance.sample(sorted(ledger.relays), min(300, len(ledger.relays))):
        states = [entry["state"] for entry in bridge.relay(relay_id)["timeline"]]
        ends = [state for state in states if state in TERMINAL]
        late = len(ends) == 2 and ends[0] in ("expired", "orphaned") and ends[1] in ("succeeded", "failed")
        equal(len(ends) == 1 or late, True, f"relay {relay_id}: {states}")


def test_event_log_is_whole_and_as_it_was_told():
    events = harness.Events(bridge, "viewer", after=0)
    newest = ledger.newest_event
    wait_until(lambda: events.received and int(events.received[-1]["id"]) >= newest, "all events")
    events.close()
    identifiers = [int(event["id"]) for event in events.received]
    equal(identifiers, list(range(1, len(identifiers) + 1)), "event IDs")
    take_events(events)
    equal(ledger.wrong, [], "told otherwise")
    ends = {}
    for event in events.received:
        kind = event["event"].partition(".")[2]
        if event["event"].startswith("relay.") and kind in TERMINAL:
            ends.setdefault(json.loads(event["data"])["subject"]["relay_id"], []).append(kind)
    for relay_id, kinds in ends.items():
        equal(len(kinds) == 1 or (len(kinds) == 2 and kinds[0] in ("expired", "orphaned")), True,
              f"relay {relay_id} ended as {kinds}")


def test_stop_is_clean():
    bridge.stop()


def clean():
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
