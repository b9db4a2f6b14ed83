"""Records of the panes topic become whole flushes, with the offsets from which to read on."""

from collections.abc import Mapping, Sequence

from kpi.tasks.replay import CommittedFlushes
from kpi.tasks.together import Together, Whole
from schemas.wire import Claim, EntityBlock, IdleMark, Progress, Record, decode


class Assembly:
    """Takes the records of every partition in order; what counts waits in `records` until it is taken over.

    What tasks have written together, at the end of a rebuild, is taken over together.

    `transactional`: whether the broker shows a flush whole or not at all. `positions`: by partition, where to begin.
    Entities and marks are the writers' own affair.
    """

    def __init__(self, *, transactional: bool, positions: Mapping[int, int]) -> None:
        self._flushes = CommittedFlushes(transactional=transactional)
        self._together = Together()
        self._waiting_from: dict[str, tuple[int, int]] = {}
        self._next = dict(positions)
        self.records: list[Record] = []

    def feed(self, partition: int, offset: int, key: bytes, value: bytes | None, appended: int) -> None:
        """One record, appended at that time (epoch milliseconds). Raises UnknownEncoding where a newer version wrote
        it.
        """
        self._next[partition] = offset + 1
        record = decode(key, value)
        if record is None or isinstance(record, EntityBlock | IdleMark):
            return
        began = self._waiting_from.get(record.task, (partition, offset))
        counted = self._flushes.feed(record)
        if counted:
            self.records += self._together.feed(Whole(counted, began), appended)
        if isinstance(record, Claim | Progress):
            self._waiting_from.pop(record.task, None)
        else:
            self._waiting_from.setdefault(record.task, (partition, offset))

    def heard(self, moment: int) -> list[str]:
        """Everything that was appended before `moment` (epoch milliseconds) has been fed: the rebuilds that have not
        ended everywhere, and are waited for no more.
        """
        late, records = self._together.expire(moment)
        self.records += records
        return late

    def position(self, partition: int) -> int:
        """The next offset to read."""
        return self._next.get(partition, 0)

    def reached(self, partition: int, position: int) -> None:
        """Everything before `position` was read, records without a message (of transactions) included."""
        self._next[partition] = max(position, self._next.get(partition, 0))

    def take(self) -> tuple[Sequence[Record], dict[int, int]]:
        """What counts since the last time, and by partition the offset from which nothing read so far may be missed."""
        records, self.records = self.records, []
        positions = dict(self._next)
        for partition, offset in (*self._waiting_from.values(), *self._together.places()):
            positions[partition] = min(positions[partition], offset)
        return records, positions
