#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wire profile as a key manager sees it: frame, keys, dialects, transit lists, spelling, identifiers, TLS."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import NEXT_HOP_REQUEST, NEXT_HOP_RESPONSE, NOTIFY, RELAY_REQUEST, RELAY_RESPONSE, equal, wait_until
from stage import Stage

LONG = "k" * 255
stage = Stage({
    "alice": ("kma-1", ""),
    "bob": ("kma-4, kma-6", ""),
    "little": ("kma-le", "byte_order = auto"),
    "versions": ("kma-v", "version = 3, 2"),
    "fresh": ("kma-f", "message_id = fresh"),
    "ends": ("kma-to", "transit = to_destination"),
    "full": ("kma-full", "transit = full\ntransit_type = string"),
    "stringly": ("kma-s", "transit_type = string"),
    "camel": ("kma-camel", "key_style = camel"),
    "title": ("kma-title", "key_style = title"),
    "snake": ("kma-snake", "key_style = snake"),
    "extended": ("kma-x", "extensions = yes\nrefusal = extension"),
    "plainly": ("kma-y", "extensions = no"),
    "closing": ("kma-c", "refusal = close"),
    "words": ("kma-w", "success_words = geschafft, fait accompli"),
    "utf": ("kma-é", ""),
    "long": (LONG, ""),
}, more="""
[application "app-9"]
kma = kma-9
[link "l1"]
a = kma-5
b = kma-9
[link "l2"]
a = KMA-9
b = 野子-9
""")
bridge = stage.bridge
alice = stage.dial("alice")
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
for name in stage.kms:
    kma = stage.kms[name][0].split(",")[0]
    if name != "bob":
        stage.install(f"from-{name}", [kma, "kma-4", "kma-5", "kma-9"])
stage.install("adjacent", ["kma-1", "kma-4"])
stage.install("adjacent-full", ["kma-full", "kma-4"])
stage.install("adjacent-ends", ["kma-to", "kma-4"])


# ---- the frame

def test_message_id_is_echoed_over_its_whole_range():
    for message_id in (0, 1, 0x7fffffff, 0x80000000, 0xffffffff):
        alice.send(NEXT_HOP_REQUEST, TO_9, message_id)
        equal(alice.answer(NEXT_HOP_RESPONSE, message_id).version, 1)
        alice.send(NOTIFY, TO_9, message_id)
        alice.respond({"response": "ok"}, alice.answer(RELAY_REQUEST, message_id).message_id)


def test_frame_in_single_bytes_is_a_frame():
    for byte in alice.pack(NEXT_HOP_REQUEST, TO_9, 77):
        alice.send_bytes(bytes([byte]))
    equal(alice.answer(NEXT_HOP_RESPONSE, 77).payload["next_KMA_IDs"], ["kma-4"])


def test_frames_in_one_write_are_answered_in_order():
    alice.send_bytes(b"".join(alice.pack(NEXT_HOP_REQUEST, TO_9, number) for number in range(200)))
    equal([alice.answer(NEXT_HOP_RESPONSE).message_id for _ in range(200)], list(range(200)))


def test_longest_payload_is_read():
    text = json.dumps(TO_9).encode()
    alice.send(NEXT_HOP_REQUEST, text + b" " * (65535 - len(text)), 78)
    equal(alice.answer(NEXT_HOP_RESPONSE, 78).payload["next_KMA_IDs"], ["kma-4"])


def test_version_is_mirrored():
    km = stage.dial("versions")
    for version in (2, 3, 2):
        km.send(NEXT_HOP_REQUEST, {"destination_KMA_ID": "kma-9"}, 5, version)
        equal(km.answer(NEXT_HOP_RESPONSE, 5).version, version)
        km.send(NOTIFY, {"destination_KMA_ID": "kma-9"}, 6, version)
        sent = km.answer(RELAY_REQUEST, 6)
        equal(sent.version, version)
        km.send(RELAY_RESPONSE, {"response": "ok"}, 6, version)
        bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")


def test_version_outside_the_set_closes_the_session():
    for name, version in (("versions", 1), ("alice", 2), ("alice", 0x7fff)):
        km = stage.dial(name)
        km.send(NOTIFY, {"destination_KMA_ID": "kma-9"}, 5, version)
        km.expect_closed()
    global alice
    alice = stage.dial("alice")
    alice.fence()


def test_little_endian_km_is_answered_in_kind():
    km = stage.dial("little", "<")
    equal(km.hops({"destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"], ["kma-4"])
    sent = km.relay({"destination_KMA_ID": "kma-9"}, 0x01020304)
    equal((sent.version, sent.message_id), (1, 0x01020304))
    km.respond({"response": "ok"}, 0x01020304)
    bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")
    equal(bridge.km("little")["dialect"]["byte_order"], "auto")


def test_big_endian_km_with_automatic_order_is_answered_in_kind():
    equal(stage.dial("little").hops({"destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"], ["kma-4"])


def test_little_endian_km_is_refused_by_the_strict_dialect():
    stage.dial("bob", "<").send(NEXT_HOP_REQUEST, {"destination_KMA_ID": "kma-9"})
    stage.sessions[-1].expect_closed()


# ---- keys and types

def test_emitted_keys_and_their_order():
    answer = alice.hops({"application_destination_ID": "app-9", "source_KMA_ID": "kma-1"})
    equal(answer.payload, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9", "next_KMA_IDs": ["kma-4"]})
    equal(list(answer.payload), ["source_KMA_ID", "destination_KMA_ID", "next_KMA_IDs"])
    sent = alice.relay({"application_destination_ID": "app-9"}, 9)  # an only KMA is the source of what its KM notifies
    equal(list(sent.payload), ["source_KMA_ID", "destination_KMA_ID", "transit_KMA_IDs", "key_relay_request_ID"])
    equal((sent.payload["source_KMA_ID"], sent.payload["destination_KMA_ID"]), ("kma-1", "kma-9"))
    equal(sent.payload["transit_KMA_IDs"], ["kma-4", "kma-5"])
    equal(sent.payload["key_relay_request_ID"].isdigit(), True, "a string of decimal digits")
    alice.respond({"response": "ok"}, 9)
    relay = bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")
    equal(relay["application_destination_id"], "app-9")


def test_spellings_that_normalise_alike_are_read():
    for source, destination in (("sourceKmaId", "destinationKmaId"), ("Source KMA ID", "Destination KMA ID"),
                                ("SOURCE-KMA-ID", "DESTINATION-KMA-ID"), ("source.kma.id", "dest_KMA_ID"),
                                ("source_kma_id", "destKmaId"), ("sourcekmaid", "Dest KMA ID")):
        answer = alice.hops({source: "kma-1", destination: "kma-9"}).payload
        equal("kma-4" in json.dumps(answer), True, f"{source}, {destination}: {answer}")
    for key in ("applicationDestinationId", "Application destination ID", "application-destination-id",
                "applicationDestId"):
        equal("kma-4" in alice.hops({key: "app-9"}).text, True, key)
    alice.fence()


def test_members_that_normalise_alike_with_one_value_are_one():
    answer = alice.hops({"destination_KMA_ID": "kma-9", "destinationKmaId": "kma-9", "dest_KMA_ID": "kma-9"})
    equal("kma-4" in answer.text, True, answer)
    alice.fence()


def test_members_that_normalise_alike_with_different_values_are_malformed():
    relays = stage.relay_count("alice")
    stage.raises("alice", "malformed", 3, lambda: [
        alice.send(NOTIFY, b'{"destination_KMA_ID":"kma-9","destinationKmaId":"kma-4"}'),
        alice.send(NOTIFY, b'{"destination_KMA_ID":"kma-9","dest_KMA_ID":"kma-4"}'),
        alice.send(NOTIFY, b'{"destination_KMA_ID":"kma-9","destination_KMA_ID":"kma-4"}')])
    alice.fence()
    equal(stage.relay_count("alice"), relays, "no relay of a malformed notification")


def test_unknown_members_are_ignored_and_counted():
    stage.raises("alice", "unknown_members", 2,
                 lambda: alice.hops({**TO_9, "hop_limit": 7, "colour": {"deep": [1, {"x": None}]}}))


def test_request_id_may_be_string_or_integer():
    for convert in (str, int):
        sent = alice.relay(TO_9)
        alice.respond({"response": "ok", "key_relay_request_ID": convert(sent.payload["key_relay_request_ID"])})
        bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")


def test_request_id_that_is_no_decimal_number_changes_no_relay():
    sent = alice.relay(TO_9)
    before = stage.bridge.km("alice")["counters"]
    words = ("x", "", "-1", "1.5", "9007199254740992", 1.5, -1, 9007199254740992, True, ["1"], {})
    for word in words:
        alice.respond({"response": "ok", "key_relay_request_ID": word}, sent.message_id + 1000)
    def told():
        now = bridge.km("alice")["counters"]
        return now["malformed"] + now["uncorrelated"] - before["malformed"] - before["uncorrelated"] >= len(words)
    wait_until(told, "each to be counted")
    equal(bridge.relay(sent.payload["key_relay_request_ID"])["state"], "instructed")
    alice.respond({"response": "ok", "key_relay_request_ID": sent.payload["key_relay_request_ID"]})
    bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")


def test_result_is_an_alias_of_response():
    for key in ("response", "result", "Response", "RESULT"):
        sent = alice.relay(TO_9)
        alice.respond({key: "Done", "key_relay_request_ID": sent.payload["key_relay_request_ID"]})
        bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")


def test_values_of_wrong_type_are_malformed():
    for payload in ({"destination_KMA_ID": 9}, {"destination_KMA_ID": ["kma-9"]}, {"destination_KMA_ID": ""},
                    {"destination_KMA_ID": "kma-9", "source_KMA_ID": 1}, {"destination_KMA_ID": "k" * 256},
                    {"destination_KMA_ID": "kma\u00009"}, {"destination_KMA_ID": "kma\n9"},
                    {"destination_KMA_ID": "kma-9", "source_KMA_ID": ""}):
        stage.raises("alice", "malformed", 1, lambda: alice.send(NOTIFY, payload))
    alice.fence()


def test_identifiers_are_opaque_case_sensitive_utf8():
    equal(stage.dial("long").hops({"source_KMA_ID": LONG, "destination_KMA_ID": "kma-9"}).payload["next_KMA_IDs"],
          ["kma-4"])
    stage.install("cased", ["kma-é", "kma-4", "KMA-9"])
    stage.install("written", ["kma-é", "kma-6", "野子-9"])
    km = stage.dial("utf")
    for destination, hop in (("kma-9", "kma-4"), ("KMA-9", "kma-4"), ("野子-9", "kma-6")):
        answer = km.hops({"source_KMA_ID": "kma-é", "destination_KMA_ID": destination}).payload
        equal((answer["destination_KMA_ID"], answer["next_KMA_IDs"]), (destination, [hop]))
    equal(km.hops({"destination_KMA_ID": "Kma-9"}).payload["next_KMA_IDs"], [])


# ---- dialects

def test_fresh_message_ids_never_repeat():
    km = stage.dial("fresh")
    seen = {km.send(NOTIFY, {"destination_KMA_ID": "kma-9"}) for _ in range(5)}
    sent = [km.answer(RELAY_REQUEST) for _ in range(5)]
    equal(len(seen | {frame.message_id for frame in sent}), 10, "ten MessageIDs")
    for frame in sent:
        km.respond({"response": "ok"}, frame.message_id)
        bridge.wait_relay(frame.payload["key_relay_request_ID"], "succeeded")


def test_transit_list_by_dialect():
    for name, kma, whole, adjacent in (("ends", "kma-to", ["kma-4", "kma-5", "kma-9"], ["kma-4"]),
                                       ("full", "kma-full", "kma-full,kma-4,kma-5,kma-9", "kma-full,kma-4"),
                                       ("alice", "kma-1", ["kma-4", "kma-5"], []),
                                       ("stringly", "kma-s", "kma-4,kma-5", None)):
        km = alice if name == "alice" else stage.dial(name)
        sent = km.relay({"source_KMA_ID": kma, "destination_KMA_ID": "kma-9"}).payload
        equal(sent["transit_KMA_IDs"], whole, name)
        equal(bridge.relay(sent["key_relay_request_ID"])["path"], [kma, "kma-4", "kma-5", "kma-9"], "northbound: full")
        km.respond({"response": "ok", **{"key_relay_request_ID": sent["key_relay_request_ID"]}})
        if adjacent is not None:
            sent = km.relay({"source_KMA_ID": kma, "destination_KMA_ID": "kma-4"}).payload
            equal(sent["transit_KMA_IDs"], adjacent, name)
            km.respond({"response": "ok", "key_relay_request_ID": sent["key_relay_request_ID"]})


CAMEL = ["sourceKmaId", "destinationKmaId", "transitKmaIds", "keyRelayRequestId"]
TITLE = ["Source KMA ID", "Destination KMA ID", "Transit KMA IDs", "Key relay request ID"]
SNAKE = ["source_KMA_ID", "destination_KMA_ID", "transit_KMA_IDs", "key_relay_request_ID"]


def test_automatic_style_mirrors_the_latest_request():
    for keys, hops in ((CAMEL, "nextKmaIds"), (TITLE, "Next KMA IDs"), (SNAKE, "next_KMA_IDs"), (CAMEL, "nextKmaIds")):
        equal(list(alice.hops({keys[0]: "kma-1", keys[1]: "kma-9"}).payload), [keys[0], keys[1], hops])
        sent = alice.relay({keys[0]: "kma-1", keys[1]: "kma-9"})
        equal(list(sent.payload), keys)
        alice.respond({"response": "ok", keys[3]: sent.payload[keys[3]]})
        bridge.wait_relay(sent.payload[keys[3]], "succeeded")
    alice.hops(TO_9)


def test_fixed_style_does_not_mirror():
    for name, keys in (("camel", CAMEL), ("title", TITLE), ("snake", SNAKE)):
        km = stage.dial(name)
        for asked in (CAMEL, TITLE, SNAKE):
            sent = km.relay({asked[1]: "kma-9"})
            equal(list(sent.payload), keys, name)
            km.respond({"response": "ok"}, sent.message_id)


def test_style_is_canonical_until_the_first_request():
    km = stage.dial("plainly")
    bridge.wait_connected("plainly")
    status, _, answer = bridge.post("/relays", {"path": ["kma-y", "kma-4"]}, "admin")
    equal(status in (200, 201, 202), True, answer)
    equal(set(km.answer(RELAY_REQUEST).payload), set(SNAKE))


# ---- refusal, extensions, words

def test_refusal_by_dialect():
    stage.fails(alice, "alice", {"source_KMA_ID": "kma-1", "destination_KMA_ID": "KMA-9"}, "no_route")
    km = stage.dial("extended")
    sent = km.relay({"destination_KMA_ID": "KMA-9"}, 41)
    equal((sent.payload["destination_KMA_ID"], sent.payload["transit_KMA_IDs"]), ("KMA-9", []))
    equal("no_route" in json.dumps(sent.payload["extension"]), True, sent)
    equal([len(member) for member in sent.payload["extension"]], [1], "one vendor-prefixed member each")
    stage.wait_newest("extended", "failed", "no_route")
    km = stage.dial("closing")
    km.send(NOTIFY, {"destination_KMA_ID": "KMA-9"})
    km.expect_closed()
    stage.wait_newest("closing", "failed", "no_route")


def test_extension_is_carried_northbound_as_it_came():
    for key in ("extension", "extensions", "Extension"):
        value = [{"acme_priority": 3}, {"acme_deep": {"a": [1, "é", None, True, 1.5]}}]
        sent = alice.relay({**TO_9, key: value})
        equal(bridge.relay(sent.payload["key_relay_request_ID"])["extension"], value, key)
        alice.respond({"response": "ok"}, sent.message_id)


def test_extension_of_a_lookup_is_carried_northbound():
    alice.hops({**TO_9, "extension": [{"acme_x": "y"}]})
    lookup = bridge.read("/lookups?limit=1&km_id=alice")["items"][0]
    equal(bridge.read(f"/lookups/{lookup['lookup_id']}")["extension"], [{"acme_x": "y"}])


def test_success_in_any_case_and_failure_verbatim():
    words = ["success", "SUCCEEDED", "Ok", "completed", "done", "true", True]
    for word in words:
        sent = alice.relay(TO_9)
        alice.respond({"response": word}, sent.message_id)
        bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")
    for word in ("successful", "failure", "Insufficient keys on kma-4/kma-5", "  ok ", "geschafft", "钥匙 \t \"q\" \\"):
        sent = alice.relay(TO_9)
        alice.respond({"response": word}, sent.message_id)
        equal(bridge.wait_relay(sent.payload["key_relay_request_ID"], "failed", "succeeded")["state"], "failed", word)
        equal(bridge.relay(sent.payload["key_relay_request_ID"])["detail"], word)


def test_success_words_of_the_dialect_are_added():
    km = stage.dial("words")
    for word in ("Geschafft", "FAIT ACCOMPLI", "success"):
        sent = km.relay({"destination_KMA_ID": "kma-9"})
        km.respond({"response": word}, sent.message_id)
        bridge.wait_relay(sent.payload["key_relay_request_ID"], "succeeded")


def test_response_that_is_empty_or_missing_is_malformed():
    sent = alice.relay(TO_9)
    relay_id = sent.payload["key_relay_request_ID"]
    for payload in ({"response": ""}, {}, {"response": None}, {"response": ["ok"]}, {"response": {}}):
        stage.raises("alice", "malformed", 1, lambda: alice.respond({**payload, "key_relay_request_ID": relay_id}))
    equal(bridge.relay(relay_id)["state"], "instructed")
    alice.respond({"response": "ok", "key_relay_request_ID": relay_id})
    bridge.wait_relay(relay_id, "succeeded")


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
