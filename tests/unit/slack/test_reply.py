"""One reply, as the thread shows it: over real sockets, against a local Slack."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from slackbot.conversation import Notice, Outcome
from slackbot.errors import DeliveryError, Undeliverable
from slackbot.messages import KnowledgeResult
from slackbot.slack.api.priorities import FINAL_TEXT_SECONDS
from slackbot.slack.delivery import progress
from slackbot.slack.delivery.progress import PUMP, WRITING
from slackbot.slack.reply import SlackReply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from kit.sleeps import Clock, Sleeps
    from localslack import LocalSlack, Message, Workspace
    from slackbot.conversation import Incoming
    from slackbot.slack.delivery.deliveries import Deliveries
    from slackbot.slack.events import BotIdentity
    from slackbot.slack.gateway import SlackGateway

URL = "https://docs.example.com/1"
LINKS = frozenset({URL})
SOURCE = KnowledgeResult(
    title="Rolling back", content="", url=URL, source="Confluence", relevance_score=1.0
)


@pytest.fixture
async def reply(
    gateway: SlackGateway,
    question: Incoming,
    bot: BotIdentity,
    sleeps: Sleeps,
    deliveries: Deliveries,
) -> AsyncIterator[SlackReply]:
    reply = SlackReply(gateway, question, bot, deliveries, flush_interval=0.01, sleep=sleeps)
    yield reply
    await reply.close()
    await deliveries.drain(1)
    assert pumps() == []


@pytest.fixture
def thread(workspace: Workspace, question: Incoming) -> Thread:
    return Thread(workspace, question)


class Thread:
    """What people see beneath the question."""

    def __init__(self, workspace: Workspace, question: Incoming) -> None:
        self._workspace = workspace
        self._question = question

    @property
    def answers(self) -> Sequence[Message]:
        return self._workspace.thread(self._question.channel, self._question.ts)[1:]

    @property
    def texts(self) -> list[str]:
        return [message.body for message in self.answers]

    @property
    def marks(self) -> list[str]:
        room = self._workspace.room(self._question.channel)
        return list(room.reactions(self._question.ts))

    def status(self, now: float) -> str:
        return self._workspace.status(self._question.channel, self._question.ts, now)


def pumps() -> list[asyncio.Task[object]]:
    return [task for task in asyncio.all_tasks() if task.get_name() == PUMP]


def methods(slack: LocalSlack) -> list[str]:
    return [call.method for call in slack.calls]


def called(slack: LocalSlack, method: str, times: int = 1) -> bool:
    return methods(slack).count(method) >= times


def answered(text: str, *sources: KnowledgeResult) -> Outcome:
    return Outcome("answered", text, LINKS, sources)


async def test_an_answer_is_marked_streamed_and_marked_again(
    reply: SlackReply,
    slack: LocalSlack,
    thread: Thread,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    await reply.acknowledge()
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    await reply.write("Use [the page](https://docs.example.com/1) ", LINKS)
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.write("and `make`. ", LINKS)
    await slack.until(lambda: called(slack, "chat.appendStream"))
    text = "Use [the page](https://docs.example.com/1) and `make`. Done."
    said = await reply.end(answered(text, SOURCE))
    await deliveries.drain(1)
    [message] = thread.answers
    assert message.body == (f"{text}\n\n**Sources**  \n[1] [Rolling back]({URL}) · Confluence")
    assert message.metadata == {
        "event_type": "slackbot_answer",
        "event_payload": {"source_ts": question.ts, "state": "answered"},
    }
    assert (said.ts, said.speaker, said.text) == (message.ts, bot.user_id, text)
    assert (said.by_bot, said.answers, said.links) == (True, question.ts, frozenset(LINKS))
    assert thread.marks == ["eyes", "white_check_mark"]
    assert thread.status(slack.clock()) == ""
    assert sorted(methods(slack)) == [
        "assistant.threads.setStatus", "assistant.threads.setStatus",
        "chat.appendStream", "chat.startStream", "chat.stopStream",
        "reactions.add", "reactions.add",
    ]  # fmt: skip
    assert reply.tally.calls == 7


async def test_calls_grow_with_time_and_not_with_pieces(
    gateway: SlackGateway,
    slack: LocalSlack,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    reply = SlackReply(gateway, question, bot, deliveries)
    await reply.acknowledge()
    await reply.status("is thinking…")
    for _ in range(150):
        await reply.write("word ", ())
        await asyncio.sleep(0.01)
    await reply.end(answered("word " * 150))
    assert len(slack.calls) <= 9


async def test_an_answer_that_was_not_streamed_is_posted(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.end(answered("All of it."))
    await deliveries.drain(1)
    assert thread.texts == ["All of it."]
    assert thread.marks == ["white_check_mark"]
    assert methods(slack) == ["chat.postMessage", "reactions.add"]


async def test_a_failure_says_so_with_a_cross(
    reply: SlackReply, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.end(Outcome("failed", "Sorry. (Reference: abc)"))
    await deliveries.drain(1)
    assert thread.texts == ["Sorry. (Reference: abc)"]
    assert thread.marks == ["x"]
    assert thread.answers[0].metadata is not None
    assert thread.answers[0].metadata["event_payload"]["state"] == "failed"


async def test_a_partial_answer_keeps_its_text(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.write("The first half ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(Outcome("partial", "The first half \n\nIt broke off."))
    await deliveries.drain(1)
    assert thread.texts == ["The first half \n\nIt broke off."]
    assert thread.marks == ["white_check_mark"]


async def test_nothing_that_people_see_on_the_way_is_live_or_notifies(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.status("looks at <!channel> https://evil.com")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    assert "<!" not in slack.calls[-1].arguments["status"]
    await reply.write("@chan", ())
    await reply.write("nel [x](https://ev", ())
    await reply.write("il.com) end ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(answered("@channel [x](https://evil.com) end "))
    assert thread.texts == ["＠channel x `https://evil.com` end "]


async def test_an_older_status_gives_way_to_text(reply: SlackReply, slack: LocalSlack) -> None:
    await reply.status("is thinking…")
    await reply.write("Here ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    assert methods(slack) == ["chat.startStream"]


async def test_what_is_over_in_a_blink_is_not_shown(
    reply: SlackReply, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls for it would take time from the work itself, and the words would flicker."""
    monkeypatch.setattr(progress, "STATUS_GRACE_SECONDS", 0.2)
    await reply.status("looks something up…")
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    assert [call.arguments["status"] for call in slack.calls] == ["is thinking…"]


async def test_a_status_that_the_end_overtakes_is_never_set(
    reply: SlackReply, slack: LocalSlack
) -> None:
    await reply.status("is thinking…")
    await reply.end(answered("Done."))
    await asyncio.sleep(2 * progress.STATUS_GRACE_SECONDS)
    assert not called(slack, "assistant.threads.setStatus")


async def test_a_status_is_set_again_before_slack_takes_it_away(
    gateway: SlackGateway,
    slack: LocalSlack,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    reply = SlackReply(
        gateway, question, bot, deliveries, flush_interval=0.01, status_interval=0.02
    )
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus", 3))
    await reply.close()
    assert {call.arguments["status"] for call in slack.calls} == {"is thinking…"}


async def test_trouble_with_progress_is_nobodys_but_ours(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("reactions.add", error="internal_error")
    slack.faults.next("assistant.threads.setStatus", error="internal_error", times=None)
    slack.faults.next("chat.startStream", rate_limited=30)
    await reply.acknowledge()
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.write("three ", ())
    await reply.end(answered("One two three"))
    assert thread.texts == ["One two three"]
    assert called(slack, "chat.postMessage")


async def test_a_throttled_append_is_made_up_for(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.appendStream", rate_limited=0.05)
    await reply.write("two ", ())
    await slack.until(lambda: called(slack, "chat.appendStream", 2))
    await reply.end(answered("one two three"))
    assert thread.texts == ["one two three"]
    assert methods(slack).count("chat.appendStream") == 2


@pytest.mark.parametrize("code", ["message_not_in_streaming_state", "streaming_state_conflict"])
async def test_a_stream_that_died_is_completed(
    reply: SlackReply, slack: LocalSlack, thread: Thread, code: str
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.appendStream", error=code)
    slack.faults.next("chat.update", error=code)
    await reply.write("two ", ())
    await slack.until(lambda: called(slack, "chat.appendStream"))
    slack.faults.next("chat.stopStream", error=code)
    await reply.end(answered("one two three"))
    assert "".join(thread.texts) == "one two three"
    assert thread.answers[-1].metadata is not None


async def test_an_expired_stream_is_completed_in_place(
    reply: SlackReply, slack: LocalSlack, thread: Thread, clock: Clock
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    clock.ahead = 600  # a stream ends after five minutes
    await reply.write("two ", ())
    await slack.until(lambda: called(slack, "chat.appendStream"))
    await reply.end(answered("one two three"))
    assert thread.texts == ["one two three"]
    assert thread.answers[0].metadata is not None


async def test_code_that_was_open_when_a_stream_died_goes_on_as_code(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("```py\none\n", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="message_not_in_streaming_state")
    slack.faults.next("chat.update", error="message_not_found")
    await reply.end(answered("```py\none\ntwo\n```"))
    assert thread.texts == ["```py\none\n", "```py\ntwo\n```"]


async def test_a_stream_that_already_said_everything_needs_no_more(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("one two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="message_not_in_streaming_state")
    slack.faults.next("chat.update", error="message_not_found")
    said = await reply.end(answered("one two "))
    assert thread.texts == ["one two "]
    assert said.ts == thread.answers[0].ts


async def test_text_that_turned_out_otherwise_replaces_what_was_shown(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("I think that ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(answered("Something else"))
    assert thread.texts == ["Something else"]
    assert not thread.answers[0].is_streaming(slack.clock())


@pytest.mark.parametrize("conflicts", [1, 3])
async def test_a_stream_that_cannot_be_replaced_yet_is_closed_later(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries, conflicts: int
) -> None:
    await reply.write("I think that ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="streaming_state_conflict", times=conflicts)
    await reply.end(answered("Something else"))
    await deliveries.drain(1)
    assert thread.texts[-1] == "Something else"
    assert not thread.answers[0].is_streaming(slack.clock())


async def test_a_channel_that_closes_before_a_stream_is_replaced_is_undeliverable(
    reply: SlackReply, slack: LocalSlack
) -> None:
    await reply.write("I think that ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="is_archived", times=2)
    with pytest.raises(Undeliverable, match="is_archived"):
        await reply.end(answered("Something else"))


async def test_text_that_turned_out_otherwise_is_posted_if_it_cannot_replace(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("I think that ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.update", error="cant_update_message")
    await reply.end(answered("Something else"))
    assert thread.texts == ["I think that ", "Something else"]


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_a_connection_that_broke_doubles_nothing(
    reply: SlackReply, slack: LocalSlack, thread: Thread, method: str, deliveries: Deliveries
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next(method, reset_after_effect=True)
    await reply.write("two ", ())
    await slack.until(lambda: called(slack, "chat.appendStream"))
    await reply.end(answered("one two three"))
    await deliveries.drain(1)
    assert thread.texts == ["one two three"]
    assert thread.marks == ["white_check_mark"]


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_stream_that_may_have_begun_is_looked_for(
    reply: SlackReply, slack: LocalSlack, thread: Thread, took_effect: bool
) -> None:
    slack.faults.next(
        "chat.startStream", reset_after_effect=took_effect, reset_before_effect=not took_effect
    )
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(answered("one two"))
    assert thread.texts == ["one two"]
    assert not thread.answers[0].is_streaming(slack.clock())


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_post_that_may_have_been_made_is_looked_for(
    reply: SlackReply, slack: LocalSlack, thread: Thread, sleeps: Sleeps, took_effect: bool
) -> None:
    slack.faults.next(
        "chat.postMessage", reset_after_effect=took_effect, reset_before_effect=not took_effect
    )
    said = await reply.end(answered("one two"))
    assert thread.texts == ["one two"]
    assert said.ts == thread.answers[0].ts
    assert 1.0 <= sum(sleeps.seconds) <= 1.5


async def test_posting_is_given_up_after_a_quarter_of_an_hour(
    reply: SlackReply, slack: LocalSlack, thread: Thread, sleeps: Sleeps, deliveries: Deliveries
) -> None:
    slack.faults.next("chat.postMessage", http_status=503, times=None)
    with pytest.raises(DeliveryError, match="http_503"):
        await reply.end(answered("one two"))
    await deliveries.drain(1)
    assert FINAL_TEXT_SECONDS - 60 < sum(sleeps.seconds) <= FINAL_TEXT_SECONDS
    assert thread.marks == ["x"]


async def test_a_final_text_that_hangs_is_given_up_in_time(
    reply: SlackReply, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slackbot.slack.delivery.final.FINAL_TEXT_SECONDS", 0.05)
    slack.faults.next("chat.postMessage", delay=1.0)
    with pytest.raises(DeliveryError, match="in time"):
        await reply.end(answered("one two"))


# What Slack cannot show as it is


TABLE = "| a | b |\n|---|---|\n" + "".join(f"| {row} | x |\n" for row in range(900))
CODE = "```py\n" + "".join(f"line {row}\n" for row in range(900)) + "```"


@pytest.mark.parametrize("code", ["msg_too_long", "invalid_blocks", "msg_blocks_too_long"])
@pytest.mark.parametrize("text", [TABLE, CODE], ids=["table", "code"])
async def test_what_is_too_much_for_slack_is_posted_in_smaller_messages(
    reply: SlackReply, slack: LocalSlack, thread: Thread, code: str, text: str
) -> None:
    slack.faults.next("chat.postMessage", error=code, times=2)
    await reply.end(answered(text))
    assert len(thread.texts) > 2
    assert all(shown.startswith(text[:6]) for shown in thread.texts)
    head = set(text.splitlines()[:2])
    lines = [line for shown in thread.texts for line in shown.splitlines() if line not in head]
    expected = [line for line in text.splitlines() if line not in head]
    assert [line for line in lines if line != "```"] == [line for line in expected if line != "```"]
    states = [message.metadata["event_type"] for message in thread.answers if message.metadata]
    assert states == ["slackbot_answer_part"] * (len(states) - 1) + ["slackbot_answer"]


async def test_what_slack_never_shows_formatted_is_shown_plain(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("chat.postMessage", error="invalid_blocks")
    await reply.end(answered("**one** two"))
    assert thread.texts == ["**one** two"]
    *_, last = [call for call in slack.calls if call.method == "chat.postMessage"]
    assert "markdown_text" not in last.arguments


async def test_what_slack_does_not_even_show_plain_is_a_failure(
    reply: SlackReply, slack: LocalSlack
) -> None:
    slack.faults.next("chat.postMessage", error="invalid_blocks", times=None)
    with pytest.raises(DeliveryError, match="invalid_blocks"):
        await reply.end(answered("one two"))
    assert called(slack, "chat.postMessage", 2)


async def test_a_rest_that_is_too_much_for_the_stream_follows_it(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="msg_too_long")
    await reply.end(answered("one two"))
    await deliveries.drain(1)
    assert thread.texts == ["one ", "two"]
    assert not thread.answers[0].is_streaming(slack.clock())


async def test_a_replacement_that_is_too_much_is_divided(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("I think ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.update", error="msg_too_long")
    await reply.end(answered("word " * 2_000))
    assert "".join(thread.texts) == "word " * 2_000
    assert len(thread.texts) == 3


# When Slack has no time


async def test_without_room_for_a_stream_the_status_tells_and_the_answer_is_posted(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    slack.faults.next("chat.startStream", rate_limited=30)
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    assert thread.status(slack.clock()) == WRITING
    await reply.write("three ", ())
    await reply.end(answered("One two three"))
    await deliveries.drain(1)
    assert (thread.texts, thread.marks) == (["One two three"], ["white_check_mark"])
    assert not called(slack, "chat.startStream", 2)
    assert thread.status(slack.clock()) == ""


async def test_a_status_that_was_never_shown_is_not_cleared(
    reply: SlackReply, slack: LocalSlack, deliveries: Deliveries
) -> None:
    slack.faults.next("assistant.threads.setStatus", rate_limited=30)
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    await reply.end(answered("One."))
    await deliveries.drain(1)
    assert not called(slack, "assistant.threads.setStatus", 2)


async def test_an_end_waits_for_no_mark(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    slack.faults.next("reactions.add", delay=0.3, times=2)
    await reply.acknowledge()
    async with asyncio.timeout(0.25):
        await reply.end(answered("One."))
    assert thread.texts == ["One."]
    await deliveries.drain(2)
    assert sorted(thread.marks) == ["eyes", "white_check_mark"]


async def test_what_cannot_be_sent_before_the_end_is_given_up(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    slack.faults.next("reactions.add", delay=5.0)
    await reply.end(answered("One."))
    async with asyncio.timeout(1):
        await deliveries.drain(0.05)
    assert thread.texts == ["One."]


async def test_a_stream_that_nobody_ends_is_closed(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.close()
    await deliveries.drain(1)
    assert thread.texts == ["One two "]
    assert not thread.answers[0].is_streaming(slack.clock())
    assert thread.status(slack.clock()) == ""


# Messages that are refused


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_refusal_is_a_mark_and_words_that_only_the_asker_sees(
    gateway: SlackGateway,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
    slack: LocalSlack,
    thread: Thread,
    in_thread: bool,
) -> None:
    asked = question
    if in_thread:
        ts = slack.say("ana", question.channel, "@slackbot and then?", thread_ts=question.ts)
        asked = replace(question, ts=ts)
    reply = SlackReply(gateway, asked, bot, deliveries)
    await reply.refuse(Notice(lambda: "Please try again in 23 seconds.", unexpected))
    await reply.close()
    await deliveries.drain(1)
    (told,) = [call.arguments for call in slack.calls if call.method == "chat.postEphemeral"]
    assert (told["user"], told["text"]) == (asked.asker, "Please try again in 23 seconds.")
    assert told.get("thread_ts") == (question.ts if in_thread else None)
    assert list(slack.workspace.room(asked.channel).reactions(asked.ts)) == ["no_entry_sign"]
    assert [message for message in thread.answers if message.bot_id] == []


def unexpected() -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "losses"), [("ratelimited", 1), ("fatal_error", 1), ("user_not_in_channel", 0)]
)
async def test_words_that_slack_did_not_take_are_lost_unless_it_never_will(
    error: str,
    losses: int,
    reply: SlackReply,
    slack: LocalSlack,
    deliveries: Deliveries,
) -> None:
    lost: list[None] = []
    slack.faults.next("chat.postEphemeral", error=error, times=None)
    await reply.refuse(Notice(lambda: "Please ask again.", lambda: lost.append(None)))
    await deliveries.drain(1)
    assert len(lost) == losses


async def test_a_refusal_without_words_is_a_mark(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.refuse(None)
    await deliveries.drain(1)
    assert thread.marks == ["no_entry_sign"]
    assert methods(slack) == ["reactions.add"]


# Attempts that are broken off, and the next ones


async def test_a_reply_that_is_suspended_says_so_and_has_no_end_mark(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.suspend("_Back soon._")
    await reply.close()
    await deliveries.drain(1)
    assert (thread.texts, thread.marks) == (["One two \n\n_Back soon._"], [])
    assert methods(slack).count("chat.stopStream") == 1


async def test_a_reply_that_is_withdrawn_leaves_nothing(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.withdraw()
    assert (thread.texts, thread.marks) == ([], [])


async def test_a_reply_that_is_withdrawn_takes_back_a_stream_of_which_slack_said_nothing(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("chat.startStream", reset_after_effect=True)
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.withdraw()
    assert (thread.texts, thread.marks) == ([], [])


async def test_a_reply_that_is_withdrawn_where_nothing_can_be_read_any_more_just_ends(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("chat.startStream", reset_before_effect=True)
    slack.faults.next("conversations.replies", error="channel_not_found", times=None)
    await reply.write("One two ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.withdraw()
    assert thread.texts == []


@pytest.mark.parametrize(("again", "mark"), [(True, "repeat"), (False, "eyes")])
async def test_a_reply_that_is_resumed_is_marked_and_takes_back_what_was_said(
    gateway: SlackGateway,
    reply: SlackReply,
    question: Incoming,
    thread: Thread,
    again: bool,
    mark: str,
) -> None:
    leftover = await gateway.post(question.channel, question.ts, "One two", None)
    await reply.resume([leftover, "1.0"], again=again)
    assert (thread.texts, thread.marks) == ([], [mark])


async def test_a_thread_that_cannot_be_read_does_not_lose_the_answer(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("chat.postMessage", reset_before_effect=True)
    slack.faults.next("conversations.replies", error="missing_scope")
    await reply.end(answered("One."))
    assert thread.texts == ["One."]


async def test_a_thread_that_is_gone_ends_the_delivery(
    reply: SlackReply, slack: LocalSlack
) -> None:
    slack.faults.next("chat.postMessage", reset_before_effect=True)
    slack.faults.next("conversations.replies", error="channel_not_found")
    with pytest.raises(Undeliverable, match="channel_not_found"):
        await reply.end(answered("One."))


async def test_a_channel_that_is_gone_is_undeliverable(
    reply: SlackReply, slack: LocalSlack, workspace: Workspace, question: Incoming
) -> None:
    await reply.acknowledge()
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    workspace.archive(question.channel)
    with pytest.raises(Undeliverable, match="is_archived"):
        await reply.end(answered("one two"))


async def test_a_channel_that_vanishes_before_the_update_is_undeliverable(
    reply: SlackReply, slack: LocalSlack
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.update", error="channel_not_found")
    with pytest.raises(Undeliverable, match="channel_not_found"):
        await reply.end(answered("Something else"))


async def test_a_mark_that_fails_does_not_undo_the_answer(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    slack.faults.next("reactions.add", error="too_many_reactions")
    await reply.end(answered("one two"))
    assert thread.texts == ["one two"]


async def test_a_long_answer_is_several_messages_of_which_the_last_is_the_final_one(
    reply: SlackReply, slack: LocalSlack, thread: Thread
) -> None:
    paragraphs = [f"{number} " + "word " * 100 for number in range(50)]
    text = "\n\n".join(paragraphs)
    for paragraph in paragraphs:
        await reply.write(f"{paragraph}\n\n", ())
        await asyncio.sleep(0.005)
    said = await reply.end(answered(text))
    assert "".join(thread.texts) == text
    assert len(thread.texts) == 3
    assert called(slack, "chat.startStream")
    kinds = [message.metadata["event_type"] for message in thread.answers if message.metadata]
    assert kinds == ["slackbot_answer_part", "slackbot_answer_part", "slackbot_answer"]
    assert said.ts == thread.answers[-1].ts


@pytest.mark.parametrize("took_effect", [True, False])
async def test_no_part_of_a_long_answer_comes_twice_or_not_at_all(
    reply: SlackReply, slack: LocalSlack, thread: Thread, took_effect: bool
) -> None:
    slack.faults.next(
        "chat.postMessage", reset_after_effect=took_effect, reset_before_effect=not took_effect
    )
    text = "\n\n".join(f"{number} " + "word " * 100 for number in range(60))
    await reply.end(answered(text))
    assert "".join(thread.texts) == text


async def test_a_part_of_an_earlier_answer_is_not_taken_for_the_stream(
    gateway: SlackGateway,
    slack: LocalSlack,
    question: Incoming,
    bot: BotIdentity,
    sleeps: Sleeps,
    deliveries: Deliveries,
) -> None:
    """The question was asked while the earlier answer was on its way."""
    root = slack.say("ana", "general", "@slackbot first")
    asked = slack.say("ana", "general", "@slackbot second", thread_ts=root)
    first = SlackReply(
        gateway, replace(question, ts=root, thread_ts=root), bot, deliveries, sleep=sleeps
    )
    long = "\n\n".join("word " * 100 for _ in range(40))
    await first.end(answered(long))
    second = SlackReply(
        gateway, replace(question, ts=asked, thread_ts=root), bot, deliveries, sleep=sleeps
    )
    slack.faults.next("chat.startStream", reset_before_effect=True)
    await second.write("Two. ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await second.end(answered("Two. "))
    *parts, last = slack.workspace.thread("general", root)[2:]
    assert "".join(part.body for part in parts) == long
    assert last.body == "Two. "


async def test_a_stream_that_may_not_be_ended_is_continued_in_a_message(
    reply: SlackReply, slack: LocalSlack, thread: Thread, deliveries: Deliveries
) -> None:
    slack.faults.next("chat.stopStream", error="missing_scope")
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(answered("one two"))
    await deliveries.drain(1)
    assert thread.texts == ["one ", "two"]
    assert thread.marks == ["white_check_mark"]


async def test_writing_waits_for_nobody(
    gateway: SlackGateway, question: Incoming, bot: BotIdentity, deliveries: Deliveries
) -> None:
    reply = SlackReply(gateway, replace(question, channel="C_UNKNOWN"), bot, deliveries)
    async with asyncio.timeout(0.2):
        await reply.acknowledge()
        await reply.status("x")
        for _ in range(1000):
            await reply.write("word ", ())
    await reply.close()


async def test_a_reply_that_is_given_up_leaves_no_task(
    gateway: SlackGateway,
    slack: LocalSlack,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    reply = SlackReply(gateway, question, bot, deliveries)
    await reply.status("is thinking…")
    await slack.until(lambda: called(slack, "assistant.threads.setStatus"))
    assert len(pumps()) == 1
    await reply.close()
    await reply.close()
    await deliveries.drain(1)
    assert pumps() == []


async def test_an_answer_without_anything_to_see_is_a_failure_of_delivery(
    reply: SlackReply, thread: Thread, deliveries: Deliveries
) -> None:
    with pytest.raises(DeliveryError, match="nothing to show"):
        await reply.end(answered("\u200b"))
    await deliveries.drain(1)
    assert (thread.texts, thread.marks) == ([], ["x"])


async def test_an_end_at_once_does_not_forget_the_first_mark(
    reply: SlackReply, thread: Thread, deliveries: Deliveries
) -> None:
    await reply.acknowledge()
    await reply.write("So ", ())
    await reply.end(answered("So it is."))
    await deliveries.drain(1)
    assert (thread.texts, thread.marks) == (["So it is."], ["eyes", "white_check_mark"])


async def test_a_root_by_the_bot_is_not_taken_for_the_answer(
    gateway: SlackGateway,
    slack: LocalSlack,
    workspace: Workspace,
    question: Incoming,
    bot: BotIdentity,
    deliveries: Deliveries,
) -> None:
    root = await gateway.post(question.channel, question.ts, "an older answer", None)
    ts = slack.say("ana", "general", "and now?", thread_ts=question.ts)
    again = replace(question, ts=ts)
    reply = SlackReply(gateway, again, bot, deliveries)
    slack.faults.next("chat.startStream", reset_before_effect=True)
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    await reply.end(answered("one two"))
    assert workspace.message(question.channel, root).text == "an older answer"


async def test_a_stream_in_a_channel_that_closed_cannot_be_changed_either(
    reply: SlackReply, slack: LocalSlack
) -> None:
    await reply.write("one ", ())
    await slack.until(lambda: called(slack, "chat.startStream"))
    slack.faults.next("chat.stopStream", error="not_in_channel")
    with pytest.raises(Undeliverable, match="not_in_channel"):
        await reply.end(answered("one two"))
    assert not called(slack, "chat.update")


async def test_a_channel_without_the_bot_is_undeliverable(
    reply: SlackReply, workspace: Workspace, question: Incoming
) -> None:
    workspace.leave(question.channel, "slackbot")
    with pytest.raises(Undeliverable, match="not_in_channel"):
        await reply.end(answered("one two"))
