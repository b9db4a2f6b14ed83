"""What people recorded, as an api process knows it: read from its topics, from their beginning each time it starts."""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiokafka import TopicPartition

from kpi.entries import ACTIONS, ANNOTATIONS, TARGETS, Ledger
from schemas.kpis import Catalogue
from schemas.records import RecordValidator
from schemas.topics import stream_topic

_REMARK: Final = frozenset({"kpi", "from", "text", "author"})
FOLLOWED: Final = {
    TARGETS: frozenset({"kpi", "start", "value", "scale", "author", "reason"}),
    ANNOTATIONS: _REMARK,
    ACTIONS: _REMARK,
}
"""The streams that answers show, with the fields that these need; what is counted of others reaches them in the panes.
"""

logger = structlog.get_logger(__name__)


class Recording:
    """Takes the records of every partition in order, which one thread feeds. Any thread may read the `ledger`."""

    def __init__(self, catalogue: Catalogue) -> None:
        declared = [(catalogue.streams[name], needed) for name, needed in FOLLOWED.items() if name in catalogue.streams]
        # A catalogue without the shipped declarations may have others of these names.
        streams = [stream for stream, needed in declared if needed <= stream.fields.keys()]
        self._validators = {stream_topic(stream.stream): RecordValidator(stream) for stream in streams}
        self.partitions = tuple(
            TopicPartition(stream_topic(stream.stream), number)
            for stream in streams
            for number in range(stream.partitions)
        )
        self._said: dict[TopicPartition, list[tuple[str, Mapping[str, Any]]]] = {}
        self._next: dict[TopicPartition, int] = {}
        self._ledger = Ledger()
        self.is_behind = False
        """Whether something was fed that the ledger does not show yet."""

    @property
    def ledger(self) -> Ledger:
        """What stood when `settle` was last called."""
        return self._ledger

    def position(self, place: TopicPartition) -> int:
        """The next offset to read."""
        return self._next.get(place, 0)

    def feed(self, place: TopicPartition, offset: int, value: bytes | None, appended: int) -> None:
        """One record, appended at that time (epoch milliseconds). One that is invalid is passed over."""
        self._next[place] = offset + 1
        validator = self._validators[place.topic]
        event = validator.validate_json(value, appended)
        if isinstance(event, dict):
            self._said.setdefault(place, []).append((validator.stream.stream, event))
            self.is_behind = True

    def reached(self, place: TopicPartition, position: int) -> None:
        """Everything before `position` was read, records without a message (of transactions) included."""
        self._next[place] = max(position, self._next.get(place, 0))

    def continued(self, ends: Mapping[TopicPartition, int]) -> None:
        """Begin again where a topic has been made anew since. `ends`: of the logs."""
        for place in self.partitions:
            if self.position(place) > ends.get(place, 0):
                logger.warning("a topic of what people record was made anew", topic=place.topic)
                self._said.pop(place, None)
                self._next.pop(place)
                self.is_behind = True

    def settle(self) -> None:
        """Let the ledger show all that was fed."""
        self.is_behind = False
        self._ledger = Ledger.of(one for place in self.partitions for one in self._said.get(place, ()))
