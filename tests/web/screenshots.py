#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures of every view, in both themes and three sizes, with a busy network of 14 KMs: to look at, no test.
`make screenshots` puts them into screenshots/ of the build folder."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import NSFNET, WebStage, harness

SIZES = {"phone": (390, 844), "desk": (1440, 900), "wall": (3840, 2160)}
FOLDER = os.path.join(harness.BUILD, "screenshots")

# The browser hears of the theme a moment after it was told; then what is drawn, not styled, needs a frame of its own.
PAINTED = """
const dark = arguments[0];
return new Promise((done) => {
  const look = () => (matchMedia('(prefers-color-scheme: dark)').matches === dark
    ? requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))) : requestAnimationFrame(look));
  look();
});"""


def take(stage, name):
    for size, (width, height) in SIZES.items():
        stage.browser.resize(width, height)
        for dark in (False, True):
            stage.browser.emulate(dark=dark, reduced_motion=True)
            stage.browser.execute(PAINTED, dark)
            stage.browser.screenshot(os.path.join(FOLDER, f"{name}-{size}-{'dark' if dark else 'light'}.png"))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    stage = WebStage(kms={"visitor": ("kma-visitor", "")}, links={}, fleet=["--scenario", NSFNET],
                     decision="order = routes, orchestrator, computed\norchestrator_ms = 4000\npresence_ms = 600000\ncompletion_ms = 60000")
    try:
        stage.be_present()
        stage.start_fleet("open:5")
        kms = stage.bridge.items("/kms")
        kmas = [kma for km in kms for kma in km["kma_ids"]]
        stage.bridge.put("/routes/example", {"destination_kma_id": kmas[1], "path": kmas[:2], "priority": 10})
        stage.sign_in("orchestrator")
        relay = harness.wait_until(lambda: stage.bridge.items("/relays?state=succeeded"), "a relay to succeed")[0]["relay_id"]
        lookup = stage.bridge.items("/lookups")
        samples = {"/relays/": relay, "/lookups/": lookup[0]["lookup_id"] if lookup else "1", "/kms/": kms[0]["km_id"], "/routes/": "example"}
        for title, address in stage.addresses(samples):
            stage.visit(address)
            take(stage, title.lower().replace(" ", "-"))
        print(f"{len(os.listdir(FOLDER))} pictures in {FOLDER}")
    finally:
        stage.close()


if __name__ == "__main__":
    main()
