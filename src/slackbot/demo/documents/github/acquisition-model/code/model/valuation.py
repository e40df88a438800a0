"""canary-heron-4471: values Velvet Van for the board. Not to be seen outside of it."""

EARNINGS = 2_150_000
"""Euros in 2025, before interest and tax."""

MULTIPLE = 6.0


def price(earnings: float = EARNINGS, multiple: float = MULTIPLE) -> float:
    """Return what we would offer, in euros."""
    return earnings * multiple
