"""An element of Confluence's storage format while it is open: what it has heard so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class Element:
    """An open element: its finished blocks, the line being written, what its children told it.

    `facts` are a macro's parameters, the target of a link, the state of a task.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    indented: bool = False
    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def macro(self) -> str:
        """The name of the macro that this is, or nothing."""
        return self.attributes.get("ac:name", "") if self.name == "ac:structured-macro" else ""

    def end_line(self) -> None:
        """Make the line being written a block."""
        if text := "".join(self.line).strip():
            self.blocks.append(text)
        self.line.clear()

    def text(self) -> str:
        """Return everything in it, as blocks."""
        self.end_line()
        return "\n\n".join(self.blocks)

    def words(self) -> str:
        """Return everything in it, on one line."""
        return on_one_line(self.text()).strip()

    def padded(self) -> str:
        """Return everything in it on one line, with a space at either end where there was one."""
        line = "".join(self.line)
        words = self.words()
        if not words:
            return " " if line else ""
        return f"{' ' * line[:1].isspace()}{words}{' ' * line[-1:].isspace()}"


Become = Callable[[Element, Element], str]
"""Given an element and its parent, returns what the parent's text gains.

Empty if it told its parent instead.
"""


def on_one_line(text: str) -> str:
    """Return the text with each run of white space as one space."""
    return _SPACES.sub(" ", text)
