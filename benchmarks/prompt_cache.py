"""Prompt caching: how much of what Bedrock is sent it may still have from a request before.

    PYTHONPATH=tests .venv/bin/python benchmarks/prompt_cache.py

Ten questions about the sample company in one thread, through the whole bot with all its sources;
for each the model searches, reads the first page that it finds, and answers. The share is computed
from what the model was sent, in characters: what stands before a cache mark, and stood before one
in an earlier request, word for word. Goal: at least 80 %.
"""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from harness import bedrock_settings
from kit.company import END_MARKS, company
from kit.fake_bedrock import FakeBedrock, last_text
from kit.prompt_cache import cached_share
from kit.scripted_model import Round, ScriptedCall, says

if TYPE_CHECKING:
    from kit.scripted_model import Request
    from localslack.room import Room

QUESTIONS = Path(__file__).parent.parent / "tests/integration/questions.toml"
TURNS = 10


async def main() -> None:
    """Ask ten questions in one thread, and print how much of the input a cache may hold."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    questions = [entry["text"] for entry in tomllib.loads(QUESTIONS.read_text())["question"]]
    async with (
        FakeBedrock(look_up_and_answer) as bedrock,
        company(**bedrock_settings(bedrock.url)) as here,
    ):
        room = here.slack.workspace.room("general")
        thread: str | None = None
        for question in questions[:TURNS]:
            ts = here.slack.say("ana", "general", f"@slackbot {question}", thread_ts=thread)
            thread = thread or ts
            answered = partial(_is_answered, room, ts)
            await here.slack.until(answered, timeout=60)
    sizes = [len(json.dumps(request)) for request in bedrock.requests]
    print(
        f"{TURNS} questions in one thread: {len(sizes)} requests of {min(sizes)} to {max(sizes)} "
        f"characters, {cached_share(bedrock.requests):.0%} of the input cacheable"
    )


def _is_answered(room: Room, ts: str) -> bool:
    return bool(END_MARKS & room.reactions(ts).keys())


def look_up_and_answer(request: Request) -> Round:
    """Search, read the first page that is found, then answer at some length."""
    content = request["messages"][-1]["content"]
    results = [block["toolResult"] for block in content if "toolResult" in block]
    if not results:
        keywords = " ".join(last_text(request).split()[-6:])
        arguments = json.dumps({"keywords": keywords})
        return Round(tool_calls=[ScriptedCall("search_confluence", arguments, "search")])
    found = re.search(r"page_id\W+(\d+)", results[0]["content"][0]["text"])
    if results[0]["toolUseId"] == "search" and found:
        arguments = json.dumps({"page_id": found[1]})
        return Round(tool_calls=[ScriptedCall("read_confluence_page", arguments, "read")])
    return says("It is like this, as far as I can see. " * 15 + "[1]", words_at_once=40)


if __name__ == "__main__":
    asyncio.run(main())
