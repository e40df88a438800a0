"""A page in a real browser on which one thing at a time is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.async_api import CDPSession, Locator, Page


@dataclass(frozen=True)
class Stage:
    """Drives what `tests/localslack/page/gallery_stage.js` offers."""

    page: Page
    debugger: CDPSession

    @classmethod
    async def on(cls, page: Page) -> Stage:
        """Return the stage of a page that was loaded."""
        debugger = await page.context.new_cdp_session(page)
        await debugger.send("Performance.enable", {"timeDomain": "threadTicks"})
        return cls(page, debugger)

    async def show(self, renderer: str, given: object, *, again: bool = False) -> str:
        """Render, leave it on the page and return its HTML; `again` remembers earlier choices."""
        html: str = await self.call(
            f"show(...given, {{ keep: {str(again).lower()} }})", renderer, given
        )
        return html

    async def call(self, expression: str, *given: object) -> Any:
        """Evaluate an expression on the page's `stage`; the rest is `given` in it."""
        return await self.page.evaluate(f"(given) => stage.{expression}", list(given))

    async def work(self, expression: str, *given: object) -> float:
        """Evaluate likewise; return the milliseconds for which the page's thread was at work.

        Time in which other programs have the processor does not count.
        """
        before = await self._thread_time()
        await self.call(expression, *given)
        return await self._thread_time() - before

    async def _thread_time(self) -> float:
        metrics = await self.debugger.send("Performance.getMetrics")
        values = {metric["name"]: metric["value"] for metric in metrics["metrics"]}
        return float(values["ThreadTime"]) * 1_000

    def find(self, selector: str) -> Locator:
        """Return what matches within what was rendered."""
        return self.page.locator(f"main {selector}")

    async def texts(self, selector: str) -> list[str]:
        """Return the text of each element that matches."""
        return await self.find(selector).all_text_contents()

    async def pressed(self) -> Sequence[Mapping[str, Any]]:
        """Return what the app was told since the last rendering."""
        told: Sequence[Mapping[str, Any]] = await self.call("pressed")
        return told
