"""One HTTP client for one knowledge source: fixed origin, bounded answers, errors of our own.

Its rules, whatever the caller or the server says:

- Requests and redirects go to the origin that was configured, and nowhere else. Credentials are
  added to a request only after its origin was checked.
- A body of more than 5 MiB, unpacked, is not read to its end.
- A rate limit that is used up is not asked against before it starts anew.
- A source that is down is left alone for a while, and costs nobody time meanwhile.
- Proxy settings of the environment are honoured, as companies need it, but never for loopback.
"""

from __future__ import annotations

import asyncio
import time
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

import httpx
import structlog
from pydantic import BaseModel

from slackbot.errors import (
    ConfigurationError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.resilience.body import read_body, require_few_values
from slackbot.resilience.breaker import CircuitBreaker
from slackbot.resilience.deadline import time_limit
from slackbot.resilience.http.account import Timeouts
from slackbot.resilience.http.errors import (
    PASSING_ERRORS,
    Faulty,
    RequestRejected,
    judge,
    own_errors,
)
from slackbot.resilience.limits import UsedUpLimits, told_to_wait, used_up_until
from slackbot.resilience.loopback import is_loopback
from slackbot.resilience.retry import RateLimited, Retrier, TryAgain

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from slackbot.resilience.http.account import Credentials

_log = structlog.get_logger()

MAX_REDIRECTS: Final = 3
SECONDARY_LIMIT_WAIT: Final = 60.0  # seconds, where GitHub does not say how long

_PASSING_STATUS = frozenset({429, 502, 503, 504})
_MAYBE_LIMITED = frozenset({403, 429})
_REJECTED_STATUS = frozenset({400, 422})

Answer = TypeVar("Answer", bound=BaseModel)


class SourceClient:
    """Reads JSON from one source. `name` is what people call it; `base_url` may have a path.

    `headers` go out with every request; without credentials, it is for what anybody may read.
    `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        credentials: Credentials | None,
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
        self._breaker = CircuitBreaker(name, judge=judge)
        self._is_refused = False
        self._limits = UsedUpLimits(clock)
        self._opened: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    @property
    def base_url(self) -> str:
        """The configured address, without a slash at its end."""
        return str(self._base).rstrip("/")

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether the source is up."""
        return self._breaker

    @property
    def is_refused(self) -> bool:
        """Whether the source refuses the credentials, by its last answer."""
        return self._is_refused

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
            SourceUnavailable: no readable answer in time; passing failures were retried. At once,
                while the source is down.
        """
        url = httpx.URL(f"{self.base_url}{path}", params=params or {})
        with own_errors(self._name):
            with self._breaker.admitted():
                async with time_limit(self._timeouts.total):
                    body = await self._persistently(url, _limit_of(path), accept)
            require_few_values(body)
            return answer.model_validate_json(body)

    async def aclose(self) -> None:
        """Close the connections. The next request opens new ones."""
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.aclose()

    async def _persistently(self, url: httpx.URL, limit: str, accept: str) -> bytes:
        """Try, try again if that may help, and remember a limit that cannot be waited for."""
        try:
            return await self._retrier.call(
                lambda: self._attempt(url, limit, accept),
                target=self._name,
                retry_on=PASSING_ERRORS,
            )
        except RateLimited as limited:
            self._limits.add(limit, self._clock() + (limited.retry_after or 0.0))
            raise

    async def _attempt(self, url: httpx.URL, limit: str, accept: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            self._require_own_origin(url)
            self._limits.require(limit)
            headers = {"Accept": accept}
            if self._credentials is not None:
                headers["Authorization"] = self._credentials.authorization
            client = await self._client()
            async with client.stream("GET", url, headers=headers) as response:
                if reset := used_up_until(response.headers):
                    self._limits.add(limit, reset)
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
            verify=_certificates(),
            trust_env=not is_loopback(self._base.host),
        )

    def _require_own_origin(self, url: httpx.URL) -> None:
        if _origin(url) != _origin(self._base):
            raise SourceUnavailable(f"{self._name} redirected to another origin")

    async def _require_success(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            self._is_refused = False
            return
        reason = f"{self._name} answered with status {status}"
        if status in _MAYBE_LIMITED and (wait := await self._limited_for(response)) is not None:
            raise RateLimited(f"status {status}, rate limited", wait)
        if status in _PASSING_STATUS:
            raise TryAgain(f"status {status}", told_to_wait(response.headers, self._clock()))
        if status == 401:
            self._alert()
            raise SourceUnauthorized(reason)
        if status in (403, 404):
            raise SourceNotFound(f"{self._name} has no such document, or none that may be shown")
        if status in _REJECTED_STATUS:
            raise RequestRejected(reason)
        raise Faulty(reason) if response.is_server_error else SourceUnavailable(reason)

    async def _limited_for(self, response: httpx.Response) -> float | None:
        """Return the seconds to wait where a limit is used up: GitHub also says so by a 403.

        Of its secondary limits it may tell in words only ("Best practices for using the REST API",
        GitHub Docs).
        """
        told = told_to_wait(response.headers, self._clock())
        if told is not None and (response.status_code == 429 or _tells_a_limit(response)):
            return told
        in_words = b"secondary rate limit" in (await _body_of(response)).lower()
        return SECONDARY_LIMIT_WAIT if in_words else None

    def _alert(self) -> None:
        """Tell an operator, once, that only they can mend it."""
        if not self._is_refused:
            _log.error(
                "source.unauthorized",
                source=self._name,
                advice="The source refuses its token: put a new one into the settings.",
            )
        self._is_refused = True


@cache
def _certificates() -> ssl.SSLContext:
    """Return whom to trust, read once: it costs as much as all else that opens a client."""
    return httpx.create_ssl_context()


def _tells_a_limit(response: httpx.Response) -> bool:
    return "Retry-After" in response.headers or used_up_until(response.headers) is not None


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
