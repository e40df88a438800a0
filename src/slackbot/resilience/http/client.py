"""One HTTP client for one knowledge source: fixed origin, bounded answers, errors of our own.

Its rules, whatever the caller or the server says:

- Requests and redirects go to the origin that was configured, and nowhere else. Credentials are
  added to a request only after its origin was checked. A path that leads upwards is no document.
- A body of more than 5 MiB, unpacked, is not read to its end.
- A rate limit that is used up is not asked against before it starts anew.
- A source that is down is left alone for a while, and costs nobody time meanwhile.
- Proxy settings of the environment are honoured, as companies need it, but never for loopback.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote

import aiohttp
import structlog
from pydantic import BaseModel
from yarl import URL

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
from slackbot.resilience.http.proxies import proxy_for
from slackbot.resilience.limits import UsedUpLimits, told_to_wait, used_up_until
from slackbot.resilience.retry import RateLimited, Retrier, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slackbot.resilience.http.account import Credentials

_log = structlog.get_logger()

MAX_REDIRECTS: Final = 3
MAX_CONNECTIONS: Final = 64
"""Who asks more waits in line. GitHub allows a hundred requests at once ("Best practices for using
the REST API", GitHub Docs); the others name no number."""

MAX_HEADER_BYTES: Final = 65_536
"""Of one header; some sites' Content-Security-Policy is longer than the 8 KiB that are usual."""

SECONDARY_LIMIT_WAIT: Final = 60.0  # seconds, where GitHub does not say how long

_PASSING_STATUS = frozenset({429, 502, 503, 504})
_MAYBE_LIMITED = frozenset({403, 429})
_REJECTED_STATUS = frozenset({400, 422})
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})

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
        self._proxy = proxy_for(self._base)
        self._opened: aiohttp.ClientSession | None = None

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
        if not {".", ".."}.isdisjoint(unquote(path).split("/")):  # yarl would follow them
            raise SourceNotFound(f"{self._name} has no such document")
        url = URL(f"{self.base_url}{path}").with_query(params)
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
            await opened.close()

    async def _persistently(self, url: URL, limit: str, accept: str) -> bytes:
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

    async def _attempt(self, url: URL, limit: str, accept: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            self._require_own_origin(url)
            self._limits.require(limit)
            headers = {"Accept": accept}
            if self._credentials is not None:
                headers["Authorization"] = self._credentials.authorization
            asking = self._session().get(
                url, headers=headers, allow_redirects=False, proxy=self._proxy
            )
            async with asking as response:
                if reset := used_up_until(response.headers):
                    self._limits.add(limit, reset)
                if response.status in _REDIRECT_STATUS and "Location" in response.headers:
                    url = self._target(url, response.headers["Location"])
                    continue
                await self._require_success(response)
                return await _body_of(response)
        raise SourceUnavailable(f"{self._name} redirected more than {MAX_REDIRECTS} times")

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            seconds = self._timeouts
            self._opened = aiohttp.ClientSession(
                headers={
                    **self._headers,
                    "Accept-Encoding": "gzip",  # the one coding that read_body unpacks
                    "User-Agent": "slackbot",
                },
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=seconds.connect, sock_read=seconds.read
                ),
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_field_size=MAX_HEADER_BYTES,
            )
        return self._opened

    def _target(self, url: URL, location: str) -> URL:
        try:
            return url.join(URL(location))
        except ValueError as error:
            raise SourceUnavailable(f"{self._name} redirected to no address") from error

    def _require_own_origin(self, url: URL) -> None:
        if _origin(url) != _origin(self._base):
            raise SourceUnavailable(f"{self._name} redirected to another origin")

    async def _require_success(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if response.ok:
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
        raise Faulty(reason) if status >= 500 else SourceUnavailable(reason)

    async def _limited_for(self, response: aiohttp.ClientResponse) -> float | None:
        """Return the seconds to wait where a limit is used up: GitHub also says so by a 403.

        Of its secondary limits it may tell in words only ("Best practices for using the REST API",
        GitHub Docs).
        """
        told = told_to_wait(response.headers, self._clock())
        if told is not None and (response.status == 429 or _tells_a_limit(response)):
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


def _tells_a_limit(response: aiohttp.ClientResponse) -> bool:
    return "Retry-After" in response.headers or used_up_until(response.headers) is not None


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    """Read the body as it is packed: aiohttp would unpack each piece off the wire whole."""
    coding = response.headers.get("Content-Encoding", "identity").lower()
    return await read_body(response.content.iter_any(), coding)


def _checked_base(name: str, base_url: str) -> URL:
    try:
        url = URL(base_url.strip().rstrip("/"))
    except ValueError:
        url = URL()
    unwanted = url.raw_authority.count("@") or url.query_string or url.fragment
    if url.scheme not in ("http", "https") or not url.host or unwanted:
        raise ConfigurationError(
            f"{name}: the address must look like https://host or https://host/path"
        )
    return url


def _limit_of(path: str) -> str:
    """Return what counts against one rate limit: GitHub has one for each kind of search."""
    return "/".join(path.split("/")[:3])


def _origin(url: URL) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port, the one that the scheme implies too."""
    return url.scheme, url.host, url.port
