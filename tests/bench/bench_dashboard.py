#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the dashboard's map costs: frames a second and CPU of a browser that shows it, at rest, while relays go through
a real bridge with its whole fleet connected, and while it is panned and zoomed. Looked at, never asserted."""
import argparse
import collections
import json
import os
import random
import re
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
MOVES_PER_SECOND = 60
PAIRS = 100  # as many as a line of a scenario holds
EVENTS_PER_RELAY = 3  # received, instructed, succeeded
DECISION = "order = routes\n"
FRAMES = """
const seconds = arguments[0];
return new Promise((done) => {
  const times = [];
  function frame(now) {
    times.push(now);
    if (now - times[0] < seconds * 1000) requestAnimationFrame(frame);
    else done(times);
  }
  requestAnimationFrame(frame);
});
"""


def network(count, link_count, seed=1):
    """A mesh as networks on a map are: everybody is near those that he has a link to. Links as pairs of numbers."""
    chance = random.Random(seed)
    at = [(chance.random() * 1.6, chance.random()) for _ in range(count)]
    columns = max(1, int((count / 4) ** 0.5))
    cells = collections.defaultdict(list)
    for i, (x, y) in enumerate(at):
        cells[int(x * columns), int(y * columns)].append(i)

    def near(i, reach):
        x, y = int(at[i][0] * columns), int(at[i][1] * columns)
        return [j for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1) for j in cells[x + dx, y + dy] if j != i]

    def distance(i, j):
        return (at[i][0] - at[j][0]) ** 2 + (at[i][1] - at[j][1]) ** 2
    links = {(min(i, j), max(i, j)) for i in range(1, count) for j in [min(range(i), key=lambda j, i=i: distance(i, j))]}
    while len(links) < link_count:
        i = chance.randrange(count)
        others = near(i, 1) or near(i, 3)
        j = chance.choice(others)
        links.add((min(i, j), max(i, j)))
    return sorted(links)


def name(prefix, number):
    return f"{prefix}-{number + 1:04}"


def scenario(count, links, pairs, rate):
    lines = ["[fleet]", "topology = file", "mode = centralized", "hop_latency = 20 ms", "connect_rate = 400", "[load]",
             f"load = open:{rate}", "traffic = pairs",
             "pairs = " + ", ".join(f"{name('kma', a)}>{name('kma', b)}" for a, b in pairs)]
    for i in range(count):
        lines += [f'[km "{name("km", i)}"]', f"kma = {name('kma', i)}"]
    for number, (a, b) in enumerate(links):
        lines += [f'[link "l{number + 1:05}"]', f"a = {name('kma', a)}", f"b = {name('kma', b)}"]
    return "\n".join(lines) + "\n"


def ways(count, links, seed=2):
    """Shortest ways between some pairs."""
    chance = random.Random(seed)
    neighbours = [[] for _ in range(count)]
    for a, b in links:
        neighbours[a].append(b)
        neighbours[b].append(a)
    found = {}
    while len(found) < PAIRS:
        source = chance.randrange(count)
        before, queue = {source: None}, collections.deque([source])
        while queue:
            here = queue.popleft()
            for there in neighbours[here]:
                if there not in before:
                    before[there] = here
                    queue.append(there)
        for destination in chance.sample(range(count), 4):
            way, here = [], destination
            while here is not None:
                way.append(here)
                here = before.get(here)
            if destination != source and way[-1] == source and len(way) <= 100:
                found[source, destination] = way[::-1]
    return found


def cpu_seconds(pid):
    """Of the browser with all its processes."""
    children = collections.defaultdict(list)
    spent = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (OSError, NotADirectoryError):
            continue
        if entry.isdigit():
            children[int(fields[1])].append(int(entry))
            spent[int(entry)] = (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
    queue, total = [pid], 0
    while queue:
        one = queue.pop()
        total += spent.get(one, 0)
        queue += children[one]
    return total


class Hands(threading.Thread):
    """Drags the map in circles, or turns the wheel, as fast as a display shows it."""

    def __init__(self, watch, middle, wheel=False):
        super().__init__(daemon=True)
        self.watch, self.middle, self.wheel, self.going = watch, middle, wheel, True

    def run(self):
        page = self.watch.sessions(("page",))[0]
        x, y = self.middle
        if not self.wheel:
            self.watch.post("Input.dispatchMouseEvent", page, type="mousePressed", x=x, y=y, button="left", buttons=1)
        number = 0
        while self.going:
            number += 1
            if self.wheel:
                self.watch.post("Input.dispatchMouseEvent", page, type="mouseWheel", x=x, y=y, deltaX=0,
                                deltaY=40 if number // 40 % 2 else -40)
            else:
                step = number % 200
                offset = step if step < 100 else 200 - step
                self.watch.post("Input.dispatchMouseEvent", page, type="mouseMoved", x=x + 2 * offset, y=y + offset,
                                button="left", buttons=1)
            time.sleep(1 / MOVES_PER_SECOND)
        if not self.wheel:
            self.watch.post("Input.dispatchMouseEvent", page, type="mouseReleased", x=x, y=y, button="left")


class Dashboard:
    def __init__(self, count, link_count, rate, seconds, size):
        self.seconds, self.rate = seconds, rate
        links = network(count, link_count)
        found = ways(count, links)
        import harness
        self.file = harness.Folder()
        path = self.file.write("bench.scenario", scenario(count, links, found, rate))
        from web_stage import WebStage
        self.stage = WebStage(kms={}, links={}, decision=DECISION, fleet=("--scenario", path), size=size)
        self.stage.bridge.put("/routes", {"origin": "bench", "routes": [
            {"route_id": f"r{number}", "source_kma_id": name("kma", way[0]), "destination_kma_id": name("kma", way[-1]),
             "path": [name("kma", one) for one in way]} for number, way in enumerate(found.values())]})
        self.count = count

    def open(self):
        browser = self.stage.browser
        self.stage.sign_in("viewer", "/topology")
        started = time.monotonic()
        browser.wait_true("const map = document.querySelector('.topology'); return map !== null && !map.hidden;")
        return time.monotonic() - started

    def connect(self):
        self.stage.start_fleet(f"open:{self.rate}", seconds=100000)
        import harness
        harness.wait_until(lambda: self.stage.bridge.read("/status")["totals"]["kms_connected"] == self.count,
                           "the fleet to connect", 600)

    def newest_event(self):
        return int(self.stage.bridge.read("/status")["totals"]["relays_received"])

    def measure(self, hands=None):
        """Frames a second, the slow ones' gap, share of a core, events a second."""
        browser = self.stage.browser
        if hands:
            hands.start()
            time.sleep(0.5)
        relays, spent, started = self.newest_event(), cpu_seconds(browser.pid), time.monotonic()
        times = browser.execute(FRAMES, self.seconds)
        took = time.monotonic() - started
        spent = cpu_seconds(browser.pid) - spent
        relays = self.newest_event() - relays
        if hands:
            hands.going = False
            hands.join()
        gaps = sorted(later - earlier for earlier, later in zip(times, times[1:]))
        return {"frames_per_second": (len(times) - 1) / (times[-1] - times[0]) * 1000, "gap_p95_ms": gaps[int(len(gaps) * 0.95)],
                "gap_max_ms": gaps[-1], "cpu": spent / took, "events_per_second": EVENTS_PER_RELAY * relays / took}

    def middle(self):
        box = self.stage.browser.find(".map-canvas-upper").rect
        return round(box["x"] + box["width"] / 2), round(box["y"] + 20)

    def hands(self, wheel=False):
        return Hands(self.stage.browser.watch, self.middle(), wheel)

    def close(self):
        self.stage.close()
        self.file.remove()


def show(what, got):
    print(f"{what:34} {got['frames_per_second']:5.1f} frames/s, 95% of gaps below {got['gap_p95_ms']:.0f} ms, longest "
          f"{got['gap_max_ms']:.0f} ms, browser {got['cpu'] * 100:3.0f}% of a core, {got['events_per_second']:.0f} events/s",
          flush=True)


def run(arguments, count, link_count):
    bench = Dashboard(count, link_count, arguments.events / EVENTS_PER_RELAY, arguments.seconds, (1600, 1000))
    results = {}
    try:
        print(f"{count} KMAs, {link_count} links", flush=True)
        print(f"{'map shown after':34} {bench.open():.1f} s")
        def note(what, hands=None):
            results[what] = bench.measure(hands)
            show(what, results[what])
        note("at rest, nobody connected")
        note("panned, at rest", bench.hands())
        bench.connect()
        time.sleep(2)
        note("live")
        note("live, panned", bench.hands())
        note("live, zoomed by the wheel", bench.hands(wheel=True))
        bench.stage.assert_clean()
    finally:
        bench.close()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=".", help="where ckbridged, cksim and web/ are")
    parser.add_argument("--sizes", default="1000x3000,3000x9000", help="KMAs x links, separated by commas")
    parser.add_argument("--events", type=float, default=200, help="a second")
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("--json", help="file for the figures")
    arguments = parser.parse_args()
    os.environ["builddir"] = os.path.abspath(arguments.build)
    os.environ["srcdir"] = os.path.dirname(os.path.dirname(HERE))
    sys.path[:0] = [os.path.join(HERE, "..", "web"), os.path.join(HERE, "..", "daemon")]
    every = {size: run(arguments, *map(int, re.split("x", size))) for size in arguments.sizes.split(",")}
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(every, file, indent=1)


main()
