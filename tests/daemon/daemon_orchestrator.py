#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example orchestrator as a process of its own, against the real daemon and key managers: both sides are killed and
started again, at chosen points and at random moments. Each relay is decided once and none is lost, by the frames that
the KMs got, by the timelines and by the event log. ORCHESTRATOR_ROUNDS rounds (8); SEED replays the moments."""
import ast
import json
import os
import random
import select
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import Closed, Km, equal, wait_until

EXAMPLE = os.path.join(harness.SOURCE, "tools", "example", "orchestrator.py")
ROUNDS = int(os.environ.get("ORCHESTRATOR_ROUNDS", "8"))
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
print(f"# SEED={seed} ORCHESTRATOR_ROUNDS={ROUNDS}", flush=True)
chance = random.Random(seed)

# The straight link is dear: the way round costs less.
PATH = ["kma-1", "kma-2", "kma-3", "kma-4"]
LINKS = {"l12": (1, 2, 1, "up"), "l23": (2, 3, 1, "up"), "l34": (3, 4, 1, "up"), "l14": (1, 4, 9, "up"),
         "l13": (1, 3, 1, "down"), "l45": (4, 5, 1, "down")}

folder = harness.Folder()
pki = harness.Pki(folder.path)
SECTIONS = (harness.base_sections(folder, decision="order = orchestrator\norchestrator_ms = 600000\n"
                                  "completion_ms = 600000\npresence_ms = 600000")
            + harness.ck_section(pki, more="replacements_per_minute = 1000000")
            + harness.km_section("alice", "kma-1") + harness.km_section("dave", "kma-4"))
token_file = folder.write("token", harness.TOKENS["orchestrator"] + "\n")
state_file = folder / "last-event"


def fixed(text, address):
    """Both sides find each other again after a restart: an address that nobody else takes ports on."""
    return text.replace("[http]\nlisten = 127.0.0.1:0", f"[http]\nlisten = {address}")


bridge = harness.Bridge(folder.write("ckbridge.conf", fixed(SECTIONS, "127.0.0.78:0")))


class Orchestrator:
    """The example, run as an operator would."""

    def __init__(self):
        self.process, self.lines, self.reader = None, [], None

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment |= {"CKBRIDGE_URL": "http://%s:%d" % bridge.address("http"), "CKBRIDGE_TOKEN_FILE": token_file}
        self.process = subprocess.Popen([sys.executable, EXAMPLE, state_file], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        self.reader = threading.Thread(target=harness.Bridge.read_log, args=(self.process.stdout, self.lines),
                                       daemon=True)
        self.reader.start()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(harness.DEADLINE_S)
            self.reader.join(harness.DEADLINE_S)

    def judge(self):
        equal([line for line in self.lines if "Traceback" in line or "Error" in line], [], "what it said")


class Manager(threading.Thread):
    """A KM's sessions, one after the other: what it was told, and what it waits for. A TLS session is one thread's: this
    one speaks and listens, and others leave it their words."""

    def __init__(self, name, source, goal):
        super().__init__(daemon=True)
        self.name, self.source, self.goal = name, source, goal
        self.context = harness.tls_context(pki.ca, pki.issue(name))
        self.lock, self.ending, self.failure = threading.Lock(), False, None
        self.km, self.message_id, self.words = None, 0, []
        self.woken, self.waker = socket.socketpair()
        self.unanswered, self.unheard = set(), set()  # MessageIDs of notifications and of lookups
        self.frames = {}   # relay_id -> [(MessageID, path)]
        self.answers = {}  # MessageID of a lookup -> [next hops]

    def run(self):
        try:
            while not self.ending:
                self.serve()
        except Exception as failure:  # reported by the main thread
            self.failure = failure

    def serve(self):
        """One session, begun when somebody is there to decide; what the last one left open is asked again."""
        wait_until(lambda: self.ending or can_decide(), "an orchestrator to be present", 60)
        try:
            km = Km(bridge.address(), self.context)
        except (OSError, Closed, IndexError):
            return
        with self.lock:
            self.km, self.words = km, []
            self.forget_answered()
            self.again()
        try:
            while True:
                self.speak()
                self.listen(km)
        except Closed:
            pass
        finally:
            with self.lock:
                self.km = None
            km.close()

    def forget_answered(self):
        """What was decided while the KM was away came under a MessageID of the bridge's own."""
        for relay_id, frames in self.frames.items():
            if all(message_id > self.message_id for message_id, _ in frames):
                self.unanswered.discard(bridge.relay(relay_id)["message_id"])

    def again(self):
        """A KM cannot know whether its last words were heard."""
        for relay_id in self.frames:
            self.say("complete", relay_id)
        for message_id in sorted(self.unanswered):
            self.say("notify", self.source, self.goal, message_id)
        for message_id in sorted(self.unheard):
            self.say("ask", self.source, self.goal, message_id)

    def say(self, *words):
        """Without a session it is lost, and said again in the next one."""
        if self.km is not None:
            self.words.append(words)
            self.waker.send(b"!")

    def speak(self):
        with self.lock:
            words, self.words = self.words, []
        for name, *arguments in words:
            getattr(self.km, name)(*arguments)

    def listen(self, km):
        """Until there is something to hear or to say."""
        if not km.has_frame():
            if not km.socket.pending():
                ready, _, _ = select.select([km.socket, self.woken], [], [])
                if self.woken in ready:
                    self.woken.recv(4096)
                    return
            km.take_what_is_there()
        while km.has_frame():
            self.take(*km.receive())

    def take(self, command, message_id, payload):
        with self.lock:
            if command == harness.NEXT_HOP_RESPONSE:
                self.answers.setdefault(message_id, []).append(payload["next_KMA_IDs"])
                self.unheard.discard(message_id)
                return
            equal(command, harness.RELAY_REQUEST, "command")
            path = [payload["source_KMA_ID"], *payload["transit_KMA_IDs"], payload["destination_KMA_ID"]]
            relay_id = payload["key_relay_request_ID"]
            self.frames.setdefault(relay_id, []).append((message_id, path))
            self.unanswered.discard(message_id)
            self.say("complete", relay_id)

    def notify(self):
        with self.lock:
            self.message_id += 1
            self.unanswered.add(self.message_id)
            self.say("notify", self.source, self.goal, self.message_id)

    def ask(self):
        with self.lock:
            self.message_id += 1
            self.unheard.add(self.message_id)
            self.say("ask", self.source, self.goal, self.message_id)

    def is_served(self):
        if self.failure is not None:
            raise self.failure
        return not self.unanswered and not self.unheard


def can_decide():
    """A decision can be had, and new requests are held for it; what is not there yet says no."""
    try:
        return bridge.get("/status")[2]["decision"]["orchestrator_present"]
    except (OSError, IndexError, KeyError, TypeError, ValueError, harness.http.client.HTTPException):
        return False


orchestrator = Orchestrator()
managers = []


def all_served():
    wait_until(lambda: all(manager.is_served() for manager in managers),
               f"every request to be answered; {[sorted(manager.unanswered) for manager in managers]} are not, "
               f"{orchestrator.lines[-5:]}", 60)


def held():
    return len(bridge.items("/relays?state=awaiting_decision")) + len(bridge.items("/lookups?state=awaiting_decision"))


def request_all(relays=2):
    for manager in managers:
        for _ in range(relays):
            manager.notify()
        manager.ask()


def remembers_after_a_request():
    """What is held when the stream opens is decided without an event of it."""
    request_all(relays=1)
    all_served()
    return os.path.exists(state_file)


def restart_bridge():
    bridge.kill()
    bridge.start()


def test_example_has_60_lines():
    with open(EXAMPLE, encoding="utf-8") as file:
        text = file.read()
    documented = [node for node in ast.walk(ast.parse(text))
                  if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node)]
    words = {number for node in documented for number in range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    code = [line for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.lstrip().startswith("#") and number not in words]
    equal(len(code) <= 60, True, f"{len(code)} lines of code")
    equal([line for line in code if len(line) > 120], [], "long lines")


def test_requests_are_decided_as_they_come():
    bridge.start()
    folder.write("ckbridge.conf", fixed(SECTIONS, "%s:%d" % bridge.address("http")))
    bridge.put("/links", {"origin": "test", "links": [
        {"link_id": name, "a": f"kma-{a}", "b": f"kma-{b}", "cost": cost, "state": state}
        for name, (a, b, cost, state) in LINKS.items()]})
    orchestrator.start()
    for name, source, goal in (("alice", "kma-1", "kma-4"), ("dave", "kma-4", "kma-1")):
        managers.append(Manager(name, source, goal))
        managers[-1].start()
    wait_until(lambda: all(manager.km for manager in managers), "sessions")
    request_all()
    all_served()
    wait_until(lambda: os.path.exists(state_file), "the last event to be remembered")


def test_what_no_link_reaches_is_rejected():
    goal, managers[0].goal = managers[0].goal, "kma-5"
    managers[0].notify()
    managers[0].goal = goal
    rejected = wait_until(lambda: bridge.items("/relays?state=rejected"), "the rejection")
    equal([relay["detail"] for relay in rejected], ["no way over links that are up"])
    managers[0].unanswered.clear()  # a rejection is not told to this KM


def test_requests_while_the_orchestrator_is_dead_are_decided_by_its_successor():
    orchestrator.kill()
    request_all()
    wait_until(lambda: held() == 6, "the requests to be held")
    orchestrator.start()
    all_served()


def test_requests_held_over_a_kill_of_the_bridge_are_decided():
    orchestrator.kill()
    request_all()
    wait_until(lambda: held() == 6, "the requests to be held")
    restart_bridge()
    orchestrator.start()
    all_served()


def test_orchestrator_that_lives_goes_on_after_a_kill_of_the_bridge():
    restart_bridge()
    wait_until(lambda: all(manager.km for manager in managers), "sessions")
    request_all()
    all_served()


def test_older_and_missing_memory_decides_nothing_twice():
    with open(state_file, encoding="utf-8") as file:
        older = file.read()
    request_all()
    all_served()
    for memory in (older, "1", None):
        orchestrator.kill()
        if memory is None:
            os.unlink(state_file)
        else:
            folder.write("last-event", memory)
        orchestrator.start()
        request_all()
        all_served()


def test_memory_of_another_history_is_dropped():
    orchestrator.kill()
    folder.write("last-event", "999999999")
    request_all()
    wait_until(lambda: held() == 6, "the requests to be held")
    orchestrator.start()
    all_served()
    wait_until(remembers_after_a_request, "an event to be remembered anew")
    with open(state_file, encoding="utf-8") as file:
        equal(int(file.read()) < 999999999, True, "an event of this history")


def test_kills_at_random_moments():
    moment = threading.Event()
    for _ in range(ROUNDS):
        wait_until(lambda: all(manager.km for manager in managers), "sessions", 60)
        request_all(relays=chance.randrange(1, 8))
        moment.wait(chance.uniform(0, 0.2))  # the random moment itself
        victims = chance.choice(["bridge", "orchestrator", "both"])
        if victims != "bridge":
            orchestrator.kill()
        if victims != "orchestrator":
            restart_bridge()
        if victims != "bridge":
            orchestrator.start()
        all_served()


def judge_frames(manager):
    """Each notification led to one relay, told with one path however often."""
    relays = {}
    for relay_id, frames in manager.frames.items():
        path = PATH if manager.source == "kma-1" else PATH[::-1]
        equal([told for _, told in frames if told != path], [], f"paths of relay {relay_id}")
        relays[relay_id] = bridge.relay(relay_id)
    by_message = [relay["message_id"] for relay in relays.values()]
    equal(len(by_message), len(set(by_message)), f"relays of {manager.name}, by notification")
    return relays


def test_each_relay_was_decided_once_and_none_is_lost():
    told = {}
    for manager in managers:
        told |= judge_frames(manager)
    wait_until(lambda: not bridge.items("/relays?state=instructed"), "the completions to be recorded")
    stored = {relay["relay_id"]: relay for relay in bridge.items("/relays") if relay["state"] != "rejected"}
    equal(sorted(stored), sorted(told), "relays in the store and relays that KMs were told")
    for relay_id in stored:
        relay = bridge.relay(relay_id)
        states = [entry["state"] for entry in relay["timeline"]]
        equal((relay["decided_by"], relay["state"], states.count("instructed"), states.count("succeeded")),
              ("orchestrator", "succeeded", 1, 1), f"relay {relay_id}: {states}")
    instructed = [event["subject"]["relay_id"] for event in bridge.items("/events?type=relay.instructed")]
    equal(sorted(instructed), sorted(stored), "events of instruction")


def test_lookups_got_the_way_that_is_cheapest():
    for manager in managers:
        expected = ["kma-2", "kma-4"] if manager.source == "kma-1" else ["kma-3", "kma-1"]
        for message_id, answers in manager.answers.items():
            equal([answer for answer in answers if answer[:1] != expected[:1]], [], f"answers to {message_id}")
    equal(all(manager.answers for manager in managers), True, "lookups")


def test_orchestrator_said_nothing_unexpected():
    orchestrator.judge()
    equal(any('relay 1: {"path": ' in line for line in orchestrator.lines), True, orchestrator.lines[:3])
    for manager in managers:
        manager.ending = True
    bridge.stop()


def clean():
    orchestrator.kill()
    bridge.kill()
    folder.remove()


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")], [clean])
