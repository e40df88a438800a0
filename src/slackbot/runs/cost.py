"""What tokens cost: the prices that are known, and nothing where one is not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from slackbot.messages import TokenUsage

_Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_RELEASE = re.compile(r"(?:-\d{8}|-\d{4}-\d\d-\d\d)?(?:-v\d+)?(?::\d+)?\Z")
# docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html; "global." has prices
# of its own, and GovCloud's are not known.
_GEOGRAPHY = re.compile(r"\A(?:us|eu|apac|jp|au|ca)\.")


class Rates(BaseModel):
    """US dollars per million tokens, for prompts of at most `up_to` tokens.

    A rate of the cache that is not known is none: what is cached then has no known cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: _Dollars
    output: _Dollars
    cache_read: _Dollars | None = None
    cache_write: _Dollars | None = None
    up_to: int | None = None


class PriceGroup(BaseModel):
    """Prices of one provider that were read at one place on one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    source: str
    read_on: date
    record: str
    prices: Mapping[str, Sequence[Rates]]


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, by the length of the prompt; the shortest first."""

    rates: tuple[Rates, ...]

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything."""
        paid = (rate for rates in self.rates for rate in (rates.input, rates.output))
        return not any(paid)

    def cost(self, usage: TokenUsage) -> float | None:
        """Return the US dollars of one call, or nothing if a rate that it needs is not known."""
        rates = self._for_prompt(usage.prompt_tokens)
        if rates is None:
            return None
        parts = (
            (usage.input_tokens, rates.input),
            (usage.output_tokens, rates.output),
            (usage.cache_read_tokens, rates.cache_read),
            (usage.cache_write_tokens, rates.cache_write),
        )
        total = 0.0
        for tokens, rate in parts:
            if rate is None and tokens:
                return None
            total += tokens * (rate or 0.0)
        return total / 1_000_000

    def covers(self, prompt_tokens: int) -> bool:
        """Whether it is known what a prompt of that length costs."""
        return self._for_prompt(prompt_tokens) is not None

    def _for_prompt(self, tokens: int) -> Rates | None:
        fitting = (rates for rates in self.rates if rates.up_to is None or tokens <= rates.up_to)
        return next(fitting, None)


def price_of(provider: str, model: str, own: Mapping[str, Price]) -> Price | None:
    """Return what a model costs: what the operator says of it, or else what was published."""
    return own.get(model) or _published().get((provider, _plain(model)))


def parse_prices(written: Sequence[str]) -> Mapping[str, Price]:
    """Read prices as an operator writes them: `model=input/output`, dollars per million tokens.

    Two more numbers are those of reading and of writing a cache; without them both cost as much as
    other input.
    """
    return dict(map(_parse, written))


def price_groups() -> tuple[PriceGroup, ...]:
    """Return the prices that come with the bot, with their sources."""
    text = files("slackbot.runs").joinpath("prices.toml").read_text("utf-8")
    return tuple(map(PriceGroup.model_validate, tomllib.loads(text)["groups"]))


def _parse(written: str) -> tuple[str, Price]:
    model, _, numbers = written.rpartition("=")
    paid = [float(number) for number in numbers.split("/")]
    cache_read, cache_write = paid[2:] or (paid[0], paid[0])
    rates = Rates(input=paid[0], output=paid[1], cache_read=cache_read, cache_write=cache_write)
    return model, Price((rates,))


@cache
def _published() -> Mapping[tuple[str, str], Price]:
    return {
        (group.provider, model): Price(tuple(rates))
        for group in price_groups()
        for model, rates in group.prices.items()
    }


def _plain(model: str) -> str:
    """Return a model's id without its release, and without an ARN and a geography around it."""
    name = _GEOGRAPHY.sub("", model.rpartition("/")[2])
    return _RELEASE.sub("", name, count=1)
