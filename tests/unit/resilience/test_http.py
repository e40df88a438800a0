"""The client of one source, against servers that misbehave on real sockets."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from pydantic import BaseModel, ValidationError

from kit.loopback import serving
from slackbot.errors import (
    ConfigurationError,
    SourceError,
    SourceNotFound,
    SourceUnauthorized,
    SourceUnavailable,
)
from slackbot.resilience.body import MAX_BODY_BYTES, MAX_ENTRIES, Entries
from slackbot.resilience.http import (
    Credentials,
    RequestRejected,
    SourceClient,
    Timeouts,
)
from slackbot.resilience.http.client import MAX_CONNECTIONS
from slackbot.resilience.retry import Retrier, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECRET = Credentials.basic("bot@parcelwick.example", "s3cret")
FAST = Timeouts(connect=1, read=0.3, total=2)


class Answer(BaseModel):
    value: int


async def _no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


def client_of(origin: str, timeouts: Timeouts = FAST) -> SourceClient:
    retrier = Retrier(policy=RetryPolicy(attempts=3), sleep=_no_wait)
    return SourceClient("Wiki", origin, SECRET, timeouts=timeouts, retrier=retrier)


async def ask(handler: Handler, timeouts: Timeouts = FAST) -> Answer:
    """Ask a server that answers with the handler."""
    async with serving(handler) as origin:
        client = client_of(origin, timeouts)
        try:
            return await client.get("/thing", Answer)
        finally:
            await client.aclose()


def answering(status: int, text: str = "", **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return handler


@pytest.fixture(autouse=True)
def _dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever went through this proxy would fail."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


async def test_decodes_the_answer_below_the_base_path() -> None:
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"value": 7})

    async with serving(handler) as origin:
        client = client_of(f"{origin}/wiki/")
        assert await client.get("/thing", Answer, {"q": "a b", "n": 1}) == Answer(value=7)
        await client.aclose()
    assert seen[0].path == "/wiki/thing"
    assert dict(seen[0].query) == {"q": "a b", "n": "1"}
    assert seen[0].headers["Authorization"] == SECRET.authorization


async def test_keeps_the_connection_open_and_opens_a_new_one_after_closing() -> None:
    ports: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        return web.json_response({"value": 1})

    async with serving(handler) as origin:
        client = client_of(origin)
        await client.get("/thing", Answer)
        await client.get("/thing", Answer)
        await client.aclose()
        await client.aclose()
        await client.get("/thing", Answer)
        await client.aclose()
    assert ports[0] == ports[1] != ports[2]


async def test_many_first_requests_at_once_share_one_client() -> None:
    async with serving(answering(200, '{"value": 1}')) as origin:
        client = client_of(origin)
        answers = await asyncio.gather(*(client.get("/thing", Answer) for _ in range(20)))
        await client.aclose()
    assert {answer.value for answer in answers} == {1}


async def test_unpacks_gzip() -> None:
    async def handler(_request: web.Request) -> web.Response:
        packed = gzip.compress(b'{"value": 5}')
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert await ask(handler) == Answer(value=5)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RequestRejected),
        (422, RequestRejected),
        (401, SourceUnauthorized),
        (403, SourceNotFound),
        (404, SourceNotFound),
        (410, SourceUnavailable),
        (500, SourceUnavailable),
        (304, SourceUnavailable),
    ],
)
async def test_each_refusal_has_its_error_and_is_not_tried_again(
    status: int, error: type[SourceError]
) -> None:
    calls = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.Response(status=status)

    with pytest.raises(SourceError) as caught:
        await ask(handler)
    assert type(caught.value) is error
    assert calls == 1


async def test_forbidden_and_missing_are_told_in_the_same_words() -> None:
    texts = set()
    for status in (403, 404):
        with pytest.raises(SourceNotFound) as caught:
            await ask(answering(status))
        texts.add(str(caught.value))
    assert len(texts) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_passing_failures_are_tried_again(status: int) -> None:
    statuses = iter([status, status, 200])

    async def handler(_request: web.Request) -> web.Response:
        return web.json_response({"value": 1}, status=next(statuses))

    assert await ask(handler) == Answer(value=1)


async def test_a_failure_that_does_not_pass_is_named() -> None:
    with pytest.raises(SourceUnavailable, match="Wiki: status 503, after retries"):
        await ask(answering(503))


async def test_retry_after_is_obeyed() -> None:
    waits: list[float] = []
    statuses = iter([429, 200])

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def handler(_request: web.Request) -> web.Response:
        headers = {"Retry-After": "4"}
        return web.json_response({"value": 1}, status=next(statuses), headers=headers)

    async with serving(handler) as origin:
        retrier = Retrier(sleep=sleep, chance=lambda: 0.0)
        client = SourceClient("Wiki", origin, SECRET, retrier=retrier)
        await client.get("/thing", Answer)
        await client.aclose()
    assert waits == [4.0]


@pytest.mark.parametrize(
    ("headers", "text", "waits"),
    [
        ({"Retry-After": "4"}, "", [4.0]),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1005"}, "", [5.0]),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1100"}, "", None),
        ({}, "You have exceeded a secondary rate limit.", None),
    ],
    ids=["told in seconds", "told by reset", "too long to wait", "told in words"],
)
async def test_a_403_may_mean_too_many_requests(
    headers: dict[str, str], text: str, waits: list[float] | None
) -> None:
    """As GitHub says it; a wait beyond the deadline is given up at once."""
    now, slept = 1_000.0, list[float]()
    statuses = iter([403, 200])

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    async def handler(_request: web.Request) -> web.Response:
        status = next(statuses)
        told = headers if status == 403 else {}
        return web.json_response({"value": 1, "message": text}, status=status, headers=told)

    async with serving(handler) as origin:
        retrier = Retrier(sleep=sleep, chance=lambda: 0.0)
        client = SourceClient("Wiki", origin, SECRET, retrier=retrier, clock=lambda: now)
        if waits is None:
            with pytest.raises(SourceUnavailable, match="rate limited, after retries"):
                await client.get("/thing", Answer)
        else:
            assert await client.get("/thing", Answer) == Answer(value=1)
        await client.aclose()
    assert slept == (waits or [])


async def test_a_limit_that_is_used_up_is_not_asked_against_until_it_starts_anew() -> None:
    now, asked = 1_000.0, list[str]()

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1060"}
        return web.json_response({"value": 1}, headers=headers)

    async with serving(handler) as origin:
        client = SourceClient("Wiki", f"{origin}/v3", SECRET, clock=lambda: now)
        await client.get("/search/code", Answer)
        with pytest.raises(SourceUnavailable, match="rate limit is used up"):
            await client.get("/search/code", Answer)
        await client.get("/search/issues", Answer)
        now = 1_060.0
        await client.get("/search/code", Answer)
        await client.aclose()
    assert asked == ["/v3/search/code", "/v3/search/issues", "/v3/search/code"]


async def test_a_reset_that_lies_too_far_ahead_blocks_for_an_hour_only() -> None:
    """Such as milliseconds in the place of seconds."""
    now = 1_000.0

    async def handler(_request: web.Request) -> web.Response:
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000000000"}
        return web.json_response({"value": 1}, headers=headers)

    async with serving(handler) as origin:
        retrier = Retrier(policy=RetryPolicy(attempts=3), sleep=_no_wait)
        client = SourceClient("Wiki", origin, SECRET, retrier=retrier, clock=lambda: now)
        await client.get("/thing", Answer)
        now += 3_599
        with pytest.raises(SourceUnavailable, match="rate limit is used up"):
            await client.get("/thing", Answer)
        now += 2
        assert await client.get("/thing", Answer) == Answer(value=1)
        await client.aclose()


async def test_sends_the_headers_that_it_was_given_and_says_what_it_accepts() -> None:
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"value": 1})

    async with serving(handler) as origin:
        client = SourceClient("Wiki", origin, SECRET, headers={"X-Version": "7"})
        await client.get("/thing", Answer)
        await client.get("/thing", Answer, accept="application/vnd.wiki+json")
        await client.aclose()
    assert [request.headers["X-Version"] for request in seen] == ["7", "7"]
    accepted = [request.headers["Accept"] for request in seen]
    assert accepted == ["application/json", "application/vnd.wiki+json"]


async def test_a_connection_that_breaks_is_tried_again() -> None:
    calls = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"value": 3})

    assert await ask(handler) == Answer(value=3)


async def test_nobody_listening_is_unavailable() -> None:
    client = client_of("http://127.0.0.1:9")
    with pytest.raises(SourceUnavailable, match="ClientConnector"):
        await client.get("/thing", Answer)
    await client.aclose()


async def test_a_long_header_is_no_fault_and_an_endless_one_is() -> None:
    def policy(length: int) -> Handler:
        return answering(200, '{"value": 1}', **{"Content-Security-Policy": "x" * length})

    assert await ask(policy(20_000)) == Answer(value=1)
    with pytest.raises(SourceUnavailable):
        await ask(policy(200_000))


@pytest.mark.parametrize("path", ["/a/../b", "/a/%2e%2E/b", "/a/./b", "/..", "/a/.%2e"])
async def test_a_path_that_leads_upwards_is_never_asked_for(path: str) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"value": 1})

    async with serving(handler) as origin:
        client = client_of(origin)
        with pytest.raises(SourceNotFound):
            await client.get(path, Answer)
        assert await client.get("/a/%252e%252e/..b/c", Answer) == Answer(value=1)
        await client.aclose()
    assert asked == ["/a/%2e%2e/..b/c"]


async def test_who_asks_while_many_ask_waits_in_line() -> None:
    """GitHub refuses whoever asks more than a hundred at once."""
    open_now = most = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.02)
        open_now -= 1
        return web.json_response({"value": 1})

    async with serving(handler) as origin:
        client = client_of(origin)
        answers = await asyncio.gather(
            *(client.get("/thing", Answer) for _ in range(3 * MAX_CONNECTIONS))
        )
        await client.aclose()
    assert answers == [Answer(value=1)] * 3 * MAX_CONNECTIONS
    assert 1 < most <= MAX_CONNECTIONS < 100


async def test_follows_a_redirect_within_the_origin() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/thing":
            raise web.HTTPFound("/other?x=1")
        assert request.headers["Authorization"] == SECRET.authorization
        return web.json_response({"value": int(request.query["x"])})

    assert await ask(handler) == Answer(value=1)


async def test_a_redirect_loop_ends() -> None:
    calls = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        raise web.HTTPFound("/thing")

    with pytest.raises(SourceUnavailable, match="more than 3 times"):
        await ask(handler)
    assert calls == 4


async def test_another_origin_is_never_asked_and_never_given_credentials() -> None:
    asked: list[web.Request] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request)
        return web.json_response({"value": 666})

    async with serving(elsewhere) as other:
        port = other.rsplit(":", 1)[1]
        for location in (
            f"{other}/thing",
            f"//127.0.0.1:{port}/thing",
            f"http://user:pass@127.0.0.1:{port}/",
            f"http://localhost:{port}/",
            f"https://127.0.0.1:{port}/",
            f"http://[::1]:{port}/",
            "http://169.254.169.254/latest/meta-data/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "http://[",
            "http://127.0.0.1:99999/",
        ):
            with pytest.raises(SourceUnavailable):
                await ask(answering(302, Location=location))
    assert asked == []


async def test_a_body_beyond_the_cap_is_not_read_to_its_end() -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1600):
            await response.write(b" " * 65_536)
            sent += 65_536
        return response

    with pytest.raises(SourceUnavailable, match="longer than"):
        await ask(handler, Timeouts(read=5, total=10))
    assert sent < 4 * MAX_BODY_BYTES


async def test_a_packed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 100_000_000)

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handler) as origin:
        client = client_of(origin)
        tracemalloc.start()
        with pytest.raises(SourceUnavailable, match="longer than"):
            await client.get("/thing", Answer)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await client.aclose()
    assert peak < 64 * 1024 * 1024


async def test_what_follows_a_packed_body_is_not_kept() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(gzip.compress(b'{"value": 1}'))
        for _ in range(1600):
            await response.write(b"x" * 65_536)
        return response

    tracemalloc.start()
    with pytest.raises(SourceUnavailable, match="goes on behind its end"):
        await ask(handler, Timeouts(read=5, total=10))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


async def test_a_packed_body_of_nothing_ends_at_the_cap() -> None:
    nothing = b"\x00\x00\x00\xff\xff"  # an empty block that is stored as it is (RFC 1951, 3.2.4)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        await response.write(gzip.compress(b"")[:10])
        while True:
            await response.write(nothing * 100_000)

    with pytest.raises(SourceUnavailable, match="longer than"):
        await ask(handler, Timeouts(read=5, total=10))


class Several(BaseModel):
    values: Entries[Answer]


@pytest.mark.parametrize("entry", ["{}", "0", '{"value": 1}'])
async def test_a_list_without_end_holds_up_nobody(entry: str) -> None:
    """With an error kept for each of its entries, 5 MiB took 15 s and 3 GiB."""
    text = f'{{"values": [{",".join([entry] * (2 * MAX_ENTRIES))}]}}'
    async with serving(answering(200, text)) as origin:
        client = client_of(origin, Timeouts(read=30, total=60))
        with pytest.raises(SourceUnavailable, match="unreadable JSON"):
            await client.get("/thing", Several)
        await client.aclose()
    with pytest.raises(ValidationError) as caught:
        Several.model_validate_json(text)
    assert caught.value.error_count() == 1


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
async def test_other_codings_are_refused(coding: str) -> None:
    with pytest.raises(SourceUnavailable, match="not asked for"):
        await ask(answering(200, "{}", **{"Content-Encoding": coding}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>log in</html>",
        '{"value": "text"}',
        "[1]",
        '{"value": 1',
        "[" * 500_000,
        '{"value": ' + "9" * 100_000 + "}",
    ],
    ids=["empty", "html", "wrong type", "list", "cut", "nested", "huge number"],
)
async def test_an_unreadable_answer_is_unavailable_and_not_quoted(text: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        await ask(answering(200, text), Timeouts(read=5, total=5))
    assert "unreadable JSON" in str(caught.value)
    assert caught.value.__cause__ is None


async def test_broken_gzip_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable):
        await ask(answering(200, "no gzip", **{"Content-Encoding": "gzip"}))


async def test_a_hang_ends_at_the_read_timeout_and_is_not_tried_again() -> None:
    calls = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        await asyncio.sleep(30)
        return web.Response()

    with pytest.raises(SourceUnavailable, match="too long"):
        await ask(handler, Timeouts(connect=30, read=0.1, total=30))
    assert calls == 1


async def test_a_drip_ends_at_the_total_timeout() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    with pytest.raises(SourceUnavailable, match="too long"):
        await ask(handler, Timeouts(read=5, total=0.4))


async def test_cancelling_passes_through() -> None:
    async def handler(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    task = asyncio.create_task(ask(handler, Timeouts(read=30, total=30)))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wiki.example.com",
        "ftp://wiki.example.com",
        "https://",
        "https://user:secret@wiki.example.com",
        "https://wiki.example.com?x=secret",
        "https://wiki.example.com#secret",
        "http://wiki.example.com:secret",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SourceClient("Wiki", address, SECRET)
    assert "secret" not in str(caught.value)


def test_credentials_do_not_show() -> None:
    assert "s3cret" not in repr(SECRET)
    assert SECRET.authorization == "Basic Ym90QHBhcmNlbHdpY2suZXhhbXBsZTpzM2NyZXQ="
    assert Credentials.bearer("t").authorization == "Bearer t"


@pytest.mark.parametrize(
    ("host", "through_proxy"),
    [
        ("http://127.0.0.1", False),
        ("http://[::1]", False),
        ("http://localhost", False),
        ("http://wiki.localhost", False),
        ("http://wiki.example.com", True),
        ("http://10.1.2.3", True),
    ],
)
async def test_proxies_are_for_other_machines_only(host: str, through_proxy: bool) -> None:
    """The proxy of the environment is dead, so whoever uses it cannot connect to port 9 there."""
    asked: list[str] = []

    async def proxy(request: web.Request) -> web.Response:
        asked.append(request.headers["Host"])
        return web.json_response({"value": 1})

    async with serving(proxy) as origin:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("http_proxy", origin)
            client = client_of(f"{host}:9")
            if through_proxy:
                assert await client.get("/thing", Answer) == Answer(value=1)
            else:
                with pytest.raises(SourceUnavailable, match="ClientConnector"):
                    await client.get("/thing", Answer)
            await client.aclose()
    assert bool(asked) is through_proxy
