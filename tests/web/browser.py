# SPDX-License-Identifier: Apache-2.0
"""A browser under test: Debian's Chromium, driven over W3C WebDriver with the standard library alone.

A browser has a process group and an empty profile of its own, and both are gone after close(). What it says and asks
for is heard by watch.Watch; nothing here waits for time to pass, all waits are for conditions.
"""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
import harness
from harness import wait_until
from watch import Watch

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
CHROMEDRIVER = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to an element
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server", "--lang=en-GB",
             "--disable-features=OptimizationHints,MediaRouter,Translate", "--remote-debugging-port=0"]
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Space": " ", "Backspace": "\ue003",
        "Delete": "\ue017", "End": "\ue010", "Home": "\ue011", "PageUp": "\ue00e", "PageDown": "\ue00f",
        "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015", "Shift": "\ue008",
        "Control": "\ue009", "Alt": "\ue00a", "F6": "\ue036"}
IS_SHOWN = "one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0"  # of an element `one`
PAUSE_S = 0.03  # between two looks at a page: each look keeps the page from its work
DRIVERS_MAX = 5  # starts of one driver
REPLACED_MAX = 20  # times one element is found again within one question
GONE = ("stale element reference", "no such element", "detached shadow root")


class DriverError(AssertionError):
    """What WebDriver has refused; `code` is its word for why."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code

    @property
    def is_of_gone(self):
        """The element has left the page; nothing was done to it."""
        return self.code in GONE or "No node" in str(self) or "Could not find" in str(self)


class Element:
    """An element of the page, as a person meets it; `again` finds the one that has taken its place."""

    def __init__(self, browser, reference, again=None):
        self.browser, self.reference, self.again = browser, reference, again

    def ask(self, method, path, body=None):
        """A view that draws itself anew puts another element in this one's place: a person would not notice."""
        for _ in range(REPLACED_MAX if self.again else 0):
            try:
                return self.browser.ask(method, f"/element/{self.reference}{path}", body)
            except DriverError as error:
                if not error.is_of_gone:
                    raise
            self.reference = self.again().reference
        return self.browser.ask(method, f"/element/{self.reference}{path}", body)

    def click(self):
        self.ask("POST", "/click", {})

    def type(self, text):
        self.ask("POST", "/value", {"text": text})

    def fill(self, text):
        """In place of what was there."""
        self.ask("POST", "/clear", {})
        self.type(text)

    text = property(lambda self: self.ask("GET", "/text"))
    role = property(lambda self: self.ask("GET", "/computedrole"))
    name = property(lambda self: self.ask("GET", "/computedlabel"))
    tag = property(lambda self: self.ask("GET", "/name"))
    rect = property(lambda self: self.ask("GET", "/rect"))
    is_shown = property(lambda self: self.ask("GET", "/displayed"))
    is_enabled = property(lambda self: self.ask("GET", "/enabled"))

    def attribute(self, name):
        return self.ask("GET", f"/attribute/{name}")

    def property(self, name):
        return self.ask("GET", f"/property/{name}")

    def style(self, name):
        return self.ask("GET", f"/css/{name}")

    def find_all(self, css):
        return [self.browser.wrap(one)
                for one in self.ask("POST", "/elements", {"using": "css selector", "value": css})]

    def __repr__(self):
        return f"<{self.tag} {self.role!r} {self.name!r}>"


class Browser:
    """One Chromium with its driver."""

    def __init__(self, size=(1280, 800), arguments=()):
        for program, package in ((CHROMIUM, "chromium"), (CHROMEDRIVER, "chromium-driver")):
            if not program:
                raise AssertionError(f"the tests of the web dashboard need Debian's package {package}")
        self.profile = tempfile.mkdtemp(prefix="ckbridge-browser-")
        self.pid = self.session = self.watch = self.connection = self.driver = None
        try:
            self.start_driver()
            self.start_session([*ARGUMENTS, f"--window-size={size[0]},{size[1]}", *arguments])
        except BaseException:
            self.close()
            raise

    # ---- processes

    def start_driver(self):
        """The driver wants one port for IPv4 and IPv6 alike, and ends when another program has taken the second."""
        said = []
        while len(said) < DRIVERS_MAX:
            self.driver = self.run_driver()
            words = ""
            for line in self.driver.stdout:
                found = re.search(r"started successfully on port (\d+)", line)
                if found:
                    self.port = int(found.group(1))
                    return
                words += line
            self.driver.stdout.close()
            said.append(f"{self.driver.wait()}: {words}")
        raise AssertionError(f"chromedriver ended: {said}")

    def run_driver(self):
        """setpriv: should this process be killed, the driver goes too, and the browser with it."""
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment["HOME"] = self.profile
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", CHROMEDRIVER, "--port=0"], env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                start_new_session=True)

    def start_session(self, arguments):
        profile = os.path.join(self.profile, "profile")
        options = {"binary": CHROMIUM, "args": [*arguments, f"--user-data-dir={profile}"]}
        value = self.send("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "timeouts": {"script": int(harness.DEADLINE_S * 2000) - 1000},
            "unhandledPromptBehavior": "ignore"}}})
        self.session = value["sessionId"]
        self.pid = value["capabilities"]["goog:processID"]
        self.watch = Watch(value["capabilities"]["goog:chromeOptions"]["debuggerAddress"])
        self.go("about:blank")
        self.watch.forget()

    def close(self):
        """Ends all of it: asked first, then by the IDs of the two processes' groups."""
        if self.watch is not None:
            self.watch.close()
        if self.session is not None:
            try:
                self.send("DELETE", f"/session/{self.session}")
            except (OSError, AssertionError, http.client.HTTPException):
                pass
        if self.connection is not None:
            self.connection.close()
        for pid in (self.pid, self.driver.pid):
            self.kill_group(pid)
        self.driver.wait()
        self.driver.stdout.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def kill_group(self, pid):
        """The browser may have the driver's group; a group that is ours is never meant."""
        try:
            group = os.getpgid(pid) if pid else None
            if group is not None and group != os.getpgid(0):
                os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    # ---- WebDriver

    def send(self, method, path, body=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=harness.DEADLINE_S * 2)
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body),
                                    {"Content-Type": "application/json"})
            value = json.loads(self.connection.getresponse().read())["value"]
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if isinstance(value, dict) and "error" in value and "stacktrace" in value:
            raise DriverError(value["error"], value["message"].split("\n")[0])
        return value

    def ask(self, method, path, body=None):
        return self.send(method, f"/session/{self.session}{path}", body)

    def cdp(self, method, **parameters):
        """A command of the DevTools protocol to the page that is in front."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": method, "params": parameters})

    def wrap(self, value):
        """References become elements, also within lists and objects."""
        if isinstance(value, dict):
            if ELEMENT in value:
                return Element(self, value[ELEMENT])
            return {name: self.wrap(one) for name, one in value.items()}
        return [self.wrap(one) for one in value] if isinstance(value, list) else value

    @staticmethod
    def unwrap(value):
        if isinstance(value, list):
            return [Browser.unwrap(one) for one in value]
        return {ELEMENT: value.reference} if isinstance(value, Element) else value

    def execute(self, script, *arguments):
        """What the function body returns; a promise's value when it returns one."""
        return self.wrap(self.ask("POST", "/execute/sync",
                                  {"script": script, "args": [self.unwrap(one) for one in arguments]}))

    # ---- pages

    url = property(lambda self: self.ask("GET", "/url"))
    title = property(lambda self: self.ask("GET", "/title"))
    tabs = property(lambda self: self.ask("GET", "/window/handles"))

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    def back(self):
        self.ask("POST", "/back", {})

    def reload(self):
        self.ask("POST", "/refresh", {})

    def new_tab(self):
        """Opens one, goes there and returns its handle."""
        handle = self.ask("POST", "/window/new", {"type": "tab"})["handle"]
        self.show_tab(handle)
        return handle

    def show_tab(self, handle):
        self.ask("POST", "/window", {"handle": handle})

    def close_tab(self):
        left = self.ask("DELETE", "/window")
        self.show_tab(left[0])

    def cookies(self):
        return self.ask("GET", "/cookie")

    def forget_cookies(self):
        self.ask("DELETE", "/cookie")

    # ---- elements

    def find_all(self, css):
        return [self.wrap(one)
                for one in self.ask("POST", "/elements", {"using": "css selector", "value": css})]

    def find(self, css, shown=True):
        """The first element of that selector, once there is one (and it is shown)."""
        return self.settle_element(lambda: self.execute(
            f"return [...document.querySelectorAll(arguments[0])].find((one) => !arguments[1] || {IS_SHOWN});", css, shown),
            f"an element {css}")

    def all_by_role(self, role, name=None, within=None):
        """Elements of this computed role, in the document's order; a name is a whole text or a pattern."""
        root = within or self.wrap(self.ask("POST", "/element", {"using": "css selector", "value": "html"}))
        found = self.execute("window.__root = arguments[0]; return true;", root) and self.query_role(role, name)
        return found or []

    def query_role(self, role, name):
        """The tree's nodes become elements by way of a list in the page."""
        root = self.cdp("Runtime.evaluate", expression="window.__found = []; window.__root")["result"]["objectId"]
        nodes = self.cdp("Accessibility.queryAXTree", objectId=root, role=role)["nodes"]
        for node in nodes:
            if node.get("ignored") or "backendDOMNodeId" not in node:
                continue
            if name is not None and not self.is_named(node.get("name", {}).get("value", ""), name):
                continue
            held = self.cdp("DOM.resolveNode", backendNodeId=node["backendDOMNodeId"])["object"]["objectId"]
            self.cdp("Runtime.callFunctionOn", objectId=held, functionDeclaration="function () {"
                     "  window.__found.push(this.nodeType === 1 ? this : this.parentElement); }")
        return self.execute("const found = window.__found.filter((one) => one && one.isConnected);"
                            "delete window.__found; delete window.__root; return found;")

    @staticmethod
    def is_named(actual, name):
        return bool(name.search(actual)) if isinstance(name, re.Pattern) else actual == name

    def by_role(self, role, name=None, within=None):
        """The first that is shown, once there is one."""
        return self.settle_element(lambda: self.execute(
            f"return arguments[0].find((one) => {IS_SHOWN});", self.all_by_role(role, name, within)),
            f"a {role} named {name}")

    def settle_element(self, find, what):
        """The element that is found, once there is one; it is found again should it be replaced."""
        element = self.settle(find, what)
        element.again = lambda: self.settle(find, what)
        return element

    def settle(self, condition, what, deadline_s=None):
        """The condition's first true value; elements that go while it is asked are asked for again."""
        def look():
            try:
                return condition()
            except DriverError as error:
                if not error.is_of_gone:
                    raise
                return None
        try:
            return wait_until(look, what, deadline_s, PAUSE_S)
        except AssertionError as error:
            raise AssertionError(f"{error}\nat {self.url}\n{self.page_text()[:3000]}") from None

    def page_text(self):
        return self.execute("return document.body ? document.body.innerText : '';")

    def wait_text(self, text, css="body"):
        """Until the shown text of that element holds the words."""
        return self.settle(lambda: text in self.text_of(css), f"the text {text!r}")

    def text_of(self, css):
        """What all elements of that selector show."""
        return self.execute(f"return [...document.querySelectorAll(arguments[0])].filter((one) => {IS_SHOWN})"
                            ".map((one) => one.innerText.trim()).join(' ');", css)

    def wait_no_text(self, text, css="body"):
        return self.settle(lambda: text not in self.text_of(css), f"the text {text!r} to go")

    def wait_true(self, script, *arguments):
        return self.settle(lambda: self.execute(script, *arguments), script)

    # ---- keys

    def press(self, *keys):
        """Keys as from the keyboard, to whatever has the focus: names of KEYS, "Shift+Tab", or text."""
        for key in keys:
            *held, last = key.split("+") if len(key) > 1 and "+" in key else [key]
            steps = [("keyDown", KEYS[name]) for name in held]
            for one in [KEYS[last]] if last in KEYS else last:
                steps += [("keyDown", one), ("keyUp", one)]
            steps += [("keyUp", KEYS[name]) for name in reversed(held)]
            self.ask("POST", "/actions", {"actions": [
                {"type": "key", "id": "keyboard", "actions": [{"type": kind, "value": one} for kind, one in steps]}]})

    @property
    def focused(self):
        return self.wrap(self.ask("GET", "/element/active"))

    def tab_to(self, role, name, limit=120, key="Tab"):
        """Presses Tab until that element has the focus; fails when it cannot be reached so."""
        for _ in range(limit):
            self.press(key)
            one = self.focused
            if one.role == role and self.is_named(one.name, name):
                return one
        raise AssertionError(f"{key} does not lead to a {role} named {name}, but to {self.focused}")

    # ---- surroundings

    def resize(self, width, height):
        """The page's own size, not the window's."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def emulate(self, dark=False, reduced_motion=False, forced_colors=False, contrast=None):
        features = {"prefers-color-scheme": "dark" if dark else "light",
                    "prefers-reduced-motion": "reduce" if reduced_motion else "no-preference",
                    "forced-colors": "active" if forced_colors else "none",
                    "prefers-contrast": contrast or "no-preference"}
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": name, "value": value} for name, value in features.items()])

    def offline(self, is_offline=True):
        """Also for the workers."""
        self.watch.all_targets("Network.emulateNetworkConditions", offline=is_offline, latency=0,
                               downloadThroughput=-1, uploadThroughput=-1)

    def before_scripts(self, source):
        """Runs in every page and worker to come, before their own scripts."""
        self.watch.preludes.append(source)
        self.watch.all_pages("Page.addScriptToEvaluateOnNewDocument", source=source)

    def accessibility_tree(self):
        return [node for node in self.cdp("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]

    def screenshot(self, path=None, whole=False):
        """PNG; `whole`: all of the page, not what the window shows."""
        data = base64.b64decode(self.cdp("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
                                if whole else self.ask("GET", "/screenshot"))
        if path is not None:
            with open(path, "wb") as file:
                file.write(data)
        return data

    def assert_clean(self, origin, allowed=()):
        self.watch.assert_clean(origin, allowed)
