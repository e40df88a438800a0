"""A person at a terminal: what they read while a real bolt app answers them."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest
from inline_snapshot import snapshot

from localslack.terminal import TerminalWorkspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from localslack import App, Channel, LocalSlack, Workspace


class Keyboard:
    """Lines that a test types, one after the other."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()

    def type(self, line: str) -> None:
        self._lines.put_nowait(line)

    def end(self) -> None:
        self._lines.put_nowait(None)

    def __aiter__(self) -> AsyncIterator[str]:
        return self._typed()

    async def _typed(self) -> AsyncIterator[str]:
        while (line := await self._lines.get()) is not None:
            yield line


class Page(io.StringIO):
    """What a terminal shows; `touched` tells that it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.touched = asyncio.Event()

    def write(self, text: str) -> int:
        self.touched.set()
        return super().write(text)


async def script(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def answering(bolt: AsyncApp) -> None:
    """A bot that streams an answer to mentions, direct messages and replies."""

    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        is_twin = event["type"] == "message" and "<@" in event["text"]
        if is_twin or (event.get("channel_type") == "channel" and "thread_ts" not in event):
            return
        mark: dict[str, Any] = {"channel": event["channel"], "timestamp": event["ts"]}
        root = event.get("thread_ts", event["ts"])
        await client.reactions_add(**mark, name="eyes")
        for _ in range(2):
            await client.assistant_threads_setStatus(
                channel_id=event["channel"], thread_ts=root, status="is looking in Confluence…"
            )
        stream = await client.chat_stream(
            channel=event["channel"],
            thread_ts=root,
            recipient_user_id=event["user"],
            recipient_team_id=event["team"],
            buffer_size=1,
        )
        for piece in ("It is **for", "ty-two** [1](", "https://w/x).\n\n- a\n- ", "b"):
            await stream.append(markdown_text=piece)
        source = {"type": "mrkdwn", "text": "Source: <https://w/x|Run &amp; book>"}
        await stream.stop(blocks=[{"type": "context", "elements": [source]}])
        await client.reactions_add(**mark, name="white_check_mark")

    bolt.event("app_mention")(answer)
    bolt.event("message")(answer)


@pytest.mark.usefixtures("answering")
async def test_a_pipe_reads_like_a_conversation(slack: LocalSlack, page: Page) -> None:
    """Each line waits for the end of the answer before; the end comes after the last answer."""
    lines = script("@slackbot what is it?", "", "and then?", "/new", "hello all")
    await TerminalWorkspace(slack, "ana", "general", out=page, lines=lines).run()
    assert page.getvalue() == snapshot("""\
You are Ana Ruiz in Acme. Mention @slackbot to ask something; /help shows what else to type.
#general › @slackbot what is it?
  👀 slackbot
  slackbot is looking in Confluence…
  slackbot
  It is forty-two 1 (https://w/x).

  • a
  • b
  Source: Run & book (https://w/x)
  ✅ slackbot

thread › and then?
  👀 slackbot
  slackbot is looking in Confluence…
  slackbot
  It is forty-two 1 (https://w/x).

  • a
  • b
  Source: Run & book (https://w/x)
  ✅ slackbot

thread › /new
#general › hello all
""")


@pytest.mark.usefixtures("answering")
async def test_follow_ups_go_to_the_thread_and_mentions_to_the_channel(
    slack: LocalSlack, workspace: Workspace, general: Channel, page: Page
) -> None:
    lines = script("@slackbot one", "two", "@slackbot three", "four", "/new", "five")
    await TerminalWorkspace(slack, "ana", "general", out=page, lines=lines).run()
    said = [event["text"] for event in _messages(slack) if event["user"].endswith("0001")]
    bot = workspace.user("slackbot").id
    assert said == [f"<@{bot}> one", "two", f"<@{bot}> three", "four", "five"]
    threads = {event["text"]: event.get("thread_ts") for event in _messages(slack)}
    roots = {event["text"]: event["ts"] for event in _messages(slack)}
    assert threads["two"] == roots[f"<@{bot}> one"]
    assert threads["four"] == roots[f"<@{bot}> three"]
    assert threads[f"<@{bot}> three"] is threads["five"] is None


def _messages(slack: LocalSlack) -> list[dict[str, Any]]:
    events = [delivery.event for delivery in slack.deliveries]
    return [each for each in events if each["type"] == "message" and "subtype" not in each]


@pytest.mark.usefixtures("answering")
async def test_a_direct_conversation_needs_no_mention(slack: LocalSlack, page: Page) -> None:
    lines = script("/dm", "what is it?", "/new", "/quit", "never read")
    await TerminalWorkspace(slack, "ana", "general", out=page, lines=lines).run()
    written = page.getvalue()
    assert "#general › /dm\n@slackbot › what is it?\n  👀 slackbot\n" in written
    assert "thread › /new\n" in written
    assert "never read" not in written


async def test_a_line_that_nobody_ends_is_waited_for_a_while(slack: LocalSlack, page: Page) -> None:
    lines = script("@slackbot hello?")
    terminal = TerminalWorkspace(slack, "ana", "general", out=page, lines=lines, answer_within=0.01)
    await terminal.run()
    assert page.getvalue().endswith("No end mark within 0.01 s; going on.\n")


async def test_commands_help_and_say_what_is_wrong(
    slack: LocalSlack, workspace: Workspace, page: Page
) -> None:
    workspace.add_channel("board", ["ben"], private=True)
    workspace.add_channel("random", ["ben"])
    workspace.add_channel("old", ["ana"])
    workspace.archive("old")
    lines = script(
        "/help",
        "/nonsense",
        "/channel nowhere",
        "/channel",
        "/dm nobody",
        "/channel board",
        "x",
        "/channel random",
        "y",
        "/channel old",
        "z",
    )
    await TerminalWorkspace(slack, "ana", "general", out=page, lines=lines).run()
    written = page.getvalue()
    assert "/new            leave the thread" in written
    assert "There is no /nonsense; /help shows what is." in written
    assert "There is no /channel; /help shows what is." in written
    assert "/channel nowhere\nSlack says channel_not_found.\n" in written
    assert "/dm nobody\nSlack says user_not_found.\n" in written
    assert "/channel board\nSlack says channel_not_found.\n#general › x\n" in written
    assert "#random › y\n" in written
    assert "#old › z\nSlack says is_archived.\n" in written


async def test_a_terminal_shows_a_prompt_when_it_is_the_persons_turn(
    slack: LocalSlack, client: AsyncWebClient, general: Channel, page: Page
) -> None:
    keyboard = Keyboard()
    terminal = TerminalWorkspace(
        slack, "ana", "general", out=page, lines=keyboard, interactive=True
    )
    running = asyncio.create_task(terminal.run())
    prompt = "#general › "
    await _written(page, prompt)
    keyboard.type("@slackbot hi")
    asked = await slack.until(lambda: slack.deliveries[-1].event["ts"] if slack.deliveries else "")
    assert page.getvalue().count(prompt) == 1  # no prompt while the bot is at work
    await client.chat_postMessage(channel=general.id, thread_ts=asked, text="*hello*")
    for name in ("x", "no_entry_sign"):  # the first of them ends it
        await client.reactions_add(channel=general.id, timestamp=asked, name=name)
    answered = "  slackbot\n  hello\n  ❌ slackbot\n\nthread › "
    assert page.getvalue().endswith(answered + "\r\x1b[2K  🚫 slackbot\nthread › ")
    slack.say("ben", general, "by the way")
    assert page.getvalue().endswith("\r\x1b[2Kben\nby the way\nthread › ")
    keyboard.end()
    await running
    assert page.getvalue().endswith("thread › \r\x1b[2K\n")


async def test_a_prompt_does_not_come_between_the_pieces_of_an_answer(
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
    general: Channel,
    page: Page,
) -> None:
    keyboard = Keyboard()
    terminal = TerminalWorkspace(
        slack, "ana", "general", out=page, lines=keyboard, interactive=True
    )
    running = asyncio.create_task(terminal.run())
    await _written(page, "#general › ")
    stream = await client.chat_stream(
        channel=general.id,
        thread_ts=slack.say("ben", general, "hi"),
        recipient_user_id=workspace.user("ben").id,
        recipient_team_id=workspace.team_id,
        buffer_size=1,
    )
    for piece in ("one\n", "two\n"):
        await stream.append(markdown_text=piece)
    await stream.stop()
    assert page.getvalue().endswith("  slackbot\n  one\n  two\n#general › ")
    keyboard.end()
    await running


async def _written(page: Page, text: str) -> None:
    """Wait until something was written."""
    async with asyncio.timeout(2):
        while text not in page.getvalue():
            page.touched.clear()
            await page.touched.wait()


async def test_being_cancelled_leaves_nothing_behind(
    slack: LocalSlack, page: Page, general: Channel
) -> None:
    before = asyncio.all_tasks()
    terminal = TerminalWorkspace(slack, "ana", "general", out=page, lines=Keyboard())
    running = asyncio.create_task(terminal.run())
    await _written(page, "You are")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    end = len(page.getvalue())
    slack.say("ben", general, "unseen")
    assert len(page.getvalue()) == end
    assert asyncio.all_tasks() == before


@pytest.fixture
async def watching(slack: LocalSlack, page: Page) -> AsyncIterator[Callable[[], str]]:
    """Ana reads along; returns what was written since it was asked last."""
    keyboard = Keyboard()
    terminal = TerminalWorkspace(slack, "ana", "general", out=page, lines=keyboard)
    running = asyncio.create_task(terminal.run())
    await _written(page, "You are")

    def since() -> str:
        text = page.getvalue()
        page.seek(0)
        page.truncate()
        return text

    since()
    yield since
    keyboard.end()
    await running


async def test_what_others_do_is_shown(
    slack: LocalSlack, workspace: Workspace, watching: Callable[[], str], general: Channel
) -> None:
    root = slack.say("ben", general, "@ana shall we meet in #general? @here")
    slack.say("ben", general, "anyone?", thread_ts=root)
    other = slack.say("ben", general, "or not")
    slack.say("ben", general, "@ana?", thread_ts=root)
    slack.edit("ben", general, other, "never mind")
    own = slack.say("ana", general, "typed elswhere")
    slack.edit("ana", general, own, "typed elsewhere")
    slack.react("ben", general, own, "thumbsup")
    slack.delete("ben", general, other)
    slack.say("ben", slack.open_dm("ben", "slackbot"), "not for ana")
    assert watching() == snapshot("""\
ben
@ana shall we meet in #general? @here
  ben
  anyone?
ben
or not
↳ ben: @ana shall we meet in #general? @here
  ben
  @ana?
ben (edited)
never mind
  👍 ben
ben deleted a message
""")


async def test_what_a_bot_does_besides_streaming_is_shown(
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
    watching: Callable[[], str],
    general: Channel,
) -> None:
    root = slack.say("ben", general, "hi")
    at: dict[str, Any] = {"channel": general.id}
    posted = await client.chat_postMessage(**at, thread_ts=root, markdown_text="one <@U404>")
    await client.chat_update(**at, ts=posted["ts"], markdown_text="one <@U404> two")
    await client.chat_update(**at, ts=posted["ts"], markdown_text="three")
    card = {"type": "section", "text": {"type": "mrkdwn", "text": "a *card*"}}
    await client.chat_postMessage(**at, text="for phones", blocks=[card, {"type": "divider"}, card])
    ana, ben = workspace.user("ana").id, workspace.user("ben").id
    await client.chat_postEphemeral(**at, user=ana, text="too fast")
    await client.chat_postEphemeral(**at, user=ben, text="not for ana")
    assert watching() == snapshot("""\
ben
hi
  slackbot
  one @U404
  slackbot
   two
  slackbot (edited)
  three
slackbot
a card
a card
  slackbot (only you can see this)
  too fast
""")


async def test_two_answers_that_grow_at_once_can_be_told_apart(
    slack: LocalSlack,
    client: AsyncWebClient,
    app: App,
    workspace: Workspace,
    watching: Callable[[], str],
    general: Channel,
) -> None:
    streams = []
    for text in ("first question", "second question"):
        root = slack.say("ben", general, text)
        stream = await client.chat_stream(
            channel=general.id,
            thread_ts=root,
            recipient_user_id=workspace.user("ben").id,
            recipient_team_id=workspace.team_id,
            buffer_size=1,
        )
        streams.append(stream)
    for piece in ("one", "two"):
        for stream in streams:
            await stream.append(markdown_text=f"{piece} ")
    for stream in streams:
        await stream.stop()
    assert watching() == snapshot("""\
ben
first question
ben
second question
↳ ben: first question
  slackbot
  one \n\
↳ ben: second question
  slackbot
  one \n\
↳ ben: first question
  slackbot
  two \n\
↳ ben: second question
  slackbot
  two \n\
""")


async def test_a_stream_that_is_deleted_or_edited_midway_is_forgotten(
    slack: LocalSlack,
    client: AsyncWebClient,
    workspace: Workspace,
    watching: Callable[[], str],
    pass_time: Callable[[float], None],
    general: Channel,
) -> None:
    root = slack.say("ben", general, "hi")
    at: dict[str, Any] = {"channel": general.id}
    for end in ("delete", "other text", "half of it all"):
        started = await client.chat_startStream(
            **at,
            thread_ts=root,
            recipient_user_id=workspace.user("ben").id,
            recipient_team_id=workspace.team_id,
            markdown_text="half of **it",
        )
        pass_time(300)
        if end == "delete":
            await client.chat_delete(**at, ts=started["ts"])
        else:
            await client.chat_update(**at, ts=started["ts"], markdown_text=end)
    assert watching() == snapshot("""\
ben
hi
  slackbot
  half of \n\
  slackbot deleted a message
  slackbot
  half of \n\
  slackbot (edited)
  other text
  slackbot
  half of \n\
  slackbot (edited)
  half of it all
""")
