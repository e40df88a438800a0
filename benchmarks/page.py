"""The page of the local workspace: its first paint, and its frames while somebody scrolls far up.

    .venv/bin/python benchmarks/page.py [--messages 2000] [--loads 9]

A channel holds so many messages; the page is opened in fresh windows of Chromium, without a screen,
and then scrolled from the last message to the first, which loads them all. Milliseconds. A frame
of more than 50 ms is one that people notice.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from localslack import LocalSlack, Workspace

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TEXT = "Message {n}: the *queue* of `settlement-worker` is at {n}, see <https://example.com|board>"

FIRST_PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0].startTime"""
LAST_MESSAGE = "main article:last-of-type"

SCROLL = """async () => {
  const list = document.querySelector("main .viewport");
  const frames = [];
  let last = performance.now(), still = 0, height = 0;
  while (still < 60) {
    list.scrollTop -= 400;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    const moved = list.scrollTop > 0 || list.scrollHeight !== height;
    still = moved ? 0 : still + 1;
    height = list.scrollHeight;
  }
  return { frames, first: document.querySelector("main article").textContent };
}"""


def crowded() -> Workspace:
    """Return a workspace with three people in a channel."""
    workspace = Workspace("Acme")
    for name in ("ana", "ben", "chloe"):
        workspace.add_person(name)
    workspace.add_channel("general", ["ana", "ben", "chloe"])
    return workspace


async def load(browser: Browser, slack: LocalSlack) -> tuple[Page, float]:
    """Open the page in a fresh context; return it, and its first paint in milliseconds."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{slack.url}?as=ana")
    await page.locator(LAST_MESSAGE).wait_for()
    return page, await page.evaluate(FIRST_PAINT)


async def measure(messages: int, loads: int) -> None:
    """Print the figures."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        sys.exit("This needs Chromium; on Debian and Ubuntu: apt install chromium")
    async with LocalSlack(crowded()) as slack, async_playwright() as playwright:
        for n in range(messages):
            slack.say(("ana", "ben", "chloe")[n % 3], "general", TEXT.format(n=n))
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--no-proxy-server"]
        )
        paints = []
        for _ in range(loads):
            page, paint = await load(browser, slack)
            paints.append(paint)
            await page.context.close()
        page, _ = await load(browser, slack)
        scrolled = await page.evaluate(SCROLL)
        await browser.close()
    frames = sorted(scrolled["frames"])
    print(f"first paint      {statistics.median(paints):5.0f} ms, at worst {max(paints):.0f} ms")
    print(f"a frame          {statistics.median(frames):5.0f} ms, at worst {frames[-1]:.0f} ms")
    slow = sum(frame > 50 for frame in frames)
    print(f"{len(frames)} frames, {slow} of them over 50 ms")
    if "Message 0:" not in scrolled["first"]:
        sys.exit("the first message was not reached")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--loads", type=int, default=9)
    given = parser.parse_args()
    asyncio.run(measure(given.messages, given.loads))
