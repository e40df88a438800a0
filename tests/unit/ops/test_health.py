"""Connections are checked again and again; each change is told once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from kit.virtual_time import in_virtual_time, virtual_clock
from slackbot.errors import ModelBusy, SourceUnavailable
from slackbot.ops.health import JITTER, PATIENCE_SECONDS, Check, Health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVERY = 60.0
FINE = None


@dataclass
class Connection:
    """Something that is as its script says, check by check; at the end it stays as it is."""

    name: str
    script: Sequence[Exception | None]
    at_start: bool = True
    asked_at: list[float] = field(default_factory=list)

    async def ask(self) -> None:
        state = self.script[min(len(self.asked_at), len(self.script) - 1)]
        self.asked_at.append(virtual_clock())
        if state is not None:
            raise state


def watch(*connections: Connection, rounds: int, **known: object) -> list[Mapping[str, Any]]:
    """Watch connections for some rounds; return what was observed and logged of it, in order."""
    told: list[Mapping[str, Any]] = []

    def observe(name: str, works: bool) -> None:
        told.append({"event": "observed", "connection": name, "works": works})

    async def work() -> None:
        checks = [Check(one.name, one.ask, one.at_start) for one in connections]
        health = Health(checks, observe, chance=lambda: 0.5)
        async with health.watched(EVERY, **known):
            await asyncio.sleep(EVERY * (rounds - 0.5))

    with capture_logs() as lines:
        in_virtual_time(work())
    return told + list(lines)


def logged(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    return [(line["event"], line.get("connection")) for line in told if line["event"] != "observed"]


def test_the_first_line_says_what_works_what_fails_and_what_is_known_besides() -> None:
    slack, wiki = Connection("Slack", [FINE]), Connection("Wiki", [SourceUnavailable("is down")])
    model = Connection("model", [FINE], at_start=False)
    without = {"users:read": "people's names"}
    told = watch(slack, wiki, model, rounds=1, switched_off=without)
    (line,) = (line for line in told if line["event"] != "observed")
    assert line == {
        "event": "connections.checked",
        "log_level": "warning",
        "works": ["Slack"],
        "fails": {"Wiki": "is down"},
        "untried": ["model"],
        "switched_off": without,
    }
    assert model.asked_at == []


@pytest.mark.parametrize(
    ("state", "event"),
    [(FINE, "connection.works"), (ModelBusy("is down"), "connection.failed")],
)
def test_what_may_not_be_ready_is_asked_in_the_next_round_and_told_once(
    state: Exception | None, event: str
) -> None:
    model = Connection("model", [state], at_start=False)
    told = watch(Connection("Slack", [FINE]), model, rounds=4)
    assert logged(told) == [("connections.checked", None), (event, "model")]
    assert model.asked_at[0] == EVERY


def test_what_may_not_be_ready_is_asked_from_the_second_round_on() -> None:
    model = Connection("model", [ModelBusy("503")], at_start=False)
    assert logged(watch(model, rounds=3)) == [
        ("connections.checked", None),
        ("connection.failed", "model"),
    ]
    assert len(model.asked_at) == 2


def test_the_first_line_is_no_warning_where_all_is_well() -> None:
    told = watch(Connection("Slack", [FINE]), rounds=1)
    assert [line["log_level"] for line in told if "log_level" in line] == ["info"]


def test_a_change_is_told_once_and_only_of_what_changed() -> None:
    down = ModelBusy("503")
    model = Connection("bedrock", [FINE, down, down, down, FINE, FINE, down])
    told = watch(Connection("Slack", [FINE]), model, rounds=8)
    assert logged(told) == [
        ("connections.checked", None),
        ("connection.failed", "bedrock"),
        ("connection.restored", "bedrock"),
        ("connection.failed", "bedrock"),
    ]
    failed = next(line for line in told if line["event"] == "connection.failed")
    assert (failed["error"], failed["log_level"]) == ("503", "warning")


def test_what_fails_from_the_start_is_told_again_only_when_it_works() -> None:
    told = watch(
        Connection("Wiki", [SourceUnavailable("x"), SourceUnavailable("y"), FINE]), rounds=4
    )
    assert logged(told) == [("connections.checked", None), ("connection.restored", "Wiki")]


def test_each_check_is_observed() -> None:
    told = watch(Connection("Wiki", [FINE, SourceUnavailable("x"), FINE]), rounds=3)
    observed = [line["works"] for line in told if line["event"] == "observed"]
    assert observed == [True, False, True]


def test_a_connection_that_does_not_answer_fails_and_holds_up_no_other() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    wiki, asked = Connection("Wiki", [FINE]), []

    async def work() -> None:
        health = Health(
            [Check("model", hang), Check("Wiki", wiki.ask)],
            lambda name, works: asked.append((name, works, virtual_clock())),
        )
        async with health.watched(EVERY):
            await asyncio.sleep(PATIENCE_SECONDS + 1)

    with capture_logs() as lines:
        in_virtual_time(work())
    assert wiki.asked_at == [0.0]
    assert asked == [("model", False, PATIENCE_SECONDS), ("Wiki", True, PATIENCE_SECONDS)]
    assert lines[0]["fails"] == {"model": "no answer within 20 seconds"}


def test_a_check_that_crashes_is_a_failure_of_its_connection_alone() -> None:
    told = watch(Connection("odd", [KeyError("secret")]), Connection("Wiki", [FINE]), rounds=2)
    first = next(line for line in told if line["event"] == "connections.checked")
    assert (first["works"], first["fails"]) == (["Wiki"], {"odd": "KeyError"})
    assert [line["works"] for line in told if line.get("connection") == "Wiki"] == [True, True]


def test_two_connections_of_one_name_are_refused() -> None:
    wiki = Connection("Wiki", [FINE])
    checks = [Check(name, wiki.ask) for name in ("Wiki", "model", "Wiki")]
    with pytest.raises(ValueError, match="Wiki"):
        Health(checks, lambda _name, _works: None)


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 1 - JITTER / 2), (1.0, 1 + JITTER / 2)])
def test_the_pause_is_left_to_chance_a_little(chance: float, factor: float) -> None:
    wiki = Connection("Wiki", [FINE])

    async def work() -> None:
        health = Health(
            [Check(wiki.name, wiki.ask)], lambda _name, _works: None, chance=lambda: chance
        )
        async with health.watched(EVERY):
            await asyncio.sleep(1.5 * EVERY)

    in_virtual_time(work())
    assert wiki.asked_at == [0.0, pytest.approx(EVERY * factor)]
