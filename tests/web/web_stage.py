# SPDX-License-Identifier: Apache-2.0
"""A stage for the web dashboard's tests: a real bridge on loopback that serves the dashboard, key managers that speak
to it, relays held for a decision, and a browser that is judged at the end of every test.
"""
import os
import re
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "daemon"))
import harness
from browser import Browser
from harness import equal, wait_until
from proxy import Proxy
from stage import Stage

CKSIM = os.path.join(harness.BUILD, "cksim")
NSFNET = os.path.join(harness.SOURCE, "tools", "cksim", "scenarios", "nsfnet.scenario")
WEB_FOLDER = os.environ.get("WEB_FOLDER", os.path.join(harness.BUILD, "web"))

# The orchestrator is asked first and has all the time, so that what is held stays held.
HOLDING = "order = orchestrator, routes, computed\norchestrator_ms = 600000\npresence_ms = 600000\ncompletion_ms = 600000"
KMS = {"alice": ("kma-1", ""), "bob": ("kma-2", ""), "carol": ("kma-3", ""), "dave": ("kma-4", "")}
# The straight link is dear: the way round costs less. One link is down.
LINKS = {"l12": ("kma-1", "kma-2", 1, "up"), "l23": ("kma-2", "kma-3", 1, "up"), "l34": ("kma-3", "kma-4", 1, "up"),
         "l14": ("kma-1", "kma-4", 9, "up"), "l13": ("kma-1", "kma-3", 1, "down")}
# What the browser's console tells of answers that are no success, whatever the page makes of them.


def told_of(status, path):
    return rf"network\.error: Failed to load resource: .*status of {status} .*{path}"


def unreachable(path=""):
    return rf"network\.error: Failed to load resource: net::ERR_\w+ .*{path}"


def views():
    """The dashboard's own list: (path, title)."""
    with open(os.path.join(WEB_FOLDER, "views", "index.js"), encoding="utf-8") as file:
        found = re.findall(r"path: '([^']+)', title: '([^']+)'", file.read())
    if len(found) < 3:
        raise AssertionError(f"views/index.js names no views that can be read here: {found}")
    return found



class WebStage(Stage):
    """kms: as in Stage; links: what PUT /links takes; fleet: cksim's arguments for a network of its own."""

    def __init__(self, kms=None, links=None, decision=HOLDING, http="", more="", fleet=(), size=(1280, 800)):
        self.fleet_arguments, self.fleet_process, self.fleet_pki = list(fleet), None, None
        self.browser = self.proxy = None
        super().__init__(KMS if kms is None else kms, decision, http=f"web_folder = {WEB_FOLDER}\n{http}", more=more)
        try:
            self.keep_ports()
            self.put_links(LINKS if links is None else links)
            self.browser = Browser(size)
        except BaseException:
            self.close()
            raise

    origin = property(lambda self: "http://%s:%d" % self.bridge.address("http"))

    def addresses(self, samples):
        """One address of every view there is; samples: what stands for the braces, by the path before them."""
        found = []
        for path, title in views():
            head = path.partition("{")[0]
            if path != head and head not in samples:
                raise AssertionError(f"the view {path} is not looked at: give it a sample")
            if path != "/sign-in":
                found.append((title, head + urllib.parse.quote(samples[head], safe="") if path != head else path))
        return found

    # ---- the bridge

    def text(self):
        """An address of this process's own: ports are chosen once, and are free again after a restart."""
        text = super().text()
        if self.fleet_arguments:
            text += self.fleet_text()
        return text.replace("listen = 127.0.0.1:0", f"listen = 127.0.{1 + os.getpid() % 250}.1:0")

    def keep_ports(self):
        with open(self.bridge.configuration, encoding="utf-8") as file:
            text = file.read()
        for name in ("http", "main", *(("fleet",) if self.fleet_arguments else ())):
            host, port = self.bridge.address(name)
            text = text.replace(f"listen = {host}:0", f"listen = {host}:{port}", 1)
        self.folder.write("ckbridge.conf", text)

    def restart(self, clean=False):
        self.stop_bridge(clean)
        self.bridge.start()

    def stop_bridge(self, clean=False):
        if clean:
            self.bridge.stop()
        else:
            self.bridge.kill()

    def put_links(self, links):
        self.bridge.put("/links", {"origin": "test", "links": [
            {"link_id": name, "a": a, "b": b, "cost": cost, "state": state}
            for name, (a, b, cost, state) in links.items()]})

    # ---- a fleet of simulated KMs

    def cksim(self, *more):
        return subprocess.run([CKSIM, *self.fleet_arguments, *more], check=True, capture_output=True, text=True).stdout

    def fleet_text(self):
        self.fleet_pki = self.folder / "fleet-pki"
        self.cksim("--pki", self.fleet_pki, "--pki-shared-key")
        return f"""
[ck "fleet"]
listen = 127.0.0.1:0
security = tls
certificate = {self.fleet_pki}/server.pem
key = {self.fleet_pki}/server.key
ca = {self.fleet_pki}/ca.pem
{self.cksim("--emit-config")}"""

    def start_fleet(self, load="open:20", seconds=600):
        self.fleet_process = subprocess.Popen(
            [CKSIM, *self.fleet_arguments, "--connect", "%s:%d" % self.bridge.address("fleet"), "--ca",
             f"{self.fleet_pki}/ca.pem", "--certificate-dir", self.fleet_pki, "--load", load, "--seconds", str(seconds),
             "--quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.bridge.read("/status")["totals"]["kms_connected"] > 0, "the fleet to connect")

    def stop_fleet(self):
        if self.fleet_process is not None and self.fleet_process.poll() is None:
            self.fleet_process.kill()
            self.fleet_process.wait()

    # ---- relays

    def be_present(self):
        """An orchestrator is there: requests are held for it."""
        equal(self.bridge.get("/relays?limit=1", "orchestrator")[0], 200)
        wait_until(lambda: self.bridge.read("/status")["decision"]["orchestrator_present"], "the orchestrator to count")

    def hold_relay(self, km, source="kma-1", destination="kma-4", **more):
        """Asked for by this session, held for a decision; its ID."""
        self.be_present()
        before = {one["relay_id"] for one in self.held()}
        km.notify(source, destination, **more)
        return wait_until(lambda: next((one["relay_id"] for one in self.held() if one["relay_id"] not in before), None),
                          "a relay to be held")

    def held(self, what="relays"):
        return self.bridge.items(f"/{what}?state=awaiting_decision")

    def hold_lookup(self, km, source="kma-1", destination="kma-4", **more):
        self.be_present()
        before = {one["lookup_id"] for one in self.held("lookups")}
        km.ask(source, destination, **more)
        return wait_until(lambda: next((one["lookup_id"] for one in self.held("lookups")
                                        if one["lookup_id"] not in before), None), "a lookup to be held")

    # ---- the browser

    def through_proxy(self):
        """From now on the browser meets the bridge by way of a proxy that can forge faults."""
        if self.proxy is None:
            self.proxy = Proxy(self.bridge)
        return self.proxy

    @property
    def base(self):
        return self.proxy.origin if self.proxy is not None else self.origin

    def open(self, path="/"):
        self.browser.go(self.base + path)

    def sign_in(self, role="admin", path="/"):
        """As a person does: by the token, in the form; then all is shown that the bridge has told."""
        self.open(path)
        self.give_token(role)
        self.wait_live()

    def give_token(self, role):
        self.browser.find("input[type=password]").fill(harness.TOKENS.get(role, role))
        self.browser.press("Enter")

    def sign_out(self):
        """As a person does, so that no request is under way that would be refused."""
        self.browser.by_role("button", "Sign out").click()
        self.browser.wait_true("return location.pathname === '/sign-in' && document.querySelector('input[type=password]') !== null")

    def wait_live(self):
        self.browser.wait_text("live", ".connection")

    def visit(self, path, heading=None):
        """Opens a view, and waits until it has loaded."""
        self.open(path)
        self.wait_view(heading)

    def wait_view(self, heading=None):
        self.wait_live()
        if heading is not None:
            self.browser.wait_text(heading, "main h1")
        self.browser.wait_true("return document.querySelector('main h1') !== null"
                               " && ![...document.querySelectorAll('main .loading')].some((one) => one.checkVisibility())")

    def dialog(self):
        return self.browser.find("dialog[open]")

    def wait_closed(self):
        self.browser.wait_true("return document.querySelector('dialog[open]') === null")

    def press_button(self, name, within=None):
        self.browser.by_role("button", name, within).click()

    def open_decision(self, kind, number):
        """The dialog of a held request, from the list of those."""
        self.visit("/held", "Held")
        self.press_button(f"Decide {kind} {number}")
        self.browser.wait_text(f"Decide {kind} {number}", "dialog h2")

    def assert_clean(self, *allowed):
        self.browser.assert_clean(self.base, allowed)

    def close(self):
        for part in (self.browser, self.proxy):
            if part is not None:
                part.close()
        self.stop_fleet()
        super().close()
