"""An event of Slack's Events API → what a person said or changed; pure.

Slack reports one message in several forms: a mention arrives as `app_mention` and as `message`, an
edit as `message_changed` and, if it mentions the bot, as `app_mention` again. Each is read by
itself here; whoever takes the messages knows them by (team, channel, ts).

Source of the shapes: https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slackbot.conversation import Amended, Incoming, Stopped, ThreadKey
from slackbot.slack.ingress import plain_text

SPOKEN_SUBTYPES = (None, "file_share", "thread_broadcast")
"""The subtypes of messages that a person wrote; all others are Slack's own or a bot's."""

_TS = re.compile(r"\d+\.\d+")
_MENTION = re.compile(r"<@(?P<user>[A-Z0-9]+)(?:\|[^<>\n]*)?>")
_CODE_OR_MENTION = re.compile(rf"(?P<code>```[\s\S]*?```|`[^`\n]*`)|{_MENTION.pattern}")
_PUNCTUATION = tuple(",.;:!?)")
# A person, a user group or everybody, however it is formatted or quoted.
_MANY = r"<!(?:subteam\^[^<>\n]*|(?:here|channel|everyone)(?:\|[^<>\n]*)?)>"
_ADDRESSEE = re.compile(rf"(?:[\s*_~]|&gt;)*(?:{_MENTION.pattern}|{_MANY})")
_SEPARATORS_AFTER_MENTION = " \t\n,:"

_Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who the bot is in Slack, as `auth.test` says.

    `site` is the address of the workspace, with no slash at its end. `scopes` are those of its
    token, `None` where Slack does not say.
    """

    team: str
    user_id: str
    bot_id: str
    site: str = ""
    scopes: frozenset[str] | None = None


class _Malformed(Exception):
    """A field that must be there is missing or has the wrong type."""


def parse(body: _Fields, bot: BotIdentity) -> tuple[Incoming | Amended | Stopped, ...]:
    """Return what happened, in order; nothing for events of bots and for anything malformed.

    `body` is the payload of an `events_api` envelope. An edit that adds a mention is both a change
    and something to answer.
    """
    try:
        event = _mapping(body, "event")
        match event.get("type"), event.get("subtype"):
            case "app_mention", _:
                return tuple(said for said in _spoken(body, event, bot) if said.mentions_bot)
            case "message", "message_changed":
                return _changed(body, event, bot)
            case "message", "message_deleted":
                return _deleted(body, event, bot)
            case "message", _:
                return _spoken(body, event, bot)
            case "agent_session_stopped", _:
                return (_stopped(body, event, bot),)
            case _:
                return ()
    except _Malformed:
        return ()


def strip_mention(text: str, user_id: str) -> str:
    """Remove the mentions of `user_id` from Slack's message text, except those quoted in code.

    The text around a mention is joined the way it would have been written without it.
    """
    segments = _split_at_mentions(text, user_id)
    joined = segments[0]
    for segment in segments[1:]:
        if not joined.strip():
            joined = segment.lstrip(_SEPARATORS_AFTER_MENTION)
            continue
        left, right = joined.rstrip(" \t"), segment.lstrip(" \t")
        together = left.endswith("\n") or not right or right.startswith(("\n", *_PUNCTUATION))
        joined = left + ("" if together else " ") + right
    return joined.strip()


def _split_at_mentions(text: str, user_id: str) -> list[str]:
    segments, start = [], 0
    for match in _CODE_OR_MENTION.finditer(text):
        if match["user"] == user_id:
            segments.append(text[start : match.start()])
            start = match.end()
    return [*segments, text[start:]]


def _spoken(body: _Fields, message: _Fields, bot: BotIdentity) -> tuple[Incoming, ...]:
    if message.get("subtype") not in SPOKEN_SUBTYPES or _by_bot(message, bot):
        return ()
    ts, text = _ts(message, "ts"), _text(message)
    addressee = _ADDRESSEE.match(text)
    return (
        Incoming(
            team=_team(body, bot),
            channel=_string(message, "channel"),
            thread_ts=_thread_ts(message, ts),
            ts=ts,
            asker=_string(message, "user"),
            text=plain_text(strip_mention(text, bot.user_id)),
            direct=message.get("channel_type") == "im",
            mentions_bot=_mentions(message, bot),
            addresses_other=addressee is not None and addressee["user"] != bot.user_id,
            edited="edited" in message,
            action_token=_action_token(message),
        ),
    )


def _changed(body: _Fields, event: _Fields, bot: BotIdentity) -> tuple[Incoming | Amended, ...]:
    """An edit, an unfurl (the text is the same), or a deleted root whose thread remains."""
    after = _mapping(event, "message")
    before = _optional_mapping(event, "previous_message")
    if after.get("subtype") == "tombstone":
        return () if _by_bot(before, bot) else (_amended(body, event, after, bot, None),)
    if after.get("subtype") not in SPOKEN_SUBTYPES or _by_bot(after, bot):
        return ()
    text = _text(after)
    if before.get("text") == text:
        return ()
    changed = _amended(body, event, after, bot, plain_text(strip_mention(text, bot.user_id)))
    if not _mentions(after, bot) or _mentions(before, bot):
        return (changed,)
    where = {key: event[key] for key in ("channel", "channel_type") if key in event}
    return (changed, *_spoken(body, {**after, **where, "edited": True}, bot))


def _deleted(body: _Fields, event: _Fields, bot: BotIdentity) -> tuple[Amended, ...]:
    before = _optional_mapping(event, "previous_message")
    if _by_bot(before, bot):
        return ()
    return (_amended(body, event, {**before, "ts": event.get("deleted_ts")}, bot, None),)


def _stopped(body: _Fields, event: _Fields, bot: BotIdentity) -> Stopped:
    """Source: https://docs.slack.dev/reference/events/agent_session_stopped."""
    thread = ThreadKey(_team(body, bot), _string(event, "channel"), _ts(event, "thread_ts"))
    return Stopped(thread)


def _action_token(message: _Fields) -> str | None:
    """The token for assistant.search.context; it used to stand in `assistant_thread`."""
    older = _optional_mapping(message, "assistant_thread")
    found = message.get("action_token") or older.get("action_token")
    return found if isinstance(found, str) else None


def _amended(
    body: _Fields, event: _Fields, message: _Fields, bot: BotIdentity, text: str | None
) -> Amended:
    ts = _ts(message, "ts")
    thread = ThreadKey(_team(body, bot), _string(event, "channel"), _thread_ts(message, ts))
    return Amended(thread, ts, text)


def _by_bot(message: _Fields, bot: BotIdentity) -> bool:
    return bool(message.get("bot_id")) or message.get("user") == bot.user_id


def _mentions(message: _Fields, bot: BotIdentity) -> bool:
    """Whether the bot is really mentioned: by an element of rich text, or outside code."""
    rich = [block for block in _mappings(message.get("blocks")) if block.get("type") == "rich_text"]
    if rich:
        return any(_is_mention(element, bot) for block in rich for element in _elements(block))
    return any(match["user"] == bot.user_id for match in _CODE_OR_MENTION.finditer(_text(message)))


def _is_mention(element: _Fields, bot: BotIdentity) -> bool:
    style = element.get("style")
    in_code = isinstance(style, Mapping) and bool(style.get("code"))
    return element.get("type") == "user" and element.get("user_id") == bot.user_id and not in_code


def _elements(block: _Fields) -> Iterator[_Fields]:
    """Yield the elements of rich text at every depth, except those of preformatted text."""
    unvisited = [block]
    while unvisited:
        element = unvisited.pop()
        yield element
        if element.get("type") != "rich_text_preformatted":
            unvisited.extend(_mappings(element.get("elements")))


def _team(body: _Fields, bot: BotIdentity) -> str:
    team = body.get("team_id")
    return team if isinstance(team, str) and team else bot.team


def _thread_ts(message: _Fields, ts: str) -> str:
    return ts if message.get("thread_ts") is None else _ts(message, "thread_ts")


def _text(message: _Fields) -> str:
    text = message.get("text")
    return text if isinstance(text, str) else ""


def _string(fields: _Fields, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value:
        raise _Malformed(key)
    return value


def _ts(fields: _Fields, key: str) -> str:
    ts = _string(fields, key)
    if not _TS.fullmatch(ts):
        raise _Malformed(key)
    return ts


def _mapping(fields: _Fields, key: str) -> _Fields:
    value = fields.get(key)
    if not isinstance(value, Mapping):
        raise _Malformed(key)
    return value


def _optional_mapping(fields: _Fields, key: str) -> _Fields:
    value = fields.get(key)
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[_Fields]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
