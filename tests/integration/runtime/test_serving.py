"""A service stops soon when it is told to, though streams are open and requests hang."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from httpx2 import AsyncClient, HTTPError

from services.runtime.kafka import KafkaUnavailable
from services.runtime.ports import listen
from services.runtime.serving import GRACE_SECONDS, serve, stop_on_signals


def _app(stop: asyncio.Event) -> FastAPI:
    app = FastAPI()

    async def until_told() -> AsyncIterator[str]:
        yield "data: first\n\n"
        await stop.wait()
        yield "data: last\n\n"

    async def for_ever() -> AsyncIterator[str]:
        yield "data: first\n\n"
        await asyncio.sleep(3600)

    @app.get("/polite")
    async def polite() -> StreamingResponse:
        return StreamingResponse(until_told())

    @app.get("/stubborn")
    async def stubborn() -> StreamingResponse:
        return StreamingResponse(for_ever())

    return app


async def _read_to_the_end(base: str, path: str, opened: asyncio.Event) -> str:
    read = ""
    async with AsyncClient(base_url=base, timeout=30) as client, client.stream("GET", path) as response:
        async for part in response.aiter_text():
            read += part
            opened.set()
    return read


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_open_streams_and_the_service(number: signal.Signals) -> None:
    stop = stop_on_signals()
    listener = listen("127.0.0.1", 0)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = asyncio.create_task(serve(_app(stop), listener, stop))
    opened = asyncio.Event()
    reading = asyncio.create_task(_read_to_the_end(base, "/polite", opened))
    await asyncio.wait_for(opened.wait(), 10)
    os.kill(os.getpid(), number)
    began = time.monotonic()
    await asyncio.wait_for(serving, 10)
    assert time.monotonic() - began < GRACE_SECONDS
    assert (await reading).endswith("data: last\n\n")


async def test_a_stream_that_never_ends_is_cut() -> None:
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving = asyncio.create_task(serve(_app(stop), listener, stop))
    opened = asyncio.Event()
    reading = asyncio.create_task(_read_to_the_end(base, "/stubborn", opened))
    await asyncio.wait_for(opened.wait(), 10)
    stop.set()
    await asyncio.wait_for(serving, GRACE_SECONDS + 5)
    with pytest.raises(HTTPError):
        await reading


async def test_the_start_and_the_end_of_an_app_are_its_own() -> None:
    stop, seen = asyncio.Event(), list[str]()

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        seen.append("started")
        yield
        seen.append("ended")

    stop.set()
    await serve(FastAPI(lifespan=lifespan), listen("127.0.0.1", 0), stop)
    assert seen == ["started", "ended"]


async def test_what_keeps_an_app_from_starting_is_raised() -> None:
    @contextlib.asynccontextmanager
    async def fails(_app: FastAPI) -> AsyncIterator[None]:
        raise KafkaUnavailable("127.0.0.1:1", "refused")
        yield

    listener = listen("127.0.0.1", 0)
    with pytest.raises(KafkaUnavailable):
        await serve(FastAPI(lifespan=fails), listener, asyncio.Event())
    assert listener.fileno() == -1
