"""Which proxy an address is asked through: as curl would, by the environment, and none at home."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from slackbot.resilience.loopback import is_loopback

if TYPE_CHECKING:
    from yarl import URL


def proxy_for(url: URL) -> str | None:
    """Return the proxy that the environment names for an address; never one for loopback."""
    host = url.host or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxy = getproxies().get(url.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
