# SPDX-License-Identifier: Apache-2.0
"""A small proxy in front of the bridge, of one origin to the browser, that forges what a network and a bridge in
trouble do: it answers errors, answers late, loses an answer, cuts a stream, is away. It also keeps what was asked.
"""
import http.client
import http.server
import json
import re
import socket
import threading

import harness

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
          "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types ckbridge")
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
OF_THE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
PROBLEMS = "urn:ckbridge:problem:"


class Fault:
    """What happens to requests of this method and path, so many times (None: always) while it is in force."""

    def __init__(self, proxy, method, pattern, times, act):
        self.proxy, self.method, self.pattern, self.left, self.act = proxy, method, re.compile(pattern), times, act
        self.hits = 0
        self.released = threading.Event()

    def __enter__(self):
        with self.proxy.lock:
            self.proxy.faults.insert(0, self)
        return self

    def __exit__(self, *_):
        with self.proxy.lock:
            self.proxy.faults.remove(self)
        self.released.set()

    def takes(self, method, path):
        if self.left == 0 or self.method not in (None, method) or not self.pattern.search(path):
            return False
        self.left = None if self.left is None else self.left - 1
        self.hits += 1
        return True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A browser that goes away is no error."""


class Proxy:
    """bridge: where to pass requests on to; pages: path -> body, answered by the proxy itself."""

    def __init__(self, bridge=None, pages=None, host="127.0.0.1"):
        self.bridge, self.pages = bridge, pages or {}
        self.lock = threading.Lock()
        self.faults, self.log = [], []
        self.connections = {}  # those that are open -> the path last asked for
        self.host, self.port, self.server = host, 0, None
        self.up()

    origin = property(lambda self: f"http://{self.host}:{self.port}")

    def up(self):
        """The same port again after down()."""
        handler = type("BoundHandler", (Handler,), {"proxy": self})
        self.server = Server((self.host, self.port), handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self):
        """Refuses connections, and ends those that are open."""
        self.server.shutdown()
        self.server.server_close()
        self.cut()

    def cut(self, pattern=""):
        """Ends the connections whose last request is of that path, also those that idle."""
        with self.lock:
            chosen = [held for held, path in self.connections.items() if re.search(pattern, path)]
        for held in chosen:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        with self.lock:
            for fault in self.faults:
                fault.released.set()
        self.down()

    # ---- faults

    def fault(self, act, pattern, method=None, times=None):
        return Fault(self, method, pattern, times, act)

    def answers(self, status, pattern, method=None, times=None, headers=None, **problem):
        """A forged problem."""
        body = {"type": PROBLEMS + "forged", "title": "Forged", "status": status,
                "detail": f"forged {status} for a test"} | problem

        def act(handler, _):
            handler.answer(status, json.dumps(body).encode(),
                           {"Content-Type": "application/problem+json", **(headers or {})})
        return self.fault(act, pattern, method, times)

    def drops(self, pattern, method=None, times=None):
        """The connection ends without an answer; the bridge never sees the request."""
        return self.fault(lambda handler, _: handler.hang_up(), pattern, method, times)

    def loses_answer(self, pattern, method=None, times=None, late=False):
        """The bridge does it, and nobody hears so; `late`: that the answer is lost shows when the fault is released."""
        def act(handler, body):
            connection, answer = handler.ask_bridge(body)
            answer.read()
            connection.close()
            if late:
                fault.released.wait()
            handler.hang_up()
        fault = self.fault(act, pattern, method, times)
        return fault

    def holds(self, pattern, method=None, times=None):
        """Nothing comes until the fault is released, then the true answer."""
        def act(handler, body):
            fault.released.wait()
            handler.pass_on(body)
        fault = self.fault(act, pattern, method, times)
        return fault

    def answers_late(self, pattern, method=None, times=None):
        """The bridge answers at once, which `answered` tells, and its answer comes when the fault is released."""
        def act(handler, body):
            connection, answer = handler.ask_bridge(body)
            try:
                data = answer.read()
                fault.answered.set()
                fault.released.wait()
                handler.answer(answer.status, data, {name: value for name, value in answer.getheaders()
                                                     if name.lower() not in OF_THE_HOP})
            finally:
                connection.close()
        fault = self.fault(act, pattern, method, times)
        fault.answered = threading.Event()
        return fault

    def find_fault(self, method, path):
        with self.lock:
            return next((fault for fault in self.faults if fault.takes(method, path)), None)

    def asked(self, method, pattern):
        """Headers of the requests of that kind, in their order."""
        with self.lock:
            return [headers for one, path, headers in self.log if one == method and re.search(pattern, path)]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of the browser's."""

    protocol_version = "HTTP/1.1"
    proxy = None

    def log_message(self, *_):
        """Quiet."""

    def setup(self):
        super().setup()
        with self.proxy.lock:
            self.proxy.connections[self.connection] = ""

    def finish(self):
        with self.proxy.lock:
            self.proxy.connections.pop(self.connection, None)
        super().finish()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.proxy.lock:
            self.proxy.log.append((self.command, self.path, dict(self.headers.items())))
            self.proxy.connections[self.connection] = self.path
        try:
            fault = self.proxy.find_fault(self.command, self.path)
            if fault is not None:
                fault.act(self, body)
            elif self.path in self.proxy.pages:
                self.answer_page()
            else:
                self.pass_on(body)
        except (OSError, http.client.HTTPException):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_page(self):
        kind = TYPES.get(self.path.rpartition(".")[2], TYPES["html"])
        policy = {} if self.path.startswith("/free") else {"Content-Security-Policy": POLICY}
        self.answer(200, self.proxy.pages[self.path].encode(),
                    {"Content-Type": kind, "X-Content-Type-Options": "nosniff", **policy})

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def ask_bridge(self, body):
        if self.proxy.bridge is None:
            raise OSError("no bridge")
        connection = http.client.HTTPConnection(*self.proxy.bridge.address("http"), timeout=harness.DEADLINE_S)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "keep-alive"):
                connection.putheader(name, value)
        connection.endheaders(body or None)
        return connection, connection.getresponse()

    def pass_on(self, body):
        connection, answer = self.ask_bridge(body)
        try:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OF_THE_HOP:
                    self.send_header(name, value)
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.pass_chunks(answer)
            else:
                data = answer.read()
                if answer.status not in (204, 304):
                    self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(data)))
                self.end_headers()
                self.wfile.write(data)
        finally:
            connection.close()

    def pass_chunks(self, answer):
        """As they come: an event stream has no end of its own."""
        for piece in iter(lambda: answer.read1(65536), b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
