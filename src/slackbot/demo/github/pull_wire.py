"""The JSON in which GitHub's REST API tells of pull requests. Pure.

Shapes after GitHub's OpenAPI description, which the tests hold them against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from slackbot.demo.github.issue_wire import GitHubIssueWire, issue_id, moment, timestamp
from slackbot.demo.github.wire import BRANCH, Json, head_of, node_id, sha

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slackbot.demo.company.repositories import (
        Change,
        ChangedFile,
        Issue,
        Remark,
        Repository,
        Review,
    )


class GitHubPullWire(GitHubIssueWire):
    """Writes pull requests, their reviews, and what they change."""

    __slots__ = ()

    def pull(self, issue: Issue, change: Change) -> Json:
        """Return a pull request."""
        url = f"{self.url_of(issue.repository)}/pulls/{issue.number}"
        page, head = self.page(issue), _head(issue)
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
                         "milestone", "assignee", "assignees", "created_at", "updated_at",
                         "closed_at", "comments", "author_association")
        }  # fmt: skip
        return {
            **shared,
            **{f"{name}_url": address for name, address in addresses.items()},
            "id": issue_id(issue) + 1,
            "node_id": node_id("PR", issue_id(issue)),
            "url": url,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": as_issue["url"],
            "merged": change.merged is not None,
            "merged_at": moment(change.merged),
            "merged_by": None if change.merged is None else as_issue["user"],
            "merge_commit_sha": None if change.merged is None else sha(f"merge of {head}"),
            "mergeable": None,
            "mergeable_state": "unknown",
            "maintainer_can_modify": False,
            "auto_merge": None,
            "draft": change.draft,
            "review_comments": sum(len(review.remarks) for review in change.reviews),
            "commits": 1,
            "additions": additions,
            "deletions": deletions,
            "changed_files": len(change.files),
            "head": self._end(issue, change.branch, head),
            "base": self._end(issue, BRANCH, head_of(issue.repository)),
            "_links": {name: {"href": address} for name, address in links.items()},
        }

    def reviews(self, issue: Issue, change: Change) -> list[Json]:
        """Return the reviews of a pull request, the oldest first."""
        return [
            self._review(issue, number, review)
            for number, review in enumerate(change.reviews, start=1)
        ]

    def remarks(self, issue: Issue, change: Change) -> list[Json]:
        """Return what reviewers said of lines, the oldest first."""
        return [
            self._remark(issue, number, review, remark)
            for number, review in enumerate(change.reviews, start=1)
            for remark in review.remarks
        ]

    def changed_files(self, issue: Issue, change: Change) -> list[Json]:
        """Return the files that a pull request changes."""
        return [self._changed_file(issue.repository, file) for file in change.files]

    def _review(self, issue: Issue, number: int, review: Review) -> Json:
        review_id = _review_id(issue, number)
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
            "submitted_at": timestamp(review.at),
            "commit_id": _head(issue),
            "author_association": "MEMBER",
        }

    def _remark(self, issue: Issue, number: int, review: Review, remark: Remark) -> Json:
        remark_id = int(sha(f"{_review_id(issue, number)} {remark}")[:8], 16)
        url = f"{self.url_of(issue.repository)}/pulls/comments/{remark_id}"
        page = f"{self.page(issue)}#discussion_r{remark_id}"
        pull = f"{self.url_of(issue.repository)}/pulls/{issue.number}"
        return {
            "url": url,
            "id": remark_id,
            "node_id": node_id("PRRC", remark_id),
            "pull_request_review_id": _review_id(issue, number),
            "diff_hunk": "@@",
            "path": remark.path,
            "line": remark.line,
            "original_line": remark.line,
            "side": "RIGHT",
            "subject_type": "line",
            "commit_id": _head(issue),
            "original_commit_id": _head(issue),
            "user": self.user(review.author),
            "body": remark.body,
            "created_at": timestamp(review.at),
            "updated_at": timestamp(review.at),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": "MEMBER",
            "_links": {
                "self": {"href": url},
                "html": {"href": page},
                "pull_request": {"href": pull},
            },
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
            **({} if file.previous is None else {"previous_filename": file.previous}),
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


def _head(issue: Issue) -> str:
    """Return the hash of the last commit of a pull request."""
    return sha(f"{issue.repository.name}#{issue.number}")


def _review_id(issue: Issue, number: int) -> int:
    return issue_id(issue) * 100 + number


def _changed_lines(files: Iterable[ChangedFile]) -> tuple[int, int]:
    """Return how many lines were added, and how many were taken away."""
    lines = [line for file in files for line in file.patch.splitlines()]
    return (
        sum(line.startswith("+") for line in lines),
        sum(line.startswith("-") for line in lines),
    )
