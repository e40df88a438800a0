"""What people see when something goes wrong around the bot, end to end over real sockets."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from kit.fake_bedrock import last_text
from kit.leaks import nothing_left_behind
from kit.scripted_model import MidStreamError, Refusal, Request, Round, ScriptedCall, says
from kit.world import END_MARKS, World, bot_in, living_world, world
from localslack import DeliveryRules
from slackbot.agent.loop import CUT, CUT_TOOLS
from slackbot.config import load_settings
from slackbot.errors import (
    DeadlineExceeded,
    GuardrailIntervened,
    Interrupted,
    ModelBusy,
    ModelError,
    ModelFiltered,
    ModelStreamCut,
)
from slackbot.main import create_app
from slackbot.slack import socket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from localslack import Message

pytestmark = pytest.mark.usefixtures("unmeasured")

GENERAL = "general"


def finals(here: World, root: str, question: str, channel: str = GENERAL) -> list[Message]:
    """Return the final messages that answer a question."""
    return [
        message
        for message in here.answers(root, channel)
        if message.metadata
        and message.metadata["event_type"] == "slackbot_answer"
        and message.metadata["event_payload"]["source_ts"] == question
    ]


async def settled(here: World, root: str, *questions: str, channel: str = GENERAL) -> list[str]:
    """Wait until each question has its end; return the end marks.

    Each has one end mark and one final answer; no status and no open stream is left.
    """
    marks = [await here.ended(ts, channel) for ts in questions]
    slack = here.slack
    await slack.until(lambda: not slack.workspace.status(channel, root, slack.clock()))
    for ts in questions:
        assert len(END_MARKS & here.reactions(ts, channel).keys()) == 1
        assert len(finals(here, root, ts, channel)) == 1
    streams = [message.stream for message in here.answers(root, channel) if message.stream]
    assert not any(stream.open for stream in streams)
    return marks


async def all_acked(here: World) -> None:
    """Wait until the bot has taken in every event."""
    await here.slack.until(lambda: all(event.acked for event in here.slack.deliveries))


def echo(request: Request) -> Round:
    """Say what was asked last."""
    text = last_text(request)
    return Round(text=["You asked this: ", text], first_piece_after=0.01)


# Many at once


async def test_many_threads_and_many_questions_in_one_thread_all_end_once_and_in_order() -> None:
    async with nothing_left_behind(), living_world(echo, MAX_CONCURRENT_RUNS="4") as here:
        roots = [here.slack.say("ana", GENERAL, f"@slackbot n{number}") for number in range(40)]
        busy = here.slack.say("ben", GENERAL, "@slackbot q0")
        others = [
            here.slack.say("ben", GENERAL, f"@slackbot q{number}", thread_ts=busy)
            for number in range(1, 10)
        ]
        await settled(here, busy, busy, *others)
        asked = [reply.text.splitlines()[-1] for reply in here.answers(busy)]
        assert asked == [f"You asked this: q{number}" for number in range(10)]
        for number, root in enumerate(roots):
            await settled(here, root, root)
            assert [reply.text for reply in here.answers(root)] == [f"You asked this: n{number}"]
        assert len(here.bedrock.requests) == 50


async def test_a_thousand_messages_that_are_for_others_cost_nothing() -> None:
    async with living_world([says("Yes.")]) as here:
        calls = len(here.slack.calls)
        root = here.slack.say("ana", GENERAL, "lunch?")
        for number in range(1000):
            here.slack.say("ben", GENERAL, "sure", thread_ts=root if number % 2 else None)
        await all_acked(here)
        assert len(here.slack.calls) == calls
        assert (await here.ask("@slackbot are you there?")).answer == "Yes."


# The socket


PACED = Round(text=["One. ", "Two. ", "Three."], piece_every=0.15)


@pytest.mark.parametrize("reason", [None, "refresh_requested"])
async def test_a_socket_that_goes_in_mid_answer_changes_nothing(
    reason: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "PING_SECONDS", 0.3)
    async with nothing_left_behind(), living_world([PACED, says("Back.")]) as here:
        ts = here.slack.say("ana", GENERAL, "@slackbot hi")
        await here.slack.until(lambda: here.answers(ts))
        here.slack.drop_sockets(reason)
        await here.slack.until(lambda: not here.slack.connections)
        await settled(here, ts, ts)
        await here.slack.until(lambda: here.slack.connections)
        assert (await here.ask("@slackbot back?")).answer == "Back."


@pytest.mark.parametrize(
    "fault", [{"http_status": 500}, {"reset_before_effect": True}, {"error": "internal_error"}]
)
async def test_a_start_outlasts_a_slack_that_is_out_of_reach(
    fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "FIRST_PAUSE", 0.1)
    async with nothing_left_behind(), world([says("Here.")]) as here:
        here.slack.faults.next("apps.connections.open", times=3, **fault)
        async with bot_in(here):
            assert (await here.ask("@slackbot hi")).answer == "Here."


@pytest.mark.parametrize("order", ["app_mention_first", "message_first"])
async def test_twins_and_redeliveries_after_the_end_are_answered_once(order: Any) -> None:
    rules = DeliveryRules(mention_order=order)
    async with living_world(echo, rules=rules) as here:
        first = await here.ask("@slackbot one")
        here.slack.redeliver(first.ts)
        second = await here.ask("@slackbot two", thread_ts=first.ts)
        here.slack.redeliver(first.ts)
        here.slack.redeliver(second.ts)
        await all_acked(here)
        await settled(here, first.ts, first.ts, second.ts)
        assert len(here.bedrock.requests) == 2


async def test_what_was_deleted_or_edited_does_not_come_back_with_a_late_delivery() -> None:
    async with living_world([says("Yes."), says("Blue.")]) as here:
        first = await here.ask("@slackbot remember a colour?")
        aside = here.slack.say("ana", GENERAL, "@ben it is red", thread_ts=first.ts)
        gone = here.slack.say("ana", GENERAL, "@ben it is green", thread_ts=first.ts)
        await all_acked(here)
        first_told = [sent.event for sent in here.slack.deliveries][-2:]
        here.slack.edit("ana", GENERAL, aside, "@ben it is blue")
        here.slack.delete("ana", GENERAL, gone)
        await all_acked(here)
        for event in first_told:
            here.slack.deliver(here.app, event)
        await all_acked(here)
        await here.ask("@slackbot which colour?", thread_ts=first.ts)
        assert here.model_texts()[-1] == "@ben it is blue\nwhich colour?"


# Slack's methods


FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"rate_limited": 0.2},
    "broken": {"http_status": 500},
    "reset_before": {"reset_before_effect": True},
    "reset_after": {"reset_after_effect": True},
    "no_right": {"error": "missing_scope"},
}
METHODS = (
    "reactions.add", "assistant.threads.setStatus", "chat.startStream", "chat.appendStream",
    "chat.stopStream", "conversations.replies", "users.info",
)  # fmt: skip
GROWING = Round(text=["It is here. ", *(f"Word{n} " for n in range(10)), "End."], piece_every=0.09)


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_method_of_slack_may_fail_once(fault: str) -> None:
    async with nothing_left_behind(), living_world(lambda _: GROWING) as here:
        asked = {}
        for method in METHODS:
            if (method, fault) == ("chat.stopStream", "no_right"):
                continue  # nothing else ends a stream
            here.slack.faults.next(method, **FAULTS[fault])
            root = here.slack.say("ben", GENERAL, f"{method} is down")
            asked[root] = here.slack.say("ana", GENERAL, "@slackbot why?", thread_ts=root)
        for root, ts in asked.items():
            assert await settled(here, root, ts) == ["white_check_mark"]
            shown = "".join(reply.body for reply in here.answers(root))
            assert shown == "".join(GROWING.text)


async def test_a_channel_that_closes_in_mid_answer_ends_the_run() -> None:
    with capture_logs() as logs:
        async with nothing_left_behind(), living_world([PACED, says("Here.")]) as here:
            closing = here.slack.workspace.add_channel("closing", ["ana", "slackbot"]).id
            ts = here.slack.say("ana", closing, "@slackbot hi")
            await here.slack.until(lambda: here.answers(ts, closing))
            here.slack.workspace.archive(closing)
            assert (await here.ask("@slackbot hi")).answer == "Here."
    assert sorted(log["outcome"] for log in logs if "outcome" in log) == [
        "answered", "undeliverable",
    ]  # fmt: skip
    assert here.answers(ts, closing)[0].text.startswith("One.")


@pytest.mark.parametrize(("replied", "outcome"), [(False, "undeliverable"), (True, "answered")])
async def test_a_question_that_is_deleted_in_mid_answer_ends_the_run(
    replied: bool, outcome: str
) -> None:
    slow = Round(text=["One. ", "Two."], first_piece_after=0.2)
    with capture_logs() as logs:
        async with nothing_left_behind(), living_world([slow]) as here:
            ts = here.slack.say("ana", GENERAL, "@slackbot hi")
            await here.slack.until(lambda: "eyes" in here.reactions(ts))
            if replied:
                here.slack.say("ben", GENERAL, "me too", thread_ts=ts)
            here.slack.delete("ana", GENERAL, ts)
    assert [log["outcome"] for log in logs if "outcome" in log] == [outcome]


async def test_a_root_that_was_deleted_is_forgotten() -> None:
    async with living_world([says("Yes."), says("Nothing.")]) as here:
        first = await here.ask("@slackbot my password is canary")
        here.slack.delete("ana", GENERAL, first.ts)
        await all_acked(here)
        await here.ask("@slackbot what did I say?", thread_ts=first.ts)
        assert "canary" not in str(here.bedrock.requests[-1])
        assert "deleted" not in str(here.bedrock.requests[-1]["messages"])


# The model

CALL = ScriptedCall("search_confluence", '{"keywords": "x"}')
LOOP = Round(tool_calls=[CALL])
TALK = ["First stop the worker. ", "Then wait. "]


@pytest.mark.parametrize(
    ("rounds", "mark", "shown"),
    [
        ([Refusal(code="ThrottlingException")] * 4, "x", ModelBusy.sentence),
        ([Round(ending="cut")] * 4, "x", ModelStreamCut.sentence),
        ([Round(text=TALK, ending="reset")], "white_check_mark", ModelStreamCut.sentence),
        (
            [Round(text=TALK, ending=MidStreamError("throttlingException"))],
            "white_check_mark",
            ModelStreamCut.sentence,
        ),
        ([Round()] * 2, "x", ModelError.sentence),
        ([Round(text=["  "])] * 2, "x", ModelError.sentence),
        ([Round(text=["\u200b"])] * 2, "x", ModelError.sentence),
        ([Round(text=TALK, stop_reason="max_tokens")], "white_check_mark", CUT.strip(" \n_")),
        ([Round(text=TALK, stop_reason="filtered")], "white_check_mark", ModelFiltered.sentence),
        ([Round(stop_reason="guardrail")], "x", GuardrailIntervened.sentence),
        ([LOOP] * 14, "x", ModelError.sentence),
        ([Round(tool_calls=[ScriptedCall("x", "{")]), says("Yes.")], "white_check_mark", "Yes."),
        (
            [Round(tool_calls=[ScriptedCall("read_confluence_page", "[1]")]), says("Yes.")],
            "white_check_mark",
            "Yes.",
        ),
        (
            [Round(text=TALK, tool_calls=[CALL]), says("It is done.")],
            "white_check_mark",
            "\n\nIt is done.",
        ),
        (
            [*[LOOP] * 4, Round(text=TALK, tool_calls=[CALL])],
            "white_check_mark",
            CUT_TOOLS.strip(" \n_"),
        ),
        ([*[LOOP] * 5, says("As far as I see.")], "white_check_mark", "As far as I see."),
    ],
)
async def test_whatever_the_model_does_there_is_an_end(
    rounds: list[Any], mark: str, shown: str
) -> None:
    async with nothing_left_behind(), living_world(rounds) as here:
        ts = here.slack.say("ana", GENERAL, "@slackbot how?")
        assert await settled(here, ts, ts) == [mark]
        assert shown in here.answers(ts)[-1].body


async def test_a_model_that_hangs_is_given_up_and_what_it_said_is_kept() -> None:
    hang = Round(text=TALK, ending="hang")
    async with (
        nothing_left_behind(),
        living_world([hang], RUN_DEADLINE_SECONDS="2") as here,  # a model may be silent for half
    ):
        asked = await here.ask("@slackbot how?")
        assert asked.mark == "white_check_mark"
        assert asked.answer.startswith("First stop the worker. Then wait.")
        assert ModelBusy.sentence in asked.answer
        await here.bedrock.idle()


async def test_a_model_that_talks_on_is_cut_off_and_what_it_said_is_kept() -> None:
    talk = Round(text=TALK * 50, piece_every=0.05)
    async with living_world([talk], RUN_DEADLINE_SECONDS="0.5") as here:
        asked = await here.ask("@slackbot how?")
        assert asked.mark == "white_check_mark"
        assert asked.answer.startswith("First stop the worker. Then wait.")
        assert DeadlineExceeded.sentence in asked.answer


@pytest.mark.parametrize("stop_reason", ["max_tokens", None])
async def test_last_words_do_not_stand_in_a_block_of_code(stop_reason: Any) -> None:
    code = ["Run this:\n", "```sh\n", "payctl rollback\n", "payctl st"]
    cut = Round(text=code, stop_reason=stop_reason, ending="complete" if stop_reason else "cut")
    async with living_world([cut]) as here:
        asked = await here.ask("@slackbot how?")
        (reply,) = here.answers(asked.ts)
        assert reply.body.startswith("Run this:\n```sh\npayctl rollback\npayctl st\n```\n\n")
        assert reply.body.count("```") == 2


# Long answers


async def test_a_long_answer_arrives_whole_and_in_order() -> None:
    sections = [
        f"## Part {n}\n\n{'Some words and more. ' * 30}\n\n```sh\n"
        + "\n".join(f"step {n} {line}" for line in range(20))
        + f"\n```\n\n| a | b |\n|---|---|\n| {n} | é👩‍👩‍👧 |\n\n"
        for n in range(36)
    ]
    text = "".join(sections)
    assert len(text) > 30_000
    long = Round(text=[text[at : at + 400] for at in range(0, len(text), 400)])
    async with nothing_left_behind(), living_world([long]) as here:
        ts = here.slack.say("ana", GENERAL, "@slackbot tell me all")
        await settled(here, ts, ts)
        parts = [reply.body for reply in here.answers(ts)]
        assert len(parts) >= 3
        assert all(part.count("```") % 2 == 0 for part in parts)
        assert "".join(parts).split() == text.split()


async def test_a_line_without_a_blank_is_cut_between_letters() -> None:
    family = "👩‍👩‍👧"
    text = "So it is. x" + family * 3_000
    async with living_world([Round(text=[text])]) as here:
        ts = here.slack.say("ana", GENERAL, "@slackbot tell me")
        await settled(here, ts, ts)
        first, *others = [reply.body for reply in here.answers(ts)]
        assert first + "".join(others) == text
        assert others
        assert all(part.removeprefix("x").startswith(family) for part in others)


# What is said to the bot


async def test_the_bot_is_spoken_to_in_many_forms() -> None:
    async with nothing_left_behind(), living_world(echo) as here:
        slack = here.slack
        board = slack.workspace.add_channel("board", ["ana", "slackbot"], private=True).id
        direct = slack.open_dm("ana", "slackbot").id
        root = slack.say("ana", GENERAL, "payments is down")
        before = slack.say("ana", direct, "hello")
        await here.ended(before, direct)

        async def understood(channel: str, ts: str) -> str:
            await here.ended(ts, channel)
            (reply,) = finals(here, slack.workspace.message(channel, ts).root_ts, ts, channel)
            return reply.text.removeprefix("You asked this: ")

        typed = {
            "so @slackbot what now?": "so what now?",
            "what now @slackbot": "what now",
            "@slackbot and @ben, what now?": "and @ben, what now?",
        }
        for text, plain in typed.items():
            assert await understood(GENERAL, slack.say("ana", GENERAL, text)) == plain
        with_file = slack.say("ana", GENERAL, "@slackbot see", files=["a.txt"])
        assert await understood(GENERAL, with_file) == "see"
        sent_along = slack.say("ana", GENERAL, "@slackbot so?", thread_ts=root, broadcast=True)
        assert await understood(GENERAL, sent_along) == "payments is down\nso?"
        assert await understood(board, slack.say("ana", board, "@slackbot hush")) == "hush"
        again = slack.say("ana", direct, "again", thread_ts=before)
        assert await understood(direct, again) == "again"


async def test_an_old_form_of_mention_is_one() -> None:
    async with living_world(echo) as here:
        ts = here.slack.say("ana", GENERAL, "hm")
        said = {
            "channel": here.slack.workspace.channel(GENERAL).id,
            "user": here.slack.workspace.user("ana").id,
            "ts": ts,
            "text": f"<@{here.app.user_id}|slackbot> hi",
        }
        for kind in ("app_mention", "message"):
            here.slack.deliver(here.app, {"type": kind, **said})
        await settled(here, ts, ts)
        assert here.model_texts() == ["hi"]


async def test_bots_get_no_answer() -> None:
    async with living_world([says("Yes.")]) as here:
        calls = len(here.slack.calls)
        channel, ana = here.slack.workspace.channel(GENERAL), here.slack.workspace.user("ana")
        text = f"<@{here.app.user_id}> hi"
        by_others = (
            {"bot_id": "B1", "subtype": "bot_message"},
            {"bot_id": "B1", "user": ana.id},
            {"user": here.app.user_id},
        )
        for number, author in enumerate(by_others):
            for kind in ("app_mention", "message"):
                event = {"type": kind, "channel": channel.id, "ts": f"1.{number}", "text": text}
                here.slack.deliver(here.app, {**event, **author})
        await all_acked(here)
        assert len(here.slack.calls) == calls
        assert (await here.ask("@slackbot are you there?")).answer == "Yes."


async def test_a_message_that_is_changed_after_its_answer_is_not_answered_again() -> None:
    async with living_world([says("Yes."), says("Still.")]) as here:
        asked = await here.ask("@slackbot see https://example.com/")
        message = here.slack.workspace.message(GENERAL, asked.ts)
        unfurled = replace(message, attachments=({"title": "Example"},))
        here.slack.workspace.change(unfurled, here.slack.clock())
        here.slack.edit("ana", GENERAL, asked.ts, "@slackbot is it up?")
        await all_acked(here)
        await here.ask("@slackbot sure?", thread_ts=asked.ts)
        await settled(here, asked.ts, asked.ts)
        assert here.model_texts() == ["is it up?", "Yes.", "sure?"]
        assert len(here.bedrock.requests) == 2


# The end of the bot


@asynccontextmanager
async def hasty_bot_in(here: World) -> AsyncIterator[None]:
    """Run a bot that drains for a moment only."""
    async with create_app(load_settings(here.settings, env_file=None), drain_seconds=0.1):
        yield


async def test_a_run_that_outlasts_the_drain_keeps_its_text_and_says_so() -> None:
    hang = Round(text=TALK, ending="hang")
    with capture_logs() as logs:
        async with nothing_left_behind(), world([hang], MAX_CONCURRENT_RUNS="1") as here:
            async with hasty_bot_in(here):
                ts = here.slack.say("ana", GENERAL, "@slackbot how?")
                await here.slack.until(lambda: here.answers(ts))
                waiting = here.slack.say("ben", GENERAL, "@slackbot and I?")
                await here.slack.until(lambda: "eyes" in here.reactions(waiting))
            assert await settled(here, ts, ts) == ["white_check_mark"]
            assert await settled(here, waiting, waiting) == ["x"]
            text = here.answers(ts)[0].text
            assert text.startswith("First stop the worker. Then wait.")
            assert Interrupted.sentence in text
            assert here.answers(waiting)[0].text.startswith(Interrupted.sentence)
    ends = [log["outcome"] for log in logs if log["event"] == "mention.answered"]
    assert ends == ["interrupted", "interrupted"]
