"""The JSON in which GitHub's REST API tells of people, repositories and files. Pure.

Shapes after GitHub's OpenAPI description, which the tests hold them against.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slackbot.demo.company.repositories import Repository, SourceFile
    from slackbot.demo.github.search import Fragment

Json = dict[str, object]

BRANCH: Final = "main"

_SOME_DAY: Final = "2026-11-20T09:00:00Z"  # nobody asks when a repository was changed
_USER_PARTS: Final = (
    "events", "followers", "following", "gists", "received_events", "repos", "starred",
    "subscriptions",
)  # fmt: skip
_REPOSITORY_PARTS: Final = (
    "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare",
    "contents", "contributors", "deployments", "downloads", "events", "forks", "git_commits",
    "git_refs", "git_tags", "hooks", "issue_comment", "issue_events", "issues", "keys", "labels",
    "languages", "merges", "milestones", "notifications", "pulls", "releases", "stargazers",
    "statuses", "subscribers", "subscription", "tags", "teams", "trees",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GitHubWire:
    """Writes for one server: `site` is the address for people, `api` that of the API."""

    site: str
    api: str

    def user(self, login: str) -> Json:
        """Return a person, or an owner of repositories."""
        url = f"{self.api}/users/{login}"
        user_id = int(sha(login)[:6], 16)
        return {
            "login": login,
            "id": user_id,
            "node_id": node_id("U", user_id),
            "avatar_url": "",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.site}/{login}",
            **{f"{part}_url": f"{url}/{part}" for part in _USER_PARTS},
            "organizations_url": f"{url}/orgs",
            "type": "User",
            "site_admin": False,
        }

    def repository(self, repository: Repository) -> Json:
        """Return a repository, with as much as GitHub says of one that is read by itself."""
        page = self.page_of(repository)
        counts = ("forks", "open_issues", "watchers", "network", "stargazers", "subscribers")
        return {
            **self.minimal_repository(repository),
            **{f"{name}_count": 0 for name in counts},
            **dict.fromkeys(("forks", "open_issues", "watchers", "size"), 0),
            **dict.fromkeys(("has_issues", "has_downloads"), True),
            **dict.fromkeys(("has_projects", "has_wiki", "has_pages", "has_discussions"), False),
            **dict.fromkeys(("archived", "disabled"), False),
            **dict.fromkeys(("homepage", "license", "mirror_url")),
            **dict.fromkeys(("created_at", "updated_at", "pushed_at"), _SOME_DAY),
            "language": repository.language,
            "default_branch": BRANCH,
            "clone_url": f"{page}.git",
            "git_url": f"{page}.git",
            "ssh_url": f"{page}.git",
            "svn_url": page,
        }

    def minimal_repository(self, repository: Repository) -> Json:
        """Return a repository, as GitHub says where a file lies."""
        url = self.url_of(repository)
        owner, _, name = repository.name.partition("/")
        return {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": name,
            "full_name": repository.name,
            "owner": self.user(owner),
            "private": True,
            "description": repository.description,
            "fork": False,
            "url": url,
            "html_url": self.page_of(repository),
            **{f"{part}_url": f"{url}/{part.replace('_', '/')}" for part in _REPOSITORY_PARTS},
        }

    def file(self, file: SourceFile) -> Json:
        """Return a file with its content."""
        data = file.text.encode()
        return {
            **self._entry(file.repository, file.path, "blob", sha(file.text)),
            "type": "file",
            "size": len(data),
            "encoding": "base64",
            "content": base64.encodebytes(data).decode(),
        }

    def code_hit(self, file: SourceFile) -> Json:
        """Return a file as a search finds it."""
        blob = self._entry(file.repository, file.path, "blob", sha(file.text))
        return {**blob, "repository": self.minimal_repository(file.repository)}

    def commit_hit(self, repository: Repository) -> Json:
        """Return the last commit of the default branch as a search finds it."""
        commit = head_of(repository)
        url = f"{self.url_of(repository)}/git/commits/{commit}"
        owner, _, _ = repository.name.partition("/")
        signature = {"name": owner, "email": f"{owner}@parcelwick.example", "date": _SOME_DAY}
        return {
            "url": f"{self.url_of(repository)}/commits/{commit}",
            "sha": commit,
            "node_id": node_id("C", repository.id),
            "html_url": f"{self.page_of(repository)}/commit/{commit}",
            "comments_url": f"{self.url_of(repository)}/commits/{commit}/comments",
            "commit": {
                "author": signature,
                "committer": signature,
                "comment_count": 0,
                "message": "As it is now",
                "tree": {"sha": sha(commit), "url": f"{url}/tree"},
                "url": url,
            },
            "author": self.user(owner),
            "committer": signature,
            "parents": [],
            "repository": self.minimal_repository(repository),
        }

    def folder(self, repository: Repository, path: str, entries: Mapping[str, bool]) -> Json:
        """Return a folder; `entries` are the names in it, and whether each is a folder itself."""
        return {
            **self._entry(repository, path, "tree"),
            "type": "dir",
            "size": 0,
            "entries": [
                {
                    **self._entry(repository, f"{path}/{name}", "tree" if is_folder else "blob"),
                    "type": "dir" if is_folder else "file",
                    "size": 0,
                }
                for name, is_folder in entries.items()
            ],
        }

    def text_matches(self, fragments: Iterable[Fragment], address: object) -> list[Json]:
        """Return where the words were found."""
        return [
            {
                "object_url": address,
                "object_type": fragment.part.of,
                "property": fragment.part.property,
                "fragment": fragment.text,
                "matches": [
                    {"text": fragment.text[start:end], "indices": [start, end]}
                    for start, end in fragment.matches
                ],
            }
            for fragment in fragments
        ]

    def url_of(self, repository: Repository) -> str:
        """Return the address of a repository in the API."""
        return f"{self.api}/repos/{repository.name}"

    def page_of(self, repository: Repository) -> str:
        """Return the address of a repository for people."""
        return f"{self.site}/{repository.name}"

    def _entry(self, repository: Repository, path: str, kind: str, hashed: str = "") -> Json:
        """Return what a file (a blob) and a folder (a tree) have in common."""
        quoted, hashed = quote(path), hashed or sha(path)
        url = f"{self.url_of(repository)}/contents/{quoted}?ref={BRANCH}"
        page = f"{self.page_of(repository)}/{kind}/{BRANCH}/{quoted}"
        git = f"{self.url_of(repository)}/git/{kind}s/{hashed}"
        return {
            "name": PurePosixPath(path).name,
            "path": path,
            "sha": hashed,
            "url": url,
            "git_url": git,
            "html_url": page,
            "download_url": None,
            "_links": {"self": url, "git": git, "html": page},
        }


def node_id(kind: str, number: int) -> str:
    """Return an id of the kind that GraphQL uses."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def head_of(repository: Repository) -> str:
    """Return the hash of the last commit of a repository's default branch."""
    return sha(repository.name)


def sha(text: str) -> str:
    """Return a hash that looks like Git's."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
