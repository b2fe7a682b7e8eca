# SPDX-License-Identifier: Apache-2.0
"""What the tests of ckctl share: calling it with an environment of its own, and judging what it says."""
import json
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "daemon"))
import harness
from harness import equal, wait_until

CKCTL = os.path.join(harness.BUILD, "ckctl")


class Done:
    def __init__(self, finished):
        self.code, self.out, self.err = finished.returncode, finished.stdout, finished.stderr
        if harness.SANITIZER.search(self.err):
            raise AssertionError(self.err)


class Ckctl:
    """ckctl toward this bridge; None: a command that talks to none."""

    def __init__(self, bridge=None):
        self.bridge = bridge

    def environment(self, token="admin", **more):
        """One of our own: what the caller has set must not reach ckctl."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CKBRIDGE_")
                 and not name.lower().endswith("_proxy")}
        if self.bridge is not None:
            clean["CKBRIDGE_URL"] = "http://%s:%d" % self.bridge.address("http")
            if token:
                clean["CKBRIDGE_TOKEN"] = harness.TOKENS.get(token, token)
        return {**clean, **more}

    def __call__(self, *arguments, code=0, token="admin", body=None, **more):
        done = Done(subprocess.run([CKCTL, *arguments], env=self.environment(token, **more), input=body or "",
                                   capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False))
        equal(done.code, code, f"exit code of {arguments}: {done.out}{done.err}")
        return done


class Following:
    """A ckctl that runs, and the lines it prints."""

    def __init__(self, ckctl, *arguments):
        self.process = subprocess.Popen([CKCTL, *arguments], env=ckctl.environment(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines, self.errors = [], []
        self.threads = [threading.Thread(target=harness.Bridge.read_log, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for thread in self.threads:
            thread.start()

    def wait(self, words):
        return wait_until(lambda: next((line for line in self.lines if words in line), None),
                          f"a line with {words!r}; came: {self.lines} {self.errors}")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(harness.DEADLINE_S)
        for thread in self.threads:
            thread.join(harness.DEADLINE_S)
        equal(code, 0, f"exit code after SIGINT: {self.errors}")
        equal([line for line in self.errors if harness.SANITIZER.search(line)], [])


def has(text, *words):
    for word in words:
        if word not in text:
            raise AssertionError(f"{word!r} is not in {text!r}")


def lines_of_json(text):
    return [json.loads(line) for line in text.splitlines()]
