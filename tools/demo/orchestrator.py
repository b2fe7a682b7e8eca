#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small orchestrator for ckbridge, in Python's standard library: it follows the event stream and decides every
request that the bridge holds for it, by cheapest path over the bridge's links. It survives a restart of either side:
on every connect it resumes the stream where it was and asks what is held, and a decision that was already taken
answers 409, which is as good as done."""
import argparse
import heapq
import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Bridge:
    def __init__(self, url, token):
        self.base, self.token, self.last_event = url.rstrip("/") + "/api/v1", token, None

    def open(self, method, path, body=None, timeout=10, **headers):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        return urllib.request.urlopen(request, timeout=timeout)

    def get(self, path):
        with self.open("GET", path) as answer:
            return json.load(answer)

    def items(self, path):
        """Every item of a list, page by page."""
        cursor, joint = "", "&" if "?" in path else "?"
        while cursor is not None:
            page = self.get(f"{path}{joint}limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next_cursor"]

    def events(self):
        """Events as they happen; the stream is open before the first None, so that nothing falls between."""
        headers = {"Accept": "text/event-stream"}
        if self.last_event:
            headers["Last-Event-ID"] = self.last_event
        with self.open("GET", "/events?type=*.awaiting_decision", timeout=60, **headers) as stream:
            yield None
            for line in stream:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "id":
                    self.last_event = value
                elif field == "data":
                    yield json.loads(value)


def shortest_paths(links, goal):
    """Cost from every KMA to the goal over links that are up, and the next KMA on the way (Dijkstra)."""
    neighbours = {}
    for link in links:
        if link["state"] == "up":
            neighbours.setdefault(link["a"], []).append((link["b"], link["cost"]))
            neighbours.setdefault(link["b"], []).append((link["a"], link["cost"]))
    best, toward, queue = {}, {}, [(0, goal, None)]
    while queue:
        cost, kma, onward = heapq.heappop(queue)
        if kma not in best:
            best[kma], toward[kma] = cost, onward
            for other, step in neighbours.get(kma, []):
                if other not in best:
                    heapq.heappush(queue, (cost + step, other, kma))
    return best, toward, neighbours


def decide_relay(bridge, relay):
    _, toward, _ = shortest_paths(bridge.items("/links"), relay["destination_kma_id"])
    path = [relay["source_kma_id"]]
    if path[0] not in toward:
        return {"reject": "no path over links that are up"}
    while toward[path[-1]]:
        path.append(toward[path[-1]])
    return {"path": path}


def decide_lookup(bridge, lookup):
    """Every neighbour that is strictly nearer: answers made so can never form a cycle."""
    best, _, neighbours = shortest_paths(bridge.items("/links"), lookup["destination_kma_id"])
    own = bridge.get("/kms/" + urllib.parse.quote(lookup["km_id"], safe=""))["kma_ids"]
    here = min((kma for kma in own if kma in best), key=lambda kma: (best[kma], kma), default=None)
    nearer = {kma for kma, _ in neighbours.get(here, []) if best[kma] < best[here]} if here else set()
    if not nearer:
        return {"reject": "no path over links that are up"}
    return {"next_hops": sorted(nearer, key=lambda kma: (best[kma], kma))}


def decide(bridge, kind, request_id):
    try:
        request = bridge.get(f"/{kind}/{request_id}")
        if request["state"] != "awaiting_decision":
            return
        if not request.get("destination_kma_id"):
            decision = {"reject": "unknown application"}
        else:
            decision = (decide_relay if kind == "relays" else decide_lookup)(bridge, request)
        with bridge.open("POST", f"/{kind}/{request_id}/decision", decision):
            print(f"{kind[:-1]} {request_id}: {json.dumps(decision)}", flush=True)
    except urllib.error.HTTPError as error:
        if error.code not in (404, 409):  # gone, or decided meanwhile
            raise


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8480")
    parser.add_argument("--token-file", required=True)
    arguments = parser.parse_args()
    with open(arguments.token_file, encoding="utf-8") as file:
        bridge = Bridge(arguments.url, file.read().strip())
    pause_s = 0.5
    while True:
        try:
            for event in bridge.events():
                pause_s = 0.5
                if event is None:
                    for kind in ("relays", "lookups"):
                        for held in bridge.items(f"/{kind}?state=awaiting_decision"):
                            decide(bridge, kind, held[kind[:-1] + "_id"])
                elif "relay_id" in event["subject"]:
                    decide(bridge, "relays", event["subject"]["relay_id"])
                elif "lookup_id" in event["subject"]:
                    decide(bridge, "lookups", event["subject"]["lookup_id"])
        except (OSError, urllib.error.URLError) as error:
            print(f"bridge not available ({error}); again in {pause_s:.1f} s", flush=True)
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 10)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
