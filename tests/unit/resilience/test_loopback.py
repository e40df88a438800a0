"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from slackbot.resilience.loopback import is_loopback, leads_here


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


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("https://[::1]/", True),
        ("http://127.0.0.1@example.com/", False),
        ("https://bedrock-runtime.eu-central-1.amazonaws.com", False),
        ("http://[::1", False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_leads_to_this_machine_or_not(url: str | None, here: bool) -> None:
    assert leads_here(url) is here
