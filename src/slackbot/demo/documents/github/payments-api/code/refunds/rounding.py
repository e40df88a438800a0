"""Splits what is refunded over the lines of an order, to the cent (PAY-326).

Amounts stay exact until the end and are rounded once, on the total, as a charge is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """A line of an order, in euros and fractions of a cent."""

    net: Decimal
    vat: Decimal


def shares(lines: Sequence[Line]) -> list[Decimal]:
    """Return what each line gets back; the sum is the rounded total."""
    exact = [line.net + line.vat for line in lines]
    total = sum(exact, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    return with_rest(exact, total)


def with_rest(exact: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Round each share and give the rest to the last line, or to the largest if that is too small."""
    rounded = [share.quantize(CENT, ROUND_HALF_UP) for share in exact]
    rest = total - sum(rounded, Decimal(0))
    last = len(rounded) - 1
    taker = last if rounded[last] + rest >= 0 else rounded.index(max(rounded))
    rounded[taker] += rest
    return rounded
