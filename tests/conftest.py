"""What holds for every test: no settings from outside, only loopback, no log set-up left over."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import settings

from kit.untraced import untraced
from slackbot.llm.resilient import retrying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A deadline would fail tests on a busy machine; CI draws the same examples each time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

_OUTSIDE = (
    "AWS_", "ANTHROPIC_", "OPENAI_", "SLACK_", "CONFLUENCE_", "JIRA_", "GITHUB_", "LLM_",
)  # fmt: skip
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take settings, credentials and proxies out of the environment."""
    for name in list(os.environ):
        if name.startswith(_OUTSIDE) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    # botocore asks the instance it runs on for credentials, and waits for the answer.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""

    def guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                raise RuntimeError(f"a test tried to connect to {address[0]}, outside this machine")
            return connect(self, address)

        return checked

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


@pytest.fixture(autouse=True)
def _impatient_with_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model that is busy be asked again after hundredths of seconds."""
    monkeypatch.setattr(retrying, "POLICY", replace(retrying.POLICY, first_wait=0.01))


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measure no coverage, neither here nor in the processes that a test starts."""
    for name in [name for name in os.environ if name.startswith("COV")]:
        monkeypatch.delenv(name)
    with untraced():
        yield


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    """Undo what a test set up for the log."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("slackbot", "slack_sdk.web"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    sys.excepthook, threading.excepthook = hooks


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded by `record_property`."""
    reports = (
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    )
    figures = [figure for report in reports for figure in report.user_properties]
    if figures:
        terminalreporter.section("figures")
        for name, value in figures:
            terminalreporter.line(f"{name}: {value}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
