"""The path of a question: what is answered, what is remembered, how it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import structlog
from structlog.testing import capture_logs

from kit.knowledge import RUNBOOK, Keywords, search_tool
from kit.scripted_provider import Round, ScriptedProvider, calls, fails, says
from kit.surface import BOT, Directory, KeptReply, Record
from slackbot.agent.prompt import NOTHING_TO_LOOK_UP, Prompt
from slackbot.assistant import LATE, STOPPED, SUSPENDED, Assistant
from slackbot.conversation import Amended, Incoming, Late, Outcome, Said, ThreadKey
from slackbot.errors import DeliveryError, Interrupted, ModelBusy, ModelStreamCut, SlackbotError
from slackbot.memory.recall import Recall
from slackbot.memory.store import InMemoryThreads
from slackbot.memory.window import WindowSize
from slackbot.messages import Message, ToolCall, ToolResult
from slackbot.ops.metrics import Metrics
from slackbot.runs.ledger import Ledger
from slackbot.runs.limits import RateLimits
from slackbot.runs.turns import Turns
from slackbot.thinking import Equipment, Limits, Thinker
from slackbot.tools import TypedTool
from slackbot.triage import FollowRules

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from slackbot.tools import RunContext, Tool

NOW = 1.0  # the process is as old as the first message
MENTION = Incoming(
    team="T1", channel="C1", thread_ts="1.0", ts="1.0", asker="U1", text="roll back?",
    mentions_bot=True,
)  # fmt: skip
FOLLOW_UP = replace(MENTION, ts="2.0", text="and then?", mentions_bot=False)


@dataclass
class House:
    """An assistant with everything around it in this process."""

    rounds: tuple[Round, ...] = (says("Like this."),)
    record: Record = field(default_factory=Record)
    directory: Directory = field(default_factory=Directory)
    run_seconds: float = 5.0
    resumes: bool = False
    per_minute: int = 0
    now: float = NOW
    metrics: Metrics = field(default_factory=Metrics)
    tool: Tool = field(default_factory=lambda: search_tool(RUNBOOK))

    def __post_init__(self) -> None:
        self.model = ScriptedProvider(self.rounds)
        memory = InMemoryThreads(
            max_threads=100, ttl_seconds=3600, window=WindowSize(40, 16000), clock=self._clock
        )
        thinker = Thinker(
            equipment=self._equipment,
            people=self.directory,
            prompt=Prompt(),
            limits=Limits(
                run_seconds=self.run_seconds,
                tool_seconds=1.0,
                tool_calls=12,
                context_tokens=100_000,
            ),
            clock=self._clock,
        )
        self.assistant = Assistant(
            thinker=thinker,
            memory=memory,
            recall=Recall(memory, self.record, self._clock),
            turns=Turns(8, self._clock),
            limits=RateLimits(self.per_minute, 0, clock=self._clock, wall=self._clock),
            follow=FollowRules(enabled=True, seconds=1800),
            metrics=self.metrics,
            ledger=Ledger(self.metrics, clock=self._clock),
            resumes=self.resumes,
            clock=self._clock,
            new_run_id=lambda: "r1",
        )

    def _clock(self) -> float:
        return self.now

    async def _equipment(self) -> Equipment:
        return Equipment(self.model, {"search_docs": self.tool})

    async def hear(
        self,
        incoming: Incoming,
        end_error: Exception | None = None,
        resume_error: Exception | None = None,
    ) -> KeptReply:
        reply = KeptReply(incoming, end_error=end_error, resume_error=resume_error)
        await self.assistant.hear(incoming, reply)
        return reply

    def asked(self, request: int = -1) -> tuple[Message, ...]:
        return self.model.requests[request].messages


async def test_a_mention_is_acknowledged_answered_and_ended() -> None:
    reply = await House().hear(MENTION)
    assert reply.log == ["acknowledged", "status: is thinking…", "writing", "answered"]
    assert reply.outcome == Outcome("answered", "Like this.")


async def test_a_tool_knows_who_asks_where_and_with_which_token() -> None:
    contexts: list[RunContext] = []

    async def search(arguments: Keywords, context: RunContext) -> ToolResult:
        contexts.append(context)
        return ToolResult("")

    house = House((calls(ToolCall("c1", "search_docs", {"keywords": "x"})), says("So.")))
    house.tool = TypedTool("search_docs", "Search.", Keywords, search)
    await house.hear(replace(MENTION, action_token="secret-token"))
    (context,) = contexts
    assert (context.asker, context.channel, context.thread_ts) == ("U1", "C1", "1.0")
    assert context.action_token == "secret-token"
    assert "secret-token" not in repr(context)


async def test_an_answer_carries_the_links_and_sources_it_rests_on() -> None:
    house = House((calls(ToolCall("c1", "search_docs", {"keywords": "x"})), says("So [1].")))
    reply = await house.hear(MENTION)
    assert reply.text == f"So [1]({RUNBOOK.url})."
    assert reply.outcome == Outcome("answered", reply.text, frozenset({RUNBOOK.url}), (RUNBOOK,))
    assert reply.links == {RUNBOOK.url}


async def test_talk_that_is_not_for_the_bot_gets_no_sign_and_costs_nothing() -> None:
    house = House()
    reply = await house.hear(replace(MENTION, mentions_bot=False))
    assert reply.log == []
    assert house.record.reads == []
    assert house.model.requests == []


async def test_twins_are_answered_once_in_either_order() -> None:
    house = House()
    silent = replace(MENTION, mentions_bot=False)
    logs = [(await house.hear(twin)).log for twin in (silent, MENTION, MENTION, silent)]
    assert [bool(log) for log in logs] == [False, True, False, False]


async def test_a_follow_up_knows_what_was_said() -> None:
    house = House()
    await house.hear(MENTION)
    await house.hear(FOLLOW_UP)
    assert house.asked() == (
        Message("user", "roll back?"),
        Message("assistant", "Like this."),
        Message("user", "and then?"),
    )
    assert house.record.reads == []


@pytest.mark.parametrize(
    ("text", "tools"),
    [("thanks!", 0), ("great, that helped", 0), ("thanks, and then?", 1), ("yes please", 1)],
)
async def test_a_courtesy_after_an_answer_spends_no_search(text: str, tools: int) -> None:
    house = House()
    await house.hear(MENTION)
    await house.hear(replace(FOLLOW_UP, text=text))
    assert len(house.model.requests[-1].tools) == tools
    assert (NOTHING_TO_LOOK_UP in house.model.requests[-1].system) is (tools == 0)


async def test_a_reaction_to_what_somebody_else_said_is_left_to_the_model() -> None:
    house = House()
    await house.hear(MENTION)
    await house.hear(replace(FOLLOW_UP, asker="U2", text="try the runbook"))
    await house.hear(replace(FOLLOW_UP, ts="3.0", text="makes sense"))
    assert house.model.requests[-1].tools


async def test_following_ends_some_time_after_the_last_answer() -> None:
    house = House()
    await house.hear(MENTION)
    house.now += 1700
    assert (await house.hear(FOLLOW_UP)).log
    house.now += 1700
    assert (await house.hear(replace(FOLLOW_UP, ts="3.0"))).log
    house.now += 1801
    assert not (await house.hear(replace(FOLLOW_UP, ts="4.0"))).log


async def test_what_others_say_between_is_known_with_their_names() -> None:
    house = House(directory=Directory({"U1": "Ana", "U2": "Ben"}))
    await house.hear(MENTION)
    aside = replace(FOLLOW_UP, asker="U2", text="try the runbook")
    assert (await house.hear(aside)).log == []
    await house.hear(replace(FOLLOW_UP, ts="3.0", text="what did Ben say?"))
    assert house.asked()[-1] == Message("user", "Ben: try the runbook\nAna: what did Ben say?")


async def test_edits_and_deletions_reach_the_next_answer() -> None:
    house = House()
    await house.hear(MENTION)
    thread = ThreadKey("T1", "C1", "1.0")
    house.assistant.amend(Amended(thread, "1.0", "roll back billing?"))
    await house.hear(FOLLOW_UP)
    assert house.asked()[0] == Message("user", "roll back billing?")


async def test_a_mention_in_the_middle_of_a_thread_knows_what_came_before() -> None:
    key = ThreadKey("T1", "C1", "1.0")
    house = House(record=Record({key: [Said("1.0", "U2", "payments is down")]}))
    await house.hear(replace(MENTION, ts="2.0", text="what now?"))
    assert house.asked() == (Message("user", "U2: payments is down\nU1: what now?"),)
    await house.hear(replace(MENTION, ts="3.0"))
    assert house.record.reads == [key]


async def test_a_thread_that_cannot_be_read_is_answered_from_what_is_known() -> None:
    house = House(record=Record(error=DeliveryError("timeout")))
    reply = await house.hear(replace(MENTION, ts="2.0", text="what now?"))
    assert reply.log[-1] == "answered"
    await house.hear(replace(MENTION, ts="3.0"))
    assert len(house.record.reads) == 2


async def test_an_edited_mention_that_was_answered_before_a_restart_is_left_alone() -> None:
    key = ThreadKey("T1", "C1", "1.0")
    answer = Said("1.5", BOT, "Like this.", by_bot=True, answers="1.0", state="answered")
    house = House(record=Record({key: [Said("1.0", "U1", "roll back?"), answer]}))
    reply = await house.hear(replace(MENTION, edited=True))
    assert house.model.requests == []
    assert reply.outcome is None


async def test_a_question_from_before_the_start_may_have_been_answered() -> None:
    key = ThreadKey("T1", "C1", "0.5")
    answer = Said("0.7", BOT, "Like this.", by_bot=True, answers="0.5", state="answered")
    house = House(record=Record({key: [Said("0.5", "U1", "roll back?"), answer]}))
    with capture_logs() as logs:
        await house.hear(replace(MENTION, thread_ts="0.5", ts="0.5"))
    assert house.model.requests == []
    assert logs[-1]["outcome"] == "already_answered"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ModelBusy("throttled: secret details"), ModelBusy.sentence),
        (ZeroDivisionError("secret details"), SlackbotError.sentence),
    ],
)
async def test_a_failure_ends_in_a_fixed_sentence_with_a_reference(
    error: Exception, sentence: str
) -> None:
    reply = await House((fails(error),)).hear(MENTION)
    assert reply.outcome == Outcome("failed", f"{sentence} (Reference: r1)")


async def test_text_that_was_shown_before_a_failure_is_kept() -> None:
    cut = fails(ModelStreamCut("no messageStop"), "First stop the worker. Then ")
    reply = await House((cut,)).hear(MENTION)
    assert reply.outcome is not None
    assert reply.outcome.state == "partial"
    assert reply.outcome.text.startswith("First stop the worker. Then")
    assert reply.outcome.text.endswith(f"{ModelStreamCut.sentence} (Reference: r1)")


async def test_a_run_ends_when_its_time_is_up() -> None:
    reply = await House((Round(hangs=True),), run_seconds=0.01).hear(MENTION)
    assert reply.log[-1] == "failed"


async def test_an_answer_that_cannot_be_shown_is_accounted_for() -> None:
    house = House()
    with capture_logs() as logs:
        await house.hear(MENTION, end_error=DeliveryError("channel_not_found"))
    assert logs[-1]["event"] == "mention.answered"
    assert logs[-1]["outcome"] == "undeliverable"


async def test_one_line_tells_everything_about_an_answer() -> None:
    house = House((calls(ToolCall("c1", "search_docs", {"keywords": "x"})), says("So [1].")))
    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        await house.hear(MENTION)
    (line,) = (entry for entry in logs if entry["event"] == "mention.answered")
    durations = {name: line.pop(name) for name in list(line) if name.endswith("_ms")}
    assert durations.keys() == {"queue_ms", "model_ms", "tools_ms", "slack_ms", "total_ms"}
    assert line == {
        "event": "mention.answered",
        "attempt": 1,
        "error_class": None,
        "log_level": "info",
        "run_id": "r1",
        "outcome": "answered",
        "channel": "C1",
        "thread": "1.0",
        "user": "U1",
        "trigger": "mention",
        "model": "scripted",
        "tools": ["search_docs"],
        "unreached": [],
        "input_tokens": 20,
        "output_tokens": 10,
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
        "cost_usd": 0.0,
    }


async def test_who_asks_too_much_is_refused_and_told_once() -> None:
    house = House(per_minute=1)
    await house.hear(MENTION)
    refused = [await house.hear(replace(MENTION, thread_ts=ts, ts=ts)) for ts in ("2.0", "3.0")]
    sentence = "You've asked me a lot within a minute. Please try again in 60 seconds."
    assert [reply.log for reply in refused] == [[f"refused: {sentence}"], ["refused"]]
    assert len(house.model.requests) == 1
    house.now += 60
    assert (await house.hear(replace(MENTION, thread_ts="4.0", ts="4.0"))).log[-1] == "answered"


async def test_the_twin_of_a_message_that_was_refused_is_nothing_new() -> None:
    house = House(per_minute=1)
    await house.hear(MENTION)
    second = replace(MENTION, thread_ts="2.0", ts="2.0")
    assert (await house.hear(second)).log != []
    house.now += 60
    assert (await house.hear(second)).log == []


ANSWERED = replace(MENTION, late=Late(begun=True))


async def test_what_another_process_answered_counts() -> None:
    house = House(per_minute=1)
    house.assistant.charge(ANSWERED)
    (refused,) = (await house.hear(replace(MENTION, thread_ts="2.0", ts="2.0"))).log
    assert refused.startswith("refused: ")


async def test_what_is_found_answered_counts_once_whoever_answered_it() -> None:
    house = House(per_minute=3)
    await house.hear(MENTION)
    for found in (ANSWERED, replace(ANSWERED, ts="1.5"), replace(ANSWERED, ts="1.5")):
        house.assistant.charge(found)
    assert (await house.hear(replace(MENTION, thread_ts="2.0", ts="2.0"))).log[-1] == "answered"


async def test_what_was_refused_is_still_a_part_of_its_thread() -> None:
    house = House(per_minute=1)
    await house.hear(MENTION)
    with capture_logs() as logs:
        await house.hear(replace(FOLLOW_UP, text="and on Sundays?"))
    assert [(line["event"], line["limit"]) for line in logs] == [
        ("mention.refused", "rate_limit_per_user")
    ]
    house.now += 60
    await house.hear(replace(FOLLOW_UP, ts="3.0"))
    assert "and on Sundays?" in house.asked()[-1].content


async def test_no_text_of_people_is_logged_above_debug() -> None:
    with capture_logs() as logs:
        await House((fails(ModelBusy("busy")),)).hear(replace(MENTION, text="canary"))
    seen = [entry for entry in logs if entry["log_level"] != "debug"]
    assert seen
    assert "canary" not in str(seen)


async def test_a_second_question_in_the_thread_waits_and_then_knows_the_first_answer() -> None:
    house = House()
    await asyncio.gather(house.hear(MENTION), house.hear(FOLLOW_UP))
    assert house.asked() == (
        Message("user", "roll back?"),
        Message("assistant", "Like this."),
        Message("user", "and then?"),
    )


def ends(logs: list[EventDict]) -> list[str]:
    return [entry["outcome"] for entry in logs if entry["event"] == "mention.answered"]


async def test_an_answer_that_was_known_already_is_accounted_for() -> None:
    answer = Said("1.5", BOT, "Like this.", by_bot=True, answers="1.0", state="answered")
    house = House(record=Record({MENTION.thread: [Said("1.0", "U1", "roll back?"), answer]}))
    with capture_logs() as logs:
        await house.hear(replace(MENTION, edited=True))
    assert ends(logs) == ["already_answered"]


async def test_an_interruption_keeps_what_there_is_and_says_so() -> None:
    house = House((Round(("It is down. See why: ",), hangs=True),))
    thinking, waiting = KeptReply(MENTION), KeptReply(FOLLOW_UP)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.assistant.hear(MENTION, thinking))
            tasks.create_task(house.assistant.hear(FOLLOW_UP, waiting))
            await thinking.written.wait()
            house.assistant.interrupt()
    assert thinking.outcome is not None
    assert waiting.outcome is not None
    assert thinking.outcome.state == "partial"
    assert thinking.outcome.text.startswith("It is down. See why:")
    assert Interrupted.sentence in thinking.outcome.text
    assert waiting.outcome == Outcome("failed", f"{Interrupted.sentence} (Reference: r1)")
    assert ends(logs) == ["interrupted", "interrupted"]


async def test_a_person_may_stop_an_answer_and_what_there_is_of_it_stays() -> None:
    house = House((Round(("It is down. See why: ",), hangs=True),))
    reply = KeptReply(MENTION)
    with capture_logs() as logs:
        run = asyncio.create_task(house.assistant.hear(MENTION, reply))
        await reply.written.wait()
        house.assistant.cancel(ThreadKey("T1", "C1", "9.0"))
        await asyncio.sleep(0)
        assert not run.done()
        house.assistant.cancel(MENTION.thread)
        await run
    assert reply.outcome is not None
    assert reply.outcome.state == "cancelled"
    assert reply.outcome.text == f"It is down. See why:\n\n{STOPPED}"
    assert ends(logs) == ["cancelled"]


async def test_a_run_that_is_cancelled_is_accounted_for() -> None:
    house = House((Round(("It is down. See why: ",), hangs=True),))
    reply = KeptReply(MENTION)
    with capture_logs() as logs:
        run = asyncio.create_task(house.assistant.hear(MENTION, reply))
        await reply.written.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert ends(logs) == ["cancelled"]


async def test_questions_of_one_moment_do_not_mix() -> None:
    house = House()
    await asyncio.gather(house.hear(MENTION), house.hear(FOLLOW_UP))
    assert house.asked(0) == (Message("user", "roll back?"),)


async def test_a_message_that_an_edit_made_a_question_knows_the_talk_that_followed_it() -> None:
    said = [Said("1.0", "U1", "roll back?"), Said("2.0", "U1", "of payments")]
    house = House(record=Record({MENTION.thread: said}))
    await house.hear(replace(MENTION, edited=True))
    assert house.asked() == (Message("user", "of payments\nroll back?"),)


async def test_what_breaks_while_an_answer_is_shown_is_accounted_for() -> None:
    with capture_logs() as logs, pytest.raises(ZeroDivisionError):
        await House().hear(MENTION, end_error=ZeroDivisionError())
    assert ends(logs) == ["crashed"]


MISSED = replace(MENTION, late=Late(begun=False))
BROKEN_OFF = replace(MENTION, late=Late(begun=True))


async def test_what_was_missed_is_read_first_and_says_that_it_is_late() -> None:
    house = House()
    reply = await house.hear(MISSED)
    assert house.record.reads == [MENTION.thread]
    assert reply.log == ["acknowledged", "status: is thinking…", "writing", "answered"]
    assert reply.text == f"{LATE}\n\nLike this."
    assert reply.outcome is not None
    assert reply.outcome.text == reply.text


async def test_a_late_failure_is_no_partial_answer() -> None:
    reply = await House((fails(ModelBusy("?")),)).hear(MISSED)
    assert reply.outcome is not None
    assert reply.outcome.state == "failed"
    assert reply.outcome.text.startswith(f"{LATE}\n\n{ModelBusy.sentence}")


async def test_what_was_broken_off_is_begun_again_without_what_it_left() -> None:
    said = [Said("1.0", "U1", "roll back?", attempts=1), Said("1.5", BOT, "It is", by_bot=True)]
    house = House(record=Record({MENTION.thread: said}))
    with capture_logs() as logs:
        reply = await house.hear(BROKEN_OFF)
    assert reply.log[:2] == ["again", "took back 1.5"]
    assert house.asked() == (Message("user", "roll back?"),)
    assert ends(logs) == ["answered"]
    assert [line["attempt"] for line in logs if "attempt" in line] == [2]


async def test_what_was_broken_off_twice_fails() -> None:
    said = [Said("1.0", "U1", "roll back?", attempts=2)]
    house = House(record=Record({MENTION.thread: said}))
    reply = await house.hear(BROKEN_OFF)
    assert reply.outcome is not None
    assert reply.outcome.state == "failed"
    assert Interrupted.sentence in reply.outcome.text
    assert house.model.requests == []


async def test_a_final_text_that_stands_only_gets_its_mark() -> None:
    final = Said("1.5", BOT, "So.", by_bot=True, answers="1.0", state="cancelled")
    house = House(record=Record({MENTION.thread: [Said("1.0", "U1", "?", attempts=1), final]}))
    with capture_logs() as logs:
        reply = await house.hear(BROKEN_OFF)
    assert reply.log == ["settled: cancelled"]
    assert ends(logs) == ["already_answered"]


async def test_nothing_is_begun_again_that_cannot_be_read_or_marked() -> None:
    unreadable = House(record=Record(error=DeliveryError("down")))
    unmarkable = House()
    with capture_logs() as logs:
        first = await unreadable.hear(BROKEN_OFF)
        second = await unmarkable.hear(BROKEN_OFF, resume_error=DeliveryError("down"))
    assert first.log == second.log == []
    assert unreadable.model.requests == unmarkable.model.requests == []
    assert ends(logs) == ["undeliverable", "undeliverable"]


async def test_a_message_from_before_the_start_is_treated_as_one_that_was_missed() -> None:
    house = House(now=2.0)
    said = [Said("1.0", "U1", "roll back?", attempts=1)]
    house.record.threads = {MENTION.thread: said}
    reply = await house.hear(MENTION)
    assert reply.log[0] == "again"
    assert reply.text == "Like this."


async def test_the_first_attempt_is_left_to_the_next_start_and_the_second_is_not() -> None:
    said = [Said("1.0", "U1", "roll back?", attempts=1)]
    again = House(
        (Round(("It is. So",), hangs=True),), Record({MENTION.thread: said}), resumes=True
    )
    first = House((Round(("It is. So",), hangs=True),), resumes=True)
    replies = KeptReply(MENTION), KeptReply(BROKEN_OFF)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            for house, reply in zip((first, again), replies, strict=True):
                tasks.create_task(house.assistant.hear(reply.incoming, reply))
                await reply.written.wait()
                house.assistant.interrupt()
    assert replies[0].log[-1] == f"suspended: {SUSPENDED}"
    assert replies[0].outcome is None
    assert replies[1].outcome is not None
    assert Interrupted.sentence in replies[1].outcome.text
    assert ends(logs) == ["interrupted", "interrupted"]


async def test_a_question_that_is_deleted_in_mid_answer_is_withdrawn() -> None:
    house = House((Round(("It is down. See why: ",), hangs=True),))
    reply = KeptReply(MENTION)
    with capture_logs() as logs:
        run = asyncio.create_task(house.assistant.hear(MENTION, reply))
        await reply.written.wait()
        house.assistant.amend(Amended(MENTION.thread, "0.5", None))
        house.assistant.amend(Amended(MENTION.thread, MENTION.ts, "edited"))
        await asyncio.sleep(0)
        assert not run.done()
        house.assistant.amend(Amended(MENTION.thread, MENTION.ts, None))
        await run
    assert reply.log[-1] == "withdrawn"
    assert reply.outcome is None
    assert ends(logs) == ["withdrawn"]


async def test_the_record_may_tell_whom_the_bot_talked_with() -> None:
    house = House()
    house.assistant.follow(MENTION.thread, "U1", NOW)
    assert (await house.hear(FOLLOW_UP)).log[-1] == "answered"


async def test_after_a_doubt_a_thread_is_read_again() -> None:
    house = House((says("One."), says("Two.")))
    await house.hear(MENTION)
    house.assistant.doubt()
    await house.hear(FOLLOW_UP)
    assert house.record.reads == [MENTION.thread]
