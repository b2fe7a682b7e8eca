# SPDX-License-Identifier: Apache-2.0
"""Requests that keep to an OpenAPI document, and such that don't, as hypothesis strategies."""
import base64
import urllib.parse

import hypothesis
from hypothesis import strategies as st

from openapi_document import at, places, replaced, without

BAD_VALUES = [None, True, -1, 1.5, 7, 2**16, 2**31, 2**32,
              10**30, "", " ", "a,b", "dns:a,dns:b,c", "zz-9", "a\0b", "\x01", "x" * 5000, [], {}, [[]], {"a": {"b": []}}]


def sensible(body):
    """The same with a way that the network has, so that the request gets further than the first look."""
    body = {**body, **({"path": ["kma-1", "kma-4"]} if isinstance(body.get("path"), list) else {})}
    if isinstance(body.get("next_hops"), dict):
        body["next_hops"] = {"kma-1": ["kma-4"]}
    if body.get("destination_kma_id") is not None:
        body["destination_kma_id"] = "kma-4"
    if body.get("source_kma_id") is not None:
        body["source_kma_id"] = "kma-1"
    for name in ("routes", "links"):
        if name in body:
            body[name] = [sensible(element) for element in body[name]]
    return body


def cursors():
    return st.integers(1, 2**40).map(lambda number: base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("="))


def spelt(value):
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


class Requests:
    """Makes requests of the document's operations; `ids` has identifiers that are there, by path parameter."""

    def __init__(self, document, ids):
        self.document, self.ids = document, ids

    def identifiers(self, parameter):
        """Some that are there, some that are not."""
        there = self.ids[parameter["name"]]
        some = self.document.values(parameter["schema"])
        return st.one_of(st.sampled_from(there), some) if there else some

    def query_values(self, parameter):
        if parameter["name"] == "cursor":
            return cursors()
        return self.document.values(parameter["schema"])

    def agreed(self, schema, body, values):
        """Makes the members that must agree with the path or the query do so, or takes them away."""
        schema = self.document.resolve(schema)
        body = dict(body)
        for name, member in schema["properties"].items():
            rule = member.get("x-agrees-with")
            if rule and body.get(name) is not None:
                last = rule.rpartition(".")[2]
                body[name] = body["path"][int(last)] if rule.startswith("body.path.") else values[last]
            if name in body and member.get("type") == "array" and "$ref" in member["items"] and \
                    "Of" in member["items"]["$ref"]:
                body[name] = [self.agreed(member["items"], element, values) for element in body[name]]
        return body

    def requests(self, operation):
        """(target, headers, body) that keep to the document."""
        @st.composite
        def make(draw):
            values, path = {}, operation.path
            for parameter in operation.of("path"):
                values[parameter["name"]] = draw(self.identifiers(parameter))
                path = path.replace(f"{{{parameter['name']}}}", urllib.parse.quote(values[parameter["name"]], safe=""))
            for parameter in operation.of("query"):
                needed = parameter["name"] == "origin" and operation.body
                if needed or draw(st.booleans()):
                    values[parameter["name"]] = draw(self.query_values(parameter))
            query = {parameter["name"]: spelt(values[parameter["name"]]) for parameter in operation.of("query")
                     if parameter["name"] in values}
            headers = {}
            for parameter in operation.of("header"):
                if parameter["name"].startswith("If-") and draw(st.sampled_from([False, False, False, True])):
                    headers[parameter["name"]] = draw(st.sampled_from(["*", '"1"', '"12"', '"0-0"', 'W/"1", "12"']))
                if parameter["name"] == "Idempotency-Key" and draw(st.booleans()):
                    headers[parameter["name"]] = draw(self.document.values(parameter["schema"]))
            body = None
            if operation.body:
                body = self.agreed(operation.body, draw(self.document.values(operation.body)), values)
                body = sensible(body) if draw(st.sampled_from([True, True, False])) else body
                headers["Content-Type"] = "application/json"
            return path + ("?" + urllib.parse.urlencode(query) if query else ""), headers, body
        return make()

    def broken_requests(self, operation):
        """(target, headers, body) with a body that the document does not allow."""
        @st.composite
        def make(draw):
            target, headers, body = draw(self.requests(operation))
            where = draw(st.sampled_from(sorted(places(body), key=repr)))
            how = draw(st.sampled_from(["replace", "wrap", "remove", "add"]))
            if how == "replace":
                body = replaced(body, where, draw(st.sampled_from(BAD_VALUES)))
            elif how == "wrap":
                body = replaced(body, where, [at(body, where)])
            elif how == "remove" and where:
                body = without(body, where)
            else:
                body = {**body, draw(st.sampled_from(["colour", "Path", "kma_ids ", ""])): 1}
            hypothesis.assume(self.document.complaints(operation.body, body))
            return target, headers, body
        return make()
