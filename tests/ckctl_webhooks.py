#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl webhook against a real bridge and a receiver: put, test, list, dead letters, replay and drop."""
import http.server
import json
import threading

from ckctl_call import Ckctl, has, lines_of_json
import harness
from harness import equal, wait_until

folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder)))
bridge.start()
ckctl = Ckctl(bridge)


class Receiver:
    """Answers with the status that it is told to, and remembers what came."""

    def __init__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.received.append(body)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.status, self.received = 204, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/hook" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self):
        return [body["event_id"] for body in self.received]


receiver = Receiver()


def test_webhook_is_put_shown_and_tested():
    body = json.dumps({"url": receiver.url, "types": ["link.changed"]})
    has(ckctl("webhook", "put", "w1", "-", "--dry-run", body=body).out, "would be: 1 created")
    has(ckctl("webhook", "put", "w1", "-", body=body).out, "created w1, revision ", "its secret, told this once: whsec_")
    listed = ckctl("webhook", "list").out.splitlines()
    has(listed[0], "WEBHOOK", "STATE", "URL", "LAG", "DEAD")
    has(listed[1], "w1", receiver.url, "link.changed")
    has(ckctl("webhook", "test", "w1").out, "delivered, after ", "the receiver answered 204")
    equal(receiver.received[-1]["type"], "webhook.test")
    receiver.status = 500
    has(ckctl("webhook", "test", "w1", code=1).out, "not delivered, after ", "the receiver answered 500")
    receiver.status = 204
    equal("whsec_" in ckctl("webhook", "get", "w1").out, False, "the secret")
    ckctl("webhook", "list", token="orchestrator", code=4)
    ckctl("webhook", "show", "none", code=5)


def change_link(state):
    return bridge.put("/links/l1", {"a": "kma-1", "b": "kma-2", "state": state})


def test_events_are_delivered_again_after_a_replay():
    change_link("up")
    wait_until(lambda: len(receiver.events()) >= 3, "a delivery")
    first = receiver.events()[-1]
    has(ckctl("webhook", "replay", "w1", "--after", str(int(first) - 1)).out, "deliveries go on behind event ")
    wait_until(lambda: receiver.events().count(first) == 2, "the event to come again")
    has(ckctl("webhook", "replay", "w1", code=2).err, "either --after or --dead-letters")
    ckctl("webhook", "replay", "w1", "--after", "x", code=1)


def dead():
    return lines_of_json(ckctl("webhook", "dead-letters", "w1", "--json").out)


def test_dead_letters_are_listed_delivered_again_and_dropped():
    receiver.status = 404
    change_link("down")
    letters = wait_until(dead, "a dead letter", 60)
    event = letters[0]["event_id"]
    has(ckctl("webhook", "dead-letters", "w1").out, "EVENT", event, "404")
    receiver.status = 204
    has(ckctl("webhook", "replay", "w1", "--dead-letters=" + event).out, "its dead letters are delivered once more")
    wait_until(lambda: not dead(), "no dead letter to be left")
    receiver.status = 404
    change_link("up")
    event = wait_until(dead, "a dead letter", 60)[0]["event_id"]
    has(ckctl("webhook", "drop", "w1", "--event", event).out, "w1: dropped.")
    equal(dead(), [])
    ckctl("webhook", "drop", "none", code=5)
    has(ckctl("webhook", "delete", "w1").out, "1 deleted")


def stop():
    receiver.server.shutdown()
    bridge.stop()


def clean_up():
    bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
