#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard as the daemon serves it: every file with its headers, pages, 304, and nothing else by any spelling."""
import http.client
import json
import os
import re
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal

WEB = os.path.join(harness.BUILD, "web")
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
         "svg": "image/svg+xml"}
HEADERS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types ckbridge",
}
PAGES = ("/", "/topology", "/kms", "/kms/alice", "/kms/a%2Fb", "/relays", "/relays/1042", "/lookups", "/lookups/7", "/held",
         "/routes", "/routes/r1", "/events", "/audit", "/access", "/sign-in", "/kms?state=down", "/?a=%zz")
NOT_THERE = ("/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/ckbridge.conf", "/views/../index.html", "/./index.html",
             "//index.html", "//", "/views//overview.js", "/index.html%00", "/index.html%00.js", "/%69ndex.html",
             "/\\index.html", "/views\\overview.js", "/views", "/views/", "/INDEX.HTML", "/module.mk", "/style/tokens.css",
             "/kms/", "/kms/a/b", "/relays/1/decision", "/api.html", "/favicon.ico", "/index.html/", "/nothing")

folder = harness.Folder()


def configure(*lines):
    text = harness.base_sections(folder).replace("[http]\n", "[http]\n" + "".join(line + "\n" for line in lines))
    return folder.write("ckbridge.conf", text)


bridge = harness.Bridge(configure(f"web_folder = {WEB}"))


def files():
    for parent, _, names in os.walk(WEB):
        for name in names:
            path = os.path.join(parent, name)
            yield "/" + os.path.relpath(path, WEB), path


def ask(path, method="GET", headers=None):
    connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def ask_raw(target):
    """The status of a target that no client library would send."""
    with socket.create_connection(bridge.address("http"), harness.DEADLINE_S) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1]), answer


def check_headers(headers, path):
    for name, value in HEADERS.items():
        equal(headers.get_all(name), [value], f"{name} of {path}")


def test_every_file_is_served_as_it_is_with_every_header():
    bridge.start()
    served = list(files())
    equal(len(served) > 20, True, f"files in {WEB}")
    for path, file in served:
        status, headers, body = ask(path)
        with open(file, "rb") as content:
            equal((status, body == content.read()), (200, True), path)
        equal(headers["Content-Type"], TYPES[path.rpartition(".")[2]], path)
        check_headers(headers, path)


def test_what_a_page_names_is_there():
    """Every import and every reference of the document is a file that is served."""
    served = {path for path, _ in files()}
    for path, file in files():
        with open(file, encoding="utf-8") as content:
            text = content.read()
        named = re.findall(r"""(?:from|import)\s*\(?\s*'(\.[^']+)'""", text) if path.endswith(".js") else []
        named += re.findall(r'(?:src|href)="(/[^"]+\.\w+)"', text) if path.endswith(".html") else []
        for name in named:
            target = os.path.normpath(os.path.join(os.path.dirname(path), name))
            equal(target in served, True, f"{name} of {path}")
        if path == "/index.html":
            equal(len(named) >= 3, True, named)


def test_pages_are_the_index():
    with open(os.path.join(WEB, "index.html"), "rb") as file:
        index = file.read()
    for path in PAGES:
        status, headers, body = ask(path)
        equal((status, body == index), (200, True), path)
        check_headers(headers, path)


def test_a_file_that_is_known_is_not_sent_again():
    for path in ("/", "/main.js", "/styles.css"):
        tag = ask(path)[1]["ETag"]
        for known in (tag, "W/" + tag, f'"other", {tag}', "*"):
            status, headers, body = ask(path, headers={"If-None-Match": known})
            equal((status, body, headers["ETag"]), (304, b"", tag), f"{path} {known}")
            check_headers(headers, path)
        for other in ('"other"', "broken", '"', tag + "x"):
            equal(ask(path, headers={"If-None-Match": other})[0], 200, f"{path} {other}")
    equal(ask("/main.js")[1]["ETag"] != ask("/styles.css")[1]["ETag"], True)


def test_head_has_the_headers_alone():
    for path in ("/", "/main.js"):
        _, wanted, body = ask(path)
        status, headers, nothing = ask(path, "HEAD")
        equal((status, nothing), (200, b""))
        equal(headers["Content-Length"], str(len(body)))
        for name in [*HEADERS, "ETag", "Content-Type"]:
            equal(headers[name], wanted[name])


def test_other_methods_are_refused():
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        status, headers, body = ask("/main.js", method)
        equal((status, headers["Allow"], json.loads(body)["type"]), (405, "GET, HEAD", "urn:ckbridge:problem:method_not_allowed"))


def test_no_spelling_leads_elsewhere():
    """Every answer to what is not there is the same, whatever was asked for."""
    answers = set()
    for path in NOT_THERE:
        status, answer = ask_raw(path.encode())
        equal(status, 404, path)
        head, _, body = answer.partition(b"\r\n\r\n")
        equal(json.loads(body)["type"], "urn:ckbridge:problem:not_found", path)
        answers.add((re.sub(rb"Date: [^\r]+", b"", head), body))
    equal(len(answers), 1, answers)
# The library ends a target at a raw NUL: what is before it is a name in memory like any other.
    equal(ask_raw(b"/nothing\0/index.html")[0], 404)
    status, answer = ask_raw(b"/main.js\0/../../etc/passwd")
    equal((status, answer.partition(b"\r\n\r\n")[2]), (200, ask("/main.js")[2]))


def test_the_api_is_not_touched():
    status, headers, body = ask("/api/v1/kms")
    equal((status, json.loads(body)["status"]), (401, 401))
    equal(headers["Cache-Control"], "no-store")
    equal(ask("/api/v1/main.js")[0], 401, "nothing is told within the API")
    equal(bridge.get("/healthz", token=None)[0], 200)
    bridge.stop()


def problem_of(path):
    status, headers, body = ask(path)
    equal(headers["Content-Type"], "application/problem+json")
    return status, json.loads(body)["detail"]


def test_switched_off():
    configure(f"web_folder = {WEB}", "web = no")
    bridge.start()
    for path in ("/", "/kms"):
        status, detail = problem_of(path)
        equal((status, "web = no" in detail), (404, True), detail)
    equal(problem_of("/main.js")[0], 404)
    equal(bridge.log("event=dashboard_unavailable"), None)
    equal(bridge.get("/kms")[0], 200)
    bridge.stop()


def test_without_its_folder_the_bridge_runs_on_and_says_why():
    nowhere = folder / "nowhere"
    configure(f"web_folder = {nowhere}")
    bridge.start()
    line = bridge.log("event=dashboard_unavailable")
    equal(all(word in line for word in ("web_folder", nowhere, "No such file")), True, line)
    status, detail = problem_of("/")
    equal((status, "web_folder" in detail, nowhere in detail), (404, True, False), detail)
    equal(bridge.get("/kms")[0], 200)
    bridge.stop()


def test_files_are_read_once():
    own = folder / "own"
    folder.write("own/index.html", "<!doctype html>old")
    configure("web_folder = own")
    bridge.start()
    equal(ask("/")[2], b"<!doctype html>old", "a relative folder is one beside the configuration")
    folder.write("own/index.html", "<!doctype html>new")
    folder.write("own/added.js", "new")
    equal((ask("/")[2], ask("/added.js")[0]), (b"<!doctype html>old", 404))
    bridge.stop()
    bridge.start()
    equal((ask("/")[2], ask("/added.js")[0]), (b"<!doctype html>new", 200))
    equal(own in bridge.tail(), False, "nothing to complain of")
    bridge.stop()


def clean():
    bridge.kill()
    bridge.judge_log()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
