#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard by keyboard alone: signing in, the navigation, tables, filters, and a decision; the focus is always
somewhere that can be seen, and comes back from where it was sent."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_stage import WebStage, equal, harness, views

stage = WebStage()
browser = stage.browser
alice = stage.dial("alice")


def focus():
    return browser.focused


def focused_key():
    return browser.execute("return document.activeElement.closest('tr')?.dataset.key ?? null;")


def tab_to_rows():
    for _ in range(40):
        browser.press("Tab")
        if focused_key() is not None:
            return
    raise AssertionError("Tab does not lead to a row")


def test_signing_in():
    stage.open("/sign-in")
    browser.find("input[type=password]")
    browser.settle(lambda: focus().name == "Token", "the focus to be where it is needed")
    browser.press(harness.TOKENS["orchestrator"], "Enter")
    stage.wait_live()


def test_skip_link_leads_to_the_content():
    stage.visit("/relays", "Relays")
    browser.press("Tab")
    equal(focus().name, "Skip to the content")
    equal(focus().is_shown, True)
    browser.press("Enter")
    browser.press("Tab")
    equal(browser.execute("return document.querySelector('main').contains(document.activeElement);"), True)


def test_navigation_is_reached_and_says_where_one_is():
    stage.visit("/", None)
    browser.tab_to("link", "Relays")
    browser.press("Enter")
    stage.wait_view("Relays")
    equal(browser.execute("return [...document.querySelectorAll('nav [aria-current=page]')].map((one) => one.textContent);"), ["Relays"])
    equal(browser.execute("return document.activeElement.id;"), "main", "the focus goes with the view")


def test_keys_lead_to_views_and_to_the_help():
    numbers = [title for path, title in views() if "{" not in path and path != "/sign-in"]
    keys = [*"23456789ac"]  # in the order of the navigation, and back to the first
    for key, title in [*zip(keys, numbers[1:], strict=True), ("1", numbers[0])]:
        browser.press("g", key)
        browser.wait_true("return document.title.startsWith(arguments[0]) && document.querySelector('main h1, main .overview-health') !== null", title)
    browser.press("?")
    browser.wait_text("Keys", "dialog h2")
    for key, title in zip(keys, numbers[1:]):
        browser.wait_text(f"g then {key}\n{title}", "dialog")
    browser.press("Escape")
    browser.wait_true("return document.querySelector('dialog[open]') === null")


def test_table_is_walked_and_sorted():
    numbers = [stage.hold_relay(alice) for _ in range(3)]
    stage.visit("/relays", "Relays")
    browser.find(f'tr[data-key="{numbers[2]}"]')
    browser.tab_to("button", re.compile("^Relay"))
    browser.press("Enter")
    equal(browser.execute("return document.activeElement.closest('th').getAttribute('aria-sort');"), "ascending")
    tab_to_rows()
    browser.press("Home")
    equal(focused_key(), numbers[0])
    browser.press("Down", "Down")
    equal(focused_key(), numbers[2])
    browser.press("Up", "End")
    equal(focused_key(), numbers[2])
    equal(browser.execute("return new Set([...document.querySelectorAll('tbody tr, tbody a, tbody button')]"
                          "  .filter((one) => one.tabIndex === 0).map((one) => one.closest('tr'))).size;"), 1,
          "one row is in the tab order")
    browser.press("Enter")
    stage.wait_view(f"Relay {numbers[2]}")
    browser.back()
    stage.wait_view("Relays")


def test_search_is_a_key_away():
    browser.press("/")
    equal(focus().role, "searchbox")
    browser.press("kma-9")
    browser.wait_true("return location.search === '?source_kma_id=kma-9'")
    browser.wait_text("No relay fits these filters")
    browser.tab_to("button", "Clear filters")
    browser.press("Enter")
    browser.find("tbody tr[data-key]")


def test_decision_by_keys_alone():
    stage.visit("/held", "Held")
    number = stage.held()[-1]["relay_id"]  # the most urgent is the first
    browser.find(f'tr[data-key="relay {number}"]')
    browser.tab_to("button", f"Decide relay {number}")
    browser.press("Enter")
    browser.wait_text("the best", "dialog")
    for _ in range(40):  # the focus stays within
        browser.press("Tab")
        equal(browser.execute("return document.querySelector('dialog').contains(document.activeElement)"
                              " || document.activeElement === document.body;"), True, "the focus leaves the dialog")
    browser.press("Escape")
    browser.wait_true("return document.querySelector('dialog[open]') === null")
    equal(focus().name, f"Decide relay {number}", "the focus comes back")
    browser.press("Enter")
    browser.wait_text("the best", "dialog")
    browser.tab_to("radio", "A computed path")
    browser.press("Down")
    equal(focus().name, "A path of your own")
    for kma in ("kma-2", "kma-3", "kma-4"):
        browser.tab_to("button", re.compile(f"^{kma} cost")) if not focus().name.startswith(kma) else None
        browser.press("Enter")
    browser.tab_to("button", "Give this path")
    browser.press("Enter")
    told = alice.answer(harness.RELAY_REQUEST).payload
    equal(told["transit_KMA_IDs"], ["kma-2", "kma-3"])
    browser.wait_true("return document.querySelector('dialog[open]') === null")


def test_row_that_has_the_focus_is_decided_by_a_key():
    number = stage.held()[-1]["relay_id"]  # the most urgent is the first
    first = "return document.querySelector('tbody tr[data-key]').dataset.key === arguments[0];"
    browser.wait_true(first, f"relay {number}")  # the one that was decided has gone
    tab_to_rows()
    browser.press("Home")
    equal(focused_key(), f"relay {number}")
    browser.press("d")
    browser.wait_text(f"Decide relay {number}", "dialog h2")
    browser.press("Escape")


def test_nothing_was_said():
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
