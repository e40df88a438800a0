"""Which characters may pass, in any direction: everything that is visible, and nothing else.

Invisible characters carry text that people cannot see and a model can read (Unicode tags, variation
selectors, zero-width characters), or change the order of what is seen (bidirectional overrides).
They are removed, except where a writing system or an emoji is made of them: joiners between letters
of the joining scripts, and the joiners, selectors and tags of well-formed emoji. What is invisible
is Unicode's `Default_Ignorable_Code_Point`, the controls but for tab and line feed, and surrogates.
"""

from __future__ import annotations

import re

_EMOJI = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe"
    "\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_ZWJ = "\u200d"
_VS16 = "\ufe0f"
_KEYCAP = "\u20e3"

# Arabic, Syriac, Thaana, N'Ko; Mongolian; the Brahmic scripts of South and South-East Asia.
_JOINING = (
    "[\u0600-\u061b\u061d-\u07ff\u0860-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u17b3\u17b6-\u180a"
    "\u1820-\u18aa\u1a20-\u1aad\u1b00-\u1c4f\ua840-\ua877\ua8e0-\ua8ff\ua930-\uaadf\uabc0-\uabff"
    "\U00010a00-\U00010a5f\U00011000-\U00011fff]"
)

# The three subdivision flags that Unicode recommends for interchange; each ends with a cancel tag.
_BLACK_FLAG = "\U0001f3f4"
_TAGGED_REGIONS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")
)
_TAG_END = "\U000e007f"

# ECMA-48: control sequences (CSI) and operating system commands (OSC). The repetitions are bounded,
# so that an attempt costs little and an unfinished one is soon given up.
_ANSI = (
    "(?:\x1b\\[|\x9b)[0-?]{0,32}[ -/]{0,8}[@-~]"
    "|\x1b\\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\\\)"
    "|\x1b[@-Z\\\\^_]"
)
_ANSI_PREFIX = "(?:\x1b\\[|\x9b)[0-?]{0,32}[ -/]{0,8}|\x1b\\][^\x07\x1b\n]{0,256}\x1b?|\x1b"

_INVISIBLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

_WELL_FORMED = (
    f"{_BLACK_FLAG}(?:{_TAGGED_REGIONS}){_TAG_END}"
    f"|{_EMOJI}{_VS16}?(?:{_ZWJ}{_EMOJI}{_VS16}?){{0,8}}"
    f"|[0-9#*]{_VS16}{_KEYCAP}"
    f"|{_JOINING}[\u200c{_ZWJ}](?={_JOINING})"
)
_TOKEN = re.compile(f"(?P<keep>{_WELL_FORMED})|{_ANSI}|{_INVISIBLE}")

# What stands at the end of a piece and may still grow into one of the tokens above.
_UNDECIDED = (
    f"(?:{_BLACK_FLAG}[\U000e0061-\U000e007a]{{0,5}}"
    f"|{_EMOJI}{_VS16}?(?:{_ZWJ}{_EMOJI}{_VS16}?){{0,8}}{_ZWJ}?"
    f"|[0-9#*]{_VS16}?"
    f"|{_JOINING}[\u200c{_ZWJ}]?"
    f"|{_ANSI_PREFIX})\\Z"
)
_TOKEN_OF_PIECE = re.compile(f"(?P<undecided>{_UNDECIDED})|{_TOKEN.pattern}")

# Most text has nothing invisible: it passes as it is, and of a piece the last character may wait.
_ANY_INVISIBLE = re.compile(_INVISIBLE)
_MAY_GROW = re.compile(f"{_EMOJI}|[0-9#*]|{_JOINING}")

_LINE_SEPARATORS = ("\u2028", "\u2029")


def strip_invisible(text: str) -> str:
    """Remove what cannot be seen; line and paragraph separators become line breaks."""
    return _TOKEN.sub(_visible, text) if _ANY_INVISIBLE.search(text) else text


def _visible(token: re.Match[str]) -> str:
    if token["keep"]:
        return token[0]
    return "\n" if token[0] in _LINE_SEPARATORS else ""


class InvisibleStripper:
    """`strip_invisible` for text that comes in pieces: the same result, wherever they are cut."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return the text that no further piece can change."""
        text, self._held = self._held + piece, ""
        if _ANY_INVISIBLE.search(text):
            return _TOKEN_OF_PIECE.sub(self._visible_or_held, text)
        if _MAY_GROW.match(text[-1:]):
            text, self._held = text[:-1], text[-1]
        return text

    def finish(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return strip_invisible(held)

    def _visible_or_held(self, token: re.Match[str]) -> str:
        if token["undecided"]:
            self._held = token[0]
            return ""
        return _visible(token)
