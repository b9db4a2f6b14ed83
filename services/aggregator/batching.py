"""One Faust event per partition and fetch, by the public `ConsumerScheduler` setting.

Faust spends 33 microseconds a message in its consumer loop; a whole fetch as one message costs that once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from faust.types import TP
from faust.types.transports import SchedulingStrategyT

from services.aggregator.fetching import Fetched


class _BatchRecord:
    """What Faust reads of a consumer record, with what was fetched as its value, and its last offset as its own."""

    __slots__ = ("offset", "partition", "timestamp", "topic", "value")
    timestamp_type, headers, key, checksum = 0, (), None, None
    serialized_key_size = serialized_value_size = -1

    def __init__(self, tp: TP, fetched: Fetched) -> None:
        self.topic, self.partition = tp
        self.offset, self.timestamp = int(fetched.batch.offsets[-1]), fetched.batch.appended[-1]
        self.value = fetched


class BatchScheduler(SchedulingStrategyT):
    """Delivers every fetch of a partition as one event whose value is `Fetched`."""

    @classmethod
    def map_from_records(cls, records: Mapping[TP, list[Any]]) -> Any:
        """Faust's hook; what was fetched stays as it is."""
        return records

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        """A pseudo-record for each partition; `records`: of each the one `Fetched`."""
        for tp, [fetched] in records.items():
            partition = TP(tp.topic, tp.partition)
            yield partition, _BatchRecord(partition, fetched)
