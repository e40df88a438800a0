"""What is written down of each run, and what becomes of that when the disk does not take it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from inline_snapshot import snapshot
from structlog.testing import capture_logs

from kit.full_pipe import PIPE_BYTES, full_pipe
from slackbot.errors import ConfigurationError
from slackbot.messages import TokenUsage
from slackbot.ops.metrics import Metrics
from slackbot.resilience.threads import DaemonThreads
from slackbot.runs import audit as audit_module
from slackbot.runs.audit import Audit, line_of
from slackbot.runs.ledger import Asked, Ledger, Run, RunRecord
from slackbot.runs.sinks import AuditFile, StandardOutput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ASKED = Asked("T1", "C1", "1.0", "1.1", "U1", "mention")
NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
TODAY = date(2026, 11, 21)
NET = 5.0
"""Seconds after which something hangs for certain."""


def run(run_id: str = "r1", *, began: float = NOON, cost: float | None = 0.25) -> Run:
    record = RunRecord(run_id, timer=lambda: 0.0, model="a-model", tools=["search_docs"])
    record.usage += TokenUsage(100, 20)
    record.objects["https://docs.example/browse/PAY-1"] = None
    record.charge(cost)
    return Run(ASKED, record, began, "answered", 1.5)


def refuse(*_: object) -> bytes:
    raise PermissionError


def read(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_line_says_who_where_what_and_at_which_cost() -> None:
    assert json.loads(line_of(run())) == snapshot(
        {
            "at": "2026-11-21T12:00:01.500+00:00",
            "run_id": "r1",
            "team": "T1",
            "channel": "C1",
            "thread": "1.0",
            "message": "1.1",
            "user": "U1",
            "trigger": "mention",
            "outcome": "answered",
            "attempt": 1,
            "error_class": None,
            "model": "a-model",
            "tools": ["search_docs"],
            "unreached": [],
            "input_tokens": 100,
            "output_tokens": 20,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "cost_usd": 0.25,
            "queue_ms": 0,
            "model_ms": 0,
            "tools_ms": 0,
            "slack_ms": 0,
            "total_ms": 0,
            "objects": ["https://docs.example/browse/PAY-1"],
        }
    )


async def test_a_line_is_added_for_each_run_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text("{}\n", "utf-8")
    audit, ledger = await Audit.opened(str(path)), Ledger(Metrics())
    ledger.tell(audit.write)
    for number in range(3):
        with ledger.run(ASKED, RunRecord(f"r{number}")) as open_run:
            open_run.outcome = "answered"
    await audit.close()
    assert [line.get("run_id") for line in read(path)] == [None, "r0", "r1", "r2"]


async def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path, moved = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    file = AuditFile(path)
    file.open()
    file.append(b"1\n")
    path.rename(moved)
    file.append(b"2\n")
    file.append(b"3\n")
    path.unlink()
    file.append(b"4\n")
    file.close()
    assert (moved.read_bytes(), path.read_bytes()) == (b"1\n", b"4\n")


async def test_a_full_disk_is_told_of_once_and_costs_only_the_lines_of_that_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audit.jsonl"
    room = 10_000
    write = os.write

    def write_what_fits(descriptor: int, data: bytes) -> int:
        nonlocal room
        if not room:
            raise OSError(28, "No space left on device")
        written = write(descriptor, data[:room])
        room -= written
        return written

    monkeypatch.setattr(os, "write", write_what_fits)
    losses: list[int] = []
    audit = await Audit.opened(str(path), losses.append)

    async def end(run_id: str) -> None:
        audit.write(run(run_id))
        await audit.flush()

    with capture_logs() as lines:
        await end("whole")
        room = 30
        for run_id in ("torn", "lost", "lost"):
            await end(run_id)
        room = 10_000
        await end("again")
        await end("last")
    await audit.close()
    assert [(line["event"], line["lost"]) for line in lines] == [
        ("audit.failed", 1),
        ("audit.restored", 3),
    ]
    assert sum(losses) == 3
    written = path.read_text("utf-8").splitlines()
    assert [json.loads(written[number])["run_id"] for number in (0, 2, 3)] == [
        "whole",
        "again",
        "last",
    ]
    assert len(written[1]) == 30
    assert AuditFile(path).spent_on(TODAY) == 0.75


async def test_what_is_lost_is_also_told_by_a_process_that_ends_in_the_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_nothing(*_: object) -> int:
        raise OSError(28, "No space left on device")

    losses: list[int] = []
    audit = await Audit.opened(str(tmp_path / "audit.jsonl"), losses.append)
    monkeypatch.setattr(os, "write", write_nothing)
    with capture_logs() as lines:
        for number in range(5):
            audit.write(run(f"r{number}"))
            await audit.flush()
        await audit.close()
    assert [(line["event"], line["lost"]) for line in lines] == [
        ("audit.failed", 1),
        ("audit.given_up", 5),
    ]
    assert sum(losses) == 5


@pytest.mark.parametrize("may_be_read", [True, False])
async def test_a_line_that_another_process_left_torn_costs_none_of_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, may_be_read: bool
) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(line_of(run("whole")) + line_of(run("torn"))[:100])
    if not may_be_read:
        monkeypatch.setattr(os, "pread", refuse)
    audit = await Audit.opened(str(path))
    for run_id in ("next", "last"):
        audit.write(run(run_id))
        await audit.flush()
    monkeypatch.undo()
    assert await audit.spent_on(TODAY) == 0.75
    await audit.close()
    written = path.read_text("utf-8").splitlines()
    assert [json.loads(written[number])["run_id"] for number in (0, 2, 3)] == [
        "whole",
        "next",
        "last",
    ]


async def test_what_was_written_onto_a_torn_line_counts_as_spent(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(line_of(run(cost=64.0))[:100] + line_of(run()) + line_of(run(cost=0.5)))
    assert AuditFile(path).spent_on(TODAY) == 0.75


async def test_a_disk_that_hangs_holds_nobody_up_and_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "MOST_WAITING", 5)
    os.mkfifo(tmp_path / "pipe")
    losses: list[int] = []
    # Opening a pipe waits for somebody to read it.
    audit = Audit(AuditFile(tmp_path / "pipe"), losses.append)
    audit.write(run("r0"))
    await asyncio.sleep(0)
    with capture_logs() as lines:
        for number in range(1, 8):
            audit.write(run(f"r{number}"))
    assert [line["event"] for line in lines] == ["audit.failed"]
    assert sum(losses) == 2
    reading = asyncio.to_thread((tmp_path / "pipe").read_bytes)
    _, text = await asyncio.gather(audit.close(), reading)
    assert [json.loads(line)["run_id"] for line in text.splitlines()] == [
        f"r{number}" for number in range(6)
    ]


async def test_a_write_that_hangs_is_told_and_so_is_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "WRITING_SECONDS", 0.05)
    with full_pipe(tmp_path / "pipe") as reader:
        audit = await Audit.opened(str(tmp_path / "pipe"))
        with capture_logs() as lines:
            audit.write(run())
            async with asyncio.timeout(NET):
                while not lines:  # noqa: ASYNC110 - a list of lines rings no bell
                    await asyncio.sleep(0.01)
                os.read(reader, 2 * PIPE_BYTES)
                await audit.flush()
        await audit.close()
        assert json.loads(os.read(reader, PIPE_BYTES))["run_id"] == "r1"
    assert [(line["event"], line["lost"]) for line in lines] == [
        ("audit.failed", 0),
        ("audit.restored", 0),
    ]


async def test_a_write_that_hangs_is_given_up_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "CLOSING_SECONDS", 0.05)
    losses: list[int] = []
    with full_pipe(tmp_path / "pipe"):
        audit = await Audit.opened(str(tmp_path / "pipe"), losses.append)
        audit.write(run())
        await asyncio.sleep(0)
        audit.write(run())
        with capture_logs() as lines:
            async with asyncio.timeout(NET):
                await audit.close()
    assert [(line["event"], line["lost"]) for line in lines] == [
        ("audit.failed", 2),
        ("audit.given_up", 2),
    ]
    assert sum(losses) == 2


async def test_what_a_disk_says_at_the_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_late(_: int) -> None:
        raise OSError(5, "Input/output error")

    audit = await Audit.opened(str(tmp_path / "audit.jsonl"))
    audit.write(run())
    await audit.flush()
    with capture_logs() as lines, monkeypatch.context() as patch:
        patch.setattr(os, "close", fail_late)
        await audit.close()
    assert [(line["event"], line["error"]) for line in lines] == [
        ("audit.failed", "Input/output error")
    ]


async def test_a_pipe_that_nobody_reads_ends_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "OPENING_SECONDS", 0.05)
    os.mkfifo(tmp_path / "pipe")
    async with asyncio.timeout(NET):
        with pytest.raises(ConfigurationError, match=r"AUDIT_LOG .* a program that reads it"):
            await Audit.opened(str(tmp_path / "pipe"))
    os.close(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK))  # lets the thread go


async def test_a_budget_that_waits_for_a_pipe_ends_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "READING_SECONDS", 0.05)
    with full_pipe(tmp_path / "pipe"):
        async with asyncio.timeout(NET):
            with pytest.raises(ConfigurationError, match=r"AUDIT_LOG .* DAILY_BUDGET"):
                await Audit(AuditFile(tmp_path / "pipe")).spent_on(TODAY)


async def test_a_file_that_cannot_be_written_ends_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="AUDIT_LOG"):
        await Audit.opened(str(tmp_path / "missing" / "audit.jsonl"))


async def test_standard_output_may_take_the_lines(capfd: pytest.CaptureFixture[str]) -> None:
    audit = await Audit.opened("stdout")
    audit.write(run())
    assert await audit.spent_on(TODAY) == 0
    await audit.close()
    assert json.loads(capfd.readouterr().out)["run_id"] == "r1"


async def test_what_was_spent_today_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    ended = (
        run(),
        run(cost=0.5),
        run(cost=None),
        run(began=NOON + 43_198, cost=1.0),
        run(began=NOON + 43_199, cost=64.0),  # ends tomorrow
        run(began=NOON - 86_400, cost=128.0),
    )
    torn = b'{"at":"2026-11-21T1\n{"at":"2026-11-21"}\n'
    path.write_bytes(b"".join(map(line_of, ended)) + torn)
    audit = await Audit.opened(str(path))
    assert await audit.spent_on(TODAY) == 1.75
    await audit.close()


async def test_a_budget_needs_a_file_that_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DAILY_BUDGET"):
        await Audit(AuditFile(tmp_path / "missing")).spent_on(TODAY)


async def test_a_standard_output_that_was_closed_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = (tmp_path / "output").open("w")
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    audit = Audit(StandardOutput())
    with capture_logs() as lines:
        for _ in range(2):
            audit.write(run())
            await audit.flush()
        await audit.close()
    assert [line["event"] for line in lines] == ["audit.failed", "audit.given_up"]


async def test_a_process_without_standard_output_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(ConfigurationError, match="AUDIT_LOG"):
        await Audit.opened("stdout")


async def test_a_standard_output_that_hangs_does_not_hold_the_exit_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "CLOSING_SECONDS", 0.05)
    with full_pipe(tmp_path / "pipe"), (tmp_path / "pipe").open("w") as stuck:
        monkeypatch.setattr(sys, "stdout", stuck)
        audit = await Audit.opened("stdout")
        audit.write(run())
        with capture_logs() as lines:
            async with asyncio.timeout(NET):
                await audit.close()
                await DaemonThreads(1, "exit").run(stuck.flush)
    assert [line["event"] for line in lines] == ["audit.failed", "audit.given_up"]


def test_a_file_that_was_never_opened_is_closed_all_the_same(tmp_path: Path) -> None:
    AuditFile(tmp_path / "audit.jsonl").close()
    assert list(tmp_path.iterdir()) == []
