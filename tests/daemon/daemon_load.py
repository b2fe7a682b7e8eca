#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What many, slow, large and rude HTTP clients get, and that the others and the KMs are served meanwhile."""
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import TOKENS, equal, wait_until
from stage import Stage

CONNECTIONS, PER_ADDRESS, STREAMS_PER_ACTOR = 24, 12, 4
ROUTES = 600  # the events of one replacement; more than the sockets of a stream take
KMS = {"alice": ("kma-1", ""), **{f"km-{n:03}": (f"kma-x{n}", "") for n in range(400)}}

# One bridge whose limits are numbers, and one whose limit is time.
crowded = Stage({"alice": ("kma-1", "")}, http=f"connections_max = {CONNECTIONS}\n"
                f"connections_per_address_max = {PER_ADDRESS}\nstreams_per_actor_max = {STREAMS_PER_ACTOR}")
hurried = Stage(KMS, http="receive_ms = 1000")
kms = {stage: stage.dial("alice") for stage in (crowded, hurried)}


class Raw:
    """A connection that sends what it likes, from an address of the loopback network."""

    def __init__(self, stage, host="127.0.0.1", receive_bytes=None):
        self.socket = socket.socket()
        self.socket.settimeout(harness.DEADLINE_S)
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.bind((host, 0))
        self.socket.connect(stage.bridge.address("http"))
        self.data = b""

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def get(self, path, token="viewer", more=""):
        return self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS[token]}\r\n{more}\r\n")

    def more(self):
        """False: the bridge has ended the connection."""
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.data += data
        return bool(data)

    def answer(self):
        """(status, headers, body); the connection stays."""
        while b"\r\n\r\n" not in self.data:
            if not self.more():
                raise AssertionError(f"no answer: {self.data!r}")
        head, _, body = self.data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(body) < int(headers.get("content-length", 0)) and self.more():
            body = self.data.partition(b"\r\n\r\n")[2]
        self.data = b""
        return int(lines[0].split()[1]), headers, body

    def problem(self):
        status, headers, body = self.answer()
        equal(headers["content-type"], "application/problem+json", body)
        return status, json.loads(body)["type"].rsplit(":", 1)[1], headers

    def drip(self, byte, what):
        """A byte at a time for as long as the bridge stands it."""
        self.socket.settimeout(0.02)
        def ended():
            try:
                self.socket.send(byte)
                return not self.socket.recv(65536)
            except TimeoutError:
                return False
            except ConnectionError:
                return True
        wait_until(ended, f"{what} to be ended")

    def close(self):
        self.socket.close()


def served(stage):
    """Others are answered, and so are KMs."""
    equal(stage.bridge.get("/status", "orchestrator")[0], 200)
    kms[stage].fence()


def limits(stage):
    return stage.bridge.read("/status")["limits"]


def close_all(stage, connections):
    for connection in connections:
        connection.close()
    def gone():  # as long as they are there, this one is too many itself
        status, _, body = stage.bridge.get("/status")
        return status == 200 and body["limits"]["http_connections"]["used"] <= 1
    wait_until(gone, "the connections to be gone")


# ---- numbers

def test_one_address_has_so_many_connections():
    idle = [Raw(crowded, "127.0.0.2") for _ in range(PER_ADDRESS)]
    for one in idle:
        equal(one.get("/api/v1/status").answer()[0], 200)
    excess = [Raw(crowded, "127.0.0.2") for _ in range(3)]
    for one in excess:
        status, kind, headers = one.get("/api/v1/status").problem()
        equal((status, kind, headers["connection"], headers["retry-after"]),
              (429, "too_many_connections", "close", "1"))
    served(crowded)
    equal(idle[0].get("/api/v1/status").answer()[0], 200)
    equal(limits(crowded)["http_connections_per_address"], {"used": PER_ADDRESS, "max": PER_ADDRESS})
    close_all(crowded, idle + excess)
    again = Raw(crowded, "127.0.0.2")
    equal(again.get("/api/v1/status").answer()[0], 200)
    again.close()


def test_there_are_so_many_connections():
    idle = [Raw(crowded, f"127.0.0.{2 + n % 3}") for n in range(CONNECTIONS)]
    for one in idle:
        equal(one.get("/api/v1/status").answer()[0], 200)
    excess = Raw(crowded, "127.0.0.9")
    status, kind, headers = excess.get("/api/v1/status", "admin").problem()
    equal((status, kind, headers["connection"], headers["retry-after"]), (503, "busy", "close", "1"))
    excess.close()
    kms[crowded].fence()
    equal(idle[0].get("/api/v1/status").answer()[0], 200)
    idle.pop().close()
    def free():
        one = Raw(crowded)
        try:
            return one.get("/api/v1/status").answer()[0] == 200
        finally:
            one.close()
    wait_until(free, "a place to be free")
    close_all(crowded, idle)


def test_far_more_connections_wait_and_are_served_in_the_end():
    idle = [Raw(crowded, f"127.0.0.{2 + n % 8}") for n in range(4 * CONNECTIONS)]
    kms[crowded].fence()
    for one in idle:
        one.close()
    wait_until(lambda: crowded.bridge.get("/status")[0] == 200, "the bridge to answer again")
    close_all(crowded, [])


def test_one_actor_has_so_many_streams():
    streams = [crowded.listen("viewer") for _ in range(STREAMS_PER_ACTOR)]
    status, headers, problem = crowded.bridge.request("GET", "/events", token="viewer",
                                                      headers={"Accept": "text/event-stream"})
    equal((status, headers["Retry-After"], problem["type"]),
          (429, "1", "urn:ckbridge:problem:too_many_own_streams"))
    other = crowded.listen("admin")
    rows = crowded.bridge.read("/status")["event_streams"]
    equal((rows["count"], len(rows["furthest_behind"])), (STREAMS_PER_ACTOR + 1, STREAMS_PER_ACTOR + 1))
    equal(sorted(row["actor"] for row in rows["furthest_behind"]), ["token:admin"] + ["token:viewer"] * STREAMS_PER_ACTOR)
    for row in rows["furthest_behind"]:
        equal((row["lag"], row["gaps"], row["last_event_id"]), (0, 0, rows["newest_event_id"]), row)
        equal(row["peer"].rsplit(":", 1)[0], "127.0.0.1")
    served(crowded)
    for stream in streams + [other]:
        stream.close()
    crowded.bridge.put("/links/wake", {"a": "kma-1", "b": "kma-2"})  # a write that fails ends those that left
    wait_until(lambda: limits(crowded)["event_streams"]["used"] == 0, "the streams to be gone")


def test_one_request_has_so_many_headers():
    many = "".join(f"X-{n}: y\r\n" for n in range(101))
    one = Raw(crowded)
    status, kind, headers = one.get("/api/v1/status", more=many).problem()
    equal((status, kind, headers["connection"]), (431, "headers_too_large", "close"))
    one.close()
    one = Raw(crowded)
    equal(one.get("/api/v1/status", more="".join(f"X-{n}: y\r\n" for n in range(90))).answer()[0], 200)
    one.close()
    served(crowded)


def test_what_the_http_library_refuses_itself():
    """Before there is a request: its own page, and the connection's end. Documented so in the API's description."""
    for sent, expected in ((f"GET /api/v1/status HTTP/1.1\r\nHost: x\r\nX-Long: {'y' * 40000}\r\n\r\n", 431),
                           (f"GET /api/v1/{'y' * 40000} HTTP/1.1\r\nHost: x\r\n\r\n", 414),
                           ("POST /api/v1/relays HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400)):
        one = Raw(crowded).send(sent)
        status, headers, _ = one.answer()
        equal((status, "problem" in headers.get("content-type", "")), (expected, False), sent[:40])
        one.close()
        served(crowded)


def test_one_body_has_so_many_bytes():
    head = f"PUT /api/v1/routes/r HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['admin']}\r\n"
    small = b" " * 65536
    for length, chunked in ((1048577, False), (3 * 1048576, False), (3 * 1048576, True)):
        one = Raw(crowded).send(head + ("Transfer-Encoding: chunked\r\n\r\n" if chunked
                                        else f"Content-Length: {length}\r\n\r\n"))
        for at in range(0, length, len(small)):
            part = small[:length - at]
            one.send(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
        one.send(b"0\r\n\r\n" if chunked else b"")
        equal(one.problem()[:2], (413, "too_large"))
        equal(one.get("/api/v1/status").answer()[0], 200)  # the same connection goes on
        one.close()
    expecting = Raw(crowded).send(head + "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")
    equal(expecting.problem()[:2], (413, "too_large"))
    expecting.close()
    served(crowded)


# ---- time

def test_head_that_drips_is_ended():
    one = Raw(hurried).send("GET /api/v1/status HTTP/1.1\r\nHost: x\r\nX-Drip: ")
    served(hurried)
    one.drip(b"y", "the head")
    one.close()


def test_body_that_drips_is_ended():
    one = Raw(hurried).send(f"PUT /api/v1/routes/r HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['admin']}\r\n"
                            "Content-Length: 100000\r\n\r\n")
    served(hurried)
    one.drip(b" ", "the body")
    one.close()
    equal(hurried.bridge.get("/routes/r")[0], 404)


def test_idle_connection_is_ended():
    one = Raw(hurried)
    equal(one.get("/api/v1/status").answer()[0], 200)
    wait_until(lambda: not one.more(), "the idle connection to be ended")
    one.close()
    silent = Raw(hurried)
    wait_until(lambda: not silent.more(), "one that never said a word to be ended")
    silent.close()
    served(hurried)


def test_large_answer_that_is_hardly_read_is_ended():
    one = Raw(hurried, receive_bytes=4096).get("/api/v1/kms?limit=1000")
    served(hurried)
    wait_until(lambda: limits(hurried)["http_connections"]["used"] == 2, "the reader to be there")
    read = 0
    def gone():  # it reads a byte now and then, so that there is progress
        nonlocal read
        read += len(one.socket.recv(1))
        return limits(hurried)["http_connections"]["used"] == 1
    wait_until(gone, "the slow reader to be ended")
    equal(read > 0, True)
    one.close()
    equal(len(hurried.bridge.items("/kms")), len(KMS))


def replace_routes(count):
    routes = [{"route_id": f"r-{n}", "destination_kma_id": "kma-x1", "path": ["kma-1", "kma-x1"], "priority": n,
               "origin": "load"} for n in range(count)]
    status, _, answer = hurried.bridge.request("PUT", "/routes", {"origin": "load", "routes": routes})
    equal(status, 200, answer)


def test_stream_that_is_not_read_is_ended_and_resumes():
    first = harness.Events(hurried.bridge)
    replace_routes(1)
    last = wait_until(lambda: list(first.received), "an event")[-1]["id"]
    first.close()
    stalled = Raw(hurried, receive_bytes=4096).get("/api/v1/events", more=f"Accept: text/event-stream\r\nLast-Event-ID: "
                                                   f"{last}\r\n")
    while b": ckbridge\n\n" not in stalled.data:
        stalled.more()
    reading = hurried.listen("viewer", after=last)
    seen = None
    for _ in range(4):
        replace_routes(ROUTES)
        replace_routes(0)
        rows = hurried.bridge.read("/status")["event_streams"]["furthest_behind"]
        seen = seen or next((row for row in rows if row["lag"] > 0 and row["queued_bytes"] > 4096), None)
    equal(seen is not None, True, "the stalled stream is shown, with its lag")
    newest = hurried.bridge.read("/status")["event_streams"]["newest_event_id"]
    wait_until(lambda: reading.received and reading.received[-1]["id"] == newest, "the one that reads to have all")
    wait_until(lambda: limits(hurried)["event_streams"]["used"] == 1, "the stalled stream to be ended")
    stalled.close()
    served(hurried)
    resumed = hurried.listen("viewer", after=last)
    wait_until(lambda: resumed.received and int(resumed.received[-1]["id"]) >= int(newest),
               f"it to have all it missed, up to {newest}; {len(resumed.received)} came")
    ids = [int(event["id"]) for event in resumed.received]
    equal(all(after == before + 1 for before, after in zip([int(last)] + ids, ids)), True, "no event is missing")


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")],
            [crowded.close, hurried.close])
