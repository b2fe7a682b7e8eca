#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""/metrics of the living daemon: its format, its numbers beside those of the API, and who may read it."""
import datetime
import os
import signal
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from exposition import promtool, scrape
from harness import NEXT_HOP_REQUEST, NOTIFY, RELAY_REQUEST, Km, equal, wait_until
from stage import Stage

STATES = ("succeeded", "failed", "rejected", "expired", "orphaned")
stage = Stage({"alice": ("kma-1", ""), "bob": ("kma-4, kma-9", "")},
              decision="orchestrator_ms = 600000\ncompletion_ms = 600000", more="""
[ck "open"]
listen = 127.0.0.1:0
security = plain
""")
bridge = stage.bridge
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
TO_4 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-4"}
initial = scrape(bridge)


def settled(condition, what):
    """The first scrape for which it holds: the view is published a moment after what it shows."""
    return wait_until(lambda: (lambda found: found if condition(found) else None)(scrape(bridge)), what)


def make_traffic():
    """Relays of every end but expiry, lookups of both, errors, a peer that is refused."""
    alice, bob = stage.dial("alice"), stage.dial("bob")
    stage.install("r1", ["kma-1", "kma-4", "kma-9"])
    for _ in range(5):
        request = alice.relay(TO_9)
        alice.respond({"key_relay_request_ID": request.payload["key_relay_request_ID"], "response": "success"})
    request = alice.relay(TO_9)
    alice.respond({"key_relay_request_ID": request.payload["key_relay_request_ID"], "response": "no keys"})
    stage.fails(alice, "alice", TO_4, "no_route")
    stage.listen("orchestrator")
    wait_until(lambda: bridge.read("/status")["decision"]["orchestrator_present"], "the orchestrator to count")
    for body in ({"path": ["kma-1", "kma-4"]}, {"reject": "not today"}):
        count = stage.relay_count("alice")
        alice.send(NOTIFY, TO_4)
        wait_until(lambda: stage.relay_count("alice") > count, "one more relay")
        relay = stage.wait_newest("alice", "awaiting_decision")
        equal(bridge.post(f"/relays/{relay['relay_id']}/decision", body)[0], 200)
    alice.answer(RELAY_REQUEST)
    alice.send(NOTIFY, TO_4)  # stays held
    stage.wait_newest("alice", "awaiting_decision")
    alice.hops(TO_9)
    alice.send(NEXT_HOP_REQUEST, TO_4)
    lookup = wait_until(lambda: bridge.items("/lookups?state=awaiting_decision"), "a held lookup")[0]
    equal(bridge.post(f"/lookups/{lookup['lookup_id']}/decision", {"reject": "not today"})[0], 200)
    alice.frame()
    alice.send(NOTIFY, b"[]")
    alice.send(RELAY_REQUEST, {})
    alice.send(99, {})
    alice.respond({"key_relay_request_ID": "4711", "response": "success"})
    bridge.wait_counter("alice", "uncorrelated", 1)
    stage.fails(bob, "bob", TO_9, "source_not_authorised")
    bob.close()
    stranger = Km(bridge.address(), harness.tls_context(stage.pki.ca, stage.pki.issue("mallory")))
    stranger.expect_closed()
    wait_until(lambda: bridge.read("/status")["totals"]["kms_refused"] == 1, "the stranger to be refused")


# ---- format

def test_promtool_has_no_complaint():
    equal(promtool("check", "metrics", text=initial.text), "")


def test_names_have_a_prefix_and_their_unit():
    for name, kind in initial.types.items():
        equal(name.startswith(("ckbridge_", "process_")), True, name)
        equal(name.endswith("_total"), kind == "counter", name)


def test_process_is_shown_by_the_standard_names():
    pid = bridge.process.pid
    found = scrape(bridge)
    equal(found.value("process_start_time_seconds"),
          datetime.datetime.fromisoformat(bridge.read("/status")["started_at"].replace("Z", "+00:00")).timestamp())
    equal(0 < found.value("process_resident_memory_bytes") < found.value("process_virtual_memory_bytes"), True)
    equal(abs(found.value("process_open_fds") - len(os.listdir(f"/proc/{pid}/fd"))) <= 2, True, "descriptors")
    with open(f"/proc/{pid}/limits", encoding="utf-8") as limits:
        soft = next(line.split()[3] for line in limits if line.startswith("Max open files"))
    equal(found.value("process_max_fds"), float(soft))
    equal(found.value("process_cpu_seconds_total") > 0, True)


# ---- numbers

def test_numbers_are_those_of_the_api():
    make_traffic()
    found = settled(lambda one: one.value("ckbridge_peers_refused_total", reason="not_enrolled") == 1 and
                    one.value("ckbridge_kms_connected") == 1 and
                    one.value("ckbridge_resource_used", resource="sessions") == 1,
                    "the refusal and the end of bob's session")
    status = bridge.read("/status")
    totals, limits = status["totals"], status["limits"]
    for name, key in (("ckbridge_relays_received_total", "relays_received"), ("ckbridge_relays_open", "relays_open"),
                      ("ckbridge_relays_held", "relays_held"), ("ckbridge_lookups_held", "lookups_held"),
                      ("ckbridge_lookups_received_total", "lookups_received"),
                      ("ckbridge_kms_enrolled", "kms_enrolled"), ("ckbridge_kms_connected", "kms_connected")):
        equal(found.value(name), totals[key], name)
    equal({state: found.value("ckbridge_relays_ended_total", state=state) for state in STATES}, totals["relays_ended"])
    equal(found.sum("ckbridge_relay_decision_seconds_count"), totals["relays_decided"])
    equal(round(found.sum("ckbridge_relay_decision_seconds_sum") * 1000), totals["relay_decision_ms"])
    equal(found.value("ckbridge_lookups_ended_total", state="answered"), totals["lookups_answered"])
    equal(found.value("ckbridge_lookups_ended_total", state="rejected"), totals["lookups_rejected"])
    equal(found.sum("ckbridge_protocol_errors_total"), totals["protocol_errors"])
    equal(found.sum("ckbridge_peers_refused_total"), totals["kms_refused"])
    for name, limit in limits.items():
        equal(found.value("ckbridge_resource_limit", resource=name), limit["max"], name)
    for name in ("sessions", "kms", "routes", "open_relays", "event_streams"):
        equal(found.value("ckbridge_resource_used", resource=name), limits[name]["used"], name)
    equal(found.value("ckbridge_http_authentication_failures_total"), status["authentication"]["failures"])
    equal(found.value("ckbridge_http_authentication_refusals_total"), status["authentication"]["refused"])
    equal(found.value("ckbridge_orchestrator_present"), 1)


def test_ends_and_deciders_are_those_of_the_relays():
    found, relays, lookups = scrape(bridge), bridge.items("/relays"), bridge.items("/lookups")
    for state in STATES:
        equal(found.value("ckbridge_relays_ended_total", state=state),
              sum(relay["state"] == state for relay in relays), state)
    for what, items in (("relay", relays), ("lookup", lookups)):
        decided = [item for item in items if item["state"] != "awaiting_decision"]
        for decider in ("route", "orchestrator", "computed", "none"):
            count = sum((item["decided_by"] or "none") == decider for item in decided)
            equal(found.value(f"ckbridge_{what}s_decided_total", decided_by=decider), count, f"{what} {decider}")
            equal(found.value(f"ckbridge_{what}_decision_seconds_count", decided_by=decider), count, decider)
        for reason in {item["reason"] for item in decided if item["reason"]}:
            equal(found.value(f"ckbridge_{what}_end_reasons_total", reason=reason),
                  sum(item["reason"] == reason for item in decided), reason)
    instructed = [relay for relay in relays if relay["state"] == "succeeded"]
    equal(found.value("ckbridge_relay_duration_seconds_count", outcome="succeeded"), len(instructed))


def test_frames_are_the_sum_over_the_kms():
    names = {"next_hop_requests": ("received", "next_hop_request"), "next_hop_responses": ("sent", "next_hop_response"),
             "relay_notifications": ("received", "relay_notification"), "relay_requests": ("sent", "relay_request"),
             "relay_responses": ("received", "relay_response"), "unknown_commands": ("received", "unknown")}
    found = scrape(bridge)
    counters = [km["counters"] for km in bridge.items("/kms")]
    for name, (direction, command) in names.items():
        equal(found.value("ckbridge_frames_total", direction=direction, command=command),
              sum(one[name] for one in counters), name)
    equal(found.value("ckbridge_protocol_errors_total", error="not_object"), 1)
    equal(found.value("ckbridge_protocol_errors_total", error="unexpected_command"), 1)
    equal(found.value("ckbridge_uncorrelated_responses_total"), sum(one["uncorrelated"] for one in counters))
    equal(found.value("ckbridge_sessions_opened_total"), sum(one["sessions"] for one in counters))
    equal(found.value("ckbridge_sessions_closed_total", reason="peer_closed"), 1)
    equal(found.value("ckbridge_handshakes_total", outcome="succeeded"), 3)


def test_store_and_loop_have_worked():
    def agrees(found):
        store = bridge.read("/status")["store"]
        return found.value("ckbridge_store_commits_total") == store["commits"]
    found = settled(agrees, "commits as in /status")
    equal(found.value("ckbridge_store_commit_seconds_count"), found.value("ckbridge_store_commits_total"))
    equal(found.value("ckbridge_store_commit_seconds_sum") > 0, True)
    equal(found.value("ckbridge_loop_turn_seconds_count") > 0, True)
    equal((found.value("ckbridge_store_available"), found.value("ckbridge_ready")), (1, 1))
    path = stage.folder / "store.db"
    equal(found.value("ckbridge_store_size_bytes") >= os.path.getsize(path), True)
    equal(found.value("ckbridge_events_total"), int(bridge.items("/events")[-1]["event_id"]))


def not_after(certificate):
    text = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", certificate], capture_output=True,
                          text=True, check=True).stdout.strip().removeprefix("notAfter=")
    return datetime.datetime.strptime(text, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=datetime.timezone.utc).timestamp()


def test_certificates_expire_when_they_say():
    found = scrape(bridge)
    equal(found.value("ckbridge_certificate_expiry_timestamp_seconds", listener="main", kind="ck"),
          not_after(os.path.join(stage.pki.path, "server.pem")))
    equal(found.sum("ckbridge_certificate_expiry_timestamp_seconds"),
          not_after(os.path.join(stage.pki.path, "server.pem")), "of no other listener: they are plain")
    equal(found.value("ckbridge_kms_earliest_certificate_expiry_timestamp_seconds"),
          not_after(os.path.join(stage.pki.path, "alice.pem")))


def test_requests_are_counted_by_route():
    def count(found, **labels):
        return found.value("ckbridge_http_requests_total", **labels)
    before = scrape(bridge)
    bridge.km("alice")
    equal(bridge.get("/kms/nobody")[0], 404)
    equal(bridge.get("/nothing")[0], 404)
    equal(bridge.get("/status", token=None)[0], 401)
    after = scrape(bridge)
    of_km = {"method": "GET", "route": "/api/v1/kms/{km_id}"}
    equal(count(after, **of_km, code="2xx") - count(before, **of_km, code="2xx"), 1)
    equal(count(after, **of_km, code="4xx") - count(before, **of_km, code="4xx"), 1)
    equal(count(after, method="none", route="none", code="4xx") - count(before, method="none", route="none",
                                                                       code="4xx"), 2)
    equal(after.sum("ckbridge_http_requests_total"), after.sum("ckbridge_http_request_duration_seconds_count"))


# ---- under load

def test_counters_never_fall_and_series_stay_while_kms_come_and_go():
    """KMs are enrolled, connect, ask, and are removed, while another reads."""
    scrapes, done = [scrape(bridge)], threading.Event()

    def read():
        while not done.is_set():
            scrapes.append(scrape(bridge))
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(8):
            name, source = f"km \"{number}\\", f"127.0.1.{number + 1}"
            path = "/kms/" + harness.urllib.parse.quote(name, safe="")
            bridge.put(path, {"kma_ids": [f"kma-n{number}"], "identity": [f"address:{source}"]})
            km = Km(bridge.address("open"), bind=source)
            for _ in range(20):
                km.notify(f"kma-n{number}", "kma-9")
                km.ask(f"kma-n{number}", f"kma-n{number}")
            for _ in range(20):
                km.expect(harness.NEXT_HOP_RESPONSE)
            if number % 2:
                equal(bridge.request("DELETE", path)[0] in (200, 204), True)
                km.expect_closed()
            else:
                km.close()
    finally:
        done.set()
        reader.join(harness.DEADLINE_S)
    scrapes.append(settled(lambda one: one.value("ckbridge_kms_connected") == 1, "alice alone to be connected"))
    equal(len(scrapes) > 4, True, f"{len(scrapes)} scrapes")
    for before, after in zip(scrapes, scrapes[1:]):
        equal(list(after.values), list(before.values), "the series and their order")
        fallen = {series for series, value in before.counters().items() if after.counters()[series] < value}
        equal(fallen, set(), "counters that fell")
    equal(list(initial.values), list(scrapes[-1].values), "the series since the start")
    last = scrapes[-1]
    received = last.value("ckbridge_relays_received_total")
    equal(last.sum("ckbridge_relays_decided_total") + last.value("ckbridge_relays_held"), received)
    equal(last.sum("ckbridge_relays_ended_total") + last.value("ckbridge_relays_open"), received)
    equal(promtool("check", "metrics", text=last.text), "")


# ---- who may read, and what

def reload(more):
    lines = len(bridge.lines)
    stage.http = more
    stage.folder.write("ckbridge.conf", stage.text())
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded", lines)


def test_reading_needs_a_role():
    for method in ("GET", "HEAD"):
        status, headers, _ = bridge.request(method, "/metrics", token=None)
        equal((status, "Bearer" in headers["WWW-Authenticate"]), (401, True), method)
        equal(bridge.request(method, "/metrics", token="nobody")[0], 401, method)
        for role in harness.TOKENS:
            status, headers, text = bridge.request(method, "/metrics", token=role)
            equal((status, bool(text)), (200, method == "GET"), f"{method} as {role}")
    equal(bridge.get("/metrics", token=None)[2]["type"], "urn:ckbridge:problem:unauthenticated")
    status, headers, _ = bridge.request("POST", "/metrics", {})
    equal((status, headers["Allow"]), (405, "GET, HEAD"))


def test_setting_opens_it_and_closes_it_again():
    reload("metrics_open = yes")
    wait_until(lambda: bridge.get("/metrics", token=None)[0] == 200, "/metrics to be open")
    equal(bridge.request("HEAD", "/metrics", token=None)[0], 200)
    equal(bridge.get("/status", token=None)[0], 401, "nothing else is")
    reload("")
    wait_until(lambda: bridge.get("/metrics", token=None)[0] == 401, "/metrics to be closed")


def test_setting_adds_series_of_every_km():
    equal("km_id=" in scrape(bridge).text, False)
    reload("metrics_per_km = yes")
    found = settled(lambda one: "km_id=" in one.text, "series of KMs")
    equal(promtool("check", "metrics", text=found.text), "")
    kms = {km["km_id"]: km for km in bridge.items("/kms")}
    shown = {dict(labels)["km_id"] for name, labels in found.values if name == "ckbridge_km_connected"}
    equal(shown, set(kms))
    equal('km "0\\' in shown, True, "an identifier that needs escapes")
    for name, km in kms.items():
        counters, connected = km["counters"], km["session"]["state"] == "connected"
        equal(found.value("ckbridge_km_connected", km_id=name), connected, name)
        equal(found.value("ckbridge_km_enabled", km_id=name), km["enabled"], name)
        equal(found.value("ckbridge_km_sessions_total", km_id=name), counters["sessions"], name)
        equal(found.value("ckbridge_km_protocol_errors_total", km_id=name),
              counters["malformed"] + counters["unexpected"], name)
        for state in STATES:
            equal(found.value("ckbridge_km_relays_ended_total", km_id=name, state=state), counters[f"relays_{state}"],
                  f"{name} {state}")
        equal(found.value("ckbridge_km_frames_total", km_id=name, direction="received"),
              sum(counters[key] for key in ("next_hop_requests", "relay_notifications", "relay_responses",
                                            "unknown_commands", "unexpected")), name)
    equal(found.value("ckbridge_km_certificate_expiry_timestamp_seconds", km_id="bob"), float("inf"), "it is away")


def test_restart_begins_anew_but_for_events():
    before = scrape(bridge)
    bridge.stop()
    certificate, key = os.path.join(stage.pki.path, "server.pem"), os.path.join(stage.pki.path, "server.key")
    stage.http = f"certificate = {certificate}\nkey = {key}"
    stage.folder.write("ckbridge.conf", stage.text())
    bridge.web = ssl.create_default_context(cafile=stage.pki.ca)
    bridge.start()
    after = scrape(bridge)
    equal(after.value("ckbridge_events_total") >= before.value("ckbridge_events_total"), True)
    equal(after.value("process_start_time_seconds") > before.value("process_start_time_seconds"), True)
    equal(after.value("ckbridge_relays_received_total"), 0)
    equal(after.value("ckbridge_relays_held"), before.value("ckbridge_relays_held"), "held ones are held again")
    equal(after.value("ckbridge_certificate_expiry_timestamp_seconds", listener="http", kind="http"),
          not_after(certificate))
    equal(promtool("check", "metrics", text=after.text), "")
    bridge.stop()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [stage.close])
