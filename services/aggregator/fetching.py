"""Reading topics beside the group: consumers, and what they fetch as a batch."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from kpi.tasks.source import RawBatch
from services.runtime.kafka import KafkaConnection

PARTITION_BYTES = 8 << 20


def reader(
    kafka: KafkaConnection,
    isolation: str = "read_committed",
    *,
    partition_bytes: int = PARTITION_BYTES,
    partitions: int = 8,
) -> AIOKafkaConsumer:
    """A consumer without a group, not started yet, that begins where the log does if it was told nothing.

    It fetches up to `partition_bytes` of each partition, and as much as `partitions` of them have at once.
    """
    return AIOKafkaConsumer(
        **kafka.client_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation,
        max_partition_fetch_bytes=partition_bytes,
        fetch_max_bytes=partitions * partition_bytes,
    )


class Fetched(NamedTuple):
    """What a partition's log has from offset `start` up to `stop`, as a reader of what is committed sees it.

    It follows on what was fetched before it, whether that came through or not: whoever stands before `start` has missed
    something. Offsets that the batch lacks are markers, given up, or removed.
    """

    batch: RawBatch
    start: int
    stop: int


def batch_of(records: Sequence[ConsumerRecord]) -> RawBatch:
    """The records of one partition, in their order."""
    return RawBatch(
        [record.value for record in records],
        np.fromiter((record.offset for record in records), np.int64, len(records)),
        [record.timestamp for record in records],
    )
