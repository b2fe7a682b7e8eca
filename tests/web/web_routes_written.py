#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Routes in the dashboard: written upon what was read and nothing else, undone, and refused in words where they belong."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from route_page import (
    SHORT, bridge, browser, proxy, stage, press_button, field, said, wait_dialog, wait_closed, add_kma, edit,
    review, change, route, install, remove_all, cells)
from web_stage import equal, harness, told_of, unreachable, wait_until


# ---- somebody else

def meet(name):
    """Mine has another priority; theirs has another one too, and another origin."""
    install(name)
    edit(name)
    field("priority").fill("200")
    review()
    install(name, priority=300, origin="planner")
    change()
    wait_dialog(f"Conflict: route {name}")
    equal(cells("dialog .three-way tbody th"), ["Priority", "Origin"])
    equal([text.split()[0] for text in cells("dialog .three-way td")], ["100", "200", "300", "api", "api", "planner"])
    equal(sum("clash" in text for text in cells("dialog .three-way td")), 2)
    equal(route(name)["priority"], 300)


def test_conflict_ends_by_taking_theirs():
    meet("c1")
    press_button("Take theirs")
    wait_closed()
    equal((route("c1")["priority"], route("c1")["origin"]), (300, "planner"))
    stage.assert_clean(told_of(412, "/routes/c1"))


def test_conflict_ends_by_writing_mine_upon_theirs():
    meet("c2")
    press_button("Write mine upon theirs")
    wait_closed()
    equal((route("c2")["priority"], route("c2")["origin"]), (200, "api"))
    stage.assert_clean(told_of(412, "/routes/c2"))


def test_conflict_ends_by_editing_on():
    meet("c3")
    press_button("Edit on")
    browser.wait_text("What you have changed is kept", "dialog .form-said")
    equal((field("priority").property("value"), field("origin").property("value")), ("200", "planner"))
    review()
    change()
    wait_closed()
    equal((route("c3")["priority"], route("c3")["origin"]), (200, "planner"))
    stage.assert_clean(told_of(412, "/routes/c3"))


def test_another_change_is_seen_while_one_edits():
    install("c4")
    edit("c4")
    field("priority").fill("5")
    install("c4", priority=6)
    browser.wait_text("Somebody has changed it while you edit.", "dialog .changed-meanwhile")
    press_button("Compare")
    wait_dialog("Conflict: route c4")
    press_button("Edit on")
    bridge.request("DELETE", "/routes/c4")
    browser.wait_text("Somebody has deleted it while you edit.", "dialog .changed-meanwhile")
    press_button("Review")
    wait_dialog("Conflict: route c4")
    press_button("Create mine again")
    wait_closed()
    equal(route("c4")["priority"], 5)
    stage.assert_clean(told_of(412, "/routes/c4"), told_of(404, "/routes/c4"))


def test_two_who_make_the_same_meet():
    remove_all()
    stage.visit("/routes", "Routes")
    press_button("New route")
    field("route_id").fill("both")
    for kma in SHORT:
        add_kma(kma)
    review()
    install("both", priority=9)
    press_button("Create route")
    browser.wait_text("Somebody has made a route of this ID meanwhile.", "dialog")
    press_button("Write mine upon theirs")
    browser.wait_text("Route both", "main h1")
    equal(route("both")["path"], SHORT)
    stage.assert_clean(told_of(412, "/routes/both"))


def test_bridge_that_demands_a_condition_is_told_apart():
    install("strict")
    edit("strict")
    field("priority").fill("4")
    with proxy.answers(428, "/routes/strict", "PUT", 1):
        press_button("Review")
        browser.wait_text("The bridge wants to know which state is changed.", "dialog")
    press_button("Edit on")
    review()
    change()
    wait_closed()
    equal(route("strict")["priority"], 4)
    equal([bool(headers.get("If-Match")) for headers in proxy.asked("PUT", "/routes/strict")], [True] * 3)
    stage.assert_clean(told_of(428, "/routes/strict"))


def test_lost_answers_are_found_out():
    install("lost")
    edit("lost")
    field("priority").fill("1")
    review()
    with proxy.drops("/routes/lost", "PUT"):
        change()
        browser.wait_text("Nothing was changed: try again.", "dialog .form-said")
    review()
    with proxy.loses_answer("/routes/lost", "PUT"):
        change()
        wait_closed()
    equal(route("lost")["priority"], 1)
    stage.assert_clean(unreachable("/routes/lost"))


# ---- undoing

def undo(words):
    press_button("Undo")
    browser.wait_text(words, ".notices")


def test_each_kind_of_change_is_undone():
    remove_all()
    install("u1", valid_until="2099-01-01T00:00:00.123Z")
    former = route("u1")
    edit("u1")
    field("priority").fill("1")
    review()
    change()
    browser.wait_text("You changed route u1", ".undo-bar")
    press_button(re.compile("^Delete"))
    press_button("Delete route")
    browser.wait_text("You deleted route u1", ".undo-bar")
    equal(route("u1"), None)
    undo("Undone: route u1 is as it was before.")
    equal(route("u1")["priority"], 1)
    browser.wait_text("You changed route u1", ".undo-bar")
    undo("Undone: route u1 is as it was before.")
    wait_until(lambda: route("u1")["priority"] == 100, "the former priority")
    equal({name: route("u1")[name] for name in ("path", "valid_until", "origin")}, {name: former[name] for name in ("path", "valid_until", "origin")})
    press_button("New route")
    field("route_id").fill("u2")
    for kma in SHORT:
        add_kma(kma)
    review()
    press_button("Create route")
    browser.wait_text("You created route u2", ".undo-bar")
    undo("Undone: route u2 is deleted again.")
    equal(route("u2"), None)
    browser.wait_text("There is no such route", "main")
    stage.assert_clean()


def test_undo_is_refused_after_anothers_change():
    install("u3")
    edit("u3")
    field("priority").fill("2")
    review()
    change()
    browser.wait_text("You changed route u3", ".undo-bar")
    install("u3", priority=3)
    press_button("Undo")
    browser.wait_text("Not undone: somebody has changed route u3 since. Nothing was written", ".notices [role=alert]")
    equal(route("u3")["priority"], 3)
    browser.wait_true("return document.querySelector('.undo-bar').hidden")
    stage.assert_clean(told_of(412, "/routes/u3"))


# ---- what the bridge says

def test_problem_of_the_bridge_stands_at_its_field():
    remove_all()
    install("p1")
    edit("p1")
    field("priority").fill("11")
    with proxy.answers(422, "/routes/p1", "PUT", 1, detail="not this priority", pointer="/priority"):
        press_button("Review")
        said("priority", "The bridge: not this priority")
    equal(browser.focused.attribute("aria-invalid"), "true")
    field("priority").fill("12")
    browser.wait_no_text("not this priority", "dialog")
    with proxy.answers(422, "/routes/p1", "PUT", 1, detail="the link between kma-2 and kma-3 is down", reason="link_down"):
        press_button("Review")
        said("path", "The bridge: the link between kma-2 and kma-3 is down")
    browser.press("Escape")
    press_button("Leave")
    stage.visit("/routes", "Routes")
    press_button("New route")
    field("route_id").fill("round")
    browser.by_role("radio", "next hops").click()
    field("destination_kma_id").fill("kma-4")
    browser.by_role("combobox", "A KMA that has next hops").fill("kma-3")
    browser.press("Enter")
    press_button(re.compile("^kma-2 cost"), browser.by_role("region", "At kma-3"))
    press_button("Review")
    said("next_hops", "would lead round in a cycle")  # with what p1 says: the bridge alone knows
    browser.press("Escape")
    press_button("Leave")
    stage.assert_clean(told_of(422, "/routes/"))


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
