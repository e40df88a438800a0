"""Issues, pull requests and files as Markdown, and the parts of them that matched. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.embedded import embedded
from slackbot.knowledge.text.excerpt import MAX_EXCERPT, excerpt, title
from slackbot.knowledge.text.markdown import code_span, fenced, one_line
from slackbot.knowledge.text.outline import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from slackbot.knowledge.github.wire import (
        ChangedFile,
        CodeHit,
        Comment,
        Issue,
        PullRequest,
        Review,
        Thread,
        User,
    )

MAX_FRAGMENT: Final = 2_000
MAX_PATCH: Final = 1_500
MAX_FILE: Final = 16_000

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_VERDICTS: Final = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "DISMISSED": "reviewed (dismissed since)",
}


def title_of(issue: Issue) -> str:
    """Return how people speak of an issue: `payments-api#241 Keep one key over all attempts`."""
    name = issue.repository.partition("/")[2]
    return f"{name}#{issue.number} {title(issue.title)}"


def issue_excerpt(issue: Issue) -> str:
    """Return what matched, else how the text begins, on one line, after what it is."""
    fragments = [match.fragment for match in issue.text_matches if match.property != "title"]
    parts = [one_line(fragment[:MAX_FRAGMENT]) for fragment in fragments]
    matched = " … ".join(dict.fromkeys(part for part in parts if part))
    what = "Pull request" if issue.kind == "pull_request" else "Issue"
    text = matched or embedded((issue.body or "")[:MAX_FRAGMENT], 0)
    return excerpt(f"{what}, {issue.state}. {text}")


def code_excerpt(hit: CodeHit) -> str:
    """Return the lines that matched, as a block of code."""
    fragments = [_clean(match.fragment) for match in hit.text_matches if match.property != "path"]
    code = "\n…\n".join(dict.fromkeys(part.strip("\n") for part in fragments if part.strip()))
    return fenced(code[:MAX_EXCERPT], _language(hit.path)) if code else ""


def issue_document(thread: Thread) -> str:
    """Return an issue or pull request as a document with sections."""
    issue = thread.issue
    description = embedded(issue.body or "", 2) or "None."
    blocks = [_about(issue, thread.change), "## Description", description]
    if thread.reviews:
        blocks += ["## Reviews", *(block for one in thread.reviews for block in _review(one))]
    if thread.comments:
        blocks.append("## Comments")
        if (earlier := issue.comments - len(thread.comments)) > 0:
            blocks.append(f"Left out are the {earlier} before these.")
        blocks += [block for one in thread.comments for block in _comment(one)]
    if thread.files:
        blocks += ["## Changed files", *(block for one in thread.files for block in _changed(one))]
    return strip_invisible("\n\n".join(blocks))


def file_document(path: str, text: str, lines: str | None) -> Part | None:
    """Return a file, or some of its lines, up to a limit; nothing if it has no such lines."""
    every = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    first, last = _range(lines, len(every))
    wanted = every[first - 1 : last]
    if not wanted:
        return None
    shown = _fitting(wanted)
    body = strip_invisible("\n".join(shown))
    is_markdown = PurePosixPath(path).suffix.lower() in _MARKDOWN
    markdown = body if is_markdown else fenced(body, _language(path))
    if shown == every:
        return Part(markdown)
    end = first + len(shown) - 1
    return Part(markdown, f"Shown are lines {first}-{end} of {len(every)}; ask for lines for more.")


def _about(issue: Issue, change: PullRequest | None) -> str:
    state = issue.state
    if change is not None:
        merged = "merged" if change.merged_at is None else f"merged on {_day(change.merged_at)}"
        state = merged if change.merged else f"{state}, {'draft' if change.draft else 'not merged'}"
        state += f", branch {change.head.ref} into {change.base.ref}"
    labels = [label if isinstance(label, str) else label.name for label in issue.labels]
    facts = [f"State: {state}", f"Opened by {_name(issue.user)} on {_day(issue.created_at)}"]
    if labels:
        facts.append(f"Labels: {', '.join(labels)}")
    return "\n".join(f"- {one_line(fact)}" for fact in facts)


def _review(review: Review) -> Iterator[str]:
    verdict = _VERDICTS.get(review.state, "commented")
    when = "" if review.submitted_at is None else f" on {_day(review.submitted_at)}"
    yield f"### {_name(review.user)} {verdict}{when}"
    if said := embedded(review.body, 3):
        yield said


def _comment(comment: Comment) -> Iterator[str]:
    yield f"### {_name(comment.user)} wrote on {_day(comment.created_at)}"
    yield embedded(comment.body, 3)


def _changed(file: ChangedFile) -> Iterator[str]:
    name = code_span(title(file.filename))
    yield f"{name} {title(file.status)}, +{file.additions} -{file.deletions}"
    if file.patch:
        cut = "" if len(file.patch) <= MAX_PATCH else "\n…"
        yield fenced(file.patch[:MAX_PATCH] + cut, "diff")


def _range(lines: str | None, count: int) -> tuple[int, int]:
    """Return the first and the last line, counted from 1."""
    if lines is None:
        return 1, count
    first, _, last = lines.partition("-")
    return int(first), int(last or first)


def _fitting(lines: Sequence[str]) -> list[str]:
    """Return as many of the lines as fit; of the first one, at least a part."""
    room = MAX_FILE
    fitting: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        fitting.append(line)
    return fitting or [line[:MAX_FILE] for line in lines[:1]]


def _clean(fragment: str) -> str:
    return strip_invisible(fragment[:MAX_FRAGMENT])


def _language(path: str) -> str:
    return PurePosixPath(path).suffix.removeprefix(".")


def _name(user: User | None) -> str:
    return "somebody" if user is None else title(user.login)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
