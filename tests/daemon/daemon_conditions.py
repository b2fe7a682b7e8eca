#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes under conditions (RFC 9110, 13): of one object, of all of an origin, and required by the setting."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal

folder = harness.Folder()
KMS = harness.km_section("alice", "kma-1") + harness.km_section("bob", "kma-2") + harness.km_section("carol", "kma-3")
bridge = harness.Bridge(folder.write("lax.conf", harness.base_sections(folder) + KMS))
strict = harness.Bridge(folder.write("strict.conf", harness.base_sections(folder, "strict.db").replace(
    "[http]", "[http]\nrequire_if_match = yes") + KMS))
bridge.start()
strict.start()


def route(number, middle="kma-2", priority=100):
    return {"route_id": f"r{number}", "destination_kma_id": "kma-3", "path": ["kma-1", middle, "kma-3"],
            "priority": priority}


def write(method, path, body=None, expected=200, to=bridge, **conditions):
    """The answer's ETag and body."""
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    status, got, answer = to.request(method, path, body, headers=headers)
    equal(status, expected, f"{method} {path} {headers}: {answer}")
    if status >= 400:
        equal((got["Content-Type"], answer["status"]), ("application/problem+json", status))
    return got["ETag"], answer


def test_object_conditions():
    path, one, two = "/applications/a", {"kma_id": "kma-1"}, {"kma_id": "kma-2"}
    write("PUT", path, one, 412, If_Match="*")
    write("PUT", path, one, 412, If_Match='"1"')
    first, _ = write("PUT", path, one, 201, If_None_Match="*")
    write("PUT", path, two, 412, If_None_Match="*")
    write("PUT", path, two, 412, If_None_Match=f'"x", W/{first}')
    write("PUT", path, two, 412, If_Match=f"W/{first}")
    write("PUT", path, two, 400, If_Match=first.strip('"'))
    write("PUT", path, two, 400, If_Match=f"*, {first}")
    equal(bridge.read(path)["kma_id"], "kma-1")
    second, _ = write("PUT", path, two, If_Match=f'"x,y" ,, {first}')
    _, problem = write("PUT", path, one, 412, If_Match=first)
    equal((problem["parameter"], second in problem["detail"]), ("If-Match", True))
    write("PUT", path, one, If_None_Match=first)
    write("DELETE", path, None, 412, If_Match=second)
    write("DELETE", path, None, 412, If_None_Match="*")
    write("DELETE", path, If_Match="*")
    write("DELETE", path, None, 404, If_Match="*")


def test_dry_runs_are_held_to_conditions_too():
    etag, _ = write("PUT", "/applications/dry", {"kma_id": "kma-1"}, 201)
    write("PUT", "/applications/dry?dry_run=true", {"kma_id": "kma-2"}, 412, If_Match='"1"')
    write("PUT", "/applications/dry?dry_run=true", {"kma_id": "kma-2"}, If_Match=etag)
    write("DELETE", "/applications/dry?dry_run=true", None, 412, If_Match='"1"')
    equal(write("GET", "/applications/dry")[0], etag)


def test_collection_of_an_origin_is_replaced_as_it_was_read():
    path = "/routes?origin=planner"
    empty, _ = write("GET", path)
    two, _ = write("PUT", path, {"routes": [route(1), route(2, priority=50)]}, If_Match=empty)
    equal(write("GET", path)[0], two)
    equal(write("GET", path + "&limit=1")[0], two, "of any page")
    write("PUT", path, {"routes": []}, 412, If_Match=empty)
    write("PUT", path, {"routes": []}, 412, If_None_Match="*")
    write("PUT", "/routes", {"origin": "planner", "routes": []}, 412, If_Match='"9-9"')
    equal(write("PUT", path + "&dry_run=true", {"routes": []}, If_Match=two)[0], two, "nothing changed")
    write("PUT", "/routes/else", {**route(1), "route_id": "else"}, 201)
    equal(write("GET", path)[0], two, "of this origin alone")
    write("DELETE", "/routes/r1")
    write("PUT", path, {"routes": []}, 412, If_Match=two)
    one, _ = write("GET", path)
    write("PUT", path, {"routes": [route(1), route(2, priority=50)]}, If_Match=one)
    write("PUT", path, {"routes": []}, 412, If_Match=two)
    equal(len(bridge.read(path)["items"]), 2)
    links = "/links?origin=planner"
    etag, _ = write("PUT", links, {"links": [{"link_id": "l1", "a": "kma-1", "b": "kma-2"}]}, If_Match='"0-0"')
    write("PUT", links, {"links": []}, 412, If_Match='"0-0"')
    write("PUT", links, {"links": []}, If_Match=etag)


def test_required_conditions():
    def ask(*arguments, **conditions):
        return write(*arguments, to=strict, **conditions)
    path, body = "/applications/a", {"kma_id": "kma-1"}
    etag, _ = ask("PUT", path, body, 201)
    for method, sent in (("PUT", body), ("DELETE", None)):
        for query in ("", "?dry_run=true"):
            _, problem = ask(method, path + query, sent, 428)
            equal((problem["type"], problem["parameter"]),
                  ("urn:ckbridge:problem:precondition_required", "If-Match"))
            equal(etag in problem["detail"], True, problem["detail"])
    ask("PUT", path, body, 412, If_None_Match="*")
    ask("PUT", path, body, 428, If_None_Match='"x"')
    ask("PUT", "/routes?origin=o", {"routes": []}, 428)
    ask("PUT", "/routes?origin=o", {"routes": [route(1)]}, If_Match='"0-0"')
    ask("PUT", "/routes/r1", route(1, priority=7), 428)
    ask("DELETE", "/kms/carol", None, 428)
    ask("PUT", "/kms/dave", {"kma_ids": ["kma-9"], "identity": "dns:dave"}, 201)
    ask("PUT", "/links/l1", {"a": "kma-1", "b": "kma-2"}, 201)
    ask("DELETE", "/links/l1", None, 428)
    ask("DELETE", path, None, 200, If_Match=etag)
    ask("DELETE", path, None, 404)
    equal(strict.read("/routes/r1")["priority"], 100)


def test_stop_is_clean():
    bridge.stop()
    strict.stop()


def clean():
    bridge.kill()
    strict.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
