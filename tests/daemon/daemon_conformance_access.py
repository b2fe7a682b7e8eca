#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do what over HTTP: tokens, client certificates, roles, HTTPS, and origins of configuration."""
import hashlib
import http.client
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal
from stage import Stage

folder = harness.Folder()
pki = harness.Pki(folder.path, "web")
server, server_key = pki.issue("web", "DNS:localhost,IP:127.0.0.1")


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def client(pair=None):
    context = harness.tls_context(pki.ca)
    if pair:
        context.load_cert_chain(*pair)
    return context


stage = Stage({"alice": ("kma-1", ""), "bob": ("kma-4", "")}, web=client(), http=f"""
certificate = {server}
key = {server_key}
client_ca = {pki.ca}
""", more=f"""
[application "app-9"]
kma = kma-4
[token "old"]
role = admin
sha256 = {digest("old-secret")}
expires = 2020-01-31
[token "new"]
role = viewer
sha256 = {digest("new-secret")}
expires = 2099-01-31T12:00:00Z
[client "orch"]
role = orchestrator
identity = dns:orch.example, uri:spiffe://example/orch
[client "watcher"]
role = viewer
identity = cn:watcher
""")
bridge = stage.bridge
ROUTE = {"source_kma_id": "kma-1", "destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"]}


def status(method, path, body=None, token=None, web=None):
    got, headers, answer = bridge.request(method, path, body, token, web=web)
    if got >= 400:
        equal((headers["Content-Type"], answer["status"]), ("application/problem+json", got))
    return got


def test_tokens_over_https():
    equal(status("GET", "/status", token="viewer"), 200)
    equal(status("GET", "/status", token="new-secret"), 200)
    for token in (None, "wrong", "old-secret", digest("new-secret"), "viewer-secret "[:-2]):
        equal(status("GET", "/status", token=token), 401, token)
    listeners = {at["name"]: at["secure"] for at in bridge.request("GET", "/status", token="viewer")[2]["listeners"]}
    equal(listeners, {"main": True, "http": True})


def test_wrong_schemes_of_authorisation_are_refused():
    for value in ("viewer-secret", "Basic dmlld2VyOnZpZXdlci1zZWNyZXQ=", "Bearer", "Bearer  ", ""):
        equal(bridge.request("GET", "/status", token=None, headers={"Authorization": value})[0], 401, value)
    equal(bridge.request("GET", "/status", token=None, headers={"Authorization": "bearer viewer-secret"})[0], 200)


def test_plain_http_is_not_served_there():
    plain = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
    try:
        plain.request("GET", "/healthz")
        equal(plain.getresponse().status >= 400, True)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        plain.close()


def test_client_certificates_have_their_roles():
    for name, san, role in (("orch", "DNS:orch.example", "orchestrator"),
                            ("orch-uri", "URI:spiffe://example/orch", "orchestrator"), ("watcher", None, "viewer")):
        web = client(pki.issue(name, san) if san else common_name_alone(name))
        equal(status("GET", "/status", web=web), 200, name)
        equal(status("PUT", "/routes/by-certificate", ROUTE, web=web) in (200, 201), role == "orchestrator", name)
        equal(status("PUT", "/kms/alice", {}, web=web), 403, "configuration of KMs is an admin's")


def common_name_alone(name):
    key, request = (os.path.join(pki.path, f"{name}.{end}") for end in ("key", "csr"))
    certificate = os.path.join(pki.path, f"{name}.pem")
    pki.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request)
    pki.openssl("ca", "-batch", "-notext", "-config", os.path.join(pki.path, "ca.cnf"), "-in", request, "-out", certificate)
    return certificate, key


def test_certificates_that_prove_nothing_are_refused():
    other = harness.Pki(folder.path, "other")
    for pair in (pki.issue("nobody"), pki.issue("watcher2", "DNS:watcher"), other.issue("orch"),
                 pki.issue("late", "DNS:orch.example", expired=True), pki.self_signed("orch")):
        try:
            equal(status("GET", "/status", web=client(pair)), 401, pair)
        except (OSError, http.client.HTTPException):
            pass  # the handshake was refused
        equal(bridge.request("GET", "/healthz", token=None)[0], 200)


ROLES = ("viewer", "orchestrator", "admin")
MATRIX = [("GET", path, None, "viewer") for path in
          ("/status", "/kms", "/kms/alice", "/applications", "/applications/app-9", "/routes", "/relays", "/lookups",
           "/events", "/links")] + [
    ("PUT", "/routes/m", ROUTE, "orchestrator"), ("DELETE", "/routes/m", None, "orchestrator"),
    ("POST", "/relays", {"path": ["kma-1", "kma-4"]}, "orchestrator"),
    ("POST", "/relays/999/decision", {"reject": "x"}, "orchestrator"),
    ("POST", "/lookups/999/decision", {"reject": "x"}, "orchestrator"),
    ("PUT", "/kms/m", {"kma_ids": ["kma-m"], "identity": "dns:m"}, "admin"), ("DELETE", "/kms/m", None, "admin")]


def test_roles_are_enforced():
    for method, path, body, least in MATRIX:
        equal(status(method, path, body), 401, f"{method} {path} without token")
        for role in ROLES:
            got = status(method, path, body, role)
            equal(got == 403, ROLES.index(role) < ROLES.index(least), f"{method} {path} as {role}: {got}")
            equal(got in (401, 500, 503), False, f"{method} {path} as {role}: {got}")


def test_origins_are_shown_and_the_api_wins():
    equal(bridge.km("alice")["origin"], "file")
    bridge.put("/kms/alice", {"kma_ids": ["kma-1", "kma-1b"], "identity": "dns:alice.example"})
    alice = bridge.km("alice")
    equal((alice["origin"], alice["kma_ids"]), ("api", ["kma-1", "kma-1b"]))
    seen = len(bridge.lines)
    bridge.signal(harness.signal.SIGHUP)
    bridge.wait_log("event=reloaded", seen)
    equal(bridge.km("alice")["kma_ids"], ["kma-1", "kma-1b"], "what the API writes wins")
    equal(status("DELETE", "/kms/alice", token="admin") in (200, 204), True)
    alice = bridge.km("alice")
    equal((alice["origin"], alice["kma_ids"]), ("file", ["kma-1"]), "then the file's is there again")


def test_it_outlives_a_restart():
    bridge.put("/applications/kept", {"kma_id": "kma-1"})
    etag = bridge.request("GET", "/applications/kept")[1]["ETag"]
    bridge.stop()
    bridge.start()
    equal(bridge.request("GET", "/applications/kept")[1]["ETag"], etag)


def clean():
    stage.close()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
