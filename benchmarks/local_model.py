"""How well a small model of one's own answers: ten of the sample company's questions, end to end.

    PYTHONPATH=tests .venv/bin/python benchmarks/local_model.py \
        --base-url http://127.0.0.1:11434/v1 --model qwen3:4b [--context-tokens 8000]

The server with OpenAI's API (Ollama, llama.cpp, vLLM, ...) has to run already. The bot is the real
one, in the local workspace, with the company's sources over real sockets, and nobody to fall back
on. The questions are every third of `tests/integration/questions.toml`. A right tool is one that
searches a source that has the answer; a right document is one that the question names there.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from kit.company import company
from slackbot.agent.budget import REPEATED, SPENT
from slackbot.agent.loop import TOLD_SO
from slackbot.llm.openai_compatible import OpenAICompatibleProvider

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kit.company import Answer, Company
    from slackbot.messages import LLMResponse, Message

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "integration" / "questions.toml").read_text("utf-8")
)["question"][::3]
DEADLINE = 880  # seconds for an answer: small machines take their time
GUARDS = {
    "the same call again": REPEATED,
    "more calls than a run may make": SPENT,
    "a message that makes no sense": TOLD_SO,
    "a tool that there is not": "There is no tool",
    "arguments that are no JSON": "The arguments were not valid JSON",
    "arguments that the tool does not take": "Arguments not accepted",
}
EMPTY = "an empty answer"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the model was sent last of all, and what it said."""

    sent: Message
    response: LLMResponse


class Overheard(OpenAICompatibleProvider):
    """The provider, with somebody who listens."""

    exchanges: list[Exchange] = []  # noqa: RUF012 - of the one that the bot makes

    async def complete(self, messages: Sequence[Message], **options: Any) -> LLMResponse:
        """Return what the model says, and keep it."""
        response = await super().complete(messages, **options)
        self.exchanges.append(Exchange(messages[-1], response))
        return response


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question."""

    calls: tuple[str, ...]
    chose_right: bool
    cites_right: bool
    guards: Counter[str]
    answer: Answer


async def ask(parcelwick: Company, question: dict[str, Any]) -> Outcome:
    """Ask a question and judge all that came of it."""
    Overheard.exchanges.clear()
    answer = await parcelwick.ask(question["text"])
    exchanges = list(Overheard.exchanges)
    calls = [call for each in exchanges for call in each.response.tool_calls]
    wanted = {document.partition(":")[0] for document in question["documents"]} | {"everywhere"}
    return Outcome(
        tuple(f"{call.name} {dict(call.arguments)}" for call in calls),
        chose_right=any(source in call.name for call in calls for source in wanted),
        cites_right=parcelwick.rests_on(answer, question["documents"]),
        guards=Counter(guard for each in exchanges for guard in guards(each)),
        answer=answer,
    )


def guards(exchange: Exchange) -> Iterator[str]:
    """Tell which of the loop's guards an exchange needed."""
    told = [exchange.sent.content, *(result.content for result in exchange.sent.tool_results)]
    for guard, words in GUARDS.items():
        yield from (guard for text in told if text.startswith(words))
    if not exchange.response.content.strip() and not exchange.response.tool_calls:
        yield EMPTY


async def run(settings: dict[str, str]) -> None:
    """Ask everything, one question after the other, and report."""
    outcomes: list[Outcome] = []
    with (
        patch("slackbot.llm.openai_compatible.OpenAICompatibleProvider", Overheard),
        patch("kit.company.ANSWER_WITHIN", DEADLINE + 20),
    ):
        async with company(**settings) as parcelwick:
            for question in QUESTIONS:
                began = time.perf_counter()
                outcome = await ask(parcelwick, question)
                outcomes.append(outcome)
                report(question["text"], outcome, time.perf_counter() - began)
    count = len(outcomes)
    print(f"chose a right tool      {sum(each.chose_right for each in outcomes)} of {count}")
    print(f"cited a right document  {sum(each.cites_right for each in outcomes)} of {count}")
    for guard, times in sum((each.guards for each in outcomes), Counter[str]()).items():
        print(f"guard: {guard:<40} {times} times")


def report(question: str, outcome: Outcome, seconds: float) -> None:
    """Print what came of one question."""
    print(f"{question}\n  {seconds:.0f} s, {outcome.answer.mark}")
    print("\n".join(f"  > {call}" for call in outcome.calls))
    print(f"  right tool: {outcome.chose_right}; right document: {outcome.cites_right}")
    print("\n".join(f"  | {line}" for line in outcome.answer.text.splitlines()), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--context-tokens", default="8000")
    chosen = parser.parse_args()
    asyncio.run(
        run(
            {
                "LLM_PROVIDER": "openai",
                "LLM_FALLBACKS": "none",
                "LLM_CONTEXT_TOKENS": chosen.context_tokens,
                "LLM_MAX_TOKENS": "400",
                "LLM_TEMPERATURE": "0",
                "OPENAI_BASE_URL": chosen.base_url,
                "OPENAI_MODEL": chosen.model,
                "RUN_DEADLINE_SECONDS": str(DEADLINE),
            }
        )
    )
