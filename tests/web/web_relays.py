#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Relays, lookups and what is held, in the dashboard: a relay is watched as it travels, history is paged and filtered by
the URL, and held requests are decided in every way, also when an answer is lost or somebody else was faster."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import WebStage, harness, equal, told_of, unreachable, views, wait_until

RELAYS = 130
WAY = ["kma-1", "kma-2", "kma-3", "kma-4"]
stage = WebStage()
browser = stage.browser
dialog, press_button, open_decision, wait_closed = stage.dialog, stage.press_button, stage.open_decision, stage.wait_closed
alice = stage.dial("alice")
proxy = stage.through_proxy()


def rows():
    return browser.execute("return [...document.querySelectorAll('main tbody tr[data-key]')].map((row) =>"
                           "  [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim()));")


def wait_row(key, *words):
    """The row of that key, once it says so."""
    return browser.settle(lambda: next((one for one in browser.find_all(f'main tr[data-key="{key}"]')
                                        if all(word in one.text for word in words)), None), f"row {key}: {words}")


def choose_way(label):
    browser.by_role("radio", label, dialog()).click()


def decide_words():
    return browser.find(".decide-result").text


def frame():
    """What the KM is told."""
    return alice.answer(harness.RELAY_REQUEST).payload


def way_of(told):
    return [told["source_KMA_ID"], *told["transit_KMA_IDs"], told["destination_KMA_ID"]]


def test_relay_is_watched_as_it_travels():
    stage.sign_in("admin", "/relays")
    stage.assert_clean()
    stage.wait_view("Relays")
    number = stage.hold_relay(alice)
    wait_row(number, "held", "kma-1", "kma-4", "alice")
    equal(stage.bridge.post(f"/relays/{number}/decision", {"path": WAY})[0], 200)
    wait_row(number, "instructed", "3 hops", "orchestrator")
    equal(way_of(frame()), WAY)
    alice.complete(number)
    wait_row(number, "succeeded")
    stage.assert_clean()


def test_its_page_tells_the_whole_story_and_follows_it():
    number = stage.hold_relay(alice)
    stage.visit(f"/relays/{number}", f"Relay {number}")
    browser.wait_text("held for a decision", ".timeline")
    browser.wait_text("Nobody has decided yet", ".story")
    stage.bridge.put("/routes/direct", {"destination_kma_id": "kma-4", "path": ["kma-1", "kma-4"], "priority": 5})
    stage.bridge.post(f"/relays/{number}/decision", {"path": WAY})
    frame()
    alice.complete(number, "no key in stock")
    browser.wait_text("failed", ".timeline")
    browser.wait_text("An orchestrator decided", ".story")
    browser.wait_text("It ended as failed (km_failure)", ".story")
    browser.wait_text("no key in stock", ".story")
    browser.wait_text("Orchestrator", ".asked")
    equal([one.text for one in browser.find_all(".asked .asked-head")], ["Orchestrator\ndecided"], "as it was kept")
    browser.wait_text("If it came now", ".as-of-now")
    equal(browser.find(".as-of-now").property("open"), False)
    browser.find(".as-of-now summary").click()
    browser.wait_text("it is what such relays take now", ".judged")
    browser.wait_text("taken", ".paths-found")
    browser.wait_text("the cost is higher by 6", ".paths-found")
    equal([step.text.split("\n")[0] for step in browser.find_all(".timeline .timeline-what")],
          ["received", "held for a decision", "instructed", "failed"])
    if any(path == "/topology" for path, _ in views()):
        link = browser.by_role("link", "Show on the map").attribute("href")
        equal(link, "/topology?path=kma-1%2Ckma-2%2Ckma-3%2Ckma-4")
    stage.bridge.request("DELETE", "/routes/direct")
    stage.assert_clean()


def test_relay_that_is_not_there_says_so():
    stage.open("/relays/999999")
    browser.wait_text("There is no such thing")
    stage.assert_clean(told_of(404, "/relays/999999$"))


def test_history_is_paged_to_its_end():
    stage.be_present()
    for _ in range(RELAYS):
        alice.notify("kma-1", "kma-2")
    held = wait_until(lambda: (lambda held: held if len(held) == RELAYS else None)(stage.held()), "all to be held")
    for relay in held:
        stage.bridge.post(f"/relays/{relay['relay_id']}/decision", {"reject": "test"})
    total = len(stage.bridge.items("/relays"))
    stage.visit("/relays?state=rejected", "Relays")
    browser.wait_text("The newest", ".list-foot")
    press_button("Load older")
    browser.wait_text(f"That is all: {RELAYS} relays.", ".list-foot")
    stage.visit("/relays", "Relays")
    press_button("Load older")
    browser.wait_text(f"That is all: {total} relays.", ".list-foot")
    stage.assert_clean()


def test_filters_are_in_the_url_and_go_back_with_it():
    stage.visit("/relays?reason=km_failure&state=failed", "Relays")
    browser.wait_text("That is all: 1 relay.", ".list-foot")
    equal([cells[1] for cells in rows()], ["failed"])
    equal(browser.by_role("combobox", "State").property("value"), "failed")
    press_button("Clear filters")
    browser.wait_true("return location.search === ''")
    browser.wait_text("there are older ones", ".list-foot")
    browser.by_role("searchbox", "To KMA").type("kma-2")
    browser.wait_true("return location.search === '?destination_kma_id=kma-2'")
    browser.settle(lambda: all(cells[3] == "kma-2" for cells in rows()) and rows(), "the rows to kma-2")
    stage.visit("/relays?state=succeeded", "Relays")
    stage.browser.wait_text("That is all: 1 relay.", ".list-foot")
    browser.back()
    browser.settle(lambda: browser.by_role("searchbox", "To KMA").property("value") == "kma-2", "the filter to be back")
    stage.wait_view("Relays")
    stage.assert_clean()


def test_live_rows_obey_the_filter():
    stage.visit("/relays?state=awaiting_decision", "Relays")
    browser.wait_text("No relay fits these filters")
    number = stage.hold_relay(alice)
    wait_row(number, "held")
    stage.bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    browser.wait_text("No relay fits these filters")
    stage.assert_clean()


def test_paused_list_stands_still_and_says_what_has_come():
    stage.visit("/relays?state=awaiting_decision", "Relays")
    press_button("Pause")
    number = stage.hold_relay(alice)
    press_button("1 new one")
    wait_row(number, "held")
    stage.bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    stage.assert_clean()


def test_filter_that_the_api_refuses_is_named():
    stage.open("/relays?state=lost")
    browser.wait_text("state", ".state-block")
    stage.assert_clean(told_of(400, "/relays"))


def test_held_relay_is_given_a_computed_path():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    browser.wait_text("the cost is higher by 6", "dialog")
    browser.wait_text("left; then installed routes decide", "dialog")
    press_button("Give this path", dialog())
    wait_closed()
    equal(way_of(frame()), WAY)
    browser.wait_text("Nothing is held")
    equal(stage.bridge.relay(number)["decided_by"], "orchestrator")
    alice.complete(number)
    stage.assert_clean()


def test_second_of_the_computed_paths_can_be_chosen():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.by_role("radio", re.compile("^Path 2"), dialog()).click()
    press_button("Give this path", dialog())
    wait_closed()
    equal(way_of(frame()), ["kma-1", "kma-4"])
    alice.complete(number)
    stage.assert_clean()


def test_what_the_decision_does_not_keep_is_said():
    number = stage.hold_relay(alice, extension=[{"ckbridge_constraints": {"max_hops": 2}}])
    open_decision("relay", number)
    choose_way("A path of your own")
    for kma in WAY[1:]:
        press_button(re.compile(f"^{kma} cost"), dialog())
    press_button("Give this path", dialog())
    browser.wait_text("Warning: the request's constraint max_hops is not kept", ".notices")
    wait_closed()
    equal(way_of(frame()), WAY)
    alice.complete(number)
    stage.assert_clean()


def test_path_of_ones_own_is_judged_before_it_is_sent():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.watch.forget()
    choose_way("A path of your own")
    press_button("Give this path", dialog())
    browser.wait_text("It must end at kma-4.", "dialog")
    equal(browser.by_role("button", re.compile("^kma-3 link down"), dialog()).is_enabled, False)
    press_button(re.compile("^kma-2 cost"), dialog())
    typed = browser.by_role("combobox", "Any other KMA", dialog())
    for kma in ("nobody", "kma-2", "kma-4"):
        typed.fill(kma)
        press_button("Add", dialog())
    for words in ("It passes kma-2 twice.", "Neither a KM nor a link names nobody.", "No link is known between kma-2 and kma-4"):
        browser.wait_text(words, "dialog")
    press_button("Give this path", dialog())
    equal([one for one in browser.watch.requests if one[1] == "POST"], [], "nothing was sent")
    press_button("Remove nobody and what follows", dialog())
    press_button(re.compile("^kma-3 cost"), dialog())
    press_button(re.compile("^kma-4 cost"), dialog())
    press_button("Give this path", dialog())
    wait_closed()
    equal(way_of(frame()), WAY)
    alice.complete(number)
    stage.assert_clean()


def test_rejection_needs_a_reason_which_is_kept():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    choose_way("Reject it")
    press_button("Reject", dialog())
    browser.wait_text("Say why", "dialog")
    browser.by_role("textbox", "Reason", dialog()).type("maintenance tonight")
    press_button("Reject", dialog())
    wait_closed()
    relay = stage.bridge.wait_relay(number, "rejected")
    equal(relay["detail"], "maintenance tonight")
    stage.assert_clean()


def test_lookup_is_answered_with_next_hops_in_order():
    number = stage.hold_lookup(alice)
    open_decision("lookup", number)
    press_button("Answer with these", dialog())
    browser.wait_text("Choose at least one next hop.", "dialog")
    press_button(re.compile("^kma-2 cost"), dialog())
    press_button(re.compile("^kma-4 cost"), dialog())
    press_button("kma-4 earlier", dialog())
    press_button("Answer with these", dialog())
    wait_closed()
    equal(alice.answer(harness.NEXT_HOP_RESPONSE).payload["next_KMA_IDs"], ["kma-4", "kma-2"])
    stage.visit(f"/lookups/{number}", f"Lookup {number}")
    browser.wait_text("answered", ".head-badge")
    stage.visit("/lookups?state=answered", "Lookups")
    wait_row(number, "answered", "kma-4, kma-2")
    stage.assert_clean()


def test_somebody_else_decides_while_the_dialog_is_open():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    stage.bridge.post(f"/relays/{number}/decision", {"path": WAY})
    browser.wait_text("not held any more: its path was given to the KM, decided by an orchestrator", ".decide-result")
    equal([one.name for one in browser.all_by_role("button", None, dialog()) if one.is_shown], ["Close", "Cancel"])
    browser.press("Escape")
    wait_closed()
    frame()
    alice.complete(number)
    stage.assert_clean()


def test_conflict_is_told_in_words_and_the_state_is_read_anew():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    with proxy.holds("/decision$", "POST") as fault:
        press_button("Give this path", dialog())
        wait_until(lambda: fault.hits == 1, "the decision to be on its way")
        stage.bridge.post(f"/relays/{number}/decision", {"reject": "faster"})
    browser.wait_text("not held any more: rejected, decided by an orchestrator (rejected)", ".decide-result")
    browser.press("Escape")
    stage.assert_clean(told_of(409, "/decision$"))


def test_decision_that_never_arrived_is_sent_again_under_its_key():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    pattern = f"/relays/{number}/decision$"
    with proxy.drops(pattern, "POST"):
        press_button("Give this path", dialog())
        browser.wait_text("It is safe to send it again", ".decide-result")
    press_button("Send again", dialog())
    wait_closed()
    keys = {headers.get("Idempotency-Key") for headers in proxy.asked("POST", pattern)}
    equal((len(keys), None in keys), (1, False), "one key for one decision")
    equal(way_of(frame()), WAY)
    alice.complete(number)
    stage.bridge.wait_relay(number, "succeeded")
    stage.assert_clean(unreachable("/decision$"))


def test_lost_answer_decides_once_and_the_truth_is_shown():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    pattern = f"/relays/{number}/decision$"
    with proxy.loses_answer(pattern, "POST"):
        press_button("Give this path", dialog())
        browser.wait_text("not held any more: its path was given to the KM", ".decide-result")
    equal(len({headers["Idempotency-Key"] for headers in proxy.asked("POST", pattern)}), 1)
    equal(way_of(frame()), WAY)
    alice.complete(number)
    alice.fence()
    browser.press("Escape")
    stage.assert_clean(unreachable("/decision$"))


def test_loss_that_shows_after_the_event_does_not_hide_it():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    with proxy.loses_answer(f"/relays/{number}/decision$", "POST", late=True) as loss:
        press_button("Give this path", dialog())
        browser.wait_no_text(f"relay {number}", "main table")
        later = stage.hold_relay(alice)  # once it is shown, all that there is to hear of the first has been heard
        browser.wait_text(f"relay {later}", "main table")
        loss.released.set()  # and the browser, which may ask once more by itself, hears no more than before
        browser.wait_text("not held any more: its path was given to the KM", ".decide-result")
    equal(way_of(frame()), WAY)
    alice.complete(number)
    equal(stage.bridge.post(f"/relays/{later}/decision", {"reject": "seen"})[0], 200)
    alice.fence()
    browser.press("Escape")
    stage.assert_clean(unreachable("/decision$"))


def test_refusals_and_overload_leave_it_held_and_say_what_to_do():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog")
    with proxy.answers(503, "/decision$", "POST", headers={"Retry-After": "7"}, detail="the store is away"):
        press_button("Give this path", dialog())
        browser.wait_text("Nothing was decided: the store is away Try again in 7 s.", ".decide-result")
    stage.bridge.put("/links/l12", {"a": "kma-1", "b": "kma-2", "cost": 1, "state": "down"})
    press_button("Give this path", dialog())
    browser.wait_text("kma-1", ".decide-result")
    press_button("Compute again", dialog())
    browser.settle(lambda: (lambda found: "the best" in found and "kma-3" not in found)(browser.text_of("dialog .found")),
                   "the path without the link")
    press_button("Give this path", dialog())
    wait_closed()
    equal(way_of(frame()), ["kma-1", "kma-4"])
    alice.complete(number)
    stage.bridge.put("/links/l12", {"a": "kma-1", "b": "kma-2", "cost": 1, "state": "up"})
    stage.assert_clean(told_of(503, "/decision$"), told_of(422, "/decision$"))


def test_viewer_sees_the_button_and_why_it_does_nothing():
    number = stage.hold_relay(alice)
    stage.sign_out()
    stage.sign_in("viewer", "/held")
    stage.wait_view("Held")
    button = browser.by_role("button", f"Decide relay {number}")
    equal(button.is_enabled, False)
    words = browser.execute("return document.getElementById(arguments[0].getAttribute('aria-describedby')).textContent", button)
    equal("needs the role orchestrator" in words, True, words)
    stage.visit(f"/relays/{number}", f"Relay {number}")
    browser.wait_text("This needs the role orchestrator; you are signed in as viewer.", ".held-banner")
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
