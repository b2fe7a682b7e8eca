#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Events in the dashboard: each type has its sentence, they arrive live, wait while paused, are filtered as the address
says, are read backwards, and say what is missing; identifiers that others chose stay text."""
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import harness
from accessibility import assert_accessible, assert_reflows
from harness import equal, wait_until
from web_stage import WebStage, told_of

with open(os.path.join(harness.SOURCE, "bridge", "http", "openapi.json"), encoding="utf-8") as document:
    TYPES = json.load(document)["components"]["schemas"]["EventType"]["enum"]
LOG = "import('/events/log.js').then(({ EventLog, HELD_MAX, KEPT_MAX }) => { const log = new EventLog(() => true);" \
      "const events = (from, to) => Array.from({ length: to - from + 1 }, (_, i) =>" \
      "  ({ event_id: String(from + i), type: 'km.connected', subject: {}, data: {} }));" \
      "const shown = () => log.rows.map((row) => row.kind === 'gap' ? `${row.state} ${row.from}-${row.to}` : row.id); %s })"

stage = WebStage()
stage.through_proxy()
bridge, browser = stage.bridge, stage.browser
alice = stage.dial("alice")
bridge.wait_connected("alice")


def rows():
    return [" ".join(text.split()) for text in browser.execute(
        "return [...document.querySelectorAll('.events-view tbody tr[data-key]')].map((row) => row.innerText);")]


def shown_ids():
    """Of the events in sight, from the top."""
    return browser.execute("return [...document.querySelectorAll('.events-view tbody tr[data-key]')]"
                           ".map((row) => row.dataset.key);")


def wait_row(words):
    return browser.settle(lambda: next((row for row in rows() if words in row), None), f"a row with {words!r}")


def wait_shown(count):
    """So many rows are in the list, drawn or not."""
    browser.wait_true("return document.querySelector('.events-view table')?.getAttribute('aria-rowcount') === arguments[0]",
                      str(count + 1))


def query():
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.url).query))


def newest():
    return int(bridge.items("/events?after=%d" % max(0, int(bridge.items("/events")[-1]["event_id"]) - 1))[-1]["event_id"])


def in_log(script):
    return browser.execute("return " + LOG % script)


def test_every_type_has_its_sentence_and_is_listened_to():
    stage.sign_in("viewer", "/events")
    browser.wait_text("New events appear at the top")
    told = browser.execute("""return Promise.all([import('/service/event_types.js'), import('/parts/event_sentence.js')]).then(
      ([{ EVENT_TYPES }, { hasSentence, eventText, eventTone }]) => ({ types: EVENT_TYPES, said: arguments[0].map((type) => {
        const event = { event_id: '1', type, time: '2026-01-01T00:00:00.000Z', data: { reason: 'no_route', peer: '192.0.2.1:7',
          source_kma_id: 'kma-1', destination_kma_id: 'kma-9', next_kma_ids: ['kma-2'], path: ['kma-1', 'kma-9'],
          change: 'updated', object: 'application/app', detail: 'why', km_id: 'alice', command: 3, offset: 7 },
          subject: { km_id: 'alice', relay_id: '1042', lookup_id: '7', route_id: 'r1', link_id: 'l1' } };
        return [type, hasSentence(type), eventText(event), eventTone(event), eventText({ ...event, data: {}, subject: {} })];
      }) }));""", TYPES)
    equal(sorted(told["types"]), sorted(TYPES), "the types that the page and its stream know")
    for type_name, has, text, tone, bare in told["said"]:
        equal((has, len(text) > 20, tone in ("good", "warning", "bad", "neutral", "busy", "off")), (True, True, True), type_name)
        equal([word for word in ("undefined", "null", "NaN", type_name) if word in text or word in bare], [], f"{text} / {bare}")
    said = {type_name: text for type_name, _, text, _, _ in told["said"]}
    equal(said["relay.failed"], "Relay 1042 from kma-1 to kma-9 failed: no_route, why")
    equal(len(set(said.values())), len(said), "sentences that tell types apart")
    stage.assert_clean()


def test_events_arrive_live_and_lead_to_what_they_are_about():
    bridge.put("/links/l-live", {"a": "kma-1", "b": "kma-2", "cost": 3})
    wait_row("Link l-live was created")
    relay = stage.hold_relay(alice)
    row = wait_row(f"Relay {relay} from kma-1 to kma-4 waits for a decision")
    equal("relay.awaiting_decision" in row, True, row)
    equal(bridge.post(f"/relays/{relay}/decision", {"reject": "not_today"})[0], 200)
    wait_row(f"Relay {relay} from kma-1 to kma-4 was rejected")
    key = browser.settle(lambda: next((key for key, text in zip(shown_ids(), rows()) if "was rejected" in text), None), "its ID")
    event = bridge.items(f"/events?after={int(key) - 1}&before={int(key) + 1}")[0]
    equal((event["type"], event["subject"]["relay_id"]), ("relay.rejected", relay))
    browser.find(f"tr[data-key='{key}'] .event-type").click()
    dialog = browser.by_role("dialog")
    browser.wait_text(f"Event {key}", "dialog h2")
    equal(query()["event"], key)
    dialog.find_all("summary")[0].click()
    shown = browser.find("dialog pre").text
    equal(json.loads(shown), event, "the JSON that is shown")
    equal("who may read the audit trail" in dialog.text, True, dialog.text)
    assert_accessible(browser, "an event's dialog")
    browser.press("Escape")
    browser.wait_true("return !document.querySelector('dialog') && !location.search")
    stage.assert_clean()


def test_paused_list_keeps_what_comes_until_it_goes_on():
    browser.by_role("button", "Pause").click()
    before = shown_ids()
    for name in ("p1", "p2", "p3"):
        bridge.put(f"/links/{name}", {"a": "kma-1", "b": "kma-2", "cost": 3})
    browser.by_role("button", "Go on (3 new)")
    equal(shown_ids(), before, "rows while paused")
    browser.press("p")
    wait_row("Link p3 was created")
    equal([text.split("Link ")[1].split(" ")[0] for text in rows()[:3]], ["p3", "p2", "p1"])
    stage.assert_clean()


def test_what_waits_is_bounded_and_says_what_it_dropped():
    told = in_log("""log.begin(1); log.hold(); log.append(events(1, HELD_MAX + 1));
      const kept = log.waiting.length, dropped = log.dropped; const gaps = log.release();
      return { max: HELD_MAX, kept, dropped, last: shown().at(-1), first: shown()[0], gaps: gaps.length, left: log.dropped };""")
    top = told["max"] + 1
    half = -(-top // 2)
    equal(told, {"max": told["max"], "kept": top - half + 1, "dropped": half, "last": f"missing 1-{half}", "first": top,
                 "gaps": 1, "left": 0})


def test_list_is_bounded_and_orders_gaps():
    told = in_log("""log.begin(1); log.append(events(1, KEPT_MAX + 50));
      return { max: KEPT_MAX, rows: log.rows.length, low: log.low, last: shown().at(-1), first: shown()[0] };""")
    equal(told, {"max": told["max"], "rows": told["max"], "low": 51, "last": 51, "first": told["max"] + 50})
    told = in_log("""log.begin(10); log.append(events(10, 11)); log.append(events(10, 12)); const [gap] = log.append(events(20, 21));
      const first = shown(); log.fill(gap, events(15, 16), 16, 15); const second = shown();
      log.fill(log.rows.find((row) => row.state === 'missing'), events(17, 19), 19, 15); return [first, second, shown()];""")
    equal(told, [[21, 20, "missing 13-19", 12, 11, 10],
                 [21, 20, "missing 17-19", 16, 15, "removed 13-14", 12, 11, 10],
                 [21, 20, "filled 17-19", 19, 18, 17, 16, 15, "removed 13-14", 12, 11, 10]])


def test_filters_are_in_the_address_and_survive_a_reload():
    browser.find(".filter-bar select").find_all("option[value='link.changed']")[0].click()
    browser.by_role("searchbox", "Search").fill("p2 was")
    wait_shown(1)
    wait_row("Link p2 was created")
    equal(query(), {"type": "link.changed", "q": "p2 was"})
    bridge.put("/links/p2", {"a": "kma-1", "b": "kma-2", "cost": 4})  # fits, and comes live
    bridge.put("/links/p1", {"a": "kma-1", "b": "kma-2", "cost": 4})  # does not
    wait_row("Link p2 was changed")
    browser.reload()
    wait_row("Link p2 was changed")
    wait_shown(2)
    equal(browser.find(".filter-bar select").property("value"), "link.changed")
    stage.open("/events?subject=km_id:alice&type=km.*")
    wait_row("KM alice connected from")
    equal({row.split("km.")[1].split(" ")[0] for row in rows()}, {"connected"})
    stage.open("/events?type=nothing.*")
    browser.wait_text("No event type is like \u201cnothing.*\u201d.")
    browser.by_role("button", "Show all events").click()
    wait_row("Link p1 was changed")
    stage.assert_clean()


def test_windows_of_ids_and_times():
    last = newest()
    stage.open(f"/events?after={last - 4}&before={last}")
    wait_shown(3)
    equal(shown_ids(), [str(last - 1), str(last - 2), str(last - 3)])
    event = bridge.items(f"/events?after={last - 3}&before={last - 1}")[0]
    expected = [one["event_id"] for one in reversed(bridge.items("/events")) if one["time"] < event["time"]]
    stage.open(f"/events?to={event['time']}")
    wait_shown(len(expected))
    equal(shown_ids()[:3], expected[:3], f"earlier than {event['time']}")
    equal(browser.by_role("button", "Pause").is_enabled, False, "a past window is not paused")
    expected = [one["event_id"] for one in reversed(bridge.items("/events")) if one["time"] >= event["time"]]
    stage.open(f"/events?from={event['time']}")
    wait_shown(len(expected))
    equal(shown_ids(), expected, f"from {event['time']} on")
    stage.assert_clean()


def test_stream_that_was_cut_is_a_row_and_what_was_missed_is_read():
    stage.sign_out()
    stage.sign_in("admin", "/events")
    wait_row("Link p1 was changed")
    with stage.proxy.drops("^/api/v1/events[?]snapshot"):
        stage.proxy.cut("/api/v1/events")
        browser.wait_text("Not live: what comes meanwhile is read later")
        for name in ("g1", "g2"):
            bridge.put(f"/links/{name}", {"a": "kma-1", "b": "kma-2", "cost": 3})
    browser.wait_text("New events appear at the top")
    wait_row("The stream was interrupted here: 2 events below came meanwhile")
    bridge.put("/links/g3", {"a": "kma-1", "b": "kma-2", "cost": 3})
    wait_row("Link g3 was created")
    texts = [row for row in rows()[:4]]
    equal([next(word for word in ("g3", "interrupted", "g2", "g1") if word in text) for text in texts],
          ["g3", "interrupted", "g2", "g1"])
    stage.assert_clean()


def test_identifiers_that_others_chose_stay_text():
    name = "\u202e<img src=x onerror=alert(1)>"
    bridge.put("/links/" + urllib.parse.quote(name, safe=""), {"a": "kma-1", "b": "kma-2", "cost": 3})
    row = wait_row("\\u202e<img src=x")
    equal(("\u202e" in row, browser.execute("return document.querySelectorAll('.view img').length")), (False, 0))
    browser.find("tbody .event-type").click()
    browser.find("dialog summary").click()
    equal("\u202e" in browser.find("dialog").text, False)
    browser.wait_text("token:admin, PUT", "dialog")  # who did it, by the audit trail
    browser.press("Escape")
    stage.assert_clean()


def test_problems_of_reading_are_told_and_tried_again():
    with stage.proxy.answers(503, r"/api/v1/events[?]limit=1$", title="Store unavailable", detail="the store is away"):
        stage.open("/events?q=g3")
        browser.wait_text("the store is away")
    browser.by_role("button", "Try again").click()
    wait_row("Link g3 was created")
    stage.open("/events?event=999999")
    browser.wait_text("There is no event 999999")
    browser.press("Escape")
    stage.assert_clean(told_of(503, "/events"))


def test_many_events_a_second_freeze_nothing():
    """Thousands in one go, as after a pause of the network: the page draws a window of them and answers keys."""
    stage.open("/events")
    wait_row("Link g3 was created")
    links = [{"link_id": f"m{i}", "a": "kma-1", "b": "kma-2", "cost": 1} for i in range(1000)]
    equal(bridge.request("PUT", "/links", {"origin": "many", "links": links})[0], 200)
    equal(bridge.request("PUT", "/links", {"origin": "many", "links": []})[0], 200)
    wait_row("Link m999 was removed")
    equal(len(shown_ids()) < 120, True, "rows that are drawn")
    browser.find("tbody .event-type").click()
    browser.press("Escape", "Home", "Down", "Down")
    equal(browser.focused.attribute("data-key"), shown_ids()[2])
    top = browser.execute("const scroller = document.querySelector('.events-view .table-scroll'); scroller.scrollTop = 3200;"
                          "return scroller.scrollTop;")
    browser.wait_true("return document.querySelector('.events-view tbody tr[data-key]').getAttribute('aria-rowindex') > 50")
    bridge.put("/links/m-late", {"a": "kma-1", "b": "kma-2", "cost": 1})
    browser.wait_true("return document.querySelector('.events-view .table-scroll').scrollTop === arguments[0] + 32", top)
    stage.assert_clean()


def test_list_is_accessible_and_narrow():
    stage.open("/events")
    wait_row("Link m-late was created")
    for dark in (False, True):
        browser.emulate(dark=dark)
        assert_accessible(browser, f"events, dark={dark}")
    browser.emulate()
    assert_reflows(browser, "events")
    stage.assert_clean()


if __name__ == "__main__":
    harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
