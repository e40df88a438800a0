"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from slackbot.resilience.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("wiki.localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("notlocalhost", False),
        ("", False),
    ],
)
def test_a_host_is_this_machine_or_not(host: str, here: bool) -> None:
    assert is_loopback(host) is here
