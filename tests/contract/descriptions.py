"""The vendors' published API descriptions (OpenAPI 3), where they are at hand.

    jira = Description.of("jira-cloud-v3")
    jira.check_request("GET", "/rest/api/3/search/jql?jql=project%20%3D%20PAY")
    jira.check_answer("/rest/api/3/issue/{issueIdOrKey}", issue)
    issue = jira.example("/rest/api/3/issue/{issueIdOrKey}")

They are the vendors' to publish: the repository holds none, and a test that needs one is skipped
without it, or fails if the environment says `REQUIRE_CONTRACTS=1`.
"""

from __future__ import annotations

import json
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

DESCRIPTIONS = Path(__file__).parents[3] / "shared" / "specs"

Json = dict[str, Any]

_PLACE = re.compile(r"\{([^{}]+)\}")
_DEEPEST = 5
_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
_IN_A_URL = {
    "integer": re.compile(r"-?[0-9]+"),
    "number": re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    "boolean": re.compile("true|false"),
}
_EXAMPLES = {"string": "string", "integer": 1, "number": 1.0, "boolean": True}
_FORMATS = {
    "date-time": "2026-01-31T12:00:00.000Z",
    "date": "2026-01-31",
    "uri": "https://a.example",
}


class Description:
    """One description. `prefix` is what its paths lack that requests have.

    No dataclass: Hypothesis would write it out, all of it, with each example that fails.
    """

    def __init__(self, content: Json, prefix: str = "") -> None:
        self.content = content
        self.prefix = prefix

    @classmethod
    def of(cls, name: str, prefix: str = "") -> Description:
        """Read the description `<name>.json`; skip the test, or fail it, where there is none."""
        file = DESCRIPTIONS / f"{name}.json"
        if file.is_file():
            return cls(json.loads(file.read_text(encoding="utf-8")), prefix)
        missing = f"the vendors' API descriptions are not at hand ({name})"
        if os.environ.get("REQUIRE_CONTRACTS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)

    def check_request(self, method: str, url: str, body: object = None) -> None:
        """Fail unless a request is one that is described: path, method, each parameter, body.

        `url` is as it went over the wire, with or without its origin; `body` is JSON, parsed.
        """
        parts = urlsplit(url)
        path, places = self._described(method, parts.path)
        operation = self.content["paths"][path][method.lower()]
        where = f"{method} {path}"
        given = [("path", name, unquote(value)) for name, value in places.items()]
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        given += [("query", name, value) for name, value in query]
        described = list(map(self._resolved, operation.get("parameters", ())))
        known = {(one["in"], one["name"]): one for one in described}
        unknown = {(kind, name) for kind, name, _ in given} - known.keys()
        assert not unknown, f"{where} knows no {unknown}"
        for (kind, name), parameter in known.items():
            values = [value for *key, value in given if key == [kind, name]]
            if kind in ("path", "query") and parameter.get("required"):
                assert values, f"{where} needs {name}"
            self._check_parameter(parameter, values, f"{where}: {name}")
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self._check(schema, body, f"{where}: body")
        else:
            assert body is None, f"{where} takes no body"

    def check_answer(self, path: str, answer: object, method: str = "get") -> None:
        """Fail unless the JSON is what the description says that a path (a template) answers."""
        self._check(self._answers(path, method)["schema"], answer, path)

    def check_schema(self, name: str, value: object) -> None:
        """Fail unless the value is what the description calls by that name."""
        self._check(self.content["components"]["schemas"][name], value, name)

    def example(self, path: str, method: str = "get", **strings: str) -> Any:
        """Return an answer as the description shows it.

        Where it shows none, one with everything in it that its schema names, as viewers of
        descriptions make them up; `strings` says what properties of these names hold.
        """
        answers = self._answers(path, method)
        if "example" in answers:
            shown = answers["example"]
            return json.loads(shown) if isinstance(shown, str) else shown
        for named in answers.get("examples", {}).values():
            shown = self._resolved(named)["value"]
            return self._resolved(shown)["value"] if "$ref" in shown else shown
        return self._made_up(answers["schema"], strings, _DEEPEST)

    @cached_property
    def _templates(self) -> list[tuple[str, re.Pattern[str]]]:
        """Paths with what matches them, those with the fewest open places first."""
        paths = sorted(self.content["paths"], key=lambda path: len(_PLACE.findall(path)))
        return [(path, re.compile(self._pattern(path))) for path in paths]

    def _pattern(self, path: str) -> str:
        literal, *rest = _PLACE.split(path)
        pattern = re.escape(self.prefix + literal)
        for name, following in zip(rest[::2], rest[1::2], strict=True):
            several = any(
                parameter["name"] == name and parameter.get("x-multi-segment")
                for operation in self.content["paths"][path].values()
                for parameter in map(self._resolved, operation.get("parameters", ()))
            )
            group = "p" + name.encode().hex()  # a name of a group has no hyphens
            pattern += f"(?P<{group}>{'.+' if several else '[^/]+'}){re.escape(following)}"
        return pattern

    def _described(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """Return the template that a path is of, and what stands in its places, still encoded."""
        for template, pattern in self._templates:
            found = pattern.fullmatch(path)
            if found is not None and method.lower() in self.content["paths"][template]:
                places = found.groupdict().items()
                return template, {bytes.fromhex(name[1:]).decode(): it for name, it in places}
        raise AssertionError(f"{method} {path} is not described")

    def _check_parameter(self, parameter: Json, values: list[str], where: str) -> None:
        schema = self._resolved(parameter["schema"])
        if schema.get("type") != "array":
            assert len(values) <= 1, f"{where} is given more than once"
            for value in values:
                self._check_text(schema, value, where)
            return
        # Repeated, or with commas, as the servers of all descriptions here take them.
        items = [item for value in values for item in value.split(",")]
        assert len(items) <= schema.get("maxItems", len(items)), f"{where} is too long"
        for item in items:
            self._check_text(self._resolved(schema["items"]), item, where)

    def _check_text(self, schema: Json, text: str, where: str) -> None:
        """Check a value as it stands in a URL."""
        pattern = _IN_A_URL.get(schema.get("type", "string"))
        assert pattern is None or pattern.fullmatch(text), f"{where} is {text!r}"
        if schema.get("type") in ("integer", "number"):
            low, high = schema.get("minimum", float(text)), schema.get("maximum", float(text))
            assert low <= float(text) <= high, f"{where} is {text}"
        alternatives = [self._resolved(one) for one in schema.get("oneOf", [schema])]
        allowed = [value for one in alternatives for value in one.get("enum", (text,))]
        assert text in map(str, allowed), f"{where} is {text!r}"

    def _answers(self, path: str, method: str) -> Json:
        responses = self.content["paths"][path][method]["responses"]
        answers: Json = responses["200"]["content"]["application/json"]
        return answers

    def _check(self, schema: Json, value: object, where: str) -> None:
        schema = self._resolved(schema)
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        for part in schema.get("allOf", ()):
            self._check(part, value, where)
        if "enum" in schema:
            assert value in schema["enum"], f"{where} is {value!r}"
        kind = schema.get("type")
        assert kind is None or isinstance(value, _KINDS[kind]), f"{where} is no {kind}"
        if isinstance(value, list):
            for index, item in enumerate(value):
                self._check(schema.get("items", {}), item, f"{where}[{index}]")
        elif isinstance(value, dict):
            self._check_object(schema, value, where)

    def _check_object(self, schema: Json, value: Json, where: str) -> None:
        described = schema.get("properties", {})
        missing = set(schema.get("required", ())) - value.keys()
        assert not missing, f"{where} lacks {missing}"
        if schema.get("additionalProperties") is False:
            unknown = value.keys() - described.keys()
            assert not unknown, f"{where} knows no {unknown}"
        for name in described.keys() & value.keys():
            self._check(described[name], value[name], f"{where}.{name}")

    def _made_up(self, schema: Json, strings: dict[str, str], depth: int, name: str = "") -> Any:
        schema = self._resolved(schema)
        if "example" in schema:
            return schema["example"]
        if "enum" in schema:
            return schema["enum"][0]
        if "allOf" in schema:
            made = [self._made_up(part, strings, depth, name) for part in schema["allOf"]]
            return {key: it for one in made for key, it in one.items()} if made[1:] else made[0]
        if alternatives := schema.get("oneOf") or schema.get("anyOf"):
            return self._made_up(alternatives[0], strings, depth, name)
        kind = schema.get("type", "object")
        if kind == "array":
            return [self._made_up(schema["items"], strings, depth - 1, name)] if depth > 0 else []
        if kind == "object":
            needed = schema.get("required", ())
            return {
                key: self._made_up(part, strings, depth - 1, key)
                for key, part in schema.get("properties", {}).items()
                if depth > 0 or key in needed
            }
        if kind == "string":
            return strings.get(name) or _FORMATS.get(schema.get("format", ""), "string")
        return _EXAMPLES[kind]

    def _resolved(self, part: Json) -> Json:
        """Return what a reference stands for, or the part itself."""
        while "$ref" in part:
            _, kind, name = part["$ref"].rsplit("/", 2)
            part = self.content["components"][kind][name]
        return part
