"""What other programs of this machine may do with a workspace that runs: `/control/…`."""

from __future__ import annotations

from localslack.control.routes import Control

__all__ = ["Control"]
