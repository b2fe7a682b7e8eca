#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The audit trail in the dashboard: what was done and refused is there, filtered as the address says, page by page; its
chain is proved in the browser, and one that was tampered with is not; who may not read it is told so."""
import hashlib
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import harness
from accessibility import assert_accessible, assert_reflows
from harness import equal
from web_stage import WebStage, told_of

stage = WebStage()
stage.through_proxy()
bridge, browser = stage.bridge, stage.browser


def rows():
    return [" ".join(text.split()) for text in browser.execute(
        "return [...document.querySelectorAll('.audit-view tbody tr[data-key]')].map((row) => row.innerText);")]


def wait_row(*words):
    return browser.settle(lambda: next((row for row in rows() if all(word in row for word in words)), None), f"a row with {words}")


def wait_shown(count):
    browser.wait_true("return document.querySelector('.audit-view table')?.getAttribute('aria-rowcount') === arguments[0]",
                      str(count + 1))


def query():
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.url).query))


def test_viewer_is_told_what_it_needs():
    stage.sign_in("viewer", "/audit")
    browser.wait_text("Not with this role")
    browser.wait_text("This needs the role admin; you are signed in as viewer.")
    equal(stage.proxy.asked("GET", "/audit[?]"), [], "it was not asked for in vain")
    stage.assert_clean()
    stage.sign_out()


def test_change_is_told_with_who_did_it_and_its_events():
    stage.sign_in("admin", "/audit")
    wait_row("token:admin", "posted session")
    bridge.put("/links/l-audit", {"a": "kma-1", "b": "kma-2", "cost": 3})
    equal(bridge.request("PUT", "/kms/eve", {"kma_ids": ["kma-1"], "identity": ["dns:eve"]}, token="viewer")[0], 403)
    wait_row("token:admin", "wrote links/l-audit", "created", "127.0.0.1:")
    wait_row("token:viewer", "wrote kms/eve", "forbidden")
    entry = next(one for one in bridge.items("/audit") if one["target"].endswith("l-audit"))
    browser.find(f"tr[data-key='{entry['audit_id']}'] .audit-time").click()
    dialog = browser.by_role("dialog")
    equal(query()["entry"], entry["audit_id"])
    for word in ("token:admin", entry["source"], entry["hash"], entry["previous_hash"], entry["revision"]):
        equal(word in dialog.text, True, f"{word} in {dialog.text}")
    browser.press("Tab")  # what a click has focused shows no ring
    assert_accessible(browser, "an entry's dialog")
    browser.by_role("link", entry["first_event_id"]).click()
    browser.wait_text("Link l-audit was created")
    browser.find("tbody .event-type").click()
    browser.wait_text("audit entry", "dialog")
    browser.by_role("link", f"audit entry {entry['audit_id']}").click()
    browser.wait_text(f"Audit entry {entry['audit_id']}", "dialog h2")
    browser.press("Escape")
    wait_shown(len([one for one in bridge.items("/audit?" + urllib.parse.urlencode({k: v for k, v in query().items() if k != "entry"}))]))
    stage.assert_clean()


def test_filters_are_the_apis_and_survive_a_reload():
    stage.open("/audit?actor=token:viewer")
    wait_row("token:viewer", "kms/eve")
    equal({row.split("token:")[1].split(" ")[0] for row in rows()}, {"viewer"})
    browser.find(".filter-bar select").find_all("option[value=refused]")[0].click()
    wait_row("forbidden")
    equal(query(), {"actor": "token:viewer", "outcome": "refused"})
    browser.reload()
    wait_row("forbidden")
    equal(["forbidden" in row for row in rows()], [True])
    stage.open("/audit?actor=nobody")
    browser.wait_text("No entry is kept that fits")
    stage.assert_clean()


def test_older_pages_come_by_cursor():
    for i in range(110):
        bridge.put("/links/l-audit", {"a": "kma-1", "b": "kma-2", "cost": i % 7 + 1})
    total = len(bridge.items("/audit"))
    stage.open("/audit")
    wait_shown(100)
    with stage.proxy.answers(503, r"/api/v1/audit[?].*cursor", title="Store unavailable", detail="the store is away", times=1):
        browser.by_role("button", "Older").click()
        browser.wait_text("Not read: the store is away")
    browser.by_role("button", "Try again").click()
    wait_shown(total)
    browser.wait_text("No older ones are kept")
    stage.assert_clean(told_of(503, "/audit"))


def test_chain_is_proved_and_a_forged_one_is_not():
    total = len(bridge.items("/audit"))
    browser.by_role("button", "Verify the chain").click()
    browser.wait_text(f"{total} entries, 1 to {total}: all hashes fit, none is missing.")
    head = bridge.read("/audit?limit=1")["items"][0]
    equal(browser.execute("return import('/audit/chain.js').then(({ hashOf }) => hashOf(arguments[0]));", head), head["hash"])
    odd = head | {"detail": "\u00e9\u2028\U0001f600\"\\\u0007", "actor": None}
    equal(browser.execute("return import('/audit/chain.js').then(({ hashOf }) => hashOf(arguments[0]));", odd),
          hashlib.sha256(json.dumps({name: odd[name] for name in sorted(odd) if name != "hash"}, ensure_ascii=False,
                                                  separators=(",", ":")).encode()).hexdigest(), "as RFC 8785 has it")
    whole = bridge.read("/audit?order=asc&limit=1000")
    for name, forge in (("its content is not", lambda items: items[4].update(actor="token:other")),
                        ("entries between are missing", lambda items: items.pop(4)),
                        ("cannot be reached", lambda items: items.pop())):
        page = json.loads(json.dumps(whole))
        forge(page["items"])
        body = json.dumps(page).encode()
        with stage.proxy.fault(lambda handler, _: handler.answer(200, body, {"Content-Type": "application/json"}), r"order=asc"):
            browser.by_role("button", "Again").click()
            browser.wait_text(name)
            browser.wait_text("The chain is broken at entry")
    browser.by_role("button", "Again").click()
    browser.wait_text(": all hashes fit")
    stage.assert_clean()


def test_names_that_others_chose_stay_text():
    evil = "\u202e<img src=x onerror=alert(1)>"
    equal(bridge.request("PUT", "/links/" + urllib.parse.quote(evil, safe=""), {"a": "kma-1", "b": "kma-2"})[0], 201)
    row = wait_row("\\u202e<img src=x")
    equal(("\u202e" in row, browser.execute("return document.querySelectorAll('.view img').length")), (False, 0))
    stage.assert_clean()


def test_view_is_accessible_and_narrow():
    for dark in (False, True):
        browser.emulate(dark=dark)
        assert_accessible(browser, f"audit, dark={dark}")
    browser.emulate()
    assert_reflows(browser, "audit")
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
