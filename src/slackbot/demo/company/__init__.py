"""Parcelwick, the sample company: parcels from a few shops, and people who write things down.

Invented from end to end. What it wrote lies in `demo/documents`, one document a file. Each source
has a container that is closed: the bot's accounts see it, and the bot must not show it.
"""

from typing import Final

COMPANY: Final = "Parcelwick"
