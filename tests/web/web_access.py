#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Access in the dashboard: a token is made, told once, used and revoked; a webhook is made, tried, changed, delivered
again and removed; who may not act sees why, and what is wrong in a form is said where it is."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import harness
from accessibility import assert_accessible, assert_reflows
from harness import equal, wait_until
from receiver import Receiver
from web_stage import WebStage, told_of

stage = WebStage()
bridge, browser = stage.bridge, stage.browser
status = {"answer": 200}
receiver = Receiver(answer=lambda delivery: status["answer"])


def field(label):
    return browser.settle(lambda: next(iter(browser.all_by_role("textbox", label, browser.find("dialog"))), None), label)


def wait_gone():
    browser.wait_true("return !document.querySelector('dialog')")


def row(table, words):
    """The row of that table, once it is there."""
    return browser.settle(lambda: next((one for one in browser.find_all(f"table[aria-label='{table}'] tbody tr[data-key]")
                                        if words in one.text), None), f"{words} in {table}")


def test_viewer_sees_why_it_may_not_act():
    stage.sign_in("viewer", "/access")
    browser.wait_text("token:viewer")
    for name in ("New token", "New webhook"):
        button = browser.by_role("button", name)
        equal(button.is_enabled, False, name)
        why = browser.execute("return document.getElementById(arguments[0].getAttribute('aria-describedby')).textContent;", button)
        equal(why, "This needs the role admin; you are signed in as viewer.")
    browser.wait_text("Not with this role")
    stage.assert_clean()
    stage.sign_out()


def test_token_is_told_once_and_usable():
    stage.sign_in("admin", "/access")
    row("Tokens", "admin")
    browser.by_role("button", "New token").click()
    browser.by_role("button", "Make the token").click()
    browser.wait_text("Name is missing.", "dialog")
    field("Name").fill("admin")
    browser.press("Enter")
    browser.wait_text("configuration file", "dialog .form-error")  # a name that the file has
    equal(field("Name").property("value"), "admin", "what was typed stays")
    field("Name").fill("planner<b>")
    field("What it is for").fill("route planner")
    assert_accessible(browser, "the form")
    browser.press("Enter")
    secret = browser.find("dialog .secret").text
    equal((secret.startswith("ckb_"), len(secret)), (True, 76))
    equal(bridge.get("/session", token=secret)[2]["actor"], "token:planner<b>")
    assert_accessible(browser, "the secret")
    browser.by_role("button", "I have stored it").click()
    wait_gone()
    shown = row("Tokens", "planner<b>").text
    equal(("viewer" in shown, secret in browser.page_text()), (True, False), shown)
    equal(secret in browser.execute("return document.documentElement.outerHTML + JSON.stringify(localStorage);"), False, "kept somewhere")
    stage.assert_clean(told_of(409, "/tokens"))
    status["secret"] = secret


def test_revoked_token_is_refused():
    button = browser.by_role("button", "Revoke planner<b>")
    button.click()
    browser.by_role("button", "Cancel").click()
    wait_gone()
    equal(bridge.get("/session", token=status["secret"])[0], 200, "cancelled")
    browser.by_role("button", "Revoke planner<b>").click()
    browser.by_role("button", "Revoke", browser.find("dialog")).click()
    browser.wait_text("Token planner<b> is revoked.")
    equal(bridge.get("/session", token=status["secret"])[0], 401)
    browser.settle(lambda: not any("planner" in one.text for one in browser.find_all("table[aria-label=Tokens] tbody tr")), "its row to go")
    equal(browser.by_role("button", "Revoke viewer").is_enabled, False, "a token of the file")
    stage.assert_clean()


def test_webhook_is_made_tried_and_told_of():
    browser.by_role("button", "New webhook").click()
    field("Name").fill("hook")
    field("URL").fill("ftp://nowhere")
    browser.press("Enter")
    browser.wait_text("Nothing was written: see above.", "dialog")
    equal(field("URL").attribute("aria-invalid"), "true")
    field("URL").fill(receiver.url)
    field("Event types").fill("link.changed")
    browser.press("Enter")
    secret = browser.find("dialog .secret").text
    equal(secret.startswith("whsec_"), True, secret)
    browser.by_role("button", "I have stored it").click()
    wait_gone()
    row("Webhooks", "all delivered")
    browser.by_role("button", "Open hook").click()
    browser.by_role("button", "Test delivery").click()
    browser.wait_text("Taken with status 200 after", "dialog")
    equal(receiver.came[-1].is_signed_with(secret), True, "by the secret that was shown")
    browser.press("Tab")
    assert_accessible(browser, "a webhook")
    stage.assert_clean(told_of(400, "/webhooks/hook"))


def test_dead_letter_is_shown_and_delivered_again():
    status["answer"] = 400
    bridge.put("/links/l-dead", {"a": "kma-1", "b": "kma-2", "cost": 2})
    wait_until(lambda: bridge.read("/webhooks/hook")["delivery"]["dead_letters"] == 1, "a dead letter")
    browser.wait_text("Dead letters, oldest first", "dialog")
    letter = bridge.items("/webhooks/hook/dead_letters")[0]["event_id"]
    stage.visit("/")
    browser.wait_text("Webhook hook has dead letters", ".findings")
    browser.wait_text("1 to look at", ".findings")
    browser.by_role("link", re.compile("^Webhook hook has dead letters")).click()
    browser.wait_text("Dead letters, oldest first", "dialog")
    stage.open("/access?webhook=hook")  # where the overview's finding leads to
    browser.wait_text("Dead letters, oldest first", "dialog")
    status["answer"] = 200
    browser.by_role("button", f"Deliver event {letter} again").click()
    browser.wait_text("It is delivered again.")
    wait_until(lambda: bridge.read("/webhooks/hook")["delivery"]["dead_letters"] == 0, "it to be taken")
    browser.wait_no_text("Dead letters, oldest first", "dialog")
    stage.assert_clean()


def test_overview_tells_of_a_failing_webhook_beside_its_dead_letters():
    status["answer"] = 400
    bridge.put("/links/l-dead", {"a": "kma-1", "b": "kma-2", "cost": 3})
    wait_until(lambda: bridge.read("/webhooks/hook")["delivery"]["dead_letters"] == 1, "a dead letter")
    stage.visit("/")
    browser.wait_text("Webhook hook has dead letters", ".findings")
    status["answer"] = 500
    bridge.put("/links/l-dead", {"a": "kma-1", "b": "kma-2", "cost": 4})
    browser.wait_text("Webhook hook is failing", ".findings")  # while one looks
    browser.wait_text("500", ".findings")
    browser.wait_text("Webhook hook has dead letters", ".findings")
    equal("All well" in browser.text_of(".overview-headline"), False, "the headline counts them")
    status["answer"] = 200
    letter = bridge.items("/webhooks/hook/dead_letters")[0]["event_id"]
    bridge.post("/webhooks/hook/replay", {"dead_letters": [letter]}, "admin")
    browser.wait_no_text("Webhook hook", ".findings")
    stage.visit("/access?webhook=hook")
    stage.assert_clean()


def test_webhook_is_changed_and_removed():
    browser.by_role("button", "Change \u2026").click()
    browser.settle(lambda: len(browser.find_all("dialog")) == 2, "the form")
    equal(browser.find("dialog:last-of-type input[disabled]").property("value"), "hook", "its name stays")
    browser.find("dialog:last-of-type input[type=checkbox]").click()
    browser.by_role("button", "Save").click()
    wait_until(lambda: bridge.read("/webhooks/hook")["enabled"] is False, "it to be disabled")
    browser.wait_text("disabled", "dialog .facts")
    browser.by_role("button", "Remove \u2026").click()
    browser.by_role("button", "Remove").click()
    wait_gone()
    equal(bridge.get("/webhooks/hook")[0], 404)
    browser.wait_text("There is no webhook")
    stage.assert_clean()


def test_view_is_accessible_and_narrow():
    stage.open("/access")
    row("Tokens", "admin")
    for dark in (False, True):
        browser.emulate(dark=dark)
        assert_accessible(browser, f"access, dark={dark}")
    browser.emulate()
    assert_reflows(browser, "access")
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close, receiver.close])
