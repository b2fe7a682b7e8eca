# SPDX-License-Identifier: Apache-2.0
"""What a browser says and asks for, heard over the DevTools protocol from its pages and its workers alike.

Every page and worker is stopped before its first script until it is listened to, so that nothing is missed.
"""
import base64
import http.client
import json
import os
import re
import socket
import struct
import threading
import urllib.parse

import harness
from harness import wait_until

# Violations of the page's own policies and mistakes in its markup; cookies and such are told in the console as well.
ISSUES = ("contentSecurityPolicyIssue", "mixedContentIssue", "genericIssue", "deprecationIssue", "corsIssue",
          "blockedByResponseIssue", "quirksModeIssue", "sharedArrayBufferIssue")
# Advice for forms that a browser fills in; of an address that a script has changed, which a test's script does.
NO_FAULT = ("FormEmptyIdAndNameAttributesForInputError", "NavigationEntryMarkedSkippable")
DOMAINS = {"page": ("Runtime", "Log", "Network", "Audits", "Page"), "iframe": ("Runtime", "Log", "Network", "Audits"),
           "worker": ("Runtime", "Log", "Network"), "shared_worker": ("Runtime", "Log", "Network"),
           "service_worker": ("Runtime", "Log", "Network")}
OWN_SCHEMES = ("data:", "blob:", "about:", "chrome:")  # what asks nobody


class WebSocket:
    """As much of RFC 6455 as a client on loopback needs."""

    def __init__(self, address, path):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)), harness.DEADLINE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline()
        if b" 101 " not in status:
            raise AssertionError(f"no WebSocket: {status!r}")
        while self.file.readline().strip():
            pass
        self.socket.settimeout(None)
        self.lock = threading.Lock()

    def send(self, text, opcode=1):
        data, mask = text.encode(), os.urandom(4)
        length = struct.pack(">B", 0x80 | len(data)) if len(data) < 126 else (
            struct.pack(">BH", 0xfe, len(data)) if len(data) < 65536 else struct.pack(">BQ", 0xff, len(data)))
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        with self.lock:
            self.socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def messages(self):
        """Texts until the other side ends it."""
        whole = b""
        while True:
            head = self.file.read(2)
            if len(head) < 2:
                return
            length = head[1] & 0x7f
            if length >= 126:
                length = int.from_bytes(self.file.read(2 if length == 126 else 8), "big")
            data = self.file.read(length)
            if head[0] & 0x0f == 8:
                return
            if head[0] & 0x0f in (0, 1):
                whole += data
                if head[0] & 0x80:
                    yield whole.decode()
                    whole = b""

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Watch:
    """Listens to all pages and workers of a browser."""

    def __init__(self, address):
        connection = http.client.HTTPConnection(address, timeout=harness.DEADLINE_S)
        connection.request("GET", "/json/version")
        url = json.loads(connection.getresponse().read())["webSocketDebuggerUrl"]
        connection.close()
        self.messages, self.requests, self.preludes = [], [], []
        self.is_blind = True  # until a request was seen, since it was told to forget
        self.targets, self.answers, self.last_id = {}, {}, 0
        self.lock = threading.Lock()
        self.failure = None
        self.web_socket = WebSocket(address, urllib.parse.urlsplit(url).path)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.call("Target.setDiscoverTargets", discover=True)
        self.attach_all(None)
        wait_until(lambda: any(kind == "page" for kind, _ in list(self.targets.values())), "the browser's first page")

    def attach_all(self, session):
        self.post("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True,
                  filter=[{"type": "browser", "exclude": True}, {"type": "tab", "exclude": True}, {}])

    # ---- commands

    def post(self, method, session=None, **parameters):
        """Sends, without waiting; returns the command's ID."""
        with self.lock:
            self.last_id += 1
            number = self.last_id
        command = {"id": number, "method": method, "params": parameters}
        self.web_socket.send(json.dumps(command | ({"sessionId": session} if session else {})))
        return number

    def call(self, method, session=None, **parameters):
        """Not from the listening thread."""
        number = self.post(method, session, **parameters)
        answer = wait_until(lambda: self.answers.get(number), f"an answer to {method}")
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def sessions(self, kinds=None):
        return [session for session, (kind, _) in list(self.targets.items()) if kinds is None or kind in kinds]

    def all_targets(self, method, **parameters):
        for session in self.sessions(DOMAINS):
            self.call(method, session, **parameters)

    def all_pages(self, method, **parameters):
        for session in self.sessions(("page",)):
            self.call(method, session, **parameters)

    # ---- listening

    def run(self):
        try:
            for text in self.web_socket.messages():
                message = json.loads(text)
                if "id" in message:
                    self.answers[message["id"]] = message
                else:
                    self.take(message["method"], message["params"], message.get("sessionId"))
        except (OSError, ValueError) as error:
            self.failure = error  # the browser has ended

    def take(self, method, data, session):
        if method == "Target.attachedToTarget":
            self.take_target(data["sessionId"], data["targetInfo"])
        elif method == "Target.detachedFromTarget":
            self.targets.pop(data["sessionId"], None)
        elif method == "Runtime.consoleAPICalled":
            words = " ".join(str(one.get("value", one.get("description", ""))) for one in data["args"])
            self.add(session, f"console.{data['type']}", words)
        elif method == "Runtime.exceptionThrown":
            details = data["exceptionDetails"]
            self.add(session, "uncaught", details["text"] + " " + details.get("exception", {}).get("description", ""))
        elif method == "Log.entryAdded":
            entry = data["entry"]
            self.add(session, f"{entry['source']}.{entry['level']}", f"{entry['text']} {entry.get('url', '')}")
        elif method == "Audits.issueAdded":
            issue = data["issue"]
            words = json.dumps(issue["details"])
            if any(one + "Details" in issue["details"] for one in ISSUES) and not any(one in words for one in NO_FAULT):
                self.add(session, "issue", words)
        elif method == "Network.requestWillBeSent":
            request = data["request"]
            if not request["url"].startswith(OWN_SCHEMES):
                self.requests.append((self.kind(session), request["method"], request["url"]))
        elif method == "Network.webSocketCreated":
            self.requests.append((self.kind(session), "CONNECT", data["url"]))

    def take_target(self, session, info):
        self.targets[session] = (info["type"], info["url"])
        for domain in DOMAINS.get(info["type"], ()):
            self.post(f"{domain}.enable", session)
        self.attach_all(session)
        for source in self.preludes:
            if info["type"] in ("page", "iframe"):
                self.post("Page.addScriptToEvaluateOnNewDocument", session, source=source)
            elif info["type"] in DOMAINS:
                self.post("Runtime.evaluate", session, expression=source)
        self.post("Runtime.runIfWaitingForDebugger", session)

    def kind(self, session):
        return self.targets.get(session, ("?", ""))[0]

    def add(self, session, kind, words):
        self.messages.append((self.kind(session), kind, words.strip()))

    def close(self):
        self.web_socket.close()
        self.thread.join(harness.DEADLINE_S)

    # ---- judging

    def fence(self):
        """What the pages and workers said before is heard now."""
        for session in self.sessions(DOMAINS):
            number = self.post("Runtime.evaluate", session, expression="1", returnByValue=True)
            wait_until(lambda: self.answers.get(number) or session not in self.targets, "a page or worker to answer")

    def foreign(self, origin):
        """Requests to anywhere else."""
        def origin_of(url):
            parts = urllib.parse.urlsplit(url)
            return f"{parts.scheme}://{parts.netloc}"
        return [request for request in self.requests if origin_of(request[2]) != origin]

    def forget(self):
        """What was said and asked until now counts no more."""
        self.fence()
        self.messages.clear()
        self.requests.clear()
        self.is_blind = True

    def assert_clean(self, origin, allowed=()):
        """Nothing was said but what these patterns allow, each of which must have been needed; nothing was asked
        for elsewhere. Then all is forgotten."""
        self.fence()
        texts = [f"{target} {kind}: {words}" for target, kind, words in self.messages]
        bad = [text for text in texts if not any(re.search(pattern, text) for pattern in allowed)]
        unused = [pattern for pattern in allowed if not any(re.search(pattern, text) for text in texts)]
        foreign = self.foreign(origin)
        self.is_blind = self.is_blind and not self.requests
        self.messages.clear()
        self.requests.clear()
        if bad or foreign or unused:
            raise AssertionError("\n".join(["the browser is not clean:", *bad,
                                            *[f"request elsewhere: {one}" for one in foreign],
                                            *[f"allowed, and never said: {one}" for one in unused]]))
        if self.is_blind:
            raise AssertionError("not one request was seen: the watch is blind")
