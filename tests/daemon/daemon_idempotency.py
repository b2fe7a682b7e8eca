#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys: once done, and answered alike ever after, over restarts and kill -9 at any moment."""
import http.client
import os
import random
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Km, equal, wait_until
from trail import ask, check_chain, entries

ROUNDS = int(os.environ.get("IDEMPOTENCY_KILLS", "8"))
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
print(f"# SEED={seed} IDEMPOTENCY_KILLS={ROUNDS}", flush=True)
chance = random.Random(seed)
folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(
    folder, decision="orchestrator_ms = 600000\ncompletion_ms = 86400000\norder = orchestrator, routes") + """
[ck "open"]
listen = 127.0.0.1:0
security = plain
[link "l1"]
a = kma-1
b = kma-9
""" + harness.km_section("alice", "kma-1", "address:127.0.0.2") + harness.km_section("bob", "kma-9",
                                                                                     "address:127.0.0.3")))
bridge.start()
alice = Km(bridge.address("open"), bind="127.0.0.2")
bridge.wait_connected("alice")
START = {"path": ["kma-1", "kma-9"]}
kept = {}


def post(key, body=None, token="orchestrator", path="/relays"):
    return ask(bridge, "POST", path, START if body is None else body, token, {"Idempotency-Key": key})


def replayed(answer):
    return answer.headers["Idempotent-Replayed"] == "true"


def same(first, again):
    equal((again.status, again.body, again.headers["Location"], again.headers["ETag"], again.headers["Content-Type"]),
          (first.status, first.body, first.headers["Location"], first.headers["ETag"], first.headers["Content-Type"]))
    equal((replayed(first), replayed(again)), (False, True))


def reconnect():
    global alice
    alice.close()
    alice = Km(bridge.address("open"), bind="127.0.0.2")
    bridge.wait_connected("alice")


def test_repeat_gets_the_first_answer_though_things_went_on():
    first = kept["first"] = post("k-1")
    equal(first.status, 201, first.body)
    alice.expect(harness.RELAY_REQUEST)
    same(first, post("k-1"))
    alice.complete(first.body["relay_id"])
    bridge.wait_relay(first.body["relay_id"], "succeeded")
    same(first, post("k-1"))


def test_repeat_gets_it_after_a_restart():
    bridge.stop()
    bridge.start()
    same(kept["first"], post("k-1"))
    bridge.kill()
    bridge.start()
    same(kept["first"], post("k-1"))
    reconnect()


def test_answer_that_was_lost_is_made_anew():
    """As if the bridge had died between the commit of the relay and that of the answer."""
    bridge.stop()
    with sqlite3.connect(folder / "store.db") as store:
        equal(store.execute("UPDATE idempotency SET answer = NULL").rowcount, 1)
    store.close()
    bridge.start()
    reconnect()
    again = post("k-1")
    number = kept["first"].body["relay_id"]
    equal((again.status, again.headers["Location"], again.body["relay_id"], again.body["state"], replayed(again)),
          (201, f"/api/v1/relays/{number}", number, "succeeded", True))


def test_key_of_another_request_is_refused():
    for answer in (post("k-1", {"path": ["kma-1", "kma-9"], "source_kma_id": "kma-1"}),
                   post("k-1", path=f"/relays/{kept['first'].body['relay_id']}/decision")):
        equal((answer.status, answer.body["parameter"]), (422, "Idempotency-Key"), answer.body)


def test_key_belongs_to_its_actor():
    theirs = post("k-1", token="admin")
    equal((theirs.status, replayed(theirs)), (201, False))
    equal(theirs.body["relay_id"] != kept["first"].body["relay_id"], True)
    same(theirs, post("k-1", token="admin"))
    alice.expect(harness.RELAY_REQUEST)


def test_what_had_no_effect_is_tried_again():
    equal(post("k-2", {"path": ["kma-9", "kma-1"]}).status, 409, "bob is away")
    bob = Km(bridge.address("open"), bind="127.0.0.3")
    bridge.wait_connected("bob")
    again = post("k-2", {"path": ["kma-9", "kma-1"]})
    equal((again.status, replayed(again)), (201, False), again.body)
    bob.close()


def test_decisions_may_be_repeated_after_a_restart():
    stream = harness.Events(bridge, "orchestrator")
    alice.notify("kma-1", "kma-9", 1001)
    relay_id = stream.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    alice.ask("kma-1", "kma-9", 1002)
    lookup_id = stream.wait("lookup.awaiting_decision", km_id="alice")["subject"]["lookup_id"]
    paths = {f"/relays/{relay_id}/decision": START, f"/lookups/{lookup_id}/decision": {"next_hops": ["kma-9"]}}
    first = {path: post("k-3" + path[:3], body, path=path) for path, body in paths.items()}
    stream.close()
    bridge.kill()
    bridge.start()
    for path, body in paths.items():
        equal(first[path].status, 200, first[path].body)
        same(first[path], post("k-3" + path[:3], body, path=path))
    reconnect()


def test_concurrent_repeats_are_done_once():
    """Whoever comes while the first is under way is told to wait; the rest get its answer."""
    for number in range(10):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(post(f"c-{number}"))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.DEADLINE_S)
        equal(len(answers), 4)
        equal({answer.status for answer in answers} - {201, 409}, set(), answers)
        equal([replayed(answer) for answer in answers if answer.status == 201].count(False), 1, answers)
        equal(len({answer.body["relay_id"] for answer in answers if answer.status == 201}), 1)
        for answer in answers:
            equal(answer.headers["Retry-After"], "1" if answer.status == 409 else None)


class Client(threading.Thread):
    """Starts relays under keys of its own until the bridge is gone, as a client that repeats what it has no answer to
    would."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.name, self.relays, self.asked = name, {}, []

    def run(self):
        for number in range(100000):
            key = f"{self.name}-{number}"
            self.asked.append(key)
            try:
                answer = post(key)
            except (OSError, http.client.HTTPException, ValueError):  # killed within an answer
                return
            if answer.status == 201:
                self.relays[key] = answer.body["relay_id"]


def test_no_kill_makes_it_done_twice_or_never():
    answered_again = 0
    for round_number in range(ROUNDS):
        clients = [Client(f"r{round_number}{name}") for name in "abc"]
        for client in clients:
            client.start()
        enough = chance.randrange(1, 15)
        wait_until(lambda: sum(len(client.relays) for client in clients) >= enough, "answers")
        bridge.kill()
        for client in clients:
            client.join(harness.DEADLINE_S)
        bridge.start()
        reconnect()
        for client in clients:
            for key in client.asked:
                answer = post(key)
                equal(answer.status, 201, answer.body)
                answered_again += replayed(answer)
                equal(client.relays.setdefault(key, answer.body["relay_id"]), answer.body["relay_id"], key)
        numbers = [number for client in clients for number in client.relays.values()]
        equal(len(set(numbers)), len(numbers), "two keys, one relay")
        kept.setdefault("relays", set()).update(numbers)
    equal(answered_again > 0, True)
    there = {item["relay_id"] for item in bridge.items("/relays") if item["unsolicited"]}
    others = {kept["first"].body["relay_id"]}
    equal(kept["relays"] - there, set(), "answered and not there")
    # Besides those: the tests before this one.
    equal(len(there - kept["relays"]), 1 + 1 + 1 + 10, f"relays that nobody asked for: {there - kept['relays'] - others}")
    check_chain(*entries(bridge))


def test_repeats_are_not_in_the_audit_trail():
    before = len(entries(bridge)[0])
    post("k-1")
    equal(len(entries(bridge)[0]), before)


def test_bridge_ends_well():
    alice.close()
    bridge.stop()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [bridge.kill, folder.remove])
