"""How to sign in to a source, and how long it may take."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """The value of an Authorization header. Its text never appears in a representation."""

    authorization: str = field(repr=False)

    @classmethod
    def basic(cls, user: str, secret: str) -> Credentials:
        """Return user and secret in HTTP's Basic scheme (RFC 7617)."""
        return cls("Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode())

    @classmethod
    def bearer(cls, token: str) -> Credentials:
        """Return a token in the Bearer scheme (RFC 6750)."""
        return cls(f"Bearer {token}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds in seconds: to connect, between two pieces of an answer, and for one call in all."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 16.0

    @classmethod
    def within(cls, seconds: float) -> Timeouts:
        """Return bounds for what a tool asks that may take so many seconds.

        They end before the tool does: what cuts a call off is the source then, and known as such.
        """
        return cls(connect=seconds / 4, read=seconds / 2, total=seconds * 0.8)
