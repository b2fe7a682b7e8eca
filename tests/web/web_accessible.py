#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every view by WCAG 2.2 AA, as it is rendered: in the light and in the dark, with forced colours, on a narrow screen."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from accessibility import assert_accessible, assert_reflows
from web_stage import WebStage, equal, harness

WAY = ["kma-1", "kma-2", "kma-3", "kma-4"]
stage = WebStage(size=(1440, 900))
browser = stage.browser
alice = stage.dial("alice")
stage.bridge.put("/routes/way", {"source_kma_id": "kma-1", "destination_kma_id": "kma-4", "path": WAY, "priority": 10})
succeeded, failed, held = [stage.hold_relay(alice) for _ in range(3)]
lookup = stage.hold_lookup(alice)
for number, words in ((succeeded, "success"), (failed, "no key")):
    stage.bridge.post(f"/relays/{number}/decision", {"path": WAY})
    alice.complete(number, words)
for number, state in ((succeeded, "succeeded"), (failed, "failed")):
    stage.bridge.wait_relay(number, state)
ADDRESSES = stage.addresses({"/relays/": failed, "/lookups/": lookup, "/kms/": "alice", "/routes/": "way"})


CONDITIONS = {"light": {}, "dark": {"dark": True}, "forced colours": {"forced_colors": True}}
MOVING = """return document.getAnimations().filter((one) => one.playState === 'running'
    && one.effect.getComputedTiming().duration > 10).map((one) => one.animationName ?? one.transitionProperty);"""


def forced_colours_are_on():
    equal(browser.execute("return matchMedia('(forced-colors: active)').matches;"), True)


def stands_still(title):
    browser.emulate(reduced_motion=True)
    equal(browser.execute(MOVING), [], f"{title}: what moves")


def judge_view(title, address):
    """A view is loaded once, and judged under each condition, also after one has failed."""
    stage.visit(address)
    failures = []
    judgements = [lambda words=words, given=given: (browser.emulate(**given), given.get("forced_colors") and forced_colours_are_on(),
                                                    assert_accessible(browser, f"{title}, {words}")) for words, given in CONDITIONS.items()]
    for judge in (*judgements, lambda: stands_still(title), lambda: (browser.emulate(), assert_reflows(browser, title))):
        try:
            judge()
        except AssertionError as error:
            failures.append(str(error))
    browser.emulate()
    if failures:
        raise AssertionError("\n".join(failures))


def test_of(title, address):
    def test():
        judge_view(title, address)
    test.__name__ = f"test_{title.lower().replace(' ', '_')}_at_{address.split('/')[1] or 'root'}_in_every_condition"
    return test


def test_sign_in_is_accessible_in_both_themes():
    stage.open("/sign-in")
    browser.find("input[type=password]")
    for dark in (False, True):
        browser.emulate(dark=dark)
        assert_accessible(browser, f"sign-in, {'dark' if dark else 'light'}")
    assert_reflows(browser, "sign-in")
    stage.sign_in("orchestrator")


def test_dialogs_that_decide_are_accessible():
    for number, kind in ((held, "relay"), (lookup, "lookup")):
        stage.visit("/held", "Held")
        browser.by_role("button", f"Decide {kind} {number}").click()
        browser.find("dialog[open] .way-body")
        browser.wait_true("return ![...document.querySelectorAll('dialog .loading')].some((one) => one.checkVisibility());")
        for choice in browser.all_by_role("radio"):
            if choice.is_shown and not choice.name.startswith("Path"):
                choice.click()
                for dark in (False, True):
                    browser.emulate(dark=dark)
                    assert_accessible(browser, f"{kind}: {choice.name}, {'dark' if dark else 'light'}")
        browser.emulate()
        assert_reflows(browser, f"the dialog of a {kind}")
        browser.press("Escape")


def test_what_a_viewer_may_not_is_told():
    browser.wait_true("return document.querySelector('dialog[open]') === null")
    stage.sign_out()
    browser.watch.forget()
    stage.open("/held")
    stage.give_token("viewer")
    stage.wait_view("Held")
    assert_accessible(browser, "Held, as a viewer")
    equal([one.is_enabled for one in browser.find_all("main tbody button")], [False, False])
    browser.watch.forget()


def test_nothing_was_said():
    stage.visit("/held")
    stage.assert_clean()


if __name__ == "__main__":
    fixed = [value for name, value in list(globals().items()) if name.startswith("test_") and name != "test_of"]
    harness.run([fixed[0], *[test_of(*one) for one in ADDRESSES], *fixed[1:]], [stage.close])
