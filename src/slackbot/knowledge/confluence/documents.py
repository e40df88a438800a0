"""A page as a model reads it: Markdown, with the files on it named. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from slackbot.knowledge.text.excerpt import title
from slackbot.knowledge.text.outline import Part, part_of
from slackbot.knowledge.text.storage import storage_to_markdown

MAX_PAGE_CHARACTERS: Final = 16_000


@dataclass(frozen=True, slots=True)
class Files:
    """The names of the files on a page, and whether there are more of them."""

    names: tuple[str, ...] = ()
    has_more: bool = False


def page_markdown(storage: str, files: Files) -> str:
    """Return a page as Markdown; its files are a section of their own, at its end."""
    listed = [f"- {title(name)}" for name in files.names]
    if files.has_more:
        listed.append("- and more")
    attachments = "\n".join(["# Attachments", "", *listed]) if listed else ""
    return "\n\n".join(filter(None, (storage_to_markdown(storage), attachments)))


def page_part(storage: str, files: Files, section: str | None) -> Part:
    """Return the section wanted of a page, or the whole, as far as it fits."""
    return part_of(page_markdown(storage, files), section, MAX_PAGE_CHARACTERS)
