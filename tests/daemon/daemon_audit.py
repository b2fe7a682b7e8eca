#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit trail: every write once, by whom, from where, how it ended and what it caused; a chain that holds over
restarts and kill -9."""
import http.client
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Events, Km, equal, wait_until
from trail import ask, check_chain, entries

KILLS = int(os.environ.get("AUDIT_KILLS", "5"))
folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(
    folder, decision="orchestrator_ms = 600000\norder = orchestrator, routes") + """
[ck "open"]
listen = 127.0.0.1:0
security = plain
[link "l1"]
a = kma-1
b = kma-9
""" + harness.km_section("alice", "kma-1", "address:127.0.0.2") + harness.km_section("bob", "kma-9",
                                                                                     "address:127.0.0.3")))
bridge.start()
expected = []  # (actor, source, action, target, outcome) in order
state = {}


def wrote(method, path, body, outcome, token="admin", query="", headers=None, status=None):
    """A request that the trail tells of."""
    answer = ask(bridge, method, path + query, body, token, headers)
    if status is not None:
        equal(answer.status, status, f"{method} {path}: {answer.body}")
    expected.append((f"token:{token}", answer.source, method, "/api/v1" + path, outcome))
    return answer


def told():
    """The trail without what the configuration file did."""
    found, head = entries(bridge)
    check_chain(found, head)
    return [entry for entry in found if entry["actor"] != "file"]


def check_told():
    """Refusals become durable in their own time, all else before its answer."""
    refused = expected and expected[-1][4] not in ("ok", "created", "conflict")
    if refused:
        wait_until(lambda: len(told()) >= len(expected), "the last refusal")
    equal([(entry["actor"], entry["source"], entry["action"], entry["target"], entry["outcome"]) for entry in told()],
          expected)


def test_the_file_is_told_of():
    found, head = entries(bridge)
    check_chain(found, head)
    equal([(entry["actor"], entry["source"], entry["action"], entry["outcome"]) for entry in found],
          [("file", None, "apply", "ok")])


def test_every_kind_of_write_is_told_once():
    wrote("PUT", "/kms/carol", {"kma_ids": ["kma-5"], "identity": "dns:carol.example"}, "created", status=201)
    wrote("PUT", "/kms/carol", {"kma_ids": ["kma-5", "kma-6"], "identity": "dns:carol.example"}, "ok", status=200)
    wrote("PUT", "/applications/app%2F7", {"kma_id": "kma-9"}, "created", "orchestrator", status=201)
    wrote("PUT", "/links/l2", {"a": "kma-1", "b": "kma-5"}, "created", "orchestrator", status=201)
    wrote("PUT", "/routes/r1", {"destination_kma_id": "kma-9", "path": ["kma-1", "kma-9"]}, "created", status=201)
    wrote("PUT", "/routes", {"origin": "mine", "routes": [{"route_id": "m1", "destination_kma_id": "kma-9",
                                                           "path": ["kma-1", "kma-9"]}]}, "ok", status=200)
    wrote("PUT", "/links", {"origin": "mine", "links": [{"link_id": "m1", "a": "kma-5", "b": "kma-9"}]}, "ok",
          "orchestrator", status=200)
    for path in ("/routes/r1", "/links/l2", "/applications/app%2F7", "/kms/carol"):
        wrote("DELETE", path, None, "ok", status=200)
    check_told()


def test_decisions_and_starts_are_told_with_what_they_are_about():
    stream = Events(bridge, "orchestrator")
    alice = Km(bridge.address("open"), bind="127.0.0.2")
    bridge.wait_connected("alice")
    alice.notify("kma-1", "kma-9", 1)
    relay_id = stream.wait("relay.awaiting_decision", km_id="alice")["subject"]["relay_id"]
    alice.ask("kma-1", "kma-9", 2)
    lookup_id = stream.wait("lookup.awaiting_decision", km_id="alice")["subject"]["lookup_id"]
    wrote("POST", f"/relays/{relay_id}/decision", {"path": ["kma-1", "kma-9"]}, "ok", "orchestrator", status=200)
    wrote("POST", f"/relays/{relay_id}/decision", {"reject": "late"}, "conflict", "orchestrator", status=409)
    wrote("POST", f"/lookups/{lookup_id}/decision", {"next_hops": ["kma-9"]}, "ok", "orchestrator", status=200)
    started = wrote("POST", "/relays", {"path": ["kma-1", "kma-9"]}, "created", "orchestrator", status=201)
    check_told()
    equal([entry["request_id"] for entry in told()[-4:]], [relay_id, None, lookup_id, started.body["relay_id"]])
    refused = told()[-3]
    equal((refused["reason"] is not None, refused["detail"] is not None, refused["first_event_id"]), (True, True, None))
    stream.close()
    alice.close()


def test_entries_name_the_events_and_revisions_that_they_caused():
    events = {event["event_id"]: event for event in bridge.items("/events")}
    caused = 0
    for entry in told():
        if entry["outcome"] not in ("ok", "created"):
            equal((entry["first_event_id"], entry["last_event_id"], entry["revision"]), (None, None, None), entry)
            continue
        equal(entry["first_event_id"] is not None, True, f"{entry} caused something")
        for number in range(int(entry["first_event_id"]), int(entry["last_event_id"]) + 1):
            caused += 1
            event = events[str(number)]
            about = event["subject"].get("relay_id", event["subject"].get("lookup_id"))
            if entry["request_id"] is not None:
                equal(about, entry["request_id"], f"{entry} caused {event}")
            else:
                equal(event["type"] in ("config.changed", "route.changed", "link.changed", "relay.orphaned"), True,
                      f"{entry} caused {event}")
    equal(caused >= 15, True, f"{caused} events")
    link = bridge.request("PUT", "/links/l3", {"a": "kma-1", "b": "kma-9"})
    expected.append(None)
    newest = told()[-1]
    equal(f'"{newest["revision"]}"', link[1]["ETag"])
    expected[-1] = tuple(newest[name] for name in ("actor", "source", "action", "target", "outcome"))


def test_refusals_are_told():
    wrote("PUT", "/links/l9", {"a": "kma-1", "b": "kma-9"}, "forbidden", "viewer", status=403)
    wrote("GET", "/audit", None, "forbidden", "orchestrator", status=403)
    wrote("PUT", "/links/l9", "{", "not_json", status=400)
    wrote("PUT", "/links/l9", {"a": "kma-1"}, "missing_member", status=400)
    wrote("PUT", "/links/l9", {"a": "kma-1", "b": "kma-1"}, "invalid", status=422)
    wrote("PUT", "/links/l3", {"a": "kma-1", "b": "kma-9"}, "stale", headers={"If-Match": '"999999"'}, status=412)
    wrote("POST", "/relays/999999/decision", {"reject": "no"}, "not_found", "orchestrator", status=404)
    wrote("DELETE", "/nothing", None, "not_found", status=404)
    answer = ask(bridge, "GET", "/status", token=None)
    expected.append((None, answer.source, "GET", "/api/v1/status", "unauthenticated"))
    check_told()
    equal("orchestrator" in told()[-8]["detail"], True, "a refusal says why")


def test_what_changes_nothing_is_not_told():
    for method, path, body, token in (("PUT", "/links/l3?dry_run=true", {"a": "kma-1", "b": "kma-9", "cost": 9}, "admin"),
                                      ("DELETE", "/links/l3?dry_run=true", None, "admin"),
                                      ("PUT", "/links/l8?dry_run=true", {"a": "kma-1", "b": "kma-1"}, "admin"),
                                      ("GET", "/relays/999999", None, "viewer"), ("GET", "/links?limit=0", None, "viewer")):
        ask(bridge, method, path, body, token)
    check_told()


def test_trail_is_filtered_by_actor_and_time():
    found, _ = entries(bridge)
    theirs, _ = entries(bridge, "&actor=token:orchestrator")
    equal(theirs, [entry for entry in found if entry["actor"] == "token:orchestrator"])
    moment = found[len(found) // 2]["time"]
    equal(entries(bridge, f"&before={moment}")[0] + entries(bridge, f"&after={moment}")[0], found)
    newest = bridge.read("/audit?limit=2")
    equal(newest["items"], found[:-3:-1], "newest first")
    for token in ("viewer", "orchestrator"):
        answer = ask(bridge, "GET", "/audit", None, token)
        equal(answer.status, 403)
        expected.append((f"token:{token}", answer.source, "GET", "/api/v1/audit", "forbidden"))
    check_told()


def test_reload_is_told_of():
    """What the file changes is an entry like any other."""
    before = len(entries(bridge)[0])
    with open(bridge.configuration, "a", encoding="utf-8") as file:
        file.write('[application "of-the-file"]\nkma = kma-9\n')
    bridge.signal(signal.SIGHUP)
    wait_until(lambda: any(item["application_id"] == "of-the-file" for item in bridge.items("/applications")),
               "the reload")
    found, head = entries(bridge)
    check_chain(found, head)
    equal([(entry["actor"], entry["source"], entry["outcome"]) for entry in found[before:]], [("file", None, "ok")])
    equal(found[-1]["first_event_id"] is not None, True, "the application's event")


def test_trail_goes_on_over_a_restart():
    before = told()
    bridge.stop()
    bridge.start()
    equal(told(), before)
    wrote("PUT", "/links/l4", {"a": "kma-1", "b": "kma-9"}, "created", status=201)
    check_told()


class Writer(threading.Thread):
    """Writes until its bridge is gone; notes what was answered."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.name, self.answered, self.failure = name, [], None

    def run(self):
        number = 0
        while True:
            target = f"/applications/{self.name}-{number}"
            number += 1
            try:
                answer = ask(bridge, "PUT", target, {"kma_id": "kma-9"}, "orchestrator")
            except (OSError, http.client.HTTPException, ValueError):  # killed within an answer
                return
            if answer.status != 201:
                self.failure = answer
                return
            self.answered.append((answer.source, "/api/v1" + target))


def test_what_was_answered_is_told_though_the_bridge_is_killed():
    for round_number in range(KILLS):
        writers = [Writer(f"kill-{round_number}-{name}") for name in "ab"]
        for writer in writers:
            writer.start()
        wait_until(lambda: all(len(writer.answered) >= 5 for writer in writers), "writes")
        bridge.kill()
        for writer in writers:
            writer.join(harness.DEADLINE_S)
            equal(writer.failure, None, "a refused write")
        bridge.start()
        found = [(entry["source"], entry["target"]) for entry in told() if f"/kill-{round_number}-" in entry["target"]]
        equal(len(set(found)), len(found), "an entry twice")
        for writer in writers:
            equal([one for one in writer.answered if one not in found], [], "answered and not told")
            # At most the one that was not answered is there beside them.
            equal(len([one for one in found if f"-{writer.name[-1]}-" in one[1]]) - len(writer.answered) in (0, 1), True)
        # and what is told was done
        there = {item["application_id"] for item in bridge.items("/applications")}
        equal([target for _, target in found if target.rpartition("/")[2] not in there], [])


def test_flood_of_refusals_is_bounded():
    before = len(told())
    for _ in range(150):
        equal(ask(bridge, "PUT", "/links/l9", {}, "viewer").status, 403)
    # The trail tells in order, and of what was done before its answer: of the refusals before it, too.
    equal(ask(bridge, "PUT", "/applications/after-the-flood", {"kma_id": "kma-9"}, "admin").status, 201)
    refused = [entry["outcome"] for entry in told()[before:-1]]
    equal((set(refused), len(refused) <= 40), ({"forbidden"}, True), f"{len(refused)} entries of 150 refusals")


def test_bridge_ends_well():
    bridge.stop()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [bridge.kill, folder.remove])
