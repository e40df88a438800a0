"""The kinds of values that settings have: tokens, addresses, lists, choices; each checks itself.

A complaint says what is expected and never shows the value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS_OF_TOKEN = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a configuration token",
}
_SPACE_KEY = r"~?[A-Za-z0-9_.:@-]{1,255}|\*"
_PROJECT_KEY = r"[A-Za-z][A-Za-z0-9_]{0,254}|\*"
_REPOSITORY = r"!?[A-Za-z0-9-]{1,39}/(?:[A-Za-z0-9._-]{1,100}|\*)|\*"
_USER_ID = r"[UW][A-Z0-9]{1,40}"
_NUMBER = r"\d{1,6}(?:\.\d+)?"
_PRICE = rf"[^\s,]+={_NUMBER}/{_NUMBER}(?:/{_NUMBER}/{_NUMBER})?"
_CHANNEL = r"#?[^\s,#<>|\"'\[\]*]{1,80}|\*"


def _beginning_with(prefix: str) -> Callable[[SecretStr | None], SecretStr | None]:
    def check(token: SecretStr | None) -> SecretStr | None:
        value = prefix if token is None else token.get_secret_value()
        if not value.startswith(prefix):
            kinds = (kind for start, kind in _KINDS_OF_TOKEN.items() if value.startswith(start))
            looks = "".join(f" (this is {kind})" for kind in kinds)
            raise ValueError(f"must begin with {prefix}{looks}")
        return token

    return check


def _address(value: str | None) -> str | None:
    if value is None:
        return None
    if not _is_web_address(value):
        raise ValueError("must be an address such as https://example.com, and no more")
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0  # a port that is no number raises
    except ValueError:
        return False
    more = "@" in parts.netloc or parts.query or parts.fragment
    return parts.scheme in ("http", "https") and has_host and not more


def _api_address(value: str) -> str:
    if not value.endswith("/api"):
        raise ValueError("must end in /api")
    return value


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _made_of(pattern: str, what: str, example: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    shape = re.compile(pattern)

    def check(parts: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(shape.fullmatch, parts)):
            raise ValueError(f"must be {what}, plain and with commas, such as: {example}")
        return parts

    return check


def _something(parts: tuple[str, ...]) -> tuple[str, ...]:
    if not parts:
        raise ValueError("is empty")
    return parts


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


BotToken: TypeAlias = Annotated[SecretStr, AfterValidator(_beginning_with("xoxb-"))]
AppToken: TypeAlias = Annotated[SecretStr, AfterValidator(_beginning_with("xapp-"))]
UserToken: TypeAlias = Annotated[SecretStr | None, AfterValidator(_beginning_with("xoxp-"))]

Address: TypeAlias = Annotated[str | None, AfterValidator(_address)]
"""The address of a site, without a slash at its end."""
ApiAddress: TypeAlias = Annotated[str, AfterValidator(_address), AfterValidator(_api_address)]

NOT_EMPTY = AfterValidator(_something)
COMMAS = BeforeValidator(_split)
"""Makes a list of words with commas between them."""
Words: TypeAlias = Annotated[tuple[str, ...], COMMAS]
SpaceKeys: TypeAlias = Annotated[
    Words, AfterValidator(_made_of(_SPACE_KEY, "keys of spaces", "OPS, ENG"))
]
ProjectKeys: TypeAlias = Annotated[
    Words, AfterValidator(_made_of(_PROJECT_KEY, "keys of projects", "PAY, OPS"))
]
Repositories: TypeAlias = Annotated[
    Words,
    AfterValidator(_made_of(_REPOSITORY, "names of repositories", "acme/*, !acme/secret")),
]
Channels: TypeAlias = Annotated[
    Words, AfterValidator(_made_of(_CHANNEL, "names or ids of channels", "general, support"))
]
UserIds: TypeAlias = Annotated[
    Words, AfterValidator(_made_of(_USER_ID, "ids of people", "U012AB3CD, W345EF6GH"))
]
Prices: TypeAlias = Annotated[
    Words, AfterValidator(_made_of(_PRICE, "prices of models", "qwen3=0/0, a-model=3/15"))
]

LOWER_CASE = BeforeValidator(_lower)
UPPER_CASE = BeforeValidator(_upper)
