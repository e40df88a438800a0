"""A mention is answered end to end, over real sockets with real slack_bolt, boto3 and aiohttp."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kit.loopback import serving
from kit.scripted_model import Refusal, Request, Round, ScriptedCall, says
from kit.world import bot_in, living_world, world
from localslack import DeliveryRules
from localslack.changes import StatusSet, TextStreamed
from slackbot.agent.dispatch import NOT_REACHED
from slackbot.errors import ModelBusy, ModelStreamCut

if TYPE_CHECKING:
    from aiohttp import web

SEARCH = Round(
    text=["I'll look ", "in Confluence."],
    tool_calls=[ScriptedCall("search_confluence", '{"keywords": "roll back payments"}')],
)
READ = Round(tool_calls=[ScriptedCall("read_confluence_page", '{"page_id": "1001"}')])


def tool_results(request: Request) -> list[str]:
    """The texts of the tool results at the end of a request."""
    return [
        block["toolResult"]["content"][0]["text"]
        for block in request["messages"][-1]["content"]
        if "toolResult" in block
    ]


async def test_an_answer_rests_on_what_was_read_and_links_to_it() -> None:
    answer = Round(text=["Run `payctl rollback` [1]. ", "Nobody has to approve it [1]."])
    async with living_world([SEARCH, READ, answer]) as here:
        asked = await here.ask("@slackbot how do we roll back payments?")
        reactions = here.reactions(asked.ts)
        (reply,) = here.answers(asked.ts)
        site = here.settings["CONFLUENCE_URL"]

        assert asked.mark == "white_check_mark"
        assert list(reactions) == ["eyes", "white_check_mark"]
        assert reply.thread_ts == asked.ts
        assert reply.body.startswith("Run `payctl rollback` [1](")
        assert f"]({site}/wiki/spaces/OPS/pages/1001)" in reply.body
        assert "Sources" in reply.body
        assert reply.metadata == {
            "event_type": "slackbot_answer",
            "event_payload": {"source_ts": asked.ts, "state": "answered"},
        }
        found, read = (tool_results(request)[0] for request in here.bedrock.requests[1:])
        assert "[1] Confluence, " in found
        assert "Operations › Roll back the payments service" in found
        assert "payctl rollback payments-api" in read


async def test_the_status_says_what_is_being_done_and_is_gone_at_the_end() -> None:
    slowly = replace(READ, first_piece_after=0.2)
    async with living_world([SEARCH, slowly, says("Like this.")]) as here:
        statuses: list[str] = []
        here.slack.workspace.listen(
            lambda change: (
                statuses.append(change.status.text) if isinstance(change, StatusSet) else None
            )
        )
        asked = await here.ask("@slackbot how?")
        assert "I'll look in Confluence." in statuses
        assert here.slack.workspace.status("general", asked.ts, here.slack.clock()) == ""


async def test_a_long_answer_grows_in_the_thread() -> None:
    pieces = [f"Sentence number {number} is here. " for number in range(40)]
    async with living_world([Round(text=pieces, piece_every=0.04)]) as here:
        grown: list[str] = []
        here.slack.workspace.listen(
            lambda change: (
                grown.append(change.appended) if isinstance(change, TextStreamed) else None
            )
        )
        asked = await here.ask("@slackbot tell me")
        (reply,) = here.answers(asked.ts)
        assert asked.answer == "".join(pieces)
        assert reply.stream is not None
        assert not reply.stream.open
        assert 1 <= len(grown) <= 6
        assert len(here.slack.calls) <= 14


async def test_a_follow_up_without_a_mention_knows_what_was_said() -> None:
    async with living_world([says("Ben is."), says("On Friday it is Ana.")]) as here:
        first = await here.ask("@slackbot who is on call?")
        follow_up = await here.ask("and on Friday?", thread_ts=first.ts)
        assert follow_up.answer == "On Friday it is Ana."
        assert here.model_texts() == ["who is on call?", "Ben is.", "and on Friday?"]
        assert here.calls("conversations.replies") == []


async def test_what_others_say_in_the_thread_is_known_and_not_answered() -> None:
    async with living_world([says("Try a rollback."), says("Ben said it is fixed.")]) as here:
        first = await here.ask("@slackbot payments is down")
        aside = here.slack.say("ben", "general", "it is fixed", thread_ts=first.ts)
        second = await here.ask("@slackbot what did Ben say?", thread_ts=first.ts)
        assert here.reactions(aside) == {}
        assert here.model_texts()[-1] == "ben: it is fixed\nana: what did Ben say?"
        assert second.mark == "white_check_mark"


async def test_an_edited_aside_is_known_as_it_stands_now() -> None:
    async with living_world([says("Yes."), says("Blue.")]) as here:
        first = await here.ask("@slackbot remember a colour?")
        aside = here.slack.say("ana", "general", "@ben it is red", thread_ts=first.ts)
        gone = here.slack.say("ana", "general", "@ben forget it", thread_ts=first.ts)
        here.slack.edit("ana", "general", aside, "@ben it is blue")
        here.slack.delete("ana", "general", gone)
        await here.ask("@slackbot which colour?", thread_ts=first.ts)
        assert here.model_texts()[-1] == "@ben it is blue\nwhich colour?"


async def test_a_direct_message_is_answered_without_a_mention() -> None:
    async with living_world([says("Hello Ana.")]) as here:
        direct = here.slack.open_dm("ana", "slackbot").id
        ts = here.slack.say("ana", direct, "good morning")
        assert await here.ended(ts, direct) == "white_check_mark"
        (reply,) = here.answers(ts, direct)
        assert reply.text == "Hello Ana."


@pytest.mark.parametrize("order", ["app_mention_first", "message_first"])
async def test_twin_events_and_redelivery_give_one_answer(order: str) -> None:
    rules = DeliveryRules(mention_order=order)  # type: ignore[arg-type] # a literal, parametrized
    async with living_world([says("Once."), says("Once more.")], rules=rules) as here:
        first = await here.ask("@slackbot hi")
        again = await here.ask("@slackbot hi again", thread_ts=first.ts)
        assert here.slack.redeliver(first.ts) >= 2
        assert here.slack.redeliver(again.ts) >= 2
        await here.slack.until(lambda: all(delivery.acked for delivery in here.slack.deliveries))
        assert [reply.text for reply in here.answers(first.ts)] == ["Once.", "Once more."]
        assert len(here.bedrock.requests) == 2


async def test_a_mention_added_by_an_edit_is_answered_once() -> None:
    async with living_world([says("Here I am.")]) as here:
        ts = here.slack.say("ana", "general", "who is on call?")
        here.slack.edit("ana", "general", ts, "@slackbot who is on call?")
        assert await here.ended(ts) == "white_check_mark"
        here.slack.edit("ana", "general", ts, "@slackbot who is on call today?")
        await here.slack.until(lambda: all(delivery.acked for delivery in here.slack.deliveries))
        assert len(here.answers(ts)) == 1


async def test_a_mention_in_the_middle_of_a_thread_knows_what_came_before() -> None:
    async with living_world([says("Roll back.")]) as here:
        root = here.slack.say("ben", "general", "payments is down")
        here.slack.say("ana", "general", "since noon", thread_ts=root)
        await here.ask("@slackbot what now?", thread_ts=root)
        assert here.model_texts() == ["ben: payments is down\nana: since noon\nana: what now?"]


async def test_a_restart_forgets_nothing_and_answers_nothing_twice() -> None:
    async with world([says("Ben is."), says("Ana is.")]) as here:
        async with bot_in(here):
            first = await here.ask("@slackbot who is on call?")
        async with bot_in(here):
            here.slack.edit("ana", "general", first.ts, "@slackbot who is on call now?")
            await here.slack.until(lambda: all(event.acked for event in here.slack.deliveries))
            await here.ask("@slackbot and on Friday?", thread_ts=first.ts)
        assert here.model_texts() == ["who is on call now?", "Ben is.", "and on Friday?"]
        assert len(here.bedrock.requests) == 2


async def test_talk_that_is_not_for_the_bot_costs_no_call() -> None:
    async with living_world([says("Yes.")]) as here:
        before = len(here.slack.calls)
        root = here.slack.say("ana", "general", "lunch?")
        for _ in range(20):
            here.slack.say("ben", "general", "sure", thread_ts=root)
        await here.slack.until(lambda: all(event.acked for event in here.slack.deliveries))
        assert len(here.slack.calls) == before
        assert (await here.ask("@slackbot are you there?")).answer == "Yes."


async def test_a_mention_quoted_in_code_is_no_question() -> None:
    async with living_world([says("Yes.")]) as here:
        quoted = here.slack.say("ana", "general", "write `@slackbot help` to ask")
        assert (await here.ask("@slackbot are you there?")).mark == "white_check_mark"
        assert here.reactions(quoted) == {}


async def test_a_model_that_is_down_ends_in_a_sentence_and_a_reference() -> None:
    down = Refusal(code="ServiceUnavailableException", message="secret")
    async with living_world([down] * 4) as here:
        asked = await here.ask("@slackbot hi")
        assert asked.mark == "x"
        assert asked.answer.startswith(ModelBusy.sentence)
        assert "Reference: " in asked.answer
        assert "secret" not in asked.answer


async def test_an_answer_that_breaks_off_is_kept_and_says_so() -> None:
    cut = Round(text=["First stop the worker. ", "Then wait. "], ending="cut")
    async with living_world([cut]) as here:
        asked = await here.ask("@slackbot how?")
        assert asked.mark == "white_check_mark"
        assert asked.answer.startswith("First stop the worker. Then wait.")
        assert ModelStreamCut.sentence in asked.answer


async def test_a_source_that_hangs_costs_the_answer_nothing_but_itself() -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    async with (
        serving(hang) as wiki,
        living_world(
            [SEARCH, says("I could not ask Confluence.")], wiki=wiki, TOOL_TIMEOUT_SECONDS="0.2"
        ) as here,
    ):
        asked = await here.ask("@slackbot how?")
        assert asked.answer == "I could not ask Confluence."
        assert tool_results(here.bedrock.requests[1]) == [NOT_REACHED.format(source="Confluence")]


NONSENSE: list[dict[str, Any]] = [
    {},
    {"type": "message"},
    {"type": "message", "channel": 7, "ts": None, "user": [], "text": {"a": 1}},
    {"type": "app_mention", "channel": "C1", "ts": "never", "user": "U1", "text": "x"},
    {"type": "message", "subtype": "message_changed", "message": {"ts": {}}, "channel": "C1"},
    {"type": "something_new"},
]


async def test_events_that_make_no_sense_harm_nobody() -> None:
    async with living_world([says("Still here.")]) as here:
        for event in NONSENSE:
            here.slack.deliver(here.app, event)
        assert (await here.ask("@slackbot are you there?")).answer == "Still here."


async def test_an_empty_mention_is_answered_from_the_thread() -> None:
    async with living_world([says("Roll it back.")]) as here:
        root = here.slack.say("ana", "general", "payments is down")
        asked = await here.ask("@slackbot", thread_ts=root)
        assert asked.mark == "white_check_mark"
        assert here.model_texts()[0].startswith("payments is down\n")


async def test_without_streaming_the_answer_is_posted() -> None:
    async with living_world([says("All the same.")]) as here:
        here.slack.faults.next("chat.startStream", error="missing_scope", times=None)
        asked = await here.ask("@slackbot hi")
        (reply,) = here.answers(asked.ts)
        assert (asked.mark, reply.text, reply.stream) == ("white_check_mark", "All the same.", None)
        assert not reply.may_unfurl


async def test_nobody_is_woken_and_no_link_is_live_but_what_was_found() -> None:
    evil = (
        "Hey <!channel> and @here, see [the page](https://evil.example/a), "
        "<https://evil.example/b> or https://evil.example/c now."
    )
    async with living_world([Round(text=list(evil))]) as here:
        asked = await here.ask("@slackbot hi")
        (reply,) = here.answers(asked.ts)
        assert "<!" not in reply.body
        assert "@here" not in reply.body
        assert "](https://evil.example" not in reply.body
        assert "<https://evil.example" not in reply.body
        assert "`https://evil.example/c`" in reply.body


async def test_questions_in_one_thread_are_answered_one_after_the_other() -> None:
    slow = Round(text=["One. ", "And more."], first_piece_after=0.3)
    async with living_world([slow, says("Two.")]) as here:
        root = here.slack.say("ana", "general", "@slackbot first")
        second = here.slack.say("ana", "general", "@slackbot second", thread_ts=root)
        await here.ended(second)
        assert [reply.text for reply in here.answers(root)] == ["One. And more.", "Two."]
        assert here.model_texts() == ["first", "One. And more.", "second"]


@pytest.mark.parametrize("restarts", [False, True], ids=["remembered", "read again"])
async def test_a_link_that_was_inert_once_stays_inert(restarts: bool) -> None:
    """What the model wrote itself is no reason to trust it the next time."""
    evil = "https://evil.example/c"
    script = [
        says(f"See {evil} and evil.example."),
        says(f"[click]({evil}) [or](http://evil.example)"),
    ]
    async with world(script) as here:
        async with bot_in(here):
            first = await here.ask("@slackbot hi")
            if not restarts:
                await here.ask("@slackbot again", thread_ts=first.ts)
        if restarts:
            async with bot_in(here):
                await here.ask("@slackbot again", thread_ts=first.ts)
        body = here.answers(first.ts)[-1].body
        assert "](" not in body
        assert "evil.example" in body


@pytest.mark.parametrize("restarts", [False, True], ids=["remembered", "read again"])
async def test_a_link_that_was_found_once_may_be_given_again(restarts: bool) -> None:
    page = "{site}/wiki/spaces/OPS/pages/1001"
    async with world(
        lambda request: (
            says(f"It is [the runbook]({here_page}).")
            if "again" in str(request["messages"][-1])
            else says("Read it [1].")
            if "toolResult" in str(request["messages"][-1])
            else READ
        )
    ) as here:
        here_page = page.format(site=here.settings["CONFLUENCE_URL"])
        async with bot_in(here):
            first = await here.ask("@slackbot how?")
            if not restarts:
                await here.ask("@slackbot again", thread_ts=first.ts)
        if restarts:
            async with bot_in(here):
                await here.ask("@slackbot again", thread_ts=first.ts)
        assert f"[the runbook]({here_page})" in here.answers(first.ts)[-1].body


async def test_what_is_delivered_again_after_a_restart_is_not_answered_again() -> None:
    rules = DeliveryRules(ack_within=0.2)
    async with world([says("Once."), says("Twice?")], rules=rules) as here:
        async with bot_in(here):
            first = await here.ask("@slackbot hi")
        async with bot_in(here):
            here.slack.redeliver(first.ts)
            assert (await here.ask("@slackbot are you back?")).mark == "white_check_mark"
        assert [reply.text for reply in here.answers(first.ts)] == ["Once."]


async def test_a_question_that_waits_is_asked_as_it_stands_when_its_turn_comes() -> None:
    slow = Round(text=["One. ", "Done."], first_piece_after=0.4)
    async with living_world([slow, says("Two."), says("Three.")]) as here:
        root = here.slack.say("ana", "general", "@slackbot first")
        second = here.slack.say("ana", "general", "@slackbot who?", thread_ts=root)
        gone = here.slack.say("ana", "general", "@slackbot never mind", thread_ts=root)
        await here.slack.until(lambda: "eyes" in here.reactions(gone))
        here.slack.edit("ana", "general", second, "@slackbot who is on call?")
        here.slack.delete("ana", "general", gone)
        await here.ask("@slackbot and last?", thread_ts=root)
        assert here.model_texts(1)[-1] == "who is on call?"
        assert len(here.bedrock.requests) == 3
        assert [reply.text for reply in here.answers(root)] == ["One. Done.", "Two.", "Three."]


async def test_a_person_stops_an_answer() -> None:
    endless = Round(text=["It all began in a harbour town. ", "And then"], ending="hang")
    async with living_world([endless]) as here:
        ana = here.slack.workspace.user("ana")
        channel = here.slack.workspace.channel("general").id
        ts = here.slack.say("ana", "general", "@slackbot tell me a story")
        await here.slack.until(lambda: here.answers(ts))
        here.slack.interactions.stop(ana, channel, ts)
        assert await here.ended(ts) == "octagonal_sign"
        (answer,) = here.answers(ts)
        assert answer.text.startswith("It all began in a harbour town.")
        assert "Stopped." in answer.text
        assert here.slack.workspace.status(channel, ts, here.slack.clock()) == ""
