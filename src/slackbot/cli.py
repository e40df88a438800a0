"""The command line: run the bot, try the demo, print the app's manifest."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import signal
import sys
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from slackbot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence

    from slackbot.config import Settings

EXIT_OK = 0
EXIT_MISCONFIGURED = 2
EXIT_INTERRUPTED = 130

YOUNG_OBJECTS = 10_000
"""How many may come before the collector looks at them; Python's own figure is 2,000."""

DEFAULT_NAME = "askbot"
"""What the app is called unless a name is given: each workspace has a Slackbot already."""

LONGEST_NAME = 35
"""Source: https://docs.slack.dev/reference/app-manifest (`display_information.name`)."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the process's exit code."""
    given = _parser().parse_args(arguments)
    try:
        match given.command:
            case "manifest":
                _print_manifest(given.name)
            case "demo":
                _complete(_demo(port=given.port, open_page=given.open, terminal=given.terminal))
            case _:
                _run()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_MISCONFIGURED
    except KeyboardInterrupt:  # before anything listens for it
        return EXIT_INTERRUPTED
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slackbot", description="A self-hosted AI assistant for Slack."
    )
    parser.add_argument("--version", action="version", version=version("slackbot"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="connect to Slack and answer (the default)")
    demo = commands.add_parser("demo", help="try it in a local Slack: no account, no token")
    demo.add_argument("--port", type=int, metavar="N", help="where to serve the page")
    demo.add_argument(
        "--no-open", dest="open", action="store_false", help="leave the browser alone"
    )
    demo.add_argument("--terminal", action="store_true", help="talk in this terminal, too")
    manifest = commands.add_parser(
        "manifest", help="print the app manifest, to create the Slack app from"
    )
    manifest.add_argument(
        "--name", type=_name, default=DEFAULT_NAME, help="what to call the bot (%(default)s)"
    )
    return parser


def _name(given: str) -> str:
    """Return a name that Slack may take for an app and its bot."""
    name = given.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise argparse.ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} characters")
    if name.casefold() == "slackbot":
        raise argparse.ArgumentTypeError("Slack has a Slackbot of its own: choose another name")
    return name


def _run() -> None:
    # Settings come first: a missing one is told before anything slow is imported.
    from slackbot.config import load_settings, near_misses

    settings = load_settings()
    _configure_log(settings)
    for miss in near_misses():
        _warn_of_misspelling(miss.name, miss.meant)
    _complete(_serve(settings))


def _complete(work: Coroutine[None, None, None]) -> None:
    """Run a command to its end, on an event loop that costs a tenth less under load."""
    import uvloop

    uvloop.run(work)


@contextmanager
def _stop_signal() -> Iterator[asyncio.Event]:
    """Give an event that the first SIGINT or SIGTERM sets; the second ends the process at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def leave_signals_alone() -> None:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)

    def first() -> None:
        stop.set()
        leave_signals_alone()
        # Python's own answer to SIGINT is an exception, and asyncio would tidy up after it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, first)
    try:
        yield stop
    finally:
        leave_signals_alone()


async def _serve(settings: Settings) -> None:
    from slackbot.main import create_app

    with _stop_signal() as stop:
        await create_app(settings).run(stop, on_ready=_spare_what_stays)


def _spare_what_stays() -> None:
    """Have the garbage collector look at what was loaded at the start no more, and less often.

    A full collection held the loop for 0.2 s, and all of them took a tenth of the CPU under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


async def _demo(*, port: int | None, open_page: bool, terminal: bool) -> None:
    from localslack.terminal import read_lines
    from slackbot.demo.run import run_demo

    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    with _stop_signal() as stop:
        await run_demo(
            _running,
            stop,
            port=port,
            out=sys.stdout,
            open_page=open_page,
            lines=read_lines(sys.stdin.fileno()) if terminal or not interactive else None,
            interactive=interactive,
        )


@asynccontextmanager
async def _running(demo: Mapping[str, str]) -> AsyncIterator[None]:
    """Run a bot in the demo's company, with the person's own model, while the context is open."""
    from slackbot.config import demo_settings
    from slackbot.main import create_app

    settings = demo_settings(demo)
    _configure_log(settings)
    async with create_app(settings):
        yield


def _configure_log(settings: Settings) -> None:
    from slackbot.ops import log

    log.configure(settings.log_level, settings.log_format, secrets=settings.secrets())


def _warn_of_misspelling(name: str, meant: str) -> None:
    import structlog

    structlog.get_logger(__name__).warning("setting.unknown", name=name, did_you_mean=meant)


def _print_manifest(name: str) -> None:
    from slackbot.slack.manifest import manifest

    sys.stdout.write(json.dumps(manifest(name), indent=2) + "\n")
