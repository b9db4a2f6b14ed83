"""Creates the topics that are missing, and checks those that are there."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from schemas.topics import TopicSpec
from services.runtime.kafka import KafkaConnection, KafkaUnavailable

SETTLE_TIMEOUT = 15.0
SETTLE_INTERVAL = 0.05
MOST_COMPACTED_BYTES = 64 << 20
"""A pane is one record, with a count for each key that it tells apart: brokers' usual 1 MiB ends at some 80,000."""


class TopicMismatch(Exception):
    """Topics exist with another number of partitions than declared; `mismatches` maps name to (declared, found)."""

    def __init__(self, mismatches: Mapping[str, tuple[int, int]]) -> None:
        self.mismatches = dict(mismatches)
        lines = [f"{name} has {found}, declared are {declared}" for name, (declared, found) in mismatches.items()]
        super().__init__(
            "topics exist with other partition counts: "
            + "; ".join(lines)
            + ". Declare the count that is there, or move the topic's events to a new one"
        )


class TopicNotCreated(Exception):
    """The broker refused to create a topic."""


class TopicMissing(Exception):
    """Topics that are needed do not exist."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"topics that the catalogue needs do not exist: {', '.join(names)}. Run `kpi topics`")


async def ensure_topics(kafka: KafkaConnection, specs: Sequence[TopicSpec], replication: int) -> tuple[str, ...]:
    """Create what is missing of `specs`, and give the names that were created, in their order.

    Raises `TopicMismatch`, before anything is created, where a topic has another partition count than declared;
    `TopicNotCreated`; `KafkaUnavailable`; `ValueError` where `specs` state one name in two ways.
    """
    wanted = _by_name(specs)
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        found = await _partition_counts(admin)
        _check(wanted, found)
        missing = [spec for name, spec in wanted.items() if name not in found]
        created = await _create(admin, missing, replication) if missing else ()
        async with asyncio.timeout(SETTLE_TIMEOUT):
            while not wanted.keys() <= (found := await _partition_counts(admin)).keys():
                await asyncio.sleep(SETTLE_INTERVAL)
        # Another service may have created them in the meantime, from another catalogue.
        _check(wanted, found)
        return created
    except TimeoutError:
        absent = ", ".join(sorted(wanted.keys() - found.keys()))
        raise TopicNotCreated(f"still without a leader {SETTLE_TIMEOUT:g} s after their creation: {absent}") from None
    except KafkaError as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await admin.close()


async def check_topics(kafka: KafkaConnection, specs: Sequence[TopicSpec]) -> None:
    """Raises `TopicMissing` or `TopicMismatch` where the topics are not as declared; `KafkaUnavailable`."""
    wanted = _by_name(specs)
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        found = await _partition_counts(admin)
    except KafkaError as error:
        raise KafkaUnavailable(kafka.bootstrap_servers, error) from error
    finally:
        await admin.close()
    if missing := sorted(wanted.keys() - found.keys()):
        raise TopicMissing(missing)
    _check(wanted, found)


def _by_name(specs: Sequence[TopicSpec]) -> dict[str, TopicSpec]:
    wanted: dict[str, TopicSpec] = {}
    for spec in specs:
        if wanted.setdefault(spec.name, spec) != spec:
            raise ValueError(f"topic {spec.name} is declared in two ways: {wanted[spec.name]} and {spec}")
    return wanted


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    # All topics are listed: asking for one by name creates it on a broker that creates topics by itself.
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics()
        if topic["partitions"] and all(partition["leader"] >= 0 for partition in topic["partitions"])
    }


def _check(wanted: Mapping[str, TopicSpec], found: Mapping[str, int]) -> None:
    mismatches = {
        name: (spec.partitions, found[name])
        for name, spec in wanted.items()
        if name in found and found[name] != spec.partitions
    }
    if mismatches:
        raise TopicMismatch(mismatches)


async def _create(admin: AIOKafkaAdminClient, specs: Sequence[TopicSpec], replication: int) -> tuple[str, ...]:
    response = await admin.create_topics(
        [NewTopic(spec.name, spec.partitions, replication, topic_configs=_configuration(spec)) for spec in specs]
    )
    created = []
    for name, code, *message in response.topic_errors:
        error: type[KafkaError] = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            raise TopicNotCreated(f"{name}: {next(iter(message), None) or error.__name__}")
    return tuple(created)


def _configuration(spec: TopicSpec) -> dict[str, Any]:
    # Records that carry old event times as Kafka timestamps would be emptied by retention within minutes.
    configuration = {"message.timestamp.type": "LogAppendTime"}
    if spec.compacted:
        configuration |= {"cleanup.policy": "compact", "max.message.bytes": str(MOST_COMPACTED_BYTES)}
    elif spec.retention_ms is not None:
        configuration |= {"cleanup.policy": "delete", "retention.ms": str(spec.retention_ms)}
    return configuration
