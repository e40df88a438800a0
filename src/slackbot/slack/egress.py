"""The one place that decides what may leave: a model's Markdown → Markdown that is safe in Slack.

Whatever the model wrote:
- a link is live only if its exact address is in `links`. Every other address becomes inline code,
  which no reader makes clickable; images become links and are treated as such; bare addresses that
  are live are written out as links, since where a bare one ends is each reader's own guess;
- nobody is notified: `<!channel>`, `<@U…>`, `<#C…>` lose their `<`, and the `@` of `@channel`,
  `@here` and `@everyone` becomes a full-width `＠`;
- invisible characters are gone.

`&`, `<` and `>` are written as entities, except a `>` that begins a block quote; the three entities
that stand for them stay as they are. In code Markdown knows no entities, so it stays as it is, but
for a `<` that Slack could read as the beginning of a mention or a link.

Code must be code to every reader: fences are written anew, with three backticks at the
beginning of a line and out of reach of any list or quote that would end them early; backticks that
pair with none become the look-alike `ˋ`, so that they cannot pair with one of ours.

The text may come in pieces: what `feed` returns is final, and where the pieces are cut changes
nothing. The time is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slackbot.invisible import InvisibleStripper
from slackbot.slack.links import ADDRESS, REACH, Link, find_link

if TYPE_CHECKING:
    from collections.abc import Collection

_BACKTICK, _LOOK_ALIKE = "`", "ˋ"
_FENCE = "```"
_FENCES = ("```", "~~~")

_BACKTICKS = re.compile("`+")
_BACKTICKS_OR_LINE_END = re.compile("`+|\n")
_BLANKS = re.compile(r"[ \t]*")
_WORD = re.compile(r"[!-;=?-Z^-_a-~]+")
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_OPENING_FENCE = re.compile(
    r"(?P<indent>[ \t]*)(?P<run>`{3,}(?=[^`\n]*\n?\Z)|~{3,})(?P<info>.*)\n?"
)
# A label holds brackets one deep, and an address no angle.
_NO_LINK_YET = re.compile(r"\[+(?=\[\[)|<+(?=<)")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#-]{0,32}")
_FENCE_IN_CODE = re.compile("`{3,}")

_SLACK_SEQUENCE = re.compile(
    "<(?=[@#]|!(?:channel|here|everyone|subteam|date)|[a-z][a-z0-9+.-]{0,24}://|mailto:|tel:)",
    re.IGNORECASE,
)
_LONGEST_SEQUENCE_START = 32

# Without one of these a word is neither an address nor a mention, and needs no escaping.
_NOTABLE = re.compile("[.:@&]")
_BROADCAST = re.compile("@(?=channel|here|everyone)", re.IGNORECASE)
_BARE_AMPERSAND = re.compile("&(?!(?:amp|lt|gt);)")
_ADDRESS_ENDS = re.compile(r'&[lg]t;|[|"]')
_TRAILING_PUNCTUATION = ".,;:!?'*_~)}"
_BALANCED_LABEL = re.compile(r"(?:[^\[\]\\`]|\[[^\[\]\\`]*\])*")
_ROUND_BRACKETS = str.maketrans("[]", "()")
# What can be written inside `(…)` and end there for every reader.
_WRITABLE_ADDRESS = re.compile(r"https?://(?:[^\s()<>\\`]|\([^\s()<>\\`]*\))+")

_ESCAPABLE = frozenset("\\[]*_#~!()+-|{}")
# Markdown drops a backslash before these; what it kept apart would then be an address or a mention.
_JOINED_BY_ESCAPE = frozenset(":/.@")
# An escape, a longer run of backticks, an image.
_JOINED_BY = {"`": ("\\", "`"), "[": ("\\", "!")}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class _Fence:
    character: str
    length: int
    indent: int


def render(markdown: str, links: Collection[str]) -> str:
    """Return what may be shown of `markdown`, when only `links` may be live in it."""
    stream = EgressStream()
    return stream.feed(markdown, links) + stream.finish()


class EgressStream:
    """`render` for text that comes in pieces."""

    def __init__(self) -> None:
        self._stripper = InvisibleStripper()
        self._scanner = _Scanner()

    def feed(self, piece: str, links: Collection[str]) -> str:
        """Return the Markdown that may be shown now, after what was returned before.

        What is undecided is held back: a word, a code span, a link, at most `REACH` characters.
        """
        return self._scanner.scan(self._stripper.feed(piece), links, final=False)

    def finish(self) -> str:
        """Return what was held back, and close what is open."""
        return self._scanner.scan(self._stripper.finish(), final=True)


class _Scanner:
    """Reads one token after the other; a token that is not decided yet stays in the buffer."""

    def __init__(self, *, inline: bool = False) -> None:
        self._text = ""
        self._at = 0
        self._final = False
        self._links: Collection[str] = ()
        self._written: list[str] = []
        self._last = ""
        self._fence: _Fence | None = None
        self._within_fenced_line = False
        self._line_begins = not inline
        self._quote_may_begin = not inline

    def scan(self, text: str, links: Collection[str] | None = None, *, final: bool) -> str:
        self._text += text
        self._final = final
        if links is not None:
            self._links = links
        while self._at < len(self._text) and self._token():
            pass
        self._text, self._at = self._text[self._at :], 0
        if final and self._fence:
            self._write(_FENCE if self._last == "\n" else f"\n{_FENCE}")
        written, self._written = "".join(self._written), []
        return written

    def _token(self) -> bool:
        """Read the next token; return whether it was decided."""
        if self._fence:
            return self._fenced_line(self._fence)
        if self._line_begins:
            return self._line_beginning()
        match character := self._text[self._at]:
            case "\n":
                self._line_begins = self._quote_may_begin = True
                return self._take(1, "\n")
            case " " | "\t":
                return self._take(1, character)
            case ">":
                return self._take(1, ">" if self._quote_may_begin else "&gt;")
        self._quote_may_begin = False
        return self._mark_or_word(character)

    def _mark_or_word(self, character: str) -> bool:
        match character:
            case "`":
                return self._code_span()
            case "\\":
                return self._escape()
            case "[" | "<":
                return self._link(self._at, "[" if character == "[" else "&lt;")
            case "]":
                return self._closing_bracket()
            case _ if character.isascii():
                return self._word()
            case _:
                return self._non_ascii()

    # Lines and fences

    def _line_beginning(self) -> bool:
        """Open a fence if the line is one; needs the whole line only when it begins like one."""
        text, start = self._text, self._at
        reach = start + REACH
        blanks = _BLANKS.match(text, start, reach)
        after = blanks.end() if blanks else start
        if not text.startswith(_FENCES, after, reach):
            if self._may_grow(start) and any(fence.startswith(text[after:]) for fence in _FENCES):
                return False
            self._line_begins = False
            return True
        end = text.find("\n", after, reach) + 1
        if not end and self._may_grow(start):
            return False
        self._line_begins = False
        line = text[start : end or reach]
        opening = _OPENING_FENCE.fullmatch(line)
        if opening and (end or len(line) < REACH):
            self._open_fence(opening, line)
        return True

    def _open_fence(self, opening: re.Match[str], line: str) -> None:
        run = opening["run"]
        self._fence = _Fence(run[0], len(run), len(opening["indent"]))
        self._within_fenced_line = False
        language = _LANGUAGE.match(opening["info"].strip())
        self._write(_FENCE + (language[0] if language else ""))
        self._take(len(line), "\n" if line.endswith("\n") else "")

    def _fenced_line(self, fence: _Fence) -> bool:
        """Write a line of code, or a part of one that is longer than the reach."""
        end = self._text.find("\n", self._at, self._at + REACH) + 1
        if not end and self._may_grow(self._at):
            return False
        line = self._text[self._at : end or self._at + REACH]
        whole = end > 0 or len(line) < REACH
        if not whole:
            angle = line.rfind("<", REACH - _LONGEST_SEQUENCE_START)
            line = line[: angle if angle > 0 else REACH]
        continued, self._within_fenced_line = self._within_fenced_line, not whole
        if whole and not continued and _closes(line, fence):
            self._fence = None
            self._line_begins = self._quote_may_begin = True
            return self._take(len(line), _FENCE + ("\n" if end else ""))
        blanks = _BLANKS.match(line, 0, 0 if continued else fence.indent)
        code = line[blanks.end() if blanks else 0 :]
        code = _FENCE_IN_CODE.sub(lambda run: _LOOK_ALIKE * len(run[0]), code)
        return self._take(len(line), _code_text(code))

    # Inline code and escapes

    def _code_span(self) -> bool:
        start, reach = self._at, self._at + REACH
        opening = _BACKTICKS.match(self._text, start, reach)
        after = opening.end() if opening else start
        length = after - start
        for mark in _BACKTICKS_OR_LINE_END.finditer(self._text, after, reach):
            if mark[0] == "\n":
                return self._take(length, _LOOK_ALIKE * length)
            if mark.end() == reach or (mark.end() == len(self._text) and not self._final):
                break
            if len(mark[0]) == length:
                content = self._text[after : mark.start()]
                return self._take(mark.end() - start, self._code(content, length))
        if self._may_grow(start):
            return False
        return self._take(length, _LOOK_ALIKE * length)

    def _code(self, content: str, length: int) -> str:
        if "|" in content and ADDRESS.search(content):
            # Unescaped, it would end a table's cell, and the code with it.
            content = content.replace("|", r"\|")
        delimiter = _BACKTICK * length if _BACKTICK in content else _BACKTICK
        return self._apart(f"{delimiter}{_code_text(content)}{delimiter}")

    def _escape(self) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        if not following and self._may_grow(self._at):
            return False
        if following in _ENTITIES:
            return self._take(2, _ENTITIES[following])
        if following == _BACKTICK:
            return self._take(2, _LOOK_ALIKE)
        if following in _ESCAPABLE:
            return self._take(2, "\\" + following)
        return self._take(1, "\\\\" if following in _JOINED_BY_ESCAPE else "\\")

    # Links and words

    def _link(self, start: int, literal: str) -> bool:
        """Read a link at `start`, which may lie behind the `!` of an image."""
        if start == self._at and (many := _NO_LINK_YET.match(self._text, start)):
            return self._take(len(many[0]), literal * len(many[0]))
        match find_link(self._text, start, final=self._final):
            case Link(label, url, end):
                self._take(end - self._at, "")
                self._write_link(label, url)
            case "undecided":
                return False
            case _:
                self._take(start + 1 - self._at, literal)
        return True

    def _write_link(self, label: str, url: str) -> None:
        shown = _Scanner(inline=True).scan(label, (), final=True).strip()
        if self._is_live(url):
            self._write(self._apart(f"[{_closed_label(shown) or _escape_all(url)}]({url})"))
            return
        if shown and label.strip() != url:
            self._write(self._apart(f"{shown} "))
        self._write(self._inert(url))

    def _is_live(self, url: str) -> bool:
        return url in self._links and _WRITABLE_ADDRESS.fullmatch(url) is not None

    def _inert(self, url: str) -> str:
        code = url.replace(_BACKTICK, _LOOK_ALIKE).replace("|", "%7C").strip()
        return self._apart(f"`{_code_text(code)}`") if code else ""

    def _apart(self, markdown: str) -> str:
        """Keep what was written before from changing what begins now."""
        return f" {markdown}" if self._last in _JOINED_BY.get(markdown[:1], ()) else markdown

    def _closing_bracket(self) -> bool:
        """Write a bracket that closes no link, so that none can be made of it."""
        following = self._text[self._at + 1 : self._at + 2]
        if not following and self._may_grow(self._at):
            return False
        return self._take(1, "] " if following in ("(", ":") else "]")

    def _word(self) -> bool:
        """Read printable ASCII up to the next blank or mark; it may hold addresses."""
        start = self._at
        found = _WORD.match(self._text, start, start + REACH)
        word = found[0] if found else ""
        end = start + len(word)
        if end == len(self._text) and self._may_grow(start):
            return False
        if len(word) < REACH and word.endswith("!") and self._text.startswith("[", end):
            if word == "!":
                return self._link(end, "![")
            word = word[:-1]
        self._take(len(word), "")
        self._write_word(word)
        if len(word) == REACH:
            # The next word must not continue an address that was cut in two.
            self._write(" ")
        return True

    def _write_word(self, word: str) -> None:
        if not _NOTABLE.search(word):
            self._write(word)
            return
        while address := ADDRESS.search(word):
            self._write(_literal(word[: address.start()]))
            ends = _ADDRESS_ENDS.search(word, address.end())
            end = ends.start() if ends else len(word)
            self._write_address(word[address.start() : end])
            word = word[end:]
        self._write(_literal(word))

    def _write_address(self, address: str) -> None:
        core = address.rstrip(_TRAILING_PUNCTUATION)
        for url in (address, f"{core})", core):
            if address.startswith(url) and self._is_live(url):
                self._write(self._apart(f"[{_escape_all(url)}]({url})"))
                self._write(_literal(address[len(url) :]))
                return
        self._write(self._inert(core))
        self._write(_literal(address[len(core) :]))

    def _non_ascii(self) -> bool:
        found = _NON_ASCII.match(self._text, self._at)
        run = found[0] if found else ""
        return self._take(len(run), run)

    # The buffer

    def _may_grow(self, start: int) -> bool:
        """Whether the token at `start` reaches the end of a text that may go on."""
        return not self._final and len(self._text) < start + REACH

    def _take(self, length: int, markdown: str) -> bool:
        self._at += length
        self._write(markdown)
        return True

    def _write(self, markdown: str) -> None:
        if markdown:
            self._written.append(markdown)
            self._last = markdown[-1]


def _closed_label(label: str) -> str:
    """Keep a link's label from ending early, or not at all, for a reader who counts brackets."""
    whole = label.rstrip("\\")
    return whole if _BALANCED_LABEL.fullmatch(whole) else whole.translate(_ROUND_BRACKETS)


def _closes(line: str, fence: _Fence) -> bool:
    mark = line.strip()
    return len(mark) >= fence.length and mark.strip(fence.character) == ""


def _escape_all(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code_text(text: str) -> str:
    return _SLACK_SEQUENCE.sub("&lt;", text)


def _literal(text: str) -> str:
    return _BROADCAST.sub("＠", _BARE_AMPERSAND.sub("&amp;", text))
