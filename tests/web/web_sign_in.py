#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Signing in to the dashboard and out of it: where it leads, what it refuses, what it leaves behind in the browser, and
what other tabs make of it."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import WebStage, equal, harness, told_of, wait_until

stage = WebStage(size=(1280, 800))
browser = stage.browser


def test_deep_link_leads_back_after_signing_in():
    stage.open("/relays?state=failed&km_id=alice")
    browser.wait_true("return location.pathname === '/sign-in'")
    stage.give_token("viewer")
    stage.wait_view("Relays")
    equal(browser.execute("return location.pathname + location.search;"), "/relays?state=failed&km_id=alice")
    stage.assert_clean()


def test_token_is_kept_nowhere_in_the_browser():
    token = harness.TOKENS["viewer"]
    kept = browser.execute("return JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie,"
                           " location.href, history.state, document.documentElement.outerHTML]);")
    equal(token in kept, False, "the token")
    cookies = browser.cookies()
    equal([(one["httpOnly"], one["sameSite"], one["path"]) for one in cookies], [(True, "Strict", "/")])
    equal(any(one["value"] in kept for one in cookies), False, "the session's secret is out of scripts' reach")


def test_signing_out_ends_the_session_and_shows_nothing_any_more():
    cookie = browser.cookies()[0]
    stage.sign_out()
    stage.assert_clean()
    status, _, _ = stage.bridge.request("GET", "/session", token=None, headers={"Cookie": f"{cookie['name']}={cookie['value']}"})
    equal(status, 401, "the cookie that was")
    browser.back()
    browser.wait_true("return location.pathname === '/sign-in'")
    equal(browser.find_all("main table"), [], "data")


def test_wrong_and_empty_tokens_are_refused_in_words():
    stage.open("/sign-in")
    browser.by_role("button", "Sign in").click()
    browser.wait_text("Enter a token.", "[role=alert]")
    browser.watch.forget()
    stage.give_token("no such token")
    browser.wait_text("This token is not known", "[role=alert]")
    equal(browser.execute("return location.pathname"), "/sign-in")
    stage.assert_clean(told_of(401, "/api/v1/session"))


def test_sign_in_leads_to_no_other_site():
    for goal in ("//evil.example/", "https://evil.example/", "javascript:alert(1)"):
        stage.open(f"/sign-in?from={goal}")
        stage.give_token("admin")
        stage.wait_view()
        equal(browser.execute("return location.origin + location.pathname"), stage.base + "/", goal)
        stage.sign_out()
    stage.assert_clean()


def test_who_is_signed_in_and_as_what_is_shown():
    for role in ("admin", "orchestrator", "viewer"):
        stage.sign_in(role)
        browser.wait_text(role, ".who")
        stage.sign_out()
    stage.assert_clean()


def test_all_tabs_share_one_session_and_one_stream():
    stage.sign_in("orchestrator")
    first = browser.tabs[0]
    second = browser.new_tab()
    stage.visit("/relays", "Relays")
    def streams():
        return [row["actor"] for row in stage.bridge.read("/status")["event_streams"]["furthest_behind"]]
    wait_until(lambda: streams() == ["token:orchestrator"], "one stream for both tabs")
    stage.sign_out()
    browser.show_tab(first)
    browser.wait_true("return document.querySelector('input[type=password]') !== null")
    stage.give_token("orchestrator")
    stage.wait_live()
    browser.show_tab(second)
    browser.close_tab()
    browser.show_tab(first)
    equal([one for one in browser.watch.messages if "console" in one[1]], [])
    browser.watch.forget()


def test_restart_of_the_bridge_signs_nobody_out():
    browser.wait_text("live", ".connection")
    stage.restart()
    browser.watch.forget()
    stage.visit("/relays", "Relays")
    browser.wait_text("orchestrator", ".who")
    browser.watch.forget()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
