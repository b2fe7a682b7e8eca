#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens made through the API and browsers' sessions: over restarts, reloads and revocation; and guessing slowed down."""
import datetime
import hashlib
import http.client
import json
import os
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until

folder = harness.Folder()
PATIENT = "auth_failures_per_minute = 1000000\n"
secrets_made = []  # all that must never be found at rest


def write(more="", http_more=PATIENT):
    text = harness.base_sections(folder).replace("[http]\n", "[http]\n" + http_more)
    return folder.write("ckbridge.conf", text + more)


bridge = harness.Bridge(write())
bridge.start()


def make(token_id, role="viewer", **more):
    status, headers, made = bridge.request("POST", "/tokens", {"token_id": token_id, "role": role, **more})
    equal(status, 201, made)
    secrets_made.append(made["secret"])
    return made["secret"], headers


def sign_in(secret):
    """(headers that are the browser's, the session)"""
    status, headers, session = bridge.request("POST", "/session", {"token": secret}, None)
    equal(status, 201, session)
    cookie = headers["Set-Cookie"].split(";")[0]
    secrets_made.append(cookie.partition("=")[2])
    return {"Cookie": cookie, "X-CSRF-Token": session["csrf_token"]}, session


def status_of(method, path, headers=None, token=None, body=None):
    return bridge.request(method, path, body, token, headers)[0]


def row(token_id):
    return bridge.read(f"/tokens/{token_id}")


def reload(text_of):
    seen = len(bridge.lines)
    write(*text_of)
    bridge.signal(harness.signal.SIGHUP)
    bridge.wait_log("event=reloaded", seen)


def open_stream(headers):
    """The connection of an event stream that has begun."""
    connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
    connection.request("GET", "/api/v1/events", None, {"Accept": "text/event-stream", **headers})
    answer = connection.getresponse()
    equal((answer.status, answer.getheader("Content-Type")), (200, "text/event-stream"))
    return connection, answer


def wait_end(stream):
    """Reads until the bridge ends the stream; a heartbeat comes every second before, so this can't hang."""
    connection, answer = stream
    end = time.monotonic() + harness.DEADLINE_S
    while answer.readline():
        if time.monotonic() > end:
            raise AssertionError("the stream goes on")
    connection.close()


# ---- tokens

def test_a_token_counts_until_it_is_revoked():
    secret, headers = make("planner", "orchestrator", description="plans")
    equal(headers["Location"], "/api/v1/tokens/planner")
    equal((secret.startswith("ckb_"), len(secret)), (True, 76))
    equal(secret[-8:], hashlib.sha256(secret[:-8].encode()).hexdigest()[:8], "a scanner can tell it")
    who = bridge.request("GET", "/session", token=secret)[2]
    equal((who["actor"], who["role"], who["authenticated_by"]), ("token:planner", "orchestrator", "token"))
    got = row("planner")
    equal((got["origin"], got["role"], got["created_by"], got["description"]), ("api", "orchestrator", "token:admin", "plans"))
    equal("secret" in got or secret in json.dumps(bridge.items("/tokens")), False)
    stream = open_stream({"Authorization": f"Bearer {secret}"})
    equal(status_of("DELETE", "/tokens/planner", token="admin"), 200)
    equal(status_of("GET", "/status", token=secret), 401)
    wait_end(stream)
    equal(status_of("GET", "/tokens/planner", token="admin"), 404)


def test_a_request_under_way_is_refused_once_its_token_is_revoked():
    secret, _ = make("hasty", "admin")
    connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
    body = b'{"kma_id": "kma-1"}'
    connection.putrequest("PUT", "/api/v1/applications/late")
    for name, value in (("Authorization", f"Bearer {secret}"), ("Content-Type", "application/json"),
                        ("Content-Length", str(len(body))), ("Expect", "100-continue")):
        connection.putheader(name, value)
    connection.endheaders()
    equal(b"100" in connection.sock.recv(100), True, "the bridge has judged the headers")
    equal(status_of("DELETE", "/tokens/hasty", token="admin"), 200)
    connection.send(body)
    equal(connection.getresponse().status, 401)
    connection.close()
    equal(status_of("GET", "/applications/late", token="viewer"), 404)


def test_a_token_expires_by_the_clock():
    secret, _ = make("brief", "viewer", expires_at=harness.from_now(4))
    stream = open_stream({"Authorization": f"Bearer {secret}"})
    wait_until(lambda: status_of("GET", "/status", token=secret) == 401, "the token to expire")
    equal("expired" in bridge.request("GET", "/status", token=secret)[2]["detail"], True)
    wait_end(stream)


def test_names_are_one_tokens():
    first, _ = make("taken")
    for body, kind in (({"token_id": "taken", "role": "admin"}, "conflict"), ({"token_id": "admin", "role": "viewer"}, "conflict")):
        status, _, problem = bridge.request("POST", "/tokens", body)
        equal((status, problem["type"].rpartition(":")[2]), (409, kind), problem)
    equal(bridge.request("DELETE", "/tokens/admin")[2]["reason"], "defined_in_file")
    equal(status_of("GET", "/status", token=first), 200, "the first goes on")


def test_of_several_that_make_one_name_at_once_one_succeeds():
    """Whose answer is 201 has the token that counts."""
    answers = []

    def run():
        answers.append(bridge.request("POST", "/tokens", {"token_id": "race", "role": "viewer"}))
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(harness.DEADLINE_S)
    made = [body["secret"] for status, _, body in answers if status == 201]
    equal((len(answers), len(made)), (8, 1), answers)
    equal({status for status, _, _ in answers} <= {201, 409, 412}, True)
    equal(status_of("GET", "/status", token=made[0]), 200)
    secrets_made.append(made[0])


def test_bad_bodies_are_told_where():
    for body, pointer in (({"role": "viewer"}, "/token_id"), ({"token_id": "x"}, "/role"),
                          ({"token_id": "x", "role": "root"}, "/role"), ({"token_id": "y" * 129, "role": "viewer"}, "/token_id"),
                          ({"token_id": "x", "role": "viewer", "secret": "mine"}, "/secret"),
                          ({"token_id": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
                          ({"token_id": "x", "role": "viewer", "expires_at": "soon"}, "/expires_at")):
        status, _, problem = bridge.request("POST", "/tokens", body)
        equal((status, problem["pointer"]), (400, pointer), problem)
    for body, pointer in (({}, "/token"), ({"token": 7}, "/token"), ({"token": ""}, "/token"), ({"token": "x" * 1025}, "/token"),
                          ({"token": "x", "role": "admin"}, "/role")):
        status, _, problem = bridge.request("POST", "/session", body, None)
        equal((status, problem["pointer"]), (400, pointer), problem)
    status, _, problem = bridge.request("POST", "/session", b'{"token": "' + b"x" * 9000 + b'"}', None)
    equal((status, "8192" in problem["detail"]), (413, True), "who has not shown who he is sends little")
    for path, body in (("/tokens", {"token_id": "x", "role": "viewer"}), ("/session", {"token": "viewer-secret"})):
        status, _, problem = bridge.request("POST", path, body, headers={"Idempotency-Key": "k"})
        equal((status, problem["parameter"]), (400, "Idempotency-Key"), problem)
    equal(status_of("GET", "/tokens/x", token="admin"), 404)


def test_the_files_token_wins_over_one_of_its_name():
    secret, _ = make("later", "viewer")
    of_file = f'[token "later"]\nrole = orchestrator\nsha256 = {hashlib.sha256(b"of-file").hexdigest()}\n'
    reload((of_file,))
    equal(status_of("GET", "/status", token=secret), 401)
    equal(bridge.request("GET", "/session", token="of-file")[2]["role"], "orchestrator")
    equal((row("later")["origin"], len([one for one in bridge.items("/tokens") if one["token_id"] == "later"])), ("file", 1))
    reload(())
    equal(status_of("GET", "/status", token="of-file"), 401)
    equal(status_of("GET", "/status", token=secret), 200, "the file lets go of the name")
    equal(status_of("DELETE", "/tokens/later", token="admin"), 200)


# ---- sessions

def test_a_session_is_what_its_token_is():
    browser, session = sign_in("orchestrator-secret")
    equal((session["actor"], session["role"]), ("token:orchestrator", "orchestrator"))
    route = {"destination_kma_id": "kma-9", "path": ["kma-1", "kma-9"]}
    equal(status_of("PUT", "/routes/by-browser?dry_run=true", browser, body=route) in (200, 422), True)
    equal(status_of("PUT", "/kms/k", browser, body={}), 403)
    equal(status_of("GET", "/tokens", browser), 403)
    stream = open_stream(browser)
    equal(status_of("DELETE", "/session", browser), 204)
    wait_end(stream)
    equal(status_of("GET", "/session", browser), 401)


def test_a_session_ends_with_its_token():
    secret, _ = make("shared", "viewer")
    browsers = [sign_in(secret)[0] for _ in range(3)]
    streams = [open_stream(browser) for browser in browsers]
    equal(status_of("DELETE", "/tokens/shared", token="admin"), 200)
    for browser, stream in zip(browsers, streams):
        equal(status_of("GET", "/session", browser), 401)
        wait_end(stream)


def test_signing_in_anew_ends_the_session_before():
    browser, _ = sign_in("viewer-secret")
    status, headers, _ = bridge.request("POST", "/session", {"token": "viewer-secret"}, None, browser)
    equal(status, 201)
    equal(status_of("GET", "/session", browser), 401)
    equal(status_of("GET", "/session", {"Cookie": headers["Set-Cookie"].split(";")[0]}), 200)


def test_one_tokens_sessions_are_bounded():
    secret, _ = make("busy", "viewer")
    bystander, _ = sign_in("viewer-secret")
    made = [sign_in(secret) for _ in range(33)]
    ends = [session["expires_at"] for _, session in made]
    ended = [session["expires_at"] for browser, session in made if status_of("GET", "/session", browser) == 401]
    equal(ended, [min(ends)], "the oldest ends, one of those of its millisecond")
    equal(status_of("GET", "/session", bystander), 200)
    equal(status_of("DELETE", "/tokens/busy", token="admin"), 200)


def test_a_sessions_limits_are_settings():
    reload(("", PATIENT + "session_idle_minutes = 1\nsession_hours = 1\n"))
    _, session = sign_in("viewer-secret")
    between = [datetime.datetime.fromisoformat(session[name].replace("Z", "+00:00")) for name in ("idle_expires_at", "expires_at")]
    equal((between[1] - between[0]).total_seconds(), 59 * 60)
    reload(())


# ---- over restarts

def test_all_outlives_a_restart():
    secret, _ = make("kept", "admin")
    browser, session = sign_in(secret)
    ended, _ = sign_in(secret)
    equal(status_of("DELETE", "/session", ended), 204)
    gone, _ = make("gone", "admin")
    equal(status_of("DELETE", "/tokens/gone", token="admin"), 200)
    for end in (bridge.stop, bridge.kill):
        end()
        bridge.start()
        got = bridge.request("GET", "/session", token=None, headers=browser)[2]
        equal({**got, "idle_expires_at": 0}, {**session, "idle_expires_at": 0})
        equal(status_of("GET", "/session", ended), 401)
        equal(bridge.request("GET", "/session", token=secret)[2]["actor"], "token:kept")
        equal(status_of("GET", "/status", token=gone), 401)


def stored(document_id):
    store = sqlite3.connect(f"file:{folder / 'store.db'}?mode=ro", uri=True)
    try:
        return store.execute("SELECT body FROM document WHERE id = ?", (document_id,)).fetchone()
    finally:
        store.close()


def test_the_last_use_is_kept():
    secret, _ = make("used", "viewer")
    equal(row("used")["last_used_at"], None)
    equal(status_of("GET", "/status", token=secret), 200)
    before = row("used")
    equal((before["last_used_at"] is not None, before["last_used_from"]), (True, "127.0.0.1"))
    wait_until(lambda: stored("token_use/token:used"), "the use to be stored")
    bridge.kill()
    bridge.start()
    equal(row("used"), before)
    equal(status_of("DELETE", "/tokens/used", token="admin"), 200)
    wait_until(lambda: stored("token_use/token:used") is None, "what is known of a token to go with it")
    secret, _ = make("used", "viewer")
    equal(row("used")["last_used_at"], None)


def test_no_secret_is_at_rest_or_in_the_log():
    bridge.stop()
    equal(len(secrets_made) > 40, True)
    store = b"".join(open(folder / name, "rb").read() for name in os.listdir(folder.path) if name.startswith("store.db"))
    log = "\n".join(bridge.lines)
    equal(b"token_sha256" in store, True, "the store was read")
    for secret in secrets_made + list(harness.TOKENS.values()):
        equal((secret.encode() in store, secret in log), (False, False), secret[:8])


# ---- guessing

class Line:
    """One connection that is kept."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)

    def get(self, token=None, headers=None):
        shown = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        self.connection.request("GET", "/api/v1/status", None, shown)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("Retry-After")


def test_guessing_is_slowed_down():
    write("", "auth_failures_per_minute = 1\n")
    bridge.start()
    browser, _ = sign_in("viewer-secret")
    known, guesser = Line(), Line()
    equal(known.get("viewer-secret")[0], 200)
    equal([guesser.get(f"guess-{number}")[0] for number in range(3)], [401, 401, 429])
    status, wait_s = guesser.get("viewer-secret")
    equal((status, 0 < int(wait_s) <= 60), (429, True), "the right one is not even looked at")
    equal(guesser.get()[0], 429)
    equal(bridge.request("POST", "/session", {"token": "viewer-secret"}, None)[0], 429)
    problem = bridge.request("GET", "/nothing", token=None)
    equal((problem[0], problem[2]["type"].rpartition(":")[2]), (429, "too_many_attempts"))
    equal(bridge.request("GET", "/healthz", token=None)[0], 200, "health is everybody's")
    equal(known.get("viewer-secret")[0], 200, "who has proven himself goes on")
    equal(status_of("GET", "/status", browser), 200, "a session can't be guessed")
    equal(Line().get(None, {"Cookie": "ckbridge=" + "0" * 64})[0], 429)
    counts = json.loads(ask_on(known))
    equal((counts["authentication"]["failures"], counts["authentication"]["refused"], counts["limits"]["failing_sources"]["used"]),
          (2, 6, 1))
    equal(known.get("another-guess")[0], 401, "one guess ends that")
    equal(known.get("viewer-secret")[0], 429)
    bridge.stop()


def ask_on(line):
    line.connection.request("GET", "/api/v1/status", None, {"Authorization": "Bearer viewer-secret"})
    return line.connection.getresponse().read()


def test_what_is_no_guess_is_not_counted():
    old = f'[token "old"]\nrole = admin\nsha256 = {hashlib.sha256(b"old-secret").hexdigest()}\nexpires = 2020-01-31\n'
    write(old, "auth_failures_per_minute = 1\n")
    bridge.start()
    line = Line()
    for _ in range(5):
        equal(line.get("old-secret")[0], 401)
        equal(line.get(None, {"Cookie": "ckbridge=" + "0" * 64})[0], 401)
        equal(line.get()[0], 401)
    equal(line.get("viewer-secret")[0], 200)
    bridge.stop()


def clean():
    bridge.kill()
    bridge.judge_log()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
