#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Links and applications in the dashboard: what the file defines, what is written over it, and what comes back."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accessibility
from web_stage import WebStage, equal, harness, told_of

FILE = """
[link "filed"]
a = kma-2
b = kma-4
cost = 3
[application "filed-app"]
kma = kma-4
"""
stage = WebStage(more=FILE)
bridge, browser = stage.bridge, stage.browser
wait_closed = stage.wait_closed
stage.sign_in("admin", "/links")


def press_button(name):
    browser.by_role("button", name, browser.find_all("dialog[open]")[-1] if browser.find_all("dialog[open]") else None).click()


def field(name, tag="input"):
    return browser.find(f"dialog[open] [data-field={name}] {tag}")


def wait_row(key, *words):
    browser.settle(lambda: all(word in browser.find(f'main tr[data-key="{key}"]').text for word in words), f"row {key}: {words}")


def wait_gone(key):
    browser.wait_true("return ![...document.querySelectorAll('main tr')].some((row) => row.dataset.key === arguments[0])", key)


def open_row(key, title):
    """By the keyboard: the row has the focus, and Enter opens it."""
    browser.execute("document.querySelector(arguments[0]).focus()", f'main tr[data-key="{key}"]')
    browser.press("Enter")
    browser.wait_text(title, "dialog h2")


def write(verb):
    press_button("Review")
    browser.wait_text("Nothing is written yet", "dialog")
    press_button(verb)
    wait_closed()


def link(name):
    return bridge.read(f"/links/{name}")


def test_files_link_is_written_over_and_uncovered_again():
    stage.visit("/links", "Links and applications")
    wait_row("filed", "configuration file", "3")
    open_row("filed", "Edit link filed")
    browser.wait_text("only there it is removed", "dialog .of-file")
    equal([one.text for one in browser.find_all("dialog .dialog-actions button")], ["Cancel", "Review"])
    field("cost").fill("8")
    write("Change link")
    wait_row("filed", "API", "8")
    equal((link("filed")["cost"], link("filed")["defined_in"]), (8, "api"))
    open_row("filed", "Edit link filed")
    press_button("Delete")
    browser.wait_text("those of the configuration file hold again", "dialog")
    press_button("Delete link")
    wait_closed()
    wait_row("filed", "configuration file", "3")
    press_button("Undo")
    browser.wait_text("Undone: link filed is as it was before.", ".notices")
    equal((link("filed")["cost"], link("filed")["defined_in"]), (8, "api"))
    browser.wait_text("You changed link filed", ".undo-bar")
    wait_row("filed", "API", "8")  # before, it shows what it will show again
    press_button("Undo")
    wait_row("filed", "configuration file", "3")
    equal(link("filed")["defined_in"], "file")
    stage.assert_clean()


def test_link_is_made_judged_and_deleted():
    stage.visit("/links", "Links and applications")
    press_button("New link")
    field("link_id").fill("made")
    field("a").fill("kma-1")
    field("b").fill("kma-1")
    browser.wait_text("A link joins two different KMAs.", "dialog [data-field=b]")
    field("b").fill("kma-new")
    browser.wait_text("Warning: No KM has kma-new", "dialog [data-field=b]")
    field("cost").fill("4294967296")
    browser.wait_text("The cost is from 0 to 4294967295.", "dialog [data-field=cost]")
    field("cost").fill("5")
    field("key_stock").fill("9223372036854775807")
    browser.wait_text("more than a browser counts exactly", "dialog [data-field=key_stock]")
    field("key_stock").fill("4096")
    field("key_capacity").fill("8192")
    write("Create link")
    wait_row("made", "kma-new", "4,096")
    equal([one.text for one in browser.find_all('main tr[data-key="made"] td')][5:7], ["4,096", "0"], "available, reserved")
    made = link("made")
    equal({name: made[name] for name in ("a", "b", "cost", "key_stock", "key_rate", "key_capacity", "state", "origin")},
          {"a": "kma-1", "b": "kma-new", "cost": 5, "key_stock": 4096, "key_rate": None, "key_capacity": 8192, "state": "up",
           "origin": "api"})
    browser.find("[data-search]").fill("kma-new")
    browser.wait_true("return location.search === '?q=kma-new' && document.querySelectorAll('main tbody')[0].children.length === 1")
    open_row("made", "Edit link made")
    press_button("Delete")
    press_button("Delete link")
    wait_closed()
    wait_gone("made")
    equal(bridge.get("/links/made")[0], 404)
    stage.assert_clean(told_of(404, "/links/made"))


def test_route_over_a_link_that_would_go_down_is_told():
    bridge.put("/routes/over", {"path": ["kma-1", "kma-2"], "destination_kma_id": "kma-2"})
    stage.visit("/links?link=l12", "Links and applications")
    browser.wait_text("Edit link l12", "dialog h2")
    field("state", "select").type("down")
    write("Change link")
    wait_row("l12", "down")
    stage.visit("/routes", "Routes")
    wait_row("over", "unusable")
    bridge.put("/links/l12", {"a": "kma-1", "b": "kma-2", "origin": "test"})
    wait_row("over", "usable")
    stage.assert_clean()


def test_applications_are_made_and_taken_back():
    stage.visit("/links", "Links and applications")
    wait_row("filed-app", "kma-4", "dave", "configuration file")
    press_button("New application")
    field("application_id").fill("app \u202eevil")
    field("kma_id").fill("kma-nowhere")
    browser.wait_text("Warning: Neither a KM nor a link names kma-nowhere.", "dialog [data-field=kma_id]")
    write("Create application")
    wait_row("app \u202eevil", "app \\u202eevil", "unknown KMA")
    open_row("app \u202eevil", "Edit application app \\u202eevil")
    field("kma_id").fill("kma-3")
    write("Change application")
    wait_row("app \u202eevil", "carol")
    for words in ("as it was before", "is deleted again"):
        press_button("Undo")
        browser.wait_text(words, ".notices")
    wait_gone("app \u202eevil")
    equal([one["application_id"] for one in bridge.items("/applications")], ["filed-app"])
    stage.assert_clean(told_of(404, "/applications/"))


def test_page_and_editor_are_accessible():
    for dark in (False, True):
        browser.emulate(dark=dark)
        stage.visit("/links", "Links and applications")
        accessibility.assert_accessible(browser, f"links dark={dark}")
        accessibility.assert_reflows(browser, "links")
    press_button("New link")
    accessibility.assert_accessible(browser, "editor of a link")
    browser.press("Escape")
    wait_closed()
    browser.emulate()
    stage.assert_clean()


def test_viewer_reads_what_he_cannot_change():
    stage.sign_out()
    stage.sign_in("viewer", "/links")
    stage.wait_view("Links and applications")
    for name in ("New link", "New application"):
        equal(browser.by_role("button", name).is_enabled, False, name)
    wait_row("l14", "kma-4")
    open_row("l14", "Link l14")
    browser.wait_text("This needs the role orchestrator; you are signed in as viewer.", "dialog")
    equal(field("cost").is_enabled, False)
    equal(field("cost").property("value"), "9")
    equal([one.text for one in browser.find_all("dialog .dialog-actions button")], ["Close"])
    browser.press("Escape")
    wait_closed()
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
