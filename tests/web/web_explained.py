#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Why a request was decided so, as the bridge kept it then: who was asked in which order, what stood against the other
ways, also after the network has become another; and of a request that has none kept, that it has none."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from accessibility import assert_accessible, assert_reflows
from web_stage import LINKS, WebStage, equal, harness

ROUTES_FIRST = "order = routes, orchestrator, computed\norchestrator_ms = 600000\npresence_ms = 1\ncompletion_ms = 600000"
WAY = ["kma-1", "kma-2", "kma-3", "kma-4"]
stage = WebStage(decision=ROUTES_FIRST)
bridge, browser = stage.bridge, stage.browser
alice = stage.dial("alice")
proxy = stage.through_proxy()
stage.sign_in("viewer", "/")


def steps():
    return browser.execute("return [...document.querySelectorAll('.asked .asked-head')].map((one) => one.innerText.replaceAll('\\n', ' '));")


def ways(css):
    return browser.execute("return [...document.querySelectorAll(arguments[0])].map((way) =>"
                           " [...way.querySelectorAll('.path-list li')].map((step) => step.innerText));", css)


def relay(destination="kma-4"):
    """One that is decided at once, and succeeds; its ID."""
    told = alice.relay({"source_KMA_ID": "kma-1", "destination_KMA_ID": destination}).payload
    alice.complete(told["key_relay_request_ID"])
    bridge.wait_relay(told["key_relay_request_ID"], "succeeded")
    return told["key_relay_request_ID"]


def test_computed_path_tells_who_was_asked_before():
    number = relay()
    stage.visit(f"/relays/{number}", f"Relay {number}")
    equal(steps(), ["Installed routes none matched", "Orchestrator not there", "Computation decided"])
    browser.wait_text("By the rule: least cost, of equals the most keys at the scarcest link; cost 3, least keys on l12 (nobody had told its stock).", ".asked")
    assert_accessible(browser, "an explanation")
    stage.assert_clean()


def test_way_that_lacked_keys_is_shown_with_the_link_and_stays_when_keys_come():
    bridge.put("/links/l45", {"a": "kma-4", "b": "kma-5", "key_stock": 0})
    alice.send(harness.NOTIFY, {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-5"})
    failed = harness.wait_until(lambda: bridge.items("/relays?state=failed"), "the relay to fail")[0]["relay_id"]
    bridge.put("/links/l45", {"a": "kma-4", "b": "kma-5", "key_stock": 100})
    stage.visit(f"/relays/{failed}", f"Relay {failed}")
    equal(steps(), ["Installed routes none matched", "Orchestrator not there", "Computation too few keys"])
    equal(ways(".against > li"), [[*WAY, "kma-5"]])
    browser.wait_text("cost 4, least keys on l45 (0 keys)", ".against")
    browser.wait_text("Not taken: a link had no key left: link l45.", ".against")
    equal(browser.find(".as-of-now").property("open"), False, "what is now is asked for")
    browser.find(".as-of-now summary").click()
    browser.wait_text("the best", ".paths-found")
    equal(ways(".paths-found .found > li")[0], [*WAY, "kma-5"])
    equal(bridge.request("DELETE", "/links/l45")[0], 200)
    stage.assert_clean()


def test_route_that_was_passed_over_is_named_with_its_reason():
    stage.put_links({**LINKS, "l13": ("kma-1", "kma-3", 1, "up")})
    stage.install("first", ["kma-1", "kma-3", "kma-4"], priority=200)
    stage.install("second", ["kma-1", "kma-4"], priority=100)
    stage.put_links(LINKS)
    number = relay()
    stage.remove("first", "second")
    stage.visit(f"/relays/{number}", f"Relay {number}")
    equal(steps(), ["Installed routes decided"])
    browser.wait_text("Route second as of revision", ".asked")
    browser.wait_text("Route first was passed over: a link was down: link l13", ".against")
    stage.assert_clean()


def test_lookup_is_explained_too():
    told = alice.hops({"current_KMA_ID": "kma-1", "source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-4"})
    equal(told.payload["next_KMA_IDs"] != [], True)
    number = bridge.items("/lookups")[0]["lookup_id"]
    kept = bridge.read(f"/lookups/{number}")["explanation"]["steps"][-1]["alternatives"]
    stage.visit(f"/lookups/{number}", f"Lookup {number}")
    equal(steps(), ["Installed routes none matched", "Orchestrator not there", "Computation decided"])
    browser.wait_text("every next hop that is nearer to the destination", ".asked")
    equal(len(kept) > 0, True, "the link that is down leads to one that was not taken")
    equal(ways(".against > li"), [way["path"] for way in kept])
    browser.wait_text("Not taken: a link was down: link l13.", ".against")
    assert_accessible(browser, "an explained lookup")
    assert_reflows(browser, "an explained lookup")
    stage.assert_clean()


def forged(number, explanation):
    """The relay's page, when the bridge answers with this explanation."""
    body = {**bridge.relay(number), "explanation": explanation}
    return proxy.answers(200, f"/api/v1/relays/{number}$", "GET", **body)


def test_request_without_an_explanation_says_so():
    number = relay()
    with forged(number, None):
        stage.visit(f"/relays/{number}", f"Relay {number}")
        browser.wait_text("No explanation was kept with this relay", ".no-explanation")
        equal(browser.find(".as-of-now").property("open"), True, "what can be told is told")
        browser.wait_text("kma-2", ".paths-found")
    with forged(number, {"steps": [], "ignored_constraints": []}):
        stage.visit(f"/relays/{number}", f"Relay {number}")
        browser.wait_text("Nobody was asked: it was refused before.", ".explanation")
    stage.assert_clean()


def test_every_code_of_the_reference_has_words():
    """Of every decider every outcome, every obstacle, rule and constraint: none is shown as its code."""
    with open(os.path.join(harness.SOURCE, "bridge", "http", "openapi.json"), encoding="utf-8") as file:
        schemas = json.load(file)["components"]["schemas"]
    obstacles = schemas["Obstacle"]["enum"]
    asked = {name: schemas[name]["properties"] for name in ("RoutesAsked", "OrchestratorAsked", "ComputationAsked")}
    explained = []
    for outcome in asked["RoutesAsked"]["outcome"]["enum"]:
        explained.append({"decider": "routes", "outcome": outcome, "route_id": None, "route_revision": None, "passed_over": []})
    explained += [{"decider": "orchestrator", "outcome": outcome} for outcome in asked["OrchestratorAsked"]["outcome"]["enum"]]
    for outcome in asked["ComputationAsked"]["outcome"]["enum"]:
        explained.append({"decider": "computed", "outcome": outcome, "rule": "widest", "cost": None, "bottleneck": None, "alternatives": []})
    for rule in asked["ComputationAsked"]["rule"]["enum"]:
        explained.append({"decider": "computed", "outcome": "decided", "rule": rule, "cost": 4294967297, "bottleneck": {"link_id": "l1", "key_stock": None},
                          "alternatives": [{"path": ["kma-1", "kma-4"], "cost": 9, "bottleneck": None, "reason": reason, "link_id": None, "kma_id": "kma-1"}
                                           for reason in obstacles]})
    constraints = schemas["Explanation"]["properties"]["ignored_constraints"]["items"]["enum"]
    number = relay()
    with forged(number, {"steps": explained, "ignored_constraints": constraints}):
        stage.visit(f"/relays/{number}", f"Relay {number}")
        equal(len(steps()), len(explained))
        browser.wait_text("cost beyond all others, for a link is penalised, least keys on l1 (nobody had told its stock)", ".asked")
        shown = browser.text_of(".explanation")
    codes = {code for code in [*obstacles, *constraints, *(each["outcome"] for each in explained), *(each.get("rule", "") for each in explained)] if "_" in code}
    equal(sorted(code for code in codes if re.search(rf"\b{code}\b", shown)), [])
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
