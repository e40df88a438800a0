"""The weather panel, as somebody uses it to try a bot by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from slack_sdk.errors import SlackApiError

from kit.shell import Desk, acme
from localslack import EventOdds, LocalSlack, Odds
from localslack.fault import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator, Page

    from kit.shell import Window

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Clock:
    """Seconds since the epoch, which stand still until a test moves them."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(chromium: Browser, clock: Clock) -> AsyncIterator[Desk]:
    async with LocalSlack(acme(), clock=clock) as slack:
        desk = Desk(slack, chromium)
        window = await desk.window("ana")
        await window.page.clock.install()  # whose time goes on by itself as well
        yield desk
        await desk.close()


@pytest_asyncio.fixture(loop_scope="module")
async def window(desk: Desk) -> AsyncIterator[Window]:
    """Ana's window, with the panel open under a clear sky."""
    window = desk.kept["ana"]
    desk.slack.faults.clear()
    desk.slack.tiers.limits = {}
    await button(window.page).click()
    await expect(panel(window.page)).to_be_visible()
    await expect(button(window.page)).to_have_attribute("aria-label", "Weather: a clear sky")
    yield window
    await window.page.keyboard.press("Escape")
    await expect(panel(window.page)).to_have_count(0)
    await window.put_aside(desk.id("general"))


async def look_again(page: Page) -> None:
    """Let the panel ask for the weather as it does each second."""
    await page.clock.fast_forward(1_000)


def button(page: Page) -> Locator:
    return page.locator(".weather-button")


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Weather")


def switch(page: Page, label: str) -> Locator:
    return panel(page).get_by_role("switch", name=label)


async def test_switches_make_the_weather_together_and_the_bar_says_so(
    desk: Desk, window: Window
) -> None:
    for label in ("Slack is slow", "One call in five fails", "Events come twice"):
        await switch(window.page, label).check()
        await expect(button(window.page)).to_contain_text(label)
    assert desk.slack.faults.weather_now.calls == {"*": Odds(slow=1, delay=2, http_before=0.2)}
    assert desk.slack.faults.weather_now.events == EventOdds(twice=1, twice_after=1)
    await switch(window.page, "Slack is slow").uncheck()
    await expect(button(window.page)).not_to_contain_text("Slack is slow")
    assert desk.slack.faults.weather_now.calls == {"*": Odds(http_before=0.2)}


async def test_the_rate_limits_of_slack_can_be_put_in_force(desk: Desk, window: Window) -> None:
    await switch(window.page, "Rate limits hold").check()
    await expect(button(window.page)).to_contain_text("Rate limits hold")
    for _ in range(5):
        await desk.bot.chat_postMessage(channel=desk.id("general"), text="x")
    for _ in range(2):
        with pytest.raises(SlackApiError, match="ratelimited"):
            await desk.bot.chat_postMessage(channel=desk.id("general"), text="x")
    await expect(panel(window.page)).to_contain_text("1 call too soon after a 429")


async def test_sockets_are_refused_for_a_while_and_the_bar_says_so(
    desk: Desk, window: Window, clock: Clock
) -> None:
    await window.page.get_by_role("button", name="Refuse sockets for 10 s").click()
    await expect(button(window.page)).to_contain_text("Sockets are refused for 10 s")
    assert desk.slack.faults.refusing_seconds == 10
    await window.page.keyboard.press("Escape")
    await expect(panel(window.page)).to_have_count(0)
    clock.now += 2
    await look_again(window.page)
    await expect(button(window.page)).to_contain_text("for 8 s")  # it counts on, closed as it is
    desk.slack.faults.clear()
    await look_again(window.page)
    await expect(button(window.page)).to_have_attribute("aria-label", "Weather: a clear sky")


async def test_slack_is_cut_off_and_the_sky_clears(desk: Desk, window: Window) -> None:
    await window.page.get_by_role("button", name="Cut Slack off").click()
    await expect(button(window.page)).to_contain_text("Slack is out of reach")
    assert desk.slack.faults.take("auth.test") == Fault(reset="before")
    await window.page.get_by_role("button", name="Clear sky").click()
    await expect(button(window.page)).to_have_text("Weather")
    assert desk.slack.faults.take("auth.test") is None


async def test_what_a_program_made_is_shown_and_kept(desk: Desk, window: Window) -> None:
    desk.slack.faults.weather(3, {"chat.*": Odds(error=0.5)}, events=EventOdds(late=1))
    await look_again(window.page)
    await expect(switch(window.page, "Events come late")).to_be_checked()
    await switch(window.page, "Slack is slow").check()
    await expect(button(window.page)).to_contain_text("Slack is slow")
    weather = desk.slack.faults.weather_now
    assert weather.seed == 3
    assert list(weather.calls) == ["chat.*", "*"]
    assert weather.calls["chat.*"].error == 0.5
    assert weather.events == EventOdds(late=1)


async def test_a_change_that_did_not_come_about_is_told_and_not_shown(window: Window) -> None:
    await window.page.route("**/control/*", lambda route: route.abort())
    box = switch(window.page, "Slack is slow")
    await expect(box).to_be_enabled()
    await box.click()
    await expect(window.page.locator("#toast")).to_contain_text("still running")
    await expect(box).not_to_be_checked()


async def test_switches_that_are_turned_in_haste_all_hold(desk: Desk, window: Window) -> None:
    await expect(switch(window.page, "Slack is slow")).to_be_enabled()
    await panel(window.page).evaluate(
        "(panel) => { for (const box of panel.querySelectorAll('input')) box.click(); }"
    )
    await expect(switch(window.page, "Rate limits hold")).to_be_checked()
    await expect(button(window.page)).to_contain_text("Rate limits hold")
    expected = {"*": Odds(slow=1, delay=2, http_before=0.2, reset_after=0.1)}
    assert desk.slack.faults.weather_now.calls == expected
    assert desk.slack.faults.weather_now.events.late == 1


async def test_the_panel_fits_a_narrow_window(window: Window) -> None:
    await window.page.keyboard.press("Escape")
    await window.page.set_viewport_size({"width": 360, "height": 560})
    await button(window.page).click()
    place = await panel(window.page).bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 360
    assert place["y"] + place["height"] <= 560
