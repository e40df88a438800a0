"""The page of a workspace: what the browser is given, told and may do."""

from __future__ import annotations

from localslack.page.routes import Page

__all__ = ["Page"]
