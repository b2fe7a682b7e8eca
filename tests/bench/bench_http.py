#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The northbound benches: GETs and decisions beside nginx serving a file of the same size, how long an event takes to
its subscribers and a decision to its frame, and what a flood of GETs does to Ck. Ratios of one run, as in bench.py."""
import argparse
import http.client
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench
from bench import ORCHESTRATOR_TOKEN, TOKEN, Bench, free_port

CONNECTIONS = 64
WRK_SECONDS = 3
KM = 1000  # decides by the orchestrator alone: it has no route
PAIRED_ROUNDS = 3


def percentile(samples, share):
    return sorted(samples)[int((len(samples) - 1) * share)]


class Northbound(Bench):
    echo = {}  # there is none here

    def start_nginx(self, body):
        """One worker, plain and TLS, with a file of the answer's own size."""
        root = self.folder / "www"
        root.mkdir()
        (root / "answer.json").write_bytes(body)
        self.nginx_plain, self.nginx_tls = free_port(), free_port()
        user = "user root; " if os.geteuid() == 0 else ""  # its worker reads our private folder
        text = f"""{user}daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx-error.log;
events {{ worker_connections 4096; use epoll; }}
http {{ access_log off; keepalive_requests 1000000000; sendfile on; default_type application/json; root {root};
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/fcgi;
  uwsgi_temp_path {self.folder}/uwsgi; scgi_temp_path {self.folder}/scgi;
  server {{ listen 127.0.0.1:{self.nginx_plain}; }}
  server {{ listen 127.0.0.1:{self.nginx_tls} ssl; ssl_certificate {self.pki}/server.pem;
            ssl_certificate_key {self.pki}/server.key; }} }}
"""
        configuration = self.folder / "nginx.conf"
        configuration.write_text(text)
        self.nginx = self.start("nginx", ["nginx", "-c", configuration])
        self.wait(lambda: socket.create_connection(("127.0.0.1", self.nginx_plain), 1).close() is None, "nginx")

    def wrk(self, url, nice=0):
        arguments = ["nice", "-n", str(nice), "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{WRK_SECONDS}s", "--latency", "-H",
                     f"Authorization: Bearer {TOKEN}"]
        run = subprocess.run(arguments + [url], capture_output=True, text=True,
                             check=True)
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", run.stdout)
        if bad:
            raise RuntimeError(f"{url}: {bad.group(1)} answers that are no 2xx")
        return {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", run.stdout).group(1))}


def start_tls_front(bridge):
    """A second bridge over HTTPS: one listens either plainly or over TLS."""
    port = free_port()
    configuration = bridge.folder / "https.conf"
    configuration.write_text((bridge.folder / "ckbridge.conf").read_text()
                             .replace(f"listen = 127.0.0.1:{bridge.http.rsplit(':', 1)[1]}",
                                      f"listen = 127.0.0.1:{port}\ncertificate = {bridge.pki}/server.pem\n"
                                      f"key = {bridge.pki}/server.key")
                             .replace(f"{bridge.folder}/bridge.db", f"{bridge.folder}/https.db")
                             .replace(f"127.0.0.1:{bridge.tls}", f"127.0.0.1:{free_port()}")
                             .replace(f"127.0.0.1:{bridge.plain}", f"127.0.0.1:{free_port()}"))
    bridge.start("https", [bridge.build / "ckbridged", "--config", configuration, "--foreground"])
    context = ssl.create_default_context(cafile=bridge.pki / "ca.pem")
    context.check_hostname = False

    def put_route():
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=5)
        connection.request("PUT", "/api/v1/routes/r-1", json.dumps(
            {"source_kma_id": "kma-1", "destination_kma_id": "kma-bench", "path": ["kma-1", "kma-mid-1", "kma-bench"]}),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        return connection.getresponse().status in (200, 201)
    bridge.wait(put_route, "the bridge over HTTPS")
    return port


def pairs(bridge, name, ours, theirs, aim):
    rates = []
    for _ in range(PAIRED_ROUNDS):
        rates.append((bridge.wrk(ours), bridge.wrk(theirs)))
        print(f"  {name:<44}{rates[-1][0]['per_second']:>10,.0f}{rates[-1][1]['per_second']:>10,.0f}", flush=True)
    bench.median_ratio(f"{name}, of nginx", rates, aim)


def gets(bridge):
    print(f"\nGET of one route, {CONNECTIONS} connections\n  {'':<44}{'ours/s':>10}{'nginx/s':>10}", flush=True)
    tls = start_tls_front(bridge)
    pairs(bridge, "plain HTTP", f"{bridge.http}/api/v1/routes/r-1",
          f"http://127.0.0.1:{bridge.nginx_plain}/answer.json", 0.7)
    pairs(bridge, "HTTPS", f"https://127.0.0.1:{tls}/api/v1/routes/r-1",
          f"https://127.0.0.1:{bridge.nginx_tls}/answer.json", 0.55)


# ---- a KM whose requests are held for the orchestrator, over plain TCP ----

class HeldKm:
    def __init__(self, bridge):
        self.socket = socket.create_connection(("127.0.0.1", bridge.plain), 10,
                                               (f"127.1.{KM // 250}.{KM % 250 + 1}", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.next_id = int.from_bytes(os.urandom(3), "big")  # else it would repeat those of a session before

    def notify(self):
        self.next_id += 1
        payload = json.dumps({"source_KMA_ID": f"kma-{KM}", "destination_KMA_ID": "kma-bench"}).encode()
        self.socket.sendall(struct.pack(">HIHH", 1, self.next_id, 3, len(payload)) + payload)

    def receive(self):
        while len(self.buffer) < 10 or len(self.buffer) < 10 + struct.unpack(">H", self.buffer[8:10])[0]:
            data = self.socket.recv(65536)
            if not data:
                raise RuntimeError("the bridge closed the KM's session")
            self.buffer += data
        length = 10 + struct.unpack(">H", self.buffer[8:10])[0]
        frame, self.buffer = self.buffer[:length], self.buffer[length:]
        return struct.unpack(">HIHH", frame[:10]), frame[10:]


class Stream:
    def __init__(self, bridge, query):
        self.socket = socket.create_connection(("127.0.0.1", int(bridge.http.rsplit(":", 1)[1])), 10)
        self.socket.sendall(f"GET /api/v1/events{query} HTTP/1.0\r\nHost: b\r\nAccept: text/event-stream\r\n"
                            f"Authorization: Bearer {ORCHESTRATOR_TOKEN}\r\n\r\n".encode())
        self.lines = self.socket.makefile("rb")
        while self.lines.readline().strip():
            pass

    def next(self):
        while True:
            line = self.lines.readline()
            if line.startswith(b"data:"):
                return json.loads(line[5:])


def decisions(bridge, count=1500):
    """One at a time: from the POST's first byte to the Key relay request's last, and to the POST's answer."""
    print("\ndecisions, one after another (this client's own time is in the figures)", flush=True)
    km, stream = HeldKm(bridge), Stream(bridge, "?type=relay.awaiting_decision")
    connection = http.client.HTTPConnection(*bridge.http[7:].split(":"), timeout=10)
    to_event, to_frame, to_answer, commits = [], [], [], []
    for number in range(count):
        began = time.perf_counter()
        km.notify()
        relay_id = stream.next()["subject"]["relay_id"]
        to_event.append(time.perf_counter() - began)
        body = json.dumps({"path": [f"kma-{KM}", "kma-mid-1", "kma-bench"]})
        began = time.perf_counter()
        connection.request("POST", f"/api/v1/relays/{relay_id}/decision", body,
                           {"Authorization": f"Bearer {ORCHESTRATOR_TOKEN}", "Content-Type": "application/json"})
        header, _ = km.receive()
        to_frame.append(time.perf_counter() - began)
        answer = connection.getresponse()
        answer.read()
        to_answer.append(time.perf_counter() - began)
        if header[2] != 4 or answer.status != 200:
            raise RuntimeError(f"command {header[2]}, status {answer.status}")
        if number % 10 == 0:
            commits.append(bridge.api("GET", "/status")["store"]["last_commit_us"] / 1e6)
    for name, samples in (("notify -> event at the subscriber", to_event), ("decision -> frame at the KM", to_frame),
                          ("decision -> answer", to_answer), ("the store's commit, sampled", commits)):
        print(f"  {name:<44}{'p50':>6}{percentile(samples, 0.5) * 1e6:>8,.0f} us{'p99':>6}"
              f"{percentile(samples, 0.99) * 1e6:>8,.0f} us", flush=True)
    print(f"  -> decision to frame: p99 {percentile(to_frame, 0.99) / percentile(commits, 0.99):.1f} times the commit's "
          f"p99, aim at most 2", flush=True)


def decision_rate(bridge, seconds=4, workers=16):
    """As many as 16 connections can post, beside nginx serving the file."""
    held = [HeldKm(bridge)]
    stream = Stream(bridge, "?type=relay.awaiting_decision")
    posts, lock, done = [0], threading.Lock(), threading.Event()
    queue, ready = [], threading.Semaphore(0)

    def post():
        connection = http.client.HTTPConnection(*bridge.http[7:].split(":"), timeout=10)
        while not done.is_set():
            if not ready.acquire(timeout=0.2):
                continue
            with lock:
                relay_id = queue.pop()
            connection.request("POST", f"/api/v1/relays/{relay_id}/decision", '{"reject":"bench"}',
                               {"Authorization": f"Bearer {ORCHESTRATOR_TOKEN}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            with lock:
                posts[0] += answer.status == 200

    count = 3000
    for _ in range(count):
        held[0].notify()
    for _ in range(count):
        queue.append(stream.next()["subject"]["relay_id"])
    threads = [threading.Thread(target=post) for _ in range(workers)]
    began = time.perf_counter()
    for _ in range(count):
        ready.release()
    for thread in threads:
        thread.start()
    while posts[0] < count and time.perf_counter() - began < 60:
        time.sleep(0.005)
    elapsed = time.perf_counter() - began
    done.set()
    for thread in threads:
        thread.join()
    nginx = bridge.wrk(f"http://127.0.0.1:{bridge.nginx_plain}/answer.json")["per_second"]
    print(f"\ndecision POSTs, {workers} connections of a Python client: {posts[0] / elapsed:,.0f}/s; nginx serves its "
          f"file at {nginx:,.0f}/s in this run", flush=True)


def fan_out(bridge):
    print("\n1,000 event streams, 100 events a second for 10 s", flush=True)
    run = subprocess.run([bridge.build / "tests/bench/bench_streams", bridge.http.rsplit(":", 1)[1], TOKEN, "1000", "100",
                          "10"], capture_output=True, text=True, check=False, timeout=90)
    if run.returncode != 0:
        raise RuntimeError(f"bench_streams: {run.stderr}")
    figures = json.loads(run.stdout)
    print(f"  -> from the write to the subscriber: p50 {figures['p50_us'] / 1000:.1f} ms (aim 5), p99 "
          f"{figures['p99_us'] / 1000:.1f} ms (aim 15), {figures['missing']} missing, {figures['gaps']} gaps", flush=True)


def flood(bridge):
    bench.heading("Ck at 2,000/s over TLS, without and with a flood of GETs")
    quiet = bridge.load("bridge", "tls", rate=2000, seconds=4)
    bench.row("without", quiet)
    bridge.settle()
    # Clients elsewhere would bring processors of their own, as in bench.py's storm.
    running = threading.Thread(target=lambda: [bridge.wrk(f"{bridge.http}/api/v1/relays?limit=1000&state=rejected", 19)
                                               for _ in range(2)])
    running.start()
    during = bridge.load("bridge", "tls", rate=2000, seconds=4)
    running.join()
    bench.row("with", during)
    print(f"  -> p99 {during['p99_us'] / 1000:.1f} ms against {quiet['p99_us'] / 1000:.1f} ms, bound "
          f"{bench.STORM_BOUND_MS} ms: {'held' if during['p99_us'] <= bench.STORM_BOUND_MS * 1000 else 'NOT held'}",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", help="comma-separated: gets, decisions, rate, streams, flood")
    arguments, _ = parser.parse_known_args()
    wanted = (arguments.only or "gets,decisions,rate,streams,flood").split(",")
    bridge = Northbound(arguments.build, KM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        bridge.make_pki()
        bridge.start_bridge(order="routes, orchestrator", orchestrator_ms=60000)
        body = json.dumps(bridge.api("GET", "/routes/r-1"), separators=(",", ":")).encode()
        bridge.start_nginx(body)
        for name, run in (("gets", gets), ("decisions", decisions), ("rate", decision_rate), ("streams", fan_out),
                          ("flood", flood)):
            if name in wanted:
                run(bridge)
    finally:
        bridge.close()


if __name__ == "__main__":
    main()
