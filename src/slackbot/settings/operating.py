"""Settings of how the bot is watched while it runs."""

from __future__ import annotations

from pydantic import BaseModel, Field


class OperatingSettings(BaseModel):
    """What an operator sees of the bot, and from where."""

    audit_log: str | None = Field(
        default=None,
        description="file, or `stdout`, that gets a line of JSON for each run: who asked, where, "
        "which tools and documents, at which cost; no text",
    )
    http_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="port of `/healthz`, `/readyz` and `/metrics`; without one there are none",
    )
    http_host: str = Field(
        default="127.0.0.1",
        description="address to open it on; `0.0.0.0` in a container. Whoever reaches it may read "
        "what it says",
    )
    health_check_seconds: float = Field(
        default=60,
        ge=0,
        le=3_600,
        description="seconds between two checks whether Slack, the model and the sources work; "
        "each model in use is asked for one word at the start (one on this machine with the next "
        "check), and when it was idle for 15 minutes; 0 = never",
    )
