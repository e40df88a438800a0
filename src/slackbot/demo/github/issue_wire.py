"""The JSON in which GitHub's REST API tells of issues and pull requests. Pure.

Shapes after GitHub's OpenAPI description, which the tests hold them against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from slackbot.demo.github.wire import BRANCH, GitHubWire, Json, node_id, sha

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from slackbot.demo.company.repositories import Change, ChangedFile, Issue, Repository, Review
    from slackbot.demo.company.tickets import Comment


class GitHubIssueWire(GitHubWire):
    """Writes issues and pull requests, and what stands beneath them."""

    __slots__ = ()

    def issue(self, issue: Issue) -> Json:
        """Return an issue, or a pull request as the issue that it also is."""
        url = f"{self.url_of(issue.repository)}/issues/{issue.number}"
        page = self.page(issue)
        body: Json = {
            "id": _issue_id(issue),
            "node_id": node_id("I", _issue_id(issue)),
            "url": url,
            "repository_url": self.url_of(issue.repository),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": page,
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.author),
            "labels": self._labels(issue),
            "state": issue.state,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": _timestamp(issue.created),
            "updated_at": _timestamp(issue.updated),
            "closed_at": _closed(issue),
            "author_association": "MEMBER",
            "body": issue.body,
        }
        if issue.change is not None:
            body["pull_request"] = {
                "url": f"{self.url_of(issue.repository)}/pulls/{issue.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": _moment(issue.change.merged),
            }
        return body

    def comments(self, issue: Issue) -> list[Json]:
        """Return what was said beneath an issue or a pull request, the oldest first."""
        return [
            self._comment(issue, number, comment)
            for number, comment in enumerate(issue.comments, start=1)
        ]

    def pull(self, issue: Issue, change: Change) -> Json:
        """Return a pull request."""
        url = f"{self.url_of(issue.repository)}/pulls/{issue.number}"
        page, head = self.page(issue), sha(f"{issue.repository.name}#{issue.number}")
        as_issue = self.issue(issue)
        additions, deletions = _changed_lines(change.files)
        addresses = {
            "comments": as_issue["comments_url"],
            "commits": f"{url}/commits",
            "statuses": f"{self.url_of(issue.repository)}/statuses/{head}",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.url_of(issue.repository)}/pulls/comments{{/number}}",
        }
        links = {**addresses, "self": url, "html": page, "issue": as_issue["url"]}
        shared = {
            name: as_issue[name]
            for name in ("number", "state", "locked", "title", "user", "body", "labels",
                         "milestone", "assignee", "created_at", "updated_at", "closed_at",
                         "comments", "author_association")
        }  # fmt: skip
        return {
            **shared,
            **{f"{name}_url": address for name, address in addresses.items()},
            "id": _issue_id(issue) + 1,
            "node_id": node_id("PR", _issue_id(issue)),
            "url": url,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": as_issue["url"],
            "merged": change.merged is not None,
            "merged_at": _moment(change.merged),
            "merged_by": None if change.merged is None else as_issue["user"],
            "merge_commit_sha": None if change.merged is None else sha(f"merge of {head}"),
            "mergeable": None,
            "mergeable_state": "unknown",
            "maintainer_can_modify": False,
            "auto_merge": None,
            "draft": False,
            "review_comments": 0,
            "commits": 1,
            "additions": additions,
            "deletions": deletions,
            "changed_files": len(change.files),
            "head": self._end(issue, change.branch, head),
            "base": self._end(issue, BRANCH, sha(issue.repository.name)),
            "_links": {name: {"href": address} for name, address in links.items()},
        }

    def reviews(self, issue: Issue, change: Change) -> list[Json]:
        """Return the reviews of a pull request, the oldest first."""
        return [
            self._review(issue, number, review)
            for number, review in enumerate(change.reviews, start=1)
        ]

    def changed_files(self, issue: Issue, change: Change) -> list[Json]:
        """Return the files that a pull request changes."""
        return [self._changed_file(issue.repository, file) for file in change.files]

    def page(self, issue: Issue) -> str:
        """Return the address of an issue for people."""
        kind = "issues" if issue.change is None else "pull"
        return f"{self.page_of(issue.repository)}/{kind}/{issue.number}"

    def _comment(self, issue: Issue, number: int, comment: Comment) -> Json:
        comment_id = _issue_id(issue) * 100 + number
        return {
            "id": comment_id,
            "node_id": node_id("IC", comment_id),
            "url": f"{self.url_of(issue.repository)}/issues/comments/{comment_id}",
            "html_url": f"{self.page(issue)}#issuecomment-{comment_id}",
            "issue_url": f"{self.url_of(issue.repository)}/issues/{issue.number}",
            "user": self.user(comment.author),
            "body": comment.body,
            "created_at": _timestamp(comment.at),
            "updated_at": _timestamp(comment.at),
            "author_association": "MEMBER",
        }

    def _review(self, issue: Issue, number: int, review: Review) -> Json:
        review_id = _issue_id(issue) * 100 + number
        page = f"{self.page(issue)}#pullrequestreview-{review_id}"
        pull = f"{self.url_of(issue.repository)}/pulls/{issue.number}"
        return {
            "id": review_id,
            "node_id": node_id("PRR", review_id),
            "user": self.user(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": pull,
            "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
            "submitted_at": _timestamp(review.at),
            "commit_id": sha(f"{issue.repository.name}#{issue.number}"),
            "author_association": "MEMBER",
        }

    def _changed_file(self, repository: Repository, file: ChangedFile) -> Json:
        additions, deletions = _changed_lines([file])
        path = quote(file.path)
        return {
            "sha": sha(file.patch),
            "filename": file.path,
            "status": file.status,
            "additions": additions,
            "deletions": deletions,
            "changes": additions + deletions,
            "blob_url": f"{self.page_of(repository)}/blob/{BRANCH}/{path}",
            "raw_url": f"{self.page_of(repository)}/raw/{BRANCH}/{path}",
            "contents_url": f"{self.url_of(repository)}/contents/{path}?ref={BRANCH}",
            "patch": file.patch,
        }

    def _end(self, issue: Issue, branch: str, sha: str) -> Json:
        owner = issue.repository.name.partition("/")[0]
        return {
            "label": f"{owner}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.user(owner),
            "repo": self.repository(issue.repository),
        }

    def _labels(self, issue: Issue) -> list[Json]:
        url = f"{self.url_of(issue.repository)}/labels"
        return [
            {
                "id": int(sha(label)[:8], 16),
                "node_id": node_id("LA", int(sha(label)[:8], 16)),
                "url": f"{url}/{quote(label)}",
                "name": label,
                "description": None,
                "color": sha(label)[:6],
                "default": False,
            }
            for label in issue.labels
        ]


def _issue_id(issue: Issue) -> int:
    return issue.repository.id * 100_000 + issue.number * 10


def _closed(issue: Issue) -> str | None:
    return _timestamp(issue.updated) if issue.state == "closed" else None


def _changed_lines(files: Iterable[ChangedFile]) -> tuple[int, int]:
    """Return how many lines were added, and how many were taken away."""
    lines = [line for file in files for line in file.patch.splitlines()]
    return (
        sum(line.startswith("+") for line in lines),
        sum(line.startswith("-") for line in lines),
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else _timestamp(moment)


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
