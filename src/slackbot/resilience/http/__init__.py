"""HTTP to knowledge sources and to models; the only place that asks them."""

from slackbot.resilience.http.account import Credentials, Timeouts
from slackbot.resilience.http.client import SourceClient
from slackbot.resilience.http.errors import RequestRejected
from slackbot.resilience.http.streaming import (
    BrokenOff,
    NoAnswer,
    Silence,
    StreamedAnswer,
    StreamingClient,
)

__all__ = [
    "BrokenOff",
    "Credentials",
    "NoAnswer",
    "RequestRejected",
    "Silence",
    "SourceClient",
    "StreamedAnswer",
    "StreamingClient",
    "Timeouts",
]
