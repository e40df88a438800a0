"""What whoever watches the bot gets over HTTP."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from slackbot.errors import ConfigurationError
from slackbot.ops.endpoint import serving
from slackbot.ops.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def endpoint(
    *missing: str, host: str = "127.0.0.1", port: int = 0, metrics: Metrics | None = None
) -> AsyncIterator[str]:
    """Serve; yield the address."""
    render = (metrics or Metrics()).render
    async with serving(host, port, missing=lambda: missing, metrics=render) as opened:
        yield f"http://127.0.0.1:{opened}"


async def get(url: str, method: str = "GET") -> tuple[int, str, str]:
    """Return status, type and text of an answer."""
    async with aiohttp.ClientSession() as session, session.request(method, url) as response:
        return response.status, response.headers["Content-Type"], await response.text()


async def test_a_bot_that_answers_lives() -> None:
    async with endpoint("socket") as address:
        assert (await get(f"{address}/healthz"))[::2] == (200, "ok\n")


@pytest.mark.parametrize(
    ("missing", "status"), [((), 200), (("token", "socket"), 503), (("socket",), 503)]
)
async def test_readiness_names_what_is_missing(missing: tuple[str, ...], status: int) -> None:
    async with endpoint(*missing) as address:
        answered, kind, body = await get(f"{address}/readyz")
    assert (answered, kind) == (status, "application/json; charset=utf-8")
    assert json.loads(body) == {"ready": not missing, "missing": sorted(missing)}


async def test_prometheus_reads_the_metrics() -> None:
    metrics = Metrics()
    metrics.connection("Confluence", works=False)
    async with endpoint(metrics=metrics) as address:
        status, kind, body = await get(f"{address}/metrics")
    assert status == 200
    assert kind.startswith("text/plain; version=")
    (up,) = (
        family.samples
        for family in text_string_to_metric_families(body)
        if family.name == "slackbot_connection_up"
    )
    assert [(sample.labels, sample.value) for sample in up] == [({"connection": "Confluence"}, 0)]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/metrics/.."), ("POST", "/readyz")]
)
async def test_nothing_else_is_answered(method: str, path: str) -> None:
    async with endpoint() as address:
        assert (await get(f"{address}{path}", method))[0] in (404, 405)


async def test_a_port_that_is_taken_says_which_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match="HTTP_PORT is taken") as caught:
            async with endpoint(port=port):
                raise AssertionError("opened")
    assert str(port) not in str(caught.value)


async def test_a_port_that_may_not_be_opened_says_which_setting_to_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether this user may open low ports depends on the machine: the refusal is the system's."""

    async def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_server", refuse)
    with pytest.raises(ConfigurationError, match="HTTP_PORT may not be opened by this user"):
        async with endpoint(port=80):
            raise AssertionError("opened")


@pytest.mark.parametrize("host", ["192.0.2.1", "no host", 64 * "x"])
async def test_an_address_of_another_machine_says_which_setting_to_change(host: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTP_HOST is no address of this machine"):
        async with endpoint(host=host):
            raise AssertionError("opened")


async def test_the_port_is_free_again_afterwards() -> None:
    async with endpoint() as address:
        port = int(address.rpartition(":")[2])
        assert (await get(f"{address}/healthz"))[0] == 200
    async with endpoint(port=port) as again:
        assert again == address
