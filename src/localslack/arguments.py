"""The arguments of an API call, however they were sent, read with the type that is expected.

slack_sdk sends some methods as JSON and others with everything in the query string (its
`web/async_client.py`, `json=` and `params=`); both, and forms, mean the same to Slack. Lists and
objects arrive as JSON or as JSON within a string.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localslack.errors import SlackError, invalid_arguments
from localslack.room import Window
from localslack.timestamps import micros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localslack.model import Json


@dataclass(frozen=True, slots=True)
class Arguments:
    """The named values of one call. Absent and null are the same."""

    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a required text.

        Raises:
            SlackError: `invalid_arguments`.
        """
        value = self.optional_text(name)
        if value is None:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return a text, or `None`."""
        value = self.values.get(name)
        if isinstance(value, (dict, list)):
            raise invalid_arguments(f"must be a string: {name}")
        return None if value is None else str(value)

    def optional_ts(self, name: str) -> str | None:
        """Return a ts, or `None`.

        Raises:
            SlackError: `invalid_arguments`.
        """
        ts = self.optional_text(name)
        if ts is None:
            return None
        try:
            micros(ts)
        except ValueError as error:
            raise invalid_arguments(f"not a ts: {name}") from error
        return ts

    def flag(self, name: str) -> bool | None:
        """Return a truth value, sent as such, as `true` or as `1`; `None` where absent."""
        value = self.values.get(name)
        return None if value is None else value in (True, "true", "1", "True")

    def number(self, name: str, default: int, maximum: int) -> int:
        """Return a whole number from 1 to `maximum`, which larger ones are cut down to."""
        value = self.values.get(name)
        if value is None:
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            number = 0
        if number < 1:
            raise invalid_arguments(f"must be a positive number: {name}")
        return min(number, maximum)

    def whole(self, name: str) -> int:
        """Return a whole number that is not negative, 0 where absent."""
        number = self.seconds(name)
        if not number.is_integer():
            raise invalid_arguments(f"must be a whole number: {name}")
        return int(number)

    def seconds(self, name: str) -> float:
        """Return a time that is finite and not negative, 0 where absent."""
        try:
            value = float(self.values.get(name) or 0)
        except (TypeError, ValueError):
            value = -1.0
        if not 0 <= value < math.inf:
            raise invalid_arguments(f"must be a number, and not negative: {name}")
        return value

    def objects(self, name: str, or_else: str) -> tuple[Json, ...] | None:
        """Return a list of JSON objects, or `None` where absent.

        Raises:
            SlackError: `or_else`, where it is something else.
        """
        value = self._decoded(name, or_else)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(or_else)
        return tuple(value)

    def object(self, name: str, or_else: str) -> Json | None:
        """Return a JSON object, or `None` where absent."""
        value = self._decoded(name, or_else)
        if value is not None and not isinstance(value, dict):
            raise SlackError(or_else)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where absent."""
        value = self._decoded(name, "invalid_arguments")
        if value is None:
            return ()
        if not isinstance(value, list):
            raise invalid_arguments(f"must be an array: {name}")
        return tuple(map(str, value))

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of names, which may be sent as one text with commas; empty where absent.

        Slack's documentation of conversations.list (`types`) and assistant.search.context.
        """
        value = self.values.get(name)
        if isinstance(value, str) and not value.startswith("["):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return self.texts(name)

    def window(self) -> Window:
        """Return the time between `oldest` and `latest`, with the ends if `inclusive`."""
        edge = 0 if self.flag("inclusive") else 1
        oldest, latest = self.optional_text("oldest"), self.optional_text("latest")
        return Window(
            0 if oldest is None else _micros(oldest, "invalid_ts_oldest") + edge,
            1 << 62 if latest is None else _micros(latest, "invalid_ts_latest") - edge,
        )

    def _decoded(self, name: str, or_else: str) -> Any:
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise SlackError(or_else) from error


def _micros(ts: str, or_else: str) -> int:
    try:
        return micros(ts)
    except ValueError as error:
        raise SlackError(or_else) from error
