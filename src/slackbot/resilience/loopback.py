"""Whether an address is this machine's: proxies and the limits of the real Slack are not for it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host, as it stands in a URL, is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def leads_here(url: str | None) -> bool:
    """Whether an address is one on this machine; none, and what is no address, are not."""
    try:
        return is_loopback(urlsplit(url or "").hostname or "")
    except ValueError:
        return False
