"""Markdown to Atlassian Document Format (ADF), in which the sample Jira serves its texts. Pure.

Knows what the sample company writes: headings, paragraphs, lists, task lists, tables, fenced code,
quotations, panels (quotations that begin with a title such as **Note**), attachments, bold,
italics, code, links, bare addresses and @mentions.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from slackbot.demo.company.people import EMPLOYEE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Json = dict[str, Any]
    Lines = deque[str]

_HEADING = re.compile(r"(?P<signs>#{1,6}) +(?P<words>.+)")
_FENCE = re.compile(r"(?P<fence>`{3,}) *(?P<language>[^\s`]*)\s*")
_ITEM = re.compile(r"(?P<bullet>[-*]|(?P<number>\d+)\.) +(?:\[(?P<box>[ xX])\] )?(?P<words>.*)")
_QUOTE = re.compile(r"> ?(?P<text>.*)")
_PANEL = re.compile(r"\*\*(?P<kind>Info|Note|Warning|Error|Success)\*\*")
_ROW = re.compile(r"\|(?P<cells>.*)\|")
_RULE = re.compile(r"[ |:-]+")
_ATTACHMENT = re.compile(r"\[attachment: (?P<name>[^\]]+)\]")
_BEGINNINGS = (_FENCE, _HEADING, _ITEM, _QUOTE, _ROW, _ATTACHMENT)
_PHRASE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)"
    r"|\*\*(?P<strong>.+?)\*\*(?!\*)"
    r"|(?<!\w)(?P<sign>[*_])(?=\S)(?P<em>.+?)(?<=\S)(?P=sign)(?!\w)"
    r"|\[(?P<words>[^\]]+)\]\((?P<href>[^)\s]+)\)"
    r"|(?P<angle><)?(?P<address>https?://[^\s<>()]*[^\s<>().,;:!?])(?(angle)>)"
    r"|(?<![\w@])@(?P<handle>\w+)"
)


def markdown_to_adf(markdown: str, account_id: Callable[[str], str]) -> Json:
    """Return the document. `account_id` gives the id of a person by the handle."""
    writer = _Writer(account_id)
    return {"type": "doc", "version": 1, "content": writer.blocks(deque(markdown.splitlines()))}


class _Writer:
    def __init__(self, account_id: Callable[[str], str]) -> None:
        self._account_id = account_id

    def blocks(self, lines: Lines) -> list[Json]:
        """Use up the lines, block by block."""
        blocks: list[Json] = []
        while lines:
            if not lines[0].strip():
                lines.popleft()
            elif opening := _FENCE.fullmatch(lines[0]):
                blocks.append(_code_block(opening, lines))
            elif heading := _HEADING.fullmatch(lines[0]):
                lines.popleft()
                blocks.append(self._block("heading", heading["words"], level=len(heading["signs"])))
            elif item := _ITEM.fullmatch(lines[0]):
                blocks.append(self._list(item, lines))
            elif _QUOTE.fullmatch(lines[0]):
                blocks.append(self._quote(lines))
            elif _ROW.fullmatch(lines[0]):
                blocks.append(self._table(lines))
            elif attachment := _ATTACHMENT.fullmatch(lines[0]):
                lines.popleft()
                blocks.append(_media(attachment["name"]))
            else:
                blocks.append(self._block("paragraph", " ".join(_paragraph(lines))))
        return blocks

    def _block(self, kind: str, text: str, **attributes: object) -> Json:
        attrs = {"attrs": attributes} if attributes else {}
        return {"type": kind, **attrs, "content": list(self.phrases(text))}

    def _list(self, first: re.Match[str], lines: Lines) -> Json:
        """Take the items of one kind that follow each other."""
        kind = _kind(first)
        items: list[Json] = []
        while lines and (item := _ITEM.fullmatch(lines[0])) and _kind(item) == kind:
            lines.popleft()
            if kind == "taskList":
                state = "TODO" if item["box"] == " " else "DONE"
                local_id = str(len(items) + 1)
                words = item["words"]
                items.append(self._block("taskItem", words, localId=local_id, state=state))
                continue
            margin = len(item["bullet"]) + 1
            content = self.blocks(deque([item["words"], *_indented(lines, margin)]))
            items.append({"type": "listItem", "content": content})
        return {"type": kind, **_list_attributes(kind, first), "content": items}

    def _quote(self, lines: Lines) -> Json:
        inner: Lines = deque()
        while lines and (quoted := _QUOTE.fullmatch(lines[0])):
            lines.popleft()
            inner.append(quoted["text"])
        if panel := _PANEL.fullmatch(inner[0]):
            inner.popleft()
            attrs = {"panelType": panel["kind"].lower()}
            return {"type": "panel", "attrs": attrs, "content": self.blocks(inner)}
        return {"type": "blockquote", "content": self.blocks(inner)}

    def _table(self, lines: Lines) -> Json:
        rows: list[Json] = []
        while lines and (row := _ROW.fullmatch(lines[0])):
            lines.popleft()
            if not _RULE.fullmatch(row["cells"]):
                kind = "tableCell" if rows else "tableHeader"
                words = (cell.strip() for cell in row["cells"].split("|"))
                cells = [
                    {"type": kind, "content": [self._block("paragraph", one)]} for one in words
                ]
                rows.append({"type": "tableRow", "content": cells})
        return {"type": "table", "content": rows}

    def phrases(self, text: str, *marks: Json) -> Iterator[Json]:
        """Yield a line of text in pieces, each with the marks that it stands in."""
        position = 0
        for found in _PHRASE.finditer(text):
            yield from _text(text[position : found.start()], marks)
            yield from self._phrase(found, marks)
            position = found.end()
        yield from _text(text[position:], marks)

    def _phrase(self, found: re.Match[str], marks: tuple[Json, ...]) -> Iterator[Json]:
        if found["code"]:
            yield from _text(found["code"], (*marks, {"type": "code"}))
        elif found["strong"]:
            yield from self.phrases(found["strong"], *marks, {"type": "strong"})
        elif found["em"]:
            yield from self.phrases(found["em"], *marks, {"type": "em"})
        elif found["href"]:
            link = {"type": "link", "attrs": {"href": found["href"]}}
            yield from self.phrases(found["words"], *marks, link)
        elif found["address"]:
            yield {"type": "inlineCard", "attrs": {"url": found["address"]}}
        elif person := EMPLOYEE.get(found["handle"]):
            attrs = {"id": self._account_id(person.name), "text": f"@{person.real_name}"}
            yield {"type": "mention", "attrs": attrs}
        else:
            yield from _text(found[0], marks)


def _kind(item: re.Match[str]) -> str:
    if item["box"]:
        return "taskList"
    return "orderedList" if item["number"] else "bulletList"


def _list_attributes(kind: str, first: re.Match[str]) -> Json:
    match kind:
        case "orderedList":
            return {"attrs": {"order": int(first["number"])}}
        case "taskList":
            return {"attrs": {"localId": "0"}}
        case _:
            return {}


def _text(text: str, marks: tuple[Json, ...]) -> Iterator[Json]:
    if text:
        yield {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def _media(name: str) -> Json:
    attrs = {"type": "file", "id": name, "collection": "", "alt": name}
    return {"type": "mediaSingle", "content": [{"type": "media", "attrs": attrs}]}


def _code_block(opening: re.Match[str], lines: Lines) -> Json:
    lines.popleft()
    code: list[str] = []
    while lines and (line := lines.popleft()).strip() != opening["fence"]:
        code.append(line)
    attrs = {"attrs": {"language": opening["language"]}} if opening["language"] else {}
    return {"type": "codeBlock", **attrs, "content": list(_text("\n".join(code), ()))}


def _paragraph(lines: Lines) -> Iterator[str]:
    """Take lines up to one that is empty or begins something else."""
    yield lines.popleft().strip()
    while lines and lines[0].strip():
        if any(pattern.fullmatch(lines[0]) for pattern in _BEGINNINGS):
            return
        yield lines.popleft().strip()


def _indented(lines: Lines, margin: int) -> Iterator[str]:
    """Take the lines that belong to a list item, without their margin."""
    while lines and (lines[0].startswith(" " * margin) or _is_gap(lines, margin)):
        yield lines.popleft()[margin:]


def _is_gap(lines: Lines, margin: int) -> bool:
    """Whether an empty line stands between two that are indented."""
    return not lines[0].strip() and len(lines) > 1 and lines[1].startswith(" " * margin)
