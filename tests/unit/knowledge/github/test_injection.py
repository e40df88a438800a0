"""Whatever a hostile model writes, no search of GitHub leaves the operator's list.

The sample GitHub evaluates the query language: OR, NOT, brackets, quotes, qualifiers.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from kit.github import CLOSED, PAY, TOKEN, github_at
from kit.knowledge import CANARY, hostile_batches, on_a_loop, run_tool
from kit.untraced import untraced
from slackbot.demo.company.repositories import OPEN_REPOSITORIES, issues, source_files
from slackbot.demo.github.documents import file_document, issue_document
from slackbot.demo.github.query import MAX_OPERATORS, MAX_QUERY
from slackbot.demo.github.search import SearchIndex
from slackbot.demo.github.server import GitHubServer
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.knowledge.github.arguments import SearchGitHubCode, SearchGitHubIssues
from slackbot.knowledge.github.query import (
    Wanted,
    alternative_queries,
    code_qualifiers,
    code_queries,
    issue_qualifiers,
    issue_queries,
    words_of,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Iterator, Sequence

    from slackbot.knowledge.github import GitHubSource

Model = TypeVar("Model", bound=BaseModel)

NAMES = {one.repository.name for one in issues()}
ISSUE_INDEX = SearchIndex(
    {
        f"{one.repository.name}#{one.number}": issue_document(one)
        for one in issues()
        if one.repository.closed or one.number == 238
    },
    NAMES,
    kind="issues",
)
CODE_INDEX = SearchIndex(
    {
        f"{one.repository.name}:{one.path}": file_document(one)
        for one in source_files()
        if one.repository.closed or one.path == "charges/keys.py"
    },
    NAMES,
    kind="code",
)
SCOPES = AllowList.of(OPEN_REPOSITORIES).scopes()
BATCHES = hostile_batches(
    f" heron OR repo:{CLOSED} ",
    f"x) OR (repo:{CLOSED} ",
    f'x" OR repo:{CLOSED} OR "x',
    f"heron -repo:{PAY} ",
    "NOT (zebra) OR (heron ",
    "heron is:issue OR heron",
    "user:parcelwick OR org:parcelwick ",
    "canary ＯＲ heron",
    f'bug" repo:{CLOSED} label:"confidential',
    "heron\\",
)


def test_the_sample_github_can_be_broken_into() -> None:
    """The property below can fail: unescaped, the closed repository is found."""
    issue = f"x OR repo:{CLOSED} OR x repo:{PAY}"
    assert any(key.startswith(CLOSED) for key, _ in ISSUE_INDEX.search(issue))
    code = f"x OR heron repo:{PAY} repo:{CLOSED}"
    assert any(key.startswith(CLOSED) for key, _ in CODE_INDEX.search(code))


@settings(max_examples=200, deadline=None)
@given(BATCHES)
@untraced()
def test_no_query_leaves_the_list(texts: list[str]) -> None:
    """The queries alone, without the check of results: 10,000 strings as words, and as filters."""
    for index, text in enumerate(texts):
        turn = index // 3
        words = words_of(text)
        issue_searches = [*of_issues(words, turn)] if words else []
        code_searches = [*code_queries(Wanted(words, (), SCOPES))] if words else []
        if turn % 4 < 2:
            issue_searches += of_filtered_issues(text, turn)
        else:
            code_searches += of_filtered_code(text, turn)
        found = [key for query in issue_searches for key, _ in ISSUE_INDEX.search(query)]
        found += [key for query in code_searches for key, _ in CODE_INDEX.search(query)]
        assert not any(key.startswith(CLOSED) for key in found)
        for query in (*issue_searches, *code_searches):
            assert len(query) <= MAX_QUERY
            assert sum(query.count(f" {sign} ") for sign in ("OR", "AND", "NOT")) <= MAX_OPERATORS


def of_issues(words: tuple[str, ...], turn: int) -> Sequence[str]:
    if turn % 2:
        return issue_queries(Wanted(words, (), SCOPES))
    return alternative_queries(Wanted(words, ("is:issue",), SCOPES))


def of_filtered_issues(text: str, turn: int) -> Sequence[str]:
    field = ({"author": text}, {"labels": [text]})[turn % 2]
    wanted = accepted(SearchGitHubIssues, keywords="heron", **field)
    if wanted is None:
        return ()
    return issue_queries(Wanted(("heron",), issue_qualifiers(wanted, "issue"), SCOPES))


def of_filtered_code(text: str, turn: int) -> Sequence[str]:
    wanted = accepted(SearchGitHubCode, keywords="heron", **{("language", "path")[turn % 2]: text})
    if wanted is None:
        return ()
    return code_queries(Wanted(("heron",), code_qualifiers(wanted), SCOPES))


def accepted(arguments: type[Model], **fields: Any) -> Model | None:
    try:
        return arguments.model_validate(fields)
    except ValidationError:
        return None


@asynccontextmanager
async def sample_github() -> AsyncIterator[GitHubSource]:
    server = GitHubServer(issues(), source_files(), token=TOKEN)
    source = github_at(await server.start())
    yield source
    await source.aclose()
    await server.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[asyncio.Runner, GitHubSource]]:
    with on_a_loop(sample_github()) as held:
        yield held


@settings(max_examples=2, deadline=None)
@given(texts=BATCHES)
def test_no_search_shows_what_is_closed(
    texts: list[str], running: tuple[asyncio.Runner, GitHubSource]
) -> None:
    """Over HTTP, through the tools, as a hostile model would call them."""
    runner, source = running

    async def ask_all() -> None:
        for text in texts:
            for tool in ("search_github_issues", "search_github_code"):
                told = await run_tool(source, tool, keywords=text[:256])
                shown = f"{told.content} {told.found}"
                assert CANARY not in shown
                assert CLOSED not in shown

    runner.run(ask_all())
