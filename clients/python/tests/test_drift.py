"""The answers are those of the service's OpenAPI document: all of it, and nothing else."""

import dataclasses
import inspect
import json
import os
import re
import typing
import unittest
import urllib.request
from datetime import datetime
from unittest import mock

import lora_recycle
from lora_recycle import answers
from lora_recycle.connection import Connection

TYPES = {
    ("string", None): str,
    ("string", "date-time"): datetime,
    ("boolean", None): bool,
    ("integer", "int32"): int,
    ("integer", "int64"): int,
    ("number", "float"): float,
    ("number", "double"): float,
}


class Asked(Exception):
    """In the place of an answer."""

    def __init__(self, call):
        super().__init__()
        self.call = call


class DriftTests(unittest.TestCase):
    def setUp(self):
        with urllib.request.urlopen(os.environ["LORA_RECYCLE_URL"] + "/swagger/v1/swagger.json") as response:
            self.document = json.load(response)

    def test_every_operation_has_a_method_and_every_method_an_operation(self):
        described = {
            f"{verb.upper()} {path}" for path, verbs in self.document["paths"].items() for verb in verbs
        }
        client = lora_recycle.Client()
        asked = set()
        for of in (client, client.tasks, client.loras, client.meta_loras, client.recycle, client.tune, client.server):
            for name, method in inspect.getmembers(of, inspect.ismethod):
                if not name.startswith("_"):
                    asked.update(self.asked_by(method, described))
        self.assertEqual(described | {"GET /metrics"}, asked)

    def asked_by(self, method, described):
        samples = {"support": {"cup": [b"x"]}, "queries": [b"x"], "lora": {"lora.zip": b"x"}, "image": 1, "number": 1}
        needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        arguments = {one.name: samples.get(one.name, "x") for one in needed}
        with mock.patch.object(Connection, "send", side_effect=lambda call: (_ for _ in ()).throw(Asked(call))):
            try:
                result = method(**arguments)
                next(result)  # of a list, whose first page is asked for now
            except Asked as asked:
                path = "/" + asked.call.path.split("?")[0]
                verb = asked.call.method
        templates = [one for one in described if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), f"{verb} {path}")]
        return [min(templates, key=lambda one: one.count("{"))] if templates else [f"{verb} {path}"]

    def test_names_types_and_what_may_be_null_are_as_described(self):
        self.schemas = self.document["components"]["schemas"]
        self.seen = set()
        for path in self.document["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    schema = answer.get("content", {}).get("application/json", {}).get("schema")
                    if status.startswith("2") and schema:
                        self.compare(schema["$ref"].split("/")[-1])

        kinds = {name for name in answers.__all__ if isinstance(getattr(answers, name), type)}
        events = {name for name in kinds if issubclass(getattr(answers, name), answers.JobEvent)}
        self.assertEqual(kinds - events, self.seen)

    def compare(self, name):
        if name in self.seen:
            return
        self.seen.add(name)
        kind = getattr(answers, name)
        hints = typing.get_type_hints(kind)
        known = {
            answers.json_name(one.name): hints[one.name]
            for one in dataclasses.fields(kind)
            if "header" not in one.metadata
        }
        described = self.schemas[name]["properties"]
        self.assertEqual(set(described), set(known), name)
        for member, schema in described.items():
            with self.subTest(f"{name}.{member}"):
                self.check(schema, known[member])

    def check(self, schema, hint):
        is_optional = typing.get_origin(hint) is typing.Union
        inner = typing.get_args(hint)[0] if is_optional else hint
        if typing.get_origin(inner) is dict:  # settings with names of their own, which the client passes on
            return
        if "$ref" in schema:  # which cannot say in OpenAPI 3.0 that it may be null
            name = schema["$ref"].split("/")[-1]
            self.assertIs(getattr(answers, name, None), inner)
            self.compare(name)
            return
        self.assertEqual(schema.get("nullable", False), is_optional)
        if schema["type"] == "array":
            self.assertIs(list, typing.get_origin(inner))
            self.check(schema["items"], typing.get_args(inner)[0])
        else:
            self.assertIs(TYPES[schema["type"], schema.get("format")], inner)


if __name__ == "__main__":
    unittest.main()
