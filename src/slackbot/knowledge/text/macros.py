"""What Confluence's macros become in Markdown, and the nodes by which the new editor writes them.

A macro shows its body, of whatever kind it is: what is plain text, such as code or a diagram in
words, is fenced. Of its parameters it shows those that people see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.knowledge.text.markdown import fenced, list_item, quoted

if TYPE_CHECKING:
    from slackbot.knowledge.text.element import Element

INLINE_MACROS = frozenset({"status", "jira", "anchor"})

_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "tip": "Tip", "panel": ""}
_NODE_PANELS = {"info": "Info", "note": "Note", "warning": "Warning", "error": "Error",
                "success": "Success"}  # fmt: skip
_INCLUDES = frozenset({"include", "excerpt-include"})
_FILES = {  # the parameter that names the file shown
    **dict.fromkeys(("view-file", "viewpdf", "viewdoc", "viewxls", "viewppt"), "name"),
    **dict.fromkeys(("multimedia", "gliffy"), "name"),
    "drawio": "diagramName",
}
_OF_ANY_LANGUAGE = frozenset({"code", "noformat"})


def macro_block(element: Element, _parent: Element) -> str:
    """Return what a macro shows: of an unknown one that is its body, and no parameter but title."""
    macro, facts = element.macro, element.facts
    if macro in _INCLUDES:
        return f"See {facts.get('', 'another page')}."
    if macro in _FILES:
        return f"[file: {facts.get(_FILES[macro], 'unnamed')}]"
    title = ": ".join(filter(None, (_PANELS.get(macro), facts.get("title"))))
    parts = [title and f"**{title}**", element.text()]
    if "plain" in facts:
        language = "" if macro in _OF_ANY_LANGUAGE else macro
        parts.append(fenced(facts["plain"], facts.get("language", language)))
    body = "\n\n".join(filter(None, parts))
    return quoted_within(body, element) if macro in _PANELS else body


def macro_phrase(element: Element) -> str:
    """Return what a macro shows that stands within a line."""
    facts = element.facts
    match element.macro:
        case "status":
            return facts.get("title", "")
        case "jira" if "jqlQuery" in facts:
            return f"[Jira issues: {facts['jqlQuery']}]"
        case "jira":
            return facts.get("key", "")
        case _:
            return ""  # an anchor is seen by nobody


def node_block(element: Element, _parent: Element) -> str:
    """Return what a node of the new editor shows: a panel, a decision, or its contents."""
    match element.attributes.get("type"):
        case "panel":
            label = _NODE_PANELS.get(element.facts.get("panel-type", ""), "")
            parts = (label and f"**{label}**", element.text())
            return quoted_within("\n\n".join(filter(None, parts)), element)
        case "decision-item":
            element.end_line()
            decided = element.facts.get("state") == "DECIDED"
            box = "Decided: " if decided else ""
            return list_item("- ", element.blocks, box, set_in=element.indented)
        case "decision-list":
            element.end_line()
            return "\n".join(element.blocks)
        case _:
            return element.text()


def fallback_block(element: Element, parent: Element) -> str:
    """Return what editors see that do not know the node before it, where that shows nothing."""
    return "" if parent.blocks else element.text()


def parameter_told(element: Element, parent: Element) -> str:
    """Tell the macro one of its parameters."""
    value = element.facts.get("target") or element.words()
    parent.facts[element.attributes.get("ac:name", "")] = value
    return ""


def attribute_told(element: Element, parent: Element) -> str:
    """Tell a node of the new editor one of its attributes."""
    parent.facts[element.attributes.get("key", "")] = element.words()
    return ""


def quoted_within(text: str, element: Element) -> str:
    """Return the text as a quotation, unless it is nested too deep for that."""
    return quoted(text) if element.indented else text
