"""The page in a real browser, as people use it, served by a real LocalSlack."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

import localslack
from kit.shell import Desk, acme
from localslack import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Route

pytestmark = pytest.mark.asyncio(loop_scope="module")

GENERAL = "Message #general"
REPLY = "Reply…"
EDIT = "Edit message"
STATIC = Path(localslack.__file__).parent / "page" / "static"
KNOWN_MESSAGES = """async (channel) => {
  const { store } = await import("/static/start.js");
  return store.room(channel).messages.size;
}"""
TOP_AT_REST = """element => new Promise((done) => {
  let [last, frames] = [NaN, 0];
  const look = () => {
    const { top } = element.getBoundingClientRect();
    [last, frames] = [top, top === last ? frames + 1 : 0];
    if (frames === 5) done(top);
    else requestAnimationFrame(look);
  };
  look();
})"""  # what comes into sight takes its true height within some frames
CONTRASTS = """([look, pairs]) => {
  const { dataset } = document.documentElement;
  const before = dataset.theme;
  dataset.theme = look;
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (token) => {
    probe.style.color = `var(${token})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
      value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratios = pairs.map((pair) => {
    const [dark, bright] = pair.map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  });
  probe.remove();
  if (before) dataset.theme = before;
  else delete dataset.theme;
  return ratios;
}"""
TEXT_AND_GROUND = [
    (f"--{text}", f"--{ground}")
    for text, grounds in {
        "text": "bg bg-raised bg-hover bg-soft highlight",
        "text-muted": "bg bg-raised bg-hover bg-soft",
        "link": "bg bg-raised bg-hover mine-bg",
        "mention-text": "mention-bg",
        "code-text": "code-bg",
        "danger": "bg bg-raised",
        "new": "bg",
        "on-ok": "ok",
        "sidebar-text": "sidebar-bg topbar-bg",
        "sidebar-strong": "sidebar-bg badge-bg",
        "sidebar-active-text": "sidebar-active-bg",
    }.items()
    for ground in grounds.split()
]
ENOUGH = 4.5  # Web Content Accessibility Guidelines 2.2, 1.4.3 Contrast (Minimum), level AA
_IMPORT = re.compile(r'^(?:import|export)\b[^"\n]*"(\.[^"]+)"', re.MULTILINE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _desk(chromium: Browser) -> AsyncIterator[Desk]:
    async with LocalSlack(acme()) as slack:
        desk = Desk(slack, chromium)
        yield desk
        await desk.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(_desk: Desk, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Channels in which nothing was said yet, before windows that may have been open for long."""
    failed = request.session.testsfailed
    yield _desk
    if request.session.testsfailed > failed:  # nobody knows what it has left open
        await _desk.close()
    await _desk.clear()


@pytest_asyncio.fixture(loop_scope="module")
async def new_desk(chromium: Browser) -> AsyncIterator[Desk]:
    """A workspace for one test alone."""
    async with LocalSlack(acme()) as slack:
        desk = Desk(slack, chromium)
        yield desk
        await desk.close()


class TestTalking:
    async def test_a_message_shows_once_to_everyone_in_the_channel(self, desk: Desk) -> None:
        ana, ben = await desk.window("ana"), await desk.window("ben")
        await ana.write(GENERAL, "The *build* is green, @ben")
        for window in (ana, ben):
            await expect(window.message("The build is green, @Ben Okafor")).to_have_count(1)
        await expect(ana.box(GENERAL)).to_have_value("")
        await expect(ben.message("The build").locator("strong")).to_have_text("build")

    async def test_messages_of_one_author_stand_together(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        for text in ("one", "two"):
            desk.slack.say("ben", "general", text)
        await expect(ana.message("two")).to_be_visible()
        await expect(ana.message("one").locator(".author")).to_have_text("Ben Okafor")
        await expect(ana.message("two").locator(".author")).to_have_count(0)

    async def test_a_failed_message_goes_back_into_the_box_with_the_reason(
        self, desk: Desk
    ) -> None:
        ana = await desk.window("ana")
        await ana.page.route("**/page/act", lambda route: route.abort())
        await ana.write(GENERAL, "Do not lose me")
        await expect(ana.page.get_by_role("alert").first).to_contain_text("does not answer")
        await expect(ana.box(GENERAL)).to_have_value("Do not lose me")

    async def test_up_edits_the_last_message_as_it_was_typed(self, desk: Desk) -> None:
        ana, ben = await desk.window("ana"), await desk.window("ben")
        await ana.write(GENERAL, "Hi @ben, 1 < 2 in #payments")
        await expect(ana.message("Hi")).to_be_visible()
        await ana.box(GENERAL).press("ArrowUp")
        await expect(ana.box(EDIT)).to_have_value("Hi @ben, 1 < 2 in #payments")
        await ana.write(EDIT, "Hello @ben")
        await expect(ben.message("Hello @Ben Okafor (edited)")).to_be_visible()
        await expect(ana.box(GENERAL)).to_be_focused()

    async def test_what_is_being_edited_outlives_a_reaction_to_it(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        ts = desk.slack.say("ana", "general", "Where is the rota?")
        await expect(ana.message("Where is the rota?")).to_be_visible()
        await ana.box(GENERAL).press("ArrowUp")
        await ana.box(EDIT).fill("Where is the new rota?")
        desk.slack.react("ben", "general", ts, "eyes")
        desk.slack.say("ben", "general", "after it")
        await expect(ana.message("after it")).to_be_visible()
        await expect(ana.box(EDIT)).to_have_value("Where is the new rota?")

    async def test_the_bar_of_a_message_gets_the_focus_back(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        desk.slack.say("ana", "general", "Keep me")
        await ana.tool(ana.message("Keep me"), "Delete message")
        await ana.page.mouse.move(500, 30)
        await ana.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await expect(ana.page.get_by_role("button", name="Delete message")).to_be_focused()
        await ana.box(GENERAL).focus()
        await expect(ana.page.locator("main .toolbar[aria-label='Message actions']")).to_have_css(
            "opacity", "0"
        )

    async def test_a_message_is_deleted_once_the_person_is_sure(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        ts = desk.slack.say("ana", "general", "Oops")
        await ana.tool(ana.message("Oops"), "Delete message")
        await ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(ana.page.locator(f'[data-ts="{ts}"]')).to_have_count(0)

    async def test_a_deleted_root_leaves_its_thread_under_a_tombstone(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        root = desk.slack.say("ana", "general", "Oops")
        desk.slack.say("ben", "general", "What?", thread_ts=root)
        desk.slack.delete("ana", "general", root)
        await expect(ana.message("This message was deleted.")).to_contain_text("1 reply")

    async def test_people_react_and_take_it_back(self, desk: Desk) -> None:
        ana, ben = await desk.window("ana"), await desk.window("ben")
        desk.slack.say("ben", "general", "Shipped")
        await ana.tool(ana.message("Shipped"), "Find another reaction")
        await ana.page.get_by_role("searchbox", name="Search all emoji").fill("rocket")
        await ana.page.keyboard.press("Enter")
        pill = ben.message("Shipped").locator('.reaction[data-name="rocket"]')
        await expect(pill).to_have_attribute("aria-label", re.compile("^Ana Ruiz reacted"))
        await pill.click()
        await expect(pill).to_have_attribute("aria-pressed", "true")
        await expect(pill.locator(".count")).to_have_text("2")
        await pill.click()
        await expect(pill.locator(".count")).to_have_text("1")

    async def test_names_are_completed_while_they_are_typed(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.box(GENERAL).press_sequentially("ask @he")
        await expect(ana.page.get_by_role("option", name="helper")).to_be_visible()
        await ana.page.keyboard.press("Enter")
        await ana.page.keyboard.type("about #pay")
        await ana.page.keyboard.press("Tab")
        await expect(ana.box(GENERAL)).to_have_value("ask @helper about #payments ")

    async def test_ctrl_b_and_shift_enter_shape_the_text(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.page.keyboard.press("Control+b")
        await ana.page.keyboard.type("loud")
        await ana.page.keyboard.press("End")
        await ana.page.keyboard.press("Shift+Enter")
        await ana.page.keyboard.type("second line")
        await expect(ana.box(GENERAL)).to_have_value("*loud*\nsecond line")


class TestPagesOnTheirWay:
    """A page of messages may be older than what the window has been told meanwhile."""

    async def test_what_is_said_while_a_channel_opens_shows(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        said = desk.slack.say("ben", "payments", "Said before")

        async def slowly(route: Route) -> None:
            page = await route.fetch()
            desk.slack.say("ben", "payments", "Said meanwhile")
            desk.slack.edit("ben", "payments", said, "Said otherwise")
            await asyncio.sleep(0.5)
            await route.fulfill(response=page)

        await ana.page.route("**/page/messages*", slowly)
        await ana.open("payments")
        await expect(ana.message("Said meanwhile")).to_be_visible()
        await expect(ana.message("Said otherwise")).to_be_visible()
        await expect(ana.message("Said before")).to_have_count(0)

    async def test_what_is_replied_while_a_thread_opens_shows(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        root = desk.slack.say("ben", "general", "Who is in?")
        desk.slack.say("ben", "general", "I am", thread_ts=root)

        async def slowly(route: Route) -> None:
            page = await route.fetch()
            desk.slack.say("ben", "general", "So is Gus", thread_ts=root)
            await asyncio.sleep(0.5)
            await route.fulfill(response=page)

        await ana.page.route("**/page/thread*", slowly)
        await ana.message("Who is in?").locator(".reply-bar").click()
        await expect(ana.message("So is Gus", in_thread=True)).to_be_visible()


class TestThreads:
    async def test_a_reply_shows_in_the_thread_and_counts_below_its_root(self, desk: Desk) -> None:
        ana, ben = await desk.window("ana"), await desk.window("ben")
        desk.slack.say("ben", "general", "Who is on call?")
        await ana.tool(ana.message("Who is on call?"), "Reply in thread")
        await ana.write(REPLY, "I am")
        await expect(ana.message("I am", in_thread=True)).to_be_visible()
        await expect(ana.message("I am")).to_have_count(0)
        bar = ben.message("Who is on call?").locator(".reply-bar")
        await expect(bar).to_contain_text(re.compile(r"1 reply.*Last reply today at \d\d:\d\d"))
        await bar.click()
        await expect(ben.message("I am", in_thread=True)).to_be_visible()
        await expect(ben.box(REPLY)).to_be_focused()

    async def test_a_reply_can_be_sent_to_the_channel_too(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        desk.slack.say("ben", "general", "Who is on call?")
        await ana.tool(ana.message("Who is on call?"), "Reply in thread")
        await ana.page.get_by_label("Also send to #general").check()
        await ana.write(REPLY, "Me, all week")
        shown = ana.message("Me, all week")
        await expect(shown).to_contain_text("replied to a thread: Who is on call?")
        beside = ana.message("Me, all week", in_thread=True)
        await expect(beside).to_contain_text("Also sent to the channel")

    async def test_an_answer_grows_under_its_status_and_can_be_stopped(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        root = desk.slack.say("ana", "general", "@helper where is the rota?")
        await ana.message("where is the rota?").focus()
        await ana.page.keyboard.press("t")
        channel, thread = desk.id("general"), ana.page.locator(".thread-panel")
        await desk.bot.assistant_threads_setStatus(
            channel_id=channel, thread_ts=root, status="is searching…"
        )
        await expect(thread.locator(".status-line")).to_have_text("helper is searching…")
        await expect(ana.page.locator("main .status-line")).to_have_text("helper is searching…")
        stream = await desk.bot.chat_startStream(
            channel=channel,
            thread_ts=root,
            recipient_team_id=desk.slack.workspace.team_id,
            recipient_user_id=desk.user("ana"),
            markdown_text="It is on the page ",
        )
        answer = ana.message("It is on the page", in_thread=True)
        await expect(answer.locator(".streaming .caret")).to_be_visible()
        await expect(thread.locator(".status-line")).to_have_count(0)
        await desk.bot.chat_appendStream(
            channel=channel, ts=stream["ts"], markdown_text="**On call**."
        )
        await expect(answer.locator("strong")).to_have_text("On call")
        said_aloud = ana.page.locator("#announcer")
        await expect(said_aloud).not_to_contain_text("It is on the page")
        await thread.get_by_role("button", name="Stop").click()
        await desk.slack.until(
            lambda: [
                delivery
                for delivery in desk.slack.deliveries
                if delivery.payload.get("event", {}).get("type") == "agent_session_stopped"
            ]
        )
        await expect(answer.locator(".caret")).to_have_count(0)
        await expect(said_aloud).to_contain_text("helper: It is on the page On call.")

    async def test_a_long_answer_is_read_from_its_beginning(self, desk: Desk) -> None:
        root = desk.slack.say("ana", "general", "@helper tell me all")
        channel = desk.id("general")
        ana, ben = await desk.window("ana"), await desk.window("ben")
        await ana.message("tell me all").focus()
        await ana.page.keyboard.press("t")
        await expect(ana.box(REPLY)).to_be_focused()
        stream = await desk.bot.chat_startStream(
            channel=channel,
            thread_ts=root,
            recipient_team_id=desk.slack.workspace.team_id,
            recipient_user_id=desk.user("ana"),
            markdown_text="It begins here.",
        )
        for part in range(3):
            lines = "".join(f"\n\npoint {part}.{line}" for line in range(20))
            await desk.bot.chat_appendStream(channel=channel, ts=stream["ts"], markdown_text=lines)
            await expect(ana.page.get_by_text(f"point {part}.19")).to_be_attached()
        await expect(ana.page.get_by_text("It begins here.")).to_be_in_viewport()
        await ben.message("tell me all").locator(".reply-bar").click()
        await expect(ben.page.get_by_text("It begins here.")).to_be_in_viewport()
        await expect(ben.page.get_by_text("point 2.19")).not_to_be_in_viewport()

        # who has gone on to the end is kept there
        await ana.page.locator(".thread-panel .viewport").evaluate("it => it.scrollTop = 1e6")
        await expect(ana.page.get_by_text("point 2.19")).to_be_in_viewport()
        more = "".join(f"\n\nmore {line}" for line in range(10))
        await desk.bot.chat_appendStream(channel=channel, ts=stream["ts"], markdown_text=more)
        await expect(ana.page.get_by_text("more 9")).to_be_in_viewport()
        await ana.write(REPLY, "Thanks")
        await expect(ana.message("Thanks", in_thread=True)).to_be_in_viewport()


class TestWhereOneIs:
    async def test_a_reload_keeps_channel_thread_and_drafts(self, desk: Desk) -> None:
        desk.slack.say("ben", "payments", "Refunds hang")
        ana = await desk.window("ana")
        await ana.box(GENERAL).fill("half a thought")
        await ana.open("payments")
        await ana.message("Refunds hang").focus()
        await ana.page.keyboard.press("ArrowRight")
        await ana.box(REPLY).fill("let me")
        await ana.page.reload()
        await expect(ana.message("Refunds hang", in_thread=True)).to_be_visible()
        await expect(ana.box(REPLY)).to_have_value("let me")
        await ana.open("general")
        await expect(ana.box(GENERAL)).to_have_value("half a thought")
        await ana.page.go_back()
        await expect(ana.message("Refunds hang", in_thread=True)).to_be_visible()

    async def test_a_permalink_opens_at_its_message(self, desk: Desk) -> None:
        said = [desk.slack.say("ben", "general", f"line {number}") for number in range(120)]
        link = f"archives/{desk.id('general')}/p{said[20].replace('.', '')}?as=ana"
        ana = await desk.window("ana")
        await ana.page.goto(f"{desk.slack.url}{link}")
        target = ana.page.locator(f'main article[data-ts="{said[20]}"]')
        await expect(target).to_be_in_viewport()
        await expect(target).to_have_class("highlight")
        await ana.page.get_by_role("button", name="Jump to the latest messages").click()
        await expect(ana.page.locator(f'[data-ts="{said[-1]}"]')).to_be_in_viewport()

    async def test_a_permalink_of_a_reply_opens_its_thread(self, desk: Desk) -> None:
        root = desk.slack.say("ben", "general", "Root")
        reply = desk.slack.say("ben", "general", "Leaf", thread_ts=root)
        link = f"archives/{desk.id('general')}/p{reply.replace('.', '')}?thread_ts={root}&as=ana"
        ana = await desk.window("ana")
        await ana.page.goto(f"{desk.slack.url}{link}")
        await expect(ana.message("Leaf", in_thread=True)).to_have_class("highlight")
        await expect(ana.message("Root")).to_be_visible()

    async def test_older_messages_come_while_what_is_in_sight_stays(self, desk: Desk) -> None:
        said = [desk.slack.say("ben", "general", f"line {number}") for number in range(160)]
        ana = await desk.window("ana")
        await expect(ana.page.locator(f'[data-ts="{said[-1]}"]')).to_be_in_viewport()
        is_measured = asyncio.Event()

        async def later(route: Route) -> None:
            await is_measured.wait()
            await route.continue_()

        await ana.page.route(re.compile("/page/messages.*before="), later)
        watched = ana.page.locator(f'[data-ts="{said[112]}"]')
        await watched.evaluate("element => element.scrollIntoView()")
        top = await watched.evaluate(TOP_AT_REST)
        is_measured.set()
        await expect(ana.page.locator(f'[data-ts="{said[70]}"]')).to_be_attached()
        assert await watched.evaluate(TOP_AT_REST) == top
        desk.slack.say("ben", "general", "latest")
        await expect(ana.message("latest")).to_be_attached()
        assert await watched.evaluate(TOP_AT_REST) == top
        await ana.page.get_by_role("button", name="1 new message").click()
        await expect(ana.message("latest")).to_be_in_viewport()

    async def test_a_reply_to_a_message_that_is_not_loaded_is_no_news(self, desk: Desk) -> None:
        said = [desk.slack.say("ben", "general", f"line {number}") for number in range(120)]
        ana = await desk.window("ana")
        await expect(ana.page.locator(f'[data-ts="{said[-1]}"]')).to_be_in_viewport()
        above = ana.page.locator(f'[data-ts="{said[100]}"]')
        await above.evaluate("element => element.scrollIntoView()")
        await expect(ana.page.locator(f'[data-ts="{said[-1]}"]')).not_to_be_in_viewport()
        desk.slack.say("ben", "general", "a late reply", thread_ts=said[0])
        desk.slack.say("ben", "general", "real news")
        await expect(ana.page.get_by_role("button", name="1 new message")).to_be_visible()
        await expect(ana.page.locator("#announcer")).not_to_contain_text("line 0")

    async def test_a_page_holds_a_part_of_a_long_channel_only(self, desk: Desk) -> None:
        workspace = desk.slack.workspace
        workspace.add_channel("long", ["gus"])  # whose window would be told of each otherwise
        for number in range(2_000):
            desk.slack.say("gus", "long", f"line {number}")
        workspace.join("long", "ana")
        ana = await desk.window("ana", "long")
        await expect(ana.message("line 1999")).to_be_in_viewport()
        viewport = ana.page.locator("main .viewport")
        for oldest in range(1_900, 1_500, -50):
            await viewport.evaluate("element => { element.scrollTop = 0 }")
            await expect(ana.page.get_by_text(f"line {oldest}", exact=True)).to_be_attached()
        assert await ana.page.locator("main article").count() <= 300
        assert await ana.page.evaluate(KNOWN_MESSAGES, desk.id("long")) <= 300
        await ana.write("Message #long", "back to the end")
        await expect(ana.message("back to the end")).to_be_in_viewport()

    async def test_the_page_comes_back_by_itself_when_the_server_does(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        port = int(desk.slack.url.rsplit(":", 1)[1].strip("/"))
        await desk.slack.stop()
        await expect(ana.page.get_by_text("Connecting…")).to_be_visible()
        desk.slack.say("ben", "general", "Missed me?")
        await desk.slack.start(port)
        await expect(ana.message("Missed me?")).to_be_visible()
        await expect(ana.page.get_by_text("Connecting…")).to_be_hidden()

    async def test_an_open_thread_keeps_its_place_when_the_server_comes_back(
        self, desk: Desk
    ) -> None:
        root = desk.slack.say("ben", "general", "Root")
        replies = [
            desk.slack.say("ben", "general", f"reply {number}", thread_ts=root)
            for number in range(60)
        ]
        ana = await desk.window("ana")
        await ana.message("Root").locator(".reply-bar").click()
        viewport = ana.page.locator(".thread-panel .viewport")
        watched = viewport.locator(f'[data-ts="{replies[20]}"]')
        await expect(viewport.locator(f'[data-ts="{replies[-1]}"]')).to_be_in_viewport()
        await watched.evaluate(
            "element => { element.scrollIntoView();"
            " return new Promise(done => setTimeout(done, 60)) }"
        )
        top = await watched.evaluate("element => element.getBoundingClientRect().top")
        port = int(desk.slack.url.rsplit(":", 1)[1].strip("/"))
        await desk.slack.stop()
        await expect(ana.page.get_by_text("Connecting…")).to_be_visible()
        desk.slack.say("ben", "general", "Missed me?", thread_ts=root)
        await desk.slack.start(port)
        await expect(ana.message("Missed me?", in_thread=True)).to_be_attached()
        assert abs(await watched.evaluate("it => it.getBoundingClientRect().top") - top) <= 1

    async def test_someone_who_is_not_there_is_told_so(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.page.goto(f"{desk.slack.url}?as=nobody")
        await expect(ana.page.get_by_text("There is nobody of that name")).to_be_visible()
        await ana.page.get_by_role("link", name="Go on as someone else").click()
        await expect(ana.box(GENERAL)).to_be_visible()


class TestWhoOneIs:
    async def test_the_seat_menu_makes_a_window_someone_elses(self, desk: Desk) -> None:
        window = await desk.new_window("ana")
        seat = window.page.locator("[data-role=seat-menu]")
        await expect(seat).to_contain_text("Ana Ruiz")
        await seat.click()
        await window.page.get_by_role("menuitemradio", name="Ben Okafor").click()
        await expect(seat).to_contain_text("Ben Okafor")
        await window.write(GENERAL, "It is me, Ben")
        await expect(window.message("It is me").locator(".author")).to_have_text("Ben Okafor")

    async def test_a_guest_sees_only_their_channels(self, desk: Desk) -> None:
        gus = await desk.new_window("gus", "payments")
        await expect(gus.place("payments")).to_be_visible()
        await expect(gus.place("general")).to_have_count(0)
        ana = await desk.window("ana", "payments")
        desk.slack.say("gus", "payments", "May I?")
        await expect(ana.message("May I?").locator(".badge")).to_have_text("Guest")

    async def test_text_stands_out_from_its_ground(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        for look in ("light", "dark"):
            ratios = await ana.page.evaluate(CONTRASTS, [look, TEXT_AND_GROUND])
            measured = zip(TEXT_AND_GROUND, ratios, strict=True)
            assert {pair: ratio for pair, ratio in measured if ratio < ENOUGH} == {}, look

    async def test_ones_own_mention_stands_out_from_others(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        desk.slack.say("ben", "general", "@ana or @helper?")
        colour = "element => getComputedStyle(element).backgroundColor"
        mine = ana.page.locator("main .mention", has_text="Ana Ruiz")
        assert await mine.evaluate(colour) == "rgb(253, 243, 207)"
        assert await ana.page.locator("main .mention", has_text="helper").evaluate(
            colour
        ) != await mine.evaluate(colour)

    async def test_the_look_that_was_chosen_is_remembered(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        background = "() => getComputedStyle(document.querySelector('main')).backgroundColor"
        seat = ana.page.locator("[data-role=seat-menu]")
        light = await ana.page.evaluate(background)
        await seat.click()
        await ana.page.get_by_role("menuitemradio", name="Dark").click()
        await ana.page.reload()
        await ana.box(GENERAL).wait_for()
        assert await ana.page.evaluate(background) != light
        await seat.click()
        await ana.page.get_by_role("menuitemradio", name="As the system").click()
        assert await ana.page.evaluate(background) == light


class TestNews:
    async def test_what_is_unread_is_bold_and_mentions_are_counted(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        desk.slack.say("ben", "payments", "lunch")
        await expect(ana.place("payments")).to_have_class(re.compile("unread"))
        await expect(ana.place("payments").locator(".count-badge")).to_have_count(0)
        desk.slack.say("ben", "payments", "@ana are you there?")
        await expect(ana.place("payments").locator(".count-badge")).to_have_text("1")
        await expect(ana.page).to_have_title(re.compile(r"^\(1\) #general"))
        await ana.open("payments")
        await expect(ana.page.locator(".new-line")).to_be_visible()
        await expect(ana.place("payments")).not_to_have_class(re.compile("unread"))
        await ana.page.reload()
        await expect(ana.message("lunch")).to_be_visible()
        await expect(ana.page.locator(".new-line")).to_have_count(0)

    async def test_a_private_note_shows_to_one_person_until_dismissed(self, desk: Desk) -> None:
        ana, ben = await desk.window("ana"), await desk.window("ben")
        await desk.bot.chat_postEphemeral(
            channel=desk.id("general"), user=desk.user("ana"), text="You have *no access*."
        )
        desk.slack.say("ben", "general", "after it")
        note = ana.page.locator(".ephemeral")
        await expect(note).to_contain_text("Only visible to you")
        await expect(note.locator("strong")).to_have_text("no access")
        await expect(ben.message("after it")).to_be_visible()
        await expect(ben.page.locator(".ephemeral")).to_have_count(0)
        await note.get_by_role("button", name="Dismiss").click()
        await expect(note).to_have_count(0)


class TestKeys:
    async def test_ctrl_k_jumps_to_a_conversation(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.page.keyboard.press("Control+k")
        await ana.page.keyboard.type("ben")
        await ana.page.keyboard.press("Enter")
        await ana.write("Message Ben Okafor", "Lunch?")
        await expect(ana.message("Lunch?")).to_be_visible()

    async def test_alt_and_arrows_go_through_the_sidebar(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.page.keyboard.press("Alt+ArrowDown")
        await expect(ana.box("Message #payments")).to_be_focused()
        await ana.page.keyboard.press("Alt+ArrowUp")
        await expect(ana.box(GENERAL)).to_be_focused()

    async def test_messages_are_walked_and_acted_on_with_keys(self, desk: Desk) -> None:
        for author, text in (("ana", "first"), ("ben", "second"), ("ben", "third")):
            desk.slack.say(author, "general", text)
        ana = await desk.window("ana")
        await expect(ana.message("third")).to_be_visible()
        await expect(ana.box(GENERAL)).to_be_focused()
        await ana.page.keyboard.press("Shift+F6")
        await expect(ana.message("third")).to_be_focused()
        await ana.page.keyboard.press("ArrowUp")
        await ana.page.keyboard.press("t")
        await expect(ana.message("second", in_thread=True)).to_be_visible()
        await expect(ana.box(REPLY)).to_be_focused()
        await ana.page.keyboard.press("Escape")
        await expect(ana.page.locator(".thread-panel")).to_be_hidden()
        await expect(ana.message("second")).to_be_focused()
        await ana.page.keyboard.press("ArrowUp")
        await ana.page.keyboard.press("e")
        await expect(ana.box(EDIT)).to_have_value("first")
        await ana.page.keyboard.press("Escape")
        await expect(ana.box(EDIT)).to_have_count(0)

    async def test_the_drawer_of_a_narrow_window_takes_the_focus_and_gives_it_back(
        self, desk: Desk
    ) -> None:
        ana = await desk.window("ana")
        await ana.page.set_viewport_size({"width": 390, "height": 700})
        drawer = ana.page.get_by_role("button", name="Conversations")
        await drawer.click()
        await expect(ana.place("general")).to_be_focused()
        await ana.page.keyboard.press("Escape")
        await expect(drawer).to_be_focused()

    async def test_a_question_mark_lists_the_keys_unless_one_writes(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        keys = ana.page.get_by_role("dialog", name="Keyboard shortcuts")
        await ana.box(GENERAL).press("?")
        await expect(keys).to_have_count(0)
        await ana.place("general").focus()
        await ana.page.keyboard.press("?")
        await expect(keys).to_be_visible()
        await ana.page.keyboard.press("Escape")
        await expect(keys).to_have_count(0)


class TestApps:
    async def test_the_home_tab_shows_what_the_app_published(self, desk: Desk) -> None:
        button = {
            "type": "button",
            "action_id": "forget",
            "text": {"type": "plain_text", "text": "Forget me"},
        }
        blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
        ana = await desk.window("ana")
        await ana.place("helper").click()
        await ana.page.get_by_role("tab", name="Home").click()
        await expect(ana.page.get_by_text("has not put anything here yet")).to_be_visible()
        await desk.bot.views_publish(
            user_id=desk.user("ana"), view={"type": "home", "blocks": blocks}
        )
        await ana.page.get_by_role("button", name="Forget me").click()
        await expect(ana.page.locator("#toast")).to_contain_text("The app is not running")
        await ana.page.get_by_role("tab", name="Messages").click()
        await expect(ana.box("Message helper")).to_be_visible()

    async def test_an_empty_channel_says_what_to_do(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        intro = ana.page.locator(".intro", has_text="This is the very beginning of #general")
        await expect(intro).to_contain_text("Mention @helper to ask it something.")

    async def test_a_newcomer_is_offered_a_message_to_begin_with(self, new_desk: Desk) -> None:
        new_desk.slack.prompt = "@helper where is the rota?"
        ana = await new_desk.window("ana")
        offer = ana.page.get_by_role("button", name="@helper where is the rota?")
        await offer.click()
        await expect(ana.box(GENERAL)).to_have_value("@helper where is the rota?")
        await expect(ana.box(GENERAL)).to_be_focused()
        await ana.page.keyboard.press("Enter")
        await expect(ana.message("where is the rota?")).to_be_visible()
        await expect(offer).to_be_hidden()
        await ana.page.reload()
        await expect(ana.message("where is the rota?")).to_be_visible()
        await expect(offer).to_be_hidden()


class TestFirstPaint:
    async def test_the_page_asks_for_its_state_and_its_messages_once(self, desk: Desk) -> None:
        ana = await desk.window("ana")
        await ana.page.reload()
        await ana.page.locator(".intro h2").wait_for()
        asked = await ana.page.evaluate(
            "performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)"
        )
        assert sorted(path for path in asked if path.startswith("/page/")) == [
            "/page/messages",
            "/page/state",
        ]

    async def test_every_module_is_loaded_ahead(self) -> None:
        index = (STATIC / "index.html").read_text()
        named = set(re.findall(r'(?:href|src)="/static/([\w/]+\.js)"', index))
        entries = re.findall(r'src="/static/([\w/]+\.js)"', index)
        needed = {module for entry in entries for module in _modules(STATIC / entry)}
        assert named == {str(path.relative_to(STATIC)) for path in needed}

    async def test_every_style_is_of_something_on_the_page(self) -> None:
        styles = "".join(path.read_text() for path in STATIC.rglob("*.css"))
        page = "".join(path.read_text() for path in (STATIC / "index.html", *STATIC.rglob("*.js")))
        rules = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
        selectors = "".join(re.findall(r"[^{}@;]+(?=\{)", rules))
        classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
        words = set(re.findall(r"[\w-]+(?:\$\{)?", page))
        assert len(classes) > 100
        assert [name for name in sorted(classes) if not _is_named(name, words)] == []


def _is_named(name: str, words: set[str]) -> bool:
    """Tell whether a page's sources have a class in full, or as the beginning of a template."""
    templates = {f"{name[: hyphen.end()]}${{" for hyphen in re.finditer("-", name)}
    return name in words or not templates.isdisjoint(words)


def _modules(entry: Path) -> set[Path]:
    """Return a module and all that it imports."""
    found, waiting = set[Path](), [entry]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            imported = _IMPORT.findall(module.read_text())
            waiting += [(module.parent / name).resolve() for name in imported]
    return found
