"""What a model may ask Jira for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from slackbot.knowledge.jira.keys import ISSUE_KEY, PROJECT_KEY

MAX_KEYWORDS: Final = 256
OPEN: Final = "open"
NOBODY: Final = "nobody"

Name = Annotated[str, Field(min_length=1, max_length=100)]


class SearchJira(BaseModel):
    """The arguments of `search_jira`."""

    # None is needed, so one that is misspelt would widen the search unnoticed.
    model_config = ConfigDict(extra="forbid")

    keywords: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="Two to six words that a matching issue contains, or its key.",
    )
    projects: list[Annotated[str, Field(pattern=PROJECT_KEY)]] = Field(
        default_factory=list, max_length=20, description="Keys of the only projects to search."
    )
    status: Name | None = Field(
        default=None, description=f"Such as In Progress or Done; '{OPEN}' is all but done."
    )
    assignee: Name | None = Field(
        default=None,
        description=f"Name or e-mail address of the person who works on it; '{NOBODY}' if none.",
    )
    labels: list[Name] = Field(
        default_factory=list, max_length=20, description="Labels, of which an issue has one."
    )
    type: Name | None = Field(default=None, description="Such as Bug, Task, Story or Epic.")
    updated_after: date | None = Field(
        default=None, description="Leave out issues that were last changed before this day."
    )
    order: Literal["relevance", "updated"] = Field(
        default="relevance", description="What comes first: the best match, or the latest change."
    )


class ReadJiraIssue(BaseModel):
    """The arguments of `read_jira_issue`."""

    key: str = Field(pattern=ISSUE_KEY, description="The issue's key, such as ABC-123.")
