"""A small GitHub on loopback with the sample company's issues, pull requests and code.

Its API lies where GitHub Enterprise Server has it, beneath `/api/v3`, beside the pages for people.
The token sees every repository: which of them a bot may show is for the bot to check.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aiohttp import web

from slackbot.demo.github.documents import commit_document, file_document, issue_document
from slackbot.demo.github.issue_page import issue_page
from slackbot.demo.github.limits import RateLimits, resource_of
from slackbot.demo.github.paging import page_of
from slackbot.demo.github.pull_wire import GitHubPullWire
from slackbot.demo.github.query import QueryError
from slackbot.demo.github.search import SearchIndex
from slackbot.demo.github.wire import BRANCH, head_of
from slackbot.demo.listening import Listener, is_signed_in
from slackbot.demo.reading_page import reading_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from slackbot.demo.company.repositories import Change, Issue, SourceFile
    from slackbot.demo.github.wire import Json

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_API: Final = "/api/v3"
_REFS: Final = frozenset({"", "HEAD", BRANCH, f"refs/heads/{BRANCH}"})


class GitHubServer:
    """Serves issues and files on 127.0.0.1 to one account, known by its token.

    `limits` are GitHub's rate limits by resource, see `RateLimits`. With `kinds_apart`, no search
    finds issues and pull requests together. `clock` is in seconds since the epoch.
    """

    def __init__(
        self,
        issues: Iterable[Issue],
        files: Iterable[SourceFile],
        *,
        token: str,
        limits: Mapping[str, int] | None = None,
        kinds_apart: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issues = {_key(one.repository.name, "#", one.number): one for one in issues}
        self._files = {_key(one.repository.name, ":", one.path): one for one in files}
        repositories = [one.repository for one in self._issues.values()]
        repositories += [one.repository for one in self._files.values()]
        self._repositories = {one.name.lower(): one for one in repositories}
        self._issue_index = SearchIndex(
            {key: issue_document(issue) for key, issue in self._issues.items()},
            self._repositories,
            kind="issues",
            apart=kinds_apart,
        )
        self._code_index = SearchIndex(
            {key: file_document(file) for key, file in self._files.items()},
            self._repositories,
            kind="code",
        )
        self._commit_index = SearchIndex(
            {key: commit_document(one) for key, one in self._repositories.items()},
            self._repositories,
            kind="commits",
        )
        self._authorization = f"Bearer {token}"
        self._limits = RateLimits(limits or {}, clock)
        self._wire = GitHubPullWire("", "")
        self._listener = Listener()

    async def start(self, port: int = 0) -> str:
        """Listen, on a free port if none is given; return the address of the API."""
        app = web.Application(middlewares=[self._guard])
        repository = r"/repos/{owner}/{name}"
        for path, handler in {
            "/meta": self._meta,
            "/search/issues": self._search_issues,
            "/search/code": self._search_code,
            "/search/commits": self._search_commits,
            repository: self._repository,
            f"{repository}/issues/{{number}}": self._issue,
            f"{repository}/issues/{{number}}/comments": self._comments,
            f"{repository}/pulls/{{number}}": self._pull,
            f"{repository}/pulls/{{number}}/reviews": self._reviews,
            f"{repository}/pulls/{{number}}/comments": self._remarks,
            f"{repository}/pulls/{{number}}/files": self._changed_files,
            f"{repository}/contents/{{path:.+}}": self._contents,
        }.items():
            app.router.add_get(f"{_API}{path}", handler)
        app.router.add_get(r"/{owner}/{name}/{kind:issues|pull}/{number}", self._issue_page)
        app.router.add_get(r"/{owner}/{name}/blob/{ref}/{path:.+}", self._file_page)
        site = await self._listener.start(app, port)
        self._wire = GitHubPullWire(site, f"{site}{_API}")
        return self._wire.api

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._listener.stop()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may: for the API with the token, and not more often than the limits say."""
        if not request.path.startswith(f"{_API}/"):
            return await handler(request)
        if not is_signed_in(request, self._authorization):
            return _error(401, "Bad credentials")
        spent = self._limits.spend(resource_of(request.path))
        if not spent.within:
            response: web.StreamResponse = _error(403, "API rate limit exceeded for the user.")
        else:
            try:
                response = await handler(request)
            except web.HTTPNotFound:
                response = _error(404, "Not Found")
        response.headers.update(spent.headers)
        return response

    async def _meta(self, _request: web.Request) -> web.Response:
        return web.json_response({"verifiable_password_authentication": True})

    async def _search_issues(self, request: web.Request) -> web.Response:
        def told(key: str) -> Json:
            return self._wire.issue(self._issues[key])

        return self._found(request, self._issue_index, told, {"search_type": "lexical"})

    async def _search_code(self, request: web.Request) -> web.Response:
        def told(key: str) -> Json:
            return self._wire.code_hit(self._files[key])

        return self._found(request, self._code_index, told, {})

    async def _search_commits(self, request: web.Request) -> web.Response:
        def told(key: str) -> Json:
            return self._wire.commit_hit(self._repositories[key])

        return self._found(request, self._commit_index, told, {})

    def _found(
        self, request: web.Request, index: SearchIndex, told: Callable[[str], Json], more: Json
    ) -> web.Response:
        """Answer a search; `told` writes a hit, `more` goes beside the hits."""
        query = request.query.get("q", "")
        try:
            found = index.search(query)
        except QueryError as error:
            problem = {"resource": "Search", "field": "q", "code": "invalid", "message": str(error)}
            return _error(422, "Validation Failed", errors=[problem])
        items: list[Json] = []
        for key, score in page_of(request, found):
            item = {**told(key), "score": score}
            if "text-match" in request.headers.get("Accept", ""):
                fragments = index.fragments(key, query)
                item["text_matches"] = self._wire.text_matches(fragments, item["url"])
            items.append(item)
        body = {"total_count": len(found), "incomplete_results": False, "items": items}
        return web.json_response({**body, **more})

    async def _repository(self, request: web.Request) -> web.Response:
        name = _name_in(request).lower()
        if name not in self._repositories:
            raise web.HTTPNotFound
        return web.json_response(self._wire.repository(self._repositories[name]))

    async def _issue(self, request: web.Request) -> web.Response:
        return web.json_response(self._wire.issue(self._issue_in(request)))

    async def _comments(self, request: web.Request) -> web.Response:
        comments = self._wire.comments(self._issue_in(request))
        return web.json_response(page_of(request, comments))

    async def _pull(self, request: web.Request) -> web.Response:
        return web.json_response(self._wire.pull(*self._pull_in(request)))

    async def _reviews(self, request: web.Request) -> web.Response:
        reviews = self._wire.reviews(*self._pull_in(request))
        return web.json_response(page_of(request, reviews))

    async def _remarks(self, request: web.Request) -> web.Response:
        remarks = self._wire.remarks(*self._pull_in(request))
        if request.query.get("direction") == "desc":
            remarks.reverse()
        return web.json_response(page_of(request, remarks))

    async def _changed_files(self, request: web.Request) -> web.Response:
        files = self._wire.changed_files(*self._pull_in(request))
        return web.json_response(page_of(request, files))

    async def _contents(self, request: web.Request) -> web.Response:
        name, path = _name_in(request).lower(), request.match_info["path"]
        repository = self._repositories.get(name)
        if repository is None:
            raise web.HTTPNotFound
        if request.query.get("ref", "") not in {*_REFS, head_of(repository)}:
            return _error(404, "No commit found for the ref")
        if file := self._files.get(_key(name, ":", path)):
            if "raw" in request.headers.get("Accept", ""):
                return web.Response(text=file.text, content_type="application/vnd.github.raw+json")
            return web.json_response(self._wire.file(file))
        entries = self._entries(name, path)
        if not entries:
            raise web.HTTPNotFound
        folder = self._wire.folder(repository, path, entries)
        as_object = "object" in request.headers.get("Accept", "")
        return web.json_response(folder if as_object else folder["entries"])

    def _entries(self, name: str, path: str) -> dict[str, bool]:
        """Return the names in a folder, and whether each is a folder itself."""
        folder = _key(name, ":", f"{path}/")
        inside = [key.removeprefix(folder) for key in self._files if key.startswith(folder)]
        return {one.partition("/")[0]: "/" in one for one in inside}

    async def _issue_page(self, request: web.Request) -> web.Response:
        issue = self._issue_in(request)
        if issue.repository.closed:
            raise web.HTTPNotFound
        return issue_page(issue)

    async def _file_page(self, request: web.Request) -> web.Response:
        file = self._file_in(request)
        if file.repository.closed or request.match_info["ref"] not in _REFS:
            raise web.HTTPNotFound
        return reading_page(file.path, file.repository.name, file.text)

    def _issue_in(self, request: web.Request) -> Issue:
        issue = self._issues.get(_key(_name_in(request), "#", request.match_info["number"]))
        if issue is None:
            raise web.HTTPNotFound
        return issue

    def _pull_in(self, request: web.Request) -> tuple[Issue, Change]:
        issue = self._issue_in(request)
        if issue.change is None:
            raise web.HTTPNotFound
        return issue, issue.change

    def _file_in(self, request: web.Request) -> SourceFile:
        file = self._files.get(_key(_name_in(request), ":", request.match_info["path"]))
        if file is None:
            raise web.HTTPNotFound
        return file


def _key(name: str, mark: str, within: str | int) -> str:
    """Return under which key something of a repository is kept; names ignore case, paths do not."""
    return f"{name.lower()}{mark}{within}"


def _name_in(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"


def _error(status: int, message: str, **more: object) -> web.Response:
    documentation = "https://docs.github.com/rest"
    body = {"message": message, "documentation_url": documentation, "status": str(status), **more}
    return web.json_response(body, status=status)
