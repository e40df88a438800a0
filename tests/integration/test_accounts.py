"""What a whole bot writes down of its runs, and what it does when they have cost enough."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from structlog.testing import capture_logs

from kit.metrics import samples
from kit.scripted_model import Round, ScriptedCall, says
from kit.world import WIKI_TOKEN, bot_in, living_world, world
from slackbot.config import load_settings
from slackbot.errors import BudgetSpent
from slackbot.llm.resilient.fallback import SEARCH_ONLY
from slackbot.main import create_app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUESTION = "@slackbot how do we roll back payments?"
PRICES = "test.model-v1=1000/1000"
SEARCH = Round(tool_calls=[ScriptedCall("search_confluence", '{"keywords": "roll back payments"}')])


def read(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_the_audit_log_tells_of_a_run_without_a_word_of_it(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    script = [SEARCH, says("Run payctl [1].")]
    async with living_world(script, AUDIT_LOG=str(path), LLM_PRICES=PRICES) as here:
        asked = await here.ask(QUESTION)
    (line,) = read(path)
    assert line["team"] == here.slack.workspace.team_id
    assert line["message"] == line["thread"] == asked.ts
    assert line["user"] == here.slack.workspace.message("general", asked.ts).user
    assert (line["trigger"], line["outcome"]) == ("mention", "answered")
    assert line["tools"] == ["search_confluence"]
    assert line["objects"]
    assert all(address.startswith("http://127.0.0.1") for address in line["objects"])
    assert line["cost_usd"] > 0
    text = path.read_text("utf-8").casefold()
    assert not [word for word in ("roll", "payctl", WIKI_TOKEN, "xoxb") if word in text]


async def test_past_the_daily_budget_a_search_answers_also_after_a_restart(tmp_path: Path) -> None:
    async with world(
        [says("Like this.")],
        AUDIT_LOG=str(tmp_path / "audit.jsonl"),
        LLM_PRICES=PRICES,
        DAILY_BUDGET="0.001",
        LLM_FALLBACKS="offline",
    ) as here:
        async with bot_in(here):
            told = await here.ask(QUESTION)
            assert (told.mark, told.answer) == ("white_check_mark", "Like this.")
            told = await here.ask(QUESTION)
            assert told.mark == "white_check_mark"
            assert BudgetSpent.remark in told.answer
            assert SEARCH_ONLY not in told.answer
        with capture_logs() as lines:
            async with bot_in(here):
                assert BudgetSpent.remark in (await here.ask(QUESTION)).answer
        assert len(here.bedrock.requests) == 1
    assert [line["daily_budget"] for line in lines if line["event"] == "budget.spent"] == [0.001]


async def test_the_metrics_tell_of_a_run() -> None:
    async with world([SEARCH, says("Run payctl [1].")], LLM_PRICES=PRICES) as here:
        app = create_app(load_settings(here.settings, env_file=None))
        async with app:
            await here.ask(QUESTION)
        (run,) = app.ledger.ended
        read = samples(app.metrics)
        calls = Counter(call.method for call in here.slack.calls)
    del calls["apps.connections.open"]  # made for the socket, whose state has a metric of its own
    assert (run.asked.trigger, run.outcome, app.ledger.open) == ("mention", "answered", ())
    for moment in ("sign", "text", "final"):
        assert read[f"slackbot_shown_seconds_count{{moment={moment}}}"] == 1
    assert read["slackbot_shown_seconds_sum{moment=sign}"] <= read["slackbot_answer_seconds_sum"]
    assert calls["reactions.add"] == 2
    for method, count in calls.items():
        assert read[f"slackbot_slack_calls_total{{method={method}}}{{result=ok}}"] == count
    assert read["slackbot_slack_wait_seconds_count{tier=none}"] > 3
    for target in ("bedrock", "Confluence"):
        assert read[f"slackbot_circuit_state{{state=closed}}{{target={target}}}"] == 1
        assert read[f"slackbot_circuit_state{{state=open}}{{target={target}}}"] == 0
    assert read["slackbot_cost_dollars_total"] == run.record.cost
    assert read["slackbot_open_runs"] == 0
