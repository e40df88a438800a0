"""How far the bot looks back: bounded in what it reads, and stopped by nothing that it cannot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from slackbot.slack import catchup
from slackbot.slack.catchup import CatchUp, Reach
from slackbot.slack.delivery.marks import END_MARKS, REFUSED, TAKEN
from slackbot.slack.delivery.unfinished import BROKEN_OFF, leave, take_back

if TYPE_CHECKING:
    from localslack import LocalSlack
    from localslack.model import Channel
    from slackbot.conversation import Incoming, ThreadKey
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway

REACH = Reach(messages=900.0, threads=1800.0)


@dataclass
class Finds:
    """Keeps what is found."""

    messages: list[Incoming] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """The ts of what was charged and of what was found."""
    followed: list[tuple[ThreadKey, str, float]] = field(default_factory=list)
    doubts: int = 0
    broken: bool = False
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def take_in(self, incoming: Incoming) -> None:
        self.told.set()
        if self.broken:
            raise ZeroDivisionError
        self.messages.append(incoming)
        self.order.append(incoming.ts)

    def charge(self, incoming: Incoming) -> None:
        self.order.append(incoming.ts)

    def follow(self, thread: ThreadKey, asker: str, at: float) -> None:
        self.followed.append((thread, asker, at))

    def doubt(self) -> None:
        self.doubts += 1

    @property
    def ts(self) -> list[str]:
        return list(dict.fromkeys(one.ts for one in self.messages))


@pytest.fixture
def finds() -> Finds:
    return Finds()


@pytest.fixture
def catch_up(gateway: SlackGateway, bot: BotIdentity, finds: Finds, general: Channel) -> CatchUp:
    return CatchUp(gateway, bot, finds, REACH)


async def test_busy_channels_are_read_page_by_page_up_to_a_bound(
    catch_up: CatchUp, slack: LocalSlack, finds: Finds
) -> None:
    beyond = slack.say("ana", "general", "@slackbot too far away")
    reached = slack.say("ana", "general", "@slackbot just near enough")
    for number in range(3 * 200 - 1):
        slack.say("ana", "general", f"n{number}")
    await catch_up.look()
    assert beyond not in finds.ts
    assert reached in finds.ts
    assert [call.method for call in slack.calls].count("conversations.history") == 3


async def test_a_long_thread_is_read_up_to_a_bound(
    catch_up: CatchUp, slack: LocalSlack, finds: Finds
) -> None:
    root = slack.say("ana", "general", "payments is down")
    for number in range(2 * 200):
        slack.say("ana", "general", f"n{number}", thread_ts=root)
    slack.say("ana", "general", "@slackbot too far away", thread_ts=root)
    await catch_up.look()
    assert finds.ts == []
    assert [call.method for call in slack.calls].count("conversations.replies") == 2


async def test_the_bots_own_marks_are_read_up_to_a_bound(
    catch_up: CatchUp, slack: LocalSlack, gateway: SlackGateway, finds: Finds, general: Channel
) -> None:
    asked = [slack.say("ana", "general", "hm") for _ in range(301)]
    for ts in asked:
        await gateway.add_reaction(general.id, ts, TAKEN)
    slack.faults.next("conversations.history", error="missing_scope", times=None)
    await catch_up.look()
    assert len(finds.ts) == 300
    assert asked[0] not in finds.ts


@pytest.mark.parametrize(
    "method",
    ["reactions.list", "users.conversations", "conversations.history", "conversations.replies"],
)
async def test_what_cannot_be_read_is_left_out(
    method: str, catch_up: CatchUp, slack: LocalSlack
) -> None:
    root = slack.say("ana", "general", "@slackbot hi")
    slack.say("ana", "general", "and?", thread_ts=root)
    slack.faults.next(method, error="missing_scope", times=None)
    with capture_logs() as lines:
        await catch_up.look()
    unread = {line["method"] for line in lines if line["event"] == "catch_up.unreadable"}
    assert unread == {method}
    assert lines[-1]["event"] == "catch_up.done"


async def test_an_archived_channel_is_not_read(
    catch_up: CatchUp, slack: LocalSlack, general: Channel
) -> None:
    slack.workspace.archive(general.name)
    await catch_up.look()
    assert "conversations.history" not in [call.method for call in slack.calls]


async def test_it_looks_again_whenever_a_socket_comes_up_whatever_went_wrong_before(
    catch_up: CatchUp, slack: LocalSlack, finds: Finds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catchup, "SETTLE_SECONDS", 0.01)
    finds.broken = True
    ts = slack.say("ana", "general", "@slackbot hi")
    async with catch_up.running():
        await catch_up.on_hello()
        await asyncio.wait_for(finds.told.wait(), 5)
        finds.told.clear()
        finds.broken = False
        await catch_up.on_hello()
        await asyncio.wait_for(finds.told.wait(), 5)
    assert finds.ts == [ts]
    assert finds.doubts == 2


async def test_what_was_answered_is_charged_before_what_was_missed_anywhere_is_judged(
    catch_up: CatchUp, slack: LocalSlack, gateway: SlackGateway, finds: Finds
) -> None:
    missed = slack.say("ana", "general", "@slackbot and now?")
    direct = slack.open_dm("ana", "slackbot").id
    refused, failed, answered = (slack.say("ana", direct, f"hello {n}?") for n in range(3))
    await gateway.add_reaction(direct, refused, REFUSED)
    await gateway.add_reaction(direct, failed, END_MARKS["failed"])
    await gateway.add_reaction(direct, answered, END_MARKS["answered"])
    await catch_up.look()
    assert finds.ts == [missed]
    *charged, last = dict.fromkeys(finds.order)
    assert (set(charged), last) == ({failed, answered}, missed)


async def test_what_is_newer_than_the_socket_is_no_late_find(
    catch_up: CatchUp, slack: LocalSlack, finds: Finds
) -> None:
    await catch_up.on_hello()
    slack.say("ana", "general", "@slackbot hi")
    await catch_up.look()
    assert [one.late for one in finds.messages] == [None]


async def test_a_stream_that_is_left_says_so_and_closes_its_code(
    gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    written = "So:\n```\na = 1"
    ts = await gateway.start_stream(
        question.channel, question.ts, written,
        recipient_team=question.team, recipient_user=question.asker,
    )  # fmt: skip
    await leave(gateway, question, ts, written, "_Later._")
    message = slack.workspace.message(question.channel, ts)
    assert message.body == f"{written}\n```\n\n_Later._"
    await leave(gateway, question, ts, written, "_Later._")  # it has ended: no harm


@pytest.mark.parametrize("updates", [True, False])
async def test_what_cannot_be_taken_back_says_what_it_is_if_it_may(
    updates: bool, gateway: SlackGateway, slack: LocalSlack, question: Incoming
) -> None:
    ts = await gateway.post(question.channel, question.ts, "It begins", None)
    slack.faults.next("chat.delete", error="cant_delete_message")
    if not updates:
        slack.faults.next("chat.update", error="cant_update_message")
    await take_back(gateway, question.channel, ts)
    left = slack.workspace.message(question.channel, ts).body
    assert left == (BROKEN_OFF if updates else "It begins")
