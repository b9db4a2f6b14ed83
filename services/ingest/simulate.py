"""Simulated events into the streams, as they would come. Each says that it is simulated: `source` is `simulation`."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from schemas.records import RecordValidator
from schemas.topics import stream_topic
from services.ingest.budget import Budget, BufferFull
from services.ingest.link import Link
from services.ingest.memory import memory_refusal
from services.ingest.outgoing import Outgoing, outgoing
from services.ingest.simulation import Incident, Simulation
from services.ingest.writer import NotWritten, Writer
from services.runtime.broker import kafka_of
from services.runtime.clock import Clock, wall_clock
from services.runtime.settings import Settings

STEP_SECONDS = 0.2
RETRY_SECONDS = 1.0


class SimulationRefused(Exception):
    """The streams do not take what the simulation makes, or the embedded broker takes no more; says why."""


async def simulate(
    settings: Settings,
    catalogue: Catalogue,
    *,
    rate: float,
    seconds: float | None = None,
    seed: int = 1,
    incidents: Collection[Incident] = (),
    past: float = 0.0,
    without: Collection[str] = (),
    clock: Clock = wall_clock,
) -> Mapping[str, int]:
    """Send simulated events until `seconds` are over, by default until cancelled; the events sent, by stream.

    `rate`: beginnings a second in the busiest hour. `past`: seconds before now that are made up for at once, at the
    start. The events follow from `seed` and the clock's first time. Streams that the catalogue has not are left out,
    and those of `without`.

    Raises SimulationRefused; NotRunning where no broker is named and none was started; TopicMismatch.
    """
    wanted = {name: stream for name, stream in catalogue.streams.items() if name not in without}
    validators = {name: RecordValidator(stream) for name, stream in wanted.items()}
    start = clock() - round(past * 1000)
    simulation = Simulation(seed, start, rate, incidents)
    sent: Counter[str] = Counter()
    refusal = memory_refusal(settings)
    end = None if seconds is None else time.monotonic() + seconds
    async with _writer(settings, catalogue) as writer:
        while end is None or time.monotonic() < end:
            now = clock()
            if (refused := refusal()) is not None:
                raise SimulationRefused(refused)
            step: dict[str, list[Outgoing]] = {}
            for stream, event in simulation.until(now):
                if stream in validators:
                    step.setdefault(stream, []).append(_record(validators[stream], event, now))
            for stream, records in step.items():
                await _written(writer, stream, records)
                sent[stream] += len(records)
            await asyncio.sleep(STEP_SECONDS)
    return dict(sent)


@contextlib.asynccontextmanager
async def _writer(settings: Settings, catalogue: Catalogue) -> AsyncIterator[Writer]:
    link = Link(kafka_of(settings), topic_specs(catalogue), settings.replication_factor)
    linking = asyncio.create_task(link.run())
    try:
        while link.producer is None:
            await asyncio.wait([linking], timeout=STEP_SECONDS)
            if linking.done():
                await linking
        yield Writer(link, Budget(settings.ingest_buffer_limit))
    finally:
        linking.cancel()
        await asyncio.gather(linking, return_exceptions=True)


def _record(validator: RecordValidator, event: dict[str, object], now: int) -> Outgoing:
    verdict = validator.validate(event, now)
    if isinstance(verdict, list):
        name, mistake = validator.stream.stream, verdict[0]
        raise SimulationRefused(f"{name} is declared otherwise than is simulated: {mistake.pointer} {mistake.reason}")
    return outgoing(validator.stream, verdict)


async def _written(writer: Writer, stream: str, records: list[Outgoing]) -> None:
    while True:
        try:
            await writer.write(stream_topic(stream), records)
        except (NotWritten, BufferFull):
            # Under the same ids nothing counts twice.
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
