"""Holds requests and answers against published API descriptions, where these are at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECS = Path(__file__).parents[3] / "shared" / "specs"
"""Where the vendors' API descriptions are, as `<name>.json`: they are theirs to publish, so the
repository holds none, and the tests that need one are skipped without it."""

Json = dict[str, Any]

KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True, slots=True)
class OpenApi:
    """One description (OpenAPI 3)."""

    description: Json

    @classmethod
    def of(cls, name: str) -> OpenApi:
        """Read a description, or skip the test that needs it."""
        file = SPECS / f"{name}.json"
        if not file.is_file():
            pytest.skip(f"the vendors' API descriptions are not at hand ({name})")
        return cls(json.loads(file.read_text(encoding="utf-8")))

    def check_request(self, path: str, query: Iterable[str]) -> None:
        """Fail unless the description has this GET, with these parameters and needs no others."""
        parameters = map(self._resolved, self.description["paths"][path]["get"]["parameters"])
        queried = [one for one in parameters if one["in"] == "query"]
        known = {one["name"] for one in queried}
        needed = {one["name"] for one in queried if one.get("required")}
        assert set(query) <= known, f"unknown to {path}: {set(query) - known}"
        assert needed <= set(query), f"missing for {path}: {needed - set(query)}"

    def check_answer(self, path: str, answer: object) -> None:
        """Fail unless the answer to a GET is what the description says."""
        media = self.description["paths"][path]["get"]["responses"]["200"]["content"]
        self._check(media["application/json"]["schema"], answer, path)

    def check_schema(self, name: str, value: object) -> None:
        """Fail unless the value is what the description calls by that name."""
        self._check(self.description["components"]["schemas"][name], value, name)

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
        assert kind is None or isinstance(value, KINDS[kind]), f"{where} is no {kind}"
        if isinstance(value, list):
            for index, item in enumerate(value):
                self._check(schema.get("items", {}), item, f"{where}[{index}]")
        elif isinstance(value, dict):
            self._check_object(schema, value, where)

    def _check_object(self, schema: Json, value: Json, where: str) -> None:
        missing = set(schema.get("required", ())) - value.keys()
        assert not missing, f"{where} lacks {missing}"
        for name, part in schema.get("properties", {}).items():
            if name in value:
                self._check(part, value[name], f"{where}.{name}")

    def _resolved(self, part: Json) -> Json:
        """Return what a reference stands for, or the part itself."""
        if "$ref" not in part:
            return part
        _, kind, name = part["$ref"].rsplit("/", 2)
        found: Json = self.description["components"][kind][name]
        return found
