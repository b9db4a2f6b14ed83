"""From parsed events to records on Kafka: judged, normalised, written, counted."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from schemas.kpis import Catalogue
from schemas.records import Flaw, Mistake, RecordValidator
from schemas.topics import stream_topic
from services.ingest.metrics import Metrics
from services.ingest.outgoing import MOST_BYTES, Outgoing, outgoing
from services.ingest.parsing import Given, stream_type
from services.ingest.suggestions import did_you_mean
from services.ingest.writer import Header, Writer
from services.runtime.clock import Clock

TURN = 200
"""Events judged before other requests get their turn."""
_UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that was not taken: its place in the request, where that is in the body, and all that is wrong."""

    index: int
    pointer: str
    mistakes: tuple[Mistake, ...]


@dataclass(slots=True)
class Outcome:
    """What became of a request's events. `offsets` has the last written one by (topic, partition)."""

    accepted: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)


class Intake:
    """The one way for events from outside into Kafka."""

    def __init__(self, catalogue: Catalogue, writer: Writer, metrics: Metrics, clock: Clock) -> None:
        self._validators = {name: RecordValidator(stream) for name, stream in catalogue.streams.items()}
        self._by_type: Mapping[str, str] = {stream_topic(name): name for name in catalogue.streams}
        self._writer = writer
        self._metrics = metrics
        self._clock = clock

    async def take(
        self,
        given: Iterable[Given],
        stream: str | None,
        source: str,
        headers: tuple[Header, ...],
        must_write: Callable[[str], None],
    ) -> Outcome:
        """Judge events and write those that are valid; the answer is known once Kafka has confirmed them.

        `stream`: which they are of; None: their CloudEvents type says so. `source` fills in where they name none.
        `must_write` raises for a stream that the caller may not write to; then nothing is written.
        Raises NotWritten and BufferFull; what was written by then counts once when it is sent again.
        """
        outcome = Outcome()
        records: dict[str, list[Outgoing]] = {}
        unknown_fields: dict[str, int] = {}
        for index, each in enumerate(given):
            if index % TURN == TURN - 1:
                await asyncio.sleep(0)
            name = stream or self._by_type.get(stream_type(each.value) or "")
            if name is not None and name not in records:
                must_write(name)
            verdict = self._judge(each.value, name, source)
            if isinstance(verdict, list):
                self._metrics.rejected.labels(name or _UNKNOWN, verdict[0].flaw).inc()
                outcome.rejected.append(Rejected(index, each.pointer, tuple(verdict)))
                continue
            record, unknown = verdict
            assert name is not None  # noqa: S101 - without a stream the verdict is a mistake
            records.setdefault(name, []).append(record)
            unknown_fields[name] = unknown_fields.get(name, 0) + unknown
        began = time.perf_counter()
        for name, of_stream in records.items():
            outcome.offsets |= await self._writer.write(stream_topic(name), of_stream, headers)
            outcome.accepted += len(of_stream)
            self._metrics.accepted.labels(name).inc(len(of_stream))
            self._metrics.unknown_fields.labels(name).inc(unknown_fields[name])
        if records:
            self._metrics.write_seconds.observe(time.perf_counter() - began)
        return outcome

    def _judge(self, value: object, stream: str | None, source: str) -> tuple[Outgoing, int] | list[Mistake]:
        if isinstance(value, Mistake):
            return [value]
        if stream is None:
            return [self._no_stream(value)]
        validator = self._validators[stream]
        if source and isinstance(value, dict) and value.get("source") is None:
            value = {**value, "source": source}
        event = validator.validate(value, self._clock())
        if isinstance(event, list):
            return event
        record = outgoing(validator.stream, event)
        if record.size > MOST_BYTES:
            return [Mistake("", f"{record.size} bytes, where an event may have {MOST_BYTES}", Flaw.too_large)]
        assert isinstance(value, dict)  # noqa: S101 - nothing else is valid
        return record, validator.unknown_fields(value)

    def _no_stream(self, value: object) -> Mistake:
        if not isinstance(value, dict):
            return Mistake("", "a CloudEvent is one JSON object", Flaw.not_an_object)
        if "specversion" not in value:
            return Mistake("/specversion", "missing: not a CloudEvent", Flaw.missing)
        found = stream_type(value)
        if found is None:
            return Mistake("/type", "missing, or no string", Flaw.missing)
        return Mistake("/type", f"no stream has this type{did_you_mean(found, self._by_type)}", Flaw.wrong_stream)
