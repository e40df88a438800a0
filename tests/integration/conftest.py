"""The browser, for the tests that look at the page, and what all bots may share."""

from __future__ import annotations

from kit.browser import chromium
from kit.one_loader import one_loader

__all__ = ["chromium", "one_loader"]
