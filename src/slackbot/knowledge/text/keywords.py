"""Words for a search engine, safe to put into its query language."""

from __future__ import annotations

import re

from slackbot.invisible import strip_invisible

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_OPERATORS = str.maketrans(dict.fromkeys("+-&|!(){}[]^~*?:/\\", " "))


def clean_keywords(text: str) -> str:
    """Return words and quoted phrases only: no control characters, no operators of Lucene.

    In lower case: AND, OR and NOT are operators in capitals only. Empty if no word is left.
    """
    words = _CONTROLS.sub(" ", strip_invisible(text)).translate(_OPERATORS)
    if words.count('"') % 2:
        words = words.replace('"', " ")
    return " ".join(words.lower().split()) if words.strip(' "') else ""


def string_literal(text: str) -> str:
    r"""Return a string of CQL or JQL, with a backslash before each `\` and `"`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
