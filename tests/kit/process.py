"""The bot as a process of its own, and its log."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path


@asynccontextmanager
async def slackbot(
    *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m slackbot` in an empty folder, with these settings and no others."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slackbot", *arguments,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **_coverage(), **(settings or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _coverage() -> dict[str, str]:
    """Let coverage see the process when the tests are measured."""
    return {name: value for name, value in os.environ.items() if name.startswith("COV")}


def log_lines(output: bytes) -> list[dict[str, Any]]:
    """Parse a log in JSON."""
    return [json.loads(line) for line in output.decode().splitlines()]
