# SPDX-License-Identifier: Apache-2.0
"""An OpenAPI document as tests use it: references, validators, and values that its schemas describe.

Values come from hypothesis. Two annotations help where JSON Schema has no words: x-max-bytes bounds a string in UTF-8,
and x-rule says in words what else holds, so that only the examples beside it are sure to be valid.
"""
import datetime
import json
import os

import jsonschema
from hypothesis import strategies as st

HTTP_METHODS = ("get", "put", "post", "delete", "head", "options", "patch", "trace")
JSON_TYPES = {"null": type(None), "boolean": bool, "string": str, "array": list, "object": dict}


class Operation:
    """One method of one path."""

    def __init__(self, document, path, method, definition):
        self.path, self.method, self.definition = path, method.upper(), definition
        self.name = definition["operationId"]
        self.role = definition["x-required-role"]
        self.parameters = [document.resolve(parameter) for parameter in definition.get("parameters", [])]
        body = definition.get("requestBody")
        self.body = body["content"]["application/json"]["schema"] if body else None

    def of(self, where):
        return [parameter for parameter in self.parameters if parameter["in"] == where]

    def is_item(self):
        return "{" in self.path


class Document:
    """The parsed document; every schema within it is validated with its references."""

    def __init__(self, text, known=()):
        self.json, self.known, self.validators = json.loads(text), list(known), {}
        self.operations = [Operation(self, path, method, definition) for path, item in self.json["paths"].items()
                           for method, definition in item.items() if method in HTTP_METHODS]

    @classmethod
    def of_source(cls, source, known=()):
        """`known`: identifiers that values often have, so that requests get further than the first look."""
        with open(os.path.join(source, "bridge", "http", "openapi.json"), encoding="utf-8") as file:
            return cls(file.read(), known)

    def at(self, reference):
        """What a reference within the document points at; a KeyError when it points at nothing."""
        if not reference.startswith("#/"):
            raise KeyError(reference)
        value = self.json
        for name in reference[2:].split("/"):
            name = name.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        return value

    def resolve(self, value):
        while "$ref" in value:
            value = self.at(value["$ref"])
        return value

    def nodes(self, value=None, path=""):
        """(path, value) of every object and array within."""
        value = self.json if value is None else value
        yield path, value
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(child, (dict, list)):
                yield from self.nodes(child, f"{path}/{key}")

    def validator(self, schema):
        """One for each schema, for they are dear to make."""
        if id(schema) not in self.validators:
            resolver = jsonschema.RefResolver("", self.json)
            self.validators[id(schema)] = schema, jsonschema.Draft202012Validator(schema, resolver=resolver)
        return self.validators[id(schema)][1]

    def complaints(self, schema, value):
        """What is wrong with the value, in words; empty: nothing."""
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                for error in self.validator(schema).iter_errors(value)]

    # ---- values

    def values(self, schema):
        """A strategy for what the schema describes."""
        if not isinstance(schema, dict):
            raise NotImplementedError(schema)
        if "$ref" in schema:
            return self.values(self.resolve(schema))
        if "x-rule" in schema:
            return st.sampled_from(schema["examples"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "const" in schema:
            return st.just(schema["const"])
        for choice in ("anyOf", "oneOf"):
            if choice in schema and "properties" not in schema:
                return st.one_of([self.values(one) for one in schema[choice]])
        if "properties" in schema and "oneOf" in schema:
            return st.one_of([self.object({**schema, "properties": {**schema["properties"], **one["properties"]},
                                           "required": schema.get("required", []) + one["required"]}, schema)
                              for one in schema["oneOf"]])
        types = schema.get("type")
        if types is None:
            return junk()
        if isinstance(types, list):
            return st.one_of([self.values({**schema, "type": one}) for one in types])
        return getattr(self, "of_" + types)(schema)

    def object(self, schema, original):
        """A choice's properties narrow the original's: both hold."""
        narrowed = {}
        for name, one in schema["properties"].items():
            full = original["properties"].get(name, one)
            narrowed[name] = self.values(full) if one is full else self.values(full).filter(
                lambda value, types=one["type"]: isinstance(value, JSON_TYPES[types]))
        return self.fixed(narrowed, schema.get("required", []))

    @staticmethod
    def fixed(strategies, required):
        return st.fixed_dictionaries({name: strategies[name] for name in required},
                                     optional={name: one for name, one in strategies.items() if name not in required})

    def of_object(self, schema):
        if "properties" in schema:
            return self.fixed({name: self.values(one) for name, one in schema["properties"].items()},
                              schema.get("required", []))
        keys = self.values(schema["propertyNames"]) if "propertyNames" in schema else st.text(max_size=8)
        return st.dictionaries(keys, self.values(schema["additionalProperties"]), max_size=4,
                               min_size=schema.get("minProperties", 0))

    def of_array(self, schema):
        low = schema.get("minItems", 0)
        return st.lists(self.values(schema["items"]), min_size=low, max_size=min(schema.get("maxItems", 4), low + 4),
                        unique=schema.get("uniqueItems", False))

    def of_string(self, schema):
        if schema.get("format") == "date-time":
            return times()
        high = schema.get("x-max-bytes", 255)
        if schema.get("pattern", "").startswith("^[^\\u0000"):
            control = "\0" if schema["pattern"] == r"^[^\u0000]+$" else None
            alphabet = st.characters(blacklist_categories=("Cs",) if control else ("Cs", "Cc"),
                                     blacklist_characters="\0")
            text = st.text(alphabet, min_size=schema.get("minLength", 0), max_size=20)
            text = st.sampled_from(self.known) | text if self.known else text
        elif "pattern" in schema:
            text = st.from_regex(schema["pattern"], fullmatch=True)
        else:
            text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)
        return text.filter(lambda value: fits(value, high))

    @staticmethod
    def of_integer(schema):
        return st.integers(schema.get("minimum", -2**63), schema.get("maximum", 2**63 - 1))

    @staticmethod
    def of_number(schema):
        return st.floats(schema["minimum"], schema["maximum"]) | st.integers(schema["minimum"], schema["maximum"])

    @staticmethod
    def of_boolean(_):
        return st.booleans()

    @staticmethod
    def of_null(_):
        return st.none()


def fits(value, bytes_max):
    try:
        return len(value.encode()) <= bytes_max
    except UnicodeEncodeError:
        return False


def times():
    naive = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(9998, 12, 31))
    zones = st.sampled_from(["Z", "z", "+00:00", "-08:00", "+05:45"])
    return st.tuples(naive, st.sampled_from(["T", "t", " "]), zones).map(
        lambda parts: parts[0].isoformat(parts[1] if parts[1] != "t" else "T").replace("T", parts[1]) + parts[2])


def junk():
    """Any small JSON that every parser takes."""
    leaves = st.none() | st.booleans() | st.integers(-2**63, 2**63 - 1) | st.text(
        st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text("abc/~ \u00e9", max_size=4), inner, max_size=3), max_leaves=6)


def places(value, path=()):
    """The path of every value within."""
    yield path
    if isinstance(value, (dict, list)):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def replaced(value, path, new):
    """A copy with another value at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def without(value, path):
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(copy[path[0]], path[1:])
    return copy
