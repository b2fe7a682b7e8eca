#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Routes in the dashboard: made by keyboard, tried before they are written, and read, be they hostile or a thousand."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accessibility
from browser import Browser
from route_page import (
    LONG, SHORT, alice, bridge, browser, stage, press_button, field, said, wait_dialog, wait_closed, add_kma,
    edit, review, change, route, install, remove_all, rows, cells)
from web_stage import equal, harness, told_of, wait_until

MANY = 1000
HOSTILE = ["<img src=x onerror=alert(1)>", "a\u202egnp.exe", "\u05d0\u05d1\u05d2 route", "../a/b?c=d#e%2e", "__proto__", "\u00e9" * 127 + "x"]
# Down all of the table, a thousand pixels a step: which rows were there, and where there was none in the middle.
WALK = """
const scroller = document.querySelector('.table-scroll'), seen = new Set(), empty = [];
scroller.scrollIntoView({ block: 'center' });
const frames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
return new Promise((resolve) => {
  const step = (at) => {
    for (const row of scroller.querySelectorAll('tr[data-key]')) seen.add(row.dataset.key);
    const box = scroller.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + 40, box.top + box.height / 2);
    if (!there || !there.closest('tr[data-key]')) empty.push(at);
    if (at > scroller.scrollHeight) resolve([[...seen], empty, scroller.querySelectorAll('tr').length]);
    else { scroller.scrollTop = at; frames(() => step(at + 1000)); }
  };
  scroller.scrollTop = 0;
  frames(() => step(0));
});"""
PRIORITY = "arguments[0].value = '3'; arguments[0].dispatchEvent(new Event('input'));"


# ---- making

def test_route_is_made_by_keyboard_alone():
    stage.visit("/routes", "Routes")
    browser.press("n")
    wait_dialog("New route")
    browser.press("keyed")
    browser.tab_to("combobox", "Next KMA of the path")
    browser.press("kma-1", "Enter")  # the focus is on the best neighbour then
    for kma in LONG[1:]:
        equal(browser.focused.text.split()[0], kma)
        browser.press("Enter")
    browser.tab_to("button", "Review")
    browser.press("Enter")
    browser.wait_text("This would create route keyed. Nothing is written yet.", "dialog")
    equal(route("keyed"), None)
    browser.tab_to("button", "Create route")
    browser.press("Enter")
    browser.wait_text("Route keyed", "main h1")
    equal(browser.url, stage.base + "/routes/keyed")
    made = route("keyed")
    equal((made["path"], made["source_kma_id"], made["priority"], made["valid_until"], made["origin"]), (LONG, "kma-1", 100, None, "api"))
    stage.assert_clean()


def test_next_hops_are_made_and_judged():
    stage.visit("/routes", "Routes")
    press_button("New route")
    field("route_id").fill("hops")
    browser.by_role("radio", "next hops").click()
    field("destination_kma_id").fill("kma-4")
    picker = browser.by_role("combobox", "A KMA that has next hops")
    for kma, offered in (("kma-2", "kma-3"), ("kma-3", "kma-2")):
        picker.fill(kma)
        browser.press("Enter")
        press_button(re.compile(f"^{offered} cost"), browser.by_role("region", f"At {kma}"))
    said("next_hops", "these next hops lead in a circle")
    press_button("Remove kma-2", browser.by_role("region", "At kma-3"))
    press_button(re.compile("^kma-4 cost"), browser.by_role("region", "At kma-3"))
    browser.wait_no_text("circle", "dialog .said")
    review()
    press_button("Create route")
    browser.wait_text("Route hops", "main h1")
    equal(route("hops")["next_hops"], {"kma-2": ["kma-3"], "kma-3": ["kma-4"]})
    stage.assert_clean()


def test_values_are_judged_as_they_are_typed():
    install("taken")
    stage.visit("/routes", "Routes")
    press_button("New route")
    field("route_id").fill("taken")
    said("route_id", "There is a route taken already")
    field("route_id").fill("x" * 256)
    said("route_id", "has 256 bytes, and 255 are the most")
    browser.execute("const one = arguments[0]; one.value = 'a\u0085b'; one.dispatchEvent(new Event('input'))", field("route_id"))
    said("route_id", "has a control character")
    for kma in ("kma-1", "kma-3", "kma-77", "kma-1"):
        add_kma(kma)
    for words in ("It passes kma-1 twice", "The link between kma-1 and kma-3 is down", "Neither a KM nor a link names kma-77",
                  "Warning: No link is known between kma-3 and kma-77"):
        said("path", words)
    field("priority").fill("2147483648")
    said("priority", "is from -2147483648 to 2147483647")
    field("priority").fill("1e3")
    said("priority", "is a whole number")
    browser.execute("const one = arguments[0]; one.value = '2001-01-01T00:00:00'; one.dispatchEvent(new Event('input'))", field("valid_until"))
    said("valid_until", "This has passed already")
    press_button("Review")
    equal(browser.focused.attribute("aria-invalid"), "true")
    browser.press("Escape")
    wait_dialog("Leave without writing?")
    press_button("Leave")
    wait_closed()
    stage.assert_clean()


# ---- trying

def test_dry_run_shows_the_difference_and_whom_it_touches():
    remove_all()
    install("r1")
    alice.notify("kma-1", "kma-4")
    relay = wait_until(lambda: next((one["relay_id"] for one in bridge.items("/relays?state=instructed")), None), "a relay under way")
    before = route("r1")["revision"]
    edit("r1")
    for kma in ("kma-2", "kma-3"):
        press_button(f"Remove {kma}")
    field("priority").fill("7")
    review()
    equal(cells("dialog .path-difference del"), ["without kma-2", "without kma-3"])
    equal(cells("dialog .change del") + cells("dialog .change ins"), ["before: 100", "after: 7"])
    equal(cells("dialog .touched li"), [f"Relay {relay}: under way; it goes on as instructed"])
    equal(route("r1")["revision"], before)
    change()
    wait_closed()
    equal((route("r1")["path"], route("r1")["priority"]), (SHORT, 7))
    alice.answer(harness.RELAY_REQUEST)
    alice.complete(relay)
    held = stage.hold_relay(alice, destination="kma-3")
    stage.visit("/routes", "Routes")
    press_button("New route")
    field("route_id").fill("decides")
    for kma in LONG[:3]:
        add_kma(kma)
    review()
    equal(cells("dialog .touched li"), [f"Relay {held}: held now; this decides it at once"])
    equal(bridge.relay(held)["state"], "awaiting_decision")
    press_button("Create route")
    bridge.wait_relay(held, "instructed")
    alice.answer(harness.RELAY_REQUEST)
    alice.complete(held)
    stage.assert_clean()


def test_double_click_on_review_writes_nothing():
    install("twice", priority=1)
    edit("twice")
    field("priority").fill("2")
    review()
    at = browser.by_role("button", "Change route").rect
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    for kind in ("mousePressed", "mouseReleased"):
        browser.cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=2)
    browser.execute("return 1")
    equal(browser.by_role("button", "Change route").is_shown, True)
    equal(route("twice")["priority"], 1)
    browser.press("Escape")
    press_button("Leave")
    stage.assert_clean()


# ---- reading

def test_what_cannot_be_used_says_why():
    remove_all()
    bridge.put("/links/far", {"a": "kma-4", "b": "kma-far"})
    install("gone", ["kma-4", "kma-far"])
    install("fine")
    install("leased", SHORT, valid_until="2099-01-01T00:00:00Z", origin="planner")
    install("cut", ["kma-2", "kma-3"])
    bridge.request("DELETE", "/links/far")
    bridge.put("/links/l23", {"a": "kma-2", "b": "kma-3", "state": "down"})
    stage.visit("/routes?usable=no", "Routes")
    browser.settle(lambda: rows() == ["cut", "fine", "gone"], "the three that cannot be used")
    for name, words in (("cut", "the link between kma-2 and kma-3 is down"), ("gone", "neither a KM nor a link names kma-far")):
        browser.wait_text("unusable", f'tr[data-key="{name}"]')
        equal(words in browser.find(f'tr[data-key="{name}"] .usable').attribute("title"), True, name)
    bridge.put("/links/l23", {"a": "kma-2", "b": "kma-3"})
    browser.settle(lambda: rows() == ["gone"], "the one that is left")
    km = bridge.km("dave")
    bridge.put("/kms/dave", {name: km[name] for name in ("kma_ids", "dialect")} | {"identity": "dns:dave", "enabled": False})
    browser.settle(lambda: rows() == ["fine", "gone", "leased"], "those of a disabled KM")
    stage.visit("/routes/leased", "Route leased")
    browser.wait_text("kma-4 belongs to the KM dave, which is disabled", ".why-not")
    bridge.request("DELETE", "/kms/dave")
    browser.wait_true("return document.querySelector('.why-not') === null")
    stage.visit("/routes?origin=planner", "Routes")
    browser.settle(lambda: rows() == ["leased"], "the planner's")
    browser.by_role("combobox", "Origin").type("any")
    browser.wait_true("return location.search === ''")
    browser.back()
    stage.assert_clean()


def test_hostile_names_stay_text():
    remove_all()
    for name in HOSTILE:
        install(urllib.parse.quote(name, safe=""), SHORT, origin=name)
    stage.visit("/routes?sort=id", "Routes")
    browser.settle(lambda: len(rows()) == len(HOSTILE), "all of them")
    browser.wait_text("a\\u202egnp.exe", "main tbody")
    for name in HOSTILE:
        stage.visit(f"/routes/{urllib.parse.quote(name, safe='')}", "Route")
        equal(browser.execute("return document.querySelectorAll('img, b, script:not([src])').length"), 0)
    for name in (HOSTILE[3], HOSTILE[5]):
        edit(name)
        equal(field("origin").property("value"), name)
        browser.execute(PRIORITY, field("priority"))
        review()
        change()
        browser.wait_text("You changed route", ".undo-bar")
        equal(route(name)["priority"], 3, name)
    accessibility.assert_reflows(browser, "255 bytes")
    stage.assert_clean()


def test_thousand_routes_are_few_rows():
    remove_all()
    bridge.put("/routes", {"origin": "many", "routes": [{"route_id": f"m{n:04}", "path": LONG, "destination_kma_id": "kma-4", "priority": n} for n in range(MANY)]})
    stage.visit("/routes?sort=priority", "Routes")
    browser.wait_text("1,000", ".filter-count")
    equal(len(rows()) < 80, True, len(rows()))
    browser.settle(lambda: browser.press("Tab") or browser.execute("return document.activeElement.dataset.key") == "m0000", "the first row")
    browser.press("End")
    browser.wait_true("return document.activeElement.dataset.key === 'm0999'")
    browser.press("Home", "PageDown")
    browser.wait_true("return document.activeElement.dataset.key > 'm0000'")
    seen = browser.execute(WALK)
    equal(sorted({f"m{n:04}" for n in range(MANY)} - set(seen[0])), [], "never drawn")
    equal(seen[1], [], "without rows in the middle")
    equal(seen[2] < 100, True, seen[2])
    browser.find("[data-search]").fill("m0777")
    browser.settle(lambda: rows() == ["m0777"], "the one that is sought")
    equal("q=m0777" in browser.url, True, browser.url)
    remove_all()
    stage.assert_clean()


def test_pages_and_dialogs_are_accessible():
    install("a1", valid_until="2099-01-01T00:00:00Z")
    for dark in (False, True):
        browser.emulate(dark=dark)
        for address, heading in (("/routes", "Routes"), ("/routes/a1", "Route a1")):
            stage.visit(address, heading)
            accessibility.assert_accessible(browser, f"{address} dark={dark}")
            accessibility.assert_reflows(browser, address)
        edit("a1")
        accessibility.assert_accessible(browser, f"editor dark={dark}")
        field("priority").fill("1" if dark else "2")
        review()
        accessibility.assert_accessible(browser, f"review dark={dark}")
        install("a1", priority=9 + dark)
        change()
        wait_dialog("Conflict")
        accessibility.assert_accessible(browser, f"conflict dark={dark}")
        accessibility.assert_reflows(browser, "conflict")
    browser.emulate()
    stage.assert_clean(told_of(412, "/routes/a1"))


def test_viewer_sees_all_and_reads_why_he_cannot_act():
    install("v1")
    stage.visit("/routes", "Routes")
    stage.sign_out()
    stage.sign_in("viewer", "/routes")
    stage.wait_view("Routes")
    words = "This needs the role orchestrator; you are signed in as viewer."
    for address, heading, name in (("/routes", "Routes", "New route"), ("/routes/v1", "Route v1", "Edit route v1"), ("/routes/v1", "Route v1", "Delete route v1")):
        stage.visit(address, heading)
        button = browser.by_role("button", name)
        equal(button.is_enabled, False, name)
        equal(browser.execute("return document.getElementById(arguments[0].getAttribute('aria-describedby')).textContent", button), words)
    browser.press("e", "n")
    equal(browser.find_all("dialog"), [])
    browser.wait_text("kma-3", "main .hops-table")
    stage.assert_clean()


def test_lease_counts_in_the_bridges_time():
    """The browser's clock is wrong by a day, and what is left of the lease is right."""
    remove_all()
    end = harness.time.strftime("%Y-%m-%dT%H:%M:%SZ", harness.time.gmtime(harness.time.time() + 3 * 3600 + 1200))
    install("soon", valid_until=end)
    other = Browser()
    try:
        other.before_scripts("const now = Date.now.bind(Date); Date.now = () => now() + 86400000;")
        other.go(stage.base + "/routes")
        other.find("input[type=password]").fill(harness.TOKENS["viewer"])
        other.press("Enter")
        other.wait_text("ends in 3 h 1", "tr[data-key=soon]")
        other.assert_clean(stage.base)
    finally:
        other.close()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
