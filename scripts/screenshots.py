"""Takes the pictures of the documentation: the sample company's Slack, with the bot at work."""

from __future__ import annotations

import asyncio
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.async_api import async_playwright

from slackbot.config import demo_settings
from slackbot.demo.run import company_at_work
from slackbot.main import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from playwright.async_api import Browser, Page

    from localslack import LocalSlack

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1280, "height": 800}
QUESTION = "@slackbot how do we roll back payments?"
FOLLOW_UP = "and who approves it?"
DONE = '.reaction[data-name="white_check_mark"]'


@asynccontextmanager
async def bot(demo: Mapping[str, str]) -> AsyncIterator[None]:
    """Run the bot without a language model: its answers are the same every time."""
    async with create_app(demo_settings(demo, {}, None)):
        yield


@asynccontextmanager
async def page(
    browser: Browser, slack: LocalSlack, path: str, theme: Literal["light", "dark"] = "light"
) -> AsyncIterator[Page]:
    """Open the page as Ana."""
    context = await browser.new_context(
        viewport=SIZE,  # type: ignore[arg-type] # a mapping of the two
        color_scheme=theme,
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )
    opened = await context.new_page()
    await opened.goto(f"{slack.url}{path}")
    await opened.locator(".composer").first.wait_for()
    yield opened
    await context.close()


async def picture(opened: Page, name: str) -> None:
    """Save what the window shows."""
    await opened.mouse.move(640, 5)
    await opened.wait_for_timeout(400)
    await opened.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


async def say(opened: Page, box: str, text: str) -> None:
    """Type something and send it."""
    await opened.get_by_role("textbox", name=box, exact=True).fill(text)
    await opened.keyboard.press("Enter")


async def scene(browser: Browser, slack: LocalSlack) -> None:
    """Ask, follow up, and look at it from several sides."""
    payments = slack.workspace.channel("payments").id
    async with page(browser, slack, f"?as=ana#{payments}") as ana:
        await say(ana, "Message #payments", QUESTION)
        question = ana.locator("main article", has_text="how do we roll back payments?")
        await question.locator(DONE).wait_for()
        await question.locator(".reply-bar").click()
        await picture(ana, "answer")
        await say(ana, "Reply…", FOLLOW_UP)
        follow_up = ana.locator(".thread-panel article", has_text=FOLLOW_UP)
        await follow_up.locator(DONE).wait_for()
        await picture(ana, "follow-up")
        here = ana.url.removeprefix(slack.url)
    async with page(browser, slack, here, "dark") as ana:
        await ana.locator(".thread-panel article").first.wait_for()
        await picture(ana, "dark")


async def main() -> int:
    """Take all pictures; return the exit code."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print("Pictures need Chromium; on Debian and Ubuntu: apt install chromium")
        return 1
    IMAGES.mkdir(exist_ok=True)
    async with async_playwright() as playwright, company_at_work(bot, port=0) as slack:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--no-proxy-server"]
        )
        await scene(browser, slack)
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
