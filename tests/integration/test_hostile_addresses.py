"""S12: no tool asks an address that a model gives it, and no source can send us to another one.

What counts is the socket: which addresses were connected to, and which names were looked up.
"""

from __future__ import annotations

import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from pydantic import BaseModel

from kit.loopback import serving
from localslack import LocalSlack, Workspace
from slackbot.config import demo_settings
from slackbot.demo.company.repositories import OPEN_REPOSITORIES
from slackbot.demo.sites import serve_sites
from slackbot.errors import SourceError
from slackbot.plug_ins.sources import load_sources, tools_of
from slackbot.resilience.http import Credentials, SourceClient
from slackbot.resilience.retry import Retrier, RetryPolicy
from slackbot.slack.gateway import SlackGateway, web_client
from slackbot.slack.history import SlackHistorySource
from slackbot.slack.people import SlackPeople
from slackbot.tools import RunContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from slackbot.tools import Tool, ToolSpec

HOSTILE = (
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://localhost:2375/containers/json",
    "http://127.0.0.1:22/",
    "http://127.1/",
    "http://0.0.0.0:9200/",
    "http://0/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://[::1]:6379/",
    "http://[::ffff:127.0.0.1]:6379/",
    "http://10.0.0.1/admin",
    "http://192.168.0.1/",
    "http://evil.example/steal?x=1",
    "https://evil.example:8443/",
    "//evil.example/",
    "///evil.example/",
    "\\\\evil.example\\share",
    "https:evil.example",
    "http://{own}@evil.example/",
    "http://{own}.evil.example/",
    "http://evil.example#@{own}/",
    "http://evil.example\\@{own}/",
    "http://{own}/\r\nHost: evil.example\r\n\r\n",
    "http://ⓔⓥⓘⓛ.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
)
PLAUSIBLE: Mapping[str, object] = {
    "keywords": "payments", "page_id": "1001", "key": "PAY-312", "number": 1,
    "repo": OPEN_REPOSITORIES[0], "path": "README.md", "kind": "both",
}  # fmt: skip


class Sockets:
    """Where this process connects to, and what it looks up."""

    def __init__(self) -> None:
        self.connected: set[tuple[str, int]] = set()
        self.looked_up: set[str] = set()


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Sockets:
    seen = Sockets()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        seen.connected.add(address[:2])
        connect(self, address)

    def looking_up(host: Any, *more: Any, **named: Any) -> Any:
        seen.looked_up.add(str(host))
        return look_up(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    return seen


@asynccontextmanager
async def every_tool() -> AsyncIterator[tuple[list[Tool], set[tuple[str, int]], RunContext]]:
    """Open all sources; yield their tools, the addresses that are theirs, and somebody who asks."""
    workspace = Workspace("Parcelwick")
    ana = workspace.add_person("ana")
    app = workspace.add_app("slackbot")
    channel = workspace.add_channel("general", ["ana", "slackbot"])
    async with AsyncExitStack() as stack:
        sites = await stack.enter_async_context(serve_sites())
        slack = await stack.enter_async_context(LocalSlack(workspace))
        client = await stack.enter_async_context(web_client(app.bot_token, slack.api_url))
        gateway = SlackGateway(client)
        history = SlackHistorySource(
            gateway, await gateway.auth_test(), SlackPeople(gateway), ["*"]
        )
        tokens = {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
        }
        loaded = list(load_sources(demo_settings({**tokens, **sites}, {}, None)))
        for one in loaded:
            stack.push_async_callback(one.close)
        addresses = {
            (address.hostname or "", address.port or 0)
            for address in map(urlsplit, (slack.api_url, *sites.values()))
            if address.scheme == "http"
        }
        context = RunContext(
            run_id="r", team=workspace.team_id, channel=channel.id, thread_ts="1.0",
            asker=ana.id, deadline=time.time() + 600,
        )  # fmt: skip
        yield list(tools_of([*(one.source for one in loaded), history], 20)), addresses, context


def attempts(spec: ToolSpec, hostile: str) -> Iterator[dict[str, object]]:
    """Put an address in the place of each text that a tool takes; of a search's, in all at once."""
    schema: Any = spec.input_schema
    fields = {name: _filled(field, hostile) for name, field in schema["properties"].items()}
    texts = {name: value for name, value in fields.items() if value is not None}
    needed = {name: PLAUSIBLE[name] for name in schema.get("required", ()) if name in PLAUSIBLE}
    if spec.name.startswith("search_"):
        yield {**needed, **texts}
        yield {**needed, "keywords": hostile}
    else:
        yield from ({**needed, name: value} for name, value in texts.items())


def _filled(field: Mapping[str, Any], hostile: str) -> object:
    """Return a value for a field that holds the address, if it takes any text."""
    if field.get("type") == "array":
        inner = _filled(field["items"], hostile)
        return None if inner is None else [inner]
    takes_any_text = field.get("type") == "string" and not field.keys() & {"enum", "format"}
    return hostile if takes_any_text else None


@pytest.mark.usefixtures("unmeasured")
async def test_no_tool_asks_an_address_that_a_model_gives_it(sockets: Sockets) -> None:
    assert len(HOSTILE) == 30
    async with every_tool() as (tools, own, context):
        host, port = next(iter(own))
        made = 0
        for template in HOSTILE:
            hostile = template.replace("{own}", f"{host}:{port}")
            for tool in tools:
                for arguments in attempts(tool.spec, hostile):
                    made += 1
                    try:
                        await tool.run(arguments, context)
                    except SourceError:
                        continue
    assert {tool.spec.source for tool in tools} == {"Confluence", "Jira", "GitHub", "Slack", ""}
    assert made > len(HOSTILE) * len(tools)
    assert sockets.connected == own
    assert sockets.looked_up <= {"127.0.0.1"}


class Answer(BaseModel):
    value: int


async def test_no_redirect_leads_anywhere_else(sockets: Sockets) -> None:
    """Some of these are paths of the source's own, to which it may lead."""
    location = ""

    async def redirect(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    async with serving(redirect) as origin:
        own = urlsplit(origin)
        retrier = Retrier(policy=RetryPolicy(attempts=1))
        client = SourceClient("Wiki", origin, Credentials.bearer("s3cret"), retrier=retrier)
        for template in HOSTILE:
            location = template.replace("{own}", own.netloc).replace("\r\n", "%0d%0a")
            with pytest.raises(SourceError):
                await client.get("/thing", Answer)
            assert client.breaker.state == "closed", "it would not be asked any more"
        await client.aclose()
    assert sockets.connected == {(own.hostname, own.port)}
    assert sockets.looked_up <= {"127.0.0.1"}
