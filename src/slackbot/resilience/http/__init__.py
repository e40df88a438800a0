"""HTTP to knowledge sources; the only place that asks them."""

from slackbot.resilience.http.account import Credentials, Timeouts
from slackbot.resilience.http.client import SourceClient
from slackbot.resilience.http.errors import RequestRejected

__all__ = ["Credentials", "RequestRejected", "SourceClient", "Timeouts"]
