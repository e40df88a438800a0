"""10,000 hostile strings: no word or name of a model becomes a filter of Slack's search (S2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hypothesis import given, settings

from kit.knowledge import hostile_batches
from kit.untraced import untraced
from localslack.search_query import parse
from slackbot.slack.history.channels import Channel
from slackbot.slack.history.search import Wanted, query_text, search_words, user_id

if TYPE_CHECKING:
    from collections.abc import Sequence

STRINGS = 10_000
BATCH = 50
OURS = {"C1": Channel("C1", "payments", private=False)}
INJECTIONS = (
    "in:#leads",
    "in:<#C9>",
    '" in:leads "',
    "-in:payments",
    "from:@sam",
    "OR in:leads",
    "after:2020-01-01",
    "before:1999-01-01",
    "is:dm with:@mei",
    "in：leads",
    "\u200bin:\u200bleads",
    "<#C9|payments>",
    "-payments",
    '"a phrase"',
)


@settings(max_examples=STRINGS // BATCH)
@given(hostile_batches(*INJECTIONS))
@untraced()
def test_a_query_filters_by_what_the_code_says_and_nothing_else(texts: Sequence[str]) -> None:
    assert len(texts) == BATCH
    for text in texts:
        query = parse(query_text(Wanted(words=search_words(text), channels=OURS, from_user=text)))
        assert query.channels == ("C1",), text
        assert query.authors in ((), (user_id(text),)), text
        assert (query.since, query.until) == (0.0, math.inf), text
        assert not query.excluded, text
        assert not query.phrases, text
