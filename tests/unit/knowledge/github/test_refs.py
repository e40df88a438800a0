"""Names of branches and tags are asked for as names, and no hash passes for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slackbot.knowledge.github.refs import full_names, is_hash

COMMIT = "c0ffee1234567890abcdef1234567890abcdef12"
"""A commit that somebody pushed to a fork: Git finds it from here, too."""


def leads_to_the_commit(revision: str) -> bool:
    """Whether Git would take a revision for the commit, or for one that is found from it.

    After gitrevisions(7): a hash, or its beginning; either behind `-g`, as `git describe` writes
    it, whatever stands before; each with `~`, `^`, `@{…}` or `:` behind it.
    """
    name = re.split(r"[~^:]|@\{", revision, maxsplit=1)[0].lower()
    described = re.search(r"-g([0-9a-f]{4,40})\Z", name)
    hashes = [name] if described is None else [name, described[1]]
    return any(len(one) >= 4 and COMMIT.startswith(one) for one in hashes)


PIECES = st.sampled_from(
    (
        COMMIT, COMMIT[:7], COMMIT[:4], COMMIT.upper(), "-g", "~", "^", "@{", "}", ":", "/", "..",
        ".", "refs/heads/", "refs/tags/", "heads/", "main", "HEAD", " ", "\n", "0", "-1", "v1",
    )
)  # fmt: skip
REVISIONS = st.lists(PIECES, min_size=1, max_size=5).map("".join)


@given(REVISIONS | st.text(max_size=20))
@example(f"v1-1-g{COMMIT}")
@example(f"v1-1-G{COMMIT[:7]}")
@example(f"{COMMIT[:7]}~0")
@example(f"refs/heads/x-g{COMMIT[:4]}")
def test_no_name_leads_to_a_commit_by_its_hash(ref: str) -> None:
    assert not any(map(leads_to_the_commit, full_names(ref)))


@given(REVISIONS)
def test_names_are_asked_for_as_names_only(ref: str) -> None:
    for name in full_names(ref):
        assert re.fullmatch(r"refs/(heads|tags)/[^\s~^:?*\[\\]+", name)
        assert ".." not in name


@pytest.mark.parametrize(
    ("ref", "names"),
    [
        ("main", ("refs/heads/main", "refs/tags/main")),
        ("feature/one-key", ("refs/heads/feature/one-key", "refs/tags/feature/one-key")),
        ("v1.2.3", ("refs/heads/v1.2.3", "refs/tags/v1.2.3")),
        ("refs/heads/main", ("refs/heads/main",)),
        ("refs/tags/v1", ("refs/tags/v1",)),
        ("decade", ("refs/heads/decade", "refs/tags/decade")),
        ("refs/pull/7/head", ("refs/heads/refs/pull/7/head", "refs/tags/refs/pull/7/head")),
        ("main~1", ()),
        ("../main", ()),
        ("a b", ()),
        ("main.lock", ()),
        ("/main", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_a_name_may_be_a_branch_or_a_tag(ref: str, names: tuple[str, ...]) -> None:
    assert full_names(ref) == names


@pytest.mark.parametrize(
    ("ref", "expected"),
    [(COMMIT, True), (COMMIT.upper(), True), ("a" * 64, True), (COMMIT[:39], False),
     (f"{COMMIT}0", False), (f"{COMMIT}\n", False), ("main", False)],
)  # fmt: skip
def test_a_hash_is_whole(ref: str, expected: bool) -> None:
    assert is_hash(ref) is expected
