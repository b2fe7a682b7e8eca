#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures of every view, in both themes and three sizes, with a busy network of 14 KMs: to look at, no test.
`make screenshots` puts them into screenshots/ of the build folder; README.png there is the README's web/screenshot.png.
Ended by a signal it takes the bridge, the fleet and the browser with it."""
import base64
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import NSFNET, WebStage, harness

SIZES = {"phone": (360, 780), "desk": (1280, 800), "wall": (3840, 2160)}
FOLDER = os.path.join(harness.BUILD, "screenshots")
DECISION = "order = routes, orchestrator, computed\norchestrator_ms = 4000\npresence_ms = 600000\ncompletion_ms = 60000"
DRAWN = "return (document.querySelector('.map-stage')?.topologyMap.stage.painted.lower ?? 0) > 0"
LONG = "schluesselverwaltung-donaudampfschifffahrtsgesellschaft-wien"


def take(browser, name, size, dark):
    width, height = size
    browser.resize(width, height)
    browser.emulate(dark=dark, reduced_motion=True)
    browser.execute("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));")
    data = browser.cdp("Page.captureScreenshot", optimizeForSpeed=name != "README")["data"]
    with open(os.path.join(FOLDER, f"{name}.png"), "wb") as file:
        file.write(base64.b64decode(data))


def take_all(browser, name):
    for size, pixels in SIZES.items():
        for dark in (False, True):
            take(browser, f"{name}-{size}-{'dark' if dark else 'light'}", pixels, dark)
    return 2 * len(SIZES)


def trouble(bridge, kmas):
    """What an operator has to find: names of a length, a link that is down, a KM that never came, routes and a lookup."""
    bridge.put(f"/kms/{LONG}", {"kma_ids": [f"kma-{LONG}"], "identity": f"dns:{LONG}.example"})
    bridge.put(f"/links/{LONG}", {"a": kmas[0], "b": f"kma-{LONG}", "cost": 12345, "key_stock": 1234567, "key_rate": 36000})
    first = bridge.items("/links")[0]
    bridge.put(f"/links/{first['link_id']}", {"a": first["a"], "b": first["b"], "state": "down"})
    way = [bridge.items("/links")[1][end] for end in "ab"]
    bridge.put("/routes/example", {"destination_kma_id": way[1], "path": way, "priority": 10})
    bridge.put("/applications/rechenzentrum", {"kma_id": kmas[2]})


def main():
    os.makedirs(FOLDER, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    start, count = time.monotonic(), 1
    stage = WebStage(kms={}, links={}, decision=DECISION, fleet=["--scenario", NSFNET])
    try:
        stage.start_fleet("open:5")
        bridge, browser = stage.bridge, stage.browser
        kmas = [kma for km in bridge.items("/kms") for kma in km["kma_ids"]]
        stage.open("/sign-in")
        browser.find("input[type=password]")
        count += take_all(browser, "sign-in")
        stage.sign_in("admin")
        relay = harness.wait_until(lambda: bridge.items("/relays?state=succeeded"), "a relay to succeed")[0]["relay_id"]
        stage.visit("/topology?overlay=stock")
        browser.cdp("Emulation.setScrollbarsHidden", hidden=True)
        browser.wait_true(DRAWN)
        take(browser, "README", (1200, 660), dark=False)
        trouble(bridge, kmas)
        stage.kms["visitor"] = ("kma-1", "")
        bridge.put("/kms/visitor", {"kma_ids": ["kma-1"], "identity": "dns:visitor.example"})
        bridge.put("/links/visit", {"a": "kma-1", "b": kmas[-1]})
        visitor = stage.dial("visitor")
        lookup = stage.hold_lookup(visitor, "kma-1", kmas[0])
        held = stage.hold_relay(visitor, "kma-1", kmas[3])
        samples = {"/relays/": relay, "/lookups/": lookup, "/kms/": "visitor", "/routes/": "example"}
        places = [*stage.addresses(samples), ("relay-held", f"/relays/{held}"), ("topology-way", f"/topology?path={kmas[0]}%2C{kmas[1]}")]
        for title, address in places:
            stage.visit(address)
            if address.startswith("/topology"):
                browser.wait_true(DRAWN)
            count += take_all(browser, title.lower().replace(" ", "-"))
        print(f"{count} pictures in {FOLDER}, after {time.monotonic() - start:.0f} s")
    finally:
        stage.close()


if __name__ == "__main__":
    main()
