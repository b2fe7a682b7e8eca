#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document beside the living daemon: what it promises is served, and nothing else is."""
import http.client
import json
import os
import sys
import urllib.parse

import hypothesis

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Km, equal, wait_until
from openapi_document import Document
from openapi_requests import Requests

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "15"))  # of each operation
BOUNDED = hypothesis.settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
                              suppress_health_check=list(hypothesis.HealthCheck))
ROLES = [None, "viewer", "orchestrator", "admin"]
OPEN_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE")

folder = harness.Folder()
many = "[http]\nauth_failures_per_minute = 1000000\n"  # unknown tokens are among what is tried here
held = "orchestrator_ms = 600000\norder = orchestrator, routes\n"
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision=held).replace(
    "[http]\n", many) + """
[ck "open"]
listen = 127.0.0.1:0
security = plain
[application "app-7"]
kma = kma-9
[destination "kma-4"]
completion_ms = 50000
[webhook]
proxy = http://127.0.0.1:9
[link "l1"]
a = kma-1
b = kma-4
""" + harness.km_section("alice", "kma-1", "address:127.0.0.2") + harness.km_section("bob", "kma-4, kma-9",
                                                                                     "address:127.0.0.3")))
bridge.start()
document = Document.of_source(harness.SOURCE, known=["kma-1", "kma-4", "kma-9"])
seen = {}  # (operation, status): how often it was validated


class Client:
    """Requests over one connection that is kept."""

    def __init__(self):
        self.connection = None

    def send(self, method, target, body=None, headers=None):
        """(status, headers, bytes)."""
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
                self.connection.request(method, target, body, headers or {})
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection = None
                if attempt == 2:
                    raise
        return None


client = Client()


def credential(role):
    return {"Authorization": f"Bearer {harness.TOKENS[role]}"} if role else {}


def judge(operation, answer, what):
    """The answer is one that the document has for this operation; gives its JSON."""
    status, headers, data = answer
    what = f"{operation.method} {operation.path} {what}: {status} {data[:500]!r}"
    if status >= 500 and status != 503:
        raise AssertionError(what)
    definition = operation.definition["responses"].get(str(status))
    equal(definition is not None, True, f"status is documented: {what}")
    seen[operation.name, status] = seen.get((operation.name, status), 0) + 1
    definition = document.resolve(definition)
    for name, header in definition.get("headers", {}).items():
        judge_header(name, document.resolve(header), headers, status, data, what)
    if "content" not in definition:
        equal(data, b"", what)
        return None
    media = headers.get("Content-Type", "")
    equal(media in definition["content"], True, f"media type {media!r} is documented: {what}")
    value = json.loads(data) if "json" in media else data.decode()
    equal(document.complaints(definition["content"][media]["schema"], value), [], what)
    return value


def judge_header(name, definition, headers, status, data, what):
    """ETag comes with an object and with the collection of an origin, not with what only tells a change, nor with a
    list of all; the others always."""
    value = headers.get(name)
    if value is None and definition.get("required") is False:
        return
    if value is None and name == "ETag" and status == 200 and "unchanged" in json.loads(data):
        return
    if value is None and name == "ETag" and "items" in json.loads(data or b"{}") and "origin=" not in what:
        return
    if value is None and definition.get("required") is False:
        return
    equal(value is not None, True, f"header {name}: {what}")
    value = int(value) if definition["schema"]["type"] == "integer" else value
    equal(document.complaints(definition["schema"], value), [], f"header {name}: {what}")


# ---- paths and methods

def test_served_document_is_the_source():
    with open(os.path.join(harness.SOURCE, "bridge", "http", "openapi.json"), "rb") as file:
        source = file.read()
    status, headers, data = client.send("GET", "/openapi.json")
    equal((status, headers["Content-Type"], data == source), (200, "application/json", True))


def target_of(operation, identifier="nothing"):
    return operation.path.split("{")[0] + (identifier + operation.path.partition("}")[2] if operation.is_item() else "")


def test_documented_methods_are_served_and_no_others():
    for path in document.json["paths"]:
        operations = [operation for operation in document.operations if operation.path == path]
        methods = [operation.method for operation in operations]
        allowed = set(methods) | ({"HEAD"} if "GET" in methods else set())
        for method in OPEN_METHODS:
            status, headers, data = client.send(method, target_of(operations[0]), None, credential("admin"))
            if method in methods:
                missing = status == 404 and operations[0].is_item()
                equal(status not in (404, 405) or missing, True, f"{method} {path}: {status}")
                continue
            equal(status, 405, f"{method} {path}")
            equal(set(headers["Allow"].split(", ")), allowed, f"{method} {path}: Allow")
            response = document.json["components"]["responses"]["MethodNotAllowed"]
            equal(document.complaints(response["content"]["application/problem+json"]["schema"], json.loads(data)), [])


def test_head_is_get_without_body():
    for operation in document.operations:
        if operation.method == "GET":
            got = client.send("GET", target_of(operation), None, credential("admin"))
            head = client.send("HEAD", target_of(operation), None, credential("admin"))
            equal((head[0], head[1]["Content-Type"], head[2]), (got[0], got[1]["Content-Type"], b""), operation.name)


# ---- roles

def expected_of(operation, role):
    if operation.role is not None and role is None:
        return 401
    if operation.role is not None and ROLES.index(role) < ROLES.index(operation.role):
        return 403
    return None


def test_roles_are_as_documented():
    """Of every operation and every credential; a request that is let in is refused for its parameter, so that
    nothing changes."""
    for operation in document.operations:
        for role in ROLES:
            body = "{}" if operation.body else None
            headers = {**credential(role), **({"Content-Type": "application/json"} if body else {})}
            answer = client.send(operation.method, target_of(operation) + "?no-such=1", body, headers)
            problem = judge(operation, answer, f"as {role}")
            expected = expected_of(operation, role)
            equal(answer[0], expected or 400, f"{operation.method} {operation.path} as {role}")
            if expected is None:
                equal(problem["type"], "urn:ckbridge:problem:unknown_parameter")


def test_unknown_token_gets_401_everywhere():
    for operation in document.operations:
        if operation.role:
            answer = client.send(operation.method, target_of(operation), None, {"Authorization": "Bearer nobody"})
            judge(operation, answer, "with an unknown token")
            equal(answer[0], 401, operation.name)


# ---- requests from the schemas

ids = {"km_id": ["alice", "bob"], "application_id": ["app-7"], "kma_id": ["kma-9", "kma-4"], "route_id": ["r1"], "link_id": ["l1"], "relay_id": [],
       "lookup_id": [], "token_id": ["viewer", "planner"], "webhook_id": ["hook"],
       "layout_id": ["map"]}
made = Requests(document, ids)



def send(operation, request):
    target, headers, body = request
    data = json.dumps(body, ensure_ascii=False).encode() if operation.body else None
    return client.send(operation.method, target, data, {**credential("admin"), **headers})


def check_valid(operation):
    """What keeps to the document is never refused for its shape."""
    @BOUNDED
    @hypothesis.given(made.requests(operation))
    def run(request):
        answer = send(operation, request)
        value = judge(operation, answer, request)
        equal(answer[0] not in (400, 413, 415), True, f"{operation.name} {request}: {answer[0]} {value}")
    run()


def check_broken(operation):
    """What the document does not allow is refused with a problem, whatever it is."""
    @BOUNDED
    @hypothesis.given(made.broken_requests(operation))
    def run(request):
        answer = send(operation, request)
        judge(operation, answer, request)
        equal(400 <= answer[0] < 500, True, f"{operation.method} {request}: {answer[0]} {answer[2][:300]!r}")
    run()


def check_bytes(operation):
    """What is no JSON object at all."""
    for data in (b"", b"{", b"[]", b"null", b"{}}", b'{"path":1,"path":2}', b'{"a":"\xff"}', b'{"a":"\\u0000"}',
                 b'{"a":1e999}', b'{"a":"\\ud800"}', b"[" * 5000, b'{"a":' * 17 + b"1" + b"}" * 17, b"\xef\xbb\xbf{}"):
        headers = {**credential("admin"), "Content-Type": "application/json"}
        answer = client.send(operation.method, target_of(operation, "1"), data, headers)
        judge(operation, answer, data[:40])
        equal(answer[0], 400, f"{operation.name} {data[:40]!r}")
    answer = client.send(operation.method, target_of(operation, "1"), b"{}", {**credential("admin"),
                                                                             "Content-Type": "text/plain"})
    judge(operation, answer, "as text/plain")
    equal(answer[0], 415, operation.name)
    answer = client.send(operation.method, target_of(operation, "1"), b" " * (1024 * 1024 + 1),
                         {**credential("admin"), "Content-Type": "application/json"})
    judge(operation, answer, "that is too large")
    equal(answer[0], 413, operation.name)


def check_query(operation):
    """A parameter that is unknown, twice, or not of its schema."""
    bad = {"limit": ["0", "1001", "x", "-1", "1.0", ""], "cursor": ["!", "", "A"], "dry_run": ["yes", "1", ""],
           "state": ["open", ""], "km_id": ["", "\x01", "x" * 256], "decided_by": ["none"], "reason": ["none"],
           "received_after": ["now", "2026-02-30T00:00:00Z"], "after": ["-1", "x", str(2**63)],
           "type": ["km", "nothing.*", "km.connected,,"], "subject": [""], "actor": ["", "\x01"], "order": ["up", ""],
           "before": ["now"]}
    cases = [("colour", "blue")]
    for parameter in operation.of("query"):
        cases += [(parameter["name"], value) for value in bad.get(parameter["name"], [])]
    for name, value in cases:
        query = "?" + urllib.parse.urlencode({name: value})
        expect_400(operation, query, name)
    for parameter in operation.of("query"):
        expect_400(operation, f"?{parameter['name']}=1&{parameter['name']}=1", parameter["name"])
    expect_400(operation, "?a=%zz", None)
    expect_400(operation, "?a=%ff", None)


def expect_400(operation, query, name):
    body, headers = None, credential("admin")
    if operation.body:
        body, headers = b"{}", {**headers, "Content-Type": "application/json"}
    answer = client.send(operation.method, target_of(operation, "1") + query, body, headers)
    problem = judge(operation, answer, query)
    # a body is looked at before a parameter of a write's own: then it is the body that is refused
    equal(answer[0], 400, f"{operation.method} {operation.path}{query}: {problem}")
    if name is not None and not operation.body:
        equal(problem.get("parameter"), name, f"{operation.method} {operation.path}{query}: {problem}")


def prepare_network():
    """KMs that hold a relay and a lookup, and one relay that has succeeded."""
    alice = Km(bridge.address("open"), bind="127.0.0.2")
    bob = Km(bridge.address("open"), bind="127.0.0.3")
    stream = harness.Events(bridge, "orchestrator")  # an orchestrator is present: requests are held
    bridge.wait_connected("alice")
    bridge.wait_connected("bob")
    status, _, relay = bridge.post("/relays", {"path": ["kma-1", "kma-4"]})
    equal(status, 201, relay)
    alice.expect(harness.RELAY_REQUEST)
    alice.complete(relay["relay_id"])
    bridge.wait_relay(relay["relay_id"], "succeeded")
    for number in range(5):
        alice.notify("kma-1", "kma-9", 100 + number)
        bob.ask("kma-4", "kma-1", 200 + number)
    held = wait_until(lambda: [item["relay_id"] for item in bridge.items("/relays?state=awaiting_decision")][4:] and
                      bridge.items("/relays?state=awaiting_decision"), "relays to be held")
    asked = wait_until(lambda: len(bridge.items("/lookups?state=awaiting_decision")) >= 5 and
                       bridge.items("/lookups?state=awaiting_decision"), "lookups to be held")
    ids["relay_id"] = [item["relay_id"] for item in held] + [relay["relay_id"], "999999"]
    ids["lookup_id"] = [item["lookup_id"] for item in asked] + ["999999"]
    bridge.put("/routes/r1", {"destination_kma_id": "kma-9", "path": ["kma-1", "kma-4", "kma-9"]})
    bridge.put("/links/l1", {"a": "kma-1", "b": "kma-4"})
    bridge.put("/applications/app-7", {"kma_id": "kma-9"})
    bridge.put("/destinations/kma-9", {"orchestrator_ms": 500000})
    return alice, bob, stream


# ---- one success of every kind

def ask(operation_name, identifier=None, query="", body=None, headers=None, expected=200):
    operation = next(one for one in document.operations if one.name == operation_name)
    sent = {**credential("admin"), **(headers or {})}
    if operation.body:
        sent["Content-Type"] = "application/json"
    target = target_of(operation, urllib.parse.quote(identifier or "", safe="")) + query
    answer = client.send(operation.method, target, json.dumps(body).encode() if operation.body else None, sent)
    value = judge(operation, answer, (identifier, query, body))
    equal(answer[0], expected, f"{operation_name} {identifier} {query}: {value}")
    return answer[1].get("ETag"), value


def check_object(item, identifier, body, revalidates=True):
    """Created, replaced, read, compared, removed: what GET shows may be sent back."""
    ask(f"put{item}", identifier, "?dry_run=true", body)
    ask(f"get{item}", identifier, expected=404)
    _, created = ask(f"put{item}", identifier, "", body, expected=201)
    etag, got = ask(f"get{item}", identifier)
    equal(etag, f'"{created["revision"]}"')
    ask(f"get{item}", identifier, headers={"If-None-Match": f'"x", {etag}'}, expected=304 if revalidates else 200)
    ask(f"put{item}", identifier, "", got, {"If-Match": etag})
    ask(f"put{item}", identifier, "", body, {"If-None-Match": "*"}, 412)
    ask(f"put{item}", identifier, "", body, {"If-Match": '"999999"'}, 412)
    ask(f"delete{item}", identifier, headers={"If-Match": '"999999"'}, expected=412)
    ask(f"list{item}s", None, "?limit=1")
    ask(f"delete{item}", identifier, "?dry_run=true")
    ask(f"delete{item}", identifier)
    ask(f"delete{item}", identifier, expected=404)


def test_objects_come_and_go_as_documented():
    check_object("Km", "carol/\u00e9 1", {"kma_ids": ["kma-7"], "identity": ["dns:carol.example", "psk:carol"],
                                         "dialect": {"version": [2, 1], "success_words": "bien, gut"}}, False)
    check_object("Application", "app-8", {"kma_id": "kma-9"})
    check_object("Destination", "kma/\u00e9 1", {"order": ["computed", "orchestrator"], "orchestrator_ms": 1,
                                                 "completion_ms": 86400000})
    check_object("Route", "r 8", {"destination_kma_id": "kma-9", "next_hops": {"kma-1": ["kma-4"], "kma-4": ["kma-9"]},
                                  "priority": -5, "valid_until": "9998-01-01T00:00:00+01:00"})
    check_object("Link", "l8", {"a": "kma-4", "b": "kma-9", "state": "down", "key_stock": 2**63 - 1,
                                 "key_capacity": 2**63 - 1})
    check_object("Layout", "map/\u00e9 1", {"pins": {"kma-4": {"x": -12.5, "y": 1000000}, "<b>/~\u202e": {"x": 0, "y": 0}}})
    ask("replaceRoutes", None, "?origin=planner", {"routes": [{"route_id": "p1", "destination_kma_id": "kma-4",
                                                              "path": ["kma-1", "kma-4"]}]})
    etag, _ = ask("listRoutes", None, "?origin=planner&limit=1")
    ask("replaceRoutes", None, "?origin=planner", {"routes": []}, {"If-Match": '"0-0"'}, 412)
    ask("replaceRoutes", None, "?origin=planner&dry_run=true", {"routes": []}, {"If-Match": f'"0-0", {etag}'})
    ask("replaceLinks", None, "?dry_run=true", {"origin": "planner", "links": []})
    ask("replaceLinks", None, "", {"links": []}, expected=400)
    ask("deleteKm", "alice", expected=409)
    ask("deleteDestination", "kma-4", expected=409)
    ask("putRoute", "r9", "", {"destination_kma_id": "kma-9", "path": ["kma-1", "kma-77", "kma-9"]}, expected=422)


def test_tokens_come_and_go_as_documented():
    given = {"token_id": "site/\u00e9 1", "role": "orchestrator", "expires_at": "2199-01-01T00:00:00Z",
             "description": "planner"}
    path = "site/\u00e9 1"
    etag, made = ask("createToken", None, "", given, expected=201)
    ask("createToken", None, "", given, expected=409)
    ask("createToken", None, "", {"token_id": "viewer", "role": "viewer"}, expected=409)
    ask("createToken", None, "", {"token_id": "old", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"},
        expected=400)
    ask("createToken", None, "", {"token_id": "twice", "role": "viewer"}, {"Idempotency-Key": "k"}, expected=400)
    ask("getToken", "twice", expected=404)
    again, got = ask("getToken", path)
    equal((again, got), (etag, {key: value for key, value in made.items() if key != "secret"}))
    none, of_file = ask("getToken", "viewer")
    equal((none, of_file["origin"]), (None, "file"))
    ask("listTokens", None, "?limit=2")
    ask("deleteToken", path, headers={"If-Match": '"999999"'}, expected=412)
    ask("deleteToken", path, "?dry_run=true")
    ask("deleteToken", path, headers={"If-Match": etag})
    ask("deleteToken", path, expected=404)
    ask("deleteToken", "viewer", expected=409)


def test_sessions_come_and_go_as_documented():
    get, enter, leave = (next(one for one in document.operations if one.name == name)
                         for name in ("getSession", "signIn", "signOut"))
    ask("getSession")
    ask("signOut", expected=409)
    json_type = {"Content-Type": "application/json"}
    answer = client.send("POST", enter.path, json.dumps({"token": harness.TOKENS["viewer"]}), json_type)
    session = judge(enter, answer, "sign in")
    equal(answer[0], 201)
    cookie = {"Cookie": answer[1]["Set-Cookie"].split(";")[0]}
    answer = client.send("GET", get.path, None, cookie)
    got = judge(get, answer, "with a cookie")
    idle = "idle_expires_at"
    equal({**got, idle: 0}, {**session, idle: 0})
    answer = client.send("DELETE", leave.path, None, cookie)
    equal((answer[0], judge(leave, answer, "without its CSRF token")["type"].rpartition(":")[2]), (403, "cross_site"))
    answer = client.send("DELETE", leave.path, None, {**cookie, "X-CSRF-Token": session["csrf_token"]})
    judge(leave, answer, "sign out")
    equal(answer[0], 204)
    answer = client.send("GET", get.path, None, cookie)
    judge(get, answer, "after signing out")
    equal(answer[0], 401)


def test_webhooks_are_as_documented():
    check_object("Webhook", "hook/1", {"url": "https://user:secret@receiver.example/hook?a=1", "types": ["relay.*"],
                                       "subjects": ["km_id:alice"], "start": "0", "enabled": False}, False)
    _, created = ask("putWebhook", "hook", "", {"url": "https://receiver.example/", "start": "0"}, expected=201)
    equal(created["secret"].startswith("whsec_"), True)
    _, tested = ask("testWebhook", "hook")
    equal((tested["delivered"], tested["status"]), (False, None))
    ask("replayWebhook", "hook", "", {"after": "0"}, expected=202)
    ask("replayWebhook", "hook", "", {"dead_letters": True}, expected=202)
    ask("replayWebhook", "hook", "", {"dead_letters": ["7", "8"]}, expected=202)
    ask("replayWebhook", "hook", "", {"after": str(10**17)}, expected=422)
    ask("listDeadLetters", "hook")
    ask("deleteDeadLetters", "hook", "?event_id=7", expected=204)
    ask("deleteDeadLetters", "hook", expected=204)
    ask("putWebhook", "hook", "", {"url": "http://receiver.example/"}, expected=422)
    for name in ("testWebhook", "listDeadLetters", "deleteDeadLetters"):
        ask(name, "no-hook", expected=404)
    ask("replayWebhook", "no-hook", "", {"after": "0"}, expected=404)


def test_history_and_decisions_are_as_documented():
    ask("decideRelay", ids["relay_id"][0], "", {"path": ["kma-1", "kma-4", "kma-9"]})
    ask("decideRelay", ids["relay_id"][0], "", {"path": ["kma-1", "kma-4", "kma-9"]}, expected=409)
    ask("decideRelay", ids["relay_id"][1], "", {"reject": "not today"})
    ask("decideLookup", ids["lookup_id"][0], "", {"next_hops": ["kma-1"]})
    ask("decideLookup", ids["lookup_id"][1], "", {"reject": "not today"})
    ask("decideLookup", "999999", "", {"reject": "not today"}, expected=404)
    ask("getRelay", ids["relay_id"][0])
    ask("getLookup", ids["lookup_id"][0])
    _, started = ask("startRelay", None, "", {"path": ["kma-4", "kma-1"]}, expected=201)
    equal(started["unsolicited"], True)
    for name in ("listRelays", "listLookups", "listEvents", "listKms", "listAudit"):
        ask(name)
    ask("getHealth")
    ask("getReadiness")
    ask("getStatus")
    ask("getMetrics")
    ask("getOpenApi")


def test_stream_is_as_documented():
    operation = next(one for one in document.operations if one.name == "listEvents")
    media = operation.definition["responses"]["200"]["content"]["text/event-stream"]
    stream = harness.Events(bridge, "viewer", after=0)
    gap = harness.Events(bridge, "viewer", after=10**15)
    newest = bridge.items("/events")[-1]["event_id"]
    wait_until(lambda: any(event.get("id") == newest for event in list(stream.received)), f"event {newest}")
    for event in stream.received:
        equal(document.complaints(media["x-event-schema"], event["json"]), [], event["data"])
        equal((event["id"], event["event"]), (event["json"]["event_id"], event["json"]["type"]))
    first = wait_until(lambda: list(gap.received), "a gap")[0]
    equal((first["event"], document.complaints(media["x-gap-schema"], first["json"])), ("gap", []))
    live = harness.Events(bridge, "viewer", query="?snapshot=true")
    wait_until(lambda: any(event["event"] == "snapshot_end" for event in list(live.received)), "the snapshot's end")
    *items, end = live.received
    for event in items:
        equal((event["event"], document.complaints(media["x-snapshot-schema"], event["json"])), ("snapshot", []))
    equal({event["json"]["resource"] for event in items} >= {"status", "kms", "links", "routes", "relays"}, True)
    equal(document.complaints(media["x-snapshot-end-schema"], end["json"]), [])
    for one in (stream, gap, live):
        one.close()
    status, headers, data = client.send("GET", operation.path + "?limit=5", None, {**credential("viewer"),
                                                                                   "Accept": "text/event-stream"})
    judge(operation, (status, headers, data), "as a stream with pages")
    equal(status, 400)


def test_paths_are_as_documented():
    ends = {"source_kma_id": "kma-1", "destination_kma_id": "kma-4"}
    _, found = ask("findPaths", None, "", {**ends, "k": 16, "metric": "widest", "min_key_stock": 0})
    equal([path["path"] for path in found["paths"]], [["kma-1", "kma-4"]])
    _, none = ask("findPaths", None, "", {**ends, "min_key_stock": 1})
    equal((none["paths"], none["no_path"]["reason"]), ([], "links_rejected"))
    ask("findPaths", None, "", {**ends, "avoid_kma_ids": ["nobody"]}, expected=422)


def test_every_documented_success_was_seen():
    for operation in document.operations:
        for status in operation.definition["responses"]:
            if status < "400":
                equal((operation.name, int(status)) in seen, True, f"{operation.name} {status} was validated")


def test_every_event_and_object_that_came_is_as_documented():
    """All that the requests before have left behind, page by page."""
    for number in range(3):
        ask("putRoute", f"page-{number}", "", {"destination_kma_id": "kma-9", "path": ["kma-4", "kma-9"]}, expected=201)
    for name in ("Kms", "Applications", "Routes", "Links", "Relays", "Lookups", "Events", "Tokens"):
        cursor, pages = "", 0
        while cursor is not None:
            _, page = ask(f"list{name}", None, "?limit=2" + cursor)
            cursor = "&cursor=" + page["next_cursor"] if page["next_cursor"] else None
            pages += 1
        equal(pages > 1 or name not in ("Routes", "Relays", "Lookups", "Events"), True, f"{pages} pages of {name}")


def test_stop_is_clean():
    for operation in document.operations:
        counts = [f"{status}: {count}" for (name, status), count in sorted(seen.items()) if name == operation.name]
        print(f"# {operation.name}: {', '.join(counts)}")
    bridge.stop()


def named(check, operation):
    def test():
        check(operation)
    test.__name__ = f"test_{operation.name}_{check.__name__}"
    return test


def clean():
    for one in network:
        one.close()
    bridge.kill()
    folder.remove()


network = prepare_network()
every = [value for name, value in list(globals().items()) if name.startswith("test_")]
generated = [named(check_valid, operation) for operation in document.operations]
generated += [named(check_query, operation) for operation in document.operations]
generated += [named(check, operation) for operation in document.operations if operation.body
              for check in (check_broken, check_bytes)]
last = [test_every_event_and_object_that_came_is_as_documented, test_stop_is_clean]
harness.run([test for test in every if test not in last] + generated + last, [clean])
