"""What must become of each record, computed in plain Python from a partition's log as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from schemas.progress import FATES
from schemas.records import Mistake, RecordValidator
from schemas.streams import Stream
from tests.property.core.oracle import Event


@dataclass(slots=True)
class Verdict:
    """The outcome of one partition's log, by offset. `late` maps to milliseconds behind the watermark."""

    events: list[Event] = field(default_factory=list)
    invalid: dict[int, Mistake] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))


def home(key: str, partitions: int) -> int:
    """The partition where Kafka's default partitioner puts a key."""
    place: int = (murmur2(key.encode()) & 0x7FFFFFFF) % partitions
    return place


def judge(stream: Stream, key: str | None, partition: int, log: Sequence[ConsumerRecord]) -> Verdict:
    """Reads the log record by record. `key`: the field that decides the partition, for streams with entities."""
    validator, verdict = RecordValidator(stream), Verdict()
    seen: set[tuple[str, str]] = set()
    watermark: int | None = None
    for record in log:
        event = validator.validate_json(record.value, record.timestamp)
        if isinstance(event, list):
            verdict.invalid[record.offset] = event[0]
            verdict.fates["invalid"] += 1
            continue
        if key is not None and home(event[key], stream.partitions) != partition:
            verdict.fates["rekeyed"] += 1
            continue
        time, identity = event["time"], (event["source"], event["id"])
        watermark = time - stream.disorder if watermark is None else max(watermark, time - stream.disorder)
        if identity in seen:
            verdict.fates["duplicate"] += 1
            continue
        seen.add(identity)
        if watermark - time > stream.lateness:
            verdict.late[record.offset] = watermark - time
            verdict.fates["late"] += 1
            continue
        verdict.fates["aggregated"] += 1
        verdict.events.append(event)
    return verdict
