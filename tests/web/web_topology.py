#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The map of the network: from nothing to a thousand KMAs, searched, walked by keys, chosen on the canvas and in the
tables alike; the way between two with what it is told for; pins that the bridge keeps; relays as they go."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accessibility
from web_stage import KMS, LINKS, WebStage, harness, equal

MARKUP = "<img src=x onerror=alert(1)>"
BACKWARDS = "\u202eamk"
LONG = "k" * 255
stage = WebStage(kms=KMS, links={}, decision="order = routes, orchestrator\norchestrator_ms = 600000\npresence_ms = 1000")
browser = stage.browser
# Painted: before, the canvas has no size, and no place on it means anything.
SHOWN = ("const map = document.querySelector('.topology');"
         "return map !== null && !map.hidden && map.querySelector('.map-stage').topologyMap.stage.painted.lower > 0;")
MAP = "const map = document.querySelector('.map-stage').topologyMap; "


def show(query=""):
    stage.open("/topology" + query)
    browser.wait_true(SHOWN)


def places():
    """Where every KMA is, on the map."""
    return browser.execute(MAP + "return Object.fromEntries(map.scene.model.nodes.map((node) => "
                           "[node.id, [map.scene.x[node.index], map.scene.y[node.index]]]));")


def on_screen(kma):
    """The middle of a KMA's shape, in the window, once it is on the map and in view."""
    return browser.settle(lambda: browser.execute(MAP + """
        const node = map.scene.model.node(arguments[0]);
        if (node === null || map.asked !== null) return null;
        map.bringIntoView(node.id);
        const box = map.stage.canvas.getBoundingClientRect();
        const { camera } = map.scene;
        return [Math.round(box.left + camera.screenX(map.scene.x[node.index])), Math.round(box.top + camera.screenY(map.scene.y[node.index]))];
        """, kma), f"{kma} on the map")


def mouse(*steps, keys=()):
    """(x, y) moves with the button held from the first on; keys are held all the while."""
    (x, y), *rest = steps
    moves = [{"type": "pointerMove", "duration": 0, "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
    moves += [{"type": "pointerMove", "duration": 50, "x": x, "y": y} for x, y in rest] + [{"type": "pointerUp", "button": 0}]
    held = [{"type": "keyDown", "value": key} for key in keys]
    free = [{"type": "keyUp", "value": key} for key in keys]
    pause = [{"type": "pause"}] * len(moves)
    browser.ask("POST", "/actions", {"actions": [
        {"type": "key", "id": "keyboard", "actions": held + pause + free},
        {"type": "pointer", "id": "mouse", "actions": [{"type": "pause"}] * len(held) + moves}]})


def click(kma, shift=False):
    mouse(on_screen(kma), keys=["\ue008"] if shift else [])


def chosen():
    return browser.execute(MAP + "const { a, b, link } = map.scene.selection; return [a, b, link];")


def wait_chosen(*wanted):
    browser.settle(lambda: chosen() == list(wanted) or None, f"{wanted} to be chosen")


def wait_side(*words):
    for word in words:
        browser.wait_text(word, ".map-side")


def rows(table):
    return {row.attribute("data-key"): row for row in browser.find_all(f".map-tables section[aria-label='{table}'] tr[data-key]")}


def wait_url(pattern):
    browser.settle(lambda: re.search(pattern, browser.url), f"the address to have {pattern}")


def links_of_stage(**states):
    stage.put_links({name: (a, b, cost, states.get(name, state)) for name, (a, b, cost, state) in LINKS.items()})


# ---- from nothing on

def test_nothing_there_says_how_to_begin():
    empty = WebStage(kms={}, links={})
    try:
        empty.sign_in("viewer", "/topology")
        empty.browser.wait_text("There is no network yet")
        equal("PUT /api/v1/links/{link_id}" in empty.browser.page_text(), True)
        empty.bridge.put("/kms/only", {"kma_ids": ["kma-only"], "identity": "dns:only.example"})
        empty.browser.wait_true(SHOWN)
        empty.browser.wait_text("There are no links yet", ".map-side")
        empty.browser.wait_text("1 KMA, 0 connected; 0 links, 0 up.", ".map-side")
        equal(empty.browser.execute(MAP + "return map.scene.model.nodes.length;"), 1)
        empty.assert_clean()
    finally:
        empty.close()


def test_links_that_come_are_drawn_while_one_looks():
    stage.sign_in("admin", "/topology")
    browser.wait_true(SHOWN)
    wait_side("There are no links yet")
    links_of_stage()
    wait_side("5 links, 4 up", "1 link is down", "l13")
    equal(browser.find(".map-canvas-upper").name, "Map of 4 KMAs and 5 links")
    browser.wait_text("Down", ".map-legend")
    stage.assert_clean()


def test_layout_is_the_same_in_every_run():
    show()
    first = places()
    show()
    equal(places(), first)
    apart = [(left, right) for left in first for right in first if left < right
             and abs(first[left][0] - first[right][0]) + abs(first[left][1] - first[right][1]) < 40]
    equal(apart, [], "no KMA upon another")


def test_newcomer_leaves_all_others_where_they_are():
    show()
    before = places()
    stage.bridge.put("/links/new", {"a": "kma-1", "b": "kma-new"})
    wait_side("5 KMAs, ")
    after = places()
    equal({kma: at for kma, at in after.items() if kma != "kma-new"}, before)
    equal(stage.bridge.request("DELETE", "/links/new")[0], 200)
    wait_side("4 KMAs, ")
    equal(places(), before)


# ---- choosing

def test_search_goes_to_the_kma():
    show()
    browser.press("/")
    equal(browser.focused.role, "combobox")
    browser.press("ma-3")
    browser.wait_true("return document.querySelector('.map-found:not([hidden]) [aria-selected=true]') !== null;")
    equal([one.text for one in browser.find_all(".map-found li")], ["kma-3\nKM carol"])
    browser.press("Enter")
    wait_chosen("kma-3", None, None)
    camera = browser.execute(MAP + "const { camera } = map.scene; return [camera.x, camera.y, camera.scale >= 1];")
    equal(camera, [*places()["kma-3"], True])
    equal(browser.focused.role, "application")
    wait_url("a=kma-3")
    stage.assert_clean()


def test_two_clicks_tell_the_way_the_others_and_why():
    show()
    click("kma-1")
    wait_chosen("kma-1", None, None)
    click("kma-4", shift=True)
    wait_chosen("kma-1", "kma-4", None)
    wait_side("A relay now fails with no_route", "no usable path is installed", "none is present, so its turn is skipped",
              "The best: least cost, then most keys")
    ways = [[li.text for li in way.find_all(".path-list li")] for way in browser.find_all(".map-way")]
    equal(ways, [["kma-1", "kma-2", "kma-3", "kma-4"], ["kma-1", "kma-4"]])
    browser.find(".map-more summary").click()
    wait_side("l13", "its state is down")
    drawn = browser.execute(MAP + "return map.scene.paths.map((path) => path.role);")
    equal(drawn, ["best", "other"])
    wait_url("a=kma-1&b=kma-4")
    stage.assert_clean()


def test_path_that_a_link_leads_to_is_shown_until_it_is_put_away():
    show("?path=kma-4%2Ckma-1%2Ca%252Cb%2Ckma-2")  # the third has a comma in its name, and is not there
    wait_chosen("kma-4", "kma-2", None)
    wait_side("The path on the map", "Not in the network any more: a,b", "The best: least cost")
    equal([one.text for one in browser.find_all(".map-given .path-list li")], ["kma-4", "kma-1", "a,b", "kma-2"])
    drawn = "return map.scene.paths.map((path) => [path.role, path.nodes.map((index) => map.scene.model.nodes[index].id)]);"
    equal(browser.execute(MAP + drawn), [["given", ["kma-4", "kma-1", "kma-2"]]])
    browser.by_role("button", "Show the ways there are instead").click()
    browser.settle(lambda: [role for role, _ in browser.execute(MAP + drawn)] == ["best", "other"], "the ways there are")
    browser.wait_true("return !location.search.includes('path=') && document.querySelector('.map-given') === null")
    stage.assert_clean()


def test_installed_route_is_the_way_and_says_why_not_the_others():
    show("?a=kma-1&b=kma-4")
    wait_side("fails with no_route")
    stage.install("straight", ["kma-1", "kma-4"])
    stage.install("spare", ["kma-1", "kma-2", "kma-3", "kma-4"], priority=5)
    wait_side("A relay now goes by the installed route straight.", "spare (priority 5): Its priority 5 is lower than 100.",
              "Behind the best: ", "It is the way that is taken.", "Not taken: the installed route has the say.")
    equal(browser.execute(MAP + "return map.scene.paths.filter((path) => path.role === 'taken')"
                          ".map((path) => path.nodes.map((index) => map.scene.model.nodes[index].id));"), [["kma-1", "kma-4"]])


def test_link_that_goes_down_changes_the_way_while_one_looks():
    links_of_stage(l14="down")
    wait_side("A relay now goes by the installed route spare.", "straight (priority 100): The link between kma-1 and kma-4 is down.")
    browser.settle(lambda: rows("Links")["l14"].text.find("down") >= 0 or None, "the table to say so")
    links_of_stage()
    wait_side("A relay now goes by the installed route straight.")
    stage.be_present()
    stage.remove("straight", "spare")
    wait_side("A relay now")
    stage.assert_clean()


def test_other_direction_is_another_way():
    show("?a=kma-1&b=kma-4")
    browser.by_role("button", "Other direction").click()
    wait_chosen("kma-4", "kma-1", None)
    browser.settle(lambda: [li.text for li in browser.find_all(".map-way .path-list li")][:2] == ["kma-4", "kma-3"] or None, "the way back")


def test_tables_and_map_choose_together():
    show()
    rows("KMAs")["kma-2"].click()
    wait_chosen("kma-2", None, None)
    click("kma-3")
    wait_chosen("kma-3", None, None)
    browser.settle(lambda: [key for key, row in rows("KMAs").items() if row.attribute("aria-selected") == "true"] == ["kma-3"] or None,
                   "the table to mark kma-3")
    rows("Links")["l23"].click()
    wait_chosen(None, None, "l23")
    wait_side("Link l23", "Keys", "not known: nobody told")
    rows("KMAs")["kma-1"].click()
    row = rows("KMAs")["kma-4"]
    browser.execute("arguments[0].focus();", row)
    browser.press("Shift+Enter")
    wait_chosen("kma-1", "kma-4", None)
    stage.assert_clean()


def test_keyboard_alone_does_all():
    show()
    canvas = browser.tab_to("application", re.compile("^Map of"))
    equal(canvas.attribute("aria-roledescription"), "map")
    browser.press("Left")
    seen = set()
    for key in ("Left", "Right", "Up", "Down") * 6:
        seen.add(browser.execute(MAP + "return map.scene.selection.cursor;"))
        browser.press(key)
    equal(len(seen) >= 3, True, f"arrow keys lead to {seen}")
    browser.wait_true("return [...document.querySelectorAll('[role=status]')].some((one) => /^kma-\\d, not connected, KM \\w+, \\d links?/.test(one.textContent));")
    browser.press("Enter")
    first = browser.execute(MAP + "return map.scene.selection.cursor;")
    wait_chosen(first, None, None)
    for key in ("Left", "Right", "Up", "Down"):
        if browser.execute(MAP + "return map.scene.selection.cursor;") == first:
            browser.press(key)
    second = browser.execute(MAP + "return map.scene.selection.cursor;")
    browser.press("Shift+Enter")
    wait_chosen(first, second, None)
    wait_side(f"From {first} to {second}", "Who decides")
    scale = browser.execute(MAP + "return map.scene.camera.scale;")
    browser.press("+")
    equal(browser.execute(MAP + "return map.scene.camera.scale;") > scale, True)
    browser.press("0", "Escape")
    wait_chosen(None, None, None)
    equal(browser.execute(MAP + "return map.fitted;"), True)
    stage.assert_clean()


def test_view_comes_back_from_its_address():
    show("?a=kma-2&overlay=cost&hops=1&state=disconnected&z=1.5&x=10&y=20")
    equal(chosen(), ["kma-2", None, None])
    equal(browser.execute(MAP + "const { camera, overlay } = map.scene; return [camera.x, camera.y, camera.scale, overlay];"), [10, 20, 1.5, "cost"])
    equal(set(rows("KMAs")), {"kma-1", "kma-2", "kma-3"}, "one hop around kma-2")
    browser.find(".map-toolbar select").click()
    show("?q=dave")
    equal(set(rows("KMAs")), {"kma-4"})
    stage.assert_clean()


# ---- pins

def saved():
    browser.wait_true("return document.querySelector('.map-stage').dataset.pins === 'saved';")


def test_pin_is_kept_by_the_bridge():
    show()
    before = places()
    x, y = on_screen("kma-2")
    mouse((x, y), (x + 30, y + 10), (x + 60, y + 40))
    saved()
    after = places()
    pin = stage.bridge.read("/layouts/map")["pins"]
    equal(set(pin), {"kma-2"})
    equal(abs(pin["kma-2"]["x"] - after["kma-2"][0]) < 0.1 and after["kma-2"] != before["kma-2"], True, (pin, after, before))
    equal({kma: at for kma, at in after.items() if kma != "kma-2"}, {kma: at for kma, at in before.items() if kma != "kma-2"})
    show()
    again = places()
    equal(again["kma-2"], [pin["kma-2"]["x"], pin["kma-2"]["y"]])
    equal({kma: at for kma, at in again.items() if kma != "kma-2"}, {kma: at for kma, at in before.items() if kma != "kma-2"})
    equal("pinned" in rows("KMAs")["kma-2"].property("textContent"), True, "also where that column has no room")
    stage.assert_clean()


def test_pins_of_two_people_are_both_kept():
    show()
    there = stage.bridge.read("/layouts/map")["pins"]
    stage.bridge.put("/layouts/map", {"pins": {**there, "kma-9": {"x": 1, "y": 2}}})
    x, y = on_screen("kma-3")
    mouse((x, y), (x + 20, y), (x + 40, y + 30))
    saved()
    equal(set(stage.bridge.read("/layouts/map")["pins"]), {"kma-2", "kma-3", "kma-9"})
    stage.assert_clean(r"status of 412 .* \S+/api/v1/layouts/map$")


def test_unpinned_goes_back():
    show("?a=kma-2")
    equal(places()["kma-2"] == [stage.bridge.read("/layouts/map")["pins"]["kma-2"][axis] for axis in "xy"], True)
    browser.by_role("button", "Unpin").click()
    saved()
    equal("kma-2" in stage.bridge.read("/layouts/map")["pins"], False)
    now = places()["kma-2"]
    equal(stage.bridge.request("DELETE", "/layouts/map")[0], 200)
    show()
    equal(places()["kma-2"], now)


def test_viewer_pins_nothing_and_is_told_why():
    other = WebStage(kms=KMS)
    try:
        other.sign_in("viewer", "/topology?a=kma-1")
        other.browser.wait_true(SHOWN)
        pin = other.browser.by_role("button", "Pin here")
        equal((pin.attribute("aria-disabled"), "orchestrator" in pin.attribute("title")), ("true", True))
        pin.click()
        equal(other.bridge.get("/layouts/map")[0], 404)
        other.assert_clean()
    finally:
        other.close()


# ---- what goes on

def test_relay_lights_its_path_and_shows_how_it_ended():
    alice = stage.dial("alice")
    show()
    status, _, relay = stage.bridge.post("/relays", {"path": ["kma-1", "kma-2", "kma-3"]})
    equal(status, 201, relay)
    browser.wait_text("1 relay shown", ".map-flow-line")
    equal(browser.execute(MAP + "return map.flows.flows.get(arguments[0]).path;", relay["relay_id"]), ["kma-1", "kma-2", "kma-3"])
    alice.answer(harness.RELAY_REQUEST)
    alice.complete(relay["relay_id"])
    browser.wait_true(MAP + "return map.flows.flows.get(arguments[0])?.outcome === 'succeeded';", relay["relay_id"])
    browser.wait_true(MAP + "return map.flows.flows.size === 0;")
    alice.close()
    stage.assert_clean()


def test_without_motion_the_path_stands_still():
    browser.emulate(reduced_motion=True)
    alice = stage.dial("alice")
    try:
        show()
        _, _, relay = stage.bridge.post("/relays", {"path": ["kma-1", "kma-2"]})
        browser.wait_text("1 relay shown", ".map-flow-line")
        equal(browser.execute(MAP + "const flow = map.flows.flows.get(arguments[0]); return [map.flows.progress(flow, performance.now()), map.flows.nextChange() > 0];",
                              relay["relay_id"]), [1, True])
        alice.answer(harness.RELAY_REQUEST)
        alice.complete(relay["relay_id"])
        browser.wait_true(MAP + "return map.flows.flows.size === 0;")
    finally:
        browser.emulate()
        alice.close()
    stage.assert_clean()


# ---- names, sizes, people

def test_names_of_others_stay_text():
    for number, name in enumerate((MARKUP, BACKWARDS, LONG)):
        stage.bridge.put(f"/links/odd-{number}", {"a": "kma-1", "b": name})
    show()
    browser.wait_text(MARKUP, ".map-tables")
    browser.wait_text("\\u202eamk", ".map-tables")
    equal(browser.execute("return document.querySelectorAll('main img').length;"), 0)
    labels = browser.execute("""return import('/topology/labels.js').then(({ labelOf }) => arguments[0].map(labelOf));""", [MARKUP, BACKWARDS, LONG])
    equal((labels[0][:4], labels[1], len(labels[2]) < 30), ("<img", "\\u202eamk", True))
    click(BACKWARDS)
    wait_side("\\u202eamk", "none is enrolled; only links name it")
    for number in range(3):
        equal(stage.bridge.request("DELETE", f"/links/odd-{number}")[0], 200)
    stage.assert_clean()


def test_everybody_can_use_it():
    for dark in (False, True):
        browser.emulate(dark=dark)
        show("?a=kma-1&b=kma-4")
        wait_side("Who decides")
        accessibility.assert_accessible(browser, f"topology, dark {dark}")
    browser.emulate()
    accessibility.assert_reflows(browser, "topology")
    browser.resize(1280, 800)
    stage.assert_clean()


def test_a_thousand_kmas_are_found_and_focused():
    count = 1000
    links = [(i, (i - 1) // 2) for i in range(1, count)] + [(i, (i * 7 + 3) % count) for i in range(count) if i != (i * 7 + 3) % count]
    stage.bridge.put("/links", {"origin": "test", "links": [
        {"link_id": f"m{number}", "a": f"node-{a:04}", "b": f"node-{b:04}"} for number, (a, b) in enumerate(links)]})
    show()
    browser.wait_text("1,004 KMAs", ".map-toolbar")
    first = places()
    equal(len(first), count + 4)
    browser.press("/", "node-0777")
    browser.wait_true("return document.querySelectorAll('.map-found li').length === 1;")
    browser.press("Enter")
    wait_chosen("node-0777", None, None)
    browser.by_role("button", "1 hop").click()
    browser.wait_true(MAP + "return map.scene.look.filter((look) => look === 2).length <= 6;")
    show()
    equal(places(), first)
    browser.press("0")
    stage.assert_clean()


def clean():
    stage.close()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
