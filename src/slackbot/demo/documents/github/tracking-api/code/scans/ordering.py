"""Puts scans in the order in which they happened, whatever order they came in (TRK-219).

Velvet Van posts a batch every 15 minutes, unsorted. Northline posts each scan by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FINAL = frozenset({"DELIVERED", "RETURNED"})
"""After one of these a parcel does not move, except from delivered to returned."""


@dataclass(frozen=True)
class Scan:
    """One beep of a courier's scanner. `seq` decides between two within the same second."""

    id: int
    parcel: str
    code: str
    at: datetime
    seq: int


def latest(scans: Sequence[Scan]) -> Scan:
    """Return the scan that happened last, however late it came in."""
    return max(scans, key=lambda scan: (scan.at, scan.seq))


def moves(current: Scan, new: Scan) -> bool:
    """Say whether a scan changes where we show a parcel; a late one only joins the history."""
    if current.code == "DELIVERED":
        return new.code == "RETURNED"
    if current.code in FINAL:
        return False
    return (new.at, new.seq) > (current.at, current.seq)
