"""What tokens cost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.messages import TokenUsage
from slackbot.runs.cost import Price, Rates, parse_prices, price_groups, price_of

COUNTS = st.integers(0, 10_000_000)
USAGES = st.builds(TokenUsage, COUNTS, COUNTS, COUNTS, COUNTS)


def test_each_kind_of_token_has_its_own_rate_per_million() -> None:
    price = Price((Rates(input=3, output=15, cache_read=0.3, cache_write=3.75),))
    assert price.cost(TokenUsage(1_000_000, 0, 0, 0)) == 3
    assert price.cost(TokenUsage(0, 1_000_000, 0, 0)) == 15
    assert price.cost(TokenUsage(0, 0, 1_000_000, 0)) == 0.3
    assert price.cost(TokenUsage(0, 0, 0, 1_000_000)) == 3.75
    assert price.cost(TokenUsage(1_000, 200, 10_000, 400)) == pytest.approx(0.0105)


def test_a_longer_prompt_may_cost_more_and_what_is_cached_belongs_to_it() -> None:
    price = price_of("anthropic", "claude-haiku-5-5", {})
    assert price is not None
    assert price.cost(TokenUsage(100_000, 0)) == pytest.approx(0.01)
    assert price.cost(TokenUsage(100_001, 0)) == pytest.approx(0.05, rel=1e-4)
    assert price.cost(TokenUsage(0, 0, 100_001)) == pytest.approx(0.005, rel=1e-4)
    assert price.covers(1_000_000)


def test_what_no_rate_is_known_for_has_no_known_cost() -> None:
    price = Price((Rates(input=1, output=2, up_to=1_000),))
    assert price.cost(TokenUsage(1_000, 5)) is not None
    assert price.cost(TokenUsage(1_001, 5)) is None
    assert price.cost(TokenUsage(10, 5, cache_read_tokens=1)) is None
    assert price.covers(1_000)
    assert not price.covers(1_001)


@given(USAGES, USAGES)
def test_two_calls_cost_what_each_of_them_does(one: TokenUsage, other: TokenUsage) -> None:
    price = Price((Rates(input=3, output=15, cache_read=0.3, cache_write=3.75),))
    each = [price.cost(usage) or 0.0 for usage in (one, other)]
    assert price.cost(one + other) == pytest.approx(sum(each))


@pytest.mark.parametrize(
    ("provider", "model", "dollars"),
    [
        ("anthropic", "claude-opus-5-5", 4.0),
        ("anthropic", "claude-haiku-4-5-20251001", 1.0),
        ("bedrock", "anthropic.claude-opus-5-5", 4.4),
        ("bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1.1),
        ("bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0", 1.0),
        ("bedrock", "us.anthropic.claude-opus-4-6-v1", 5.5),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5",
            5.5,
        ),
        ("openai", "gpt-5.4-mini", 0.75),
        ("openai", "gpt-5.4-mini-2026-03-17", 0.75),
    ],
)
def test_a_model_is_known_whatever_its_release_and_its_profile(
    provider: str, model: str, dollars: float
) -> None:
    price = price_of(provider, model, {})
    assert price is not None
    assert price.rates[0].input == dollars


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "qwen3"),
        ("anthropic", "gpt-5.4"),
        ("bedrock", "us-gov.anthropic.claude-opus-5"),
        ("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/x1y2"),
        ("anthropic", "claude-opus-55"),
        ("anthropic", ""),
    ],
)
def test_the_price_of_any_other_model_is_not_guessed(provider: str, model: str) -> None:
    assert price_of(provider, model, {}) is None


def test_what_the_operator_says_of_a_price_holds() -> None:
    own = parse_prices(("qwen3=0/0", "claude-opus-5-5=3/15.5", "a=b=1/2/0.1/1.25"))
    dear, odd = (own[model].rates[0] for model in ("claude-opus-5-5", "a=b"))
    assert own["qwen3"].cost(TokenUsage(5, 5, 5, 5)) == 0
    assert own["qwen3"].is_free
    assert not own["claude-opus-5-5"].is_free
    assert (dear.input, dear.output, dear.cache_read, dear.cache_write) == (3, 15.5, 3, 3)
    assert (odd.cache_read, odd.cache_write) == (0.1, 1.25)
    assert price_of("anthropic", "claude-opus-5-5", own) == own["claude-opus-5-5"]


def test_each_price_says_where_and_when_it_was_read() -> None:
    groups = price_groups()
    assert {group.provider for group in groups} == {"anthropic", "bedrock", "openai"}
    for group in groups:
        assert group.source.startswith("https://")
        assert group.record
        assert date(2026, 1, 1) < group.read_on < date(2027, 1, 1)
        assert all(rates.output > rates.input > 0 for [rates, *_] in group.prices.values())
