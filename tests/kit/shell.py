"""Windows of a real browser on a real LocalSlack, and where things are on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slack_sdk.web.async_client import AsyncWebClient

from kit.browser import NET
from localslack import LocalSlack, Workspace

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page, ViewportSize

SIZE: ViewportSize = {"width": 1100, "height": 700}
CHANNELS = {
    "general": ["ana", "ben", "helper"],
    "payments": ["ana", "ben", "gus", "helper"],
}
LOBBY = "random"
"""Where windows wait from one test to the next."""

ARRIVE = """async ([channel, latest]) => {
  const { store } = await import("/static/start.js");
  const until = async (isSo) => {
    while (!isSo()) await new Promise((done) => setTimeout(done, 5));
  };
  await until(() => store.channels.get(channel)?.latest === latest);
  location.hash = channel;
  await until(() => store.room(channel).isLoaded);
}"""


def acme() -> Workspace:
    """Two people, a guest and a bot; the guest sees one channel, the bot two of three."""
    workspace = Workspace("Acme")
    workspace.add_person("ana", real_name="Ana Ruiz")
    workspace.add_person("ben", real_name="Ben Okafor")
    workspace.add_person("gus", real_name="Gus Green", ultra_restricted=True)
    workspace.add_app("helper")
    for name, members in CHANNELS.items():
        workspace.add_channel(name, members)
    workspace.add_channel(LOBBY, ["ana", "ben"])
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

    async def shown(self) -> None:
        """Wait until the messages of a channel, or what stands where there are none, are shown."""
        await self.page.locator("main article, main h2").first.wait_for()

    async def put_aside(self, channel: str) -> None:
        """Leave whatever is open, and wait in a channel where nothing happens."""
        await self.page.unroute_all()
        await self.page.set_viewport_size(SIZE)
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("channel => { location.hash = channel }", channel)

    async def tool(self, message: Locator, label: str) -> None:
        """Press a button of the bar that floats over a message."""
        await message.hover()
        await message.get_by_role("button", name=label, exact=True).click()


@dataclass
class Desk:
    """A workspace that is served, and the windows that were opened on it.

    To load a page costs far more than to use it, so a person's window stays open from one test to
    the next. Each test has channels of its own all the same, see `clear`.
    """

    slack: LocalSlack
    browser: Browser
    errors: list[str] = field(default_factory=list)
    kept: dict[str, Window] = field(default_factory=dict)
    others: list[Window] = field(default_factory=list)

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

    async def window(self, seat: str, place: str = "general") -> Window:
        """Someone's own window, at a channel: as if it were opened there now."""
        window = self.kept.get(seat)
        if window is None:
            window = self.kept[seat] = await self._open(seat, place)
            return window
        room = self.slack.workspace.room(place)
        await window.page.evaluate(ARRIVE, [room.channel.id, room.latest])
        await window.shown()
        return window

    async def new_window(self, seat: str, place: str = "general") -> Window:
        """A window for this test alone."""
        window = await self._open(seat, place)
        self.others.append(window)
        return window

    async def _open(self, seat: str, place: str) -> Window:
        context = await self.browser.new_context(viewport=SIZE, reduced_motion="reduce")
        context.set_default_timeout(NET)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        await page.goto(f"{self.slack.url}?as={seat}#{self.id(place)}")
        window = Window(page)
        await window.shown()
        return window

    async def clear(self) -> None:
        """Put the windows aside, and new channels with the same names in the place of the old.

        Nothing may have failed in any window.
        """
        while self.others:
            await self.others.pop().page.context.close()
        for window in self.kept.values():
            await window.put_aside(self.id(LOBBY))
        workspace = self.slack.workspace
        used = [room for room in workspace.rooms if room.channel.name not in ("", LOBBY)]
        for name, members in CHANNELS.items():
            workspace.add_channel(name, members)
        for room in used:
            for member in list(room.members):
                workspace.leave(room.channel.id, member)
        self._assert_no_errors()

    async def close(self) -> None:
        """Close all windows; nothing may have failed in any of them."""
        for window in [*self.kept.values(), *self.others]:
            await window.page.context.close()
        self.kept.clear()
        self.others.clear()
        self._assert_no_errors()

    def _assert_no_errors(self) -> None:
        errors, self.errors = self.errors, []
        assert errors == []
