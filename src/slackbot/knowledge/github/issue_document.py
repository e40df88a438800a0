"""An issue or a pull request with what was said beneath it, as Markdown with sections. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.embedded import embedded
from slackbot.knowledge.text.excerpt import title
from slackbot.knowledge.text.markdown import code_span, fenced, one_line
from slackbot.knowledge.text.outline import Part, contents, part_of, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from slackbot.knowledge.github.discussion import (
        ChangedFile,
        Comment,
        Discussion,
        PullRequest,
        Remark,
        Review,
    )
    from slackbot.knowledge.github.wire import Issue, User

MAX_CHARACTERS: Final = 16_000

_CUT: Final = "(Cut: ask for this section to read all of it.)"
_NOT_ALL: Final = "Not all of it is shown; ask for a section to read that one."
_VERDICTS: Final = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "DISMISSED": "reviewed (dismissed since)",
}


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is shown of each text, and of all comments, in characters; nothing is all."""

    description: int | None = None
    said: int | None = None
    comments: int | None = None
    patch: int | None = None


_WHOLE: Final = _Room()
_IN_BRIEF: Final = _Room(description=6_000, said=2_000, comments=6_000, patch=1_500)


def issue_part(found: Discussion, section: str | None) -> Part:
    """Return an issue or pull request, with long texts in it cut, or one section of it."""
    whole = issue_document(found)
    if section is not None:
        return part_of(whole, section, MAX_CHARACTERS)
    brief = _document(found, _IN_BRIEF)
    if len(whole) == len(brief) <= MAX_CHARACTERS:
        return Part(whole)
    first = contents(whole)
    return Part(f"{first}\n\n{shorten(brief, MAX_CHARACTERS - len(first))}", _NOT_ALL)


def issue_document(found: Discussion) -> str:
    """Return an issue or pull request as a document with sections."""
    return _document(found, _WHOLE)


def _document(found: Discussion, room: _Room) -> str:
    issue = found.issue
    description = _cut(embedded(issue.body or "", 2), room.description) or "None."
    blocks = [_about(issue, found.change), "## Description", description]
    if reviews := list(_reviews(found, room)):
        blocks += ["## Reviews", *reviews]
    if comments := _latest(found.comments, room):
        blocks.append("## Comments")
        if (earlier := max(issue.comments, len(found.comments)) - len(comments)) > 0:
            blocks.append(f"Left out: {earlier} earlier.")
        blocks += ["\n\n".join(comment) for comment in comments]
    if found.change is not None and found.files:
        blocks.append("## Changed files")
        if (others := found.change.changed_files - len(found.files)) > 0:
            blocks.append(f"Left out: {others} others.")
        blocks += [block for one in found.files for block in _changed(one, room)]
    return strip_invisible("\n\n".join(blocks))


def _about(issue: Issue, change: PullRequest | None) -> str:
    merged = None if issue.pull_request is None else issue.pull_request.merged_at
    ended = merged or issue.closed_at
    state = issue.standing
    state += "" if ended is None else f" on {_day(ended)}"
    if change is not None:
        state += f", branch {change.head.ref} into {change.base.ref}"
    facts = [f"State: {state}", f"Opened by {_name(issue.user)} on {_day(issue.created_at)}"]
    if issue.assignees:
        facts.append(f"Assigned to {', '.join(map(_name, issue.assignees))}")
    if issue.labels:
        names = [label if isinstance(label, str) else label.name for label in issue.labels]
        facts.append(f"Labels: {', '.join(names)}")
    if issue.milestone is not None:
        facts.append(f"Milestone: {title(issue.milestone.title)}")
    return "\n".join(f"- {one_line(fact)}" for fact in facts)


def _reviews(found: Discussion, room: _Room) -> Iterator[str]:
    """Yield each review with what it said of lines, then what was said of lines besides."""
    known = {review.id for review in found.reviews}
    for review in found.reviews:
        yield from _review(review, room)
        own = (one for one in found.remarks if one.pull_request_review_id == review.id)
        for remark in own:
            yield from _remark(remark, room)
    for remark in found.remarks:
        if remark.pull_request_review_id not in known:
            yield from _remark(remark, room)


def _review(review: Review, room: _Room) -> Iterator[str]:
    verdict = _VERDICTS.get(review.state, "commented")
    when = "" if review.submitted_at is None else f" on {_day(review.submitted_at)}"
    yield f"### {_name(review.user)} {verdict}{when}"
    if said := embedded(review.body or "", 3):
        yield _cut(said, room.said)


def _remark(remark: Remark, room: _Room) -> Iterator[str]:
    line = "" if remark.line is None else f", line {remark.line}"
    place = f"{code_span(title(remark.path))}{line}"
    yield f"#### {_name(remark.user)} on {place} on {_day(remark.created_at)}"
    yield _cut(embedded(remark.body, 4), room.said)


def _latest(comments: Sequence[Comment], room: _Room) -> list[list[str]]:
    """Return as many of the latest comments as there is room for, the oldest of them first."""
    latest: list[list[str]] = []
    left = room.comments
    for comment in reversed(comments):
        blocks = list(_comment(comment, room))
        if left is not None:
            left -= sum(map(len, blocks))
            if left < 0:
                break
        latest.insert(0, blocks)
    return latest


def _comment(comment: Comment, room: _Room) -> Iterator[str]:
    yield f"### {_name(comment.user)} wrote on {_day(comment.created_at)}"
    yield _cut(embedded(comment.body or "", 3), room.said)


def _changed(file: ChangedFile, room: _Room) -> Iterator[str]:
    before = "" if file.previous_filename is None else f" from {_path(file.previous_filename)}"
    status = f"{title(file.status)}{before}, +{file.additions} -{file.deletions}"
    yield f"### {_path(file.filename)} {status}"
    if file.patch:
        shown = file.patch[: room.patch]
        yield fenced(shown, "diff")
        if shown != file.patch:
            yield _CUT


def _cut(markdown: str, limit: int | None) -> str:
    if limit is None or len(markdown) <= limit:
        return markdown
    return f"{shorten(markdown, limit)}\n\n{_CUT}"


def _path(path: str) -> str:
    return code_span(title(path))


def _name(user: User | None) -> str:
    return "somebody" if user is None else title(user.login)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
