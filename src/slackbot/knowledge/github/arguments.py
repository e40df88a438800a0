"""The arguments of GitHub's tools: typed fields, none of them a query."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field

MAX_KEYWORDS: Final = 256

_REPOSITORY: Final = r"^[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}$"
_LOGIN: Final = r"^[A-Za-z0-9_-]{1,39}(\[bot\])?$"
_QUOTABLE: Final = r'^[^"\\\x00-\x1f\x7f-\x9f]+$'
_LINES: Final = r"^[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?$"

IssueKind = Literal["issue", "pull_request"]
State = Literal["open", "closed", "merged"]


def _plain_path(path: str) -> str:
    if not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise ValueError("must be a plain path, such as docs/deploy.md")
    return path


Repository = Annotated[str, Field(pattern=_REPOSITORY, description="The repository, owner/name.")]
Repositories = Annotated[
    list[Annotated[str, Field(pattern=_REPOSITORY)]],
    Field(max_length=10, description="The only repositories to search, each as owner/name."),
]
Path = Annotated[
    str, Field(min_length=1, max_length=500, pattern=_QUOTABLE), AfterValidator(_plain_path)
]


class SearchGitHubIssues(BaseModel):
    """The arguments of `search_github_issues`."""

    keywords: str = Field(
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="Two to four words that the issue contains, not a whole question.",
    )
    kind: IssueKind | Literal["both"] = Field(default="both", description="What to search.")
    repos: Repositories = []
    state: State | None = Field(
        default=None,
        description="Only what is in this state; a merged pull request is closed, too.",
    )
    author: str | None = Field(
        default=None, pattern=_LOGIN, description="Only what this person opened, by login."
    )
    labels: list[Annotated[str, Field(max_length=50, pattern=_QUOTABLE)]] = Field(
        default_factory=list, max_length=3, description="Labels that it must all have."
    )
    updated_after: date | None = Field(
        default=None, description="Leave out what was last changed before this day."
    )


class SearchGitHubCode(BaseModel):
    """The arguments of `search_github_code`."""

    keywords: str = Field(
        min_length=1,
        max_length=MAX_KEYWORDS,
        description="One to three words or names that the file contains, all of them.",
    )
    repos: Repositories = []
    language: str | None = Field(
        default=None,
        max_length=30,
        pattern=_QUOTABLE,
        description="Only files in this language, such as Python.",
    )
    path: Annotated[Path, Field(max_length=100)] | None = Field(
        default=None, description="Only files in this folder, such as docs/runbooks."
    )


class ReadGitHubIssue(BaseModel):
    """The arguments of `read_github_issue`."""

    repo: Repository
    number: int = Field(ge=1, le=2**31, description="The number after the # sign.")
    section: str | None = Field(
        default=None, max_length=300, description="Heading or number of the one section to read."
    )


class ReadGitHubFile(BaseModel):
    """The arguments of `read_github_file`."""

    repo: Repository
    path: Path = Field(
        description="Where it lies in the repository, such as docs/deploy.md; of a folder, you get "
        "the names in it."
    )
    ref: Annotated[str, Field(max_length=250, pattern=_QUOTABLE)] | None = Field(
        default=None,
        description="Branch, tag, or whole hash of a commit on the default branch; leave it out "
        "for the default branch.",
    )
    lines: str | None = Field(
        default=None, pattern=_LINES, description="The only lines to read, such as 120-180."
    )
