"""Issues as Markdown: an excerpt of one for a list of results, or the whole with its comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slackbot.knowledge.jira.keys import project_of
from slackbot.knowledge.text.adf import MAX_CHARACTERS, adf_to_markdown
from slackbot.knowledge.text.embedded import embedded
from slackbot.knowledge.text.excerpt import excerpt, title
from slackbot.knowledge.text.outline import shorten
from slackbot.knowledge.text.wiki import wiki_to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slackbot.knowledge.allowed_keys import AllowedKeys
    from slackbot.knowledge.jira.wire import Comments, Fields, Person, Related

MAX_EXCERPTED: Final = 2_000  # of a description, characters and nodes
MAX_DESCRIPTION_CHARACTERS: Final = 9_000
MAX_COMMENT_CHARACTERS: Final = 2_000
MAX_RELATED: Final = 30
MAX_NAMES: Final = 30


def issue_excerpt(fields: Fields) -> str:
    """Return what an issue is and how far, and the beginning of its description."""
    names = (fields.type, fields.status, fields.priority)
    facts = [title(named.name) for named in names if named is not None]
    facts.append(_person(fields.assignee, "Unassigned"))
    description = excerpt(_rich_text(fields.description, MAX_EXCERPTED))
    return "\n".join(filter(None, (title(" · ".join(facts)), description)))


def issue_markdown(fields: Fields, comments: Comments, allowed: AllowedKeys) -> str:
    """Return a whole issue. What is linked to it is named only if that may be shown, too."""
    links = [
        (kind, related)
        for link in fields.links
        for kind, related in ((link.type.inward, link.inward), (link.type.outward, link.outward))
    ]
    subtasks = [("", subtask) for subtask in fields.subtasks]
    parents = [("", fields.parent)]
    blocks = [
        "\n".join(_facts(fields)),
        *_description(fields),
        *_related("Parent", parents, allowed),
        *_related("Links", links, allowed),
        *_related("Subtasks", subtasks, allowed),
        *_comments(comments),
    ]
    return "\n\n".join(filter(None, blocks))


def _facts(fields: Fields) -> Iterator[str]:
    for name, named in (
        ("Type", fields.type), ("Status", fields.status), ("Priority", fields.priority)
    ):  # fmt: skip
        if named is not None:
            yield f"- {name}: {title(named.name)}"
    yield f"- Assignee: {_person(fields.assignee, 'nobody')}"
    yield f"- Reporter: {_person(fields.reporter, 'unknown')}"
    if fields.labels:
        yield f"- Labels: {', '.join(map(title, fields.labels[:MAX_NAMES]))}"
    if fields.versions:
        names = (title(version.name) for version in fields.versions[:MAX_NAMES])
        yield f"- Fix versions: {', '.join(names)}"
    if fields.created is not None:
        yield f"- Created: {fields.created:%Y-%m-%d}"


def _description(fields: Fields) -> Iterator[str]:
    if text := embedded(_rich_text(fields.description), 2):
        yield "## Description"
        yield _bounded(text, MAX_DESCRIPTION_CHARACTERS)


def _related(
    heading: str, related: Sequence[tuple[str, Related | None]], allowed: AllowedKeys
) -> Iterator[str]:
    """Yield a list of issues under its heading, or nothing if there is nothing to show."""
    lines: list[str] = []
    for kind, issue in related:
        if issue is None or not allowed.admits(project_of(issue.key)):
            continue
        fields = issue.fields
        status = f" ({title(fields.status.name)})" if fields.status is not None else ""
        lines.append(f"- {title(f'{kind} {issue.key}')}: {title(fields.summary)}{status}")
    if lines:
        yield f"## {heading}"
        yield "\n".join(lines[:MAX_RELATED])


def _comments(comments: Comments) -> Iterator[str]:
    """Yield the comments, the latest first; those for one group or role are for nobody here."""
    shown = [comment for comment in comments.comments if comment.visibility is None]
    if not shown:
        return
    older = comments.total - len(comments.comments)
    yield f"## Comments, the latest first{f' ({older} older ones left out)' if older > 0 else ''}"
    for comment in shown:
        day = f", {comment.created:%Y-%m-%d}" if comment.created is not None else ""
        yield f"### {_person(comment.author, 'Someone')}{day}"
        yield _bounded(embedded(_rich_text(comment.body), 3), MAX_COMMENT_CHARACTERS)


def _rich_text(value: object, limit: int = MAX_CHARACTERS) -> str:
    """Return wiki markup, which is what a string is, or ADF as Markdown."""
    if isinstance(value, str):
        return wiki_to_markdown(value, limit)
    return adf_to_markdown(value, limit)


def _bounded(text: str, limit: int) -> str:
    shown = shorten(text, limit)
    if shown == text:
        return text
    length = f"the first {len(shown)} of {len(text)} characters"
    return f"{shown}\n\n*(These are {length}; the rest can be read in Jira.)*"


def _person(person: Person | None, nobody: str) -> str:
    return (title(person.name) if person is not None else "") or nobody
