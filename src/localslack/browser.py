"""Opens a web page where there is a browser to see it in."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_THE_TERMINAL = frozenset({"www-browser", "links", "links2", "elinks", "lynx", "w3m"})


def open_browser(url: str) -> bool:
    """Open an address in the browser of a desktop session; `False` where none is at hand.

    A browser that would take over the terminal is not one.
    """
    if not has_desktop(os.environ, sys.platform):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if getattr(browser, "name", "") in _IN_THE_TERMINAL:
        return False
    return browser.open(url)


def has_desktop(environment: Mapping[str, str], platform: str) -> bool:
    """Whether someone sits before this machine's screen, as far as the environment tells.

    `BROWSER` says so in any case: editors that work on a distant machine set it.
    """
    if environment.get("CI"):
        return False
    if environment.get("BROWSER"):
        return True
    if "SSH_CONNECTION" in environment:
        return False
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
