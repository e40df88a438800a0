"""The JSON in which GitHub's REST API tells of issues, and of pull requests as issues. Pure.

Shapes after GitHub's OpenAPI description, which the tests hold them against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from slackbot.demo.github.wire import GitHubWire, Json, node_id, sha

if TYPE_CHECKING:
    from datetime import datetime

    from slackbot.demo.company.repositories import Issue
    from slackbot.demo.company.tickets import Comment


class GitHubIssueWire(GitHubWire):
    """Writes issues, and the comments beneath them."""

    __slots__ = ()

    def issue(self, issue: Issue) -> Json:
        """Return an issue, or a pull request as the issue that it also is."""
        url = f"{self.url_of(issue.repository)}/issues/{issue.number}"
        page = self.page(issue)
        assignees = [self.user(login) for login in issue.assignees]
        body: Json = {
            "id": issue_id(issue),
            "node_id": node_id("I", issue_id(issue)),
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
            "state_reason": issue.reason,
            "locked": False,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "milestone": self._milestone(issue),
            "comments": len(issue.comments),
            "created_at": timestamp(issue.created),
            "updated_at": timestamp(issue.updated),
            "closed_at": _closed(issue),
            "author_association": "MEMBER",
            "body": issue.body,
        }
        if issue.change is not None:
            body["draft"] = issue.change.draft
            body["pull_request"] = {
                "url": f"{self.url_of(issue.repository)}/pulls/{issue.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": moment(issue.change.merged),
            }
        return body

    def comments(self, issue: Issue) -> list[Json]:
        """Return what was said beneath an issue or a pull request, the oldest first."""
        return [
            self._comment(issue, number, comment)
            for number, comment in enumerate(issue.comments, start=1)
        ]

    def page(self, issue: Issue) -> str:
        """Return the address of an issue for people."""
        kind = "issues" if issue.change is None else "pull"
        return f"{self.page_of(issue.repository)}/{kind}/{issue.number}"

    def _comment(self, issue: Issue, number: int, comment: Comment) -> Json:
        comment_id = issue_id(issue) * 100 + number
        return {
            "id": comment_id,
            "node_id": node_id("IC", comment_id),
            "url": f"{self.url_of(issue.repository)}/issues/comments/{comment_id}",
            "html_url": f"{self.page(issue)}#issuecomment-{comment_id}",
            "issue_url": f"{self.url_of(issue.repository)}/issues/{issue.number}",
            "user": self.user(comment.author),
            "body": comment.body,
            "created_at": timestamp(comment.at),
            "updated_at": timestamp(comment.at),
            "author_association": "MEMBER",
        }

    def _milestone(self, issue: Issue) -> Json | None:
        if issue.milestone is None:
            return None
        number = int(sha(issue.milestone)[:4], 16)
        url = f"{self.url_of(issue.repository)}/milestones/{number}"
        return {
            "url": url,
            "html_url": f"{self.page_of(issue.repository)}/milestone/{number}",
            "labels_url": f"{url}/labels",
            "id": number,
            "node_id": node_id("MI", number),
            "number": number,
            "state": "open",
            "title": issue.milestone,
            "description": None,
            "creator": self.user(issue.author),
            **dict.fromkeys(("open_issues", "closed_issues"), 1),
            **dict.fromkeys(("created_at", "updated_at"), timestamp(issue.created)),
            **dict.fromkeys(("closed_at", "due_on")),
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


def issue_id(issue: Issue) -> int:
    """Return the id of an issue, which all that stands beneath it has its ids from."""
    return issue.repository.id * 100_000 + issue.number * 10


def _closed(issue: Issue) -> str | None:
    return timestamp(issue.updated) if issue.state == "closed" else None


def moment(at: datetime | None) -> str | None:
    """Return a moment, or that there is none, as GitHub writes it."""
    return None if at is None else timestamp(at)


def timestamp(at: datetime) -> str:
    """Return a moment (in UTC) as GitHub writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
