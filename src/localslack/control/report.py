"""What a program is told of a workspace: its calls, and what is in force."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localslack.arguments import Arguments
    from localslack.faults import Faults
    from localslack.model import Json
    from localslack.server import LocalSlack

CALLS = 100
MAX_CALLS = 10_000


def calls_json(slack: LocalSlack, arguments: Arguments) -> Json:
    """Return the last calls, the oldest first: of one `method` and since `after`, if given."""
    method, after = arguments.optional_text("method"), arguments.seconds("after")
    limit = arguments.number("limit", CALLS, MAX_CALLS)
    calls = [
        asdict(call)
        for call in slack.calls
        if (method is None or call.method == method) and call.at > after
    ]
    return {"calls": calls[-limit:]}


def state_json(slack: LocalSlack) -> Json:
    """Return what is in force, and how the apps do in it."""
    return {
        "now": slack.clock(),
        "connections": slack.connections,
        "calls": len(slack.calls),
        "deliveries": {
            "all": len(slack.deliveries),
            "not_acked": sum(not delivery.acked for delivery in slack.deliveries),
        },
        "limits": {
            "on": bool(slack.tiers.limits),
            "violations": [asdict(violation) for violation in slack.tiers.violations],
        },
        "faults": _faults_json(slack.faults),
    }


def _faults_json(faults: Faults) -> Json:
    weather = faults.weather_now
    return {
        "scripted": dict(faults.scripted),
        "weather": {
            "seed": weather.seed,
            "calls": {pattern: asdict(odds) for pattern, odds in weather.calls.items()},
            "events": asdict(weather.events),
        },
        "outage": faults.outage_seconds,
        "refusing": {"times": faults.refusals_left, "seconds": faults.refusing_seconds},
    }
