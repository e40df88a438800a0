"""What Confluence's links and images become in Markdown.

Storage format points at pages, files and people by name, and holds no address of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slackbot.knowledge.text.markdown import is_web_address, link

if TYPE_CHECKING:
    from slackbot.knowledge.text.element import Element

RESOURCES = {
    "ri:page": "ri:content-title",
    "ri:blog-post": "ri:content-title",
    "ri:content-entity": "ri:content-id",
    "ri:attachment": "ri:filename",
    "ri:space": "ri:space-key",
    "ri:url": "ri:value",
    "ri:user": "ri:account-id",
}
"""What a link may point to, each with the attribute that names it."""


def resource_told(element: Element, parent: Element) -> str:
    """Tell the link or image what it points to."""
    value = element.attributes.get(RESOURCES[element.name], "")
    match element.name.removeprefix("ri:"):
        case "user":
            target = "a person"
        case "url":
            target = value if is_web_address(value) else ""  # it may hold a whole image
        case "page" | "blog-post":
            target = f"“{value}”"
            # Confluence names the space only of a page in another one.
            parent.facts["space"] = element.attributes.get("ri:space-key", "")
        case "content-entity":
            target = f"page {value}"
        case kind:
            target = f"{kind} “{value}”"
    parent.facts["target"] = target
    return ""


def link_phrase(element: Element, _parent: Element) -> str:
    """Return the words of a link, and what it points to where they do not say it."""
    words, target = element.words(), element.facts.get("target", "")
    space = element.facts.get("space", "")
    if not target:
        return words or element.attributes.get("ac:anchor", "")
    if not words or words.casefold() == target.strip("“”").casefold():
        return f"{target} (space {space})" if space else target
    return f"{words} ({target}, space {space})" if space else f"{words} ({target})"


def image_phrase(element: Element, _parent: Element) -> str:
    """Return what is said of an image, and which it is."""
    target = element.facts.get("target", "")
    said = element.attributes.get("ac:alt") or element.words()
    named = f"{said} ({target})" if said and target else said or target
    return f"[image: {named or 'unnamed'}]"


def anchor_phrase(element: Element, _parent: Element) -> str:
    """Return a link to a web page."""
    return link(element.padded(), element.attributes.get("href", ""))
