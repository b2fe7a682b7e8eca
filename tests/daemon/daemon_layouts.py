#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Layouts: pins are kept as they were given, through a crash; what is no pin is refused by name and changes nothing."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal

LAYOUTS_MAX = 64
PINS_MAX = 2048
DOCUMENT_BYTES_MAX = 65536

folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder) + harness.km_section("alice", "kma-1")))
bridge.start()
ODD = {"<img src=x onerror=alert(1)>/~": {"x": 1, "y": 2}, "\u202egnirts": {"x": -0.25, "y": 0}, "k" * 255: {"x": 3, "y": 4}}


def write(method, path, body=None, expected=200, token="admin", **conditions):
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    status, got, answer = bridge.request(method, path, body, token=token, headers=headers)
    equal(status, expected, f"{method} {path}: {answer}")
    return got["ETag"], answer


def refused(pins, where, kind, status=400):
    """The pins are refused at this place of the body, and what was there stays."""
    before = bridge.read("/layouts/map")
    _, problem = write("PUT", "/layouts/map", {"pins": pins}, status)
    equal((problem["type"].rpartition(":")[2], problem.get("pointer")), (kind, where), problem)
    equal(bridge.read("/layouts/map"), before)


def test_pins_come_back_as_they_were_given():
    pins = {"kma-1": {"x": 12.5, "y": -1000000}, **ODD}
    etag, made = write("PUT", "/layouts/map", {"pins": pins}, 201)
    equal((made["layout_id"], made["pins"], etag), ("map", pins, f'"{made["revision"]}"'))
    equal(bridge.read("/layouts/map")["pins"], pins)
    equal([item["layout_id"] for item in bridge.items("/layouts")], ["map"])


def test_pins_outlive_a_crash():
    before = bridge.read("/layouts/map")
    bridge.kill()
    bridge.start()
    equal(bridge.read("/layouts/map"), before)


def test_two_people_do_not_overwrite_each_other():
    etag, before = write("GET", "/layouts/map")
    write("PUT", "/layouts/map", {"pins": {"kma-1": {"x": 1, "y": 1}}}, If_Match=etag)
    _, problem = write("PUT", "/layouts/map", {"pins": {"kma-1": {"x": 2, "y": 2}}}, 412, If_Match=etag)
    equal(problem["parameter"], "If-Match")
    equal(bridge.read("/layouts/map")["pins"], {"kma-1": {"x": 1, "y": 1}})


def test_the_same_again_changes_nothing():
    etag, _ = write("PUT", "/layouts/map", {"pins": {"b": {"x": 1, "y": 2}, "a": {"x": 3, "y": 4}}})
    again, _ = write("PUT", "/layouts/map", {"pins": {"a": {"y": 4, "x": 3}, "b": {"y": 2.0, "x": 1.0}}})
    equal(again, etag)


def test_no_event_tells_of_pins():
    def newest():
        return [event["event_id"] for event in bridge.items("/events")][-1:]
    before = newest()
    write("PUT", "/layouts/map", {"pins": {}})
    write("PUT", "/layouts/other", {"pins": {}}, 201)
    write("DELETE", "/layouts/other")
    equal(newest(), before)


def test_what_is_no_pin_is_refused_by_name():
    good = {"x": 0, "y": 0}
    for pins, where, kind in (
            ([], "/pins", "bad_member"), (None, "/pins", "missing_member"),
            ({"a": 7}, "/pins/a", "bad_member"), ({"a": good, "b": {"x": 1}}, "/pins/b/y", "missing_member"),
            ({"a": {"x": "1", "y": 1}}, "/pins/a/x", "bad_member"), ({"a": {"x": None, "y": 1}}, "/pins/a/x", "bad_member"),
            ({"a": {"x": 1000001, "y": 1}}, "/pins/a/x", "bad_member"), ({"a/b": {"x": 1, "y": -1e300}}, "/pins/a~1b/y", "bad_member"),
            ({"a": {**good, "z": 1}}, "/pins/a/z", "unknown_member"), ({"": good}, "/pins/", "bad_member"),
            ({"\x01": good}, "/pins/\x01", "bad_member"), ({"k" * 256: good}, "/pins/" + "k" * 256, "bad_member")):
        refused(pins, where, kind)
    for words in (b'{"pins":{"a":{"x":1e999,"y":0}}}', b'{"pins":{"a":{"x":NaN,"y":0}}}', b'{"pins":{"a":{},"a":{}}}'):
        _, problem = write("PUT", "/layouts/map", words, 400)
        equal(problem["type"].rpartition(":")[2], "not_json")


def test_size_is_bounded():
    many = {f"kma-{number}": {"x": number, "y": 0} for number in range(PINS_MAX + 1)}
    refused(many, "/pins", "bad_member")
    long = {f"{number:03}".ljust(255, "k"): {"x": number, "y": 0} for number in range(DOCUMENT_BYTES_MAX // 255 + 1)}
    refused(long, "/pins", "refused", 422)
    write("PUT", "/layouts/" + "l" * 129, {"pins": {}}, 400)
    write("PUT", "/layouts/" + "l" * 128, {"pins": {f"kma-{number}": {"x": number, "y": 0.5} for number in range(1024)}}, 201)


def test_one_layout_too_many_is_refused_and_room_is_made_by_deleting():
    there = len(bridge.items("/layouts"))
    for number in range(LAYOUTS_MAX - there):
        write("PUT", f"/layouts/l{number}", {"pins": {}}, 201)
    _, problem = write("PUT", "/layouts/one-more", {"pins": {}}, 422)
    equal(problem["reason"], "limit_reached")
    write("PUT", "/layouts/map", {"pins": {}})
    write("DELETE", "/layouts/l0")
    write("PUT", "/layouts/one-more", {"pins": {}}, 201)
    equal(len(bridge.items("/layouts")), LAYOUTS_MAX)
    page = bridge.read("/layouts?limit=7")
    equal((len(page["items"]), page["next_cursor"] is not None), (7, True))


def test_viewers_read_and_orchestrators_write():
    write("GET", "/layouts/map", token="viewer")
    write("PUT", "/layouts/map", {"pins": {}}, 403, token="viewer")
    write("DELETE", "/layouts/map", None, 403, token="viewer")
    write("PUT", "/layouts/map", {"pins": {"a": {"x": 1, "y": 1}}}, token="orchestrator")
    write("DELETE", "/layouts/map", token="orchestrator")
    write("GET", "/layouts/map", None, 404, token="viewer")


def test_stop_is_clean():
    bridge.stop()


def clean():
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
