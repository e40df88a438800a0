"""What operators read: one line an event, whoever logs it, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import threading
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from slackbot.ops.log import configure

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "xoxb-12-34-abCDefGH"
OWN = "an-operators-secret"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_time_level_event_and_logger(stream: io.StringIO) -> None:
    configure(stream=stream)
    structlog.get_logger("slackbot.assistant").info("mention.answered", tools=["a"], total_ms=7)
    (line,) = lines(stream)
    written = datetime.fromisoformat(line.pop("timestamp"))
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    assert line == {
        "event": "mention.answered",
        "level": "info",
        "logger": "slackbot.assistant",
        "tools": ["a"],
        "total_ms": 7,
    }


def test_what_is_bound_to_the_run_is_on_every_line(stream: io.StringIO) -> None:
    configure(stream=stream)
    with structlog.contextvars.bound_contextvars(run_id="r1"):
        structlog.get_logger("slackbot.agent").info("model.called")
        logging.getLogger("slack_bolt").warning("from another library")
    structlog.get_logger("slackbot.agent").info("after")
    assert [line.get("run_id") for line in lines(stream)] == ["r1", "r1", None]


@pytest.mark.parametrize("name", ["slack_bolt.AsyncApp", "botocore.hooks", "aiohttp", "asyncio"])
def test_other_libraries_are_heard_from_warning_on(stream: io.StringIO, name: str) -> None:
    configure(stream=stream)
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble with %s", "this")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("trouble with this", "warning", name)


@pytest.mark.parametrize(
    ("level", "own", "foreign"),
    [
        ("DEBUG", ["debug", "info", "warning", "error"], ["debug", "info", "warning", "error"]),
        ("INFO", ["info", "warning", "error"], ["warning", "error"]),
        ("WARNING", ["warning", "error"], ["warning", "error"]),
        ("ERROR", ["error"], ["error"]),
    ],
)
def test_the_level_bounds_what_is_written(
    stream: io.StringIO, level: Any, own: list[str], foreign: list[str]
) -> None:
    configure(level, stream=stream)
    loggers = (structlog.get_logger("slackbot.x"), logging.getLogger("slackbot.y"))
    for logger in (*loggers, logging.getLogger("elsewhere")):
        for method in ("debug", "info", "warning", "error"):
            getattr(logger, method)("event")
    written = [line["level"] for line in lines(stream)]
    assert written == [*own, *own, *foreign]


def test_a_warning_is_a_line(stream: io.StringIO) -> None:
    configure(stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"old habits with {TOKEN}", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    (line,) = lines(stream)
    assert line["logger"] == "py.warnings"
    assert "old habits" in line["event"]
    assert TOKEN not in stream.getvalue()


def fail() -> None:
    raise RuntimeError(f"refused: {TOKEN} {OWN}") from ValueError(OWN)


@pytest.mark.parametrize("output", ["json", "console"])
@pytest.mark.parametrize("logger", [structlog.get_logger("slackbot.x"), logging.getLogger("x")])
def test_secrets_are_masked_in_tracebacks(stream: io.StringIO, output: Any, logger: Any) -> None:
    configure("DEBUG", output, secrets=[OWN], stream=stream)
    try:
        fail()
    except RuntimeError:
        logger.exception("broken")
    text = stream.getvalue()
    assert "RuntimeError: refused: xoxb-*** ***" in text
    assert "ValueError: ***" in text
    assert OWN not in text


@pytest.mark.parametrize("output", ["json", "console"])
def test_secrets_are_masked_in_messages_and_fields(stream: io.StringIO, output: Any) -> None:
    configure("DEBUG", output, secrets=[OWN], stream=stream)
    log = structlog.get_logger("slackbot.x")
    event = f"event {TOKEN}"
    log.info(event, plain=OWN, nested={"deep": [TOKEN, {OWN: b"Basic dXNlcjpwYXNz"}]})
    log.info("stack", stack_info=True, error=ValueError(OWN))
    logging.getLogger("slack_sdk").debug("headers: %s", {"Authorization": f"Bearer {OWN}"})
    logging.getLogger("slack_sdk").debug("connect wss://s.example/link/?ticket=%s", "abc-123")
    text = stream.getvalue()
    assert [s for s in (TOKEN, OWN, "dXNlcjpwYXNz", "abc-123") if s in text] == []


def test_a_record_that_cannot_be_formatted_is_named_and_not_shown(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger().handlers.clear()  # pytest's own would raise
    configure(stream=stream)
    logging.getLogger("careless").warning("%d things", TOKEN)
    assert stream.getvalue() == "log.unwritable logger=careless\n"
    assert capsys.readouterr() == ("", "")


def test_a_stream_that_is_gone_does_no_harm(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(stream=stream)
    stream.close()
    structlog.get_logger("slackbot.x").info("event")
    assert capsys.readouterr() == ("", "")


def test_configuring_again_replaces_what_was_configured() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure(stream=first)
    configure("ERROR", stream=second)
    structlog.get_logger("slackbot.x").warning("unheard")
    structlog.get_logger("slackbot.x").error("heard")
    assert first.getvalue() == ""
    assert [line["event"] for line in lines(second)] == ["heard"]


def test_the_log_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger("slackbot.x").info("event")
    written = capsys.readouterr()
    assert written.out == ""
    assert json.loads(written.err)["event"] == "event"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("target", "coloured"), [(Terminal(), True), (io.StringIO(), False)])
def test_the_console_is_coloured_on_a_terminal_only(target: io.StringIO, coloured: bool) -> None:
    configure(output="console", stream=target)
    structlog.get_logger("slackbot.x").info("bot.started", channel="C1")
    text = target.getvalue()
    assert ("\x1b[" in text) is coloured
    assert re.search(r"info .*bot\.started .*C1", re.sub(r"\x1b\[[0-9;]*m", "", text))


def run_in_thread(target: Callable[[], object]) -> None:
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()


class TestUncaughtErrors:
    def test_the_last_words_of_the_process_are_masked(self, stream: io.StringIO) -> None:
        configure(stream=stream)
        error = RuntimeError(TOKEN)
        sys.excepthook(RuntimeError, error, None)
        (line,) = lines(stream)
        assert (line["event"], line["level"]) == ("process.crashed", "critical")
        assert line["exception"] == "RuntimeError: xoxb-***"

    def test_so_are_those_of_a_thread(self, stream: io.StringIO) -> None:
        configure(stream=stream)
        run_in_thread(fail)
        (line,) = lines(stream)
        assert (line["event"], line["level"]) == ("thread.crashed", "critical")
        assert "RuntimeError: refused: xoxb-***" in line["exception"]

    def test_a_thread_that_exits_has_not_crashed(self, stream: io.StringIO) -> None:
        configure(stream=stream)
        run_in_thread(sys.exit)
        assert stream.getvalue() == ""

    def test_ctrl_c_is_not_a_crash(
        self, stream: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure(stream=stream)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        assert stream.getvalue() == ""
        assert capsys.readouterr().err == "KeyboardInterrupt\n"


def test_what_people_said_in_channels_that_are_read_is_not_repeated() -> None:
    stream = io.StringIO()
    configure("DEBUG", stream=stream)
    logging.getLogger("slack_sdk.web.async_base_client").debug("body: the canary sings")
    logging.getLogger("slack_sdk.web.async_base_client").warning("slow")
    assert "canary" not in stream.getvalue()
    assert "slow" in stream.getvalue()
