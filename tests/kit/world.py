"""The whole bot over real sockets: a workspace, a model, a wiki, and what people see of it."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kit.fake_bedrock import FakeBedrock
from localslack import DeliveryRules, LocalSlack, Workspace
from slackbot.config import load_settings
from slackbot.demo.company.wiki import OPEN_SPACES, confluence_pages
from slackbot.demo.confluence.server import ConfluenceServer
from slackbot.main import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from kit.scripted_model import Script
    from localslack import App, Message

END_MARKS = frozenset({"white_check_mark", "x", "octagonal_sign", "no_entry_sign"})
WIKI_EMAIL, WIKI_TOKEN = "bot@parcelwick.example", "not-a-secret"


@dataclass(frozen=True, slots=True)
class World:
    """A workspace with Ana, Ben and the bot in #general, and everything the bot depends on."""

    slack: LocalSlack
    bedrock: FakeBedrock
    app: App
    settings: Mapping[str, str] = field(repr=False)

    def reactions(self, ts: str, channel: str = "general") -> dict[str, list[str]]:
        """Return who reacted to a message, by emoji, the first first."""
        marks = self.slack.workspace.room(channel).reactions(ts)
        return {name: list(users) for name, users in marks.items()}

    def answers(self, ts: str, channel: str = "general") -> list[Message]:
        """Return what the bot said in the thread of a message."""
        thread = self.slack.workspace.thread(channel, ts)
        return [message for message in thread if message.bot_id is not None]

    async def ended(self, ts: str, channel: str = "general", timeout: float = 60) -> str:
        """Wait for the end mark of a message, and return its name."""
        return await self.slack.until(
            lambda: next(iter(END_MARKS & self.reactions(ts, channel).keys()), None), timeout
        )

    async def ask(self, text: str, *, thread_ts: str | None = None, by: str = "ana") -> Asked:
        """Say something in #general and wait for the end mark."""
        ts = self.slack.say(by, "general", text, thread_ts=thread_ts)
        mark = await self.ended(ts)
        return Asked(ts, mark, self.answers(thread_ts or ts)[-1].text)

    def calls(self, *methods: str) -> list[Mapping[str, object]]:
        """Return the arguments of the bot's calls of these methods, in order."""
        return [call.arguments for call in self.slack.calls if call.method in methods]

    def model_texts(self, request: int = -1) -> list[str]:
        """Return the plain texts of a request to the model, message by message."""
        return [
            "".join(block.get("text", "") for block in message["content"])
            for message in self.bedrock.requests[request]["messages"]
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was answered: its ts, its end mark, and the text of the newest answer."""

    ts: str
    mark: str
    answer: str


def settings_for(slack: LocalSlack, app: App, bedrock: str, wiki: str) -> dict[str, str]:
    """Return the settings of a bot that lives in this world."""
    return {
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "LLM_FALLBACKS": "none",
        "AWS_REGION": "eu-central-1",
        "AWS_BEDROCK_MODEL_ID": "test.model-v1",
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
        "CONFLUENCE_URL": wiki,
        "CONFLUENCE_EMAIL": WIKI_EMAIL,
        "CONFLUENCE_API_TOKEN": WIKI_TOKEN,
        "CONFLUENCE_SPACES": ",".join(OPEN_SPACES),
        "CATCH_UP_MINUTES": "0",  # its reading would be among the calls that tests count
        "HEALTH_CHECK_SECONDS": "0",  # likewise
        "RATE_LIMIT_PER_USER": "0",  # tests ask as fast as they can
        "RATE_LIMIT_GLOBAL": "0",
    }


@asynccontextmanager
async def world(
    script: Script,
    *,
    rules: DeliveryRules | None = None,
    scopes: Sequence[str] | None = None,
    events: Sequence[str] | None = None,
    wiki: str | None = None,
    clock: Callable[[], float] = time.time,
    **changes: str,
) -> AsyncIterator[World]:
    """Open a world without a bot in it; `changes` are settings that differ, by name.

    `scopes` and `events` are the app's, all of them by default. `wiki` is the address of another
    Confluence than the sample company's. `clock` is Slack's.
    """
    workspace = Workspace("Parcelwick")
    for name, real_name in (("ana", "Ana Ruiz"), ("ben", "Ben Okafor")):
        workspace.add_person(name, real_name=real_name)
    app = workspace.add_app("slackbot", scopes=scopes, events=events)
    workspace.add_channel("general", ["ana", "ben", "slackbot"])
    company = ConfluenceServer(confluence_pages(), email=WIKI_EMAIL, token=WIKI_TOKEN)
    site = await company.start()
    try:
        async with (
            FakeBedrock(script) as bedrock,
            LocalSlack(workspace, clock=clock, rules=rules) as slack,
        ):
            settings = settings_for(slack, app, bedrock.url, wiki or site)
            yield World(slack, bedrock, app, {**settings, **changes})
        for error in bedrock.model.broken:
            raise error
    finally:
        await company.stop()


@asynccontextmanager
async def bot_in(world: World) -> AsyncIterator[None]:
    """Run the bot in a world while the context is open."""
    async with create_app(load_settings(world.settings, env_file=None)):
        yield


@asynccontextmanager
async def living_world(
    script: Script,
    *,
    rules: DeliveryRules | None = None,
    scopes: Sequence[str] | None = None,
    events: Sequence[str] | None = None,
    wiki: str | None = None,
    clock: Callable[[], float] = time.time,
    **changes: str,
) -> AsyncIterator[World]:
    """Open a world with the bot in it."""
    async with (
        world(
            script, rules=rules, scopes=scopes, events=events, wiki=wiki, clock=clock, **changes
        ) as made,
        bot_in(made),
    ):
        yield made
