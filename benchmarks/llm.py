"""Language model: what a streamed answer of Bedrock costs the bot.

    PYTHONPATH=tests .venv/bin/python benchmarks/llm.py [--streams 100 300] [--waves 3]

Streams of 50 chunks, one every 20 ms, from a Bedrock in a process of its own: so many at once, wave
after wave. They are read through `BedrockProvider`, and beside it by the plain loop over boto3 that
hops to the event loop for each chunk; each in a fresh process, after one wave to warm up. The lag
is how much later than asked the loop comes back from a sleep of 10 ms. Goals: at most 6 ms of CPU a
stream, and a p99 lag under 50 ms with 100 streams.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from harness import bare_environment
from kit.fake_bedrock import event
from slackbot.llm.bedrock import Account, BedrockProvider
from slackbot.messages import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    OneStream = Callable[[], Awaitable[int]]

CHUNKS = 50
CHUNK_EVERY = 0.02
SLEEP = 0.01
QUESTION = "How do we roll back payments?"
REGION, KEY_ID, SECRET = "eu-central-1", "AKIABENCHMARK", "not-a-secret"

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
OPENING = event("messageStart", {"role": "assistant"})
CHUNK = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "some words "}})
USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
ENDING = event("messageStop", {"stopReason": "end_turn"}) + event(
    "metadata", {"usage": USAGE, "metrics": {"latencyMs": 1}}
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process took for its streams."""

    streams_per_second: float
    cpu_ms_per_stream: float
    lag_p99_ms: float
    resident_mb: float


def http_chunk(data: bytes) -> bytes:
    """Frame a chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def serve() -> None:
    """Serve paced streams until the input ends; print the address.

    The kit's fake would do, but not at 15,000 chunks a second.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                assert length is not None
                await reader.readexactly(int(length[1]))
                due = clock()
                writer.write(STREAM_HEAD + http_chunk(OPENING))
                for _ in range(CHUNKS):
                    due += CHUNK_EVERY
                    await asyncio.sleep(due - clock())
                    writer.write(http_chunk(CHUNK))
                writer.write(http_chunk(ENDING) + http_chunk(b""))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def provider(url: str, streams: int) -> AsyncIterator[OneStream]:
    """Yield what reads one stream as the bot does; it returns the length of the text."""
    account = Account(
        region=REGION, access_key_id=KEY_ID, secret_access_key=SECRET, endpoint_url=url
    )
    bedrock = BedrockProvider(account, model_id="benchmark.model-v1", max_concurrency=streams)

    async def read() -> int:
        heard: list[str] = []

        async def on_text(text: str) -> None:
            heard.append(text)

        await bedrock.complete([Message("user", QUESTION)], on_text=on_text)
        return len("".join(heard))

    yield read
    await bedrock.close()


@asynccontextmanager
async def plain(url: str, streams: int) -> AsyncIterator[OneStream]:
    """Yield what reads one stream by a loop over boto3 in a thread, with a hop for each chunk."""
    client: Any = boto3.client(
        "bedrock-runtime", region_name=REGION, aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET, endpoint_url=url,
        config=Config(max_pool_connections=streams, retries={"total_max_attempts": 1}),
    )  # fmt: skip
    threads = ThreadPoolExecutor(streams)

    async def read() -> int:
        loop = asyncio.get_running_loop()
        texts: asyncio.Queue[str | None] = asyncio.Queue()

        def work() -> None:
            said = [{"role": "user", "content": [{"text": QUESTION}]}]
            response = client.converse_stream(modelId="benchmark.model-v1", messages=said)
            for one in response["stream"]:
                if delta := one.get("contentBlockDelta"):
                    loop.call_soon_threadsafe(texts.put_nowait, delta["delta"]["text"])
            loop.call_soon_threadsafe(texts.put_nowait, None)

        done = loop.run_in_executor(threads, work)
        length = 0
        while (text := await texts.get()) is not None:
            length += len(text)
        await done
        return length

    yield read
    threads.shutdown()


READERS = {"provider": provider, "plain": plain}


async def measure(reader: str, url: str, streams: int, waves: int) -> Measured:
    """Read waves of streams, and return what they took."""
    async with READERS[reader](url, streams) as read:
        return await measure_reading(read, streams, waves)


async def measure_reading(read: OneStream, streams: int, waves: int) -> Measured:
    """Let one wave warm it up, and return what the others took."""
    await asyncio.gather(*(read() for _ in range(streams)))
    late: list[float] = []
    watching = asyncio.create_task(watch(late))
    wall, busy = time.perf_counter(), time.process_time()
    for _ in range(waves):
        lengths = await asyncio.gather(*(read() for _ in range(streams)))
        assert set(lengths) == {CHUNKS * len("some words ")}, "a stream was not read to its end"
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    watching.cancel()
    count = waves * streams
    return Measured(
        count / wall,
        busy / count * 1000,
        statistics.quantiles(late, n=100)[98] * 1000,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


async def watch(late: list[float]) -> None:
    """Note, again and again, by how many seconds a sleep was too long."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(SLEEP)
        late.append(time.perf_counter() - began - SLEEP)


async def run_self(*arguments: str) -> asyncio.subprocess.Process:
    """Start this program as a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments,
        env={**bare_environment(), "PYTHONPATH": ":".join(sys.path)},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def streaming(counts: list[int], waves: int) -> None:
    """Measure each reader with each number of streams, in turn, and print a table."""
    print(f"{'':20}{'streams/s':>11}{'CPU ms each':>13}{'lag p99 ms':>12}{'resident MB':>13}")
    for count in counts:
        for reader in READERS:
            server = await run_self("--serve")
            assert server.stdout is not None
            url = (await server.stdout.readline()).decode().strip()
            client = await run_self(
                "--read", reader, url, "--streams", str(count), "--waves", str(waves)
            )
            out, _ = await client.communicate()
            await server.communicate()
            it = Measured(**json.loads(out))
            print(
                f"{f'{count} by {reader}':20}{it.streams_per_second:11.0f}"
                f"{it.cpu_ms_per_stream:13.2f}{it.lag_p99_ms:12.1f}{it.resident_mb:13.0f}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--streams", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--read", nargs=2, metavar=("READER", "URL"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        asyncio.run(serve())
    elif chosen.read:
        reader, url = chosen.read
        (streams,) = chosen.streams
        print(json.dumps(asdict(asyncio.run(measure(reader, url, streams, chosen.waves)))))
    else:
        asyncio.run(streaming(chosen.streams, chosen.waves))
