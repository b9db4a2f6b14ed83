"""The composition root of ingest."""

import asyncio
import time
from collections.abc import Callable

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from services.ingest.application import create_app
from services.ingest.broker import kafka_of
from services.ingest.clock import Clock, wall_clock
from services.ingest.link import Link
from services.runtime.addresses import NotRunning, read_addresses
from services.runtime.ports import listen
from services.runtime.processes import resident_bytes
from services.runtime.serving import serve, stop_on_signals
from services.runtime.settings import Settings

MEASURE_SECONDS = 1.0
MIB = 1 << 20


async def run(
    settings: Settings, catalogue: Catalogue, stop: asyncio.Event | None = None, clock: Clock = wall_clock
) -> None:
    """Serve until `stop` is set, by default by SIGINT or SIGTERM.

    Kafka may come later, or go and come back. Raises NotRunning where no broker is named and none was started,
    TopicMismatch where topics have other partition counts than declared, and what listening raises.
    """
    stop = stop_on_signals() if stop is None else stop
    link = Link(kafka_of(settings), topic_specs(catalogue), settings.replication_factor)
    app = create_app(settings, catalogue, link, clock, memory_refusal(settings))
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


def memory_refusal(settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> Callable[[], str | None]:
    """Why the embedded broker can take no more, or None. A broker that is not ours has room of its own."""
    if settings.kafka_bootstrap_servers:
        return lambda: None
    measured: tuple[float, int] = (float("-inf"), 0)

    def refusal() -> str | None:
        nonlocal measured
        if monotonic() - measured[0] >= MEASURE_SECONDS:
            measured = (monotonic(), _embedded_bytes(settings))
        if measured[1] < settings.embedded_memory_limit:
            return None
        return (
            f"the embedded broker keeps everything in memory, and has reached its limit of "
            f"{settings.embedded_memory_limit // MIB} MiB: raise KPI_EMBEDDED_MEMORY_LIMIT, "
            f"or use Apache Kafka (KPI_KAFKA_BOOTSTRAP_SERVERS)"
        )

    return refusal


def _embedded_bytes(settings: Settings) -> int:
    try:
        pid = read_addresses(settings.data_dir).pids.get("broker")
    except NotRunning:
        return 0
    return resident_bytes(pid) if pid else 0
