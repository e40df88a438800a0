"""The addresses of messages: taken apart, and put together. Pure.

Source of the form: https://docs.slack.dev/reference/methods/chat.getPermalink
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_PATH = re.compile(
    r"/archives/(?P<channel>[A-Z][A-Z0-9]{1,20})/p(?P<seconds>[0-9]{1,10})(?P<micros>[0-9]{6})/?"
)
_TS = re.compile(r"[0-9]{1,10}\.[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands. `thread_ts` is the ts of the thread's root: its own, if it is one."""

    channel: str
    ts: str
    thread_ts: str

    @property
    def thread(self) -> tuple[str, str]:
        """The thread, as one value."""
        return self.channel, self.thread_ts


def permalink(site: str, place: Place) -> str:
    """Return the address of a message; `site` has no slash at its end."""
    link = f"{site}/archives/{place.channel}/p{place.ts.replace('.', '')}"
    if place.thread_ts == place.ts:
        return link
    return f"{link}?thread_ts={place.thread_ts}&cid={place.channel}"


def parse_permalink(link: str, site: str) -> Place | None:
    """Return what the address of a message leads to, `None` unless it is one of this `site`."""
    address = link.strip().strip("<>").partition("|")[0]
    return _place(address) if site and address.startswith(f"{site}/") else None


def root_in(link: object) -> str | None:
    """Return the root of the thread that an address names, wherever it leads."""
    place = _place(link) if isinstance(link, str) else None
    return None if place is None else place.thread_ts


def _place(address: str) -> Place | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = _PATH.fullmatch(parts.path)
    if path is None:
        return None
    ts = f"{path['seconds']}.{path['micros']}"
    thread_ts = parse_qs(parts.query).get("thread_ts", [ts])[0]
    return Place(path["channel"], ts, thread_ts) if _TS.fullmatch(thread_ts) else None
