# SPDX-License-Identifier: Apache-2.0
"""A bridge, a browser at its page of routes, and what a person does there."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import WebStage, harness

# Routes are asked first; what they do not decide is held.
ROUTES_FIRST = "order = routes, orchestrator, computed\norchestrator_ms = 600000\npresence_ms = 600000\ncompletion_ms = 600000"
LONG = ["kma-1", "kma-2", "kma-3", "kma-4"]
SHORT = ["kma-1", "kma-4"]
BUTTON = """
const wanted = new RegExp(arguments[0]);
const name = (one) => (one.getAttribute('aria-label') || one.textContent).trim();
return [...(arguments[1] ?? document).querySelectorAll('button')].findLast((one) => wanted.test(name(one)) && one.checkVisibility() && !one.disabled);"""
stage = WebStage(decision=ROUTES_FIRST)
bridge, browser = stage.bridge, stage.browser
wait_closed = stage.wait_closed
alice = stage.dial("alice")
proxy = stage.through_proxy()
stage.sign_in("admin", "/routes")


# ---- what a person does

def press_button(name, within=None):
    """The last of that name, so that an open dialog's comes before the page's; a name is a whole text or a pattern."""
    pattern = name.pattern if isinstance(name, re.Pattern) else f"^{re.escape(name)}$"
    def press():
        button = browser.execute(BUTTON, pattern, within)
        return button is not None and (button.click() or True)
    browser.settle(press, f"a button {pattern}")


def field(name):
    return browser.find(f"dialog[open] [data-field={name}] input")


def said(name, words):
    browser.wait_text(words, f"dialog [data-field={name}] .said")


def wait_dialog(title):
    browser.wait_text(title, "dialog h2")


def add_kma(kma):
    browser.find("dialog .order-list input").fill(kma)
    browser.press("Enter")


def edit(name):
    stage.visit(f"/routes/{urllib.parse.quote(name, safe='')}", "Route")
    press_button(re.compile("^Edit"))
    wait_dialog("Edit route")


def review():
    press_button("Review")
    browser.wait_text("Nothing is written yet", "dialog")


def change():
    press_button("Change route")


def route(name):
    status, _, body = bridge.get(f"/routes/{urllib.parse.quote(name, safe='')}")
    return body if status == 200 else None


def install(name, path=None, **more):
    path = path or LONG
    return bridge.put(f"/routes/{name}", {"path": path, "destination_kma_id": path[-1], **more})


def remove_all():
    for origin in {one["origin"] for one in bridge.items("/routes")}:
        bridge.put("/routes", {"origin": origin, "routes": []})


def rows():
    return browser.execute("return [...document.querySelectorAll('main tbody tr[data-key]')].map((row) => row.dataset.key)")


def cells(css):
    return browser.execute(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.split(/\\s+/).join(' ').trim())", css)
