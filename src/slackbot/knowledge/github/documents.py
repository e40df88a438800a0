"""What search results show of issues and code, and files as Markdown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from slackbot.invisible import strip_invisible
from slackbot.knowledge.text.embedded import embedded
from slackbot.knowledge.text.excerpt import MAX_EXCERPT, excerpt, title
from slackbot.knowledge.text.markdown import code_span, fenced, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.knowledge.github.wire import CodeHit, Issue

MAX_FRAGMENT: Final = 2_000
MAX_FILE: Final = 16_000
MAX_NAMES: Final = 200

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdown", ".mkd"})


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a file as Markdown: from the first to the last, counted from 1, of how many.

    `is_all`: nothing of the file is left out.
    """

    text: str
    first: int
    last: int
    count: int
    is_all: bool

    @property
    def note(self) -> str:
        """What to tell a reader who may want more; nothing if there is no more."""
        if self.is_all:
            return ""
        shown = f"Shown are lines {self.first}-{self.last} of {self.count}"
        return f"{shown}; ask for lines for more."

    @property
    def anchor(self) -> str:
        """Return what makes GitHub's page of the file show these lines."""
        return f"#L{self.first}" + (f"-L{self.last}" if self.last > self.first else "")


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
    return excerpt(f"{what}, {issue.standing}. {text}")


def code_excerpt(hit: CodeHit) -> str:
    """Return the lines that matched, as a block of code."""
    fragments = [_clean(match.fragment) for match in hit.text_matches if match.property != "path"]
    code = "\n…\n".join(dict.fromkeys(part.strip("\n") for part in fragments if part.strip()))
    return fenced(code[:MAX_EXCERPT], _language(hit.path)) if code else ""


def file_document(path: str, text: str, lines: str | None) -> Lines | None:
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
    return Lines(markdown, first, first + len(shown) - 1, len(every), is_all=shown == every)


def folder_document(names: Sequence[str]) -> str:
    """Return what lies in a folder, as a list."""
    items = [f"- {code_span(title(name))}" for name in names[:MAX_NAMES]]
    left_out = len(names) - len(items)
    return "\n".join([*items, f"- … and {left_out} more"] if left_out else items)


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
