"""Who asks a Bedrock that is a fake's."""

from __future__ import annotations

from slackbot.llm.bedrock import Account


def account_at(url: str) -> Account:
    """Return an account with a pair of keys; no signature is checked there."""
    return Account(
        region="eu-central-1",
        access_key_id="AKIDEXAMPLE",
        secret_access_key="secret",
        endpoint_url=url,
    )
