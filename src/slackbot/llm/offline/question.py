"""What a conversation asks for, as words to search for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.llm.offline.thesaurus import name_of, synonyms
from slackbot.llm.offline.words import MAX_WORDS, content_words, tokens
from slackbot.small_talk import small_talk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slackbot.messages import Message
    from slackbot.small_talk import SmallTalk

_OPENERS = frozenset({"and", "but", "or", "also"})
_PRONOUNS = frozenset(
    {"it", "its", "that", "this", "these", "those", "they", "them", "their", "there"}
    | {"he", "she", "him", "her"}
)
_SHORT = 2
_ELLIPTIC = 4
_ENOUGH_CONTEXT = 3
_ALONE = 5
_MAX_QUERY_WORDS = 12
_MAX_QUERY = 240
"""In characters. Sources take 256, and none asks for more than so many words at once."""

_UNSPOKEN = re.compile(r"https?://\S+|<[^>]*>|@\w[\w.-]*")
_SPEAKER = re.compile(r"([^\W\d_][\w .'’-]{0,40}): ")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: its own content words, and those of the thread that it may lean on.

    `refers`: it means nothing without them ("and who approves it?"). `courtesy` says that it is no
    question but a greeting or thanks.
    """

    own: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    refers: bool = False
    courtesy: SmallTalk | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """All that may help to find the answer."""
        return (*self.own, *self.context)

    @property
    def asked(self) -> tuple[str, ...]:
        """The words that an answer must have to do with."""
        return self.own or self.context

    @property
    def text(self) -> str:
        """What is looked for, all of it; nothing if there is nothing to go by."""
        return next(iter(self._ways), "")

    @property
    def queries(self) -> tuple[str, ...]:
        """What to search for: all words, then the longest ones, each alone.

        Many searches want every word, which no document may have. Longer words tend to be rarer;
        and what is found by one word alone has that word, wherever in it.
        """
        return tuple(dict.fromkeys((*self._ways, *self._by_length[:_ALONE])))

    @property
    def broader(self) -> tuple[str, ...]:
        """Other words for the same, and more words alone, to try when nothing found will do."""
        others = (other for word in self._by_length for other in synonyms(name_of(word)))
        fresh = (other for other in others if other not in self._by_length)
        return tuple(dict.fromkeys((*fresh, *self._by_length[_ALONE:])))

    @property
    def _by_length(self) -> list[str]:
        return sorted(dict.fromkeys((*self.own, *self.context)), key=len, reverse=True)

    @property
    def _ways(self) -> tuple[str, ...]:
        """All that is asked, put in at most two ways."""
        both = tuple(dict.fromkeys((*self.context, *self.own)))
        ways = (both, self.context) if self.refers else (self.own, both)
        return tuple(dict.fromkeys(" ".join(_longest(way)) for way in ways if way))


def _longest(words: Sequence[str]) -> list[str]:
    """Return as many of the words as a search takes, in order: the longest, which tell most."""
    kept = sorted(words, key=len, reverse=True)[:_MAX_QUERY_WORDS]
    while len(" ".join(kept)) > _MAX_QUERY:
        kept.pop(0)
    return [word for word in words if word in kept]


def question_in(messages: Sequence[Message]) -> Question:
    """Find the question in the last message, and what it leans on in all that came before.

    Takes a conversation up to the message that is to be answered.
    """
    lines = _spoken(messages)
    newest = len(lines) - len(_spoken(messages[-1:]))
    telling = (at for at in range(newest, len(lines)) if content_words(lines[at]))
    at = max(telling, default=len(lines) - 1)
    asked = lines[at] if lines else ""
    own = content_words(asked)
    said = {token.lower() for token in tokens(asked)}
    follows_answer = any(message.role == "assistant" for message in messages)
    if courtesy := small_talk(asked, follows_answer=follows_answer):
        return Question(courtesy=courtesy)
    refers = not own or _refers(own, said)
    context = _context(lines[:at]) if refers or len(own) <= _SHORT else ()
    return Question(own, context, refers and bool(context))


def is_said(message: Message) -> bool:
    """Whether a message is something that a person said."""
    return message.role == "user" and not message.tool_results and bool(message.content.strip())


def _refers(own: Sequence[str], said: set[str]) -> bool:
    """Whether a question points to what was said before, or leaves out half of itself."""
    if len(own) > _SHORT + 1:
        return False
    return bool(said & _PRONOUNS) or (bool(said & _OPENERS) and len(said) <= _ELLIPTIC)


def _spoken(messages: Sequence[Message]) -> list[str]:
    """Return what people said, line by line, without the names that stand before it."""
    lines = [
        line
        for message in messages
        if is_said(message)
        for line in _UNSPOKEN.sub(" ", message.content).splitlines()
        if line.strip()
    ]
    # Names stand before the lines of a thread only where several people speak.
    speakers = {match[1] for line in lines if (match := _SPEAKER.match(line))}
    return [_SPEAKER.sub("", line, count=1) for line in lines] if len(speakers) > 1 else lines


def _context(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the words of the nearest lines before, as many lines as it takes."""
    words: tuple[str, ...] = ()
    for line in reversed(lines):
        words = (*content_words(line), *words)
        if len(words) >= _ENOUGH_CONTEXT:
            break
    return tuple(dict.fromkeys(words))[:MAX_WORDS]
