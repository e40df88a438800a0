"""How much of what Bedrock is sent it may still have from a request before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kit.scripted_model import Request

Prefix = tuple[str, ...]


def cached_share(requests: Sequence[Request]) -> float:
    """Return the share of all input, in characters, that a model reads from its cache.

    That is what stands before a mark of a request, and stood before a mark of an earlier one, word
    for word. Nothing expires, and nothing is too short to be kept.
    """
    kept: set[Prefix] = set()
    read = sent = 0
    for request in requests:
        *marked, whole = _prefixes(request)
        read += max((_size(prefix) for prefix in marked if prefix in kept), default=0)
        sent += _size(whole)
        kept.update(marked)
    return read / sent


def _prefixes(request: Request) -> Iterator[Prefix]:
    """Yield what stands before each mark, then the whole request, in the order of a model."""
    before: Prefix = ()
    for block in _blocks(request):
        if "cachePoint" in block:
            yield before
        else:
            before += (json.dumps(block),)
    yield before


def _blocks(request: Request) -> Iterator[Mapping[str, object]]:
    yield from request.get("toolConfig", {}).get("tools", [])
    yield from request.get("system", [])
    for message in request["messages"]:
        yield from ({**block, "role": message["role"]} for block in message["content"])


def _size(prefix: Prefix) -> int:
    return sum(map(len, prefix))
