"""The sample company with the bot in it, over real sockets, and what its answers rest on."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.config import demo_settings
from slackbot.demo.company.discussions import discussions
from slackbot.demo.run import BOT, CHANNEL, company_at_work
from slackbot.main import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from localslack import LocalSlack

END_MARKS = frozenset({"white_check_mark", "x"})
ANSWER_WITHIN = 300.0
AT_ONCE = 3
UNHURRIED = {
    "RATE_LIMIT_PER_USER": "0",
    "RATE_LIMIT_GLOBAL": "0",
    "HEALTH_CHECK_SECONDS": "0",  # its word would be among the model's requests
}
"""Settings with which one person may ask more in a minute than anybody would."""
PATIENCE = {"RUN_DEADLINE_SECONDS": "600", "TOOL_TIMEOUT_SECONDS": "300"}
"""Settings with which a machine may be slow, and no answer is another one for it."""

_SOURCES = "\n\n**Sources**"
_SOURCE = re.compile(r"^\[\d+\] \[.*?\]\((?P<url>\S+)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot said: its end mark, its words, and the addresses that it names as sources."""

    mark: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """The company's Slack, with somebody in it to ask."""

    slack: LocalSlack

    async def ask(self, question: str, *, by: str = "ana", channel: str = CHANNEL) -> Answer:
        """Mention the bot in a channel and wait for the end of its answer."""
        ts = self.slack.say(by, channel, f"@{BOT} {question}")
        room = self.slack.workspace.room(channel)
        mark = await self.slack.until(
            lambda: next(iter(END_MARKS & room.reactions(ts).keys()), None), ANSWER_WITHIN
        )
        said = self.slack.workspace.thread(channel, ts)[1:]
        text, _, sources = "".join(message.body for message in said).partition(_SOURCES)
        return Answer(mark, text, tuple(found["url"] for found in _SOURCE.finditer(sources)))

    async def ask_all(self, questions: Sequence[str]) -> list[Answer]:
        """Ask several questions, a few at a time: many that wait for each other run out of time."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask_in_turn(question: str) -> Answer:
            async with turns:
                return await self.ask(question)

        return await asyncio.gather(*map(ask_in_turn, questions))

    def address(self, document: str) -> re.Pattern[str]:
        """Return what the address of a document looks like; see `questions.toml` for its name."""
        source, _, name = document.partition(":")
        match source:
            case "confluence":
                return re.compile(rf"/pages/{name}\Z")
            case "jira":
                return re.compile(rf"/browse/{name}\Z")
            case "github" if "#" in name:
                repository, _, number = name.partition("#")
                return re.compile(rf"/{repository}/(?:issues|pull)/{number}\Z")
            case "github":
                owner, repository, path = name.split("/", 2)
                return re.compile(rf"/{owner}/{repository}/blob/[^/]+/{re.escape(path)}(?:#.*)?\Z")
            case _:
                return re.compile(rf"/archives/\w+/p(?:{'|'.join(self._stamps(name))})(?:\?.*)?\Z")

    def rests_on(self, answer: Answer, documents: Iterable[str]) -> bool:
        """Whether one of the documents is among an answer's sources."""
        patterns = [self.address(document) for document in documents]
        return any(pattern.search(url) for pattern in patterns for url in answer.sources)

    def _stamps(self, name: str) -> list[str]:
        """Return the ts of all messages of a discussion, as they stand in addresses."""
        channel, _, slug = name.partition("/")
        known = (talk for talk in discussions() if (talk.room.name, talk.slug) == (channel, slug))
        opening = next(known).lines[0]
        room = self.slack.workspace.room(channel)
        root = next(
            message
            for message in room.messages()
            if float(message.ts) // 1 == opening.at.timestamp() // 1 and not message.is_reply
        )
        thread = self.slack.workspace.thread(channel, root.ts)
        return [message.ts.replace(".", "") for message in thread]


@asynccontextmanager
async def company(**changes: str) -> AsyncIterator[Company]:
    """Open the company, with a bot that has no language model.

    `changes` are settings that differ, by name: with those of a provider, it has a model.
    """

    def bot(demo: Mapping[str, str]) -> AbstractAsyncContextManager[object]:
        return create_app(demo_settings({**demo, **UNHURRIED, **changes}, {}, None))

    async with company_at_work(bot, port=0) as slack:
        yield Company(slack)
