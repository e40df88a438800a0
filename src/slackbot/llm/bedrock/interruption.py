"""Ending, from another thread, a wait for the first byte of botocore's response.

Neither botocore nor urllib3 can: a thread that waits for a model to begin would wait on when nobody
wants the answer any more. What has begun is interrupted by urllib3 itself; see `StreamedCall`.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

Response = TypeVar("Response")


class Patience:
    """How long a thread waits for a response: until another thread ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits_on: socket.socket | None = None
        self._is_over = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Have all responses that this thread waits for within the block wait on it."""
        token = _patience.set(self)
        try:
            yield
        finally:
            _patience.reset(token)

    @contextmanager
    def waiting_on(self, connection: socket.socket) -> Iterator[None]:
        """Let the other thread know what to interrupt, for as long as the connection is ours."""
        with self._lock:
            if self._is_over:
                raise ConnectionAbortedError("nobody waits for this response")
            self._waits_on = connection
        try:
            yield
        finally:
            with self._lock:
                self._waits_on = None

    def end(self) -> None:
        """Have the thread wait no more, neither now nor later."""
        with self._lock:
            self._is_over = True
            if self._waits_on is not None:
                with suppress(OSError):  # the other side was faster
                    self._waits_on.shutdown(socket.SHUT_RDWR)


_patience: ContextVar[Patience] = ContextVar("patience")


# What a response is, the stubs of urllib3 and of http.client cannot agree on.
class _Connection(AWSHTTPConnection):
    def getresponse(self) -> Any:
        return _await_response(self.sock, super().getresponse)


class _SecureConnection(AWSHTTPSConnection):
    def getresponse(self) -> Any:
        return _await_response(self.sock, super().getresponse)


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def let_patience_end(client: BedrockRuntimeClient) -> None:
    """Have the client open connections whose first byte need not be waited for."""
    # botocore lets nobody choose the class of its connections.
    session = client._endpoint.http_session  # type: ignore[attr-defined]
    session._pool_classes_by_scheme.update(http=_Pool, https=_SecurePool)


def _await_response(connection: socket.socket, response: Callable[[], Response]) -> Response:
    with _patience.get().waiting_on(connection):
        return response()
