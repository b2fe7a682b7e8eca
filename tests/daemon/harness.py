# SPDX-License-Identifier: Apache-2.0
"""What the daemon's tests share: a PKI, a running ckbridged, key managers over TLS, HTTP, and TAP.

Everything waits for conditions with a deadline; nothing sleeps in their place.
"""
import datetime
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

SOURCE = os.path.abspath(os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "..", "..")))
BUILD = os.path.abspath(os.environ.get("builddir", os.path.join(SOURCE, "build")))
DAEMON = os.environ.get("CKBRIDGED", os.path.join(BUILD, "ckbridged"))
DEADLINE_S = float(os.environ.get("TEST_DEADLINE_S", "30"))
TOKENS = {"admin": "admin-secret", "orchestrator": "orchestrator-secret", "viewer": "viewer-secret"}
NEXT_HOP_REQUEST, NEXT_HOP_RESPONSE, NOTIFY, RELAY_REQUEST, RELAY_RESPONSE = 1, 2, 3, 4, 5
SANITIZER = re.compile(r"(AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:|Assertion .* failed)")


def wait_until(condition, what, deadline_s=None, pause_s=0.01):
    """The condition's first true value; fails when it does not come in time."""
    end = time.monotonic() + (deadline_s or DEADLINE_S)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"in vain: {what}")
        time.sleep(pause_s)  # between two looks at the condition


def from_now(seconds):
    """The API's words for that time. Leave so much that what needs it to be in the future is done by then, however slow
    the machine is, or try again."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r} instead of {expected!r}")


class Folder:
    """A temporary directory that goes with the test."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="ckbridge-test-")

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        path = self / name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Pki:
    """An authority that signs, expires and revokes, by the openssl command."""

    def __init__(self, path, name="ca"):
        self.path = os.path.join(path, name)
        os.makedirs(os.path.join(self.path, "new"))
        for file, text in (("index.txt", ""), ("serial", "1000\n"), ("crlnumber", "1000\n"), ("ca.cnf", f"""
[ca]
default_ca = us
[us]
database = {self.path}/index.txt
serial = {self.path}/serial
crlnumber = {self.path}/crlnumber
new_certs_dir = {self.path}/new
certificate = {self.path}/ca.pem
private_key = {self.path}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
""")):
            with open(os.path.join(self.path, file), "w", encoding="utf-8") as out:
                out.write(text)
        self.ca = os.path.join(self.path, "ca.pem")
        self.crl = os.path.join(self.path, "crl.pem")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", f"/CN=test {name}", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                     "keyUsage=critical,keyCertSign,cRLSign", "-keyout", os.path.join(self.path, "ca.key"), "-out",
                     self.ca)
        self.write_crl()

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr}")

    def request(self, name, san):
        key, request = (os.path.join(self.path, f"{name}.{end}") for end in ("key", "csr"))
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     f"/CN={name}", "-addext", f"subjectAltName={san}", "-keyout", key, "-out", request)
        return key, request

    def issue(self, name, san=None, expired=False):
        """(certificate, key) of a new pair."""
        key, request = self.request(name, san or f"DNS:{name}.example")
        certificate = os.path.join(self.path, f"{name}.pem")
        dates = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"] if expired else []
        self.openssl("ca", "-batch", "-notext", "-config", os.path.join(self.path, "ca.cnf"), "-in", request, "-out",
                     certificate, *dates)
        return certificate, key

    def self_signed(self, name):
        certificate, key = (os.path.join(self.path, f"{name}.{end}") for end in ("pem", "key"))
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}.example", "-keyout", key, "-out",
                     certificate)
        return certificate, key

    def revoke(self, certificate):
        self.openssl("ca", "-config", os.path.join(self.path, "ca.cnf"), "-revoke", certificate)
        self.write_crl()

    def write_crl(self):
        self.openssl("ca", "-config", os.path.join(self.path, "ca.cnf"), "-gencrl", "-out", self.crl)


def ck_section(pki, name="main", more=""):
    certificate, key = os.path.join(pki.path, "server.pem"), os.path.join(pki.path, "server.key")
    if not os.path.exists(certificate):
        pki.issue("server", "DNS:localhost,IP:127.0.0.1")
    return f"""
[ck "{name}"]
listen = 127.0.0.1:0
security = tls
certificate = {certificate}
key = {key}
ca = {pki.ca}
crl = {pki.crl}
{more}
"""


def km_section(name, kmas, identity=None, more=""):
    return f"""
[km "{name}"]
kma = {kmas}
identity = {identity or f"dns:{name}.example"}
{more}
"""


def base_sections(folder, store="store.db", decision=""):
    tokens = "".join(f"""
[token "{role}"]
role = {role}
sha256 = {hashlib.sha256(token.encode()).hexdigest()}
""" for role, token in TOKENS.items())
    return f"""
[bridge]
instance = test
[http]
listen = 127.0.0.1:0
heartbeat_ms = 1000
[store]
url = sqlite:{folder / store}
[decision]
{decision}
{tokens}
"""


class Bridge:
    """A ckbridged that runs, and its HTTP API."""

    def __init__(self, configuration):
        self.configuration = configuration
        self.process = None
        self.lines = []
        self.reader = None
        self.web = None  # a TLS context: the API is HTTPS

    def start(self, ready=True):
        self.kill()  # one that a failed test has left
        self.lines = []
        self.process = subprocess.Popen([DAEMON, "--config", self.configuration, "--foreground"],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        errors="replace")
        self.reader = threading.Thread(target=self.read_log, args=(self.process.stderr, self.lines), daemon=True)
        self.reader.start()
        if ready:
            wait_until(self.is_ready, "the bridge to be ready")
        return self

    @staticmethod
    def read_log(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))
            if os.environ.get("TEST_VERBOSE"):
                print("#", lines[-1], flush=True)

    def is_ready(self):
        if self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError(f"ckbridged ended with {self.process.returncode}: {self.tail()}")
        if self.log("event=ready ") is None:
            return False
        try:
            return self.get("/readyz", token=None)[0] == 200
        except OSError:
            return False

    def tail(self):
        return "\n".join(self.lines[-15:])

    def log(self, words, after=0):
        """The first line from `after` on that holds the words, or None."""
        for line in self.lines[after:]:
            if words in line:
                return line
        return None

    def wait_log(self, words, after=0):
        return wait_until(lambda: self.log(words, after), f"log line with {words!r}\n{self.tail()}")

    def address(self, name="main"):
        line = [at for at in self.lines if f"event=listening name={name} " in at][-1]
        host, port = re.search(r"address=(\S+):(\d+)", line).groups()
        return host, int(port)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, expected=0):
        """SIGTERM; the exit code must be this one."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE_S)
        self.reader.join(DEADLINE_S)
        self.judge_log()
        equal(code, expected, f"exit code\n{self.tail()}")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE_S)
        if self.reader is not None:
            self.reader.join(DEADLINE_S)

    def judge_log(self):
        bad = [number for number, line in enumerate(self.lines) if SANITIZER.search(line)]
        if bad:
            raise AssertionError("\n".join(self.lines[bad[0]:bad[0] + 60]))

    # ---- HTTP

    def web_connection(self, timeout=None, web=None):
        web = web or self.web
        if web is None:
            return http.client.HTTPConnection(*self.address("http"), timeout=timeout or DEADLINE_S)
        return http.client.HTTPSConnection("localhost", self.address("http")[1], timeout=timeout or DEADLINE_S,
                                           context=web)

    def request(self, method, path, body=None, token="admin", headers=None, timeout=None, web=None):
        """(status, headers, parsed JSON or text)."""
        connection = self.web_connection(timeout, web)
        try:
            sent = dict(headers or {})
            if token:
                sent["Authorization"] = f"Bearer {TOKENS.get(token, token)}"
            data = None
            if body is not None:
                data = body if isinstance(body, (bytes, str)) else json.dumps(body)
                sent["Content-Type"] = "application/json"
            path = path if path in ("/healthz", "/readyz", "/metrics", "/openapi.json") else "/api/v1" + path
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
            is_json = "json" in (answer.getheader("Content-Type") or "")
            return answer.status, answer.headers, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def get(self, path, token="admin"):
        return self.request("GET", path, token=token)

    def read(self, path):
        status, _, body = self.get(path)
        equal(status, 200, f"GET {path}: {body}")
        return body

    def put(self, path, body):
        status, _, answer = self.request("PUT", path, body)
        if status not in (200, 201):
            raise AssertionError(f"PUT {path}: {status} {answer}")
        return answer

    def post(self, path, body, token="orchestrator"):
        return self.request("POST", path, body, token)

    def items(self, path):
        """All items of a list, page by page."""
        cursor, found = None, []
        while True:
            query = {"limit": 1000, **({"cursor": cursor} if cursor else {})}
            page = self.read(path + ("&" if "?" in path else "?") + urllib.parse.urlencode(query))
            found += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return found

    def relay(self, relay_id):
        return self.read(f"/relays/{relay_id}")

    def wait_relay(self, relay_id, *states):
        return wait_until(lambda: (lambda relay: relay if relay["state"] in states else None)(self.relay(relay_id)),
                          f"relay {relay_id} to be {' or '.join(states)}")

    def km(self, name):
        return self.read(f"/kms/{name}")

    def wait_connected(self, name):
        """The KM's session, as soon as the published view shows it."""
        def connected():
            session = self.km(name)["session"]
            return session if session["state"] == "connected" else None
        return wait_until(connected, f"{name} to be connected")

    def wait_counter(self, km, counter, value):
        return wait_until(lambda: self.km(km)["counters"][counter] == value,
                          f"{counter} of {km} to be {value}: {self.km(km)['counters']}")


class Events:
    """An event stream (SSE) that is read as it comes."""

    def __init__(self, bridge, token="viewer", after=None, query=""):
        self.received = []
        self.socket = socket.create_connection(bridge.address("http"), timeout=DEADLINE_S)
        resume = f"Last-Event-ID: {after}\r\n" if after is not None else ""
        self.socket.sendall((f"GET /api/v1/events{query} HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n"
                             f"Authorization: Bearer {TOKENS[token]}\r\n{resume}\r\n").encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        if b" 200 " not in status:
            raise AssertionError(f"event stream: {status}")
        headers = dict(line.decode().rstrip().split(": ", 1) for line in iter(self.file.readline, b"\r\n"))
        self.chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        self.socket.settimeout(None)  # the heartbeat is the bridge's duty, close() ours
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def pieces(self):
        if not self.chunked:
            yield from iter(lambda: self.file.read1(65536), b"")
            return
        while True:
            size = self.file.readline().strip()
            if not size or int(size, 16) == 0:
                return
            yield self.file.read(int(size, 16))
            self.file.readline()

    def run(self):
        event, pending = {}, b""
        try:
            for piece in self.pieces():
                *lines, pending = (pending + piece).split(b"\n")
                for line in lines:
                    event = self.take_line(line.decode(), event)
        except (OSError, ValueError):
            pass  # the connection ended

    def take_line(self, line, event):
        if not line:
            if "data" in event:
                event["json"] = json.loads(event["data"])
                self.received.append(event)
            return {}
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            event[name] = value
        return event

    def wait(self, kind, **subject):
        """The first event of this type with such a subject."""
        def find():
            for event in list(self.received):
                about = event["json"]["subject"]
                if event["event"] == kind and all(about.get(key) == value for key, value in subject.items()):
                    return event["json"]
            return None
        return wait_until(find, f"event {kind} {subject}; came: {[e['event'] for e in self.received]}")

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self.thread.join(DEADLINE_S)


# ---- key managers

def tls_context(ca, pair=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(ca)
    if pair is not None:
        context.load_cert_chain(*pair)
    return context


def frame(command, message_id, payload, version=1):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return struct.pack(">HIHH", version, message_id, command, len(body)) + body


class Closed(Exception):
    """The bridge has ended the session."""


class Km:
    """A key manager's session: frames out, frames in."""

    def __init__(self, address, context=None, bind=None):
        plain = socket.create_connection(address, timeout=DEADLINE_S, source_address=(bind, 0) if bind else None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        except BaseException:
            plain.close()
            raise
        self.buffer = b""
        self.next_id = 0

    def send(self, command, payload, message_id=None, version=1):
        if message_id is None:
            self.next_id += 1
            message_id = self.next_id
        self.send_bytes(frame(command, message_id, payload, version))
        return message_id

    def send_bytes(self, data):
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def notify(self, source, destination, message_id=None, **more):
        return self.send(NOTIFY, {"source_KMA_ID": source, "destination_KMA_ID": destination, **more}, message_id)

    def ask(self, source, destination, message_id=None, **more):
        return self.send(NEXT_HOP_REQUEST, {"source_KMA_ID": source, "destination_KMA_ID": destination, **more},
                         message_id)

    def complete(self, relay_id, response="success", message_id=None):
        return self.send(RELAY_RESPONSE, {"response": response, "key_relay_request_ID": str(relay_id)}, message_id)

    def has_frame(self):
        return len(self.buffer) >= 10 and len(self.buffer) >= 10 + struct.unpack(">H", self.buffer[8:10])[0]

    def receive(self, timeout=None):
        """(command, message_id, payload) of the next frame."""
        self.socket.settimeout(timeout or DEADLINE_S)
        while True:
            if len(self.buffer) >= 10:
                _, message_id, command, length = struct.unpack(">HIHH", self.buffer[:10])
                if len(self.buffer) >= 10 + length:
                    body, self.buffer = self.buffer[10:10 + length], self.buffer[10 + length:]
                    return command, message_id, json.loads(body)
            self.more()

    def more(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError("no frame in time") from None
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        self.buffer += data

    def take_what_is_there(self):
        """What a readable socket has may be a session ticket, and no byte of a frame."""
        self.socket.settimeout(0)
        try:
            self.more()
        except Closed as closed:
            if not isinstance(closed.__cause__, (ssl.SSLWantReadError, BlockingIOError)):
                raise
        finally:
            self.socket.settimeout(DEADLINE_S)

    def expect(self, command, message_id=None):
        got, got_id, payload = self.receive()
        equal(got, command, f"command of {payload}")
        if message_id is not None:
            equal(got_id, message_id, f"MessageID of {payload}")
        return payload

    def expect_closed(self):
        try:
            while True:
                self.receive()
        except Closed:
            return

    def close(self):
        self.socket.close()


# ---- TAP

def run(tests, fixtures=()):
    """Runs the functions in order and prints TAP; a test that raises has failed, and the others still run."""
    print(f"1..{len(tests)}", flush=True)
    failures = 0
    try:
        for number, test in enumerate(tests, 1):
            try:
                test()
                print(f"ok {number} - {test.__name__}", flush=True)
            except Exception:  # whatever it was, the test has failed
                failures += 1
                print(f"not ok {number} - {test.__name__}")
                for line in traceback.format_exc().splitlines():
                    print("#", line)
                sys.stdout.flush()
    finally:
        for fixture in fixtures:
            fixture()
    sys.exit(1 if failures else 0)
