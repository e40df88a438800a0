"""What a program does to a workspace: one small function an act, by the name it is given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_args

from localslack.errors import SlackError, invalid_arguments
from localslack.faults import DisconnectReason
from localslack.rates import SLACK_LIMITS
from localslack.weather import EventOdds, Odds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from localslack.arguments import Arguments
    from localslack.model import Json
    from localslack.server import LocalSlack

Acts: TypeAlias = "Mapping[str, Callable[[LocalSlack, Arguments], Json]]"

Made = TypeVar("Made")


def _next(slack: LocalSlack, arguments: Arguments) -> Json:
    fields = {key: arguments.values[key] for key in arguments.values if key != "do"}
    _made(slack.faults.next, fields)
    return {}


def _weather(slack: LocalSlack, arguments: Arguments) -> Json:
    calls = arguments.object("calls", "invalid_arguments") or {}
    slack.faults.weather(
        arguments.whole("seed"),
        {pattern: _odds(given) for pattern, given in calls.items()},
        events=_made(EventOdds, arguments.object("events", "invalid_arguments") or {}),
    )
    return {}


def _limits(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.tiers.limits = SLACK_LIMITS if arguments.flag("on") else {}
    return {}


def _outage(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.outage(arguments.seconds("seconds"))
    return {}


def _clear(slack: LocalSlack, _arguments: Arguments) -> Json:
    slack.faults.clear()
    slack.tiers.limits = {}
    return {}


def _drop(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.drop_sockets(_reason(arguments))
    return {}


def _refuse(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.refuse_sockets(
        arguments.whole("times"), seconds=arguments.seconds("seconds"), reason=_reason(arguments)
    )
    return {}


def _say(slack: LocalSlack, arguments: Arguments) -> Json:
    ts = slack.say(
        arguments.text("as"),
        arguments.text("channel"),
        arguments.text("text"),
        thread_ts=arguments.optional_text("thread_ts"),
    )
    return {"ts": ts}


def _edit(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.edit(*_message(arguments), arguments.text("text"))
    return {}


def _delete(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.delete(*_message(arguments))
    return {}


def _react(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.react(*_message(arguments), arguments.text("name"))
    return {}


def _unreact(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.unreact(*_message(arguments), arguments.text("name"))
    return {}


def _join(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.workspace.join(arguments.text("channel"), arguments.text("as"))
    return {}


def _leave(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.workspace.leave(arguments.text("channel"), arguments.text("as"))
    return {}


def _archive(slack: LocalSlack, arguments: Arguments) -> Json:
    slack.workspace.archive(arguments.text("channel"))
    return {}


def _message(arguments: Arguments) -> tuple[str, str, str]:
    return arguments.text("as"), arguments.text("channel"), arguments.text("ts")


def _reason(arguments: Arguments) -> DisconnectReason | None:
    given = arguments.optional_text("reason")
    reasons: tuple[DisconnectReason, ...] = get_args(DisconnectReason)
    for reason in reasons:
        if reason == given:
            return reason
    if given is not None:
        raise invalid_arguments(f"must be one of {', '.join(reasons)}: reason")
    return None


def _odds(given: Any) -> Odds:
    odds = _made(Odds, given)
    return replace(odds, errors=tuple(odds.errors))


def _made(make: Callable[..., Made], fields: Any) -> Made:
    """Call what checks its own fields; what it does not take is the sender's mistake."""
    if not isinstance(fields, dict):
        raise SlackError("invalid_arguments")
    try:
        return make(**fields)
    except (TypeError, ValueError) as error:
        raise invalid_arguments(str(error)) from error


FAULTS: Acts = {
    "next": _next,
    "weather": _weather,
    "limits": _limits,
    "outage": _outage,
    "clear": _clear,
}
SOCKETS: Acts = {"drop": _drop, "refuse": _refuse}
PEOPLE: Acts = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "unreact": _unreact,
    "join": _join,
    "leave": _leave,
    "archive": _archive,
}
