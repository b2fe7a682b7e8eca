#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the dashboard offers of the bridge's planning: an application whose place is remembered with a decision, pairs of
paths that do not fail together, links that are penalised for failed relays, and what keys links have left."""
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from accessibility import assert_accessible
from web_stage import HOLDING, WebStage, equal, harness, told_of

WAY = ["kma-1", "kma-2", "kma-3", "kma-4"]
stage = WebStage(decision=HOLDING + "\nfailing_relays = 2\nfailing_window_ms = 3600000\nfailing_penalty_ms = 3600000")
bridge, browser = stage.bridge, stage.browser
dialog, press_button, open_decision, wait_closed = stage.dialog, stage.press_button, stage.open_decision, stage.wait_closed
alice = stage.dial("alice")
stage.sign_in("admin", "/")
MAP = "const map = document.querySelector('.map-stage').topologyMap; "
PAINTED = "const map = document.querySelector('.map-stage')?.topologyMap; return map !== undefined && map.stage.painted.lower > 0;"


def penalise(failures):
    """After so many failed relays; 0: never, and what is penalised recovers."""
    with open(bridge.configuration, encoding="utf-8") as file:
        text = file.read()
    stage.folder.write("ckbridge.conf", re.sub("failing_relays = .", f"failing_relays = {failures}", text))
    bridge.signal(signal.SIGHUP)


def choose(label, option, within=None):
    """As a person does: the option of a list."""
    browser.execute("const [list, words] = arguments; list.value = [...list.options].find((one) => one.textContent === words).value;"
                    "list.dispatchEvent(new Event('change'));", browser.by_role("combobox", label, within), option)


def show(query):
    stage.open("/topology" + query)
    browser.wait_true(PAINTED)


def side(*words):
    for word in words:
        browser.wait_text(word, ".map-side")


def hold_for(application, kind="relay"):
    """A request that names nothing but an application, held for a decision; its ID."""
    stage.be_present()
    key = f"{kind}_id"
    before = {one[key] for one in stage.held(f"{kind}s")}
    alice.send(harness.NOTIFY if kind == "relay" else harness.NEXT_HOP_REQUEST, {"application_destination_ID": application})
    return harness.wait_until(lambda: next((one[key] for one in stage.held(f"{kind}s") if one[key] not in before), None), f"a {kind} to be held")


def relay(words, way=("kma-1", "kma-4")):
    """One that is decided, and ended by its KM with these words."""
    number = stage.hold_relay(alice)
    equal(bridge.post(f"/relays/{number}/decision", {"path": list(way)})[0], 200)
    alice.answer(harness.RELAY_REQUEST)
    alice.complete(number, words)
    return bridge.wait_relay(number, "succeeded" if words == "success" else "failed")


# ---- an application that nobody knows

def test_application_is_remembered_with_the_decision():
    number = hold_for("app-new")
    open_decision("relay", number)
    browser.wait_text("Say where the destination is.", "dialog")
    place = browser.by_role("combobox", "Where the destination is", dialog())
    place.fill("kma-nowhere")
    browser.wait_text("Neither a KM nor a link names kma-nowhere: no path leads there.", "dialog")
    place.fill("kma-4")
    browser.wait_text("the best", "dialog .found")
    box = browser.by_role("checkbox", "Remember that application app-new is at this KMA", dialog())
    equal(box.property("checked"), False, "nothing is remembered unasked")
    box.click()
    browser.press("Tab")
    assert_accessible(browser, "deciding for an application")
    press_button("Give this path", dialog())
    wait_closed()
    browser.wait_text("Application app-new is at kma-4 from now on.", ".notices")
    equal(bridge.read("/applications/app-new")["kma_id"], "kma-4")
    alice.answer(harness.RELAY_REQUEST)
    alice.complete(number)
    stage.visit("/links", "Links")
    browser.wait_text("app-new", "table[aria-label=Applications]")
    stage.assert_clean()


def test_known_application_is_not_offered_to_be_remembered():
    number = hold_for("app-new")
    open_decision("relay", number)
    browser.wait_text("application app-new", "dialog .about-request")
    browser.wait_text("the best", "dialog .found")
    equal(browser.all_by_role("checkbox", None, dialog()), [])
    browser.by_role("radio", "Reject it", dialog()).click()
    browser.by_role("textbox", "Reason", dialog()).type("not now")
    press_button("Reject", dialog())
    wait_closed()
    stage.assert_clean()


def test_lookup_teaches_too_and_a_rejection_does_not():
    number = hold_for("app-hop", "lookup")
    open_decision("lookup", number)
    browser.by_role("combobox", "Where the destination is", dialog()).fill("kma-3")
    browser.by_role("checkbox", re.compile("^Remember"), dialog()).click()
    browser.by_role("radio", "Reject it", dialog()).click()
    equal([one.is_shown for one in dialog().find_all(".decide-target")], [False])
    browser.by_role("radio", "Next hops", dialog()).click()
    browser.by_role("combobox", "Any other KMA", dialog()).fill("kma-2")
    press_button("Add", dialog())
    press_button("Answer with these", dialog())
    wait_closed()
    alice.answer(harness.NEXT_HOP_RESPONSE)
    equal(bridge.read("/applications/app-hop")["kma_id"], "kma-3")
    number = hold_for("app-not", "lookup")
    open_decision("lookup", number)
    browser.by_role("checkbox", re.compile("^Remember"), dialog()).click()
    browser.by_role("radio", "Reject it", dialog()).click()
    browser.by_role("textbox", "Reason", dialog()).type("no such")
    press_button("Reject", dialog())
    wait_closed()
    alice.answer(harness.NEXT_HOP_RESPONSE)
    equal((bridge.get("/applications/app-not")[0], bridge.read(f"/lookups/{number}")["detail"]), (404, "no such"))
    stage.assert_clean()


def test_place_that_nobody_knows_is_refused_in_words():
    number = hold_for("app-lost")
    open_decision("relay", number)
    browser.by_role("combobox", "Where the destination is", dialog()).fill("kma-4")
    browser.wait_text("the best", "dialog .found")
    browser.by_role("checkbox", re.compile("^Remember"), dialog()).click()
    bridge.put("/applications/app-lost", {"kma_id": "kma-3"})  # somebody was faster, and knows better
    press_button("Give this path", dialog())
    browser.wait_text("kma-3", ".decide-result")
    equal((bridge.relay(number)["state"], bridge.read("/applications/app-lost")["kma_id"]), ("awaiting_decision", "kma-3"))
    browser.press("Escape")
    wait_closed()
    bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    stage.assert_clean(told_of(422, "/decision$"))


# ---- pairs of paths

def test_pair_is_computed_in_the_dialog_and_one_of_it_given():
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("the best", "dialog .found")
    choose("Look for", "a pair without a common KMA", dialog())
    browser.wait_text("the better of the two", "dialog .found")
    browser.wait_text("Give the other to another relay", "dialog")
    ways = [[step.text for step in way.find_all(".path-list li")] for way in browser.find_all("dialog .found > li")]
    equal(ways, [WAY, ["kma-1", "kma-4"]])
    browser.wait_text("l12, l23, l34", "dialog .found")
    browser.press("Tab")
    assert_accessible(browser, "a pair")
    browser.by_role("radio", re.compile("^Path 2"), dialog()).click()
    press_button("Give this path", dialog())
    wait_closed()
    told = alice.answer(harness.RELAY_REQUEST).payload
    equal((told["transit_KMA_IDs"], told["destination_KMA_ID"]), ([], "kma-4"))
    alice.complete(number)
    bridge.wait_relay(number, "succeeded")
    stage.assert_clean()


def test_why_there_is_no_second_path_is_explained():
    bridge.put("/links/l45", {"a": "kma-4", "b": "kma-5"})
    number = stage.hold_relay(alice, destination="kma-5")
    open_decision("relay", number)
    choose("Look for", "a pair without a common link", dialog())
    browser.wait_text("every path uses the link l45", "dialog .no-second")
    equal([one.text for one in browser.find_all("dialog .shared li")], ["Link l45"])
    browser.wait_text("A link beside it, or a way around it, would make a pair.", "dialog .no-second")
    browser.wait_text("the only one", "dialog .found")
    browser.press("Escape")
    wait_closed()
    bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    stage.assert_clean()


def test_pair_is_shown_on_the_map_along_the_very_links():
    bridge.put("/links/l14-too", {"a": "kma-1", "b": "kma-4", "cost": 1})
    show("?a=kma-1&b=kma-4")
    side("Ways there are")
    choose("Look for", "a pair without a common link")
    side("A pair of ways", "Over", "l14-too", "The better of the two")
    drawn = browser.execute(MAP + "return map.scene.paths.map(({ role, hops }) => [role, hops.map((link) => link.id)]);")
    equal(drawn, [["best", ["l14-too"]], ["second", ["l12", "l23", "l34"]]])
    choose("Look for", "a pair without a common KMA")
    side("A pair of ways")
    equal(bridge.request("DELETE", "/links/l14-too")[0], 200)
    show("?a=kma-4&b=kma-5")
    choose("Look for", "a pair without a common KMA")
    side("no second path", "there is no way but the direct one", "A way by another KMA would make a pair.")
    choose("Look for", "any ways")
    side("Ways there are")
    browser.wait_no_text("no second path", ".map-side")
    equal(bridge.request("DELETE", "/links/l45")[0], 200)
    stage.assert_clean()


# ---- links that are penalised

def test_penalised_link_is_marked_where_it_is_seen():
    show("")
    browser.wait_text("Up", ".map-legend")
    for _ in range(2):
        relay("no key")
    side("1 link is penalised", "l14")
    browser.wait_text("Penalised\n1", ".map-legend")
    marked = MAP + "return map.scene.penalised.map((link) => [link.id, map.scene.scale.classes[map.scene.scale.classOf(link)].name]);"
    equal(browser.execute(marked), [["l14", "Penalised"]])
    browser.wait_text("penalised", ".map-tables tr[data-key='l14']")
    choose("Lines", "Cost")
    browser.wait_text("penalised\n1", ".map-legend")
    stage.visit("/links?state=penalised", "Links")
    browser.wait_text("penalised", "main tr[data-key='l14']")
    equal([one.attribute("data-key") for one in browser.find_all("table[aria-label=Links] tr[data-key]")], ["l14"])
    stage.assert_clean()


def test_mark_is_painted_upon_the_link():
    """Its colour is where the link's middle is, and is not where another link's is."""
    show("")
    browser.wait_text("Penalised\n1", ".map-legend")
    painted = browser.execute(MAP + """
        const { scene, stage } = map;
        const wanted = getComputedStyle(document.querySelector('.map-tones [data-tone=warning]')).color.match(/\\d+/g).map(Number);
        const canvas = document.querySelector('.map-canvas');
        const ratio = canvas.width / canvas.clientWidth;
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        return ['l14', 'l23'].map((id) => {
          const { x, y } = scene.middle(scene.model.link(id));
          const at = [scene.camera.screenX(x), scene.camera.screenY(y)].map((each) => Math.round(each * ratio));
          const [r, g, b] = copy.getImageData(...at, 1, 1).data;
          return Math.abs(r - wanted[0]) + Math.abs(g - wanted[1]) + Math.abs(b - wanted[2]) < 24;
        });""")
    equal(painted, [True, False])


def test_penalty_says_until_when_and_why_not_that_way():
    show("?link=l14")
    side("penalised", "2 relays over it failed. Computed paths use it only when there is nothing else.")
    show("?a=kma-1&b=kma-4")
    side("until ", "2 relays over it failed", "Cost 9, 1 hop")
    number = stage.hold_relay(alice)
    open_decision("relay", number)
    browser.wait_text("Link l14 until", "dialog .penalties")
    browser.press("Escape")
    wait_closed()
    bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    stage.visit("/")
    browser.wait_text("Link l14 is penalised", ".findings")
    stage.assert_clean()


def test_recovered_link_loses_its_mark_while_one_looks():
    show("")
    browser.wait_text("Penalised\n1", ".map-legend")
    penalise(0)
    browser.wait_no_text("Penalised", ".map-legend")
    browser.wait_no_text("penalised", ".map-side")
    penalise(2)
    stage.assert_clean()


# ---- keys

def test_keys_of_a_link_are_told_and_follow_what_relays_use():
    bridge.put("/links/l14", {"a": "kma-1", "b": "kma-4", "cost": 9, "key_stock": 10, "key_rate": 0})
    show("?link=l14&overlay=stock")
    side("10, of a stock of 10 when it was told", "0 keys of relays under way", "0 keys an hour")
    browser.wait_text("not known", ".map-legend")
    number = stage.hold_relay(alice)
    bridge.post(f"/relays/{number}/decision", {"path": ["kma-1", "kma-4"]})
    alice.answer(harness.RELAY_REQUEST)
    side("9, of a stock of 10 when it was told", "1 key of relays under way")  # no event says so
    before = bridge.read("/links/l14")["key_used"]
    alice.complete(number)
    side(f"{before + 1} key", "0 keys of relays under way")
    stage.visit("/links", "Links")
    browser.wait_text("9", "main tr[data-key='l14']")
    stage.assert_clean()


# ---- policies

def test_policy_of_a_destination_is_over_its_kms_and_that_over_the_configuration():
    told = browser.execute("""
        return import('/service/policy.js').then(({ policyFor, hasOwnPolicies }) => {
          const status = { decision: { order: ['routes'], orchestrator_ms: 2000, metric: 'widest' } };
          const km = (policy) => new Map([['alice', { km_id: 'alice', policy }]]);
          const to = (policy) => new Map([['kma-4', { kma_id: 'kma-4', ...policy }]]);
          const request = { km_id: 'alice', destination_kma_id: 'kma-4' };
          return [
            { status, kms: km(undefined) },
            { status, kms: km({ order: null, orchestrator_ms: 500 }), destinations: new Map() },
            { status, kms: km({ order: ['computed'], orchestrator_ms: 500 }), destinations: to({ order: ['orchestrator'], orchestrator_ms: null }) },
          ].map((data) => [policyFor(request, data), hasOwnPolicies(data)]);
        });""")
    equal(told, [[{"order": ["routes"], "orchestrator_ms": 2000, "metric": "widest"}, False],
                 [{"order": ["routes"], "orchestrator_ms": 500, "metric": "widest"}, True],
                 [{"order": ["orchestrator"], "orchestrator_ms": 500, "metric": "widest"}, True]])


def test_time_left_is_that_of_the_destinations_policy():
    bridge.put("/destinations/kma-4", {"order": ["orchestrator", "computed"], "orchestrator_ms": 3000000})
    numbers = [stage.hold_relay(alice, destination=kma) for kma in ("kma-4", "kma-3")]
    stage.visit("/held", "Held")
    browser.wait_text("Some KMs or destinations have a policy of their own", ".policy")
    left = [browser.find(f"main tr[data-key='relay {number}'] td").text for number in numbers]
    equal([re.sub(r"\d min.*", "x", each) for each in left], ["4x", "x"], left)
    open_decision("relay", numbers[0])
    browser.wait_text("left; then the bridge computes a path", "dialog .decide-clock")
    browser.press("Escape")
    wait_closed()
    for number in numbers:
        bridge.post(f"/relays/{number}/decision", {"reject": "test"})
    equal(bridge.request("DELETE", "/destinations/kma-4")[0], 200)
    browser.wait_no_text("policy of their own", ".policy")
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
