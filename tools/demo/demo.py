#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo: a PKI of its own, the bridge over mutual TLS, the 14 KMs of NSFNET in cksim, and the example
orchestrator. Everything lives in one folder and ends with Ctrl-C."""
import argparse
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

TOOLS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS / "example"))
from orchestrator import items, send, ways  # noqa: E402
import snmp  # noqa: E402

SCENARIO = TOOLS / "cksim" / "scenarios" / "nsfnet.scenario"


class Demo:
    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.folder = self.build / "demo"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        self.children = []
        self.snmp = snmp.Snmp(self.folder, self.build, port_or_free(1161, socket.SOCK_DGRAM)) if snmp.program() else None
        self.stopping = threading.Event()

    def start(self, name, arguments, **environment):
        log = open(self.folder / f"{name}.log", "wb")
        child = subprocess.Popen([str(part) for part in arguments], stdout=log, stderr=log, start_new_session=True,
                                 env={**os.environ, **environment})
        self.children.append((name, child))
        return child

    def stop(self):
        """The load first, the bridge last, so that what is under way can end."""
        for name, child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                print(f"{name} did not stop; killed", flush=True)
                child.kill()
                child.wait()

    def write_configuration(self, ck_port, http_port):
        self.token = secrets.token_urlsafe(24)
        orchestrator_token = secrets.token_urlsafe(24)
        for name, token in (("token", self.token), ("orchestrator.token", orchestrator_token)):
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(token + "\n")
        network = subprocess.run([self.build / "cksim", "--scenario", SCENARIO, "--emit-config"], check=True,
                                 capture_output=True, text=True).stdout
        pki = self.folder / "pki"
        subprocess.run([self.build / "cksim", "--scenario", SCENARIO, "--pki", pki], check=True,
                       stdout=subprocess.DEVNULL)
        self.configuration = self.folder / "ckbridge.conf"
        self.configuration.write_text(f"""# Written by the demo.
[bridge]
instance = demo

[ck "main"]
listen = 127.0.0.1:{ck_port}
security = tls
certificate = {pki}/server.pem
key = {pki}/server.key
ca = {pki}/ca.pem

[http]
listen = 127.0.0.1:{http_port}
web_folder = {self.build}/web

[store]
url = sqlite:{self.folder}/ckbridge.db

[token "demo"]
role = admin
sha256 = {hashlib.sha256(self.token.encode()).hexdigest()}

[token "orchestrator"]
role = orchestrator
sha256 = {hashlib.sha256(orchestrator_token.encode()).hexdigest()}

{self.snmp.section() if self.snmp else ""}
{network}""")

    def install_routes(self):
        """Half of the pairs get a route; the orchestrator is asked for the others."""
        links = items("/links?limit=1000")
        kmas = sorted({link["a"] for link in links} | {link["b"] for link in links})
        routes = []
        for goal in kmas:
            onward = ways(links, goal)
            for source in kmas:
                if source == goal or (kmas.index(source) + kmas.index(goal)) % 2:
                    continue
                path = [source]
                while onward[path[-1]]:
                    path.append(onward[path[-1]][0])
                routes.append({"route_id": f"{source}-to-{goal}", "source_kma_id": source,
                               "destination_kma_id": goal, "path": path, "priority": 100, "origin": "demo"})
        with send("PUT", "/routes", {"origin": "demo", "routes": routes}):
            return len(routes)

    def run(self, seconds, rate, ck_port, http_port):
        self.write_configuration(ck_port, http_port)
        url = f"http://127.0.0.1:{http_port}"
        os.environ.update(CKBRIDGE_URL=url, CKBRIDGE_TOKEN_FILE=str(self.folder / "token"))
        print("starting the bridge ...", flush=True)
        if self.snmp:
            self.start("snmpd", self.snmp.command(), **self.snmp.environment())
        daemon = self.start("ckbridged", [self.build / "ckbridged", "--config", self.configuration, "--foreground"])
        wait_ready(url, daemon, self.folder / "ckbridged.log")
        print(f"installed {self.install_routes()} routes; the orchestrator decides the other pairs", flush=True)
        self.start("orchestrator", [sys.executable, TOOLS / "example" / "orchestrator.py", self.folder / "last-event"],
                   CKBRIDGE_TOKEN_FILE=str(self.folder / "orchestrator.token"))
        self.start("cksim", [self.build / "cksim", "--scenario", SCENARIO, "--connect", f"127.0.0.1:{ck_port}", "--ca",
                             self.folder / "pki" / "ca.pem", "--certificate-dir", self.folder / "pki", "--load",
                             f"open:{rate}", "--seconds", 86400])
        self.explain(url, ck_port)
        return self.watch(seconds)

    def explain(self, url, ck_port):
        authorisation = f'-H "Authorization: Bearer $(cat {self.folder}/token)"'
        print(f"""
  Ck over mutual TLS   127.0.0.1:{ck_port}   14 KMs of NSFNET, simulated
  dashboard            {url}/   sign in with the token below
  HTTP API             {url}/api/v1
  token (admin)        {self.token}
  logs                 {self.folder}/*.log

  Try:
    curl -s {authorisation} '{url}/api/v1/relays?limit=3'
    curl -s {authorisation} {url}/api/v1/status
    curl -N {authorisation} -H 'Accept: text/event-stream' {url}/api/v1/events
    {self.snmp.table() if self.snmp else "apt-get install snmpd, and start again: for SNMP"}

  Ctrl-C stops everything.
""", flush=True)

    def watch(self, seconds):
        """A line that lives, until Ctrl-C, the time is over, or something stops that should run."""
        began, last = time.monotonic(), 0
        while not self.stopping.wait(1):
            for name, child in self.children:
                if child.poll() is not None:
                    print(f"\n{name} stopped with status {child.returncode}; see {self.folder}/{name}.log", flush=True)
                    return 1
            totals = json.load(send("GET", "/status"))["totals"]
            received = totals["relays_received"] + totals["lookups_received"]
            line = (f"  {totals['kms_connected']} KMs connected, {received - last}/s requests, "
                    f"{totals['relays_ended']['succeeded']} relays succeeded, {totals['relays_ended']['failed']} failed, "
                    f"{totals['relays_held']} held, {totals['lookups_answered']} lookups answered")
            print(f"\r{line:<110}" if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)
            last = received
            if seconds and time.monotonic() - began > seconds:
                return 0 if totals["relays_ended"]["succeeded"] else 1
        return 0


def wait_ready(url, daemon, log):
    end = time.monotonic() + 20
    while time.monotonic() < end and daemon.poll() is None:
        try:
            with urllib.request.urlopen(url + "/readyz", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    sys.exit(f"the bridge did not get ready:\n{log.read_text()}")


def port_or_free(port, kind=socket.SOCK_STREAM):
    """The usual port, or any when it is taken."""
    with socket.socket(type=kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="the build folder")
    parser.add_argument("--seconds", type=int, default=0, help="stop by itself after so long; 1 if no relay succeeded")
    parser.add_argument("--rate", type=int, default=20, help="requests per second")
    arguments = parser.parse_args()
    demo = Demo(arguments.build)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: demo.stopping.set())
    try:
        status = demo.run(arguments.seconds, arguments.rate, port_or_free(7164), port_or_free(8480))
    finally:
        print("\nstopping ...", flush=True)
        demo.stop()
    print("stopped.")
    return status


if __name__ == "__main__":
    sys.exit(main())
