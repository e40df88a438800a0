"""The HTTP endpoint for whoever watches the bot: whether it lives, is ready, and its metrics.

/healthz   200 as long as the event loop runs, which is what answers
/readyz    200 if what people say reaches the bot, else 503; JSON that says what is missing
/metrics   Prometheus' text format
"""

from __future__ import annotations

import errno
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

SHUTDOWN_SECONDS: Final = 1.0
"""How long an answer that is under way may take when the bot ends."""

_PROBLEMS: Final = {
    errno.EADDRINUSE: "HTTP_PORT is taken by another program. Choose another port, or end that "
    "program: it may be this bot, started twice.",
    errno.EACCES: "HTTP_PORT may not be opened by this user. Choose one above 1023.",
}
_NO_ADDRESS: Final = (
    "HTTP_HOST is no address of this machine. Leave it empty to be asked from this machine only, "
    "or set it to 0.0.0.0."
)


@asynccontextmanager
async def serving(
    host: str,
    port: int,
    *,
    missing: Callable[[], Collection[str]],
    metrics: Callable[[], str],
) -> AsyncIterator[int]:
    """Serve while the context is open; give the port, which is a free one for port 0.

    `missing` names what keeps the bot from being ready, and nothing if it is. `metrics` returns
    them in Prometheus' text format.

    Raises:
        ConfigurationError: the port cannot be opened.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        lacks = sorted(missing())
        answer = {"ready": not lacks, "missing": lacks}
        return web.json_response(answer, status=503 if lacks else 200)

    async def render(_: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=metrics().encode(), headers=headers)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", render)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await _open(runner, host, port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _open(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except UnicodeError as error:  # what looks a host up refuses some names so
        raise ConfigurationError(_NO_ADDRESS) from error
    except OSError as error:
        raise ConfigurationError(_PROBLEMS.get(error.errno or 0, _NO_ADDRESS)) from error
