"""The address of a message, in Slack's own form (its documentation of chat.getPermalink). Pure."""

from __future__ import annotations


def permalink(site: str, channel: str, ts: str, thread_ts: str | None = None) -> str:
    """Return the address of a message, which names its thread where it is a reply.

    `site` has no slash at its end; `thread_ts` is that of the thread's root.
    """
    link = f"{site}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts is None or thread_ts == ts:
        return link
    return f"{link}?thread_ts={thread_ts}&cid={channel}"
