#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every operation of the served OpenAPI document, with every kind of credential, over TLS."""
import hashlib
import http.client
import json
import os
import re
import secrets
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until
from stage import Stage

ROLES = ("viewer", "orchestrator", "admin")
UNKNOWN_PARAMETER = "?no-such-parameter=1"  # whoever is let in is refused for this, so that nothing changes
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW")

folder = harness.Folder()
pki = harness.Pki(folder.path, "web")
server, server_key = pki.issue("web", "DNS:localhost,IP:127.0.0.1")
clients = "".join(f"""
[client "{role}"]
role = {role}
identity = dns:{role}.example
""" for role in ROLES)
stage = Stage({"alice": ("kma-1", "")}, web=harness.tls_context(pki.ca), http=f"""
certificate = {server}
key = {server_key}
client_ca = {pki.ca}
auth_failures_per_minute = 1000000
""", more=clients + f"""
[token "old"]
role = admin
sha256 = {hashlib.sha256(b"old-secret").hexdigest()}
expires = 2020-01-31
""")
bridge = stage.bridge


class Client:
    """Requests over one connection that is kept, with what this client shows."""

    def __init__(self, headers=None, pair=None, csrf=None):
        self.headers, self.csrf, self.connection = headers or {}, csrf, None
        self.web = harness.tls_context(pki.ca)
        if pair:
            self.web.load_cert_chain(*pair)

    def send(self, method, target, body=None, more=None):
        """(status, headers, bytes)."""
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = bridge.web_connection(web=self.web)
                headers = {**self.headers, **(more or {})}
                if self.csrf and method not in ("GET", "HEAD"):
                    headers = {"X-CSRF-Token": self.csrf, **headers}
                if body is not None:
                    headers["Content-Type"] = "application/json"
                self.connection.request(method, target, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection = None
                if attempt == 2:
                    raise
        return None

    def ask(self, method, target, body=None, more=None):
        status, headers, data = self.send(method, "/api/v1" + target, json.dumps(body) if body is not None else None, more)
        return status, headers, json.loads(data) if data else None


def token(name, role, expires_at=None):
    body = {"token_id": name, "role": role, **({"expires_at": expires_at} if expires_at else {})}
    status, _, made = bearer(harness.TOKENS["admin"]).ask("POST", "/tokens", body)
    equal(status, 201, made)
    return made["secret"]


def bearer(secret):
    return Client({"Authorization": f"Bearer {secret}"})


def sign_in(secret):
    status, headers, session = Client().ask("POST", "/session", {"token": secret})
    equal(status, 201, session)
    return Client({"Cookie": headers["Set-Cookie"].split(";")[0]}, csrf=session["csrf_token"])


def make_clients():
    """(how, who) -> client; who is a role, or what shows nothing that counts."""
    made = {("bearer", "none"): Client(), ("bearer", "wrong"): bearer("nobody"), ("bearer", "expired"): bearer("old-secret"),
            ("certificate", "none"): Client(), ("certificate", "wrong"): Client(pair=pki.issue("stranger")),
            ("cookie", "none"): Client(),
            ("cookie", "wrong"): Client({"Cookie": f"__Host-ckbridge={secrets.token_hex(32)}"}, csrf="0" * 64)}
    for role in ROLES:
        secret = token(f"api-{role}", role)
        made["bearer of the file", role] = bearer(harness.TOKENS[role])
        made["bearer", role] = bearer(secret)
        made["certificate", role] = Client(pair=pki.issue(role))
        made["cookie", role] = sign_in(secret)
    revoked = token("revoked", "admin")
    made["bearer", "revoked"], made["cookie", "revoked"] = bearer(revoked), sign_in(revoked)
    equal(made["bearer", "admin"].ask("DELETE", "/tokens/revoked")[0], 200)
    expiring = token("expiring", "admin", harness.from_now(4))
    made["bearer", "expired at last"], made["cookie", "expired"] = bearer(expiring), sign_in(expiring)
    wait_until(lambda: made["cookie", "expired"].ask("GET", "/session")[0] == 401, "the token to expire")
    return made


document = json.loads(Client().send("GET", "/openapi.json")[2])
operations = [(path, method.upper(), operation) for path, item in document["paths"].items()
              for method, operation in item.items() if method in ("get", "put", "post", "delete")]
actors = make_clients()


def target_of(path):
    return re.sub(r"\{[^}]*\}", "nothing", path)


def test_every_route_of_the_program_is_in_the_document():
    with open(os.path.join(harness.SOURCE, "bridge", "http", "api.c"), encoding="utf-8") as file:
        rows = re.findall(r'\{ METHOD_(\w+), (API_BASE )?"([^"]+)"', file.read())
    served = {(("/api/v1" if base else "") + path, method) for method, base, path in rows}
    equal(len(rows) > 30, True, f"{len(rows)} routes were read")
    equal(served, {(path, method) for path, method, _ in operations})


def expected_of(role, who):
    """(status, the problem's kind) for a request of an operation that wants this role."""
    if role is None:
        return 400, "unknown_parameter"
    if who not in ROLES:
        return 401, "unauthenticated"
    if ROLES.index(who) < ROLES.index(role):
        return 403, "forbidden"
    return 400, "unknown_parameter"


def check_matrix(how, who):
    client, counts = actors[how, who], {}
    for path, method, operation in operations:
        body = "{}" if "requestBody" in operation else None
        for verb in ("GET", "HEAD") if method == "GET" else (method,):
            status, headers, data = client.send(verb, target_of(path) + UNKNOWN_PARAMETER, body)
            wanted, kind = expected_of(operation["x-required-role"], who)
            equal(status, wanted, f"{verb} {path} by {how} as {who}: {data}")
            equal(headers["Content-Type"], "application/problem+json")
            if verb != "HEAD":
                equal(json.loads(data)["type"], f"urn:ckbridge:problem:{kind}")
                equal(str(status) in operation["responses"], True, f"{method} {path} documents {status}")
            counts[status] = counts.get(status, 0) + 1
    print(f"# {how}, {who}: {counts}")
    equal(sum(counts.values()) > len(operations), True)


def matrix_test(how, who):
    def test():
        check_matrix(how, who)
    test.__name__ = f"test_{how}_{who}_may_what_the_document_says".replace(" ", "_")
    return test


def test_a_certificate_that_has_expired_proves_nothing():
    late = Client(pair=pki.issue("late", "DNS:admin.example", expired=True))
    try:
        equal(late.ask("GET", "/status")[0], 401)
    except (OSError, http.client.HTTPException):
        pass  # the handshake was refused


# ---- nothing shown, nothing told

def test_without_a_credential_all_below_api_is_alike():
    paths = {target_of(path) for path, _, _ in operations if path.startswith("/api/")}
    paths |= {"/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/kms", "/api/v1/nothing", "/api/v1/kms/a/b", "/api/v1/%zz",
              "/api/v1/kms?limit=x", "/api/v1/session/x"}
    told = set()
    for path in sorted(paths):
        for method in METHODS:
            if (method, path) == ("POST", "/api/v1/session"):
                continue  # the one door: it takes the token in its body
            status, headers, data = actors["bearer", "none"].send(method, path)
            told.add((status, data if method != "HEAD" else None,
                      tuple(sorted((name, value) for name, value in headers.items() if name != "Date"))))
    equal({status for status, _, _ in told}, {401})
    equal(len({data for _, data, _ in told if data is not None}), 1, told)
    equal(len({headers for _, _, headers in told}), 1, told)


# ---- browsers

UNSAFE = [(path, method) for path, method, operation in operations
          if method != "GET" and operation["x-required-role"] is not None]


def refused_as_cross_site(client, method, path, more):
    status, _, data = client.send(method, target_of(path) + UNKNOWN_PARAMETER, None, more)
    equal((status, json.loads(data)["type"].rpartition(":")[2]), (403, "cross_site"), f"{method} {path} {more}")


def test_cookies_change_nothing_without_their_csrf_token():
    admin = actors["cookie", "admin"]
    other = actors["cookie", "viewer"].csrf
    for path, method in UNSAFE:
        for value in ("", "0" * 64, other, admin.csrf[:-1], admin.csrf + "0", admin.csrf.upper()):
            refused_as_cross_site(admin, method, path, {"X-CSRF-Token": value})


def test_other_sites_pages_change_nothing_by_cookie_or_certificate():
    host = f"localhost:{bridge.address('http')[1]}"
    for how in ("cookie", "certificate"):
        for path, method in UNSAFE:
            for more in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"https://{host}.evil.example"},
                         {"Origin": f"https://{host}/"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                         {"Sec-Fetch-Site": "none"}, {"Origin": f"https://{host}", "Sec-Fetch-Site": "cross-site"}):
                refused_as_cross_site(actors[how, "admin"], method, path, more)
            own = {"Origin": f"https://{host}", "Sec-Fetch-Site": "same-origin"}
            equal(actors[how, "admin"].send(method, target_of(path) + UNKNOWN_PARAMETER, None, own)[0], 400, f"{method} {path}")


def test_a_bearer_token_needs_none_of_this():
    status = actors["bearer", "admin"].send("DELETE", "/api/v1/routes/nothing", None, {"Origin": "https://tool.example"})[0]
    equal(status, 404)


def test_signing_in_from_another_sites_page_is_refused():
    body = {"token": harness.TOKENS["viewer"]}
    equal(Client().ask("POST", "/session", body, {"Origin": "https://evil.example"})[0], 403)
    equal(Client().ask("POST", "/session", body, {"Sec-Fetch-Site": "cross-site"})[0], 403)


def test_what_is_most_deliberate_counts():
    both = {**actors["cookie", "admin"].headers, **actors["bearer", "viewer"].headers}
    who = Client(both).ask("GET", "/session")[2]
    equal((who["actor"], who["authenticated_by"], who["csrf_token"]), ("token:api-viewer", "token", None))
    equal(Client({**both, "Authorization": "Bearer wrong"}).ask("GET", "/session")[0], 401, "a wrong token is not passed over")
    pair = pki.issue("viewer")
    who = Client(actors["cookie", "admin"].headers, pair).ask("GET", "/session")[2]
    equal((who["actor"], who["authenticated_by"]), ("token:api-admin", "session"))
    who = Client(actors["cookie", "wrong"].headers, pair).ask("GET", "/session")[2]
    equal((who["actor"], who["authenticated_by"]), ("client:viewer", "certificate"), "a session that is over hides nothing")


def test_the_cookie_is_for_this_host_over_tls_alone():
    status, headers, _ = Client().ask("POST", "/session", {"token": harness.TOKENS["viewer"]})
    name, *attributes = headers["Set-Cookie"].split("; ")
    equal((status, name.startswith("__Host-ckbridge="), set(attributes)),
          (201, True, {"Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict", "Secure"}))
    value = name.partition("=")[2]
    equal(Client({"Cookie": f"ckbridge={value}"}).ask("GET", "/session")[0], 401, "the plain name does not count here")
    equal(Client({"Cookie": f"a=b; __Host-ckbridge={value}; c=d"}).ask("GET", "/session")[0], 200)


def clean():
    stage.close()
    folder.remove()


every = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([every[0]] + [matrix_test(how, who) for how, who in actors] + every[1:], [clean])
