"""The list of sources beneath an answer."""

from __future__ import annotations

from datetime import UTC, datetime

from slackbot.messages import KnowledgeResult
from slackbot.slack.delivery.sources import TITLE_CHARACTERS, list_sources
from slackbot.slack.egress import render

URL = "https://docs.example.com/1"


def source(title: str = "Rolling back", **fields: object) -> KnowledgeResult:
    fields = {"url": URL, "source": "Confluence", **fields}
    return KnowledgeResult(title=title, content="", relevance_score=1.0, **fields)  # type: ignore[arg-type] # fields of the test's choice


def test_no_sources_are_no_text() -> None:
    assert list_sources(()) == ""


def test_each_source_has_a_numbered_line() -> None:
    first = source(container="ENG", updated_at=datetime(2026, 10, 3, tzinfo=UTC))
    second = source("Deploys", url="https://docs.example.com/2")
    assert list_sources((first, second)) == (
        "\n\n**Sources**  \n"
        f"[1] [Rolling back]({URL}) · Confluence › ENG · updated 3 Oct 2026  \n"
        "[2] [Deploys](https://docs.example.com/2) · Confluence"
    )


def test_a_source_without_a_title_is_called_by_its_address() -> None:
    assert f"[1] [{URL}]({URL})" in list_sources([source(" \n")])


def test_a_title_cannot_make_links_or_notify() -> None:
    hostile = source("x](https://evil.com) [y\n`<!channel>` <@U1>\\")
    shown = render(list_sources([hostile]), {URL})
    assert shown.endswith(
        f"[1] [x)(`https://evil.com`) (y '&lt;!channel&gt;' &lt;@U1&gt;]({URL}) · Confluence"
    )


def test_a_long_title_is_cut() -> None:
    assert f"[{'x' * TITLE_CHARACTERS}…]" in list_sources([source("x" * 500)])
