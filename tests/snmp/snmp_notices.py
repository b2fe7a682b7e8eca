# SPDX-License-Identifier: Apache-2.0
"""What the MIB promises of notifications: which events have one, and what it says of an event of the HTTP API."""
import datetime

from snmp_stage import Mib, Value
from harness import equal, wait_until

# Every type of event there is: the notification that tells of it, or None. A new one is to be decided here.
NOTIFICATION_OF = {
    "km.connected": "ckbKmUp",
    "km.disconnected": "ckbKmDown",
    "km.refused": "ckbKmRefused",
    "relay.received": None,
    "relay.awaiting_decision": None,
    "relay.instructed": None,
    "relay.succeeded": None,
    "relay.failed": "ckbRelayFailed",
    "relay.rejected": None,
    "relay.expired": "ckbRelayExpired",
    "relay.orphaned": "ckbRelayExpired",
    "relay.uncorrelated": None,
    "lookup.answered": None,
    "lookup.awaiting_decision": None,
    "route.changed": None,
    "link.changed": None,
    "config.changed": None,
    "ck.protocol_error": None,
    "overload.entered": "ckbOverload",
    "overload.left": "ckbOverload",
}
SYS_UP_TIME, TRAP_OID = ".1.3.6.1.2.1.1.3.0", ".1.3.6.1.6.3.1.1.4.1.0"
SECURITIES = {"tls": 1, "psk": 2, "plain": 3}


def date_and_time(words):
    """DateAndTime of the API's time."""
    at = datetime.datetime.fromisoformat(words.replace("Z", "+00:00"))
    return bytes([at.year >> 8, at.year & 255, at.month, at.day, at.hour, at.minute, at.second,
                  at.microsecond // 100000]) + b"+\0\0"


def cut(text, octets_max=512):
    """As CkbText is cut: between two characters, with three full stops."""
    whole = text.encode()
    if len(whole) <= octets_max:
        return whole
    return whole[:octets_max - 3].decode(errors="ignore").encode() + b"..."


class Books:
    """The MIB, and which notifications the events of a stream must have had."""

    def __init__(self):
        self.mib = Mib()
        self.names = {self.mib.oid(name): name for name in self.mib.notifications}
        self.root = self.mib.oid("ckbKmUp").rsplit(".", 2)[0] + "."

    def objects(self, name):
        """The objects of a notification, in order."""
        return list(self.mib.notifications[name]["objects"])

    def ours(self, notifications):
        """Those of this module; a master agent has some of its own."""
        return [one for one in notifications if one.cells[TRAP_OID].value.startswith(self.root)]

    def name(self, notification):
        return self.names[notification.cells[TRAP_OID].value]

    def value(self, notification, name):
        """Of a varbind. Objects of a notification are the instance 0."""
        return notification.cells[self.mib.oid(name) + ".0"].value

    def key(self, notification):
        return self.name(notification), self.value(notification, "ckbEventId").decode()

    def keys(self, notifications):
        return [self.key(one) for one in self.ours(notifications)]

    @staticmethod
    def expected(events, overdue=()):
        """[(name, event ID)] of the stream's events; `overdue`: IDs of those that decided too late."""
        found = []
        for event in events:
            if event["event_id"] in overdue:
                found.append(("ckbDecisionOverdue", event["event_id"]))
            if NOTIFICATION_OF[event["type"]] is not None:
                found.append((NOTIFICATION_OF[event["type"]], event["event_id"]))
        return found

    def judge(self, notification, event, suppressed=0):
        """Each varbind against the event of its ID."""
        name, data = self.name(notification), event["data"]
        subject = event["subject"]
        words = {
            "ckbEventId": event["event_id"],
            "ckbEventKmId": subject.get("km_id", ""),
            "ckbEventRelayId": subject.get("relay_id", ""),
            "ckbEventPeer": data.get("peer", ""),
            "ckbEventIdentity": data.get("identity", ""),
            "ckbEventReason": data.get("reason", ""),
            "ckbEventDetail": data.get("detail", ""),
            "ckbEventSource": data.get("source_kma_id", ""),
            "ckbEventDestination": data.get("destination_kma_id", ""),
        }
        wanted = {object_name: Value("STRING", cut(text)) for object_name, text in words.items()}
        wanted["ckbEventTime"] = Value("STRING", date_and_time(event["time"]))
        wanted["ckbEventSecurity"] = Value("INTEGER", SECURITIES.get(data.get("security"), 0))
        wanted["ckbOverloaded"] = Value("INTEGER", 1 if event["type"] == "overload.entered" else 2)
        wanted["ckbSuppressed"] = Value("Gauge32", suppressed)
        names = self.objects(name)
        equal(list(notification.cells), [SYS_UP_TIME, TRAP_OID, *(self.mib.oid(one) + ".0" for one in names)],
              f"varbinds of {name}, in the MIB's order")
        equal(notification.cells[SYS_UP_TIME].type, "Timeticks")
        for one in names:
            came = notification.cells[self.mib.oid(one) + ".0"]
            if one == "ckbEventPending":
                equal(came.type, "Gauge32", name)
            else:
                equal(came, wanted[one], f"{one} of {name} about {event}")

    def wait(self, trapd, wanted, bridge):
        """Until exactly these have come, in this order."""
        def came():
            keys = self.keys(trapd.received())
            return keys == wanted or (len(keys) > len(wanted) and keys)
        try:
            found = wait_until(came, "the notifications")
        except AssertionError as error:
            said = [line for line in bridge.lines if "event=snmp_" in line]
            raise AssertionError(f"{wanted} are to come; came: {self.keys(trapd.received())}; "
                                 f"{bridge.read('/status')['snmp']}; {said}") from error
        if found is not True:
            equal(found, wanted, "notifications")
        return self.ours(trapd.received())
