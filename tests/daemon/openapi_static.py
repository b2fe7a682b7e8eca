#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document by itself: schemas, references, examples, completeness."""
import json
import os
import re
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
from harness import equal
from openapi_document import Document

document = Document.of_source(harness.SOURCE)


def schemas():
    """(path, schema) of every schema of the document, those within others too."""
    for path, node in document.nodes():
        parts = path.split("/")
        is_schema = parts[-1] == "schema" or (len(parts) > 3 and parts[1:3] == ["components", "schemas"]
                                              and len(parts) == 4)
        if is_schema and isinstance(node, dict):
            yield path, node


def test_every_schema_is_one():
    count = 0
    for path, schema in schemas():
        jsonschema.Draft202012Validator.check_schema(schema)
        count += 1
    equal(count > 80, True, f"{count} schemas")


def test_every_reference_resolves_and_every_component_is_used():
    used = set()
    for path, node in document.nodes():
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            document.at(node["$ref"])
            used.add("/".join(node["$ref"].split("/")[:4]))
    for kind in ("parameters", "headers", "responses", "schemas"):
        for name in document.json["components"][kind]:
            if (kind, name) not in (("responses", "MethodNotAllowed"), ("schemas", "Role")):
                equal(f"#/components/{kind}/{name}" in used, True, f"{kind} {name} is used")


def check_media(path, media, definition):
    equal(bool(definition.get("examples")), True, f"{path} {media} has an example")
    for name, example in definition["examples"].items():
        equal(document.complaints(definition["schema"], example["value"]), [], f"{path} {media} {name}")
    if media == "text/event-stream":
        for name, example in definition["examples"].items():
            data = [line[6:] for line in example["value"].split("\n") if line.startswith("data: ")]
            equal(document.complaints(definition["x-event-schema"], json.loads(data[0])), [], f"{path} {name}")


def test_every_body_has_examples_that_hold():
    count = 0
    for path, node in document.nodes():
        if path.endswith("/content"):
            for media, definition in node.items():
                check_media(path, media, definition)
                count += 1
    equal(count > 50, True, f"{count} bodies")
    for path, schema in schemas():
        for example in schema.get("examples", []):
            equal(document.complaints(schema, example), [], path)


def test_operations_are_complete():
    names = [operation.name for operation in document.operations]
    equal(len(set(names)), len(names), "operation IDs")
    for operation in document.operations:
        answers = operation.definition["responses"]
        equal([part[1:-1] for part in operation.path.split("/") if part.startswith("{")],
              [parameter["name"] for parameter in operation.of("path")], f"{operation.name}: path parameters")
        equal(operation.definition.get("security") == [], operation.role is None, f"{operation.name}: security")
        wanted = {"400", "500"} | ({"401", "429"} if operation.role else set())
        wanted |= {"403"} if operation.role in ("orchestrator", "admin") else set()
        wanted |= {"413", "415"} if operation.body else set()
        equal(wanted - set(answers), set(), f"{operation.name}: statuses that are missing")
        equal(any(status.startswith("2") for status in answers), True, operation.name)


def test_objects_refuse_or_name_what_is_additional():
    for path, node in document.nodes():
        if path.startswith("/components/schemas/") and isinstance(node, dict) and "properties" in node \
                and "/oneOf/" not in path and not path.endswith("/properties"):
            equal("additionalProperties" in node, True, f"{path} says what else may be there")


def test_ckctl_has_words_for_every_outcome_of_an_explanation():
    with open(os.path.join(harness.SOURCE, "tools", "ckctl", "explain_stored.c"), encoding="utf-8") as file:
        told = set(re.findall(r'\{ "(\w+)", "', file.read()))
    outcomes = {outcome for name in ("RoutesAsked", "OrchestratorAsked", "ComputationAsked")
                for outcome in document.json["components"]["schemas"][name]["properties"]["outcome"]["enum"]}
    equal(told, outcomes)


harness.run([value for name, value in list(globals().items()) if name.startswith("test_")])
