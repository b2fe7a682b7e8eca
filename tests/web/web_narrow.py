#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every view on a telephone of 360 pixels: nothing scrolls sideways, neither the page nor what is in it, rows are cards
that say what each value is, and they keep the roles, the keys and the order that the wide table has."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
from accessibility import assert_accessible
from receiver import Receiver
from web_stage import WebStage, equal, harness

WIDTH, HEIGHT = 360, 780
MANY = 220
WAY = ["kma-1", "kma-2", "kma-3", "kma-4"]
LONG = "schluesselverwaltung-der-donaudampfschifffahrtsgesellschaft-wien-und-umgebung"
stage = WebStage(size=(WIDTH, HEIGHT))
bridge, browser = stage.bridge, stage.browser
receiver = Receiver(answer=lambda delivery: 400)
alice = stage.dial("alice")


def furnish():
    """Something of everything, also of names that have no place to break; what addresses name."""
    bridge.put(f"/kms/{LONG}", {"kma_ids": [f"kma-{LONG}", "kma-6"], "identity": f"dns:{LONG}.example"})
    bridge.put(f"/links/{LONG}", {"a": "kma-1", "b": f"kma-{LONG}", "cost": 4294967295, "key_stock": 9007199254740991, "key_rate": 3600000})
    bridge.put(f"/applications/{LONG}", {"kma_id": f"kma-{LONG}"})
    bridge.put(f"/routes/{LONG}", {"destination_kma_id": f"kma-{LONG}", "path": [*WAY[:1], f"kma-{LONG}"], "priority": 10})
    bridge.put("/routes/hops", {"destination_kma_id": "kma-4", "next_hops": {"kma-1": ["kma-2", f"kma-{LONG}"]}})
    bridge.put(f"/webhooks/{LONG}", {"url": receiver.url, "types": ["link.changed"]})
    bridge.put("/links/l-dead", {"a": "kma-1", "b": "kma-2", "cost": 2})
    done, lost, held = [stage.hold_relay(alice) for _ in range(3)]
    far = stage.hold_relay(alice, "kma-1", f"kma-{LONG}")
    for number, words in ((done, "success"), (lost, f"no key: {'x' * 200}")):
        bridge.post(f"/relays/{number}/decision", {"path": WAY})
        alice.complete(number, words)
    bridge.wait_relay(lost, "failed")
    lookup = stage.hold_lookup(alice)
    answered = stage.hold_lookup(alice)
    bridge.post(f"/lookups/{answered}/decision", {"next_hops": ["kma-2", f"kma-{LONG}"]})
    return {"/relays/": lost, "/lookups/": lookup, "/kms/": LONG, "/routes/": LONG}, held, far


SAMPLES, HELD, FAR = furnish()
ADDRESSES = [*stage.addresses(SAMPLES), ("a relay to a long name", f"/relays/{FAR}"), ("next hops", "/routes/hops"),
             ("a way on the map", "/topology?a=kma-1&b=kma-4"), ("a KMA on the map", f"/topology?a=kma-{LONG}"),
             ("a link on the map", f"/topology?link={LONG}&overlay=stock"), ("a webhook", f"/access?webhook={LONG}")]
SIDEWAYS = """
    const page = document.scrollingElement;
    const found = page.scrollWidth > arguments[0] ? [`the page: ${page.scrollWidth}`] : [];
    for (const one of document.querySelectorAll('body, body *')) {
      if (!one.checkVisibility() || one.scrollWidth <= one.clientWidth || !/auto|scroll/.test(getComputedStyle(one).overflowX)) continue;
      found.push(`${one.tagName.toLowerCase()}.${one.className}: ${one.scrollWidth} in ${one.clientWidth}`);
    }
    return found;"""


def assert_narrow(what):
    equal(browser.execute(SIDEWAYS, WIDTH), [], f"{what}: what scrolls sideways")


def row_of(key):
    return browser.find(f'main tr[data-key="{key}"]')


def test_what_scrolls_sideways_is_found():
    stage.sign_in("admin", "/")
    browser.resize(WIDTH, HEIGHT)
    browser.execute("""
        const wide = (css) => { const one = document.createElement('div'); one.style.cssText = css; one.append('x'.repeat(99)); one.className = 'made'; return one; };
        document.querySelector('main').append(wide('overflow-x: auto'), wide('width: 720px'));""")
    found = browser.execute(SIDEWAYS, WIDTH)
    equal((found[0].startswith("the page: "), any(one.startswith("div.made") for one in found[1:])), (True, True), found)


def test_no_view_scrolls_sideways():
    wrong = []
    for what, address in ADDRESSES:
        stage.visit(address)
        wrong += [f"{what}: {one}" for one in browser.execute(SIDEWAYS, WIDTH)]
    equal(wrong, [])
    stage.assert_clean()


def test_no_dialog_scrolls_sideways():
    for address, name in (("/held", f"Decide relay {HELD}"), ("/links", "New link"), ("/routes", "New route"), ("/access", "New webhook"), ("/kms", "Enrol a KM")):
        stage.visit(address)
        browser.by_role("button", name).click()
        browser.find("dialog[open]")
        browser.wait_true("return ![...document.querySelectorAll('dialog .loading')].some((one) => one.checkVisibility());")
        assert_narrow(name)
        browser.press("Escape")
        browser.wait_true("return document.querySelector('dialog[open]') === null")


def test_navigation_is_a_button_that_says_where_one_is():
    stage.visit("/relays", "Relays")
    toggle = browser.tab_to("button", "Views, now: Relays")
    equal(browser.execute("return [...document.querySelectorAll('#nav a')].filter((one) => one.checkVisibility()).length;"), 0)
    browser.press("Enter")
    equal(toggle.attribute("aria-expanded"), "true")
    assert_narrow("the open navigation")
    assert_accessible(browser, "the open navigation")
    browser.press("Escape")
    equal((toggle.attribute("aria-expanded"), browser.focused.name), ("false", "Views, now: Relays"))
    browser.press("Enter", "Tab", "Tab")
    equal(browser.focused.name, "Topology")
    browser.press("Enter")
    stage.wait_view("Topology")
    equal([toggle.attribute("aria-expanded"), browser.find(".nav-toggle").name], ["false", "Views, now: Topology"])
    stage.assert_clean()


def test_card_says_what_each_value_is():
    stage.visit("/relays", "Relays")
    lines = """return [...arguments[0].querySelectorAll('td')].filter((one) => one.checkVisibility())
        .map((one) => `${getComputedStyle(one, '::before').content.split(' / ')[0].replaceAll('"', '')}|${one.innerText.trim()}`);"""
    equal(browser.execute(lines, row_of(SAMPLES["/relays/"]))[:5],
          [f"none|{SAMPLES['/relays/']}", "none|failed", "From|kma-1", "To|kma-4", "Reason|km_failure"])
    apart = browser.execute("""return [...document.querySelectorAll('main tr[data-key]')].every((row) => {
        const [name, state] = [...row.children].map((one) => one.getBoundingClientRect());
        return name.top === state.top && name.right <= state.left && state.right <= arguments[0];
    });""", WIDTH)
    equal(apart, True, "the name and the state are side by side")


def test_card_is_still_a_row_of_a_grid():
    """What is no table to the eye is one to a screen reader: roles, heads and values in one order, and sorted by."""
    stage.visit("/relays", "Relays")
    grid = browser.by_role("grid", "Relays")
    heads = [one.name for one in browser.all_by_role("columnheader", None, grid)]
    equal(heads, ["Relay", "State", "From", "To", "Reason", "Received"])
    row = next(one for one in browser.all_by_role("row", None, grid) if one.attribute("data-key") == SAMPLES["/relays/"])
    cells = [one.text for one in browser.all_by_role("gridcell", None, row)]
    equal((len(cells), cells[:5]), (len(heads), [SAMPLES["/relays/"], "failed", "kma-1", "kma-4", "km_failure"]))
    equal(browser.all_by_role("gridcell", "kma-1", row)[0].text, "kma-1", "a value is read without its label, which its head is")
    browser.by_role("button", "Relay", grid).click()
    equal(browser.by_role("columnheader", "Relay", grid).attribute("aria-sort"), "ascending")
    assert_accessible(browser, "cards")


def test_cards_are_walked_and_opened_by_keys():
    stage.visit("/relays", "Relays")
    keys = browser.execute("return [...document.querySelectorAll('main tr[data-key]')].map((one) => one.dataset.key);")
    browser.execute("arguments[0].focus()", row_of(keys[0]))
    browser.press("Down")
    equal(browser.focused.attribute("data-key"), keys[1])
    browser.press("End")
    equal(browser.focused.attribute("data-key"), keys[-1])
    browser.press("Enter")
    stage.wait_view(f"Relay {keys[-1]}")
    stage.assert_clean()


def test_hundreds_of_cards_are_a_few_and_none_is_missing():
    bridge.put("/links", {"origin": "many", "links": [{"link_id": f"many-{i:03}", "a": "kma-1", "b": f"far-{i:03}"} for i in range(MANY)]})
    stage.visit("/links?q=many", "Links")
    browser.wait_true("return document.querySelector('main .table-scroll.virtual') !== null;")
    seen = browser.execute("""
        const box = document.querySelector('main .table-scroll.virtual');
        const seen = new Set();
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        return (async () => {
          await frame();
          await frame();
          for (let before = -1; box.scrollTop !== before;) {
            before = box.scrollTop;
            const { top, bottom } = box.getBoundingClientRect();
            const rows = [...box.querySelectorAll('tr[data-key]')];
            if (rows.length > 60) throw new Error(`${rows.length} rows are drawn`);
            for (const row of rows) {
              const at = row.getBoundingClientRect();
              if (at.top < bottom && at.bottom > top) seen.add(row.dataset.key);
            }
            box.scrollTop += box.clientHeight - 100;
            await frame();
          }
          return [...seen];
        })();""")
    equal(sorted(seen), [f"many-{i:03}" for i in range(MANY)])
    bridge.put("/links", {"origin": "many", "links": []})
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close, receiver.close])
