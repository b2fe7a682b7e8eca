# SPDX-License-Identifier: Apache-2.0
"""What the tests of the audit trail and of idempotency keys share: requests with all that is told of them, and the
audit trail's chain checked as anybody could do it."""
import collections
import hashlib
import http.client
import json
import urllib.parse

import harness
from harness import equal

Answer = collections.namedtuple("Answer", "status headers body source")


def ask(bridge, method, path, body=None, token="admin", headers=None):
    """An answer, and the address that it was asked from."""
    connection = http.client.HTTPConnection(*bridge.address("http"), timeout=harness.DEADLINE_S)
    try:
        sent = {**({"Authorization": f"Bearer {harness.TOKENS.get(token, token)}"} if token else {}), **(headers or {})}
        data = None
        if body is not None:
            data = body if isinstance(body, str) else json.dumps(body)
            sent["Content-Type"] = "application/json"
        connection.connect()
        source = "%s:%d" % connection.sock.getsockname()
        connection.request(method, "/api/v1" + path, data, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        return Answer(answer.status, answer.headers, json.loads(text), source)
    finally:
        connection.close()


def entries(bridge, query=""):
    """The whole trail, oldest first, and the head that the last page told of."""
    cursor, found = None, []
    while True:
        more = {"limit": 7, "order": "asc", **({"cursor": cursor} if cursor else {})}
        page = bridge.read(f"/audit?{urllib.parse.urlencode(more)}{query}")
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found, page["head"]


def hash_of(entry):
    """SHA-256 of the RFC 8785 form; the trail has no numbers, so that this is all there is to it."""
    canonical = {name: value for name, value in entry.items() if name != "hash"}
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_chain(found, head):
    """From the very first entry to the head."""
    previous, number = "0" * 64, 0
    for entry in found:
        number += 1
        equal(entry["audit_id"], str(number), "audit IDs have no holes")
        equal(entry["previous_hash"], previous, f"previous_hash of {entry}")
        equal(entry["hash"], hash_of(entry), f"hash of {entry}")
        previous = entry["hash"]
    equal(head, {"audit_id": str(number), "hash": previous}, "head")
