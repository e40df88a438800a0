"""Windows of a real browser on a real LocalSlack, and where things are on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slack_sdk.web.async_client import AsyncWebClient

from localslack import LocalSlack, Workspace

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Locator, Page


def acme() -> Workspace:
    """Two people, a guest and a bot; the guest sees one channel."""
    workspace = Workspace("Acme")
    workspace.add_person("ana", real_name="Ana Ruiz")
    workspace.add_person("ben", real_name="Ben Okafor")
    workspace.add_person("gus", real_name="Gus Green", ultra_restricted=True)
    workspace.add_app("helper")
    workspace.add_channel("general", ["ana", "ben", "helper"])
    workspace.add_channel("payments", ["ana", "ben", "gus", "helper"])
    return workspace


@dataclass(frozen=True)
class Window:
    """One window with the page, and what a person does there."""

    page: Page

    def box(self, label: str) -> Locator:
        """The text box with this label."""
        return self.page.get_by_role("textbox", name=label, exact=True)

    def message(self, text: str, *, in_thread: bool = False) -> Locator:
        """The messages that hold this text, in the channel or in the thread beside it."""
        place = ".thread-panel" if in_thread else "main"
        return self.page.locator(f"{place} article", has_text=text)

    def place(self, name: str) -> Locator:
        """An entry of the sidebar."""
        return self.page.locator(".sidebar .place", has_text=name)

    async def write(self, label: str, text: str) -> None:
        """Write into a box and send it."""
        await self.box(label).fill(text)
        await self.page.keyboard.press("Enter")

    async def open(self, channel: str) -> None:
        """Go to a channel by the sidebar."""
        await self.place(channel).click()
        await self.box(f"Message #{channel}").wait_for()

    async def tool(self, message: Locator, label: str) -> None:
        """Press a button of the bar that floats over a message."""
        await message.hover()
        await message.get_by_role("button", name=label, exact=True).click()


@dataclass
class Desk:
    """A workspace that is served, and the windows that were opened on it."""

    slack: LocalSlack
    browser: Browser
    errors: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def bot(self) -> AsyncWebClient:
        """The client of the workspace's app."""
        (app,) = self.slack.workspace.apps
        return AsyncWebClient(app.bot_token, base_url=f"{self.slack.api_url}/")

    def id(self, channel: str) -> str:
        """The id of a channel."""
        return self.slack.workspace.channel(channel).id

    def user(self, name: str) -> str:
        """The id of a user."""
        return self.slack.workspace.user(name).id

    async def window(self, seat: str, place: str = "general", path: str = "") -> Window:
        """Open a window as someone: at a channel, or at a path of the page."""
        context = await self.browser.new_context(viewport={"width": 1100, "height": 700})
        context.set_default_timeout(4_000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        target = path or f"?as={seat}#{self.id(place)}"
        await page.goto(f"{self.slack.url}{target}")
        await page.locator("main article, main h2").first.wait_for()
        return Window(page)

    async def close(self) -> None:
        """Close all windows; nothing may have failed in any of them."""
        for context in self.contexts:
            await context.close()
        assert self.errors == []
