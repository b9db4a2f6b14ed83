"""The composition root of ingest."""

import asyncio

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from services.ingest.application import create_app
from services.ingest.link import Link
from services.ingest.memory import memory_refusal
from services.runtime.broker import kafka_of
from services.runtime.clock import Clock, wall_clock
from services.runtime.gate import credentials_of
from services.runtime.ports import listen
from services.runtime.serving import serve, stop_on_signals
from services.runtime.settings import Settings


async def run(
    settings: Settings, catalogue: Catalogue, stop: asyncio.Event | None = None, clock: Clock = wall_clock
) -> None:
    """Serve until `stop` is set, by default by SIGINT or SIGTERM.

    Kafka may come later, or go and come back. Raises NotRunning where no broker is named and none was started,
    CredentialsRefused, TopicMismatch where topics have other partition counts than declared, and what listening raises.
    """
    stop = stop_on_signals() if stop is None else stop
    credentials = credentials_of(settings, settings.ingest_host)
    link = Link(kafka_of(settings), topic_specs(catalogue), settings.replication_factor)
    app = create_app(settings, catalogue, link, clock, memory_refusal(settings), credentials=credentials)
    listener = listen(settings.ingest_host, settings.ingest_port)
    linking = asyncio.create_task(link.run())
    linking.add_done_callback(lambda _: stop.set())
    try:
        await serve(app, listener, stop)
    finally:
        failed = linking.exception() if linking.done() and not linking.cancelled() else None
        linking.cancel()
        await asyncio.gather(linking, return_exceptions=True)
    if failed is not None:
        raise failed
