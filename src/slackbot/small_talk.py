"""Tells thanks, greetings and short reactions from whatever may need looking up. Pure.

Only a text that consists of nothing but known courtesies counts. Anything else, a question mark
included, is for the model and its tools to decide.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

SmallTalk = Literal["thanks", "greeting", "reaction"]

MAX_CHARACTERS = 120


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(";"))


# What agrees to something ("yes", "please do") is missing on purpose: it may answer a question of
# the bot's, and then there is something to do.
_COURTESIES: Mapping[SmallTalk, frozenset[str]] = {
    "thanks": _phrases("""
        thanks; thank you; many thanks; thank you so much; thanks so much; thx; ty; tysm; cheers;
        thanks for the help; thank you for the help; thanks for your help; thank you for your help;
        thanks for that; thanks for this; thanks for the quick answer; thanks for the answer;
        much appreciated; appreciate it; i appreciate it; appreciated; you're the best;
        you are the best; you're great; you're a star; you're a lifesaver; you're awesome;
        danke; danke schön; danke sehr; vielen dank; merci; merci beaucoup; merci bien; gracias;
        muchas gracias; grazie; grazie mille; obrigado; obrigada; dank je; dank je wel; bedankt
    """),
    "greeting": _phrases("""
        hi; hello; hey; hiya; howdy; morning; good morning; good afternoon; good evening; good day;
        hi there; hello there; hey there; nice to meet you; bye; goodbye; good bye; good night;
        see you; see you tomorrow; have a good day; have a nice day; have a good weekend;
        hallo; moin; servus; guten morgen; guten tag; guten abend; tschüss; salut; bonjour; bonsoir;
        hola; buenos días; buenas tardes; buenas; ciao
    """),
    "reaction": _phrases("""
        ok; okay; alright; all right; right; fine; noted; understood; roger; will do; fair enough;
        great; perfect; cool; nice; awesome; excellent; wonderful; brilliant; amazing; super;
        lovely; neat; helpful; useful; good; interesting; impressive; good to know; got it; gotcha;
        i see; makes sense; that makes sense; that's it; that was it; that's all i needed;
        all i needed; exactly what i needed; just what i needed; that helps; that helped;
        this helps; this helped; that worked; that works; it worked; it works; that did it;
        that did the trick; that was helpful; nice one; good one; good job; great job; nice work;
        great work; well done; good bot; nice bot; good answer; great answer; nice find;
        all good; wow; whoa; yay; haha; ha; lol; phew; sweet; top; prima; genial; parfait
    """),
}
_EMPHASIS = _phrases("""
    very; really; so; so much; very much; a lot; a bunch; again; now; all; everyone; team;
    that's; that is; this is; oh; ah
""")
_MAX_WORDS = 14
_LONGEST_COURTESY = 5  # words

_EMOJI_NAME = re.compile(r":[a-z0-9_+'-]{1,40}:")
_APART = re.compile(r"[\s,.!;…-]+")
_PICTURES = ("So", "Sk", "Mn", "Cf")
"""Unicode's categories of emoji, skin tones, variation selectors, and what joins emoji."""


def small_talk(text: str, *, follows_answer: bool) -> SmallTalk | None:
    """Return what kind of courtesy a text is, if it is nothing else.

    A reaction, and one that is an emoji only, must follow an answer: without one there is nothing
    to react to, and "right" or "good" may be the beginning of something.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    words, has_emoji = _words(text)
    kinds = _kinds(words)
    if kinds is None or not (kinds or has_emoji):
        return None
    for kind in ("thanks", "greeting"):
        if kind in kinds:
            return kind
    return "reaction" if follows_answer else None


def _words(text: str) -> tuple[list[str], bool]:
    """Return the words in lower case, and whether there are emoji between them."""
    plain = text.casefold().replace("’", "'")
    named = _EMOJI_NAME.sub(" ", plain)
    bare = "".join(" " if unicodedata.category(char) in _PICTURES else char for char in named)
    return [word for word in _APART.split(bare) if word], bare != plain


def _kinds(words: list[str]) -> frozenset[SmallTalk] | None:
    """Cut the words into courtesies, and return their kinds; `None` if something else is left."""
    if len(words) > _MAX_WORDS:
        return None
    # What the first n words can be read as; the longest courtesy that ends there counts.
    readings: list[frozenset[SmallTalk] | None] = [frozenset()]
    for end in range(1, len(words) + 1):
        options = (
            before | kind
            for start in range(max(0, end - _LONGEST_COURTESY), end)
            if (before := readings[start]) is not None
            if (kind := _kind(" ".join(words[start:end]))) is not None
        )
        readings.append(next(options, None))
    return readings[-1]


def _kind(phrase: str) -> frozenset[SmallTalk] | None:
    """Return the kind of a courtesy, none for what only lends emphasis to one."""
    if phrase in _EMPHASIS:
        return frozenset()
    return next(
        (frozenset((kind,)) for kind, known in _COURTESIES.items() if phrase in known), None
    )
