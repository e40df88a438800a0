"""GitHub's query language, written from typed fields, and the operator's list."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.errors import ConfigurationError
from slackbot.knowledge.github.allow_list import AllowList
from slackbot.knowledge.github.arguments import SearchGitHubCode, SearchGitHubIssues
from slackbot.knowledge.github.query import (
    MAX_OPERATORS,
    MAX_QUERY,
    TooManyFilters,
    Wanted,
    alternative_queries,
    code_qualifiers,
    code_queries,
    issue_qualifiers,
    issue_queries,
    words_of,
)

REPOS = ("repo:acme/pay", "repo:acme/track", "user:ops")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("roll back  payments", ("roll", "back", "payments")),
        ("retry.py with_retries", ("retry.py", "with_retries")),
        ("is:open repo:acme/secret", ("is", "open", "repo", "acme", "secret")),
        ('a "b c" -d (e)', ("a", "b", "c", "d", "e")),
        ("a OR b Not c and D", ("a", "b", "c", "D")),
        ("ＯＲ repo：acme ＡＮＤ", ("repo", "acme")),
        ("“quoted” ‘words’", ("quoted", "words")),
        ("#241 @me >=5", ("241", "me", "5")),
        ("._. ...", ()),
        ("x" * 65 + " y", ("y",)),
        ("retry retry", ("retry",)),
        ("прокат платежей हिन्दी", ("прокат", "платежей", "हिन्दी")),
        ("N\u200bO\u200bT o\x00r", ()),
        ("", ()),
    ],
)
def test_only_words_are_left(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@given(st.text())
def test_nothing_is_left_that_means_something_to_github(text: str) -> None:
    for word in words_of(text):
        assert not re.search(r"[\s:\"'()<>=@#*!&|~^\\/,;+-]", word)
        assert word.upper() not in ("AND", "OR", "NOT")


def test_issues_of_several_places_are_joined_with_or() -> None:
    assert issue_queries(Wanted(("slow", "retry"), ("is:issue",), REPOS)) == (
        "slow retry is:issue (repo:acme/pay OR repo:acme/track)",
        "slow retry is:issue user:ops",
    )


def test_code_of_several_places_needs_no_operator() -> None:
    assert code_queries(Wanted(("slow",), (), REPOS)) == (
        "slow repo:acme/pay repo:acme/track",
        "slow user:ops",
    )


def test_everywhere_needs_no_place() -> None:
    assert issue_queries(Wanted(("slow",), ("is:issue",))) == ("slow is:issue",)


def test_any_of_the_longest_words_is_asked_for_within_the_operators_that_are_left() -> None:
    words = ("a", "charged", "customers", "twice", "september")
    scopes = ("repo:acme/a", "repo:acme/b", "repo:acme/c", "repo:acme/d")
    any_word = "(customers OR september OR charged OR twice) is:issue"
    assert alternative_queries(Wanted(words, ("is:issue",), scopes)) == (
        f"{any_word} (repo:acme/a OR repo:acme/b OR repo:acme/c)",
        f"{any_word} repo:acme/d",
    )


def test_many_repositories_are_asked_for_by_their_owners() -> None:
    scopes = tuple(f"repo:acme/service-{number}" for number in range(50))
    wanted = Wanted(("slow",), ("is:issue",), (*scopes, "repo:tools/x"))
    assert issue_queries(wanted) == ("slow is:issue (user:acme OR user:tools)",)
    assert code_queries(wanted) == ("slow is:issue user:acme user:tools",)


def test_too_many_words_are_cut_and_too_many_filters_refused() -> None:
    words = tuple(f"word{number}" for number in range(100))
    (query,) = issue_queries(Wanted(words, ("is:issue",)))
    assert query.startswith("word0 word1 ")
    assert len(query) < MAX_QUERY / 2 + len(" is:issue")
    with pytest.raises(TooManyFilters):
        issue_queries(Wanted(("x",), ("y" * 250,), REPOS))


OWNER = st.from_regex(r"[a-z0-9-]{1,39}", fullmatch=True)
NAME = st.from_regex(r"[a-z0-9._-]{1,100}", fullmatch=True)
SCOPE = st.builds("repo:{}/{}".format, OWNER, NAME) | st.builds("user:{}".format, OWNER)


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=256), st.lists(SCOPE, max_size=30, unique=True))
def test_no_query_is_longer_than_github_takes(text: str, scopes: list[str]) -> None:
    words = words_of(text)
    if not words:
        return
    wanted = Wanted(words, ("is:pull-request", "state:closed"), tuple(scopes))
    for write in (issue_queries, alternative_queries, code_queries):
        for query in write(wanted):
            assert len(query) <= MAX_QUERY
            assert len(re.findall(r" (?:OR|AND|NOT) ", query)) <= MAX_OPERATORS
            assert "is:pull-request state:closed" in query
            assert not scopes or re.search(r"(?:repo|user):", query)


@settings(max_examples=50)
@given(st.lists(SCOPE, min_size=1, max_size=12, unique=True))
def test_every_place_is_asked_for_by_itself_or_by_its_owner(scopes: list[str]) -> None:
    for write in (issue_queries, code_queries):
        asked = re.findall(
            r"(?:repo|user):[^\s()]+", " ".join(write(Wanted(("x",), (), tuple(scopes))))
        )
        owners = {scope.partition(":")[2].partition("/")[0] for scope in scopes}
        assert set(asked) in (set(scopes), {f"user:{owner}" for owner in owners})


def test_filters_become_qualifiers() -> None:
    wanted = SearchGitHubIssues(
        keywords="x",
        state="closed",
        author="ana",
        labels=["good first issue", "area:api"],
        updated_after=date(2026, 3, 1),
    )
    assert issue_qualifiers(wanted, "pull_request") == (
        "is:pull-request",
        "state:closed",
        "author:ana",
        "updated:>=2026-03-01",
        'label:"good first issue"',
        'label:"area:api"',
    )
    merged = SearchGitHubIssues(keywords="x", state="merged", author="dependabot[bot]")
    assert issue_qualifiers(merged, None) == ("is:merged", "author:app/dependabot")
    assert issue_qualifiers(SearchGitHubIssues(keywords="x"), None) == ()
    code = SearchGitHubCode(keywords="x", language="Jupyter Notebook", path="docs/runbooks")
    assert code_qualifiers(code) == ('language:"Jupyter Notebook"', 'path:"docs/runbooks"')
    assert code_qualifiers(SearchGitHubCode(keywords="x")) == ()


@pytest.mark.parametrize(
    ("patterns", "repository", "admitted"),
    [
        (("acme/pay",), "acme/pay", True),
        (("Acme/Pay",), "aCME/pAY", True),
        (("acme/pay",), "acme/pay2", False),
        (("acme/*",), "acme/anything", True),
        (("acme/*",), "acme2/anything", False),
        (("*",), "who/ever", True),
        (("acme/*", "!acme/secret"), "acme/Secret", False),
        (("*", "!acme/*"), "acme/pay", False),
        (("!acme/secret", "acme/secret"), "acme/secret", False),
        (("*",), "", False),
        (("*",), "acme", False),
        (("*",), "acme/", False),
        (("*",), "/pay", False),
        (("*",), "acme/..", False),
        (("*",), "../user", False),
        (("*",), "acme/pay/issues", False),
        (("acme/*",), "acme/*/x", False),
    ],
)
def test_the_list_admits_and_leaves_out(
    patterns: tuple[str, ...], repository: str, admitted: bool
) -> None:
    assert AllowList.of(patterns).admits(repository) is admitted


def test_the_list_says_where_to_search() -> None:
    allowed = AllowList.of(("acme/*", "acme/pay", "ops/tools", "!acme/secret", "ops/tools"))
    assert allowed.scopes() == ("repo:ops/tools", "user:acme")
    assert AllowList.of(("acme/pay", "*")).scopes() == ()


@pytest.mark.parametrize("patterns", [(), ("!acme/secret",)])
def test_a_list_that_admits_nothing_is_refused(patterns: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="GITHUB_REPOS"):
        AllowList.of(patterns)
