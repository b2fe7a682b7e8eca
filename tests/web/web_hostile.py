#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Names that others choose do no harm in any view: markup, what reorders or hides text, 255 bytes. And networks of no
KMA, of one, of a country, of a thousand and of three are told whole."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accessibility
from web_stage import WebStage, equal, harness

RAW = "[\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]"
MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>'
NAMES = [MARKUP, '"><svg/onload=alert(3)>', "javascript:alert(4)", "\u202egnihton\u202c", "a\u200bb\u2066c\u2069", "../../../etc",
         "%2e%2e%2f?x=1#y", "kma 1;DROP TABLE", "é\u0301" + "\u0300" * 40, "x" * 255, "\U0001f511" * 63, "\u05d0\u05d1 1 \u05d2",
         "__proto__", "constructor", "null"]
SIZES = (0, 1, 14, 1000, 3000)  # KMAs


def fill(bridge):
    """Everything that has a name has each of them."""
    for number, name in enumerate(NAMES):
        quoted = harness.urllib.parse.quote(name, safe="")
        bridge.put(f"/kms/{quoted}", {"kma_ids": [name], "identity": f"dns:hostile-{number}.example"})
        bridge.put(f"/applications/{quoted}", {"kma_id": name})
    bridge.put("/links", {"origin": "hostile", "links": [
        {"link_id": name, "a": name, "b": NAMES[number - 1], "cost": 1} for number, name in enumerate(NAMES)]})
    bridge.put("/links/down", {"a": NAMES[0], "b": NAMES[3], "state": "down"})
    bridge.put("/routes", {"origin": "hostile", "routes": [
        {"route_id": name, "destination_kma_id": NAMES[number - 1], "path": [name, NAMES[number - 1]], "priority": 1}
        for number, name in enumerate(NAMES)]})


def judge(browser, what):
    """What could have gone wrong, had a name become more than text."""
    equal(browser.execute("return document.querySelectorAll('main img, main script, main iframe, [onerror], [onload]').length;"),
          0, f"{what}: elements of a name")
    found = browser.execute(f"return (document.body.innerText.match(/{RAW}/gu) || []).map((c) => c.codePointAt(0).toString(16));")
    equal(found, [], f"{what}: characters that hide or reorder")
    equal(browser.execute("return document.querySelectorAll('a[href^=\"javascript:\" i]').length;"), 0, f"{what}: links that run")


def test_names_are_nothing_but_text_in_every_view():
    stage = WebStage(kms={"alice": ("kma-1", "")}, links={})
    browser = stage.browser
    try:
        alice = stage.dial("alice")
        fill(stage.bridge)
        relays = [stage.hold_relay(alice, "kma-1", name) for name in NAMES]
        application = stage.hold_relay(alice, "kma-1", None, application_destination_ID=MARKUP)
        lookup = stage.hold_lookup(alice, "kma-1", MARKUP)
        stage.bridge.post(f"/relays/{relays[0]}/decision", {"reject": MARKUP + NAMES[3]})
        stage.sign_in("orchestrator")
        samples = {"/relays/": relays[0], "/lookups/": lookup, "/kms/": MARKUP, "/routes/": MARKUP}
        for title, address in stage.addresses(samples):
            stage.visit(address)
            judge(browser, title)
            accessibility.assert_reflows(browser, title)
        stage.visit(f"/relays/{application}", "Relay")
        judge(browser, "a relay to an application")
        stage.visit("/held", "Held")
        browser.by_role("button", f"Decide relay {relays[1]}").click()
        browser.wait_text("A computed path", "dialog[open] .ways")
        browser.by_role("radio", "A path of your own").click()
        judge(browser, "the dialog that decides")
        stage.assert_clean()
    finally:
        stage.close()


def ring(count):
    """KMAs and the links of a ring with chords."""
    kmas = [f"kma-{n:04}" for n in range(count)]
    return kmas, {f"l{n:04}-{step}": (kma, kmas[(n + step) % count], 1, "up")
                  for n, kma in enumerate(kmas) for step in (1, 7) if count > step}


def shows_network(stage, count):
    """What depends on the network's size tells it, and shows rows of it."""
    kmas, links = ring(count)
    if kmas:
        stage.bridge.put("/kms/first", {"kma_ids": kmas[:32], "identity": "dns:a.example"})
    stage.put_links(links)
    browser = stage.browser
    stage.visit("/")
    browser.wait_text(f"0 of {min(count, 1)} KMs connected", ".overview-headline")
    stage.visit("/kms", "Key managers")
    equal(len(browser.find_all("main tbody tr[data-key]")), min(count, 1), "KMs in the list")
    stage.visit("/links", "Links and applications")
    if links:
        browser.wait_true("return document.querySelector('table[aria-label=Links]').getAttribute('aria-rowcount') === arguments[0]", str(len(links) + 1))
        browser.find("table[aria-label=Links] tr[data-key]")
    else:
        browser.wait_text("No links", "main")
    stage.open("/topology")
    if count == 0:
        browser.wait_text("There is no network yet", "main")
        return
    browser.wait_text(f"{count:,} {'KMA' if count == 1 else 'KMAs'}, 0 connected; {len(links):,} links, {len(links):,} up.", ".map-side")
    browser.wait_true("return document.querySelector('.map-stage').topologyMap.stage.painted.lower > 0")


def test_networks_of_none_to_three_thousand_kmas():
    stage = WebStage(kms={}, links={})
    try:
        stage.sign_in("viewer")
        for title, address in stage.addresses({"/kms/": "nobody", "/relays/": "1", "/lookups/": "1", "/routes/": "nobody"}):
            if address.count("/") == 1:  # what is one of a list is not there
                stage.visit(address)
                equal(stage.browser.execute("return document.querySelector('main').innerText.trim().length > 0;"), True, title)
        for count in SIZES:
            shows_network(stage, count)
            stage.assert_clean()
    finally:
        stage.close()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")])
