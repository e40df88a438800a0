"""What a person sees who follows a link of the bot's to an issue or a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.demo.company.repositories import Review
from slackbot.demo.reading_page import reading_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

    from slackbot.demo.company.repositories import Change, Issue
    from slackbot.demo.company.tickets import Comment


def issue_page(issue: Issue) -> web.Response:
    """Return an issue, or a pull request with its reviews and what it changes."""
    said: list[Comment | Review] = [*issue.comments]
    if issue.change is not None:
        said += issue.change.reviews
    said.sort(key=lambda one: one.at)
    texts = [issue.body, *(_said(one) for one in said)]
    if issue.change is not None:
        texts += _changed(issue.change)
    return reading_page(f"{issue.title} #{issue.number}", _note(issue), "\n\n".join(texts))


def _note(issue: Issue) -> str:
    facts = [issue.repository.name, _standing(issue), issue.author, f"{issue.updated:%d %B %Y}"]
    if issue.assignees:
        facts.append(f"assigned to {', '.join(issue.assignees)}")
    if issue.milestone is not None:
        facts.append(issue.milestone)
    return " · ".join(facts)


def _standing(issue: Issue) -> str:
    if issue.change is not None and issue.change.merged is not None:
        return "merged"
    if issue.change is not None and issue.change.draft:
        return "draft"
    return issue.state if issue.reason is None else f"{issue.state} ({issue.reason})"


def _said(one: Comment | Review) -> str:
    remarks = one.remarks if isinstance(one, Review) else ()
    lines = (f"{remark.path}, line {remark.line}: {remark.body}" for remark in remarks)
    return "\n".join([f"{one.author}, {one.at:%d %B}:", one.body, *lines])


def _changed(change: Change) -> Iterator[str]:
    for file in change.files:
        before = "" if file.previous is None else f" (was {file.previous})"
        yield f"{file.status} {file.path}{before}\n{file.patch}"
