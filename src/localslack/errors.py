"""The one error of localslack: a refusal with the code that Slack gives."""

from __future__ import annotations


class SlackError(Exception):
    """Slack refuses. `code` is the `error` of the response, `details` are the fields beside it."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def invalid_arguments(*messages: str) -> SlackError:
    """Return the refusal of arguments that are missing or of the wrong type.

    `response_metadata.messages` says which (Slack's documentation of Web API responses).
    """
    return SlackError(
        "invalid_arguments",
        response_metadata={"messages": [f"[ERROR] {message}" for message in messages]},
    )
