#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demo as a newcomer meets it: it comes up, relays succeed both by installed route and by the orchestrator, the
printed token opens the API, and an interrupt ends every process that it started."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

DEADLINE_S = 90


def children_of(group_leader):
    """Processes whose command line names the demo's folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in (os.getpid(), group_leader):
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if FOLDER.encode() in command:
            found.append(int(entry.name))
    return found


def get(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def until(condition, what):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.2)
    raise AssertionError(f"not within {DEADLINE_S} s: {what}")


def said(pattern):
    found = re.search(pattern, pathlib.Path(OUTPUT).read_text())
    return found and found.group(1)


def shown(command):
    """What a newcomer gets who types it."""
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False).stdout


def relays_by(decider):
    query = f"/relays?state=succeeded&decided_by={decider}&limit=1"
    return get(API + query, TOKEN)["items"]


BUILD = os.environ["builddir"]
FOLDER = f"{BUILD}/demo"
OUTPUT = f"{BUILD}/tests/demo_run.out"
print("1..5", flush=True)
number = 0


def passed(name):
    global number
    number += 1
    print(f"ok {number} - {name}", flush=True)


with open(OUTPUT, "w", encoding="utf-8") as output:
    demo = subprocess.Popen([f"{os.environ['srcdir']}/tools/demo/demo.py", "--build", BUILD], stdout=output,
                            stderr=subprocess.STDOUT)
try:
    TOKEN = until(lambda: said(r"token \(admin\) +(\S+)"), "the token is printed")
    API = said(r"HTTP API +(\S+)")
    passed("test_demo_start_prints_where_to_look")
    until(lambda: relays_by("route") and relays_by("orchestrator"), "relays succeed by route and by orchestrator")
    passed("test_demo_relays_succeed_by_route_and_by_orchestrator")
    command = said(r"(snmptable .+)")
    until(lambda: (lambda text: text if text.count(" connected ") == 14 else None)(shown(command)),
                  f"14 connected KMs are shown by: {command}")
    passed("test_demo_printed_snmptable_command_works")
    assert len(children_of(demo.pid)) == 4, "snmpd, bridge, orchestrator and KMs run"
    demo.send_signal(signal.SIGINT)
    assert demo.wait(DEADLINE_S) == 0, "an interrupt is a clean end"
    passed("test_demo_interrupted_ends_clean")
    assert children_of(demo.pid) == [], "nothing is left running"
    passed("test_demo_interrupted_leaves_no_process")
except AssertionError as error:
    print(f"not ok {number + 1} - {error}")
    print("# " + pathlib.Path(OUTPUT).read_text().replace("\n", "\n# "))
    sys.exit(1)
finally:
    if demo.poll() is None:
        demo.terminate()
        demo.wait()
