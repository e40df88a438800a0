"""One HTTP client for one knowledge source: fixed origin, bounded answers, errors of our own.

The only file that imports httpx. Its rules, whatever the caller or the server says:

- Requests and redirects go to the origin that was configured, and nowhere else. Credentials are
  added to a request only after its origin was checked.
- A body of more than 5 MiB, unpacked, is not read to its end.
- A rate limit that an answer says is used up is not asked against before it starts anew.
- Proxy settings of the environment are honoured, as companies need it, but never for loopback.
"""

from __future__ import annotations

import asyncio
import base64
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from slackbot.errors import (
    ConfigurationError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.resilience.body import read_body
from slackbot.resilience.retry import Retrier, TryAgain, told_to_wait, used_up_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_REDIRECTS: Final = 3
SECONDARY_LIMIT_WAIT: Final = 60.0  # seconds, where GitHub does not say how long
LONGEST_LIMIT: Final = 3600.0  # seconds, as GitHub's are; a reset beyond is a mistake of the source

_PASSING_STATUS = frozenset({429, 502, 503, 504})
_REJECTED_STATUS = frozenset({400, 422})
_PASSING_ERRORS = (
    TryAgain,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
)

Answer = TypeVar("Answer", bound=BaseModel)


class RequestRejected(SourceUnavailable):
    """The source did not understand the request (400 or 422): asking otherwise may work."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The value of an Authorization header. Its text never appears in a representation."""

    authorization: str = field(repr=False)

    @classmethod
    def basic(cls, user: str, secret: str) -> Credentials:
        """Return user and secret in HTTP's Basic scheme (RFC 7617)."""
        return cls("Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode())

    @classmethod
    def bearer(cls, token: str) -> Credentials:
        """Return a token in the Bearer scheme (RFC 6750)."""
        return cls(f"Bearer {token}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Bounds in seconds: to connect, between two pieces of an answer, and for one call in all."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 18.0


class SourceClient:
    """Reads JSON from one source. `name` is what people call it; `base_url` may have a path.

    `headers` go out with every request. `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        credentials: Credentials,
        *,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._base = _checked_base(name, base_url)
        self._credentials = credentials
        self._timeouts = timeouts or Timeouts()
        self._retrier = retrier or Retrier()
        self._clock = clock
        self._headers = dict(headers or {})
        self._limits_used_up_until: dict[str, float] = {}
        self._opened: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    @property
    def base_url(self) -> str:
        """The configured address, without a slash at its end."""
        return str(self._base).rstrip("/")

    async def get(
        self,
        path: str,
        answer: type[Answer],
        params: Mapping[str, str | int] | None = None,
        *,
        accept: str = "application/json",
    ) -> Answer:
        """Return the JSON at a path below the base. `accept` is a media type that is JSON, too.

        Raises:
            RequestRejected: 400 or 422.
            SourceUnauthorized: 401.
            SourceNotFound: 403 or 404, which are not told apart.
            SourceUnavailable: no readable answer in time; passing failures were retried.
        """
        url = httpx.URL(f"{self.base_url}{path}", params=params or {})
        limit = _limit_of(path)
        with _own_errors(self._name):
            async with asyncio.timeout(self._timeouts.total):
                body = await self._retrier.call(
                    lambda: self._attempt(url, limit, accept),
                    target=self._name,
                    retry_on=_PASSING_ERRORS,
                )
            return answer.model_validate_json(body)

    async def aclose(self) -> None:
        """Close the connections. The next request opens new ones."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.aclose()

    async def _attempt(self, url: httpx.URL, limit: str, accept: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            self._require_own_origin(url)
            self._require_allowance(limit)
            headers = {"Authorization": self._credentials.authorization, "Accept": accept}
            client = await self._client()
            async with client.stream("GET", url, headers=headers) as response:
                if reset := used_up_until(response.headers):
                    self._limits_used_up_until[limit] = min(reset, self._clock() + LONGEST_LIMIT)
                if response.has_redirect_location:
                    url = url.join(response.headers["Location"])
                    continue
                await self._require_success(response)
                return await _body_of(response)
        raise SourceUnavailable(f"{self._name} redirected more than {MAX_REDIRECTS} times")

    async def _client(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._opened is None:
                # Loads certificates and the rest of httpx: in a thread, for no answer to wait.
                self._opened = await asyncio.to_thread(self._open)
            return self._opened

    def _open(self) -> httpx.AsyncClient:
        seconds = self._timeouts
        return httpx.AsyncClient(
            headers={
                **self._headers,
                "Accept-Encoding": "gzip",  # the one coding that read_body unpacks
                "User-Agent": "slackbot",
            },
            timeout=httpx.Timeout(seconds.read, connect=seconds.connect, pool=seconds.total),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            trust_env=not _is_loopback(self._base.host),
        )

    def _require_own_origin(self, url: httpx.URL) -> None:
        if _origin(url) != _origin(self._base):
            raise SourceUnavailable(f"{self._name} redirected to another origin")

    def _require_allowance(self, limit: str) -> None:
        wait = self._limits_used_up_until.get(limit, 0.0) - self._clock()
        if wait > 0:
            raise TryAgain("its rate limit is used up", wait)

    async def _require_success(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            return
        wait = told_to_wait(response.headers, self._clock())
        if status in _PASSING_STATUS:
            raise TryAgain(f"status {status}", wait)
        if status == 403 and await _is_throttled(response):
            raise TryAgain("rate limited", SECONDARY_LIMIT_WAIT if wait is None else wait)
        reason = f"{self._name} answered with status {status}"
        if status == 401:
            raise SourceUnauthorized(reason)
        if status in (403, 404):
            raise SourceNotFound(f"{self._name} has no such document, or none that may be shown")
        if status in _REJECTED_STATUS:
            raise RequestRejected(reason)
        raise SourceUnavailable(reason)


@contextmanager
def _own_errors(name: str) -> Iterator[None]:
    """Turn what httpx, pydantic and the clock raise into errors of our own tree."""
    try:
        yield
    except TryAgain as failure:
        raise SourceUnavailable(f"{name}: {failure}, after retries") from failure
    except TimeoutError as failure:
        raise SourceUnavailable(f"{name} took too long to answer") from failure
    except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as failure:
        raise SourceUnavailable(f"{name}: {type(failure).__name__}") from failure
    except ValidationError as failure:
        # Its text quotes the answer, which is nothing for logs: not chained.
        problem = failure.errors(include_url=False, include_input=False)[0]["type"]
        raise SourceUnavailable(f"{name} answered with unreadable JSON: {problem}") from None


async def _is_throttled(response: httpx.Response) -> bool:
    """Whether a 403 means what a 429 says: GitHub tells by headers or, at times, by words only."""
    headers = response.headers
    if "Retry-After" in headers or used_up_until(headers) is not None:
        return True
    return b"rate limit" in (await _body_of(response)).lower()


async def _body_of(response: httpx.Response) -> bytes:
    """Read the body raw: httpx would unpack each piece off the wire whole."""
    coding = response.headers.get("Content-Encoding", "identity").lower()
    return await read_body(response.aiter_raw(), coding)


def _checked_base(name: str, base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url.strip().rstrip("/"))
    except httpx.InvalidURL:
        url = httpx.URL("")
    unwanted = url.userinfo or url.query or url.fragment
    if url.scheme not in ("http", "https") or not url.host or unwanted:
        raise ConfigurationError(
            f"{name}: the address must look like https://host or https://host/path"
        )
    return url


def _limit_of(path: str) -> str:
    """Return what counts against one rate limit: GitHub has one for each kind of search."""
    return "/".join(path.split("/")[:3])


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return scheme, host and port; httpx leaves out the port that the scheme implies."""
    return url.scheme, url.host, url.port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
