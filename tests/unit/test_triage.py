"""Who is answered: the whole table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slackbot.conversation import Incoming, Late
from slackbot.runs.limits import Excess
from slackbot.triage import Answer, Decision, FollowRules, Ignore, Known, Refuse, triage

NOW = 1_000_000.0
RULES = FollowRules(enabled=True, seconds=1800.0)
ROOT = Incoming(team="T1", channel="C1", thread_ts="1.0", ts="1.0", asker="U1", text="hello")
REPLY = replace(ROOT, ts="2.0")
ASKED_JUST_NOW = {"U1": NOW - 60}
TOO_MUCH = Excess("rate_limit_per_user", 23.0)


@pytest.mark.parametrize(
    ("incoming", "known", "rules", "expected"),
    [
        pytest.param(
            replace(ROOT, mentions_bot=True), Known(False, {}), RULES, Answer("mention"),
            id="a mention is answered",
        ),
        pytest.param(
            replace(REPLY, mentions_bot=True, addresses_other=True), Known(False, {}), RULES,
            Answer("mention"),
            id="a mention is answered wherever it stands",
        ),
        pytest.param(
            replace(ROOT, mentions_bot=True, edited=True), Known(False, {}), RULES,
            Answer("mention"),
            id="a mention added by an edit is answered",
        ),
        pytest.param(
            replace(ROOT, mentions_bot=True), Known(True, {}), RULES, Ignore("already_taken"),
            id="a message is taken once",
        ),
        pytest.param(
            replace(ROOT, direct=True), Known(False, {}), RULES, Answer("direct_message"),
            id="a direct message is answered",
        ),
        pytest.param(
            replace(ROOT, late=Late(begun=True)), Known(False, {}), RULES, Answer("resumed"),
            id="what was begun is not judged again",
        ),
        pytest.param(
            replace(ROOT, late=Late(begun=True)), Known(True, {}), RULES, Ignore("already_taken"),
            id="what was begun and is under way is not begun again",
        ),
        pytest.param(
            replace(REPLY, late=Late(False, contact=1.5)), Known(False, {}), RULES,
            Answer("follow_up"),
            id="a reply that was missed is judged by when it was said",
        ),
        pytest.param(
            replace(REPLY, ts="2000.0", late=Late(False, contact=1.5)), Known(False, {}), RULES,
            Ignore("follow_over"),
            id="a reply that was missed may have come too late even then",
        ),
        pytest.param(
            replace(REPLY, late=Late(False)), Known(False, ASKED_JUST_NOW), RULES,
            Ignore("not_addressed"),
            id="a reply that was missed follows nothing that came after it",
        ),
        pytest.param(
            ROOT, Known(False, {}), RULES, Ignore("not_addressed"),
            id="talk in a channel is none of the bot's business",
        ),
        pytest.param(
            ROOT, Known(False, ASKED_JUST_NOW), RULES, Ignore("not_addressed"),
            id="a message outside any thread follows nothing",
        ),
        pytest.param(
            REPLY, Known(False, ASKED_JUST_NOW), RULES, Answer("follow_up"),
            id="the asker's reply is answered without a mention",
        ),
        pytest.param(
            replace(REPLY, asker="U2"), Known(False, ASKED_JUST_NOW), RULES,
            Ignore("not_addressed"),
            id="somebody else's reply is not",
        ),
        pytest.param(
            replace(REPLY, addresses_other=True), Known(False, ASKED_JUST_NOW), RULES,
            Ignore("addresses_other"),
            id="a reply that begins with a mention of somebody else is not",
        ),
        pytest.param(
            REPLY, Known(False, {"U1": NOW - 1801}), RULES, Ignore("follow_over"),
            id="a reply after the time is not",
        ),
        pytest.param(
            REPLY, Known(False, {"U1": NOW - 1800}), RULES, Answer("follow_up"),
            id="a reply at the last second is",
        ),
        pytest.param(
            REPLY, Known(False, ASKED_JUST_NOW), FollowRules(False, 1800.0),
            Ignore("not_addressed"),
            id="nothing is followed when following is off",
        ),
        pytest.param(
            replace(REPLY, edited=True), Known(False, ASKED_JUST_NOW), RULES, Ignore("edited"),
            id="an edit without a mention asks nothing",
        ),
        pytest.param(
            replace(ROOT, mentions_bot=True), Known(False, {}, TOO_MUCH), RULES, Refuse(TOO_MUCH),
            id="a mention too many is refused",
        ),
        pytest.param(
            REPLY, Known(False, ASKED_JUST_NOW, TOO_MUCH), RULES, Refuse(TOO_MUCH),
            id="a reply too many is refused",
        ),
        pytest.param(
            ROOT, Known(False, {}, TOO_MUCH), RULES, Ignore("not_addressed"),
            id="talk among others is not refused, however much it is",
        ),
        pytest.param(
            replace(ROOT, mentions_bot=True), Known(True, {}, TOO_MUCH), RULES,
            Ignore("already_taken"),
            id="a message is refused once",
        ),
        pytest.param(
            replace(ROOT, late=Late(begun=True)), Known(False, {}, TOO_MUCH), RULES,
            Answer("resumed"),
            id="what was begun is brought to its end",
        ),
    ],
)  # fmt: skip
def test_triage(incoming: Incoming, known: Known, rules: FollowRules, expected: Decision) -> None:
    assert expected == triage(incoming, known, rules, NOW)
