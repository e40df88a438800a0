"""What holds for every fault: where the bot waits for seconds, it waits for tenths of them."""

from __future__ import annotations

from functools import partial

import pytest

from slackbot import main
from slackbot.resilience.http import streaming
from slackbot.slack import catchup, socket
from slackbot.slack.delivery import progress
from slackbot.slack.reply import SlackReply


@pytest.fixture(autouse=True)
def _unmeasured(unmeasured: None) -> None:
    """Faults by the dozen go through what other tests have gone through."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these waits is over sooner than a test could show anything else by it."""
    monkeypatch.setattr(catchup, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(socket, "PING_SECONDS", 0.3)
    monkeypatch.setattr(socket, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(progress, "STATUS_GRACE_SECONDS", 0.0)
    monkeypatch.setattr(streaming, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(main, "SlackReply", partial(SlackReply, flush_interval=0.05))
