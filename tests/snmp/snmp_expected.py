# SPDX-License-Identifier: Apache-2.0
"""What every cell of QKDN-CK-BRIDGE-MIB must be, by what the HTTP API says of the same object and the MIB's own words.

A cell is {column: int or bytes}; a text that is too long is a Cut, which equals every proper shortening of itself.
"""
import datetime
import ipaddress
import math

TEXT_OCTETS = 1024
UNKNOWN_TIME = bytes(8)
LARGEST_GAUGE = 4294967295


class Cut:
    """Longer than CkbText: cut between two characters, three full stops at the end, and no shorter than need be."""

    def __init__(self, whole):
        self.whole = whole

    def __eq__(self, other):
        if not isinstance(other, bytes) or not other.endswith(b"..."):
            return False
        kept = other[:-3]
        begin = self.whole.encode()[:len(kept)]
        try:
            begin.decode()
        except UnicodeDecodeError:
            return False
        return kept == begin and TEXT_OCTETS - 3 < len(other) <= TEXT_OCTETS

    def __repr__(self):
        return f"{self.whole[:40]!r}..., {len(self.whole.encode())} bytes cut to {TEXT_OCTETS}"


def text(words):
    """CkbText, or an identifier; None is of length zero."""
    shown = "".join(" " if is_control(character) else character for character in words or "")
    return shown.encode() if len(shown.encode()) <= TEXT_OCTETS else Cut(shown)


def is_control(character):
    return ord(character) < 0x20 or 0x7f <= ord(character) <= 0x9f


def time(words):
    """DateAndTime in UTC of RFC 3339 with milliseconds; None is not known."""
    if words is None:
        return UNKNOWN_TIME
    at = datetime.datetime.strptime(words, "%Y-%m-%dT%H:%M:%S.%fZ")
    return at.year.to_bytes(2, "big") + bytes((at.month, at.day, at.hour, at.minute, at.second,
                                               at.microsecond // 100000)) + b"+\0\0"


def truth(value):
    return 1 if value else 2


def gauge(value):
    return min(value or 0, LARGEST_GAUGE)


def quantile(buckets, per_cent):
    """The bound below which so many of the times were. The last bucket has none: twice the one before stands for it."""
    total = sum(bucket["count"] for bucket in buckets)
    if total == 0:
        return 0
    below = 0
    for bucket in buckets:
        below += bucket["count"]
        if below >= math.ceil(total * per_cent / 100):
            return bucket["below"] or 2 * buckets[-2]["below"]
    raise AssertionError("unreachable")


def peer(words):
    """(InetAddressType, InetAddress, port) of "192.0.2.1:50112" or "[2001:db8::1]:50112"."""
    if words is None:
        return 0, b"", 0
    host, port = words.rsplit(":", 1)
    address = ipaddress.ip_address(host.strip("[]"))
    return 1 if address.version == 4 else 2, address.packed, int(port)


def km(item, now):
    session, counters = item["session"], item["counters"]
    held_off = session["held_off_until"] is not None and session["held_off_until"] > now
    error = session["last_error"] or {"reason": None, "detail": None, "time": None}
    connected = session["state"] == "connected"
    kind, address, port = peer(session["peer"])
    return {
        "ckbKmId": text(item["km_id"]),
        "ckbKmKmas": text(" ".join(item["kma_ids"])),
        "ckbKmAdminStatus": truth(item["enabled"]),
        "ckbKmOperStatus": 1 if connected else 3 if held_off else 2,
        "ckbKmSince": time(session["since"]),
        "ckbKmPeerAddressType": kind,
        "ckbKmPeerAddress": address,
        "ckbKmPeerPort": port,
        "ckbKmSecurity": {None: 0, "tls": 1, "psk": 2, "plain": 3}[session["security"]],
        "ckbKmTlsVersion": text(session["tls_version"]),
        "ckbKmCipher": text(session["cipher"]),
        "ckbKmCertificateExpires": time(session["certificate_expires_at"]),
        "ckbKmLastError": text(error["reason"]),
        "ckbKmLastErrorDetail": text(error["detail"]),
        "ckbKmLastErrorTime": time(error["time"]),
        "ckbKmRelaysOpen": counters["relays_open"],
        "ckbKmOrigin": {"file": 1, "api": 2}[item["origin"]],
    }


KM_COUNTERS = {
    "ckbKmNextHopRequests": "next_hop_requests",
    "ckbKmNextHopResponses": "next_hop_responses",
    "ckbKmRelayNotifications": "relay_notifications",
    "ckbKmRelayRequests": "relay_requests",
    "ckbKmRelayResponses": "relay_responses",
    "ckbKmUnknownCommands": "unknown_commands",
    "ckbKmMalformedFrames": "malformed",
    "ckbKmUnexpectedFrames": "unexpected",
    "ckbKmUncorrelatedResponses": "uncorrelated",
    "ckbKmRepeats": "repeats",
    "ckbKmSessions": "sessions",
    "ckbKmRefusedConnections": "sessions_refused",
    "ckbKmRelaysSucceeded": "relays_succeeded",
    "ckbKmRelaysFailed": "relays_failed",
    "ckbKmRelaysRejected": "relays_rejected",
    "ckbKmRelaysExpired": "relays_expired",
    "ckbKmRelaysOrphaned": "relays_orphaned",
}


def km_stats(item):
    counters = item["counters"]
    times = counters["reply_time_ms"]
    return {**{column: counters[name] for column, name in KM_COUNTERS.items()},
            "ckbKmReplies": sum(bucket["count"] for bucket in times),
            "ckbKmReplyTimeMedian": quantile(times, 50),
            "ckbKmReplyTime99": quantile(times, 99)}


def route(item):
    if "path" in item:
        kind, path = 1, " ".join(item["path"])
    else:
        kind, path = 2, " ".join(f"{kma}:{','.join(hops)}" for kma, hops in item["next_hops"].items())
    return {
        "ckbRouteId": text(item["route_id"]),
        "ckbRouteSource": text(item["source_kma_id"]),
        "ckbRouteDestination": text(item["destination_kma_id"]),
        "ckbRouteKind": kind,
        "ckbRoutePath": text(path),
        "ckbRoutePriority": item["priority"],
        "ckbRouteValidUntil": time(item["valid_until"]),
        "ckbRouteUses": item["uses"],
        "ckbRouteOwner": text(item["origin"]),
        "ckbRouteChanged": time(item["changed_at"]),
    }


def link(item):
    return {
        "ckbLinkId": text(item["link_id"]),
        "ckbLinkKmaA": text(item["a"]),
        "ckbLinkKmaB": text(item["b"]),
        "ckbLinkState": truth(item["state"] == "up"),
        "ckbLinkCost": item["cost"],
        "ckbLinkKeyStockKnown": truth(item["key_stock"] is not None),
        "ckbLinkKeyStock": gauge(item["key_stock"]),
        "ckbLinkKeyRateKnown": truth(item["key_rate"] is not None),
        "ckbLinkKeyRate": gauge(item["key_rate"]),
        "ckbLinkOwner": text(item["origin"]),
        "ckbLinkChanged": time(item["changed_at"]),
    }


RELAY_STATES = ("received", "awaiting_decision", "instructed", "succeeded", "failed", "rejected", "expired", "orphaned")
DECIDERS = {None: 0, "route": 1, "orchestrator": 2, "computed": 3}


def relay(item):
    return {
        "ckbRelayState": RELAY_STATES.index(item["state"]) + 1,
        "ckbRelayReason": text(item["reason"]),
        "ckbRelayDetail": text(item["detail"]),
        "ckbRelayKmId": text(item["km_id"]),
        "ckbRelaySource": text(item["source_kma_id"]),
        "ckbRelayDestination": text(item["destination_kma_id"]),
        "ckbRelayApplication": text(item["application_destination_id"]),
        "ckbRelayPath": text(" ".join(item["path"] or [])),
        "ckbRelayDecidedBy": DECIDERS[item["decided_by"]],
        "ckbRelayReceived": time(item["received_at"]),
        "ckbRelayEnded": time(item["ended_at"]),
    }


def relay_index(item):
    """CkbNumber: its length, then its digits."""
    return (len(item["relay_id"]), *item["relay_id"].encode())


def instance(status):
    return {
        "ckbInstanceName": text(status["instance"]),
        "ckbInstanceState": 1 if status["ready"] else 2,
        "ckbInstanceVersion": text(status["version"]),
        "ckbInstanceStarted": time(status["started_at"]),
        "ckbInstanceKmsConnected": status["totals"]["kms_connected"],
    }


def scalars(status):
    totals, ended = status["totals"], status["totals"]["relays_ended"]
    return {
        "ckbVersion": text(status["version"]),
        "ckbInstance": text(status["instance"]),
        "ckbStartTime": time(status["started_at"]),
        "ckbDiscontinuityTime": time(status["started_at"]),
        "ckbStoreState": truth(status["store"]["available"]),
        "ckbOrchestratorPresent": truth(status["decision"]["orchestrator_present"]),
        "ckbOverloaded": truth(status["overloaded"]),
        "ckbKmsEnrolled": totals["kms_enrolled"],
        "ckbKmsConnected": totals["kms_connected"],
        "ckbSessionsMax": status["limits"]["sessions"]["max"],
        "ckbRelaysOpen": totals["relays_open"],
        "ckbRelaysHeld": totals["relays_held"],
        "ckbLookupsHeld": totals["lookups_held"],
        "ckbRelaysReceived": totals["relays_received"],
        "ckbRelaysSucceeded": ended["succeeded"],
        "ckbRelaysFailed": ended["failed"],
        "ckbRelaysRejected": ended["rejected"],
        "ckbRelaysExpired": ended["expired"],
        "ckbRelaysOrphaned": ended["orphaned"],
        "ckbLookupsReceived": totals["lookups_received"],
        "ckbLookupsAnswered": totals["lookups_answered"],
        "ckbLookupsRejected": totals["lookups_rejected"],
        "ckbProtocolErrors": totals["protocol_errors"],
        "ckbKmRefusals": totals["kms_refused"],
        "ckbCommits": status["store"]["commits"],
        "ckbNewestEventId": text(status["event_streams"]["newest_event_id"]),
        "ckbNotificationsSent": status["snmp"]["notifications_sent"],
        "ckbNotificationsSuppressed": status["snmp"]["notifications_suppressed"],
        "ckbNotificationsLost": status["snmp"]["notifications_lost"],
        "ckbNotificationsWaiting": status["snmp"]["notifications_waiting"],
    }


def everything(bridge):
    """{table: {identity of the row: cells}}; scalars are the table "", their row is ()."""
    status = bridge.read("/status")
    kms = bridge.items("/kms")
    return {
        "": {(): scalars(status)},
        "ckbKmTable": {item["km_id"].encode(): km(item, status["as_of"]) for item in kms},
        "ckbKmStatsTable": {item["km_id"].encode(): km_stats(item) for item in kms},
        "ckbRouteTable": {item["route_id"].encode(): route(item) for item in bridge.items("/routes")},
        "ckbLinkTable": {item["link_id"].encode(): link(item) for item in bridge.items("/links")},
        "ckbRelayTable": {relay_index(item): relay(item) for item in bridge.items("/relays")},
        "ckbInstanceTable": {(1,): instance(status)},
    }


NAME_COLUMNS = {"ckbKmTable": "ckbKmId", "ckbRouteTable": "ckbRouteId", "ckbLinkTable": "ckbLinkId"}


def shown(mib, cells):
    """A walk's cells in the form of everything(): configured objects by their identifiers, others by their index."""
    found = {"": {(): {name: cells[mib.oid(name) + ".0"].value for name in mib.scalars()}}}
    km_names = {}
    for table in mib.tables():
        rows = {index: {column: value.value for column, value in row.items()}
                for index, row in mib.rows(table, cells).items()}
        name = NAME_COLUMNS.get(table)
        if table == "ckbKmTable":
            km_names = {index: row[name] for index, row in rows.items()}
        if table == "ckbKmStatsTable":  # which augments the former
            rows = {km_names[index]: row for index, row in rows.items()}
        elif name is not None:
            rows = {row[name]: row for row in rows.values()}
        found[table] = rows
    return found


def differences(expected, actual):
    """One line for each cell that is not as it must be."""
    lines = []
    for table, rows in expected.items():
        lines += [f"{table}: {row} is only in {where}" for row in rows.keys() ^ actual[table].keys()
                  for where in ("the API" if row in rows else "SNMP",)]
        for row in rows.keys() & actual[table].keys():
            want, got = rows[row], actual[table][row]
            lines += [f"{table} {row} {column}: {got.get(column)!r} instead of {want.get(column)!r}"
                      for column in want.keys() | got.keys() if want.get(column) != got.get(column)]
    return lines
