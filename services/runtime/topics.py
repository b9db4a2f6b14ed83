"""Creates the topics that are missing, and checks those that are there."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    InvalidPartitionsError,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    UnsupportedVersionError,
    for_code,
)

from schemas.topics import TopicSpec
from services.runtime.kafka import KafkaConnection, KafkaUnavailable

SETTLE_TIMEOUT = 15.0
SETTLE_INTERVAL = 0.05
MOST_COMPACTED_BYTES = 64 << 20
"""A pane is one record, with a count for each key that it tells apart: brokers' usual 1 MiB ends at some 80,000."""

OFTEN_COMPACTED = {
    "segment.bytes": str(128 << 20),
    "segment.ms": "3600000",
    "min.cleanable.dirty.ratio": "0.2",
    "delete.retention.ms": "604800000",
}
"""What is superseded is read by everybody who starts: brokers' usual segments keep up to 1 GiB and a week of it.

What says that a pane is empty stays for a week, so that nobody who is reading what was there before can miss it.
"""


class TopicMismatch(Exception):
    """Topics exist with another number of partitions than declared; `mismatches` maps name to (declared, found)."""

    def __init__(self, mismatches: Mapping[str, tuple[int, int]]) -> None:
        self.mismatches = dict(mismatches)
        lines = [f"{name} has {found}, declared are {declared}" for name, (declared, found) in mismatches.items()]
        super().__init__(
            "topics exist with other partition counts: "
            + "; ".join(lines)
            + ". Declare the count that is there: partitions cannot be taken away; `kpi topics` adds some only "
            "to streams that are counted as they come, since the keys of entities and of joins would move"
        )


class TopicNotCreated(Exception):
    """The broker refused to create a topic."""


class TopicMissing(Exception):
    """Topics that are needed do not exist."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"topics that the catalogue needs do not exist: {', '.join(names)}. Run `kpi topics`")


@dataclass(frozen=True, slots=True)
class Ensured:
    """What was done: the names of topics that were made, and by name the partitions of those that got more."""

    created: tuple[str, ...] = ()
    widened: Mapping[str, int] = field(default_factory=dict)


async def ensure_topics(kafka: KafkaConnection, specs: Sequence[TopicSpec], replication: int) -> Ensured:
    """Create what is missing of `specs`, add partitions that are declared, where they may be, and say what was done.

    Raises `TopicMismatch`, before anything is done, where a topic has another partition count than declared that no
    adding mends; `TopicNotCreated`; `KafkaUnavailable`; `ValueError` where `specs` state one name in two ways.
    """
    wanted = _by_name(specs)
    admin = AIOKafkaAdminClient(**kafka.client_options())
    try:
        await admin.start()
        found = await _partition_counts(admin)
        _check(wanted, found, widening=True)
        missing = [spec for name, spec in wanted.items() if name not in found]
        created = await _create(admin, missing, replication) if missing else ()
        wider = {
            name: spec.partitions for name, spec in wanted.items() if found.get(name, spec.partitions) < spec.partitions
        }
        if wider:
            await _widen(admin, wider)
        async with asyncio.timeout(SETTLE_TIMEOUT):
            while _unsettled(wanted, found := await _partition_counts(admin)):
                await asyncio.sleep(SETTLE_INTERVAL)
        # Another service may have created them in the meantime, from another catalogue.
        _check(wanted, found)
        return Ensured(created, wider)
    except TimeoutError:
        absent = ", ".join(_unsettled(wanted, found))
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


def _unsettled(wanted: Mapping[str, TopicSpec], found: Mapping[str, int]) -> list[str]:
    """Those that are not there, or whose new partitions are not."""
    return sorted(name for name, spec in wanted.items() if found.get(name, 0) < (spec.partitions if spec.widens else 1))


def _check(wanted: Mapping[str, TopicSpec], found: Mapping[str, int], *, widening: bool = False) -> None:
    """`widening`: partitions that are missing can still be added."""
    mismatches = {
        name: (spec.partitions, found[name])
        for name, spec in wanted.items()
        if name in found
        and found[name] != spec.partitions
        and not (widening and spec.widens and found[name] < spec.partitions)
    }
    if mismatches:
        raise TopicMismatch(mismatches)


async def _widen(admin: AIOKafkaAdminClient, wider: Mapping[str, int]) -> None:
    try:
        async with asyncio.timeout(SETTLE_TIMEOUT):
            while True:
                with suppress(UnknownTopicOrPartitionError):
                    await admin.create_partitions({name: NewPartitions(count) for name, count in wider.items()})
                    return
                # It has only just been made, and this broker has not heard of it.
                await asyncio.sleep(SETTLE_INTERVAL)
    except InvalidPartitionsError:
        # Another service was quicker; how many there are now is looked at next.
        return
    except (IncompatibleBrokerVersion, NotImplementedError, UnsupportedVersionError) as error:
        raise TopicNotCreated(f"this broker cannot add partitions to {', '.join(wider)}") from error


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
        configuration |= {"cleanup.policy": "compact", "max.message.bytes": str(MOST_COMPACTED_BYTES)} | OFTEN_COMPACTED
    elif spec.retention_ms is not None:
        configuration |= {"cleanup.policy": "delete", "retention.ms": str(spec.retention_ms)}
    return configuration
