#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The SNMP bench: 80,000 values of 10,000 KMs walked by snmpbulkwalk, standalone in v2c and v3 and through a master
agent, beside snmpd walking its own udpEndpointTable in the same run; and what such walks do to Ck, and what an snmpd
does that is killed, frozen and restarted."""
import argparse
import itertools
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
MODES, PARTS = ["standalone", "agentx"], ["walks", "latency", "faults"]
WALK_RATE, WALK_SECONDS, PROBE_S = 2000, 3, 0.02
FAULTS = (("killed", "restarted"), ("frozen", "thawed"))
FAULT_RATE, FAULT_SECONDS, FAULT_AFTER_S, FAULT_ROUNDS = 500, 5, 2, 2
RETURN_AIM_S, RETURN_LIMIT_S = 5, 60
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


# ---- what it does to Ck

class Disk:
    """The durable decision waits for the disk, which others may use: its own times, beside those of a run."""

    def __init__(self, folder):
        self.path = folder / "probe"
        self.times_s = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.probe)

    def probe(self):
        with open(self.path, "wb", buffering=0) as file:
            while not self.done.wait(PROBE_S):
                began = time.perf_counter()
                file.write(b"." * 4096)
                os.fdatasync(file.fileno())
                self.times_s.append(time.perf_counter() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def p99_us(self):
        return sorted(self.times_s)[int(0.99 * (len(self.times_s) - 1))] * 1e6


def loaded(bridge, name, rate, seconds):
    """A run at this rate; the disk's p99 is put beside its own."""
    with Disk(bridge.folder) as disk:
        result = bridge.load("bridge", "tls", rate=rate, seconds=seconds)
    result["disk_p99_us"] = disk.p99_us()
    bench.row(f"{name} (disk {result['disk_p99_us'] / 1000:.1f} ms)", result)
    return result


def walked(bridge, name, manager, oids):
    """The same, while one walk follows the other."""
    done, failures = threading.Event(), []

    def walk_on():
        try:
            while not done.is_set():
                walk(manager, oids)
        except RuntimeError as error:
            failures.append(error)
    thread = threading.Thread(target=walk_on)
    thread.start()
    try:
        return loaded(bridge, name, WALK_RATE, WALK_SECONDS)
    finally:
        done.set()
        thread.join()
        if failures:
            raise failures[0]


def median_ms(results, name="p99_us"):
    return statistics.median(result[name] for result in results) / 1000


def ck_latency(bridge, mode, agent, yardstick):
    """Interleaved: at rest; while the bridge's objects are walked; while snmpd walks its own, which the bridge knows
    nothing of: what the machine alone makes of that."""
    bench.heading(f"Ck at {WALK_RATE:,}/s over TLS beside walk after walk, {mode}; p99 of the disk in the same time")
    runs = {"at rest": [], "the bridge's objects": [], "control: snmpd's own": []}
    for _ in range(ROUNDS):
        for name, found in runs.items():
            if name == "at rest":
                found.append(loaded(bridge, name, WALK_RATE, WALK_SECONDS))
            elif name == "the bridge's objects":
                found.append(walked(bridge, name, agent.manager(), columns()))
            else:
                found.append(walked(bridge, name, yardstick.manager(), [UDP_TABLE]))
            bridge.settle()
    p99 = {name: median_ms(found) for name, found in runs.items()}
    held = p99["the bridge's objects"] <= bench.STORM_BOUND_MS
    print("  -> median p99: " + ", ".join(f"{name} {value:.1f} ms" for name, value in p99.items())
          + f"; bound {bench.STORM_BOUND_MS} ms: {'held' if held else 'NOT held'}; the disk's "
          + ", ".join(f"{median_ms(found, 'disk_p99_us'):.1f}" for found in runs.values()) + " ms", flush=True)


def answers_again(agent, began):
    """Seconds from `began` until the bridge's objects are there."""
    manager = agent.manager(timeout_s=1, retries=0)
    while time.perf_counter() - began < RETURN_LIMIT_S:
        try:
            if manager.get_next(snmp_stage.CK_ROOT)[0][0].startswith(snmp_stage.CK_ROOT + "."):
                return time.perf_counter() - began
        except AssertionError:
            pass  # not there yet
        time.sleep(0.02)
    raise RuntimeError(f"the bridge's objects are not back after {RETURN_LIMIT_S} s")


class Fault:
    """One thing done to an snmpd in the midst of a run, and how long its return took."""

    def __init__(self, what, agent, is_control):
        self.what, self.agent, self.is_control = what, agent, is_control
        self.returned_s, self.failure = None, None
        self.timer = threading.Timer(FAULT_AFTER_S, self.strike)

    def strike(self):
        try:
            began = time.perf_counter()
            {"killed": self.agent.kill, "frozen": self.agent.freeze, "thawed": self.agent.thaw,
             "restarted": self.agent.start}[self.what]()
            if self.what in ("restarted", "thawed") and not self.is_control:
                self.returned_s = answers_again(self.agent, began)
        except (AssertionError, RuntimeError) as error:
            self.failure = error

    def run(self, bridge):
        self.timer.start()
        try:
            result = loaded(bridge, f"{'control' if self.is_control else 'its snmpd'}: {self.what}", FAULT_RATE,
                            FAULT_SECONDS)
        finally:
            self.timer.join()
        if self.failure is not None:
            raise self.failure
        if self.returned_s is not None:
            print(f"  -> the objects are back {self.returned_s:.2f} s later, aim {RETURN_AIM_S} s: "
                  f"{'met' if self.returned_s <= RETURN_AIM_S else 'MISSED'}", flush=True)
        return result


def faults(bridge, agent, stranger):
    """The snmpd that the bridge is a subagent of, and as a control one that it does not know."""
    bench.heading(f"Ck at {FAULT_RATE}/s over TLS while snmpd comes and goes; p99 of the disk in the same time")
    runs = {(what, is_control): [] for what in itertools.chain(*FAULTS) for is_control in (True, False)}
    for _ in range(FAULT_ROUNDS):
        loaded(bridge, "before", FAULT_RATE, FAULT_SECONDS)
        for pair in FAULTS:
            for is_control in (True, False):
                for what in pair:
                    fault = Fault(what, stranger if is_control else agent, is_control)
                    runs[what, is_control].append(fault.run(bridge))
    for what in itertools.chain(*FAULTS):
        ours, theirs = runs[what, False], runs[what, True]
        print(f"  -> {what}: p50 {median_ms(ours, 'p50_us'):.2f} ms, control {median_ms(theirs, 'p50_us'):.2f}; "
              f"p99 {median_ms(ours):.1f} ms, control {median_ms(theirs):.1f}", flush=True)
    bridge.settle()


def run_mode(build, mode, parts):
    bridge = Walked(build, KMS)
    folder = agent = yardstick = stranger = None
    try:
        bridge.make_pki()
        folder, agent = bridge.start_with_agent(mode)
        yardstick = agent if mode == "agentx" else snmp_stage.Snmpd(snmp_stage.harness.Folder()).start()
        print(f"\n{KMS:,} KMs, {COLUMNS} columns, snmpbulkwalk -Cr{REPETITIONS}; {mode}\n  {'':<38}{'values':>8}"
              f"{'time':>10}{'rate':>14}{'CPU':>10}", flush=True)
        if "walks" in parts:
            compare(bridge, mode, agent, yardstick)
        if "latency" in parts:
            ck_latency(bridge, mode, agent, yardstick)
        if "faults" in parts and mode == "agentx":
            stranger = snmp_stage.Snmpd(snmp_stage.harness.Folder()).start()
            faults(bridge, agent, stranger)
    finally:
        bridge.close()
        for program in (yardstick, stranger, agent):
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
    parser.add_argument("--only", help="comma-separated: standalone, agentx; walks, latency, faults")
    arguments, _ = parser.parse_known_args()
    os.environ["builddir"] = arguments.build
    import snmp_stage  # which asks for the build's folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sockets = open_sockets()
    wanted = set((arguments.only or ",".join(MODES + PARTS)).split(","))
    for mode in MODES:
        if mode in wanted or not wanted & set(MODES):
            run_mode(arguments.build, mode, wanted & set(PARTS) or set(PARTS))
    for one in sockets:
        one.close()


if __name__ == "__main__":
    main()
