#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The public JSON parsing cases of tests/vectors/json_conformance.json, sent to the daemon both ways it reads JSON."""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Km, equal

FRAME_PAYLOAD_BYTES_MAX = 65535

with open(os.path.join(harness.SOURCE, "tests", "vectors", "json_conformance.json"), encoding="utf-8") as file:
    cases = json.load(file)["cases"]

folder = harness.Folder()
pki = harness.Pki(folder.path)
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder)
                                     + harness.ck_section(pki, more="bad_frames_per_minute = 1000000")
                                     + harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-2")))
bridge.start()
bridge.put("/routes/r1", {"destination_kma_id": "kma-2", "path": ["kma-1", "kma-2"]})


def document(case):
    if "base64" in case:
        return base64.b64decode(case["base64"])
    repeat = case["repeat"]
    return base64.b64decode(repeat["base64"]) * repeat["times"] + base64.b64decode(repeat["end_base64"])


def judged_by_http(data):
    """Accepted is whatever is refused for what it says, not for how it is written."""
    status, headers, problem = bridge.request("PUT", "/applications/a", data)
    equal((status, headers["Content-Type"]), (400, "application/problem+json"), f"of {data[:80]!r}")
    return "reject" if problem["type"].endswith(":not_json") else "accept"


def test_http_bodies_are_judged_as_the_file_says():
    wrong = []
    for case in cases:
        data = document(case)
        for body in (data, b'{"kma_id":"kma-1","vendor":' + data + b"}"):
            if (judged := judged_by_http(body)) != case["http"]:
                wrong.append(f"{case['name']}: {judged} {body[:60]!r}")
    equal(wrong, [])
    equal(bridge.read("/applications")["items"], [], "nothing was written")


def test_ck_payloads_are_judged_as_the_file_says():
    alice = Km(bridge.address(), harness.tls_context(pki.ca, pki.issue("alice")))
    bridge.wait_connected("alice")
    wrong, too_large, malformed = [], [], 0
    for case in cases:
        payload = b'{"source_KMA_ID":"kma-1","destination_KMA_ID":"kma-2","vendor":' + document(case) + b"}"
        if len(payload) > FRAME_PAYLOAD_BYTES_MAX:
            too_large.append(case["name"])
            continue
        message_id = alice.send(harness.NEXT_HOP_REQUEST, payload)
        answer = alice.expect(harness.NEXT_HOP_RESPONSE, message_id)["next_KMA_IDs"]
        malformed += answer == []
        if ("accept" if answer == ["kma-2"] else "reject") != case["ck"]:
            wrong.append(f"{case['name']}: {answer}")
    equal(wrong, [])
    equal(too_large, ["n_structure_100000_opening_arrays", "n_structure_open_array_object"], "fit no frame")
    bridge.wait_counter("alice", "malformed", malformed)
    alice.close()


def test_stop_is_clean():
    bridge.stop()


def clean():
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
