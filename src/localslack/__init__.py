"""A Slack workspace on loopback: Web API, Socket Mode and streaming, for bots to run against."""

from __future__ import annotations

from localslack.browser import open_browser
from localslack.errors import SlackError
from localslack.model import App, Channel, Message, Person
from localslack.rates import SLACK_LIMITS, Limit
from localslack.server import LocalSlack
from localslack.socket_mode import DeliveryRules
from localslack.weather import EventOdds, Odds
from localslack.workspace import Workspace

__all__ = [
    "SLACK_LIMITS",
    "App",
    "Channel",
    "DeliveryRules",
    "EventOdds",
    "Limit",
    "LocalSlack",
    "Message",
    "Odds",
    "Person",
    "SlackError",
    "Workspace",
    "open_browser",
]
