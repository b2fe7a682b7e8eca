#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An orchestrator for ckbridge in 60 lines: it decides what the bridge holds, the cheapest way over the bridge's links.

    CKBRIDGE_URL=http://127.0.0.1:8480 CKBRIDGE_TOKEN_FILE=token ./orchestrator.py last-event

The token's role is orchestrator. Either side may be killed at any time. The event stream goes on behind the last event
that was dealt with, which the file remembers; what is held when the stream opens is decided first, so that nothing
falls between; and nothing is decided twice, because the bridge says what it holds no more (not_held) and knows each
request's Idempotency-Key. A bridge with HTTPS of a private authority: SSL_CERT_FILE=ca.pem."""
import collections, http.client, json, os, pathlib, sys, time, urllib.error, urllib.parse, urllib.request  # noqa: E401


def send(method, path, body=None, **headers):
    token = pathlib.Path(os.environ["CKBRIDGE_TOKEN_FILE"]).read_text(encoding="ascii").strip()
    headers |= {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url, data = f"{os.environ['CKBRIDGE_URL']}/api/v1{path}", json.dumps(body).encode() if body else None
    return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60)


def items(path, cursor=""):
    page = json.load(send("GET", path + cursor))
    return page["items"] + (items(path, f"&cursor={page['next_cursor']}") if page["next_cursor"] else [])


def ways(links, goal):
    """For each KMA that reaches the goal, the nearest KMA first: the neighbours that are strictly nearer, best first.
    Who follows them never comes back. (Dijkstra, by cost and then by hops.)"""
    near, reached, best = collections.defaultdict(dict), {goal: (0, 0)}, {}
    for link in sorted((link for link in links if link["state"] == "up"), key=lambda link: -link["cost"]):
        near[link["a"]][link["b"]] = near[link["b"]][link["a"]] = link["cost"]  # of parallel links the cheapest stays
    while reached:
        kma = min(reached, key=lambda kma: (*reached[kma], kma))
        cost, hops = best[kma] = reached.pop(kma)
        for other in near[kma].keys() - best.keys():
            reached[other] = min(reached.get(other, (float("inf"), 0)), (cost + near[kma][other], hops + 1))
    return {kma: sorted((other for other in near[kma] if best[other] < best[kma]),
                        key=lambda other: (near[kma][other] + best[other][0], other)) for kma in best}


def choose(kind, request):
    onward = ways(items("/links?limit=1000"), request["destination_kma_id"])
    start = [request["source_kma_id"]] if kind == "relay" else json.load(
        send("GET", "/kms/" + urllib.parse.quote(request["km_id"], safe="")))["kma_ids"]
    path = [next((kma for kma in onward if kma in start), None)]
    while onward.get(path[-1]):
        path.append(onward[path[-1]][0])
    choice = {"path": path} if kind == "relay" else {"next_hops": onward.get(path[0])}
    return choice if len(path) > 1 else {"reject": "no way over links that are up"}


def decide(kind, request_id):
    try:
        request = json.load(send("GET", f"/{kind}s/{request_id}"))
        if request["state"] == "awaiting_decision":
            decision = choose(kind, request)
            send("POST", f"/{kind}s/{request_id}/decision", decision, **{"Idempotency-Key": f"{kind}-{request_id}"})
            print(f"{kind} {request_id}: {json.dumps(decision)}", flush=True)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 429) or error.code >= 500:
            raise  # later; all else is gone, was decided meanwhile, or is left to the bridge's next decider
        print(f"{kind} {request_id}: {json.load(error)['detail']}", flush=True)


def follow(last_event):
    resume = {"Last-Event-ID": last_event.read_text()} if last_event.exists() else {}
    with send("GET", "/events?type=*.awaiting_decision", Accept="text/event-stream", **resume) as stream:
        for kind in ("relay", "lookup"):
            for held in items(f"/{kind}s?state=awaiting_decision&limit=1000"):
                decide(kind, held[f"{kind}_id"])
        for event in (json.loads(line[6:]) for line in stream if line.startswith(b"data: ")):
            if event["type"] == "gap":  # some are not told any more: begin anew, with what is held
                return last_event.unlink(missing_ok=True)
            kind = event["type"].split(".")[0]
            decide(kind, event["subject"][f"{kind}_id"])
            last_event.with_suffix(".new").write_text(event["event_id"])
            last_event.with_suffix(".new").replace(last_event)


if __name__ == "__main__":
    while True:
        try:
            follow(pathlib.Path(sys.argv[1]))
        except (OSError, http.client.HTTPException) as error:
            print(f"the bridge is not available ({error}); trying again", flush=True)
        time.sleep(0.5)
