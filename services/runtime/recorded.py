"""What people recorded, as the topics hold it."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.kpis import Catalogue
from schemas.records import RecordValidator
from schemas.topics import stream_topic
from services.runtime.kafka import KafkaConnection, KafkaUnavailable

POLL_MILLISECONDS = 500


async def read_recorded(
    kafka: KafkaConnection, catalogue: Catalogue, streams: Sequence[str]
) -> list[tuple[str, dict[str, Any]]]:
    """Every valid event of these streams, those left out that the catalogue does not have. KafkaUnavailable."""
    validators = {
        stream_topic(name): RecordValidator(catalogue.streams[name]) for name in streams if name in catalogue.streams
    }
    found: list[tuple[str, dict[str, Any]]] = []
    consumer = AIOKafkaConsumer(
        **kafka.client_options(), isolation_level="read_committed", auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        known = await consumer.topics()
        partitions = [
            TopicPartition(topic, number)
            for topic, validator in validators.items()
            # What the client says of a topic's partitions is nothing before it has read of it, on Apache Kafka.
            if topic in known
            for number in range(validator.stream.partitions)
        ]
        if not partitions:
            return []
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).items():
                validator = validators[partition.topic]
                for record in records:
                    verdict = validator.validate_json(record.value, record.timestamp)
                    if isinstance(verdict, dict):
                        found.append((validator.stream.stream, verdict))
    except KafkaError as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await consumer.stop()
    return found
