"""Code fences of Markdown: whether one is open where a text ends. Pure.

Source of the rules: https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t]*(?P<run>`{3,}|~{3,})(?P<info>.*)")


def closing_fence(markdown: str) -> str:
    """Return the line that closes the fence left open at the end of a text, or nothing."""
    opened = ""
    for line in markdown.splitlines():
        fence = _FENCE.match(line)
        if fence is None:
            continue
        run, info = fence["run"], fence["info"].strip()
        if not opened:
            opened = "" if run[0] == "`" and "`" in info else run
        elif not info and run.startswith(opened):
            opened = ""
    if not opened:
        return ""
    return opened if markdown.endswith("\n") else f"\n{opened}"
