"""The browser, for the tests that look at the page."""

from kit.browser import chromium

__all__ = ["chromium"]
