"""The composition root of the api."""

import asyncio
import contextlib
import fcntl
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

from kpi.plan import Plan
from kpi.planning import plan
from schemas.kpis import Catalogue
from schemas.topics import PANES
from services.api.answers import Answers
from services.api.application import create_app
from services.api.broadcast import Broadcast
from services.api.feed import Feed
from services.api.recording import Recording
from services.api.view import View
from services.runtime.broker import kafka_of
from services.runtime.clock import Clock, wall_clock
from services.runtime.gate import credentials_of
from services.runtime.kafka import BrokerCapabilities, KafkaConnection, capabilities
from services.runtime.ports import listen
from services.runtime.serving import serve, stop_on_signals
from services.runtime.settings import Settings
from services.runtime.topic_ids import found_topics

MOST_VIEWS = 64


async def run(
    settings: Settings, catalogue: Catalogue, stop: asyncio.Event | None = None, clock: Clock = wall_clock
) -> None:
    """Serve until `stop` is set, by default by SIGINT or SIGTERM.

    Raises NotRunning where no broker is named and none was started, CredentialsRefused, and what
    connecting and listening raise.
    """
    stop = stop_on_signals() if stop is None else stop
    credentials = credentials_of(settings, settings.api_host)
    kafka = kafka_of(settings)
    broker = await capabilities(kafka)
    planned = plan(catalogue)
    with contextlib.ExitStack() as stack:
        view = stack.enter_context(_view(settings, planned, broker, await _panes_id(kafka)))
        changed = asyncio.Event()
        recording = Recording(catalogue)
        feed = Feed(kafka, broker, view, clock, changed.set, recording=recording)
        answers = Answers(catalogue, planned, view, feed.freshness, clock, ledger=lambda: recording.ledger)
        broadcast = Broadcast(answers, changed)
        app = create_app(answers, broadcast, credentials)
        listener = listen(settings.api_host, settings.api_port)
        async with _kept_running(stop, feed.run(), broadcast.run(), _stop(stop, broadcast)):
            await serve(app, listener, stop)


@contextlib.asynccontextmanager
async def _kept_running(stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work beside the server. Where a part of it fails, the service stops, and raises that."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            stop.set()

    tasks = [asyncio.create_task(each) for each in work]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        failed = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for error in failed:
            if error is not None:
                raise error


async def _stop(stop: asyncio.Event, broadcast: Broadcast) -> None:
    await stop.wait()
    broadcast.stop()


async def _panes_id(kafka: KafkaConnection) -> str | None:
    """What tells the panes topic from an earlier one of its name; None where there is none yet, or no ids."""
    found = (await found_topics(kafka) or {}).get(PANES)
    return None if found is None else found.topic_id


@contextlib.contextmanager
def _view(settings: Settings, planned: Plan, broker: BrokerCapabilities, panes_id: str | None) -> Iterator[View]:
    # Without transactions there is no state that outlives the broker, and its claims must be read from the beginning.
    if not broker.transactions:
        view = View.in_memory(planned, settings.api_memory_limit)
        with contextlib.closing(view):
            yield view
        return
    with _own_file(settings.data_dir / "views") as path:
        view = View.at(path, planned, f"{broker.cluster_id} {PANES} {panes_id}", settings.api_memory_limit)
        with contextlib.closing(view):
            yield view


@contextlib.contextmanager
def _own_file(folder: Path) -> Iterator[Path]:
    """A file that no other process of this folder uses, the same one as last time where it is free."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(MOST_VIEWS):
        with (folder / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder / f"{number}.duckdb"
            return
    raise OSError(f"all {MOST_VIEWS} views in {folder} are in use: name another data folder")
