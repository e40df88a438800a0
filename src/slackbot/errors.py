"""The error tree; each class knows the fixed sentence that people read.

    SlackbotError
    ├── ConfigurationError      a setting is missing or wrong; ends the start
    ├── ModelError              the model gave no usable answer
    │   ├── ModelBusy           throttled, overloaded, not ready, timed out: later may work
    │   ├── ModelRejected       request, credentials or model id refused: retrying won't help
    │   ├── ModelStreamCut      the stream ended before the model did
    │   ├── ModelFiltered       the model's content filter stopped the answer
    │   │   └── GuardrailIntervened  a guardrail did that the operator has set up
    │   ├── ContextExceeded     the conversation is longer than the model's window
    │   └── BudgetSpent         the day's budget is spent: the model was not asked
    │       └── AnswerTooDear   what one answer may cost is
    ├── SourceError             a knowledge source could not be asked
    │   ├── SourceUnavailable   down, slow, throttled or talking nonsense
    │   ├── SourceUnauthorized  our credentials were refused: an operator must act
    │   └── SourceNotFound      no such document, or none that may be shown
    ├── DeadlineExceeded        the run used up its time
    ├── Interrupted             the bot was stopped before the run was done
    └── DeliveryError           Slack did not take what was to be shown
        └── Undeliverable       and never will: channel gone, archived, bot removed

Messages of these errors are for operators' logs. People see `sentence` and a reference id.
"""

from __future__ import annotations

from typing import ClassVar


class SlackbotError(Exception):
    """Root of the tree."""

    sentence: ClassVar[str] = "Something went wrong on my side. Please try again."


class ConfigurationError(SlackbotError):
    """A setting is missing or wrong. The message names the setting, never its value."""


class ModelError(SlackbotError):
    """The model gave no usable answer."""

    sentence: ClassVar[str] = "The language model could not answer this. Please try again."


class ModelBusy(ModelError):
    """Throttled, overloaded, not ready or timed out: the same request may work later.

    `retry_after` is in seconds, where the provider said so.
    """

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    sentence: ClassVar[str] = (
        "The language model is busy or cannot be reached right now. Please ask again in a minute."
    )


class ModelRejected(ModelError):
    """The request, the credentials or the model id were refused; retrying will not help."""

    sentence: ClassVar[str] = (
        "I'm not able to use the language model at the moment. Whoever runs me can see why in the "
        "log."
    )


class ModelStreamCut(ModelError):
    """The stream ended before the model said that it was done."""

    sentence: ClassVar[str] = "The answer broke off half-way. Please ask again."


class ModelFiltered(ModelError):
    """The content filter of a model or its provider stopped the answer."""

    sentence: ClassVar[str] = (
        "The content filter stopped this answer. Try putting the question another way."
    )


class GuardrailIntervened(ModelFiltered):
    """A guardrail, which the operator has set up, stopped the question or the answer."""

    sentence: ClassVar[str] = (
        "A guardrail that was set up for me does not let me answer this. If you think that it "
        "should, tell whoever runs me."
    )


class ContextExceeded(ModelError):
    """The conversation is longer than the model's context window."""

    sentence: ClassVar[str] = (
        "This conversation has grown too long for the language model. Please start a new thread."
    )


class BudgetSpent(ModelError):
    """What may be spent in one day is spent; the model was not asked.

    `remark` is for people whom another one answers instead.
    """

    sentence: ClassVar[str] = "My budget for today is used up. Please ask me again tomorrow."
    remark: ClassVar[str] = (
        "_My budget for today is used up, so this was written without my usual language model._"
    )


class AnswerTooDear(BudgetSpent):
    """What one answer may cost is spent; the model was not asked again."""

    sentence: ClassVar[str] = (
        "This would cost more than one answer may. Please ask a narrower question."
    )
    remark: ClassVar[str] = (
        "_This came to cost what one answer may, so it was ended without my usual language model._"
    )


class SourceError(SlackbotError):
    """A knowledge source could not be asked."""


class SourceUnavailable(SourceError):
    """The source is down, slow, throttled, or answered with something unreadable."""


class SourceUnauthorized(SourceError):
    """The source refused our credentials; an operator must act."""


class SourceNotFound(SourceError):
    """No such document, or none that may be shown: the two are not told apart."""


class DeadlineExceeded(SlackbotError):
    """The run used up its time."""

    sentence: ClassVar[str] = (
        "This took longer than I am allowed to think. Try a narrower question."
    )


class Interrupted(SlackbotError):
    """The bot was stopped before the run was done."""

    sentence: ClassVar[str] = "I was interrupted before I could finish this. Please ask again."


class DeliveryError(SlackbotError):
    """Slack did not take what was to be shown."""


class Undeliverable(DeliveryError):
    """Slack never will: the channel is gone or archived, or the bot is not in it."""
