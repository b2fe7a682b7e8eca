#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Webhooks end to end: signed deliveries over TLS to a receiver that fails in every way, none lost, none out of order."""
import json
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal, wait_until
from receiver import Receiver, certificate

folder = harness.Folder()
pki = harness.Pki(folder.path)
other_pki = harness.Pki(folder.path, "other")
configuration = folder.write("ckbridge.conf", harness.base_sections(folder) + f"[webhook]\nca = {pki.ca}\n")
bridge = harness.Bridge(configuration)
bridge.start()
receivers = []
number = known = 0


def receive(answer=None, pair=None, port=0):
    receivers.append(Receiver(pair or certificate(pki), answer, port))
    return receivers[-1]


def add_webhook(name, receiver, **more):
    return bridge.put(f"/webhooks/{name}", {"url": receiver.url, **more})


def drop(name, *gone):
    equal(bridge.request("DELETE", f"/webhooks/{name}")[0], 200, f"DELETE {name}")
    for one in gone:
        one.close()


def make_events(count, kind="links"):
    """So many events with one write; gives the last event's ID."""
    global number
    number += 1
    names = [f"{kind}-{number}-{i}" for i in range(count)]
    if kind == "links":
        bridge.put("/links", {"origin": f"o{number}",
                              "links": [{"link_id": name, "a": "kma-1", "b": f"kma-{name}"} for name in names]})
    else:
        for name in names:
            bridge.put(f"/applications/{name}", {"kma_id": "kma-1"})
    return last_event()


def last_event():
    global known
    for item in bridge.items(f"/events?after={known}"):
        known = int(item["event_id"])
    return known


def state(name):
    return bridge.read(f"/webhooks/{name}")["delivery"]


def wait_state(name, **wanted):
    return wait_until(lambda: all(state(name)[key] == value for key, value in wanted.items()) and state(name),
                      f"{name} to be {wanted}: {state(name)}")


def letters(name):
    return bridge.items(f"/webhooks/{name}/dead_letters")


def from_to(first, last):
    return list(range(first, last + 1))


def test_events_come_in_order_signed_and_as_the_stream_has_them():
    before = last_event()
    receiver = receive()
    created = add_webhook("w", receiver)
    last = make_events(50)
    receiver.wait_event(last)
    equal(receiver.taken(), from_to(before + 1, last), "every event once, in order; the webhook's own first")
    receiver.judge(created["secret"])
    shown = {int(item["event_id"]): item for item in bridge.items(f"/events?after={before}")}
    for delivery in receiver.deliveries():
        equal(delivery.json, shown[delivery.event_id])
        equal(delivery.headers["webhook-id"], f"test_{delivery.event_id}")
    equal(receiver.connections, 1, "one connection is kept")
    at = wait_state("w", state="idle", lag=0)
    equal((at["position"], at["last_status"], at["last_error"], at["failing_since"]), (str(last), 200, None, None))
    series = bridge.get("/metrics")[2].splitlines()
    for line in (f'ckbridge_webhook_attempts_total{{webhook_id="w",outcome="taken"}} {last - before}',
                 'ckbridge_webhook_attempts_total{webhook_id="w",outcome="failed"} 0',
                 'ckbridge_webhook_lag_events{webhook_id="w"} 0', 'ckbridge_webhook_failing{webhook_id="w"} 0',
                 'ckbridge_webhook_state{webhook_id="w",state="idle"} 1',
                 'ckbridge_webhook_state{webhook_id="w",state="gone"} 0'):
        equal(line in series, True, line)
    drop("w", receiver)


def test_secret_is_shown_once_and_rotates_with_an_overlap():
    receiver = receive()
    first = add_webhook("w", receiver)["secret"]
    equal("secret" in bridge.read("/webhooks/w"), False)
    equal("secret" in add_webhook("w", receiver), False, "it was made before")
    second = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
    answer = add_webhook("w", receiver, secret=second, secret_overlap_s=3600)
    equal("secret" in answer, False, "a client that gives one knows it")
    equal(answer["old_secret_valid_until"] is not None, True)
    receiver.wait_event(make_events(1))
    receiver.forget()
    receiver.wait_event(make_events(1))
    receiver.judge(first, second)
    equal(len(receiver.deliveries()[0].signatures()), 2)
    third = "whsec_" + "Y" * 32
    equal(add_webhook("w", receiver, secret=third, secret_overlap_s=0)["old_secret_valid_until"], None)
    receiver.wait_event(make_events(1))
    receiver.forget()
    receiver.wait_event(make_events(1))
    receiver.judge(third)
    equal(receiver.deliveries()[0].is_signed_with(second), False, "there was no overlap")
    for secret in (first, second, third):
        told = [line for line in bridge.lines if secret in line or secret[6:] in line]
        told += [item for item in bridge.items("/events") if secret in json.dumps(item)]
        told += [page for page in ("/webhooks", "/webhooks/w") if secret in json.dumps(bridge.read(page))]
        equal(told, [], "a secret is told")
    drop("w", receiver)


def test_what_fails_is_asked_again_until_it_is_taken():
    failures = ["reset", 500, 408]
    receiver = receive()

    def answer(delivery):
        return failures.pop(0) if failures else 200
    add_webhook("w", receiver, types=["link.*"])
    receiver.set_answer(answer)
    last = make_events(3)
    receiver.wait_event(last)
    equal([one.event_id for one in receiver.deliveries()], [last - 2] * 4 + [last - 1, last])
    equal(len({one.headers["webhook-id"] for one in receiver.deliveries()[:4]}), 1)
    at = wait_state("w", state="idle")
    equal((at["attempts"], at["next_attempt_at"], at["dead_letters"]), (0, None, 0))
    bridge.wait_log("event=webhook_failing")
    bridge.wait_log("event=webhook_recovered")
    drop("w", receiver)


def test_timeout_is_a_failure_and_does_not_stop_others():
    slow, good = receive(lambda delivery: "hang"), receive()
    add_webhook("slow", slow, types=["link.*"], timeout_ms=200)
    add_webhook("good", good, types=["link.*"])
    last = make_events(20)
    good.wait_event(last)
    at = wait_until(lambda: state("slow")["last_error"] and state("slow"), "a time-out")
    equal((at["state"], at["last_status"], "imed out" in at["last_error"]), ("retrying", None, True), at)
    equal(at["lag"] >= 20 and at["failing_since"] is not None and at["next_attempt_at"] is not None, True, at)
    slow.set_answer(lambda delivery: 200)
    slow.wait_event(last)
    equal(slow.taken(), from_to(last - 19, last))
    drop("slow", slow)
    drop("good", good)


def test_retry_after_is_kept():
    waits = [(503, {"Retry-After": "2"})]
    receiver = receive(lambda delivery: waits.pop(0) if waits else 200)
    add_webhook("w", receiver, types=["link.*"])
    last = make_events(1)
    at = wait_state("w", state="retrying")
    equal(at["next_attempt_at"] >= at["last_attempt_at"], True)
    receiver.wait_event(last)
    first, second = [int(one.headers["webhook-timestamp"]) for one in receiver.deliveries()]
    equal(second - first >= 1, True, "it waits as it was asked to")
    drop("w", receiver)


def test_redirects_are_not_followed_and_refusals_become_dead_letters():
    elsewhere = receive()
    receiver = receive(lambda delivery: (302, {"Location": elsewhere.url}))
    add_webhook("w", receiver, types=["link.*"])
    first = make_events(1)
    wait_until(lambda: letters("w"), "a dead letter")
    last = make_events(2, "applications") and make_events(1)
    receiver.set_answer(lambda delivery: 404 if delivery.event_id == last else 200)
    found = wait_until(lambda: len(letters("w")) == 2 and letters("w"), "two dead letters")
    equal([(one["event_id"], one["kind"], one["status"], one["attempts"]) for one in found],
          [(str(first), "refused", 302, 4), (str(last), "refused", 404, 4)])
    after = make_events(1)
    receiver.wait_event(after)
    wait_state("w", state="idle", dead_letters=2)
    equal(elsewhere.deliveries(), [], "nobody went where the redirect points")
    equal(bridge.request("GET", "/webhooks/w/dead_letters?limit=1")[2]["next_cursor"] is not None, True)

    receiver.set_answer(lambda delivery: 404 if delivery.event_id == last else 200)
    equal(bridge.request("POST", "/webhooks/w/replay", {"dead_letters": True})[0], 202)
    receiver.wait_event(first)
    wait_until(lambda: [one["event_id"] for one in letters("w")] == [str(last)] and
               not state("w")["replaying"], "one letter to be left")
    receiver.set_answer(lambda delivery: 200)
    equal(bridge.request("POST", "/webhooks/w/replay", {"dead_letters": [str(last), "999999999"]})[0], 202)
    receiver.wait_event(last)
    wait_state("w", dead_letters=0, replaying=False)
    equal(receiver.taken().count(after), 1, "the stream went on from where it was")
    drop("w", receiver, elsewhere)


def test_dead_letters_can_be_forgotten():
    receiver = receive(lambda delivery: 404)
    add_webhook("w", receiver, types=["link.*"])
    first = make_events(2) - 1
    wait_until(lambda: len(letters("w")) == 2, "two dead letters")
    equal(bridge.request("DELETE", f"/webhooks/w/dead_letters?event_id={first}")[0], 204)
    equal([one["event_id"] for one in letters("w")], [str(first + 1)])
    equal(bridge.request("DELETE", "/webhooks/w/dead_letters")[0], 204)
    equal(letters("w"), [])
    drop("w", receiver)


def test_wrong_certificates_are_refused():
    pairs = {"other authority": certificate(other_pki, "other"), "other name": certificate(pki, "wrong", "DNS:wrong.example"),
             "expired": certificate(pki, "old", expired=True), "self-signed": pki.self_signed("localhost")}
    for what, pair in pairs.items():
        receiver = receive(pair=pair)
        add_webhook("w", receiver)
        at = wait_until(lambda: state("w")["last_error"] and state("w"), f"{what}: an error")
        equal((at["last_status"], receiver.deliveries()), (None, []), f"{what}: {at}")
        equal("ertificate" in at["last_error"] or "SSL" in at["last_error"], True, f"{what}: {at}")
        tested = bridge.request("POST", "/webhooks/w/test")[2]
        equal((tested["delivered"], tested["status"]), (False, None), f"{what}: {tested}")
        drop("w", receiver)


def test_410_ends_the_deliveries_until_it_is_written_again():
    receiver = receive(lambda delivery: 410)
    add_webhook("w", receiver, types=["link.*"])
    last = make_events(2)
    wait_state("w", state="gone")
    bridge.stop()
    bridge.start()
    equal(state("w")["state"], "gone", "a restart does not forget it")
    equal(len(receiver.deliveries()), 1)
    receiver.set_answer(lambda delivery: 200)
    add_webhook("w", receiver, types=["link.*"])
    receiver.wait_event(last)
    equal(receiver.taken(), [last - 1, last])
    wait_state("w", state="idle", dead_letters=0)
    drop("w", receiver)


def test_a_receiver_that_is_away_loses_nothing():
    port = receive().port
    receivers.pop().close()
    gone = type("Gone", (), {"url": f"https://localhost:{port}/hook"})
    first = last_event() + 2
    add_webhook("w", gone, types=["link.*"])
    last = make_events(1000)
    wait_state("w", state="retrying")
    receiver = receive(port=port)
    receiver.wait_event(last)
    equal(receiver.taken(), from_to(first, last))
    drop("w", receiver)


def test_no_event_is_lost_when_the_bridge_is_killed_or_restarted():
    receiver = receive()
    add_webhook("w", receiver, types=["link.*"])
    first = last_event() + 1
    for round_number in range(6):
        seen = len(receiver.deliveries())
        last = make_events(150)
        receiver.wait_count(seen + 10 + 20 * round_number)
        if round_number % 3 == 2:
            bridge.stop()
        else:
            bridge.signal(signal.SIGKILL)
            bridge.process.wait(harness.DEADLINE_S)
        bridge.start()
    last = make_events(10)
    receiver.wait_event(last)
    came = [one.event_id for one in receiver.deliveries() if one.status == 200]
    equal(sorted(set(came)), from_to(first, last), "every event")
    for before, after in zip(came, came[1:]):
        # what comes again is what no record covered, from there on, in order
        equal(after <= before + 1, True, f"{after} after {before}")
        equal(before - after < 200, True, f"{after} again after {before}")
    wait_state("w", state="idle")
    bridge.stop()
    bridge.start()
    mark = len(receiver.deliveries())
    receiver.wait_event(make_events(1))
    equal(len(receiver.deliveries()), mark + 1, "a clean stop has recorded the position")
    drop("w", receiver)


def test_filters_choose_by_type_and_subject():
    receiver = receive()
    add_webhook("w", receiver, types=["*.changed"], subjects=["link_id:filter-1", "filter-2"])
    bridge.put("/links/filter-1", {"a": "kma-1", "b": "kma-2"})
    bridge.put("/links/filter-2", {"a": "kma-1", "b": "kma-2"})
    bridge.put("/links/filter-3", {"a": "kma-1", "b": "kma-2"})
    bridge.put("/routes/filter-1", {"destination_kma_id": "kma-2", "path": ["kma-1", "kma-2"]})
    bridge.put("/routes/filter-2", {"destination_kma_id": "kma-2", "path": ["kma-1", "kma-2"]})
    receiver.wait_count(3)
    wait_state("w", state="idle", lag=0)
    equal([next(iter(one.json["subject"].items())) for one in receiver.deliveries()],
          [("link_id", "filter-1"), ("link_id", "filter-2"), ("route_id", "filter-2")])
    add_webhook("w", receiver, types=["route.changed"])
    receiver.forget()
    last = make_events(5) and bridge.request("DELETE", "/routes/filter-1")[0]
    equal(last, 200)
    receiver.wait_count(1)
    wait_state("w", state="idle", lag=0)
    equal([one.json["type"] for one in receiver.deliveries()], ["route.changed"])
    drop("w", receiver)


def test_start_and_replay_move_the_position():
    receiver = receive()
    add_webhook("w", receiver, types=["link.*"], start="0")
    every = [int(item["event_id"]) for item in bridge.items("/events?type=link.*")]
    receiver.wait_count(len(every))
    equal(receiver.taken(), every, "from the oldest event on")
    receiver.forget()
    equal(bridge.request("POST", "/webhooks/w/replay", {"after": str(every[-4])})[0], 202)
    receiver.wait_count(3)
    equal([one.event_id for one in receiver.deliveries()], every[-3:])
    wait_state("w", state="idle", lag=0)
    status, _, problem = bridge.request("POST", "/webhooks/w/replay", {"after": str(last_event() + 1)})
    equal((status, problem["pointer"]), (422, "/after"))
    drop("w", receiver)


def test_disabled_webhooks_wait_and_lose_nothing():
    receiver = receive()
    add_webhook("w", receiver, types=["link.*"], enabled=False)
    last = make_events(5)
    wait_state("w", state="disabled")
    add_webhook("w", receiver, types=["link.*"])
    receiver.wait_event(last)
    equal(receiver.taken(), from_to(last - 4, last))
    drop("w", receiver)


def test_webhook_deleted_with_a_delivery_on_its_way_and_made_again():
    receiver = receive(lambda delivery: "hang")
    add_webhook("w", receiver, types=["link.*"])
    make_events(3)
    receiver.wait_count(1)
    equal(bridge.request("DELETE", "/webhooks/w")[0], 200)
    equal(bridge.get("/webhooks/w")[0], 404)
    receiver.set_answer(lambda delivery: 404)
    receiver.forget()
    add_webhook("w", receiver, types=["link.*"])
    last = make_events(1)
    equal([one["event_id"] for one in wait_until(lambda: letters("w"), "a dead letter")], [str(last)])
    equal({one.event_id for one in receiver.deliveries()}, {last}, "it begins anew, and knows nothing of the old one")
    drop("w")
    add_webhook("w", receiver, types=["link.*"])
    wait_until(lambda: letters("w") == [], "the old one's dead letters to be gone")
    drop("w", receiver)


def test_answers_of_any_size_and_connections_that_end_do_no_harm():
    receiver = receive(lambda delivery: "flood")
    add_webhook("w", receiver, types=["link.*"])
    last = make_events(3)
    receiver.wait_event(last)
    wait_state("w", state="idle", dead_letters=0)
    equal(receiver.taken(), from_to(last - 2, last))
    drop("w", receiver)


def test_a_test_delivery_tells_its_result():
    receiver = receive()
    secret = add_webhook("w", receiver, types=["relay.*"])["secret"]
    status, _, answer = bridge.request("POST", "/webhooks/w/test")
    equal((status, answer["delivered"], answer["status"], answer["detail"]), (200, True, 200, None))
    receiver.judge(secret)
    equal([(one.json["type"], one.json["data"]) for one in receiver.deliveries()], [("webhook.test", {"webhook_id": "w"})])
    receiver.set_answer(lambda delivery: 500)
    equal(bridge.request("POST", "/webhooks/w/test")[2]["status"], 500)
    equal(state("w")["last_status"], None, "a test moves nothing")
    drop("w", receiver)


def test_credentials_of_a_url_are_used_and_never_shown():
    receiver = receive()
    url = receiver.url.replace("https://", "https://bridge:pass-word@")
    shown = bridge.put("/webhooks/w", {"url": url, "types": ["link.*"]})
    equal(shown["url"], receiver.url.replace("https://", "https://***@"))
    again = bridge.put("/webhooks/w", {"url": shown["url"], "types": ["link.*"]})
    equal(again["url"], shown["url"])
    receiver.wait_event(make_events(1))
    equal(receiver.deliveries()[0].headers["Authorization"], "Basic YnJpZGdlOnBhc3Mtd29yZA==")
    equal([line for line in bridge.lines if "pass-word" in line], [])
    drop("w", receiver)


def test_limit_of_webhooks_is_told():
    receiver = receive()
    for i in range(32):
        add_webhook(f"many-{i}", receiver, types=["link.*"])
    status, _, problem = bridge.request("PUT", "/webhooks/one-more", {"url": receiver.url})
    equal((status, problem["reason"]), (422, "limit_reached"))
    last = make_events(4)
    receiver.wait_count(128)
    wait_until(lambda: sorted(one.event_id for one in receiver.deliveries()) == sorted(from_to(last - 3, last) * 32),
               "all of them to have every event once")
    for i in range(32):
        drop(f"many-{i}")
    receiver.close()


def test_bad_bodies_are_refused_by_name():
    url = "https://receiver.example/"
    bad = [({}, 400, "/url"), ({"url": 7}, 400, "/url"), ({"url": ""}, 400, "/url"), ({"url": "ftp://a"}, 400, "/url"),
           ({"url": "https://"}, 400, "/url"), ({"url": "https://a b/"}, 400, "/url"),
           ({"url": "https://a:0/"}, 400, "/url"), ({"url": "https://a:70000/"}, 400, "/url"),
           ({"url": "https://a/#x"}, 400, "/url"), ({"url": "https://a@b@c/"}, 400, "/url"),
           ({"url": "https://a\\@b/"}, 400, "/url"), ({"url": "https://b\u00fccher.example/"}, 400, "/url"),
           ({"url": "https://a/" + "x" * 2048}, 400, "/url"), ({"url": "http://receiver.example/"}, 422, "/url"),
           ({"url": "http://127.0.0.1.evil.example/"}, 422, "/url"), ({"url": "http://0x7f000001/"}, 422, "/url"),
           ({"url": url, "types": []}, 400, "/types"), ({"url": url, "types": ["relay"]}, 422, "/types"),
           ({"url": url, "types": "relay.*"}, 400, "/types"), ({"url": url, "types": [7]}, 400, "/types"),
           ({"url": url, "subjects": [""]}, 400, "/subjects"), ({"url": url, "subjects": ["km_id:"]}, 422, "/subjects"),
           ({"url": url, "secret": "whsec_"}, 400, "/secret"), ({"url": url, "secret": "whsec_!"}, 400, "/secret"),
           ({"url": url, "secret": "whsec_QUJD"}, 400, "/secret"), ({"url": url, "secret": "Y" * 32}, 400, "/secret"),
           ({"url": url, "secret": "whsec_" + "Y" * 92}, 400, "/secret"),
           ({"url": url, "secret_overlap_s": -1}, 400, "/secret_overlap_s"),
           ({"url": url, "enabled": "yes"}, 400, "/enabled"), ({"url": url, "timeout_ms": 99}, 400, "/timeout_ms"),
           ({"url": url, "timeout_ms": 60001}, 400, "/timeout_ms"), ({"url": url, "start": "then"}, 400, "/start"),
           ({"url": url, "start": "999999999"}, 422, "/start"), ({"url": url, "start": 7}, 400, "/start"),
           ({"url": url, "webhook_id": "x"}, 400, "/webhook_id"), ({"url": url, "ca": "/etc"}, 400, "/ca")]
    for body, status, pointer in bad:
        got, _, problem = bridge.request("PUT", "/webhooks/bad", body)
        equal((got, problem.get("pointer")), (status, pointer), f"{body}: {problem}")
        equal("whsec_" + "Y" * 92 in json.dumps(problem) or "QUJD" in json.dumps(problem), False, "a secret is told")
    equal(bridge.get("/webhooks/bad")[0], 404)
    equal(bridge.request("PUT", "/webhooks/" + "x" * 129, {"url": url})[0], 400)
    equal(bridge.request("PUT", "/webhooks/dry?dry_run=true", {"url": url})[2]["created"], 1)
    equal(bridge.get("/webhooks/dry")[0], 404)
    bridge.put("/webhooks/w", {"url": url, "enabled": False})
    for body, status, pointer in [({}, 400, "/after"), ({"after": "1", "dead_letters": True}, 400, "/after"),
                                  ({"after": 1}, 400, "/after"), ({"after": "x"}, 400, "/after"),
                                  ({"dead_letters": False}, 400, "/dead_letters"), ({"dead_letters": []}, 400, "/dead_letters"),
                                  ({"dead_letters": [1]}, 400, "/dead_letters"), ({"dead_letters": ["0"]}, 400, "/dead_letters"),
                                  ({"dead_letters": ["1"] * 257}, 400, "/dead_letters"), ({"from": "1"}, 400, "/from")]:
        got, _, problem = bridge.request("POST", "/webhooks/w/replay", body)
        equal((got, problem.get("pointer")), (status, pointer), f"{body}: {problem}")
    drop("w")


def test_writes_are_conditional():
    first = bridge.put("/webhooks/w", {"url": "https://receiver.example/", "enabled": False})
    tag = f'"{first["revision"]}"'
    body = {"url": "https://receiver.example/2", "enabled": False}
    status, headers, second = bridge.request("PUT", "/webhooks/w", body, headers={"If-Match": tag})
    equal((status, headers["ETag"] != tag, second["url"]), (200, True, body["url"]))
    equal(bridge.request("PUT", "/webhooks/w", body, headers={"If-Match": tag})[0], 412)
    equal(bridge.request("DELETE", "/webhooks/w", headers={"If-Match": tag})[0], 412)
    for role in ("orchestrator", "viewer"):
        equal(bridge.request("GET", "/webhooks/w", token=role)[0], 403)
        equal(bridge.request("PUT", "/webhooks/w", body, token=role)[0], 403)
    drop("w")


def test_plain_http_goes_to_loopback_alone():
    receiver = receive(pair=(), port=0)
    add_webhook("w", receiver, types=["link.*"])
    receiver.wait_event(make_events(1))
    drop("w", receiver)


def test_a_reload_changes_the_authorities():
    receiver = receive(pair=certificate(other_pki, "other"))
    add_webhook("w", receiver, types=["link.*"])
    last = make_events(1)
    wait_state("w", state="retrying")
    mark = len(bridge.lines)
    folder.write("ckbridge.conf", harness.base_sections(folder) + f"[webhook]\nca = {other_pki.ca}\ninsecure = yes\n")
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded", mark)
    receiver.wait_event(last)
    equal(bridge.request("PUT", "/webhooks/plain", {"url": "http://receiver.example/", "enabled": False})[0], 201)
    drop("plain")
    folder.write("ckbridge.conf", harness.base_sections(folder) + f"[webhook]\nca = {pki.ca}\n")
    mark = len(bridge.lines)
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded", mark)
    drop("w", receiver)


def test_stop_with_a_delivery_on_its_way_is_clean_and_quick():
    receiver = receive(lambda delivery: "hang")
    add_webhook("w", receiver, types=["link.*"], timeout_ms=60000)
    make_events(3)
    receiver.wait_count(1)
    dead = socket.create_server(("127.0.0.1", 0), backlog=1)  # never accepts
    bridge.put("/webhooks/dead", {"url": f"https://127.0.0.1:{dead.getsockname()[1]}/", "types": ["link.*"]})
    make_events(1)
    bridge.stop()
    dead.close()
    receiver.close()


def clean():
    for one in receivers:
        one.released.set()
    bridge.kill()
    bridge.judge_log()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
