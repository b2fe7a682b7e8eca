#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The SNMP bench: 80,000 values of 10,000 KMs walked by snmpbulkwalk, standalone in v2c and v3 and through a master
agent, beside snmpd walking its own udpEndpointTable in the same run; and what such walks do to Ck."""
import argparse
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "snmp")]
import bench
from bench import SERVED, Bench, cpu_seconds

KMS, COLUMNS, REPETITIONS, ROUNDS = 10000, 8, 50, 3
SOCKETS = 8000  # of udpEndpointTable: descriptors are limited
UDP_TABLE = ".1.3.6.1.2.1.7.7"
AIMS_S = {("standalone", "2c"): 0.6, ("standalone", "3"): 1.0, ("agentx", "2c"): 9.0, ("agentx", "3"): None}


class Walked(Bench):
    """A bridge of many KMs, of which few have sessions: the certificates are for those."""

    echo = {}  # there is none here

    def make_pki(self):
        subprocess.run([self.build / "cksim", "--pki", self.pki, "--kms", str(SERVED), "--pki-shared-key"], check=True,
                       stdout=subprocess.DEVNULL)

    def start_with_agent(self, mode):
        folder = snmp_stage.harness.Folder()
        agent = snmp_stage.Standalone(folder) if mode == "standalone" else snmp_stage.Snmpd(folder).start()
        self.start_bridge(more=agent.sections())
        self.wait(lambda: self.api("GET", "/status")["snmp"]["connected"], "the SNMP agent")
        return folder, agent


def walk(manager, oids):
    """(values, seconds) of one snmpbulkwalk after another, whose output is counted and thrown away."""
    values, began = 0, time.perf_counter()
    for oid in oids:
        words, variables = manager.command("snmpbulkwalk", ["-On", f"-Cr{REPETITIONS}"], [oid])
        done = subprocess.run(words, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(f"{' '.join(words)}: {done.returncode} {done.stderr}")
        values += done.stdout.count(b"\n")
    return values, time.perf_counter() - began


def columns():
    """The first ones of ckbKmStatsTable: snmpbulkwalk walks one subtree, so each has a command of its own."""
    return [f"{snmp_stage.CK_ROOT}.1.3.1.{column}" for column in range(1, COLUMNS + 1)]


def measure(name, manager, pid, oids, least):
    """Median of the rounds; the agent's CPU."""
    times, used = [], []
    for _ in range(ROUNDS):
        before = cpu_seconds(pid)
        values, seconds = walk(manager, oids)
        used.append(cpu_seconds(pid) - before)
        times.append(seconds)
        if values < least:
            raise RuntimeError(f"{name}: {values} values instead of {least}")
    seconds = statistics.median(times)
    print(f"  {name:<38}{values:>8,}{seconds:>8.2f} s{values / seconds:>12,.0f}/s"
          f"{statistics.median(used):>8.2f} s", flush=True)
    return seconds, values / seconds


def compare(bridge, mode, agent, yardstick):
    for version in ("2c", "3"):
        theirs = measure(f"snmpd's own udpEndpointTable, v{version}", yardstick.manager(version=version),
                         yardstick.process.pid, [UDP_TABLE], SOCKETS)[1]
        seconds, ours = measure(f"{mode}, v{version}", agent.manager(version=version), bridge.bridge.pid, columns(),
                                KMS * COLUMNS)
        aim = AIMS_S[(mode, version)]
        print(f"  -> {ours / theirs:.2f} of snmpd's own; {seconds:.2f} s"
              + (f", aim {aim} s or better: {'met' if seconds <= aim else 'MISSED'}" if aim else ""), flush=True)


def ck_latency(bridge, mode, agent):
    bench.heading(f"Ck at 2,000/s over TLS, without and with walk after walk ({mode})")
    quiet = bridge.load("bridge", "tls", rate=2000, seconds=4)
    bench.row("without", quiet)
    bridge.settle()
    done, walks = threading.Event(), []

    def walk_on():
        manager = agent.manager()
        while not done.is_set():
            walks.append(walk(manager, columns()))
    thread = threading.Thread(target=walk_on)
    thread.start()
    try:
        during = bridge.load("bridge", "tls", rate=2000, seconds=4)
    finally:
        done.set()
        thread.join()
    bench.row("with", during)
    print(f"  -> p99 {during['p99_us'] / 1000:.1f} ms against {quiet['p99_us'] / 1000:.1f} ms, in {len(walks)} walks; bound "
          f"{bench.STORM_BOUND_MS} ms: {'held' if during['p99_us'] <= bench.STORM_BOUND_MS * 1000 else 'NOT held'}",
          flush=True)
    bridge.settle()


def run_mode(build, mode):
    bridge = Walked(build, KMS)
    folder = agent = yardstick = None
    try:
        bridge.make_pki()
        folder, agent = bridge.start_with_agent(mode)
        yardstick = agent if mode == "agentx" else snmp_stage.Snmpd(snmp_stage.harness.Folder()).start()
        print(f"\n{KMS:,} KMs, {COLUMNS} columns, snmpbulkwalk -Cr{REPETITIONS}; {mode}\n  {'':<38}{'values':>8}"
              f"{'time':>10}{'rate':>14}{'CPU':>10}", flush=True)
        compare(bridge, mode, agent, yardstick)
        ck_latency(bridge, mode, agent)
    finally:
        bridge.close()
        for program in (yardstick, agent):
            if isinstance(program, snmp_stage.Snmpd):
                program.kill()
                program.folder.remove()
        if folder is not None:
            folder.remove()


def open_sockets():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    return sockets


def main():
    global snmp_stage
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", help="comma-separated: standalone, agentx")
    arguments, _ = parser.parse_known_args()
    os.environ["builddir"] = arguments.build
    import snmp_stage  # which asks for the build's folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sockets = open_sockets()
    for mode in (arguments.only or "standalone,agentx").split(","):
        run_mode(arguments.build, mode)
    for one in sockets:
        one.close()


if __name__ == "__main__":
    main()
