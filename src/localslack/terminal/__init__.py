"""A workspace in a terminal: what Slack would show, live, and a line to type into."""

from __future__ import annotations

from localslack.terminal.person import TerminalWorkspace
from localslack.terminal.stdin import read_lines

__all__ = ["TerminalWorkspace", "read_lines"]
