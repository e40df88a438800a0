"""What the three sites have in common: a port of this machine, and one account that may sign in."""

from __future__ import annotations

import base64
import hmac

from aiohttp import web


class Listener:
    """Serves an application on 127.0.0.1, from its start to its stop."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None

    async def start(self, app: web.Application, port: int) -> str:
        """Listen, on a free port if it is 0; return the address, without a slash at its end."""
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._runner is not None:
            await self._runner.cleanup()


def basic(email: str, token: str) -> str:
    """Return the Authorization header of an account at Atlassian (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()


def is_signed_in(request: web.Request, authorization: str) -> bool:
    """Whether a request has that very Authorization header."""
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), authorization.encode())
