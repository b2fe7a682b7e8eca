#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cksim's NSFNET against the real bridge: no rule broken, and both sides count the same."""
import collections
import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "daemon"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from cksim_controller import Network
from harness import equal, wait_until

CKSIM = os.path.join(harness.BUILD, "cksim")
SCENARIO = os.path.join(harness.SOURCE, "tools", "cksim", "scenarios", "nsfnet.scenario")


# Every request is answered in the end, however slow the machine is.
PATIENT = ["--set", "fleet.answer_timeout=60 s", "--set", "load.drain=60 s"]


def cksim(*options, expect=0):
    done = subprocess.run([CKSIM, "--scenario", SCENARIO, *options], capture_output=True, text=True, timeout=120)
    if done.returncode != expect:
        raise AssertionError(f"cksim ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


folder = harness.Folder()
pki = folder / "pki"
cksim("--pki", pki, "--pki-wrong")
# The bridge is told no stock, so that each test may give the links as many keys as it needs.
fleet = cksim("--emit-config", "--set", "fleet.key_stock=unlimited")
names = [line.split('"')[1] for line in fleet.splitlines() if line.startswith("[km ")]
both = fleet
for name in names:
    both = both.replace(f"identity = dns:{name}\n", f"identity = dns:{name}, psk:{name}\n")
with socket.create_server(("127.0.0.1", 0)) as chosen:
    port = chosen.getsockname()[1]  # stays the same across a restart
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder, decision="order = routes") + f"""
[ck "main"]
listen = 127.0.0.1:{port}
security = tls
certificate = {pki}/server.pem
key = {pki}/server.key
ca = {pki}/ca.pem

[ck "keys"]
listen = 127.0.0.1:0
security = psk
psk_file = {pki}/psk.txt
{both}"""))
bridge.start()


def install_routes():
    """The shortest path between any two KMAs; those to one destination form a tree, so no hop contradicts another."""
    network = Network(fleet)
    kmas = sorted(network.neighbours)
    for source in kmas:
        for destination in kmas:
            if source != destination:
                bridge.put(f"/routes/{source}-{destination}",
                           {"source_kma_id": source, "destination_kma_id": destination,
                            "path": network.path(source, destination), "priority": 100})


def reach(name="main"):
    options = ["--connect", "%s:%d" % bridge.address(name)]
    if name == "keys":
        return options + ["--psk-file", f"{pki}/psk.txt"]
    return options + ["--ca", f"{pki}/ca.pem", "--certificate-dir", pki, "--set", "fleet.server_name=localhost"]


def run(*options, name="main", seed="1"):
    """The report, and what the bridge has recorded since the run began."""
    before = {kind: {item[key] for item in bridge.items(f"/{kind}")}
              for kind, key in (("relays", "relay_id"), ("lookups", "lookup_id"))}
    report = json.loads(cksim(*reach(name), "--report", "json", "--seed", seed, *options))
    equal(report["violations"]["total"], 0, report["violations"])
    requests = report["requests"]
    equal(sum(requests["outcomes"].values()), requests["started"], "outcomes")

    def settled():
        relays = [relay for relay in bridge.items("/relays") if relay["relay_id"] not in before["relays"]]
        ended = collections.Counter(relay["state"] for relay in relays)
        wanted = requests["responses"]
        done = ended["succeeded"] == wanted["success"] and ended["failed"] == wanted["failure"]
        return (relays,) if done else None
    (relays,) = wait_until(settled, f"the relays of {requests}")
    lookups = [lookup for lookup in bridge.items("/lookups") if lookup["lookup_id"] not in before["lookups"]]
    return report, relays, lookups


def test_routes_are_installed():
    install_routes()
    equal(len(bridge.items("/routes")), 14 * 13)


def test_centralized_counts_are_the_same_on_both_sides():
    report, relays, lookups = run("--mode", "centralized", "--load", "closed:2", "--requests", "300",
                                  "--set", "fleet.key_stock=unlimited")
    requests = report["requests"]
    equal(requests["outcomes"]["succeeded"], requests["started"], requests)
    equal(len(relays), requests["started"], "relays")
    equal(report["frames_received"]["0x04"], requests["started"], "relay requests")
    equal({relay["state"] for relay in relays}, {"succeeded"})
    equal(lookups, [])
    hops = sum(len(relay["path"]) - 1 for relay in relays)
    equal(report["keys"]["taken"], hops, "one key at each hop of each path")


def test_distributed_counts_are_the_same_on_both_sides():
    report, relays, lookups = run("--mode", "distributed", "--load", "closed:2", "--requests", "300",
                                  "--set", "fleet.key_stock=unlimited")
    requests = report["requests"]
    equal(requests["outcomes"]["succeeded"], requests["started"], requests)
    equal(relays, [])
    equal(len(lookups), report["frames_sent"]["0x01"], "lookups")
    equal(report["keys"]["taken"], len(lookups), "one lookup at each hop")
    equal({lookup["state"] for lookup in lookups}, {"answered"})


def test_mixed_open_load_over_psk_is_served():
    report, relays, lookups = run("--mode", "mixed", "--load", "open:200", "--requests", "300",
                                  "--set", "fleet.key_stock=unlimited", name="keys")
    requests = report["requests"]
    equal(report["security"], "psk")
    equal(requests["outcomes"]["succeeded"], requests["started"], requests)
    equal(len(relays), requests["centralized"], "relays")
    equal(len(lookups), report["frames_sent"]["0x01"], "lookups")


def test_keys_that_run_out_fail_relays_with_the_kms_words():
    report, relays, _ = run("--mode", "centralized", "--load", "closed:2", "--requests", "200",
                            "--set", "fleet.key_stock=10", "--set", "fleet.key_rate=0")
    requests = report["requests"]
    failed = [relay for relay in relays if relay["state"] == "failed"]
    equal(len(failed), requests["failures"]["insufficient_keys"], requests)
    if not failed:
        raise AssertionError("210 keys were enough for 200 relays")
    for relay in failed:
        if not relay["detail"].startswith("insufficient keys on kma-"):
            raise AssertionError(f"detail: {relay}")


def test_storm_repeats_requests_without_making_second_relays():
    faults = folder.write("storm.scenario", '[fault "s"]\nkind = storm\nat = 500 ms\n[fault "d"]\nkind = drop\n'
                          'at = 1200 ms\nfor = 300 ms\nshare = 30 %\n')
    before = {relay["relay_id"] for relay in bridge.items("/relays")}
    report = json.loads(cksim("--scenario", faults, *reach(), "--report", "json", "--mode", "centralized",
                              "--load", "closed:4", "--seconds", "4", "--set", "fleet.key_stock=unlimited", *PATIENT))
    requests, storm = report["requests"], report["faults"][0]
    equal((storm["hit"], storm["recovered"], storm["not_served_again"]), (14, 1, 0), storm)
    equal(report["violations"]["total"], 0, report["violations"])
    equal(requests["outcomes"]["unanswered"] + requests["outcomes"]["unfinished"], 0, requests)
    relays = [relay for relay in bridge.items("/relays") if relay["relay_id"] not in before]
    equal(len(relays), requests["started"], f"one relay a request, {requests['repeated']} of which were repeated")


def test_killed_bridge_loses_and_doubles_no_request():
    before = {relay["relay_id"] for relay in bridge.items("/relays")}
    process = subprocess.Popen([CKSIM, "--scenario", SCENARIO, *reach(), "--report", "json", "--mode", "centralized",
                                "--load", "closed:4", "--seconds", "4", "--set", "fleet.key_stock=unlimited",
                                "--set", "fleet.reconnect_max=300 ms", *PATIENT],
                               stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: len(bridge.items("/relays")) > len(before) + 100, "a hundred relays")
        bridge.kill()
        bridge.start()
        report = json.loads(process.communicate(timeout=120)[0])
    finally:
        if process.poll() is None:
            process.kill()
    requests = report["requests"]
    equal(report["violations"]["total"], 0, report["violations"])
    # Relays fail where a hop's KM is not back yet; no request stays without an answer.
    equal(requests["outcomes"]["succeeded"] + requests["failures"]["km_away"], requests["started"], requests)
    equal(report["connections"]["at_end"], 14, report["connections"])
    relays = [relay for relay in bridge.items("/relays") if relay["relay_id"] not in before]
    equal(len(relays), requests["started"], f"one relay a request: {requests}")
    # A Response that was on its way to the killed process is lost: its relay stays instructed, and will expire.
    equal({relay["state"] for relay in relays} - {"succeeded", "failed", "instructed"}, set())


def test_wrong_certificates_are_refused():
    faults = folder.write("wrong.scenario", "".join(f"""
[fault "{name}"]
kind = wrong_certificate
at = 300 ms
for = 3 s
kms = {km}
certificate = {pki}/{name}.pem
key = {pki}/{name}.key
""" for name, km in (("expired", "km-seattle"), ("self-signed", "km-houston"), ("other-ca", "km-ithaca"))))
    report = json.loads(cksim("--scenario", faults, *reach(), "--report", "json", "--mode", "centralized",
                              "--load", "open:50", "--seconds", "3.5"))
    equal(report["violations"]["total"], 0, report["violations"])
    for fault in report["faults"]:
        equal(fault["accepted"], 0, fault)
        if fault["refused"] < 1:
            raise AssertionError(f"never refused: {fault}")
    equal(report["connections"]["at_end"], 14, report["connections"])


def test_bridge_stops_clean():
    bridge.stop()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")],
            [bridge.kill, folder.remove])
