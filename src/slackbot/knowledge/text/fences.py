"""Code fences of Markdown: which one is open after a line, also inside quotations. Pure.

Source of the rules: https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(?P<run>`{3,}|~{3,})(?P<info>.*)")


def fence_after(line: str, fence: str) -> str:
    """Return the fence that is open after the line, given the one open before it, or nothing."""
    found = _FENCE.match(line.strip(" >"))
    if found is None:
        return fence
    run, info = found["run"], found["info"].strip()
    if fence:
        return "" if not info and run.startswith(fence) else fence
    return "" if run[0] == "`" and "`" in info else run
