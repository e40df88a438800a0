"""A model, two tools and a workspace that take a known time, and what is seen of mentions there.

The model, in Bedrock's wire format, takes 300 ms to the first token. It is called twice for each
mention: first it calls two tools at once, whose server takes 100 ms; then it streams 60 chunks, one
every 20 ms. So the ideal path of a mention takes 1.88 s.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from kit.fake_bedrock import FakeBedrock
from kit.scripted_model import Round, ScriptedCall
from localslack import LocalSlack, Workspace
from localslack.changes import (
    MessageChanged,
    MessagePosted,
    ReactionAdded,
    StatusSet,
    TextStreamed,
)
from slackbot.demo.company.wiki import confluence_pages
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.slack.delivery.marks import END_MARKS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from kit.scripted_model import Request
    from localslack import App
    from localslack.changes import Change
    from localslack.socket_mode import Delivery

FIRST_TOKEN = 0.3
CHUNK_EVERY = 0.02
CHUNKS = 60
TOOL_SECONDS = 0.1
IDEAL = FIRST_TOKEN + TOOL_SECONDS + FIRST_TOKEN + (CHUNKS - 1) * CHUNK_EVERY

BOT = "slackbot"
PEOPLE = tuple(f"person{number}" for number in range(50))
CHANNELS = tuple(f"channel{number}" for number in range(10))

SITE = {"CONFLUENCE_EMAIL": "bot@example.com", "CONFLUENCE_API_TOKEN": "not-a-secret"}
NUMBER = re.compile(r"question (\d+)")


def question(number: int) -> str:
    """Return what somebody asks."""
    return f"@{BOT} question {number}: how do we roll back payments?"


def answer(number: int) -> Sequence[str]:
    """Return what the model says to that, in chunks."""
    return [f"answer{number} ", *(f"word{each} " for each in range(CHUNKS - 2)), f"end{number}"]


def number_in(request: Request) -> int:
    """Return the number of the question that the model is asked."""
    texts = [block.get("text", "") for said in request["messages"] for block in said["content"]]
    return int(NUMBER.findall(" ".join(texts))[-1])


said_at: dict[int, float] = {}
"""When the model had said all of an answer, by the number of the question."""


def paced(request: Request) -> Round:
    """Call two tools, then answer in sixty chunks."""
    number = number_in(request)

    async def note(_: int) -> None:
        said_at[number] = time.perf_counter()

    if any("toolResult" in block for block in request["messages"][-1]["content"]):
        return Round(
            text=answer(number),
            first_piece_after=FIRST_TOKEN,
            piece_every=CHUNK_EVERY,
            before_piece=note,
        )
    searches = [
        ScriptedCall("search_confluence", f'{{"keywords": "{word} {number}"}}', f"call-{word}")
        for word in ("rollback", "payments")
    ]
    return Round(tool_calls=searches, first_piece_after=FIRST_TOKEN)


def workspace() -> tuple[Workspace, App]:
    """Return a workspace with fifty people in ten channels, and the bot in all of them."""
    made = Workspace("Benchmark")
    for person in PEOPLE:
        made.add_person(person)
    app = made.add_app(BOT)
    for channel in CHANNELS:
        made.add_channel(channel, [*PEOPLE, BOT])
    return made, app


@asynccontextmanager
async def model(script: Callable[[Request], Round] = paced) -> AsyncIterator[str]:
    """Serve the model; yield its address."""
    async with FakeBedrock(script) as bedrock:
        yield bedrock.url


@asynccontextmanager
async def tools() -> AsyncIterator[str]:
    """Serve a Confluence that has found the same three pages after 100 ms; yield its address."""
    found = await _three_pages()

    async def search(_: web.Request) -> web.Response:
        await asyncio.sleep(TOOL_SECONDS)
        return web.Response(body=found, content_type="application/json")

    app = web.Application()
    app.router.add_get("/wiki/rest/api/search", search)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _three_pages() -> bytes:
    """Return what the sample company's wiki says to a search."""
    email, token = SITE["CONFLUENCE_EMAIL"], SITE["CONFLUENCE_API_TOKEN"]
    wiki = ConfluenceServer(confluence_pages(), email=email, token=token)
    wanted = {"cql": 'type = page AND text ~ "payments"', "limit": "3"}
    try:
        url = f"{await wiki.start()}/wiki/rest/api/search"
        async with (
            aiohttp.ClientSession(auth=aiohttp.BasicAuth(email, token)) as http,
            http.get(url, params=wanted, raise_for_status=True) as response,
        ):
            found = await response.json()
    finally:
        await wiki.stop()
    del found["_links"]["next"]  # three are all there is
    return json.dumps(found).encode()


@dataclass
class Mention:
    """What came of one mention; moments are seconds after it was made."""

    number: int
    channel: str
    ts: str
    asked_at: float
    deliveries: Sequence[Delivery]
    moments: dict[str, float] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)

    @property
    def ack(self) -> float:
        """When the last of its events was acked."""
        return max(delivery.acked_after or float("inf") for delivery in self.deliveries)

    def happened(self, moment: str, *, again: bool = False) -> None:
        """Note that something happened now: the first time, or the last."""
        if again or moment not in self.moments:
            self.moments[moment] = time.perf_counter() - self.asked_at


class Watch:
    """Makes mentions, and sees what comes of them."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._mentions: dict[str, Mention] = {}
        self._open = 0
        self._made = 0
        self.stop = slack.workspace.listen(self._see)

    async def ask(self, count: int, *, within: float) -> list[Mention]:
        """Make so many mentions at once; return them when all have ended.

        Raises:
            TimeoutError: they have not `within` so many seconds.
        """
        asked = [self._mention() for _ in range(count)]
        await self._slack.until(lambda: not self._open, timeout=within)
        return asked

    def wrong(self, mention: Mention) -> str | None:
        """Say what is wrong with how a mention ended, and forget it."""
        del self._mentions[mention.ts]
        said = [
            message.body
            for message in self._slack.workspace.thread(mention.channel, mention.ts)
            if message.bot_id
        ]
        expected = "".join(answer(mention.number))
        if mention.marks != ["white_check_mark"]:
            return f"question {mention.number} ended with {mention.marks}"
        if len(said) != 1 or expected not in said[0]:
            return f"question {mention.number} was answered with {said}"
        return None

    def _mention(self) -> Mention:
        number, self._made, self._open = self._made, self._made + 1, self._open + 1
        person = PEOPLE[number % len(PEOPLE)]
        channel = CHANNELS[number % len(CHANNELS)]
        asked_at = time.perf_counter()
        ts = self._slack.say(person, channel, question(number))
        newest = islice(reversed(self._slack.deliveries), 2)  # app_mention and message
        made = [delivery for delivery in newest if delivery.event["ts"] == ts]
        mention = Mention(number, channel, ts, asked_at, made)
        self._mentions[ts] = mention
        return mention

    def _see(self, change: Change) -> None:
        match change:
            case ReactionAdded(message, name=name) if mention := self._mentions.get(message.ts):
                self._reacted(mention, name)
            case StatusSet(status) if mention := self._mentions.get(status.thread_ts):
                if status.text:
                    mention.happened("first sign")
            case MessagePosted(message) | TextStreamed(message) | MessageChanged(message):
                mention = self._mentions.get(message.thread_ts or "")
                if mention is not None and message.bot_id and message.body:
                    mention.happened("first sign")
                    mention.happened("first text")
                    mention.happened("final text", again=True)

    def _reacted(self, mention: Mention, name: str) -> None:
        mention.happened("first sign")
        if name in END_MARKS.values():
            mention.happened("end mark")
            mention.marks.append(name)
            self._open -= 1
