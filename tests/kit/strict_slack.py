"""Slack's methods that a reply needs, in this process and in virtual time, with its rate limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from slack_sdk.errors import SlackApiError

from kit.virtual_time import virtual_clock
from localslack.rates import SLACK_LIMITS as ENFORCED
from localslack.tiers import Lane, Tiers

LATENCY = 0.08


@dataclass
class StrictSlack:
    """The methods of slack_sdk's client that a reply needs, counted by localslack's own rules."""

    texts: dict[str, str] = field(default_factory=dict)
    """By ts: what each message says."""
    finals: dict[str, list[str]] = field(default_factory=dict)
    """By the ts of a question: the messages that claim to be its final text."""
    ended_at: dict[str, float] = field(default_factory=dict)
    open_streams: set[str] = field(default_factory=set)
    marks: dict[str, dict[str, float]] = field(default_factory=dict)
    """By the ts of a message: when each mark was put on it."""
    statuses: dict[str, str] = field(default_factory=dict)
    whispers: dict[str, list[str]] = field(default_factory=dict)
    """By person: what they alone were told."""
    calls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tiers = Tiers(ENFORCED, virtual_clock)

    async def reactions_add(self, *, channel: str, name: str, timestamp: str) -> dict[str, str]:
        await self._count("reactions.add", channel)
        self.marks.setdefault(timestamp, {})[name] = virtual_clock()
        return {}

    async def chat_postEphemeral(  # noqa: N802 # the SDK's name
        self, *, channel: str, user: str, text: str, **_: Any
    ) -> dict[str, str]:
        await self._count("chat.postEphemeral", channel)
        self.whispers.setdefault(user, []).append(text)
        return {}

    async def assistant_threads_setStatus(  # noqa: N802 # the SDK's name
        self, *, channel_id: str, thread_ts: str, status: str
    ) -> dict[str, str]:
        await self._count("assistant.threads.setStatus", channel_id)
        self.statuses[thread_ts] = status
        return {}

    async def chat_startStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, markdown_text: str, **_: Any
    ) -> dict[str, str]:
        await self._count("chat.startStream", channel)
        ts = f"{len(self.texts)}.0"
        self.texts[ts] = markdown_text
        self.open_streams.add(ts)
        return {"ts": ts}

    async def chat_appendStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, ts: str, markdown_text: str
    ) -> dict[str, str]:
        await self._count("chat.appendStream", channel)
        self.texts[ts] += markdown_text
        return {}

    async def chat_stopStream(  # noqa: N802 # the SDK's name
        self, *, channel: str, ts: str, markdown_text: str | None, metadata: Any
    ) -> dict[str, str]:
        await self._count("chat.stopStream", channel)
        self.texts[ts] += markdown_text or ""
        self.open_streams.remove(ts)
        self._ended(ts, metadata)
        return {}

    async def chat_postMessage(  # noqa: N802 # the SDK's name
        self, *, channel: str, markdown_text: str, metadata: Any, **_: Any
    ) -> dict[str, str]:
        await self._count("chat.postMessage", channel)
        ts = f"{len(self.texts)}.0"
        self.texts[ts] = markdown_text
        self._ended(ts, metadata)
        return {"ts": ts}

    async def _count(self, method: str, channel: str) -> None:
        self.calls.append(method)
        await asyncio.sleep(LATENCY / 2)
        wait = self.tiers.enter(Lane(app="bot", method=method, channel=channel))
        await asyncio.sleep(LATENCY / 2)
        if wait is not None:
            self.refused.append(method)
            response = SimpleNamespace(
                data={"error": "ratelimited"}, status_code=429, headers={"Retry-After": str(wait)}
            )
            raise SlackApiError("ratelimited", response)  # type: ignore[no-untyped-call] # the SDK

    def _ended(self, ts: str, metadata: Any) -> None:
        if metadata["event_type"] == "slackbot_answer":
            question = metadata["event_payload"]["source_ts"]
            self.finals.setdefault(question, []).append(self.texts[ts])
            self.ended_at[question] = virtual_clock()
