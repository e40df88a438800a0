"""What is read of messages as Slack lists them: their text, attachments, and names for ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from slackbot.slack.history.channels import Channel
from slackbot.slack.history.quotes import Quotes
from slackbot.slack.history.recent import messages_in
from slackbot.slack.history.search import Found
from slackbot.slack.permalinks import Place

if TYPE_CHECKING:
    from slackbot.slack.people import SlackPeople

TS = "1790000000.000100"
OPEN = {"C1": Channel("C1", "payments", private=False)}


class Directory:
    """Knows everybody by the same name."""

    async def name(self, user: str) -> str:
        return "Ana"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "Deployed."}, "Deployed."),
        ({"text": " ", "attachments": [{"text": "Error rate 5 %"}]}, "Error rate 5 %"),
        (
            {"text": "Alert", "attachments": [{"title": "payments-api", "fallback": "5xx"}]},
            "Alert\npayments-api\n5xx",
        ),
        ({"text": "Alert", "attachments": [{"text": "long", "fallback": "short"}]}, "Alert\nlong"),
        ({"text": "See this", "attachments": [{"is_msg_unfurl": True, "text": "x"}]}, "See this"),
        ({"text": "Odd", "attachments": [7, {"text": {}}, None]}, "Odd"),
        ({"text": "Odd", "attachments": "all"}, "Odd"),
    ],
)
def test_what_apps_put_into_attachments_is_part_of_what_was_said(
    message: dict[str, Any], text: str
) -> None:
    assert [found.text for found in messages_in("C1", [{"ts": TS, **message}])] == [text]


@pytest.mark.parametrize("message", [{}, {"text": ""}, {"attachments": [{"fallback": " "}]}])
def test_a_message_without_words_is_left_out(message: dict[str, Any]) -> None:
    assert not messages_in("C1", [{"ts": TS, **message}])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("see <#C1>", "Ana: see #payments"),
        ("see <#C1|>", "Ana: see #payments"),
        ("see <#C1|old-name>", "Ana: see #old-name"),
        ("see <#C9>", "Ana: see #C9"),
        ("ask <@U2> in <#C1|>", "Ana: ask @Ana in #payments"),
    ],
)
async def test_names_stand_for_ids_as_far_as_the_channel_is_open_to_the_asker(
    said: str, shown: str
) -> None:
    quotes = Quotes(cast("SlackPeople", Directory()), "https://acme.slack.com", OPEN)
    found = Found(Place("C1", TS, TS), "U1", said)
    assert (await quotes.excerpt(found)).content == shown
