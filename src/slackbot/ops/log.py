"""Sets up logging: one chain for structlog and for the loggers of other libraries.

Lines are JSON with `timestamp` (ISO 8601, UTC), `level`, `event`, `logger` and the fields of the
event; what is bound with `structlog.contextvars` (a run's id) is on each line. Secrets are masked
last, so that nothing gets round it: not messages, fields, tracebacks, or other libraries.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import structlog

from slackbot.ops.masking import mask_deep, masker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

    from slackbot.ops.masking import Mask

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LogFormat = Literal["json", "console"]

_REPEATS_ANSWERS = "slack_sdk.web"
"""At DEBUG it writes whole answers of Slack: the history of each channel that is looked through."""

_COMMON: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(
    level: LogLevel = "INFO",
    output: LogFormat = "json",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send the log to `stream` (default: standard error), without `secrets`.

    Other libraries are heard from WARNING on, or at `DEBUG` in full, save those that would repeat
    what people said in channels that are only read. May be called again: the last call holds.
    """
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_formatter(output, masker(secrets), handler.stream.isatty()))
    root = logging.getLogger()
    for former in [known for known in root.handlers if isinstance(known, _Handler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(
        "DEBUG" if level == "DEBUG" else max(logging.WARNING, logging.getLevelName(level))
    )
    logging.getLogger("slackbot").setLevel(level)
    logging.getLogger(_REPEATS_ANSWERS).setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    structlog.configure(
        processors=[*_COMMON, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _formatter(output: LogFormat, mask: Mask, colours: bool) -> logging.Formatter:
    mask_key = lru_cache(maxsize=512)(mask)  # each line has the same few

    def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {mask_key(key): mask_deep(value, mask) for key, value in event.items()}

    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if output == "json"
        else structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_COMMON,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            mask_event,
            renderer,
        ],
    )


class _Handler(logging.StreamHandler["TextIO"]):
    """Writes to a stream; a record that cannot be formatted is named, and not shown."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say which logger failed: the default would print the record's arguments unmasked."""
        with contextlib.suppress(OSError, ValueError):  # the stream itself may be gone
            self.stream.write(f"log.unwritable logger={record.name}{self.terminator}")


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        structlog.get_logger(__name__).critical("process.crashed", exc_info=error)


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if not issubclass(args.exc_type, SystemExit):  # the way to end a thread, and no failure
        structlog.get_logger(__name__).critical("thread.crashed", exc_info=args.exc_value)
