"""One streamed call: read by a thread, handed to the event loop in batches, stopped at once."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING

from slackbot.errors import ModelError
from slackbot.llm.bedrock.errors import vendor_errors
from slackbot.llm.bedrock.frames import EventDecoder
from slackbot.llm.bedrock.interruption import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from urllib3 import HTTPResponse

    from slackbot.llm.bedrock.bell import Bell
    from slackbot.llm.bedrock.wire import Event, Request


class StreamedCall:
    """One call, read by a thread and handed to the loop in batches.

    The bell is rung for an event only if the loop has looked at all that came before. `pause` says
    for how many seconds events may gather unread: a thread that wakes for each piece takes the
    interpreter from all others, and half of the CPU that a streamed answer costs.
    """

    def __init__(self, bell: Bell, pause: Callable[[], float] = lambda: 0.0) -> None:
        self.news = asyncio.Event()
        self._bell = bell
        self._pause = pause
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._patience = Patience()
        self._body: HTTPResponse | None = None
        self._stopped = False

    def read(self, client: Callable[[], BedrockRuntimeClient], request: Request) -> None:
        """Read the stream to its end, or until stopped. Runs in a thread."""
        try:
            with vendor_errors():
                with self._patience.kept():
                    response = client().converse_stream(**request)
                with closing(response["stream"]) as stream:
                    # botocore shows no public way to read, or to interrupt a read; see `stop`.
                    self._body = stream._raw_stream  # type: ignore[attr-defined]
                    self._read(self._body)
        except ModelError:
            if not self._stopped:  # a stream that was stopped ends like a broken one
                raise

    def stop(self) -> None:
        """Have the thread stop reading, even if it waits for the model.

        `EventStream.close` would not do: it waits for the read that it should interrupt.
        """
        self._stopped = True
        self._patience.end()
        if self._body is not None:
            with suppress(ValueError, RuntimeError, OSError):  # it has ended already
                self._body.shutdown()

    def take(self) -> list[Event]:
        """Return what has come since the last time."""
        with self._lock:
            self.news.clear()
            events, self._events = self._events, []
        return events

    def _read(self, body: HTTPResponse) -> None:
        decoder = EventDecoder()
        pieces = body.stream()
        awake_since = monotonic()
        # Looked at when `stop` can find the body, and before each wait for the model.
        while not self._stopped and (data := next(pieces, None)) is not None:
            for event in decoder.feed(data):
                self._hand_over(event)
            if (pause := self._pause()) and monotonic() - awake_since > pause / 4:
                sleep(pause)
                awake_since = monotonic()

    def _hand_over(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            first = len(self._events) == 1
        if first:
            self._bell.ring_for(self.news)
