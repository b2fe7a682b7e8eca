# SPDX-License-Identifier: Apache-2.0
"""A webhook's receiver: HTTP over TLS, keeps what comes, answers as told, and checks signatures by itself."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import socket
import ssl
import struct
import threading
import time

from harness import equal, wait_until

CLOCK_TOLERANCE_S = 300


class Delivery:
    """One POST as it came."""

    def __init__(self, handler, body):
        self.path = handler.path
        self.headers = dict(handler.headers.items())
        self.body = body
        self.peer = handler.client_address
        self.json = json.loads(body)
        self.event_id = int(self.json["event_id"]) if self.json["event_id"] else None
        self.status = None  # as it was answered; None: not at all

    def signatures(self):
        return self.headers["webhook-signature"].split(" ")

    def is_signed_with(self, secret):
        """Independent of the bridge's own code: the scheme of Standard Webhooks."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        message = b".".join([self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body])
        expected = "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
        return any(hmac.compare_digest(one, expected) for one in self.signatures())


class Receiver:
    """`answer` is called with each delivery: a status, (status, headers), or "reset", "hang", "flood"."""

    def __init__(self, certificate=None, answer=None, port=0):
        self.lock = threading.Lock()
        self.came = []  # every delivery, as it came
        self.connections = 0
        self.answer = answer or (lambda delivery: 200)
        self.released = threading.Event()  # ends every "hang"
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with receiver.lock:
                    receiver.connections += 1

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

            def finish_request(self, request, client_address):  # in the connection's own thread: TLS may be slow
                if certificate:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(*certificate)
                    request = context.wrap_socket(request, server_side=True)
                super().finish_request(request, client_address)

            def handle_error(self, *_):
                pass  # refused handshakes and resets are what tests are about

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://localhost:{self.port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def take(self, handler):
        delivery = Delivery(handler, handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            self.came.append(delivery)
            answer = self.answer(delivery)
        if answer == "hang":
            self.released.wait()
            answer = "reset"
        if answer == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        body = b"x" * (1024 * 1024) if answer == "flood" else b""
        status, headers = answer if isinstance(answer, tuple) else (200 if answer == "flood" else answer, {})
        delivery.status = status
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def set_answer(self, answer):
        with self.lock:
            self.answer = answer

    def deliveries(self):
        with self.lock:
            return list(self.came)

    def forget(self):
        with self.lock:
            self.came.clear()

    def taken(self):
        """The events that were answered with 2xx, in order, without what came again right after itself."""
        ids = [one.event_id for one in self.deliveries() if one.status and 200 <= one.status < 300]
        return [one for number, one in enumerate(ids) if number == 0 or ids[number - 1] != one]

    def wait_count(self, count, what="deliveries"):
        return wait_until(lambda: len(self.deliveries()) >= count and self.deliveries(),
                          f"{count} {what}; came: {len(self.deliveries())}")

    def wait_event(self, event_id):
        return wait_until(lambda: [one for one in self.deliveries() if one.event_id == event_id and one.status == 200],
                          f"event {event_id} to be delivered")[0]

    def judge(self, *secrets):
        """Every delivery has the headers of Standard Webhooks, and each of the secrets signs."""
        for one in self.deliveries():
            equal(one.headers["Content-Type"], "application/json")
            equal(one.headers["webhook-id"].count("."), 0, "dots part what is signed")
            stamp = int(one.headers["webhook-timestamp"])
            equal(abs(stamp - time.time()) < CLOCK_TOLERANCE_S, True, f"timestamp {stamp}")
            for secret in secrets:
                equal(one.is_signed_with(secret), True, f"signature of {one.headers['webhook-id']}")

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def certificate(pki, name="receiver", san="DNS:localhost,IP:127.0.0.1", **more):
    path = os.path.join(pki.path, f"{name}.pem")
    return (path, os.path.join(pki.path, f"{name}.key")) if os.path.exists(path) else pki.issue(name, san, **more)
