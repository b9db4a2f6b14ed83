"""One event by hand: judged as at the door, and straight to Kafka."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiokafka.errors import KafkaError

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from schemas.records import Flaw, Mistake, RecordValidator
from schemas.topics import stream_topic
from services.ingest.memory import NoRoom, memory_refusal
from services.ingest.outgoing import outgoing
from services.ingest.suggestions import did_you_mean
from services.runtime.broker import kafka_of
from services.runtime.clock import Clock, wall_clock
from services.runtime.kafka import KafkaUnavailable, capabilities, make_producer
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics


class EventRefused(Exception):
    """An event that is not valid, with all that is wrong with it."""

    def __init__(self, stream: str, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        lines = "; ".join(f"{mistake.pointer or '(the event)'}: {mistake.reason}" for mistake in mistakes)
        super().__init__(f"not a valid event of {stream}: {lines}")


async def send(
    settings: Settings, catalogue: Catalogue, stream: str, event: Mapping[str, Any], clock: Clock = wall_clock
) -> dict[str, Any]:
    """Write one event and give it back as written. Without an `id` it gets one; without a `time`, now.

    Raises EventRefused, NoRoom, KafkaUnavailable, NotRunning, TopicMismatch.
    """
    declared = catalogue.streams.get(stream)
    if declared is None:
        found = Mistake("", f"there is no such stream{did_you_mean(stream, catalogue.streams)}", Flaw.wrong_stream)
        raise EventRefused(stream, [found])
    now = clock()
    verdict = RecordValidator(declared).validate({"id": str(uuid4()), "time": now, **event}, now)
    if isinstance(verdict, list):
        raise EventRefused(stream, verdict)
    if (refused := memory_refusal(settings)()) is not None:
        raise NoRoom(refused)
    kafka = kafka_of(settings)
    broker = await capabilities(kafka)
    await ensure_topics(kafka, topic_specs(catalogue), settings.replication_factor)
    record, topic = outgoing(declared, verdict), stream_topic(stream)
    producer = make_producer(kafka, broker)
    try:
        await producer.start()
        partition = record.partition(len(await producer.partitions_for(topic)))
        await producer.send_and_wait(topic, record.value, key=record.key, partition=partition)
    except KafkaError as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await producer.stop()
    return verdict
