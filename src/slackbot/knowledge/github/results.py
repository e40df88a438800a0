"""What was found on GitHub, as results: under the addresses that people know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from slackbot.knowledge.github.documents import title_of
from slackbot.knowledge.text.excerpt import title
from slackbot.messages import KnowledgeResult, ReadMore

if TYPE_CHECKING:
    from slackbot.knowledge.github.wire import Issue

SOURCE: Final = "GitHub"


@dataclass(frozen=True, slots=True)
class Results:
    """Makes results. `site` is the address of GitHub's pages, with no slash at its end."""

    site: str

    def issue(self, issue: Issue, content: str, *, in_full: bool = True) -> KnowledgeResult:
        """Return an issue or a pull request, in full or a part of it."""
        kind = "issues" if issue.kind == "issue" else "pull"
        read = ReadMore("read_github_issue", {"repo": issue.repository, "number": issue.number})
        return KnowledgeResult(
            title=title_of(issue),
            content=content,
            url=f"{self.site}/{quote(issue.repository)}/{kind}/{issue.number}",
            source=SOURCE,
            relevance_score=1.0,
            updated_at=issue.updated_at,
            container=issue.repository,
            read_more=None if in_full else read,
        )

    def file(
        self,
        repository: str,
        path: str,
        content: str,
        *,
        ref: str | None = None,
        in_full: bool = True,
    ) -> KnowledgeResult:
        """Return a file, in full or a part of it. GitHub tells of none when it was changed."""
        read = ReadMore("read_github_file", {"repo": repository, "path": path})
        at = quote(ref or "HEAD")
        return KnowledgeResult(
            title=title(path),
            content=content,
            url=f"{self.site}/{quote(repository)}/blob/{at}/{quote(path)}",
            source=SOURCE,
            relevance_score=1.0,
            container=repository,
            read_more=None if in_full else read,
        )


def site_of(api_url: str) -> str:
    """Return the address that people know, by that of the API.

    GitHub Enterprise Server has its API on the same host, github.com and ghe.com on another one.
    """
    if api_url.endswith("/api/v3"):
        return api_url.removesuffix("/api/v3")
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
