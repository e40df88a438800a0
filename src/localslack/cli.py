"""The command line: a workspace by itself, for whoever writes a bot."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from typing import TYPE_CHECKING

from localslack.browser import open_browser
from localslack.server import LocalSlack
from localslack.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localslack.model import App

EXIT_OK = 0
EXIT_MISUSED = 2

PORT = 8642
MAX_PORT = 65_535
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a workspace until Ctrl+C; return the process's exit code."""
    given = _parser().parse_args(arguments)
    try:
        return asyncio.run(_serve(given))
    except KeyboardInterrupt:
        return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m localslack",
        description="A Slack workspace on this machine, with a page to look at, for your bot.",
        epilog="While it runs, the page's Weather, and other programs by POST /control/..., make "
        "trouble for your bot: python -m pydoc localslack.control.routes says how.",
    )
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"default {PORT}")
    parser.add_argument("--team", default="Acme", metavar="NAME", help="the workspace's name")
    parser.add_argument("--app", type=_name, default="bot", metavar="NAME", help="your bot's name")
    parser.add_argument(
        "--people", type=_names, default=["ana", "ben", "chloe"], metavar="A,B", help="who is there"
    )
    parser.add_argument(
        "--guest", type=_name, metavar="NAME", help="someone who is in the first channel only"
    )
    parser.add_argument(
        "--channels", type=_names, default=["general", "random"], metavar="X,Y", help="where"
    )
    parser.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the page where a browser is at hand (the default)",
    )
    return parser


async def _serve(given: argparse.Namespace) -> int:
    workspace = Workspace(given.team)
    try:
        app = _fill(workspace, given)
    except ValueError as error:  # two of one name
        return _refuse(f"{error}; choose another name.")
    slack = LocalSlack(workspace)
    try:
        await slack.start(given.port)
    except OSError as error:
        await slack.stop()
        return _refuse(
            f"port {given.port} cannot be had ({os.strerror(error.errno or 0)}). Stop what uses "
            f"it, or choose another: python -m localslack --port {PORT + 1}"
        )
    try:
        sys.stdout.write(_greeting(slack, app))
        sys.stdout.flush()
        if given.open:
            await asyncio.to_thread(open_browser, slack.url)
        await asyncio.Event().wait()
    finally:
        await slack.stop()
    return EXIT_OK


def _refuse(why: str) -> int:
    sys.stderr.write(f"localslack: {why}\n")
    return EXIT_MISUSED


def _fill(workspace: Workspace, given: argparse.Namespace) -> App:
    for name in given.people:
        workspace.add_person(name, real_name=name.capitalize())
    app = workspace.add_app(given.app)
    for channel in given.channels:
        workspace.add_channel(channel, [*given.people, given.app])
    if given.guest is not None:
        workspace.add_person(given.guest, real_name=given.guest.capitalize(), restricted=True)
        workspace.join(given.channels[0], given.guest)
    return app


def _greeting(slack: LocalSlack, app: App) -> str:
    return f"""\
{slack.workspace.team_name} is at {slack.url}

What your bot needs to connect to it as @{app.name}:

export SLACK_BOT_TOKEN={app.bot_token}
export SLACK_APP_TOKEN={app.app_token}
export SLACK_SIGNING_SECRET={app.signing_secret}
export SLACK_API_URL={slack.api_url}

Ctrl+C ends it. Nothing is kept.
"""


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r}: use a number from 0 to {MAX_PORT}")
    return int(text)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: use small letters, digits, '.', '_' and '-'")
    return text


def _names(text: str) -> list[str]:
    return [_name(part.strip()) for part in text.split(",")]
