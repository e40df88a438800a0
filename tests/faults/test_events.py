"""F4, F5, F9, F10: what Slack tells comes twice, in part, or is taken back and changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from faults.checker import checked
from kit.scripted_model import Round, says
from kit.sleeps import Clock
from kit.world import bot_in, living_world, world
from localslack import DeliveryRules
from slackbot import main
from slackbot.runs.turns import Turns

if TYPE_CHECKING:
    from kit.world import World
    from localslack.socket_mode import MentionOrder

ENDLESS = Round(text=["It begins. ", "It goes on. "], ending="hang")
SLOW = Round(text=["One. ", "Two."], first_piece_after=0.3)


async def all_acked(here: World) -> None:
    """Wait until the bot has taken in every event."""
    await here.slack.until(lambda: all(event.acked for event in here.slack.deliveries))


@pytest.mark.parametrize("order", ["app_mention_first", "message_first"])
async def test_f04_twins_duplicates_and_late_redeliveries_are_one_mention(
    order: MentionOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(main, "Turns", partial(Turns, clock=clock))
    rules = DeliveryRules(mention_order=order)
    async with checked(world([SLOW], rules=rules, CATCH_UP_MINUTES="15")) as here:
        async with bot_in(here):
            ts = here.slack.say("ana", "general", "@slackbot hi")
            assert here.slack.redeliver(ts) == 2
            await here.slack.until(lambda: here.bedrock.requests)
            here.slack.redeliver(ts)
            await here.ended(ts)
            clock.ahead = 5 * 60
            here.slack.redeliver(ts)
            await all_acked(here)
        async with bot_in(here):  # whose memory is empty: only the record knows
            await here.slack.until(lambda: here.slack.connections)
            here.slack.redeliver(ts)
            await all_acked(here)
        assert len(here.answers(ts)) == 1
        assert len(here.bedrock.requests) == 1


async def test_f05_a_mention_in_a_thread_that_comes_as_a_message_only_is_answered() -> None:
    async with checked(living_world([says("Here.")], events=["message.channels"])) as here:
        root = here.slack.say("ben", "general", "payments is down")
        ts = here.slack.say("ana", "general", "@slackbot what now?", thread_ts=root)
        assert await here.ended(ts) == "white_check_mark"
        kinds = {sent.event["type"] for sent in here.slack.deliveries}
        assert kinds == {"message"}
        assert [reply.text for reply in here.answers(root)] == ["Here."]


@pytest.mark.parametrize("in_thread", [True, False])
async def test_f09_a_mention_that_is_deleted_in_mid_run_leaves_nothing(in_thread: bool) -> None:
    with capture_logs() as logs:
        async with checked(living_world([ENDLESS])) as here:
            root = here.slack.say("ben", "general", "payments is down") if in_thread else None
            ts = here.slack.say("ana", "general", "@slackbot what now?", thread_ts=root)
            thread = root or ts
            await here.slack.until(lambda: here.answers(thread))
            here.slack.delete("ana", "general", ts)
            await here.slack.until(lambda: not here.answers(thread))
            await here.bedrock.idle()
    assert [log["outcome"] for log in logs if "outcome" in log] == ["withdrawn"]


async def test_f10_a_mention_that_is_edited_in_mid_run_is_answered_once_as_it_was() -> None:
    async with checked(living_world([SLOW])) as here:
        ts = here.slack.say("ana", "general", "@slackbot first")
        await here.slack.until(lambda: here.bedrock.requests)
        here.slack.edit("ana", "general", ts, "@slackbot second")
        assert await here.ended(ts) == "white_check_mark"
        await all_acked(here)
        assert [reply.text for reply in here.answers(ts)] == ["One. Two."]
        assert here.model_texts(0) == ["first"]


async def test_f10_a_mention_that_is_added_by_an_edit_is_answered() -> None:
    async with checked(living_world([says("Ben is.")])) as here:
        ts = here.slack.say("ana", "general", "who is on call?")
        await all_acked(here)
        assert here.reactions(ts) == {}
        here.slack.edit("ana", "general", ts, "@slackbot who is on call?")
        assert await here.ended(ts) == "white_check_mark"
        here.slack.edit("ana", "general", ts, "@slackbot who is on call now?")
        await all_acked(here)
        assert [reply.text for reply in here.answers(ts)] == ["Ben is."]
