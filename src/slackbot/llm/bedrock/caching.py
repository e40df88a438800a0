"""Where a request says what of it is worth keeping: the marks of prompt caching. Pure.

A mark has everything before it kept for some minutes, in the order tools, system, messages; what is
read again costs a tenth. Models take four marks at most (Bedrock's user guide, "Prompt caching").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.type_defs import CachePointBlockTypeDef

    from slackbot.llm.bedrock.wire import Request

_DEFAULT: CachePointBlockTypeDef = {"type": "default"}


def marked(request: Request) -> Request:
    """Mark the ends of the tools, of the system prompt, and of the last two messages of the user.

    The last message is where the next request goes on. The one before it is where the last request
    ended: a model looks for what it has kept only at marks, or a few blocks before them.
    """
    messages = list(request["messages"])
    asked = [at for at, message in enumerate(messages) if message["role"] == "user"]
    for at in asked[-2:]:
        content = messages[at]["content"]
        messages[at] = {"role": "user", "content": [*content, {"cachePoint": _DEFAULT}]}
    changed: Request = {**request, "messages": messages}
    if "system" in request:
        changed["system"] = [*request["system"], {"cachePoint": _DEFAULT}]
    if "toolConfig" in request:
        tools = request["toolConfig"]["tools"]
        changed["toolConfig"] = {"tools": [*tools, {"cachePoint": _DEFAULT}]}
    return changed
