"""Which records of the panes topic count: a whole flush or nothing."""

from schemas.wire import Claim, Progress, Record


class CommittedFlushes:
    """Turns the records of one panes partition, in log order, into whole flushes.

    With transactions, what is read (committed) counts; a flush ends with its progress record, and after compaction
    the rows of an older flush may be followed only by a later progress. Without transactions (and then without
    compaction), records count only if a progress record of the same incarnation follows, and only while that
    incarnation is the latest that claimed the task.
    """

    def __init__(self, *, transactional: bool) -> None:
        self._transactional = transactional
        self._claimed: dict[str, str] = {}
        self._pending: dict[str, list[Record]] = {}
        self._flushed: dict[str, tuple[str, int]] = {}

    def feed(self, record: Record) -> list[Record]:
        """The records that count from now on, the progress last; empty until a flush is complete."""
        task = record.task.removesuffix("/history")
        if isinstance(record, Claim):
            self._claimed[task] = record.incarnation
            if not self._transactional:
                self._pending.pop(task, None)
            return []
        if not self._transactional and record.incarnation not in (self._claimed.get(task), ""):
            return []
        pending = self._pending.setdefault(task, [])
        pending.append(record)
        if not isinstance(record, Progress):
            return []
        del self._pending[task]
        incarnation, number = self._flushed.get(task, ("", -1))
        if incarnation == record.incarnation and record.flush <= number:
            return []
        self._flushed[task] = (record.incarnation, record.flush)
        return pending
