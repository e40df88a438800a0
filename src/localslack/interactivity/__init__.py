"""What people do with an app beside writing to it: press, open its Home tab, stop its answer."""

from __future__ import annotations

from localslack.interactivity.interactions import Interactions
from localslack.interactivity.payloads import Press

__all__ = ["Interactions", "Press"]
