"""What a model may ask Confluence for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from slackbot.knowledge.confluence.wire import CONTENT_ID

MAX_KEYWORDS: Final = 256

_SPACE_KEY: Final = r"^~?[A-Za-z0-9_.:@-]{1,255}$"


class SearchConfluence(BaseModel):
    """The arguments of `search_confluence`."""

    keywords: str = Field(
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="Two to six words that a matching page contains, not a whole question.",
    )
    spaces: list[Annotated[str, Field(pattern=_SPACE_KEY)]] = Field(
        default_factory=list, max_length=20, description="Keys of the only spaces to search."
    )
    title_only: bool = Field(default=False, description="Match page titles, not their text.")
    updated_after: date | None = Field(
        default=None, description="Leave out pages that were last changed before this day."
    )


class ReadConfluencePage(BaseModel):
    """The arguments of `read_confluence_page`."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    page_id: str = Field(
        pattern=CONTENT_ID, description="The number behind /pages/ in its address."
    )
    section: str | None = Field(
        default=None, max_length=300, description="Heading or number of the one section to read."
    )
