"""Removes characters that people cannot see but a model can read."""

from __future__ import annotations

import re

# Terminal escape sequences go first, as a whole: without their ESC their rest would be visible.
_ANSI_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")

_EMOJI = "\u203c-\u3299\U0001f000-\U0001faff"
_JOINED = f"\u0600-\u1fff\u2c00-\ud7ff\uf900-\ufaff\ufe0f\ufe70-\ufefc\U00010000-\U00012fff{_EMOJI}"

_MEANT = "|".join(
    (
        # England, Scotland and Wales: a black flag, letters in tag characters, an end tag. Tag
        # characters anywhere else spell out a text that nobody sees.
        "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",
        # One joiner at a time holds together family emoji, and letters of Arabic and Indic words.
        f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])",
        # The wish for a coloured picture, after what can be one; keycaps are a digit's.
        f"(?<=[{_EMOJI}\xa9\xae])\ufe0f|(?<=[0-9#*])\ufe0f(?=\u20e3)",
    )
)

_HIDDEN = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers, soft hyphen
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # zero width, bidirectional
    "\ufe00-\ufe0f\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # variation selectors, tags
    "\ud800-\udfff]"  # half a surrogate pair is no character at all
)

_MEANT_OR_HIDDEN = re.compile(f"({_MEANT})|{_HIDDEN}")


def strip_invisible(text: str) -> str:
    """Return the text without control, zero-width, bidirectional and tag characters.

    Flags, family emoji, and the joiners inside words of Arabic and Indic scripts survive. The
    ranges are Unicode's `Default_Ignorable_Code_Point` and the control characters.
    """
    if text.isascii() and text.isprintable():
        return text
    without_sequences = _ANSI_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    return _MEANT_OR_HIDDEN.sub(lambda found: found[1] or "", without_sequences)
