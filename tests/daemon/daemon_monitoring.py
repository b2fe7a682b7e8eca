#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What packaging/ gives to those who watch: alerts, dashboard and example, tried by promtool and by a Prometheus that
reads a living bridge."""
import json
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from exposition import SUFFIXES, promtool, scrape
from harness import equal, wait_until
from stage import Stage

PACKAGING = os.path.join(harness.SOURCE, "packaging")
RULES = os.path.join(PACKAGING, "prometheus", "ckbridge.rules.yml")
EXAMPLE = os.path.join(PACKAGING, "prometheus", "prometheus.example.yml")
METRIC = re.compile(r"(?<![\w:])(?:ckbridge|process)_\w+")
TO_9 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-9"}
TO_4 = {"source_KMA_ID": "kma-1", "destination_KMA_ID": "kma-4"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Prometheus:
    """A server of its own, that reads every second what the example tells it to read."""

    def __init__(self, folder, bridge):
        text = read(EXAMPLE)
        host, port = bridge.address("http")
        token = folder.write("viewer.token", harness.TOKENS["viewer"])
        for old, new in (("https # http", "http # http"), ("15s", "1s"), ("bridge-1.example:8480", f"{host}:{port}"),
                         ("/etc/prometheus/ckbridge.token", token), ("- ckbridge.rules.yml", f"- {RULES}"),
                         ("    tls_config:\n      ca_file: /etc/prometheus/ckbridge-ca.pem\n", "")):
            equal(text.count(old), 1, f"{old!r} in the example")
            text = text.replace(old, new)
        self.configuration = folder.write("prometheus.yml", "global: {evaluation_interval: 1s}\n" + text)
        self.folder, self.process, self.port = folder, None, None

    def start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(self.folder / "prometheus.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.configuration}", f"--web.listen-address=127.0.0.1:{self.port}",
             f"--storage.tsdb.path={self.folder / 'tsdb'}"], stdout=self.log, stderr=self.log)
        wait_until(self.is_ready, "Prometheus to be ready")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"prometheus ended: {read(self.folder / 'prometheus.log')[-2000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def ask(self, path, **query):
        """The answer's data; a query that is refused raises."""
        target = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(target, timeout=harness.DEADLINE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{query}: {error.read().decode()}") from error

    def value(self, expression):
        """Of the first series; None: there is none."""
        result = self.ask("query", query=expression)["result"]
        return float(result[0]["value"][1]) if result else None

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(harness.DEADLINE_S)
            self.log.close()


stage = Stage({"alice": ("kma-1", ""), "bob": ("kma-4, kma-9", "")}, http="metrics_per_km = yes")
bridge = stage.bridge
prometheus = Prometheus(stage.folder, bridge)
dashboard = json.loads(read(os.path.join(PACKAGING, "grafana", "ckbridge.json")))


def panels():
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def expressions():
    """(where, expression) of all that the dashboard asks, with its variables filled in."""
    found = [(f"{panel['title']} {target['refId']}", target["expr"]) for panel in panels() if panel["type"] != "row"
             for target in panel["targets"]]
    found += [(note["name"], note["expr"]) for note in dashboard["annotations"]["list"]]
    for where, expression in found:
        for variable, value in (("$__rate_interval", "1m"), ("$__range", "5m"), ("$instance", ".*"), ("$job", "ckbridge")):
            expression = expression.replace(variable, value)
        equal("$" in expression, False, f"{where}: a variable that nobody fills in: {expression}")
        yield where, expression


def rule_expressions():
    """Everything behind `expr:`, blocks too."""
    return re.findall(r"^ +expr: (?:\|\n((?:^ {10,}.*\n)+)|(.*)\n)", read(RULES), re.M)


# ---- the rules alone

def test_promtool_accepts_rules_and_example():
    equal("SUCCESS" in promtool("check", "rules", RULES), True)
    promtool("check", "config", "--syntax-only", EXAMPLE)


def test_every_alert_fires_and_does_not():
    equal("SUCCESS" in promtool("test", "rules", RULES.replace(".yml", ".test.yml")), True)


def test_every_alert_is_among_the_tests_and_says_what_to_do():
    text, tests = read(RULES), read(RULES.replace(".yml", ".test.yml"))
    alerts = re.split(r"^      - alert: ", text, flags=re.M)[1:]
    equal(len(alerts) > 20, True, f"{len(alerts)} alerts")
    for alert in alerts:
        name = alert.split("\n", 1)[0]
        severity = re.search(r"labels: \{severity: (critical|warning)\}", alert)
        equal(severity is not None, True, f"{name}: severity")
        for word in (r"\n        for: \d+m\n", r'\n          summary: "', r"\n          description: >-\n"):
            equal(re.search(word, alert) is not None, True, f"{name}: {word}")
        fires = re.search(rf'alertname="{name}", alertstate="firing", severity="{severity.group(1)}"|alertname: {name}\n',
                          tests)
        equal(fires is not None, True, f"{name} {severity.group(1)} fires in a test")


# ---- the dashboard alone

def test_dashboard_can_be_imported_anywhere():
    equal(dashboard["id"], None, "an import gives it one")
    numbers = [panel["id"] for panel in panels()]
    equal(len(set(numbers)), len(numbers), "panel IDs")
    equal(dashboard["templating"]["list"][0]["type"], "datasource")
    for panel in panels():
        if panel["type"] == "row":
            continue
        equal(bool(panel["title"] and panel["description"]), True, f"{panel['title']} says what it shows")
        for one in [panel, *panel["targets"]]:
            equal(one["datasource"]["uid"], "${datasource}", panel["title"])
        if panel["type"] != "heatmap":
            equal(bool(panel["fieldConfig"]["defaults"]["unit"]), True, f"unit of {panel['title']}")


def test_panels_do_not_overlap():
    for group in [dashboard["panels"], *[row["panels"] for row in dashboard["panels"] if row["type"] == "row"]]:
        taken = {}
        for panel in group:
            place = panel["gridPos"]
            equal(place["x"] + place["w"] <= 24, True, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    equal(taken.get((x, y)), None, f"{panel['title']} lies upon another")
                    taken[x, y] = panel["title"]


def test_expressions_are_accepted_as_rules():
    """Each becomes a recording rule, for promtool reads no dashboard."""
    rules = "groups:\n  - name: dashboard\n    rules:\n"
    for number, (_, expression) in enumerate(expressions()):
        rules += f"      - record: dashboard:expression:{number}\n        expr: {json.dumps(expression)}\n"
    equal("SUCCESS" in promtool("check", "rules", stage.folder.write("dashboard.rules.yml", rules)), True)


# ---- beside a living bridge

def test_every_metric_that_is_asked_for_exists():
    found = scrape(bridge)
    known = {name + suffix for name, kind in found.types.items() for suffix in SUFFIXES[kind]}
    asked = [(where, expression) for where, expression in expressions()]
    asked += [("rules", block or line) for block, line in rule_expressions()]
    equal(len(asked) > 80, True, f"{len(asked)} expressions")
    for where, expression in asked:
        names = set(METRIC.findall(re.sub(r"instance:\w+:\w+", "", expression)))
        equal(names - known, set(), f"{where}: {expression}")


def make_traffic():
    alice = stage.dial("alice")
    stage.install("r1", ["kma-1", "kma-4", "kma-9"])
    for _ in range(3):
        request = alice.relay(TO_9)
        alice.respond({"key_relay_request_ID": request.payload["key_relay_request_ID"], "response": "success"})
    stage.fails(alice, "alice", TO_4, "no_route")
    alice.hops(TO_9)


def test_prometheus_reads_the_bridge_and_every_panel_shows_something():
    prometheus.start()
    wait_until(lambda: prometheus.value("count_over_time(up{job='ckbridge'}[1m])"), "a first scrape")
    make_traffic()
    wait_until(lambda: prometheus.value("sum(rate(ckbridge_relay_end_reasons_total[1m]))") and
               prometheus.value("sum(rate(ckbridge_relays_ended_total{state='succeeded'}[1m]))") and
               prometheus.value("ckbridge_kms_connected"), "the traffic to be seen")
    empty = [(where, expression) for where, expression in expressions()
             if not prometheus.ask("query", query=expression)["result"] and not where.startswith("Restarts")]
    equal(empty, [], "expressions that show nothing")


def pending():
    return {alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"]}


def test_rules_are_evaluated_without_an_error():
    def judged():
        groups = prometheus.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return rules if all(rule["health"] != "unknown" for rule in rules) else None
    rules = wait_until(judged, "every rule to be evaluated")
    equal([(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"], [])
    wait_until(lambda: prometheus.value("instance:ckbridge_relays_ended:rate5m"), "a rate to be recorded")
    wait_until(lambda: "CkbridgeKmDisconnected" in pending(), "bob, who never came, to be missed")
    equal(pending() & {"CkbridgeDown", "CkbridgeAbsent", "CkbridgeStoreUnavailable", "CkbridgeNotReady",
                       "CkbridgeCertificateExpires", "CkbridgeResourceNearLimit"}, set())


def clean():
    prometheus.stop()
    stage.close()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
