#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stream that begins with the live state, opened amid changes: items and events make the state that GET shows, with
no event missing or told twice; and the same URL resumes over a restart and after a gap."""
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until
from stage import Stage

FILE_KMS, HELD, STREAMS = 200, 150, 6
RANKS = {"received": 0, "awaiting_decision": 1, "instructed": 2}
KEYS = {"kms": "km_id", "applications": "application_id", "links": "link_id", "routes": "route_id",
        "relays": "relay_id", "lookups": "lookup_id"}
LIVE = ("session", "counters", "uses")

stage = Stage({"alice": ("kma-1", ""), **{f"km-{n:04}": (f"kma-x{n}", "") for n in range(FILE_KMS)}},
              decision="order = routes, orchestrator\norchestrator_ms = 600000\npresence_ms = 600000\n"
                       "completion_ms = 600000")
bridge = stage.bridge
alice = stage.dial("alice")
presence = stage.listen("orchestrator")


class Client:
    """An orchestrator's view, made of a stream's items and events alone; it judges each as it comes."""

    def __init__(self, **more):
        self.state = {name: {} for name in KEYS}
        self.given = set()
        self.status = None
        self.ended = None  # the event ID that the snapshot ended with
        self.last_id = None
        self.gaps = 0
        self.taken = 0
        self.stream = harness.Events(bridge, query="?snapshot=true", **more)
        stage.streams.append(self.stream)

    def catch_up(self):
        while self.taken < len(self.stream.received):
            event = self.stream.received[self.taken]
            self.taken += 1
            self.take(event)

    def take(self, event):
        kind, data = event["event"], event["json"]
        if kind == "snapshot":
            equal("id" in event, False, "an item has no ID to resume from")
            self.take_item(data["resource"], data["item"])
        elif kind == "snapshot_end":
            equal(event["id"], data["event_id"])
            if self.last_id is not None:
                equal(int(event["id"]), self.last_id, "the snapshot stands at the last event before it")
            self.ended = self.last_id = int(event["id"])
        elif kind == "gap":
            self.gaps += 1
            self.last_id = None
            self.given = set()
            self.state = {name: {} for name in KEYS}
        else:
            self.take_event(event, data)

    def take_item(self, resource, item):
        if resource == "status":
            self.status = item
            return
        key = item[KEYS[resource]]
        equal((resource, key) in self.given, False, f"{resource} {key} is given twice")
        self.given.add((resource, key))
        self.state[resource][key] = item["state"] if resource in ("relays", "lookups") else True

    def take_event(self, event, data):
        number = int(data["event_id"])
        if self.last_id is not None:
            equal(number, self.last_id + 1, f"events without a hole, none twice: {data}")
        self.last_id = number
        equal("id" in event, self.ended is not None, "only behind the snapshot an event has an ID to resume from")
        if event["event"].startswith("relay.") and event["event"] != "relay.uncorrelated":
            self.take_relay(data["subject"]["relay_id"], event["event"].removeprefix("relay."))
        for resource, key in self.changed(event["event"], data):
            self.take_change(resource, key, data["data"]["change"])

    def take_relay(self, number, state):
        known = self.state["relays"].get(number)
        if known is not None or self.ended is not None:
            before = -1 if known is None else RANKS[known]
            equal(RANKS.get(state, 3) > before, True, f"relay {number} goes from {known} to {state}")
            equal(known is not None or state == "received", True, f"relay {number} begins as {state}")
        if state in RANKS:
            self.state["relays"][number] = state
        else:
            self.state["relays"].pop(number, None)

    @staticmethod
    def changed(kind, data):
        if kind in ("route.changed", "link.changed"):
            name = kind.removesuffix(".changed")
            yield name + "s", data["subject"][name + "_id"]
        elif kind == "config.changed":
            name, _, key = data["data"]["object"].partition("/")
            if name in ("km", "application"):
                yield name + "s", key

    def take_change(self, resource, key, change):
        known = key in self.state[resource]
        if resource == "kms" and key in stage.kms:
            pass  # the file's are created with every start
        elif self.ended is not None:
            equal(known, change != "created", f"{resource} {key} is {change}")
        else:  # its piece may be yet to come
            equal((resource, key) in self.given and known and change == "created", False, f"{resource} {key} is {change}")
        if change == "deleted":
            self.state[resource].pop(key, None)
        elif known or change == "created":
            self.state[resource][key] = True

    def wait(self, condition, what):
        def look():
            self.catch_up()
            return condition()
        return wait_until(look, what)

    def wait_end(self):
        self.wait(lambda: self.ended is not None, "the end of the snapshot")

    def compare(self):
        """With what GET shows, once nothing changes."""
        for resource in ("kms", "applications", "links", "routes"):
            equal(set(self.state[resource]), {item[KEYS[resource]] for item in bridge.items("/" + resource)}, resource)
        held = {item["relay_id"]: item["state"] for state in RANKS
                for item in bridge.items(f"/relays?state={state}")}
        self.wait(lambda: self.state["relays"] == held, f"the open relays to be {held}")


def hold(number):
    """A notification that the orchestrator is to decide."""
    alice.notify("kma-1", f"kma-none-{number}")


def newest_held():
    return bridge.read("/relays?state=awaiting_decision&limit=1")["items"]


def churn(done, counter):
    """Every kind of object comes, changes and goes; relays are held and decided."""
    round_number = 0
    while not done.is_set():
        name = f"x-{round_number % 7}"
        bridge.put(f"/routes/{name}", {"destination_kma_id": "kma-x9", "path": ["kma-1", "kma-x9"],
                                       "priority": round_number})
        bridge.put(f"/links/{name}", {"a": "kma-1", "b": "kma-x9", "cost": round_number + 1})
        bridge.put(f"/applications/{name}", {"kma_id": "kma-x1"})
        bridge.put(f"/kms/{name}", {"kma_ids": [f"kma-{name}"], "identity": f"dns:{name}.example"})
        hold(round_number)
        for item in newest_held():
            bridge.post(f"/relays/{item['relay_id']}/decision", {"reject": "not now"})
        if round_number % 3 == 2:
            for resource in ("routes", "links", "applications", "kms"):
                bridge.request("DELETE", f"/{resource}/{name}")
        round_number += 1
        counter[0] = round_number


def test_state_is_made():
    for number in range(HELD):
        hold(number)
    wait_until(lambda: bridge.read("/status")["totals"]["relays_held"] == HELD, "all relays to be held")


def test_streams_opened_amid_changes_show_what_get_shows():
    done, counter = threading.Event(), [0]
    thread = threading.Thread(target=churn, args=(done, counter))
    thread.start()
    clients = []
    try:
        for number in range(STREAMS):
            wait_until(lambda: counter[0] > 3 * number, "changes")
            clients.append(Client())
            clients[-1].wait_end()
        seen = counter[0]
        wait_until(lambda: counter[0] > seen + 5, "changes behind the snapshots")
    finally:
        done.set()
        thread.join()
    alice.fence()  # the last notification is there, too
    newest = int(bridge.read("/status")["event_streams"]["newest_event_id"])
    for client in clients:
        client.wait(lambda: client.last_id >= newest, "the last change")
        client.compare()
        equal(client.status["version"], bridge.read("/status")["version"])


def test_items_are_as_their_own_get_shows_them():
    client = Client()
    client.wait_end()
    wanted = {}
    for event in list(client.stream.received):
        if event["event"] == "snapshot" and event["json"]["resource"] != "status":
            wanted.setdefault(event["json"]["resource"], event["json"]["item"])
    equal(sorted(wanted), ["applications", "kms", "links", "relays", "routes"])
    for resource, item in wanted.items():
        got = bridge.read(f"/{resource}/{item[KEYS[resource]]}")
        equal({key: value for key, value in item.items() if key not in LIVE},
              {key: value for key, value in got.items() if key not in LIVE}, resource)
        equal(sorted(item), sorted(got))


def test_same_url_resumes_over_a_restart():
    global alice
    client = Client()
    client.wait_end()
    last = client.last_id
    alice.close()
    bridge.stop()
    client.stream.close()
    bridge.start()
    resumed = Client(after=last)
    resumed.ended, resumed.last_id, resumed.state = client.ended, last, client.state
    bridge.put("/routes/after", {"destination_kma_id": "kma-x9", "path": ["kma-1", "kma-x9"]})
    resumed.wait(lambda: "after" in resumed.state["routes"], "the change behind the restart")
    equal([event["event"] for event in resumed.stream.received if event["event"].startswith("snapshot")], [])
    resumed.compare()


def test_gap_brings_the_state():
    client = Client(after=10**12)  # of another history
    client.wait_end()
    equal(client.gaps, 1)
    bridge.put("/routes/after-gap", {"destination_kma_id": "kma-x9", "path": ["kma-1", "kma-x9"]})
    client.wait(lambda: "after-gap" in client.state["routes"], "the change behind the gap")
    client.compare()


def test_snapshot_needs_a_stream():
    for path, headers, parameter in (("/events?snapshot=true", {}, "snapshot"),
                                     ("/events?snapshot=1", {"Accept": "text/event-stream"}, "snapshot"),
                                     ("/events?snapshot=true&subject=alice", {"Accept": "text/event-stream"},
                                      "subject")):
        status, _, problem = bridge.request("GET", path, headers=headers)
        equal((status, problem["parameter"]), (400, parameter), path)


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
