"""The bot as people meet it: the page of the local workspace in a real browser, the whole way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from kit.company import PATIENCE, company
from kit.shell import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator

    from kit.shell import Window

pytestmark = pytest.mark.asyncio(loop_scope="module")

GENERAL = "Message #general"
REPLY = "Reply…"
QUESTION = "@slackbot how do we roll back payments?"
ANSWER = "payctl rollback"
ANSWERED = 300_000  # milliseconds: how long an answer may take on a slow machine

WATCH = """() => {
  window.seen = { status: new Set(), streamed: new Set() };
  const look = () => {
    for (const line of document.querySelectorAll(".status-line, .composer-status")) {
      if (line.textContent.trim()) window.seen.status.add(line.textContent.trim());
    }
    for (const text of document.querySelectorAll(".thread-panel .streaming .message-body")) {
      window.seen.streamed.add(text.textContent);
    }
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, characterData: true,
  });
}"""
SEEN = """() => ({
  status: [...window.seen.status], streamed: [...window.seen.streamed].map((text) => text.length),
})"""


@dataclass(frozen=True)
class Asked:
    """A question that Ana asked in a channel, answered, and what showed in her window meanwhile."""

    desk: Desk
    ana: Window
    seen: Any

    async def thread(self, window: Window) -> Locator:
        """Open the thread; return the answer in it."""
        await question_in(window).locator(".reply-bar").click()
        return window.message(ANSWER, in_thread=True).first


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parcelwick(chromium: Browser) -> AsyncIterator[Desk]:
    async with company(**PATIENCE) as opened:
        desk = Desk(opened.slack, chromium)
        yield desk
        await desk.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(parcelwick: Desk) -> Asked:
    """Ask, open the thread, and wait for the end of the answer."""
    ana = await parcelwick.window("ana")
    await ana.page.evaluate(WATCH)
    await ana.write(GENERAL, QUESTION)
    question = question_in(ana)
    await expect(question.locator('.reaction[data-name="eyes"]')).to_be_visible()
    await question.hover()
    await question.get_by_role("button", name="Reply in thread", exact=True).click()
    done = question.locator('.reaction[data-name="white_check_mark"]')
    await expect(done).to_be_visible(timeout=ANSWERED)
    await expect(ana.message(ANSWER, in_thread=True)).to_have_count(1)
    return Asked(parcelwick, ana, await ana.page.evaluate(SEEN))


def question_in(window: Window) -> Locator:
    return window.page.locator("main article", has_text="how do we roll back payments?")


async def test_a_question_in_a_channel_shows_every_sign_up_to_the_sources(asked: Asked) -> None:
    answer = await asked.thread(asked.ana)
    await expect(answer.locator(".author")).to_have_text("slackbot")
    await expect(answer).to_contain_text("Sources")
    assert any("is searching" in status for status in asked.seen["status"])
    assert asked.seen["streamed"]
    assert asked.seen["streamed"] == sorted(asked.seen["streamed"])
    await expect(asked.ana.page.locator(".streaming")).to_have_count(0)


async def test_a_source_opens_as_a_page(asked: Asked) -> None:
    answer = await asked.thread(asked.ana)
    async with asked.ana.page.expect_popup() as opening:
        await answer.get_by_role("link", name="Roll back the payments service").last.click()
    page = await opening.value
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "Roll back the payments service"
    )
    await page.close()


async def test_a_second_window_sees_the_same_and_a_reload_changes_nothing(asked: Asked) -> None:
    ben = await asked.desk.window("ben")
    answer = await asked.thread(asked.ana)
    shown = await answer.locator(".message-body").inner_text()
    theirs = (await asked.thread(ben)).locator(".message-body")
    await expect(theirs).to_have_text(shown, use_inner_text=True)
    await asked.ana.page.reload()
    again = answer.locator(".message-body")
    await expect(again).to_have_text(shown, use_inner_text=True)
    marks = question_in(asked.ana).locator(".reaction[data-name]")
    await expect(marks).to_have_count(2)


async def test_a_follow_up_needs_no_mention_and_a_thanks_no_search(asked: Asked) -> None:
    ana = asked.ana
    await asked.thread(ana)
    await ana.write(REPLY, "and who approves it?")
    answer = ana.message("No approval is needed", in_thread=True)
    await expect(answer).to_be_visible(timeout=ANSWERED)
    await ana.write(REPLY, "thanks!")
    thanked = ana.message("You're welcome", in_thread=True)
    await expect(thanked).to_be_visible(timeout=ANSWERED)
    await expect(thanked).not_to_contain_text("Sources")


async def test_a_direct_message_is_answered_without_a_mention(parcelwick: Desk) -> None:
    ana = await parcelwick.window("ana")
    await ana.place("slackbot").click()
    await ana.write("Message slackbot", "how do we roll back payments?")
    question = question_in(ana)
    await expect(question.locator('.reaction[data-name="white_check_mark"]')).to_be_visible(
        timeout=ANSWERED
    )
    await question.locator(".reply-bar").click()
    await expect(ana.message(ANSWER, in_thread=True)).to_be_visible()


async def test_a_guest_sees_the_channels_of_guests_only(parcelwick: Desk) -> None:
    dario = await parcelwick.window("dario")
    await expect(dario.place("couriers")).to_be_visible()
    await expect(dario.place("payments")).to_have_count(0)
