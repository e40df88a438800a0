"""Places go to people in turn, and none is lost."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from slackbot.runs.places import Places


async def test_who_asks_little_is_not_kept_waiting_by_who_asks_much() -> None:
    places, served = Places(1), list[str]()

    async def run(person: str) -> None:
        async with places.place(person):
            served.append(person)
            await asyncio.sleep(0)

    await asyncio.gather(*map(run, ["ana", "ana", "ana", "ana", "ben", "chloe", "ben"]))
    assert served == ["ana", "ana", "ben", "chloe", "ana", "ben", "ana"]


async def test_a_place_given_to_somebody_who_left_goes_on_to_the_next() -> None:
    places = Places(1)
    entered = asyncio.Event()

    async def enter() -> None:
        async with places.place("ben"):
            entered.set()

    async with places.place("ana"):
        leaving = asyncio.create_task(enter())
        staying = asyncio.create_task(enter())
        await asyncio.sleep(0)
    leaving.cancel()  # after the place was given to it, before it could know
    async with asyncio.timeout(1):
        await asyncio.gather(leaving, return_exceptions=True)
        await staying
    assert entered.is_set()


@given(
    count=st.integers(1, 4),
    visits=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=20
    ),
)
async def test_never_too_many_and_none_lost(
    count: int, visits: list[tuple[str, int, bool]]
) -> None:
    places = Places(count)
    inside = 0

    async def visit(person: str, steps: int) -> None:
        nonlocal inside
        async with places.place(person):
            inside += 1
            assert inside <= count
            try:
                for _ in range(steps):
                    await asyncio.sleep(0)
            finally:
                inside -= 1

    tasks = [asyncio.create_task(visit(person, steps)) for person, steps, _ in visits]
    await asyncio.sleep(0)
    for task, (_, _, leaves) in zip(tasks, visits, strict=True):
        if leaves:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1):
        for _ in range(count):
            await places._take("all")
