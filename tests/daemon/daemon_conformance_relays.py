#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wire profile's readings of correlation, order, repeats and sessions, with an orchestrator that is present."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import NEXT_HOP_REQUEST, NEXT_HOP_RESPONSE, NOTIFY, RELAY_REQUEST, equal, wait_until
from stage import Stage

stage = Stage({
    "alice": ("kma-1", ""),
    "bob": ("kma-4, kma-6", ""),
    "carol": ("kma-5", ""),
}, decision="orchestrator_ms = 120000\ncompletion_ms = 120000", more="""
[application "app-9"]
kma = kma-9
[link "l1"]
a = kma-5
b = kma-9
[link "l2"]
a = kma-8
b = kma-7
""")
bridge = stage.bridge
orchestrator = stage.listen("orchestrator")
alice, bob = stage.dial("alice"), stage.dial("bob")
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
TO_8 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-8"}  # no route: held
stage.install("r1", ["kma-1", "kma-4", "kma-5", "kma-9"])
stage.install("r4", ["kma-4", "kma-5", "kma-9"])


def request_id(frame):
    return frame.payload["key_relay_request_ID"]


def finish(km, *frames):
    for frame in frames:
        km.respond({"response": "ok", "key_relay_request_ID": request_id(frame)})
        bridge.wait_relay(request_id(frame), "succeeded")


def held(kind="relay", km="alice"):
    """The one held relay or lookup of this KM."""
    def find():
        items = bridge.read(f"/{kind}s?state=awaiting_decision&km_id={km}")["items"]
        return items[0][f"{kind}_id"] if len(items) == 1 else None
    return wait_until(find, f"one held {kind} of {km}")


def decide(kind, number, body, status=200):
    got, _, answer = bridge.post(f"/{kind}s/{number}/decision", body)
    equal(got, status, answer)
    return answer


def uncorrelated(km, name, action):
    stage.raises(name, "uncorrelated", 1, action)
    km.fence()


# ---- who asks (reading 1)

def test_source_of_another_km_fails_and_the_session_stays():
    stage.fails(alice, "alice", {"source_KMA_ID": "kma-4", "destination_KMA_ID": "kma-9"}, "source_not_authorised")
    stage.fails(alice, "alice", {"source_KMA_ID": "kma-unheard", "destination_KMA_ID": "kma-9"},
                "source_not_authorised")


def test_missing_source_of_a_km_with_several_kmas_is_ambiguous():
    stage.fails(bob, "bob", {"destination_KMA_ID": "kma-9"}, "source_ambiguous")


def test_missing_source_of_a_km_with_one_kma_is_that_one():
    sent = alice.relay({"destination_KMA_ID": "kma-9"})
    equal(sent.payload["source_KMA_ID"], "kma-1")
    equal(bridge.relay(request_id(sent))["source_kma_id"], "kma-1")
    finish(alice, sent)


def test_hop_is_taken_from_the_session_not_from_the_source():
    carol = stage.dial("carol")
    for km, hop in ((alice, "kma-4"), (bob, "kma-5"), (carol, "kma-9")):
        equal(km.hops(TO_9).payload, {**TO_9, "next_KMA_IDs": [hop]})
    for payload in ({"destination_KMA_ID": "kma-9"}, {"application_destination_ID": "app-9"}):
        equal(bob.hops(payload).payload["next_KMA_IDs"], ["kma-5"], "any route through the current hop")


def test_relay_matches_no_part_of_a_longer_path():
    for km, name, payload in ((bob, "bob", {"source_KMA_ID": "kma-6", "destination_KMA_ID": "kma-9"}),
                              (alice, "alice", {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-5"})):
        km.send(NOTIFY, payload)
        decide("relay", held("relay", name), {"reject": "no part of a path is a route"})
        km.fence()
    carol = stage.sessions[-1]
    carol.send(NOTIFY, {"destination_KMA_ID": "kma-9"})
    decide("relay", held("relay", "carol"), {"reject": "r1 passes here, but does not begin here"})


# ---- next hops (reading 5)

def test_lookup_from_the_destination_itself_is_empty():
    for payload in ({"destination_KMA_ID": "kma-1"}, {"source_KMA_ID": "kma-4", "destination_KMA_ID": "kma-1"}):
        answer = alice.hops(payload).payload
        equal((answer["destination_KMA_ID"], answer["next_KMA_IDs"]), ("kma-1", []))
        equal(bridge.read("/lookups?limit=1")["items"][0]["reason"], "at_destination")


def test_candidates_are_a_union_best_first():
    stage.install("other", ["kma-1", "kma-5", "kma-9"], priority=50)
    first = alice.hops(TO_9).payload["next_KMA_IDs"]
    equal(sorted(first), ["kma-4", "kma-5"])
    stage.install("other", ["kma-1", "kma-5", "kma-9"], priority=150)
    equal(alice.hops(TO_9).payload["next_KMA_IDs"], first[::-1], "by priority")
    stage.remove("other")


def test_candidates_of_several_hops_form_no_cycle():
    """Two paths that are sound alone, and together would send kma-4 to kma-5 and back."""
    bridge.request("PUT", "/routes/back", {"source_kma_id": "kma-7", "destination_kma_id": "kma-9",
                                           "path": ["kma-7", "kma-5", "kma-4", "kma-9"], "priority": 100})
    carol = stage.sessions[-1]
    for source in (None, "kma-1", "kma-7"):
        payload = {"destination_KMA_ID": "kma-9", **({"source_KMA_ID": source} if source else {})}
        hops = {}
        for km, own in ((bob, "kma-4"), (carol, "kma-5")):
            count = len(bridge.items("/lookups"))
            message_id = km.send(NEXT_HOP_REQUEST, payload)
            newest = wait_until(lambda: (lambda all: all[0] if len(all) > count else None)(bridge.items("/lookups")),
                                "the lookup to be seen")
            if newest["state"] == "awaiting_decision":
                decide("lookup", newest["lookup_id"], {"reject": "not now"})
            hops[own] = km.answer(NEXT_HOP_RESPONSE, message_id).payload["next_KMA_IDs"]
        equal("kma-5" in hops["kma-4"] and "kma-4" in hops["kma-5"], False, f"{source}: {hops}")
    bridge.request("DELETE", "/routes/back")


def test_route_of_next_hops_is_answered():
    bridge.put("/routes/hops", {"destination_kma_id": "kma-7", "next_hops": {"kma-1": ["kma-6", "kma-5"],
                                                                          "kma-6": ["kma-7"], "kma-5": ["kma-7"]}})
    equal(alice.hops({"destination_KMA_ID": "kma-7"}).payload["next_KMA_IDs"], ["kma-6", "kma-5"])
    equal(bob.hops({"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-7"}).payload["next_KMA_IDs"], ["kma-7"])
    status, _, answer = bridge.request("PUT", "/routes/cyclic", {"destination_kma_id": "kma-8", "next_hops": {
        "kma-4": ["kma-5"], "kma-5": ["kma-4", "kma-8"]}})
    equal((400 <= status < 500, answer.get("status")), (True, status), answer)
    stage.remove("hops")


# ---- destinations (readings 6 and 12)

def test_both_destinations_that_agree_are_one():
    equal(alice.hops({**TO_9, "application_destination_ID": "app-9"}).payload["next_KMA_IDs"], ["kma-4"])
    finish(alice, alice.relay({**TO_9, "application_destination_ID": "app-9"}))


def test_both_destinations_in_disagreement_are_refused():
    both = {**TO_8, "application_destination_ID": "app-9"}
    stage.fails(alice, "alice", both, "destination_conflict")
    equal(alice.hops(both).payload["next_KMA_IDs"], [])
    equal(bridge.read("/lookups?limit=1&km_id=alice")["items"][0]["reason"], "destination_conflict")


def test_unknown_application_is_the_orchestrators_to_place():
    message_id = alice.send(NOTIFY, {"application_destination_ID": "app-new"})
    number = held()
    equal(bridge.relay(number)["application_destination_id"], "app-new")
    decide("relay", number, {"path": ["kma-1", "kma-4", "kma-5"]})
    sent = alice.answer(RELAY_REQUEST, message_id)
    equal((sent.payload["destination_KMA_ID"], sent.payload["transit_KMA_IDs"]), ("kma-5", ["kma-4"]))
    finish(alice, sent)
    message_id = alice.send(NEXT_HOP_REQUEST, {"application_destination_ID": "app-new"})
    decide("lookup", held("lookup"), {"reject": "who is that"})
    answer = alice.answer(NEXT_HOP_RESPONSE, message_id).payload
    equal((answer["next_KMA_IDs"], "destination_KMA_ID" in answer), ([], False))


def test_unknown_application_is_learned_with_the_decision():
    alice.send(NOTIFY, {"application_destination_ID": "app-taught"})
    number = held()
    for body, reason, words in (({"reject": "no", "learn": True}, "invalid", "leave out learn"),
                                ({"path": ["kma-1", "kma-nowhere"], "learn": True}, "unknown_kma", "kma-nowhere")):
        problem = decide("relay", number, body, 422)
        equal((problem["reason"], words in problem["detail"]), (reason, True), problem)
    equal(decide("relay", number, {"path": ["kma-1", "kma-4"], "learn": "yes"}, 400)["pointer"], "/learn")
    equal(bridge.request("GET", "/applications/app-taught")[0], 404)
    decide("relay", number, {"path": ["kma-1", "kma-4"], "learn": True})
    finish(alice, alice.answer(RELAY_REQUEST))
    status, headers, learned = bridge.request("GET", "/applications/app-taught")
    equal((status, learned["kma_id"], learned["origin"]), (200, "kma-4", "api"))
    entry = next(entry for entry in bridge.read("/audit?limit=20")["items"]
                 if entry["target"].endswith(f"/relays/{number}/decision") and entry["outcome"] == "ok")
    equal(entry["revision"], learned["revision"], entry)
    changed = [event for event in bridge.items("/events") if event["data"].get("object") == "application/app-taught"]
    equal([(event["type"], event["data"]["change"]) for event in changed], [("config.changed", "created")])
    stage.install("r-taught", ["kma-1", "kma-4"])
    finish(alice, alice.relay({"application_destination_ID": "app-taught"}))  # nobody is asked any more
    equal(bridge.request("DELETE", "/routes/r-taught")[0], 200)


def test_unknown_application_is_learned_with_a_lookups_decision():
    alice.send(NEXT_HOP_REQUEST, {"application_destination_ID": "app-hop"})
    decide("lookup", held("lookup"), {"next_hops": ["kma-4"], "destination_kma_id": "kma-9", "learn": True})
    alice.answer(NEXT_HOP_RESPONSE)
    equal(bridge.read("/applications/app-hop")["kma_id"], "kma-9")
    equal(alice.hops({"application_destination_ID": "app-hop"}).payload["next_KMA_IDs"], ["kma-4"])
    alice.send(NOTIFY, TO_8)
    number = held()
    problem = decide("relay", number, {"path": ["kma-1", "kma-8"], "learn": True}, 422)
    equal((problem["reason"], "names no application" in problem["detail"]), ("invalid", True), problem)
    decide("relay", number, {"reject": "enough"})


# ---- order (reading 3)

def test_held_lookup_holds_up_nobody_behind_it():
    alice.send(NEXT_HOP_REQUEST, TO_8, 501)
    for number in range(502, 520):
        alice.send(NEXT_HOP_REQUEST, TO_9, number)
    equal([alice.answer(NEXT_HOP_RESPONSE).message_id for _ in range(502, 520)], list(range(502, 520)))
    decide("lookup", held("lookup"), {"next_hops": ["kma-6", "kma-4"]})
    equal(alice.answer(NEXT_HOP_RESPONSE, 501).payload["next_KMA_IDs"], ["kma-6", "kma-4"])


def test_rejected_lookup_is_answered_empty():
    message_id = alice.send(NEXT_HOP_REQUEST, TO_8)
    number = held("lookup")
    equal(decide("lookup", number, {"reject": "not today"})["lookup_id"], number)
    answer = alice.answer(NEXT_HOP_RESPONSE, message_id)
    equal(answer.payload, {**TO_8, "next_KMA_IDs": []})
    lookup = bridge.read(f"/lookups/{number}")
    equal((lookup["state"], lookup["detail"], lookup["decided_by"]), ("rejected", "not today", "orchestrator"))
    decide("lookup", number, {"next_hops": ["kma-4"]}, 409)


# ---- correlation (reading 2)

def test_completion_by_request_id_alone():
    first, second = alice.relay(TO_9), alice.relay(TO_9)
    alice.respond({"response": "ok", "key_relay_request_ID": request_id(second)}, first.message_id)
    bridge.wait_relay(request_id(second), "succeeded")
    equal(bridge.relay(request_id(first))["state"], "instructed")
    finish(alice, first)


def test_completion_without_request_id_by_message_id():
    first, second = alice.relay(TO_9), alice.relay(TO_9)
    alice.respond({"response": "ok"}, second.message_id)
    bridge.wait_relay(request_id(second), "succeeded")
    equal(bridge.relay(request_id(first))["state"], "instructed")
    alice.respond({"response": "keys are out"}, first.message_id)
    bridge.wait_relay(request_id(first), "failed")


def test_completion_without_a_match_is_of_the_only_one_outstanding():
    sent = alice.relay(TO_9)
    alice.respond({"response": "ok"}, sent.message_id + 77)
    bridge.wait_relay(request_id(sent), "succeeded")


def test_completion_without_a_match_among_several_changes_none():
    first, second = alice.relay(TO_9), alice.relay(TO_9)
    uncorrelated(alice, "alice", lambda: alice.respond({"response": "ok"}, second.message_id + 77))
    told = orchestrator.wait("relay.uncorrelated", km_id="alice")
    equal(told["type"], "relay.uncorrelated")
    equal([bridge.relay(request_id(frame))["state"] for frame in (first, second)], ["instructed"] * 2)
    finish(alice, first, second)
    uncorrelated(alice, "alice", lambda: alice.respond({"response": "ok"}, 5))


def test_completion_with_an_unknown_request_id_is_not_matched_otherwise():
    sent = alice.relay(TO_9)
    uncorrelated(alice, "alice", lambda: alice.respond({"response": "ok", "key_relay_request_ID": "999999"},
                                                       sent.message_id))
    uncorrelated(bob, "bob", lambda: bob.respond({"response": "ok", "key_relay_request_ID": request_id(sent)}))
    equal(bridge.relay(request_id(sent))["state"], "instructed")
    finish(alice, sent)
    uncorrelated(alice, "alice", lambda: alice.respond({"response": "no", "key_relay_request_ID": request_id(sent)}))
    equal(bridge.relay(request_id(sent))["state"], "succeeded", "an end is an end")


# ---- repeats (reading 8)

def test_repeat_of_an_open_relay_gets_its_answer_again():
    sent = alice.relay(TO_9, 9001)
    count = stage.relay_count("alice")
    equal(alice.relay(TO_9, 9001), sent)
    equal(alice.relay(TO_9, 9001), sent)
    equal(stage.relay_count("alice"), count)
    other = alice.relay({**TO_9, "extra": 1}, 9001)
    equal(request_id(other) != request_id(sent), True, "other bytes are another request")
    third = alice.relay(TO_9, 9002)
    equal(request_id(third) in (request_id(sent), request_id(other)), False, "another MessageID is another request")
    finish(alice, sent, other, third)
    again = alice.relay(TO_9, 9001)
    equal(request_id(again) in (request_id(sent), request_id(other)), False, "an ended relay's repeat is new")
    finish(alice, again)


def test_repeat_of_a_held_relay_makes_no_second():
    for _ in range(3):
        alice.send(NOTIFY, TO_8, 9010)
    alice.fence()
    number = held()
    decide("relay", number, {"path": ["kma-1", "kma-6", "kma-8"]})
    sent = alice.answer(RELAY_REQUEST, 9010)
    equal(request_id(sent), number)
    alice.respond({"response": "ok", "key_relay_request_ID": number})
    bridge.wait_relay(number, "succeeded")


# ---- sessions (reading 10)

def test_second_session_replaces_the_first():
    global alice
    first, alice = alice, stage.dial("alice")
    first.expect_closed()
    alice.fence()
    gone = orchestrator.wait("km.disconnected", km_id="alice")
    equal("replaced" in str(gone["data"]), True, gone)
    wait_until(lambda: len([event for event in orchestrator.received if event["event"] == "km.connected" and
                            event["json"]["subject"]["km_id"] == "alice"]) == 2, "both sessions' events")


def test_relays_stay_open_across_sessions_and_are_not_sent_again():
    global alice
    sent = alice.relay(TO_9, 4711)
    alice.close()
    alice = stage.dial("alice")
    alice.fence()
    uncorrelated(alice, "alice", lambda: alice.respond({"response": "ok"}, 4711))
    equal(bridge.relay(request_id(sent))["state"], "instructed", "nothing was sent on this session")
    again = alice.relay(TO_9, 4711)
    equal((request_id(again), again.message_id), (request_id(sent), 4711), "a repeat early in the new session")
    alice.respond({"response": "ok"}, 4711)
    bridge.wait_relay(request_id(sent), "succeeded")


def test_relay_decided_while_the_km_was_away_goes_to_its_next_session():
    global alice
    alice.send(NOTIFY, TO_8, 4712)
    number = held()
    alice.close()
    wait_until(lambda: bridge.km("alice")["session"]["state"] == "disconnected", "alice to be away")
    decide("relay", number, {"path": ["kma-1", "kma-4", "kma-8"]})
    alice = stage.dial("alice")
    sent = alice.answer(RELAY_REQUEST)
    equal((request_id(sent), sent.message_id >> 31, sent.payload["transit_KMA_IDs"]), (number, 1, ["kma-4"]))
    alice.respond({"response": "ok"}, sent.message_id)
    bridge.wait_relay(number, "succeeded")


def test_relay_still_held_is_answered_on_the_next_session():
    global alice
    alice.send(NOTIFY, TO_8, 4713)
    number = held()
    alice = stage.dial("alice")
    alice.fence()
    decide("relay", number, {"path": ["kma-1", "kma-4", "kma-8"]})
    sent = alice.answer(RELAY_REQUEST)
    equal((request_id(sent), sent.message_id >> 31), (number, 1), "not the ID of another session's 0x03")
    finish(alice, sent)


def test_repeat_on_the_next_session_of_a_relay_never_sent_is_that_relay():
    global alice
    alice.send(NOTIFY, TO_8, 4714)
    number = held()
    alice = stage.dial("alice")
    alice.send(NOTIFY, TO_8, 4714)
    alice.fence()
    equal(held(), number)
    decide("relay", number, {"path": ["kma-1", "kma-4", "kma-8"]})
    sent = alice.answer(RELAY_REQUEST)
    equal(request_id(sent), number)
    finish(alice, sent)


# ---- unsolicited relays

def test_unsolicited_relays_have_message_ids_of_their_own():
    frames = []
    for path, more in ((["kma-1", "kma-4", "kma-9"], {}), (["kma-1", "kma-4"], {"source_kma_id": "kma-1"}),
                       (["kma-1", "kma-6", "kma-5", "kma-9"], {"destination_kma_id": "kma-9"})):
        status, _, answer = bridge.post("/relays", {"path": path, **more})
        equal(status in (200, 201, 202), True, answer)
        frames.append(alice.answer(RELAY_REQUEST))
        equal(frames[-1].payload, {"source_KMA_ID": path[0], "destination_KMA_ID": path[-1],
                                   "transit_KMA_IDs": path[1:-1], "key_relay_request_ID": answer["relay_id"]})
        equal(bridge.relay(answer["relay_id"])["path"], path)
    equal({frame.message_id >> 31 for frame in frames}, {1})
    equal(len({frame.message_id for frame in frames}), 3)
    alice.respond({"response": "ok"}, frames[1].message_id)
    bridge.wait_relay(request_id(frames[1]), "succeeded")
    finish(alice, frames[0], frames[2])


def test_unsolicited_relay_is_refused_when_the_path_is_wrong():
    for body in ({}, {"path": []}, {"path": ["kma-1"]}, {"path": ["kma-1", "kma-1"]}, {"path": "kma-1"},
                 {"path": ["kma-1", "kma-unheard", "kma-9"]}, {"path": ["kma-1", "kma-4", "kma-1", "kma-9"]},
                 {"path": ["kma-9", "kma-5"]},
                 {"path": ["kma-1", "kma-4"], "source_kma_id": "kma-4"},
                 {"path": ["kma-1", "kma-4"], "destination_kma_id": "kma-9"}, {"path": ["kma-1", "kma-4"], "colour": "red"}):
        status, headers, answer = bridge.post("/relays", body)
        equal((status in (400, 404, 409, 422), headers["Content-Type"]), (True, "application/problem+json"),
              f"{body}: {status} {answer}")
    equal("kma-unheard" in bridge.post("/relays", {"path": ["kma-1", "kma-unheard"]})[2]["detail"], True)


def post_keyed(key, body, token="orchestrator", path="/relays"):
    return bridge.request("POST", path, body, token, {"Idempotency-Key": key})


def test_post_with_an_idempotency_key_is_done_once():
    first = post_keyed("once-1", {"path": ["kma-1", "kma-4"]})
    again = post_keyed("once-1", {"path": ["kma-1", "kma-4"]})
    equal((again[0], again[2], again[1]["Location"]), (first[0], first[2], first[1]["Location"]))
    sent = alice.answer(RELAY_REQUEST)
    alice.fence()
    equal(request_id(sent), first[2]["relay_id"])
    other = post_keyed("once-1", {"path": ["kma-1", "kma-4", "kma-5"]})
    equal((other[0], other[1]["Content-Type"]), (422, "application/problem+json"), other[2])
    theirs = post_keyed("once-1", {"path": ["kma-1", "kma-4"]}, "admin")
    equal(theirs[2]["relay_id"] != first[2]["relay_id"], True, "a key belongs to who sent it")
    finish(alice, sent, alice.answer(RELAY_REQUEST))
    for key in ("", "k" * 256):
        equal(post_keyed(key, {"path": ["kma-1", "kma-4"]})[0], 400)


def test_decision_with_an_idempotency_key_may_be_repeated():
    message_id = alice.send(NOTIFY, TO_8)
    number = held()
    decision = {"path": ["kma-1", "kma-4", "kma-8"]}
    equal(post_keyed("d-1", {"path": ["kma-1"]}, path=f"/relays/{number}/decision")[0] >= 400, True)
    first = post_keyed("d-1", decision, path=f"/relays/{number}/decision")
    equal(first[0], 200, "what had no effect is no first request")
    again = post_keyed("d-1", decision, path=f"/relays/{number}/decision")
    equal((again[0], again[2]), (200, first[2]))
    decide("relay", number, decision, 409)
    finish(alice, alice.answer(RELAY_REQUEST, message_id))


def test_every_relay_has_its_events_in_order():
    bridge.stop()
    ends = {"relay.succeeded", "relay.failed", "relay.rejected", "relay.expired", "relay.orphaned"}
    by_relay = {}
    for event in orchestrator.received:
        relay_id = event["json"]["subject"].get("relay_id")
        if relay_id and event["event"] != "relay.uncorrelated":
            by_relay.setdefault(relay_id, []).append(event["event"])
    equal(len(by_relay) > 20, True, "relays seen")
    for relay_id, kinds in by_relay.items():
        equal((kinds[0], kinds[-1] in ends, len(ends & set(kinds))), ("relay.received", True, 1), f"{relay_id} {kinds}")


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
