"""Runs a FastAPI app until it is told to stop, and then stops within a few seconds."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

GRACE_SECONDS = 3


class _Server(uvicorn.Server):
    """Leaves the signals to us: its own handling ends a clean stop with a second signal to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def stop_on_signals() -> asyncio.Event:
    """An event that the running loop sets on SIGINT and SIGTERM.

    Streams that never end by themselves (SSE) must end when it is set, or they hold up the stop.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def serve(app: FastAPI, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve `app` on a socket of `ports.listen` until `stop` is set; requests under way get a few seconds to end.

    What the app's lifespan raises, at the start or at the end, is raised here. The state that a lifespan may yield is
    not passed to requests.
    """
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            # Entered below: uvicorn logs the trace of a failed start, and exits the process.
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    watching = asyncio.create_task(_stop_when_told(server, stop))
    try:
        async with app.router.lifespan_context(app):
            await server.serve(sockets=[listener])
    finally:
        watching.cancel()
        listener.close()


async def _stop_when_told(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True
