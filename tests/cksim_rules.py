#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cksim against a small controller: it counts what happened, and notices every rule that is broken."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ.get("srcdir", "."), "tests"))
from cksim_controller import Controller, Network  # noqa: E402

CKSIM = os.path.join(os.environ.get("builddir", "."), "cksim")
SETTINGS = ["--plain", "--set", "fleet.hop_latency=0", "--set", "load.drain=20"]
IMPATIENT = ["--set", "fleet.answer_timeout=300 ms"]
tests = []


def test(function):
    tests.append(function)
    return function


def check(condition, words):
    if not condition:
        raise AssertionError(words)


def run(sin, *options, topology="ring:6", expect=None):
    """Returns the report, the exit code and the controller."""
    base = [CKSIM, "--topology", topology] + SETTINGS
    configuration = subprocess.run(base + list(options) + ["--emit-config"], check=True, capture_output=True, text=True)
    controller = Controller(Network(configuration.stdout), sin)
    try:
        done = subprocess.run(base + ["--connect", controller.address, "--report", "json"] + list(options),
                              capture_output=True, text=True, timeout=60)
    finally:
        controller.close()
    check(done.stdout, "no report: " + done.stderr)
    report = json.loads(done.stdout)
    if expect is not None:
        check(done.returncode == expect, "exit code %d, %r" % (done.returncode, report["violations"]))
    requests = report["requests"]
    check(sum(requests["outcomes"].values()) == requests["started"], "outcomes do not add up: %r" % requests)
    return report, done.returncode, controller


@test
def centralized_counts_agree_with_the_controller():
    report, _, controller = run(None, "--requests", "300", "--load", "closed:4", expect=0)
    requests = report["requests"]
    check(requests["centralized"] >= 300 and requests["distributed"] == 0, requests)
    check(requests["outcomes"]["succeeded"] == requests["started"], requests)
    check(controller.seen[3] == requests["started"] == report["frames_received"]["0x04"], controller.seen)
    check(controller.responses == {"success": requests["started"]}, controller.responses)
    check(report["latency_ms"]["notify"]["count"] == requests["started"], report["latency_ms"])
    check(report["connections"]["made"] == 6 == controller.connections, report["connections"])


@test
def distributed_asks_at_every_hop():
    report, _, controller = run(None, "--requests", "200", "--mode", "distributed", expect=0)
    requests = report["requests"]
    check(requests["outcomes"]["succeeded"] == requests["started"] >= 200, requests)
    check(controller.seen[1] == report["keys"]["taken"] > requests["started"], "one lookup and one key a hop")
    check(controller.seen[3] == 0 and controller.seen[5] == 0, controller.seen)


@test
def mixed_over_a_grid_with_random_candidates_arrives():
    report, _, _ = run(None, "--requests", "300", "--mode", "mixed", "--set", "fleet.choice=random",
                       topology="grid:4x4", expect=0)
    requests = report["requests"]
    check(requests["outcomes"]["succeeded"] == requests["started"], requests)
    check(requests["centralized"] > 0 and requests["distributed"] > 0, requests)


@test
def same_seed_makes_the_same_choices():
    taken = []
    for seed in ("5", "5", "6"):
        report, _, _ = run(None, "--requests", "100", "--mode", "mixed", "--seed", seed, "--load", "open:2000",
                           topology="grid:3x3", expect=0)
        requests = report["requests"]
        check(requests["outcomes"]["succeeded"] == requests["started"], "all must end alike to be compared: %r" % requests)
        taken.append([link["taken"] for link in report["keys"]["links"]])
    check(taken[0] == taken[1], "seed 5 twice: %r" % taken)
    check(taken[0] != taken[2], "seeds 5 and 6: %r" % taken)


@test
def relays_fail_when_keys_run_out():
    report, _, controller = run(None, "--requests", "60", "--set", "fleet.key_stock=5", topology="line:4", expect=0)
    requests = report["requests"]
    links = report["keys"]["links"]
    check(all(link["taken"] == 5 if link["lacked"] else link["taken"] <= 5 for link in links), report["keys"])
    check(sum(link["lacked"] for link in links) == report["keys"]["lacked"] > 0, report["keys"])
    check(requests["failures"]["insufficient_keys"] == requests["outcomes"]["failed"] > 0, requests)
    check(requests["responses"]["failure"] == requests["outcomes"]["failed"], requests)
    check(all(w == "success" or w.startswith("insufficient keys on kma-") for w in controller.responses),
          controller.responses)


@test
def open_load_starts_what_it_was_asked_to():
    report, _, _ = run(None, "--load", "open:500", "--set", "load.arrivals=fixed", "--requests", "250", expect=0)
    requests = report["requests"]
    check(requests["started"] + requests["not_sent_away"] + requests["not_sent_overload"] == 250, requests)


@test
def unsolicited_relays_are_carried_out_and_reported():
    report, _, controller = run("unsolicited", "--requests", "50", expect=0)
    requests = report["requests"]
    check(requests["unsolicited"] == requests["started"], requests)
    check(controller.responses["success"] == 2 * requests["started"], controller.responses)


@test
def silence_is_counted_and_no_violation():
    report, code, _ = run("silent", "--requests", "12", "--seconds", "20", *IMPATIENT)
    check(code == 4, code)
    requests = report["requests"]
    check(requests["outcomes"]["unanswered"] == requests["started"], requests)


@test
def empty_answers_are_no_next_hop():
    report, _, _ = run("empty", "--requests", "20", "--mode", "distributed", expect=0)
    check(report["requests"]["outcomes"]["no_next_hop"] == report["requests"]["started"], report["requests"])


def breaks(sin, rule, *options, topology="ring:6"):
    def breaking():
        report, _, _ = run(sin, "--requests", "12", *options, topology=topology, expect=1)
        broken = {name: count for name, count in report["violations"]["by_rule"].items() if count}
        check(rule in broken, "%r instead of %s" % (broken, rule))
        check(report["violations"]["details"], "no details")
    breaking.__name__ = "notices_%s_as_%s" % (sin, rule)
    tests.append(breaking)


breaks("wrong_id", "unknown_message_id", *IMPATIENT)
breaks("wrong_destination", "destination_differs")
breaks("wrong_destination", "destination_differs", "--mode", "distributed")
breaks("twice", "answered_twice", "--set", "fleet.hop_latency=20 ms")
breaks("twice", "answered_twice", "--mode", "distributed")
breaks("no_neighbour", "not_adjacent", "--mode", "distributed")
breaks("loop", "hops_loop", "--mode", "distributed", "--set", "fleet.choice=best")
breaks("skip", "path_without_link")
breaks("no_relay_id", "missing_relay_id")
breaks("same_relay_id", "relay_id_reused", "--set", "fleet.hop_latency=20 ms", "--load", "closed:4")
breaks("malformed", "malformed")
breaks("version", "wrong_version")
breaks("command", "unexpected_command", *IMPATIENT)


def fault(directory, words):
    path = os.path.join(directory, "fault.scenario")
    with open(path, "w") as file:
        file.write(words)
    return path


def with_fault(words, *options):
    import tempfile
    with tempfile.TemporaryDirectory() as directory:
        return run(None, "--scenario", fault(directory, words), *options)


@test
def storm_is_over_when_all_are_served_again():
    report, code, controller = with_fault('[fault "f"]\nkind = storm\nat = 300 ms\n', "--seconds", "1.5")
    check(code == 0, report["violations"])
    storm = report["faults"][0]
    check(storm["hit"] == 6 and storm["recovered"] == 1 and storm["not_served_again"] == 0, storm)
    check(storm["recovery_s_max"] > 0, storm)
    check(storm["unaffected_worst_ms"] == 0, "nobody was unaffected: %r" % storm)
    check(report["connections"]["made"] == 12 == controller.connections, report["connections"])


@test
def dropped_kms_fail_relays_and_come_back():
    report, code, _ = with_fault('[fault "f"]\nkind = drop\nat = 200 ms\nfor = 500 ms\nkms = km-2\n', "--seconds", "1.5")
    check(code == 0, report["violations"])
    check(report["requests"]["failures"]["km_away"] > 0, report["requests"])
    check(report["connections"]["at_end"] == 6 and report["connections"]["made"] == 7, report["connections"])


@test
def cut_links_fail_relays():
    report, code, _ = with_fault('[fault "f"]\nkind = cut\nat = 200 ms\nfor = 500 ms\nlinks = kma-1--kma-2\n', "--seconds", "1")
    check(code == 0, report["violations"])
    check(report["requests"]["failures"]["link_down"] > 0, report["requests"])


@test
def stalled_kms_go_unanswered_and_answers_come_late():
    report, code, _ = with_fault('[fault "f"]\nkind = stall\nat = 200 ms\nfor = 900 ms\nkms = km-3\n', "--seconds", "2", *IMPATIENT)
    check(code == 0, report["violations"])
    requests = report["requests"]
    check(requests["outcomes"]["unanswered"] >= 1 and requests["answers_late"] >= 1, requests)


@test
def garbage_reaches_the_controller():
    report, code, controller = with_fault('[fault "f"]\nkind = garbage\nat = 200 ms\nshare = 50 %\ncount = 2\n', "--seconds", "1")
    check(code == 0, report["violations"])
    check(controller.seen["malformed"] == 6 and report["faults"][0]["hit"] == 3, controller.seen)


@test
def progress_and_text_report_are_written():
    network = Network(subprocess.run([CKSIM, "--topology", "ring:3", "--plain", "--emit-config"], check=True,
                                     capture_output=True, text=True).stdout)
    controller = Controller(network)
    done = subprocess.run([CKSIM, "--topology", "ring:3", "--connect", controller.address, "--progress=plain",
                           "--requests", "20"] + SETTINGS, capture_output=True, text=True, timeout=60)
    controller.close()
    check(done.returncode == 0, done)
    check("of 3 connected" in done.stderr, done.stderr)
    check("notify -> relay request" in done.stdout and "broke: 0" in done.stdout, done.stdout)


@test
def interrupt_stops_the_load_and_reports():
    network = Network(subprocess.run([CKSIM, "--topology", "ring:3", "--plain", "--emit-config"], check=True,
                                     capture_output=True, text=True).stdout)
    controller = Controller(network)
    process = subprocess.Popen([CKSIM, "--topology", "ring:3", "--connect", controller.address, "--report", "json",
                                "--seconds", "60", "--load", "open:100"] + SETTINGS, stdout=subprocess.PIPE, text=True)
    while controller.seen[5] < 3 and process.poll() is None:
        time.sleep(0.005)  # between two looks at the condition
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    controller.close()
    report = json.loads(output)
    check(process.returncode == 0 and report["interrupted"] is True, report)
    check(report["requests"]["outcomes"]["succeeded"] == report["requests"]["started"] >= 3, report["requests"])


@test
def usage_errors_exit_with_two():
    done = subprocess.run([CKSIM, "--kms", "3", "--load", "quick"], capture_output=True, text=True)
    check(done.returncode == 2 and "closed:N" in done.stderr, done)


@test
def nobody_there_exits_with_four():
    done = subprocess.run([CKSIM, "--kms", "3", "--plain", "--connect", "127.0.0.1:1", "--set",
                           "fleet.start_timeout=300 ms", "--seconds", "0.3", "--report", "json"],
                          capture_output=True, text=True, timeout=60)
    check(done.returncode == 4, done)
    check(json.loads(done.stdout)["connections"]["failed"] >= 3, done.stdout)


print("1..%d" % len(tests))
for number, function in enumerate(tests, 1):
    try:
        function()
        print("ok %d - %s" % (number, function.__name__), flush=True)
    except (AssertionError, subprocess.SubprocessError, KeyError, ValueError) as problem:
        print("not ok %d - %s" % (number, function.__name__))
        print("# " + "\n# ".join(str(problem).splitlines()), flush=True)
