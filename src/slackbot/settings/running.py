"""Settings of how the bot answers: its voice, its memory, its bounds."""

from __future__ import annotations

from pydantic import BaseModel, Field

from slackbot.settings.types import UserIds


class RunSettings(BaseModel):
    """Bounds have defaults that suit a company of some hundred people."""

    system_prompt: str | None = Field(
        default=None, description="instructions to the model, on top of the built-in ones"
    )
    bot_persona: str | None = Field(
        default=None, description="who the bot is; completes the sentence “You are …”"
    )

    memory_ttl_minutes: int = Field(
        default=60, ge=1, le=10_080, description="minutes after which an idle thread is forgotten"
    )
    memory_max_messages: int = Field(
        default=40, ge=1, le=1_000, description="messages of a thread that the model sees"
    )
    memory_max_tokens: int = Field(
        default=16_000, ge=500, le=1_000_000, description="tokens of a thread that the model sees"
    )
    memory_max_threads: int = Field(
        default=5_000, ge=1, le=1_000_000, description="threads in memory at once"
    )

    run_deadline_seconds: float = Field(
        default=180, gt=0, le=900, description="time for one answer, in seconds"
    )
    tool_timeout_seconds: float = Field(
        default=20, gt=0, le=300, description="time for one tool call, in seconds"
    )
    max_tool_calls: int = Field(
        default=12, ge=1, le=100, description="tool calls that one answer may make"
    )
    max_concurrent_runs: int = Field(
        default=128, ge=1, le=1_024, description="answers in the making at once"
    )

    rate_limit_per_user: int = Field(
        default=6,
        ge=0,
        le=10_000,
        description="messages of one person that are answered within a minute; more are refused, "
        "and that person is told; 0 = no limit",
    )
    rate_limit_global: int = Field(
        default=120,
        ge=0,
        le=100_000,
        description="messages of all people that are answered within a minute; 0 = no limit",
    )
    admin_users: UserIds = Field(
        default=(), description="ids of people who have no limit of their own, such as `U012AB3CD`"
    )

    catch_up_minutes: int = Field(
        default=15,
        ge=0,
        le=60,
        description="how far back to look, after a start or a lost connection, for messages that "
        "were missed and answers that were interrupted; 0 = off",
    )
    thread_follow: bool = Field(
        default=True, description="answer replies in its own threads that do not mention the bot"
    )
    follow_minutes: int = Field(
        default=30,
        ge=1,
        le=1_440,
        description="for so many minutes after the last answer, while the thread is in memory",
    )
