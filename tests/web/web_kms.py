#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The overview and the key managers in the dashboard: what is wrong stands there worst first and goes when it is mended;
a bad frame is shown with its bytes; KMs are enrolled, changed and disabled, and no change of somebody else is lost."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import WebStage, harness, equal, told_of, wait_until

HOSTILE = "\u202e<img src=x onerror=alert(1)>"
stage = WebStage()
browser, bridge = stage.browser, stage.bridge
dialog, press_button, wait_closed = stage.dialog, stage.press_button, stage.wait_closed
alice = stage.dial("alice")
wait_until(lambda: bridge.km("alice")["session"]["state"] == "connected", "alice to be connected")


def texts(css):
    return [one.text for one in browser.find_all(css)]


def keys():
    return [row.attribute("data-key") for row in browser.find_all("main tbody tr[data-key]")]


def wait_for(look, wanted, what):
    browser.settle(lambda: look() == wanted, f"{what}: {wanted}")


def found():
    return texts(".finding-what")


def field(label):
    return browser.by_role("textbox", label, dialog())


def test_overview_tells_what_is_wrong_worst_first():
    stage.sign_in("admin", "/")
    browser.wait_text("3 problems \u00b7 1 of 4 KMs connected", ".overview-headline")
    browser.wait_text("3 problems", ".health")
    equal(sorted(found()[:3]), [f"KM {name} is not connected" for name in ("bob", "carol", "dave")])
    equal({"Link l13 is down", "The certificate of KM alice is about to expire"} <= set(found()[3:]), True, found())
    equal(browser.execute("return [...document.querySelectorAll('.finding .visually-hidden')].map((one) => one.textContent)"),
          ["Problem: "] * 3 + ["Warning: "] * len(found()[3:]), "never by colour alone")
    stage.assert_clean()


def test_what_is_mended_goes():
    bob = stage.dial("bob")
    browser.wait_text("2 of 4 KMs connected", ".overview-headline")
    wait_for(lambda: "KM bob is not connected" in found(), False, "bob among the findings")
    bob.close()
    wait_for(lambda: "KM bob is not connected" in found(), True, "bob among the findings")
    equal(found()[0], "KM bob is not connected", "what began last stands first")
    stage.assert_clean()


def test_what_is_held_is_told_with_its_deadline():
    stage.visit("/")
    number = stage.hold_relay(alice)
    browser.wait_text(f"Relay {number}", ".held-list")
    browser.wait_text("left", ".held-list")
    equal(bridge.post(f"/relays/{number}/decision", {"reject": "not now"})[0], 200)
    browser.wait_true("return document.querySelector('.held-list').closest('section').hidden")
    stage.assert_clean()


def test_a_finding_leads_to_its_km():
    browser.by_role("link", re.compile("^KM dave is not connected")).click()
    browser.wait_text("dave", "main h1")
    browser.wait_text("down", ".title-line")
    stage.assert_clean()


def test_list_has_the_worst_first_and_its_filters_in_the_url():
    stage.visit("/kms", "Key managers")
    wait_for(keys, ["bob", "carol", "dave", "alice"], "KMs")
    stage.visit("/kms?state=connected", "Key managers")
    wait_for(keys, ["alice"], "KMs that are connected")
    equal(browser.find(".filter-count").text, "1 of 4")
    stage.visit("/kms", "Key managers")
    browser.find("[data-search]").fill("KMA-3")
    wait_for(keys, ["carol"], "KMs of that KMA")
    browser.wait_true("return location.search === '?search=KMA-3'")
    browser.find("[data-search]").fill("nobody")
    browser.wait_text("No KM is like that", "main")
    press_button("Show all")
    wait_for(lambda: len(keys()), 4, "KMs")
    stage.assert_clean()


def test_rows_are_walked_and_opened_by_keys():
    stage.visit("/kms", "Key managers")
    wait_for(keys, ["bob", "carol", "dave", "alice"], "KMs")
    browser.execute("document.querySelector('main tbody tr[tabindex=\"0\"]').focus()")
    for key, at in (("Down", "carol"), ("End", "alice"), ("Up", "dave"), ("Home", "bob")):
        browser.press(key)
        equal(browser.execute("return document.activeElement.dataset.key"), at, key)
    browser.press("End", "Enter")
    browser.wait_text("alice", "main h1")
    stage.assert_clean()


def test_km_shows_its_security_and_what_is_learned():
    stage.visit("/kms/alice", "alice")
    for words in ("TLS 1.3", "days left", "the configuration file", "kma-1", "dns:alice.example"):
        browser.wait_text(words, ".km-panels")
    alice.ask("kma-1", "kma-4")
    browser.wait_text("snake", ".km-panels")
    stage.assert_clean()


def test_bad_frame_is_shown_with_its_bytes_and_its_place():
    stage.visit("/kms/alice", "alice")
    payload = b'{"source_KMA_ID": "kma-1", "destination_KMA_ID": !}'
    alice.send(harness.NOTIFY, payload, 77)
    browser.wait_text("Bad frame: not_json", ".km-errors")
    browser.find(".km-errors summary").click()
    browser.wait_text("0x03 Notify of key relay", ".frame")
    browser.wait_text("77", ".frame")
    equal(browser.execute("return [...document.querySelectorAll('.dump mark')].map((mark) => mark.textContent)"), ["21", "!"])
    equal(" ".join(f"{byte:02x}" for byte in payload[:8]) in browser.find(".dump").text, True, browser.find(".dump").text)
    stage.assert_clean()


def test_frame_of_hostile_bytes_is_text():
    stage.visit("/kms/alice", "alice")
    alice.send(harness.NOTIFY, b"<img src=x onerror=alert(1)>\xe2\x80\xae\x00\xff", 78)
    browser.settle(lambda: len(browser.find_all(".km-errors summary")) == 2, "the second frame")
    browser.find(".km-errors summary").click()
    browser.wait_text("3c 69 6d 67", ".dump")
    browser.wait_true("return document.querySelector('main img') === null")
    stage.assert_clean()


def test_km_is_disabled_and_enabled_again():
    stage.visit("/kms/alice", "alice")
    press_button("Disable KM alice")
    press_button("Cancel", dialog())
    wait_closed()
    equal(bridge.km("alice")["enabled"], True)
    press_button("Disable KM alice")
    press_button("Disable", dialog())
    browser.wait_text("disabled", ".title-line")
    equal(bridge.km("alice")["enabled"], False)
    press_button("Enable KM alice")
    browser.wait_text("down", ".title-line")
    browser.wait_text("the API, over what the file says", ".km-panels")
    press_button("Back to the file\u2019s KM alice")
    press_button("Give back", dialog())
    browser.wait_text("the configuration file", ".km-panels")
    stage.assert_clean()


def test_a_change_of_somebody_else_is_not_lost():
    stage.visit("/kms/carol", "carol")
    press_button("Change KM carol")
    field("Identity").fill("dns:mine.example")
    bridge.put("/kms/carol", {"kma_ids": ["kma-3"], "identity": "dns:theirs.example"})
    press_button("Save", dialog())
    browser.wait_text("changed by somebody else", "dialog[open]")
    equal(field("Identity").property("value"), "dns:mine.example", "what was typed stays")
    equal(bridge.km("carol")["identity"], "dns:theirs.example")
    press_button("Cancel", dialog())
    wait_closed()
    stage.assert_clean(told_of(412, "/kms/carol"))


def test_km_is_enrolled_and_what_is_wrong_is_said_at_its_field():
    stage.visit("/kms", "Key managers")
    press_button("Enrol a KM")
    field("KM").fill("alice")
    field("KMAs").fill("kma-5\nkma-6")
    field("Identity").fill("erin.example")
    press_button("Enrol", dialog())
    browser.wait_text("There is a KM of that name.", "dialog[open]")
    field("KM").fill("erin")
    press_button("Enrol", dialog())
    browser.wait_true("return document.activeElement === document.querySelector('dialog[open] [aria-invalid]')")
    equal(field("Identity").attribute("aria-invalid"), "true")
    field("Identity").fill("dns:erin.example")
    press_button("Enrol", dialog())
    browser.wait_text("erin", "main h1")
    equal(bridge.km("erin")["kma_ids"], ["kma-5", "kma-6"])
    press_button("Remove KM erin")
    press_button("Remove", dialog())
    browser.wait_true("return location.pathname === '/kms'")
    equal(bridge.get("/kms/erin")[0], 404)
    wait_for(lambda: "erin" in keys(), False, "erin in the list")
    stage.assert_clean(told_of(412, "/kms/alice"), told_of(400, "/kms/erin"))


def test_hostile_names_are_shown_for_what_they_are():
    bridge.put("/kms/" + harness.urllib.parse.quote(HOSTILE, safe=""), {"kma_ids": ["kma-evil"], "identity": "dns:evil.example"})
    stage.visit("/kms", "Key managers")
    browser.wait_text("\\u202e<img", "main tbody")
    browser.wait_true("return document.querySelector('main img') === null")
    stage.visit("/", None)
    browser.wait_text("\\u202e<img src=x", ".findings")
    stage.assert_clean()


def test_viewer_sees_all_and_reads_why_he_cannot_act():
    press_button("Sign out")
    browser.wait_text("Sign in", "main h1")
    stage.sign_in("viewer", "/kms/alice")
    stage.wait_view("alice")
    for name in ("Change KM alice", "Disable KM alice"):
        button = browser.by_role("button", name)
        equal(button.property("disabled"), True, name)
        why = browser.execute("return document.getElementById(arguments[0].getAttribute('aria-describedby')).textContent", button)
        equal(why, "This needs the role admin; you are signed in as viewer.")
    stage.assert_clean()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
