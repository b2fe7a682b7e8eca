#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The benches: the bridge beside the physical limit (a framed echo on the same loop) and a durable peer (redis with
appendfsync always), interleaved in one run, so that the ratios hold on a shared and noisy machine."""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TOKEN = "bench-token"
ORCHESTRATOR_TOKEN = "bench-orchestrator-token"  # an admin is not waited for
SERVED = 64
# Longer than a run, so that nothing expires within one; then what it left open ends before the next begins, which
# would else meet the limit of open relays.
COMPLETION_MS = 5000
STORM_BOUND_MS = 100  # what a served session may wait at p99 while everybody else reconnects


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS")


class Bench:
    def __init__(self, build, sessions_max):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ckbridge-bench-"))
        self.pki = self.folder / "pki"
        self.children = []
        self.sessions_max = sessions_max

    # ---- processes ----

    def start(self, name, arguments, **options):
        log = open(self.folder / f"{name}.log", "wb")
        options.setdefault("stdout", log)
        child = subprocess.Popen([str(part) for part in arguments], stderr=log, **options)
        self.children.append(child)
        return child

    def stop(self, child):
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self.children.remove(child)

    def close(self):
        for child in list(self.children):
            self.stop(child)
        shutil.rmtree(self.folder)

    # ---- the bridge ----

    def make_pki(self):
        subprocess.run([self.build / "cksim", "--pki", self.pki, "--kms", str(self.sessions_max),
                        "--pki-shared-key"], check=True, stdout=subprocess.DEVNULL)

    def start_bridge(self, order="routes", orchestrator_ms=2000, more=""):
        self.tls, self.plain, http = free_port(), free_port(), free_port()
        self.http = f"http://127.0.0.1:{http}"
        kms = "".join(
            f'[km "km-{n}"]\nkma = kma-{n}\nidentity = dns:km-{n}, address:127.1.{n // 250}.{n % 250 + 1}\n'
            for n in range(1, self.sessions_max + 1))
        configuration = self.folder / "ckbridge.conf"
        configuration.write_text(f"""
[ck "tls"]
listen = 127.0.0.1:{self.tls}
security = tls
certificate = {self.pki}/server.pem
key = {self.pki}/server.key
ca = {self.pki}/ca.pem
[ck "plain"]
listen = 127.0.0.1:{self.plain}
security = plain
[http]
listen = 127.0.0.1:{http}
[token "bench"]
role = admin
sha256 = {hashlib.sha256(TOKEN.encode()).hexdigest()}
[token "orchestrator"]
role = orchestrator
sha256 = {hashlib.sha256(ORCHESTRATOR_TOKEN.encode()).hexdigest()}
[store]
url = sqlite:{self.folder}/bridge.db
[decision]
order = {order}
orchestrator_ms = {orchestrator_ms}
completion_ms = {COMPLETION_MS}
[km "km-hub"]
kma = kma-bench, kma-mid-1, kma-mid-2
identity = dns:hub
{kms}{more}""")
        self.bridge = self.start("bridge", [self.build / "ckbridged", "--config", configuration, "--foreground"])
        self.wait(lambda: self.api("GET", "/readyz", base="") is not None, "the bridge to be ready")
        routes = [{"route_id": f"r-{n}", "source_kma_id": f"kma-{n}", "destination_kma_id": "kma-bench",
                   "path": [f"kma-{n}", "kma-mid-1", "kma-mid-2", "kma-bench"], "priority": 100,
                   "origin": "bench"} for n in range(1, SERVED + 1)]
        self.api("PUT", "/routes", {"origin": "bench", "routes": routes})

    def api(self, method, path, body=None, base="/api/v1"):
        request = urllib.request.Request(self.http + base + path, None if body is None else json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
                                         method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text[:1] in b"{[" else text

    @staticmethod
    def wait(condition, what, seconds=30):
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except OSError:
                pass
            if time.monotonic() > end:
                raise RuntimeError(f"waited {seconds} s for {what}")
            time.sleep(0.02)

    # ---- the limit and the peer ----

    def start_echo(self):
        self.echo = {}
        for kind, files in (("tls", [self.pki / "server.pem", self.pki / "server.key", self.pki / "ca.pem"]),
                            ("plain", [])):
            child = self.start(f"echo-{kind}", [self.build / "tests/bench/bench_echo", "127.0.0.1:0", *files],
                               stdout=subprocess.PIPE)
            address = child.stdout.readline().decode().split()[1]
            self.echo[kind] = (address, child.pid)

    def start_redis(self):
        self.redis_port = free_port()
        data = self.folder / "redis"
        data.mkdir()
        self.redis = self.start("redis", [
            "redis-server", "--port", 0, "--tls-port", self.redis_port, "--bind", "127.0.0.1",
            "--tls-cert-file", self.pki / "server.pem", "--tls-key-file", self.pki / "server.key",
            "--tls-ca-cert-file", self.pki / "ca.pem", "--tls-auth-clients", "no", "--dir", data,
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", 0])
        self.wait(lambda: socket.create_connection(("127.0.0.1", self.redis_port), 1).close() is None, "redis")

    def redis_run(self, sessions, pipelined, requests):
        run = subprocess.run(
            ["redis-benchmark", "--tls", "--cacert", self.pki / "ca.pem", "-p", str(self.redis_port), "-c",
             str(sessions), "-P", str(pipelined), "-n", str(requests), "-d", "150", "-r", "100000", "--csv", "-t",
             "set"], capture_output=True, text=True, check=False, timeout=300)
        rows = [line for line in run.stdout.splitlines() if line.startswith('"SET')]
        if run.returncode != 0 or not rows:
            raise OSError(run.stderr)
        columns = [float(cell.strip('"')) for cell in rows[0].split(",")[1:]]
        return {"per_second": columns[0], "p50_us": columns[3] * 1000, "p99_us": columns[5] * 1000, "p999_us": None,
                "cpu_us": None}

    def credentials(self):
        return ["--ca", self.pki / "ca.pem", "--certificates", self.pki / "km-", "--key", self.pki / "fleet.key"]

    def settle(self):
        """Until the relays that the run before left open have expired, so that each run meets the same bridge."""
        self.wait(lambda: self.api("GET", "/status")["totals"]["relays_open"] == 0, "open relays to expire", 60)

    def load(self, target, kind, outstanding=1, seconds=2, rate=0, complete=False, sessions=SERVED):
        address, pid = {"bridge": {"tls": (f"127.0.0.1:{self.tls}", self.bridge.pid),
                                   "plain": (f"127.0.0.1:{self.plain}", self.bridge.pid)},
                        "echo": self.echo}[target][kind]
        arguments = [self.build / "tests/bench/bench_load", "--connect", address, "--sessions", sessions, "--seconds",
                     seconds, "--outstanding", outstanding]
        arguments += ["--rate", rate] if rate else []
        arguments += ["--complete"] if complete else []
        arguments += ["--plain"] if kind == "plain" else self.credentials()
        before = cpu_seconds(pid)
        run = subprocess.run([str(part) for part in arguments], capture_output=True, text=True, check=False,
                             timeout=seconds + 120)
        if run.returncode != 0:
            raise RuntimeError(f"bench_load: {run.stderr}")
        result = json.loads(run.stdout)
        if result["answers"] == 0:
            raise RuntimeError(f"{target} over {kind} answered nothing")
        result["cpu_us"] = (cpu_seconds(pid) - before) / result["answers"] * 1e6
        return result

    def commit_times(self, until):
        """Samples of the bridge's own commit duration, microseconds."""
        samples = []
        while not until.is_set():
            samples.append(self.api("GET", "/status")["store"]["last_commit_us"])
            until.wait(0.02)
        return samples


def row(name, result):
    def cell(value, form):
        return f"{format(value, form):>10}" if value is not None else f"{'-':>10}"

    print(f"  {name:<44}{cell(result['per_second'], ',.0f')}{cell(result['p50_us'], ',.0f')}"
          f"{cell(result['p99_us'], ',.0f')}{cell(result['p999_us'], ',.0f')}{cell(result['cpu_us'], '.1f')}",
          flush=True)


def heading(title):
    print(f"\n{title}\n  {'':<44}{'per s':>10}{'p50 us':>10}{'p99 us':>10}{'p99.9 us':>10}{'CPU us':>10}", flush=True)


def median_ratio(name, pairs, aim=None):
    ratios = [ours["per_second"] / other["per_second"] for ours, other in pairs]
    text = f"  -> {name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(text + (f", aim {aim}" if aim is not None else ""), flush=True)


def throughput(bench, outstanding, rounds, aims):
    heading(f"notify -> Key relay request, TLS, {SERVED} sessions x {outstanding} outstanding")
    runs = {"echo": [], "bridge": [], "redis": []}
    for _ in range(rounds):
        runs["echo"].append(bench.load("echo", "tls", outstanding))
        runs["bridge"].append(bench.load("bridge", "tls", outstanding))
        bench.settle()
        runs["redis"].append(bench.redis_run(SERVED, outstanding, 60000 if outstanding == 1 else 400000))
        row("framed echo, the same loop and TLS", runs["echo"][-1])
        row("ckbridged, durable", runs["bridge"][-1])
        row("redis-server, appendfsync always, SET 150 B", runs["redis"][-1])
    median_ratio("bridge of echo", list(zip(runs["bridge"], runs["echo"])), aims[0])
    median_ratio("bridge of redis", list(zip(runs["bridge"], runs["redis"])), aims[1])
    return statistics.median(run["per_second"] for run in runs["bridge"])


def plain(bench):
    heading(f"the same over plain TCP, {SERVED} sessions")
    for outstanding in (1, 16):
        echo, ours = bench.load("echo", "plain", outstanding), bench.load("bridge", "plain", outstanding)
        bench.settle()
        row(f"framed echo x {outstanding}", echo)
        row(f"ckbridged x {outstanding}", ours)
        median_ratio("bridge of echo", [(ours, echo)])


def round_trips(bench):
    heading("notify -> Key relay request -> completion, TLS")
    for outstanding in (1, 16):
        row(f"ckbridged, whole relays x {outstanding}", bench.load("bridge", "tls", outstanding, complete=True))
        bench.settle()


def paced(bench, capacity):
    heading("paced at a third of that load, TLS")
    done, samples = threading.Event(), []
    watcher = threading.Thread(target=lambda: samples.extend(bench.commit_times(done)))
    watcher.start()
    try:
        ours = bench.load("bridge", "tls", rate=int(capacity / 3), seconds=5)
    finally:
        done.set()
        watcher.join()
    row(f"ckbridged at {capacity / 3:,.0f}/s", ours)
    commit = statistics.median(samples)
    print(f"  -> p50 {ours['p50_us']:.0f} us is {ours['p50_us'] / commit:.1f} times the commit's p50 of {commit:.0f} us"
          f" ({len(samples)} samples), aim at most 4", flush=True)


def connected(bench):
    return bench.api("GET", "/status")["totals"]["kms_connected"]


def hold(bench, name, count, at_once):
    """A process that holds `count` sessions, none of them the served ones. It is nice: KMs elsewhere would bring
    processors of their own for their side of the handshakes, and must not take ours from what is measured."""
    return bench.start(name, ["nice", "-n", 19, bench.build / "tests/bench/bench_load", "--connect", f"127.0.0.1:{bench.tls}",
                              *bench.credentials(), "--first", SERVED + 1, "--sessions", count, "--at-once", at_once,
                              "--hold"])


def many_sessions(bench, count):
    print(f"\n{count:,} mutual TLS sessions", flush=True)
    idle = resident_kib(bench.bridge.pid)
    began = time.monotonic()
    held = hold(bench, "hold", count, 200)
    bench.wait(lambda: connected(bench) >= count, f"{count} sessions", 120)
    print(f"  all connected after {time.monotonic() - began:.1f} s", flush=True)
    used = resident_kib(bench.bridge.pid) - idle
    print(f"  -> {used / count:.1f} KiB resident a session, aim at most 30", flush=True)
    return held


def storm(bench, count, held):
    heading(f"{count:,} reconnect at once while {SERVED} are served at 2,000/s")
    quiet = bench.load("bridge", "tls", rate=2000, seconds=4)
    row("before", quiet)
    before = bench.api("GET", "/status")["totals"]
    held.kill()
    held.wait()
    bench.children.remove(held)
    began = time.monotonic()
    flood = hold(bench, "storm", count, count)
    during = bench.load("bridge", "tls", rate=2000, seconds=8)
    row("during", during)
    bench.wait(lambda: connected(bench) >= count, "the storm to be served", 120)
    refused = bench.api("GET", "/status")["totals"]["kms_refused"] - before["kms_refused"]
    print(f"  -> all served after {time.monotonic() - began:.1f} s, {refused} refused; p99 of the served "
          f"{during['p99_us'] / 1000:.1f} ms, bound {STORM_BOUND_MS} ms: "
          f"{'held' if during['p99_us'] <= STORM_BOUND_MS * 1000 else 'NOT held'}", flush=True)
    bench.stop(flood)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--only", help="comma-separated: single, pipelined, plain, trips, paced, sessions, storm")
    arguments = parser.parse_args()
    wanted = set((arguments.only or "single,pipelined,plain,trips,paced,sessions,storm").split(","))
    bench = Bench(arguments.build, arguments.sessions + SERVED)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        bench.make_pki()
        bench.start_bridge()
        bench.start_echo()
        bench.start_redis()
        capacity = 0
        if wanted & {"single", "paced"}:
            capacity = throughput(bench, 1, arguments.rounds, (0.45, 1.3))
        if "pipelined" in wanted:
            throughput(bench, 16, arguments.rounds, (0.25, 1.0))
        if "plain" in wanted:
            plain(bench)
        if "trips" in wanted:
            round_trips(bench)
        if "paced" in wanted:
            paced(bench, capacity)
        if wanted & {"sessions", "storm"}:
            held = many_sessions(bench, arguments.sessions)
        if "storm" in wanted:
            storm(bench, arguments.sessions, held)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
