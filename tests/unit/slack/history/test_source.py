"""Slack's messages as a knowledge source, over a workspace on loopback and the real SDK."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest
from structlog.testing import capture_logs

from localslack import App, LocalSlack, Workspace
from localslack.action_tokens import LIFETIME_SECONDS, action_token
from slackbot.errors import (
    ConfigurationError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.knowledge import KnowledgeAggregator
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.history import SlackHistorySource
from slackbot.slack.history.channels import REMEMBERED_SECONDS
from slackbot.slack.history.recent import MAX_CHANNELS, REMEMBERED_THREAD_SECONDS, messages_in
from slackbot.slack.history.search import Found
from slackbot.slack.people import SlackPeople
from slackbot.slack.permalinks import Place, permalink
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from slackbot.messages import KnowledgeResult, ToolResult

Way = Literal["real-time", "messages", "history"]
WAYS: tuple[Way, ...] = ("real-time", "messages", "history")
CANARY = "canary-heron-4471"


@dataclass
class Clock:
    """The time of day, which stands still until a test moves it."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """Acme: public #general, #payments and #random, private #leads and #board, and a guest."""

    workspace: Workspace
    app: App
    slack: LocalSlack
    clock: Clock
    gateway: SlackGateway
    searcher: SlackGateway
    source: SlackHistorySource
    way: Way
    asked: dict[str, str] = field(default_factory=dict)

    def say(self, who: str, where: str, text: str, thread_ts: str | None = None) -> str:
        self.clock.now += 60
        return self.slack.say(who, where, text, thread_ts=thread_ts)

    def link(self, where: str, ts: str, thread_ts: str | None = None) -> str:
        channel = self.workspace.channel(where).id
        site = self.slack.api_url.removesuffix("/api")
        return permalink(site, Place(channel, ts, thread_ts or ts))

    def context(self, who: str = "ana", where: str = "general") -> RunContext:
        """Let somebody ask the bot, and return the run's context, with a token where wanted."""
        channel = self.workspace.channel(where).id
        ts = self.say(who, channel, f"@{self.app.name} what is it?")
        message = self.workspace.message(channel, ts)
        return RunContext(
            run_id="r1",
            team=self.workspace.team_id,
            channel=channel,
            thread_ts=ts,
            asker=self.workspace.user(who).id,
            deadline=self.clock.now + 60,
            action_token=action_token(message, self.app) if self.way == "real-time" else None,
        )

    async def call(self, tool: str, context: RunContext, **arguments: Any) -> ToolResult:
        tools = {one.spec.name: one for one in self.source.tools()}
        everywhere = KnowledgeAggregator([self.source], clock=self.clock).tool()
        return await {**tools, everywhere.spec.name: everywhere}[tool].run(arguments, context)

    async def search(
        self, keywords: str, context: RunContext | None = None, **more: Any
    ) -> Sequence[KnowledgeResult]:
        if context is None:
            context = self.context()
        return (await self.call("search_slack", context, keywords=keywords, **more)).found

    async def texts(
        self, keywords: str, context: RunContext | None = None, **more: Any
    ) -> list[str]:
        return [result.content for result in await self.search(keywords, context, **more)]

    def methods(self) -> list[str]:
        return [call.method for call in self.slack.calls]


@asynccontextmanager
async def acme(
    way: Way,
    listed: Sequence[str] = ("general", "#Payments", "leads"),
    *,
    searcher_scopes: Sequence[str] = ("search:read",),
) -> AsyncIterator[World]:
    workspace, clock = Workspace("Acme"), Clock()
    for name in ("ana", "ben"):
        workspace.add_person(name, real_name=f"{name.title()} Example")
    workspace.add_person("gus", real_name="Gus Guest", restricted=True)
    app = workspace.add_app("slackbot")
    for name in ("general", "payments", "random"):
        workspace.add_channel(name, ["ana", "ben", "slackbot"])
    workspace.join("general", "gus")
    for name in ("leads", "board"):
        workspace.add_channel(name, ["ana", "ben", "slackbot"], private=True)
    user_token = workspace.add_user_token("ana", app, scopes=searcher_scopes)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack(workspace, clock=clock))
        gateway, searcher = [
            SlackGateway(await stack.enter_async_context(web_client(token, slack.api_url)))
            for token in (app.bot_token, user_token)
        ]
        source = SlackHistorySource(
            gateway,
            await gateway.auth_test(),
            SlackPeople(gateway, clock=clock),
            listed,
            searcher=searcher if way == "messages" else None,
            clock=clock,
        )
        yield World(workspace, app, slack, clock, gateway, searcher, source, way)


@pytest.fixture(params=WAYS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with acme(request.param) as made:
        yield made


@pytest.fixture
async def history_world() -> AsyncIterator[World]:
    async with acme("history") as made:
        yield made


async def test_a_message_is_found_with_all_that_a_citation_needs(world: World) -> None:
    root = world.say("ben", "payments", "Somebody paid twice, @ana can you look?")
    ts = world.say("ana", "payments", "Double charges since 09:00 `now`", root)
    (found,) = await world.search("double charges")
    assert found.content == "ana: Double charges since 09:00 `now`"
    assert (found.source, found.container, found.relevance_score) == ("Slack", "#payments", 1.0)
    assert found.url == world.link("payments", ts, root)
    assert found.updated_at == datetime.fromtimestamp(float(ts), UTC)
    assert found.read_more is not None
    assert (found.read_more.tool, found.read_more.arguments) == (
        "read_slack_thread",
        {"permalink": found.url.partition("&cid=")[0]},
    )
    read = await world.call("read_slack_thread", world.context(), **found.read_more.arguments)
    assert "Somebody paid twice" in read.found[0].content


async def test_each_way_calls_what_it_is_named_for(world: World) -> None:
    world.say("ben", "payments", "Double charges")
    assert await world.search("double charges")
    searches = {"assistant.search.context", "search.messages", "conversations.history"}
    called = {
        "real-time": "assistant.search.context",
        "messages": "search.messages",
        "history": "conversations.history",
    }[world.way]
    assert searches.intersection(world.methods()) == {called}


async def test_a_thread_is_read_whole_with_names_and_times(world: World) -> None:
    root = world.say("ben", "payments", "Somebody paid twice, @ana can you look?\nOrder 88.")
    reply = world.say("ana", "payments", "Double charges since 09:00", root)
    (hit,) = await world.search("double charges")
    assert hit.read_more is not None
    told = await world.call(hit.read_more.tool, world.context(), **hit.read_more.arguments)
    (thread,) = told.found
    first, second = (datetime.fromtimestamp(float(ts), UTC) for ts in (root, reply))
    assert thread.url == hit.url
    assert thread.title == "Somebody paid twice, @ana can you look? Order 88."
    assert thread.updated_at == second
    assert thread.content == (
        f"ben ({first:%Y-%m-%d %H:%M} UTC): Somebody paid twice, @ana can you look?\n"
        "  Order 88.\n\n"
        f"ana ({second:%Y-%m-%d %H:%M} UTC): Double charges since 09:00"
    )


async def test_a_thread_counts_once(world: World) -> None:
    root = world.say("ben", "payments", "Double charges")
    world.say("ana", "payments", "Double charges again, double", root)
    assert len(await world.search("double charges")) == 1


async def test_the_best_message_of_a_thread_has_the_title_of_the_thread(
    history_world: World,
) -> None:
    root = history_world.say("ben", "payments", "Somebody paid twice")
    history_world.say("ana", "payments", "It was the retry without a key", root)
    (found,) = await history_world.search("retry key")
    assert found.title == "Somebody paid twice"


async def test_what_the_bot_said_and_what_it_was_asked_is_no_knowledge(world: World) -> None:
    asked = world.say("ben", "general", "@slackbot why double charges?")
    await world.gateway.post(
        world.workspace.channel("general").id, asked, "Double charges come from retries.", None
    )
    assert await world.texts("double charges") == []


async def test_the_thread_in_which_it_is_asked_is_left_out(world: World) -> None:
    root = world.say("ben", "general", "Double charges")
    world.say("ben", "payments", "Double charges")
    asked = world.context()
    here = RunContext(
        run_id="r", team=asked.team, channel=asked.channel, thread_ts=root, asker=asked.asker,
        deadline=asked.deadline, action_token=asked.action_token,
    )  # fmt: skip
    assert [one.container for one in await world.search("double charges", here)] == ["#payments"]


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        ({}, {"ana: train one", "ben: train two"}),
        ({"channels": ["#payments"]}, {"ben: train two"}),
        ({"channels": ["random", "*"]}, set()),
        ({"from_user": "Ana Example"}, {"ana: train one"}),
        ({"from_user": "@ben"}, {"ben: train two"}),
        ({"from_user": "nobody"}, set()),
        ({"from_user": "in:random"}, set()),
        ({"after": "2026-09-21", "before": "2026-09-21"}, {"ana: train one", "ben: train two"}),
        ({"after": "2026-09-22"}, set()),
        ({"before": "2026-09-20"}, set()),
    ],
)
async def test_typed_fields_narrow_a_search(
    world: World, arguments: dict[str, Any], texts: set[str]
) -> None:
    world.say("ana", "general", "train one")
    world.say("ben", "payments", "train two")
    world.say("ben", "random", "train three")
    assert set(await world.texts("train", **arguments)) == texts


async def test_an_author_is_found_by_id(world: World) -> None:
    world.say("ana", "general", "train one")
    world.say("ben", "general", "train two")
    ben = world.workspace.user("ben").id
    assert await world.texts("train", from_user=f"<@{ben}>") == ["ben: train two"]


@pytest.mark.parametrize("keywords", ["!!!", '" - "', "in:"])
async def test_where_no_word_is_wanted_or_found_nothing_is(world: World, keywords: str) -> None:
    told = await world.call("search_slack", world.context(), keywords=keywords)
    assert (told.content, told.found) == ("Nothing found; other words may match.", ())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["random", "leads", "board", "direct", "others", "unjoined"])
@pytest.mark.usefixtures("unmeasured")
async def test_nothing_leaks(way: Way, place: str) -> None:
    """A canary in each place that may not be shown, by each way, with each tool and asker."""
    async with acme(way) as world:
        world.workspace.add_channel("unjoined", ["ana", "ben"])
        direct = world.workspace.open_direct("ana", "ben").id
        others = world.workspace.open_direct("ben", "slackbot").id
        where = {"direct": direct, "others": others}.get(place, place)
        root = world.say("ben", where, f"secret {CANARY} of the train")
        ts = world.say("ben", where, f"more secret {CANARY}", root)
        wishes = [CANARY, "secret train", f"in:{place} from:ben {CANARY}"]
        links = [world.link(where, root), world.link(where, ts, root)]
        for who in ("ana", "gus"):
            for asked_in in ("general", world.slack.open_dm(who, "slackbot").id):
                context = world.context(who, asked_in)
                for link in links:
                    with pytest.raises(SourceNotFound):
                        await world.call("read_slack_thread", context, permalink=link)
                for tool in ("search_slack", "search_everywhere"):
                    told = [await world.call(tool, context, keywords=words) for words in wishes]
                    assert CANARY not in repr(told)
        assert CANARY not in repr(await world.source.search(f"secret {CANARY}"))


@pytest.mark.parametrize("listed", [["*"], ["*", "leads"]])
async def test_a_star_is_every_public_channel_that_the_bot_is_in(listed: list[str]) -> None:
    async with acme("history", listed) as world:
        for where in ("general", "random", "leads", "board"):
            world.say("ben", where, "train")
        containers = {result.container for result in await world.source.search("train")}
        assert containers == {"#general", "#random"}


async def test_a_listed_private_channel_is_open_to_what_is_asked_in_it(world: World) -> None:
    world.say("ben", "leads", "secret train")
    world.say("ben", "board", "secret train")
    ts = world.say("ben", "general", "public train")
    within, without = world.context(where="leads"), world.context(where="general")
    assert set(await world.texts("train", within)) == {"ben: secret train", "ben: public train"}
    assert await world.texts("train", without) == ["ben: public train"]
    link = world.link("general", ts)
    assert (await world.call("read_slack_thread", within, permalink=link)).found


async def test_a_private_channel_that_is_not_listed_stays_closed_even_within(world: World) -> None:
    ts = world.say("ben", "board", "secret train")
    within = world.context(where="board")
    assert await world.texts("train", within) == []
    with pytest.raises(SourceNotFound):
        await world.call("read_slack_thread", within, permalink=world.link("board", ts))


async def test_a_guest_finds_only_what_stands_in_the_channel_of_the_question(world: World) -> None:
    ts = world.say("ben", "payments", "train in payments")
    world.say("ben", "general", "train in general")
    asked = world.context("gus")
    assert await world.texts("train", asked) == ["ben: train in general"]
    everywhere = await world.call("search_everywhere", asked, keywords="train")
    assert [one.container for one in everywhere.found] == ["#general"]
    with pytest.raises(SourceNotFound):
        await world.call("read_slack_thread", asked, permalink=world.link("payments", ts))


async def test_a_channel_may_be_listed_by_its_id() -> None:
    async with acme("history", ["C0LOCAL0002"]) as world:
        world.say("ben", "payments", "train")
        assert len(await world.source.search("train")) == 1


@pytest.mark.parametrize(
    "link",
    [
        "nonsense",
        "https://acme.slack.com/archives/C0LOCAL0001/p1790000060000000",
        "{site}/archives/C0LOCAL0001/p1000000000000000",
        "{site}/archives/C0LOCAL0001/p1000000000000000?thread_ts={root}",
        "{site}/archives/C0LOCAL9999/p1790000060000000",
    ],
)
async def test_other_addresses_are_not_found(history_world: World, link: str) -> None:
    root = history_world.say("ben", "general", "train")
    site = history_world.slack.api_url.removesuffix("/api")
    with pytest.raises(SourceNotFound):
        await history_world.call(
            "read_slack_thread",
            history_world.context(),
            permalink=link.format(site=site, root=root),
        )


async def test_a_thread_of_the_bot_alone_is_not_found(history_world: World) -> None:
    channel = history_world.workspace.channel("general").id
    root = history_world.say("ben", "general", "train")
    ts = await history_world.gateway.post(channel, root, "an answer", None)
    history_world.slack.delete("ben", channel, root)
    link = history_world.link("general", ts, root)
    with pytest.raises(SourceNotFound):
        await history_world.call("read_slack_thread", history_world.context(), permalink=link)


async def test_a_long_thread_is_read_over_several_pages(history_world: World) -> None:
    root = history_world.say("ben", "general", "root")
    for number in range(250):
        history_world.slack.say("ana", "general", f"reply {number}", thread_ts=root)
    read = {"permalink": history_world.link("general", root)}
    told = await history_world.call("read_slack_thread", history_world.context(), **read)
    assert told.found[0].content.endswith("reply 249")
    for number in range(250, 700):
        history_world.slack.say("ana", "general", f"reply {number}", thread_ts=root)
    told = await history_world.call("read_slack_thread", history_world.context(), **read)
    assert told.found[0].content.endswith("reply 598")


async def test_what_nobody_said_is_left_out(history_world: World) -> None:
    history_world.say("ana", "general", " ")
    notice = {"subtype": "channel_topic", "text": "train", "user": "U1", "ts": "1.000000"}
    assert messages_in("C1", [notice, {"text": "train"}, {**notice, "subtype": None}]) == (
        Found(Place("C1", "1.000000", "1.000000"), "U1", "train"),
    )
    assert await history_world.texts("train") == []


async def test_what_an_app_posts_is_found_without_an_author(history_world: World) -> None:
    alarm = history_world.workspace.add_app("alarm")
    history_world.workspace.join("general", "alarm")
    async with web_client(alarm.bot_token, history_world.slack.api_url) as client:
        await client.chat_postMessage(channel="general", text="train is late")
    assert await history_world.texts("train") == ["alarm: train is late"]


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "missing_scope"},
        {"error": "feature_not_enabled"},
        {"error": "not_allowed_token_type"},
        {"rate_limited": 30},
        {"http_status": 500},
    ],
)
async def test_a_refused_search_falls_to_the_next_way(fault: dict[str, Any]) -> None:
    async with acme("messages") as world:
        world.way = "real-time"
        world.say("ben", "general", "train")
        world.slack.faults.next("assistant.search.context", **fault)
        with capture_logs() as logs:
            assert await world.texts("train") == ["ben: train"]
        methods = world.methods()
        assert methods.index("assistant.search.context") < methods.index("search.messages")
        assert "conversations.history" not in methods
        world.slack.faults.next("assistant.search.context", **fault)
        world.slack.faults.next("search.messages", **fault)
        assert await world.texts("train") == ["ben: train"]
        assert "conversations.history" in world.methods()
    assert [log["event"] for log in logs if log["event"] != "slack.throttled"] == [
        "slack_history.refused"
    ]
    assert "train" not in repr(logs)


async def test_a_token_that_has_expired_falls_to_the_next_way() -> None:
    async with acme("real-time") as world:
        world.say("ben", "general", "train")
        context = world.context()
        world.clock.now += LIFETIME_SECONDS + 1
        assert await world.texts("train", context) == ["ben: train"]
        assert ("assistant.search.context", "token_expired") in [
            (call.method, call.outcome) for call in world.slack.calls
        ]


async def test_the_history_is_read_again_after_a_while_only(history_world: World) -> None:
    asked = history_world.context()
    root = history_world.say("ben", "general", "train")
    history_world.say("ana", "general", "train, too", root)
    await history_world.search("train", asked)
    calls = len(history_world.slack.calls)
    history_world.slack.say("ben", "payments", "train again")
    assert len(await history_world.search("train", asked)) == 1
    assert len(history_world.slack.calls) == calls
    history_world.clock.now += REMEMBERED_SECONDS
    assert len(await history_world.search("train", asked)) == 2
    later = history_world.methods()[calls:]
    assert (later.count("conversations.history"), later.count("conversations.replies")) == (2, 0)


async def test_a_thread_is_read_again_when_somebody_replied_or_after_a_longer_while(
    history_world: World,
) -> None:
    asked = history_world.context()
    root = history_world.say("ben", "general", "train")
    reply = history_world.say("ana", "general", "late", root)
    assert await history_world.texts("late", asked) == ["ana: late"]
    history_world.say("ana", "general", "very late indeed", root)
    assert await history_world.texts("indeed", asked) == ["ana: very late indeed"]
    history_world.slack.edit("ana", "general", reply, "punctual")
    history_world.clock.now += REMEMBERED_THREAD_SECONDS
    assert await history_world.texts("punctual", asked) == ["ana: punctual"]


async def test_threads_with_all_the_words_keep_out_those_with_some(history_world: World) -> None:
    root = history_world.say("ben", "general", "The release")
    history_world.say("ana", "general", "the train", root)
    history_world.say("ben", "payments", "another train")
    assert len(await history_world.search("release train")) == 1
    assert len(await history_world.search("train aeroplane")) == 2


async def test_a_channel_that_cannot_be_read_is_left_out(history_world: World) -> None:
    for where in ("general", "payments"):
        history_world.say("ben", where, "train")
    asked = history_world.context()
    history_world.slack.faults.next("conversations.history", rate_limited=30)
    with capture_logs() as logs:
        assert len(await history_world.search("train", asked)) == 1
    assert [log["event"] for log in logs if log["event"] != "slack.throttled"] == [
        "slack_history.unreadable"
    ]


async def test_a_thread_that_cannot_be_read_is_represented_by_its_root(
    history_world: World,
) -> None:
    root = history_world.say("ben", "general", "train")
    history_world.say("ana", "general", "late", root)
    history_world.slack.faults.next("conversations.replies", error="internal_error")
    assert await history_world.texts("train") == ["ben: train"]


async def test_the_newest_messages_of_a_busy_channel_are_read(history_world: World) -> None:
    for number in range(401):
        history_world.slack.say("ben", "general", f"train {number}")
    assert await history_world.source.search("train")
    assert [len(await history_world.source.search(f"{number}")) for number in (0, 1, 400)] == [
        0,
        1,
        1,
    ]


async def test_so_many_channels_are_read_and_no_more() -> None:
    async with acme("history", ["*"]) as world:
        for number in range(MAX_CHANNELS):
            world.workspace.add_channel(f"c{number}", ["ana", "slackbot"])
        with capture_logs() as logs:
            await world.source.search("train")
        assert world.methods().count("conversations.history") == MAX_CHANNELS
        assert [log["event"] for log in logs] == ["slack_history.cut"]


@pytest.mark.parametrize(
    ("method", "fault", "kind"),
    [
        ("users.conversations", {"error": "missing_scope"}, SourceUnauthorized),
        ("users.conversations", {"error": "invalid_auth"}, SourceUnauthorized),
        ("users.conversations", {"rate_limited": 30}, SourceUnavailable),
        ("conversations.history", {"http_status": 500}, SourceUnavailable),
        ("conversations.history", {"reset_before_effect": True}, SourceUnavailable),
    ],
)
async def test_what_slack_refuses_is_a_source_error(
    history_world: World, method: str, fault: dict[str, Any], kind: type[Exception]
) -> None:
    history_world.slack.faults.next(method, **fault, times=None)
    with pytest.raises(kind):
        await history_world.source.search("train")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("thread_not_found", SourceNotFound), ("ratelimited", SourceUnavailable)],
)
async def test_what_slack_refuses_to_read_is_a_source_error(
    history_world: World, code: str, kind: type[Exception]
) -> None:
    root = history_world.say("ben", "general", "train")
    context = history_world.context()
    history_world.slack.faults.next("conversations.replies", error=code)
    with pytest.raises(kind):
        await history_world.call(
            "read_slack_thread", context, permalink=history_world.link("general", root)
        )


async def test_an_empty_list_of_channels_is_a_wrong_setting(history_world: World) -> None:
    people = SlackPeople(history_world.gateway)
    bot = await history_world.gateway.auth_test()
    with pytest.raises(ConfigurationError, match="SLACK_HISTORY_CHANNELS"):
        SlackHistorySource(history_world.gateway, bot, people, [])


async def test_a_search_returns_no_more_than_its_limit(history_world: World) -> None:
    for number in range(15):
        history_world.say("ben", "general", f"train {number}")
    found = await history_world.search("train")
    assert [round(1 / result.relevance_score) for result in found] == list(range(1, 11))


@pytest.mark.parametrize(
    ("method", "code"), [("users.conversations", "missing_scope"), ("auth.test", "token_revoked")]
)
async def test_a_check_fails_when_either_token_is_not_good_for_a_search(
    method: str, code: str
) -> None:
    async with acme("messages") as world:
        await world.source.check()
        world.clock.now += REMEMBERED_SECONDS + 1
        world.slack.faults.next(method, error=code)
        with pytest.raises(SourceUnauthorized):
            await world.source.check()


@pytest.mark.parametrize("scopes", [("search:read", "users:read"), ()])
async def test_a_user_token_that_may_search_or_whose_scopes_are_unknown_passes_the_check(
    scopes: Sequence[str],
) -> None:
    async with acme("messages", searcher_scopes=scopes) as world:
        await world.source.check()


async def test_a_user_token_without_the_scope_that_searching_needs_fails_the_check() -> None:
    async with acme("messages", searcher_scopes=["chat:write", "search:read.public"]) as world:
        with pytest.raises(SourceUnauthorized, match=r"^SLACK_USER_TOKEN lacks .* search:read\."):
            await world.source.check()


async def test_a_slack_that_is_merely_busy_passes_the_check(history_world: World) -> None:
    history_world.slack.faults.next("users.conversations", rate_limited=30)
    await history_world.source.check()
    assert history_world.methods()[-1] == "users.conversations"
