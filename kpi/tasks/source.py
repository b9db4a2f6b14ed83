"""Where a task stands in one of its topics."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kpi.accepting.identifiers import SeenIdentifiers
from schemas.streams import Stream
from schemas.wire import FATES, TopicProgress

Offsets = npt.NDArray[np.int64]
NO_LIMIT = 2**62
"""A lateness, in milliseconds, that nothing exceeds."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Raw records of one topic partition in log order: values, offsets (ascending), append times (epoch
    milliseconds).
    """

    values: Sequence[bytes | None]
    offsets: Offsets
    appended: Sequence[int]

    def since(self, position: int) -> "RawBatch":
        """The records at or after `position`."""
        if not len(self.offsets) or self.offsets[0] >= position:
            return self
        cut = int(np.searchsorted(self.offsets, position))
        return RawBatch(self.values[cut:], self.offsets[cut:], self.appended[cut:])

    def before(self, position: int) -> "RawBatch":
        """The records before `position`."""
        cut = int(np.searchsorted(self.offsets, position))
        return RawBatch(self.values[:cut], self.offsets[:cut], self.appended[:cut])


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be read: where it lay, its raw bytes, and why."""

    topic: str
    partition: int
    offset: int
    raw: bytes | None
    reason: str
    pointer: str


@dataclass(frozen=True, slots=True)
class LateRecord:
    """A record that came too late: where it lay, its raw bytes, and by how much (milliseconds behind the watermark)."""

    topic: str
    partition: int
    offset: int
    raw: bytes
    lateness: int


@dataclass(frozen=True, slots=True)
class MovedRecord:
    """A record on the wrong partition for its key, to be written to the right one."""

    topic: str
    partition: int
    key: str
    raw: bytes


@dataclass(slots=True)
class Source:
    """One topic of a task. `history`: a backfill topic, which has no lateness limit and no part in the watermark."""

    topic: str
    stream: Stream
    history: bool
    position: int = 0
    end: int = 0
    watermark: int | None = None
    first: int | None = None
    last: int | None = None
    appended: int | None = None
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    unknown_fields: int = 0
    seen: SeenIdentifiers = field(init=False)
    judged: Stream = field(init=False)
    """The stream as its records are judged here."""

    def __post_init__(self) -> None:
        self.judged = self.stream.model_copy(update={"lateness": NO_LIMIT}) if self.history else self.stream
        self.seen = SeenIdentifiers(self.stream.dedup_horizon)

    def restore(self, progress: TopicProgress) -> None:
        """Takes over what a progress record says."""
        self.position, self.end, self.watermark = progress.position, progress.end, progress.watermark
        self.first, self.last, self.appended = progress.first, progress.last, progress.appended
        self.fates = dict.fromkeys(FATES, 0) | progress.fates
        self.unknown_fields = progress.unknown_fields

    def progress(self) -> TopicProgress:
        """The present standing, for the progress record."""
        return TopicProgress(
            self.position,
            max(self.end, self.position),
            self.watermark,
            self.first,
            self.last,
            self.appended,
            dict(self.fates),
            self.unknown_fields,
        )
