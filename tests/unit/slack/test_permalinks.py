"""Addresses of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localslack.permalinks import permalink as slacks_permalink
from slackbot.slack.permalinks import Place, parse_permalink, permalink, root_in

SITE = "https://acme.slack.example"
ROOT, REPLY = "1700000000.000100", "1700000009.000200"

STAMPS = st.from_regex(r"[1-9][0-9]{0,9}\.[0-9]{6}", fullmatch=True)
CHANNELS = st.from_regex(r"C[A-Z0-9]{1,11}", fullmatch=True)


@given(CHANNELS, STAMPS, STAMPS)
def test_an_address_is_slacks_and_leads_back(channel: str, ts: str, thread_ts: str) -> None:
    place = Place(channel, ts, thread_ts)
    link = permalink(SITE, place)
    assert link == slacks_permalink(SITE, channel, ts, thread_ts)
    assert parse_permalink(link, SITE) == parse_permalink(f"<{link}|here>", SITE) == place
    assert root_in(link) == thread_ts


@pytest.mark.parametrize(
    "link",
    [
        "",
        "C1",
        f"{SITE}/archives/C1",
        f"{SITE}/archives/C1/p1",
        f"{SITE}/archives/../C1/p1700000000000100",
        f"{SITE}/archives/C1/p999999999999000100",  # a year that no date has
        f"{SITE}/archives/C1/p1700000000000100?thread_ts=soon",
        f"{SITE}.evil.example/archives/C1/p1700000000000100",
        f"{SITE}@evil.example/archives/C1/p1700000000000100",
        "https://other.slack.example/archives/C1/p1700000000000100",
        f"{SITE}/x[/archives/C1/p1700000000000100",
    ],
)
def test_anything_else_leads_nowhere(link: str) -> None:
    assert parse_permalink(link, SITE) is None


def test_where_the_site_is_not_known_no_address_leads_there() -> None:
    assert parse_permalink("/archives/C1/p1700000000000100", "") is None


@pytest.mark.parametrize("link", [None, 7, "http://[", "https://x.example/"])
def test_what_is_no_address_names_no_thread(link: object) -> None:
    assert root_in(link) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert parse_permalink(f"{SITE}/{text}", SITE) is None or "/archives/" in f"/{text}"
