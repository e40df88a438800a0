"""Calls a courier network again when it does not answer in time.

Since 14 September 2026 (PAY-312) the key comes from outside and is the same for each attempt.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from charges.errors import CourierTimeout

T = TypeVar("T")

ANSWER_WITHIN = 4.0
"""Seconds that a courier network has for one answer."""

PAUSES = (1.0, 5.0, 15.0)
"""Seconds before the second, third and fourth attempt. After that, the order waits for a human."""


def jittered(pause: float) -> float:
    """Spread the attempts, so that a thousand waiting orders do not knock at the same moment."""
    return pause * random.uniform(0.8, 1.2)


async def with_retries(
    attempt: Callable[[str], Awaitable[T]],
    *,
    key: str,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Run `attempt` until it answers, each time with the same idempotency key.

    Only a timeout is tried again. A refusal (card declined, address unknown) is an answer.
    """
    for pause in PAUSES:
        try:
            return await asyncio.wait_for(attempt(key), ANSWER_WITHIN)
        except (CourierTimeout, TimeoutError):
            await sleep(jittered(pause))
    return await asyncio.wait_for(attempt(key), ANSWER_WITHIN)
