#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard in trouble: the bridge is away and comes back, the session ends in the midst of work, history has a gap,
the API answers errors or not at all, and the desk's clock is an hour off."""
import http.client
import json
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser
from web_stage import WebStage, equal, harness, told_of, unreachable, wait_until

stage = WebStage(size=(1280, 800))
proxy = stage.through_proxy()
browser = stage.browser
alice = stage.dial("alice")
HOUR_MS = 3600000


def is_grey():
    return browser.execute("return getComputedStyle(document.querySelector('.view')).filter;") != "none"


def row(number):
    return f'main tr[data-key="{number}"]'


def test_data_of_a_lost_connection_is_greyed_and_dated_and_comes_back_whole():
    stage.sign_in("admin", "/relays")
    stage.wait_view("Relays")
    first = stage.hold_relay(alice)
    browser.find(row(first))
    stage.assert_clean()
    proxy.down()
    browser.wait_text("no connection, as of", ".connection")
    equal(bool(re.search(r"as of \d\d:\d\d:\d\d", browser.find(".connection").text)), True)
    equal(is_grey(), True, "what is old")
    browser.find(row(first))
    stage.bridge.post(f"/relays/{first}/decision", {"reject": "while nobody saw"})
    second = stage.hold_relay(alice)
    proxy.up()
    stage.wait_live()
    browser.settle(lambda: "rejected" in browser.find(row(first)).text, "what ended meanwhile")
    browser.find(row(second))
    equal(is_grey(), False, "what is live")
    browser.watch.forget()


def test_it_can_be_tried_at_once():
    with proxy.answers(503, "/events", headers={"Retry-After": "600"}, detail="busy"):
        proxy.cut("/events")
        browser.settle(lambda: re.search("next try in (10|9) min", browser.text_of(".connection")), "a long wait")
    browser.by_role("button", "Try now").click()
    stage.wait_live()
    browser.watch.forget()


def test_bridge_that_was_killed_is_followed_again():
    global alice
    stage.restart()
    alice.expect_closed()
    stage.wait_live()
    message_id = alice.next_id  # a MessageID that comes again is a repeat
    alice = stage.dial("alice")
    alice.next_id = message_id
    number = stage.hold_relay(alice)
    browser.find(row(number))
    browser.watch.forget()


def test_offline_and_online():
    browser.offline()
    proxy.cut("/events")
    browser.wait_text("no connection", ".connection")
    browser.offline(False)
    stage.wait_live()
    browser.watch.forget()


def test_session_that_ends_amid_work_is_renewed_in_place():
    stage.visit("/relays?state=awaiting_decision", "Relays")
    browser.forget_cookies()
    proxy.cut("/events")
    browser.wait_text("Your session has ended", "dialog")
    equal(browser.execute("return location.search"), "?state=awaiting_decision")
    equal(len(browser.find_all("main tbody tr[data-key]")) > 0, True, "what was there stays")
    stage.give_token("admin")
    browser.wait_true("return document.querySelector('dialog[open]') === null")
    stage.wait_live()
    equal(browser.execute("return location.search"), "?state=awaiting_decision")
    number = stage.hold_relay(alice)
    browser.find(row(number))
    browser.watch.forget()


def gap_stream(handler, body):
    """As the bridge tells a gap: after some of the stream, `gap`, and the whole state anew."""
    connection, answer = handler.ask_bridge(body)
    handler.send_response_only(answer.status)
    for name in ("Content-Type", "Cache-Control"):
        handler.send_header(name, answer.getheader(name))
    handler.end_headers()
    handler.close_connection = True
    GAP["at"] = threading.Event()
    pump_until(answer, handler, b"snapshot_end")
    GAP["at"].wait(harness.DEADLINE_S)
    connection.close()
    handler.wfile.write(b"event: gap\ndata: " + json.dumps({"after": "1", "before": "2"}).encode() + b"\n\n")
    handler.wfile.flush()
    _, again = handler.ask_bridge(body)
    for piece in iter(lambda: again.read1(65536), b""):
        handler.wfile.write(piece)
        handler.wfile.flush()


GAP = {}


def pump_until(answer, handler, word):
    seen = b""
    while word not in seen or not seen.endswith(b"\n\n"):
        piece = answer.read1(65536)
        if not piece:
            raise http.client.HTTPException("the stream ended")
        seen += piece
        handler.wfile.write(piece)
        handler.wfile.flush()


def test_gap_in_history_leads_to_the_whole_state_anew():
    with proxy.fault(gap_stream, r"/events\?", times=1):
        proxy.cut("/events")
        wait_until(lambda: "at" in GAP, "the stream with a gap")
        stage.visit("/held", "Held")
        number = stage.hold_relay(alice)  # no event tells of it: it is in the gap
        GAP["at"].set()
        browser.find(f'main tr[data-key="relay {number}"]')
    proxy.cut("/events")
    stage.wait_live()
    browser.watch.forget()


def test_error_of_the_api_is_told_and_can_be_tried_again():
    with proxy.answers(500, r"/relays\?", "GET", detail="the store is on fire"):
        stage.visit("/relays", "Relays")
        browser.wait_text("the store is on fire", ".state-block")
    browser.by_role("button", "Try again").click()
    browser.find("main tbody tr[data-key]")
    stage.assert_clean(told_of(500, "/relays"))


def test_slow_answer_shows_that_it_is_awaited():
    with proxy.holds(r"/relays\?", "GET"):
        stage.open("/relays")
        browser.find("main .loading", shown=False)
        equal(browser.find_all("main tbody tr[data-key]"), [])
    browser.find("main tbody tr[data-key]")
    stage.assert_clean()


def test_answer_from_before_an_event_does_not_undo_what_the_event_said():
    stage.visit("/relays?state=awaiting_decision", "Relays")
    with proxy.answers_late("/applications/brief$", "GET") as fault:
        stage.bridge.put("/applications/brief", {"kma_id": "kma-1"})
        equal(fault.answered.wait(harness.DEADLINE_S), True, "the dashboard reads the application")
        stage.bridge.request("DELETE", "/applications/brief")
        browser.find(row(stage.hold_relay(alice)))  # it has heard of all that was before
    stage.bridge.put("/applications/kept", {"kma_id": "kma-1"})
    browser.by_role("link", "Links").click()  # the same page goes on, and with it what it knows
    browser.find(row("kept"))
    equal(browser.find_all(row("brief")), [])
    stage.bridge.request("DELETE", "/applications/kept")
    stage.assert_clean()


def test_dropped_answer_is_told_as_what_it_is():
    stage.open("/held")
    stage.wait_view("Held")
    with proxy.drops(r"/relays\?", "GET"):
        browser.by_role("link", "Relays").click()
        browser.wait_text("The bridge cannot be reached", ".state-block")
    browser.by_role("button", "Try again").click()
    browser.find("main tbody tr[data-key]")
    stage.assert_clean(unreachable(r"/relays"))


def test_view_that_is_nowhere_says_so():
    stage.open("/held")
    stage.wait_view("Held")
    browser.execute("history.pushState(null, '', '/nowhere'); dispatchEvent(new PopStateEvent('popstate'));")
    browser.wait_text("There is no view at /nowhere")
    stage.assert_clean()


def seconds_left(text):
    minutes, seconds = re.search(r"(?:(\d+) min)?(?: ?(\d+(?:\.\d)?) s)? left", text).groups()
    return int(minutes or 0) * 60 + float(seconds or 0)


def test_clock_that_is_an_hour_off_changes_neither_ages_nor_deadlines():
    number = stage.hold_relay(alice)
    for off in (HOUR_MS, -HOUR_MS):
        other = Browser()
        mine, stage.browser = stage.browser, other
        try:
            other.before_scripts("{ const real = Date.now.bind(Date); const Real = Date;"
                                 f" Date.now = () => real() + {off};"
                                 " globalThis.Date = class extends Real { constructor(...given) {"
                                 "  if (given.length === 0) super(Real.now()); else super(...given); } }; }")
            stage.sign_in("admin", "/held")
            equal(abs(other.execute("return Date.now()") - 1000 * time.time()) > HOUR_MS / 2, True, "the clock is off")
            text = other.find(f'main tr[data-key="relay {number}"] td').text
            equal(0 < 600 - seconds_left(text) < 300, True, f"{text}, off by {off} ms")
            stage.assert_clean()
        finally:
            stage.browser = mine
            other.close()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
