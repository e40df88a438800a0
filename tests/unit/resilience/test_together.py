"""Work side by side: what fails ends the rest, and is raised as it is."""

from __future__ import annotations

import asyncio

import pytest

from slackbot.resilience.together import together


async def test_what_fails_ends_the_rest_and_is_raised_itself() -> None:
    async def fail() -> None:
        try:
            raise OSError("the line is down")
        except OSError as error:
            raise LookupError("no luck") from error

    async def both() -> None:
        async with together() as tasks:
            waiting.append(tasks.create_task(asyncio.Event().wait()))
            tasks.create_task(fail())

    waiting: list[asyncio.Task[bool]] = []
    with pytest.raises(LookupError, match="no luck") as raised:
        await both()
    assert waiting[0].cancelled()
    assert isinstance(raised.value.__cause__, OSError)


async def test_all_have_ended_when_the_group_is_left() -> None:
    async with together() as tasks:
        both = [tasks.create_task(asyncio.sleep(0, result=number)) for number in (1, 2)]
    assert [task.result() for task in both] == [1, 2]


async def test_who_is_cancelled_cancels_them_all() -> None:
    async def wait() -> None:
        async with together() as tasks:
            waiting.append(tasks.create_task(asyncio.Event().wait()))

    waiting: list[asyncio.Task[bool]] = []
    whole = asyncio.create_task(wait())
    await asyncio.sleep(0)
    whole.cancel()
    await asyncio.wait([whole])
    assert whole.cancelled()
    assert waiting[0].cancelled()
