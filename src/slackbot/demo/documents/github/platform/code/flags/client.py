"""Asks whether a feature flag is on. Answers from memory, never waits for the network.

`flagctl off <flag> --everyone` reaches every service within 15 seconds: that is how often the
client fetches.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

FETCH_EVERY = 15.0
"""Seconds between two fetches."""


@dataclass(frozen=True)
class Flag:
    """A flag: on for some shops by name, and for a share of all others."""

    name: str
    shops: frozenset[str] = frozenset()
    percent: int = 0


@dataclass
class Flags:
    """What was last heard of all flags. An unknown flag is off."""

    fetch: Callable[[], Awaitable[Mapping[str, Flag]]]
    known: Mapping[str, Flag] = field(default_factory=dict)

    def is_on(self, name: str, shop: str) -> bool:
        """Say whether a flag is on for a shop; the same shop always gets the same answer."""
        flag = self.known.get(name)
        if flag is None:
            return False
        return shop in flag.shops or bucket(name, shop) < flag.percent

    async def keep_fresh(self) -> None:
        """Fetch for ever. When the flag service is down, the last answer stands."""
        while True:
            try:
                self.known = await self.fetch()
            except OSError:
                pass
            await asyncio.sleep(FETCH_EVERY)


def bucket(name: str, shop: str) -> int:
    """Return a number from 0 to 99 that is stable for a flag and a shop."""
    return int(hashlib.sha256(f"{name}/{shop}".encode()).hexdigest(), 16) % 100
