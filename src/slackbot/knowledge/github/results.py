"""What was found on GitHub, as results: under the addresses that people know. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from slackbot.knowledge.github.documents import code_excerpt, issue_excerpt, title_of
from slackbot.knowledge.github.refs import DEFAULT
from slackbot.knowledge.text.excerpt import title
from slackbot.messages import KnowledgeResult, ReadMore

if TYPE_CHECKING:
    from slackbot.knowledge.github.wire import CodeHit, Issue

SOURCE: Final = "GitHub"


@dataclass(frozen=True, slots=True)
class Results:
    """Makes results. `site` is the address of GitHub's pages, with no slash at its end."""

    site: str

    def issue(self, issue: Issue, content: str) -> KnowledgeResult:
        """Return an issue or a pull request that was read."""
        kind = "issues" if issue.kind == "issue" else "pull"
        return KnowledgeResult(
            title=title_of(issue),
            content=content,
            url=f"{self.site}/{quote(issue.repository)}/{kind}/{issue.number}",
            source=SOURCE,
            relevance_score=1.0,
            updated_at=issue.updated_at,
            container=issue.repository,
        )

    def issue_hit(self, hit: Issue) -> KnowledgeResult:
        """Return an issue or a pull request with the part that matched."""
        read = ReadMore("read_github_issue", {"repo": hit.repository, "number": hit.number})
        return replace(self.issue(hit, issue_excerpt(hit)), read_more=read)

    def file(
        self, repository: str, path: str, content: str, *, at: str = DEFAULT, anchor: str = ""
    ) -> KnowledgeResult:
        """Return a file that was read. GitHub tells of none when it was changed."""
        return KnowledgeResult(
            title=title(path),
            content=content,
            url=f"{self.site}/{quote(repository)}/blob/{quote(at)}/{quote(path)}{anchor}",
            source=SOURCE,
            relevance_score=1.0,
            container=repository,
        )

    def folder(
        self, repository: str, path: str, content: str, *, at: str = DEFAULT
    ) -> KnowledgeResult:
        """Return a folder, as a list of what is in it."""
        found = self.file(repository, path, content)
        url = f"{self.site}/{quote(repository)}/tree/{quote(at)}/{quote(path)}"
        return replace(found, title=f"{found.title}/", url=url)

    def code_hit(self, hit: CodeHit) -> KnowledgeResult:
        """Return a file with the lines that matched."""
        found = self.file(hit.repository, hit.path, code_excerpt(hit))
        read = ReadMore("read_github_file", {"repo": hit.repository, "path": hit.path})
        return replace(found, read_more=read)


def site_of(api_url: str) -> str:
    """Return the address that people know, by that of the API.

    GitHub Enterprise Server has its API on the same host, github.com and ghe.com on another one.
    """
    if api_url.endswith("/api/v3"):
        return api_url.removesuffix("/api/v3")
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
