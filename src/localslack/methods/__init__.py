"""The methods of Slack's Web API that localslack answers, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localslack.methods.chat import CHAT
from localslack.methods.conversations import CONVERSATIONS
from localslack.methods.identity import IDENTITY
from localslack.methods.reactions import REACTIONS
from localslack.methods.search import SEARCH
from localslack.methods.streams import STREAMS
from localslack.methods.views import VIEWS

if TYPE_CHECKING:
    from localslack.methods.call import Methods

METHODS: Methods = {**IDENTITY, **CHAT, **STREAMS, **REACTIONS, **CONVERSATIONS, **SEARCH, **VIEWS}
