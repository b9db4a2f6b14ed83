"""The embedded broker as a process that `kpi up` can start, watch and stop like its others."""

import asyncio

from services.runtime.addresses import Addresses, write_addresses
from services.runtime.embedded import EmbeddedBroker, EmbeddedBrokerFailed
from services.runtime.serving import stop_on_signals
from services.runtime.settings import Settings

POLL_SECONDS = 0.2


async def run(settings: Settings) -> None:
    """Run the broker until told to stop, and leave its address in `run.json`. EmbeddedBrokerFailed where it dies."""
    stop = stop_on_signals()
    log = settings.data_dir / "logs" / "broker-server.log"
    async with EmbeddedBroker(log, settings.embedded_port) as broker:
        limit = settings.embedded_memory_limit
        at = Addresses(broker=broker.address, pids={"broker": broker.pid}, memory_limit=limit)
        write_addresses(settings.data_dir, at)
        while not stop.is_set():
            if not broker.alive():
                raise EmbeddedBrokerFailed(f"the embedded broker died; its last words are in {log}")
            await _wait(stop, POLL_SECONDS)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
