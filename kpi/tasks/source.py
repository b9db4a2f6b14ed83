"""Where a task stands in one of its topics."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from kpi.accepting.identifiers import SeenIdentifiers
from kpi.tasks.refusals import CannotContinue
from kpi.units import Origin
from schemas.progress import FATES, OriginProgress, TopicProgress
from schemas.streams import Stream

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


@dataclass(slots=True)
class Source:
    """One topic of a task."""

    topic: str
    stream: Stream
    position: int = 0
    end: int = 0
    watermark: int | None = None
    first: int | None = None
    last: int | None = None
    appended: int | None = None
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    unknown_fields: int = 0
    conflicting: int = 0
    consumed: int = 0
    lost: int = 0
    topic_id: str | None = None
    is_known: bool = False
    """Whether a progress record says where it stands: from then on every record of it is to be read."""

    @property
    def is_live(self) -> bool:
        """Whether its watermark has a part in the task's."""
        return True

    def read(self, batch: RawBatch) -> None:
        """The position is after the batch now. What was read is counted apart from where it ends."""
        self.position, self.appended = int(batch.offsets[-1]) + 1, int(batch.appended[-1])
        self.consumed += len(batch.values)

    def accept(self, accepted: pl.DataFrame) -> None:
        """Counts accepted records."""
        corrections = accepted.height - accepted["target"].null_count()
        self.fates["correction"] += corrections
        self.fates["aggregated"] += accepted.height - corrections
        if accepted.height:
            lowest, highest = accepted.select(low=pl.col("time").min(), high=pl.col("time").max()).row(0)
            self.first = lowest if self.first is None else min(self.first, lowest)
            self.last = highest if self.last is None else max(self.last, highest)

    def restore(self, progress: TopicProgress) -> None:
        """Takes over what a progress record says."""
        self.position, self.end, self.watermark = progress.position, progress.end, progress.watermark
        self.first, self.last, self.appended = progress.first, progress.last, progress.appended
        self.fates = dict.fromkeys(FATES, 0) | progress.fates
        self.unknown_fields, self.conflicting = progress.unknown_fields, progress.conflicting
        self.consumed, self.lost, self.is_known = progress.consumed, progress.lost, True
        self.topic_id = progress.topic_id

    def identify(self, topic_id: str | None, end: int) -> None:
        """The topic as it is found: its id, None where the broker has none, and where the log ends.

        Raises CannotContinue where it is not the one whose records were counted.
        """
        renewed = self.position > 0 and None not in (topic_id, self.topic_id) and topic_id != self.topic_id
        if renewed or self.position > end:
            raise CannotContinue(
                f"the topic {self.topic} was made anew: it was read up to offset {self.position}, and this one "
                + (f"has another id ({topic_id}, not {self.topic_id})" if renewed else f"ends at {end}")
                + ". What was counted of the earlier one cannot be told from what is in this one: stop the workers and "
                "run `kpi rebuild`, which counts anew what the topics hold"
            )
        self.topic_id = topic_id or self.topic_id

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
            self.conflicting,
            consumed=self.consumed,
            lost=self.lost,
            topic_id=self.topic_id,
        )


@dataclass(slots=True)
class StreamSource(Source):
    """A stream's own topic, whose records are judged here.

    `history`: a backfill topic, which has no lateness limit and no part in the watermark.
    """

    history: bool = False
    seen: SeenIdentifiers = field(init=False)
    judged: Stream = field(init=False)
    """The stream as its records are judged here."""
    closed: dict[str, int | None] = field(default_factory=dict)
    """See `kpi.accepting.closings`."""

    def __post_init__(self) -> None:
        self.judged = self.stream.model_copy(update={"lateness": NO_LIMIT}) if self.history else self.stream
        self.seen = SeenIdentifiers(self.stream.dedup_horizon)

    @property
    def is_live(self) -> bool:
        """See `Source`."""
        return not self.history


@dataclass(slots=True)
class RekeyedSource(Source):
    """A re-keyed topic. Its watermark is the lowest of the last marks of `declared`, None until each has made one."""

    declared: tuple[Origin, ...] = ()
    marks: int = 0
    offsets: dict[Origin, int] = field(default_factory=dict)
    watermarks: dict[Origin, int] = field(default_factory=dict)

    def is_repeat(self, origin: Origin, offset: int) -> bool:
        """Whether the record has been here before. A broker without transactions keeps what a lost flush wrote."""
        repeats = offset <= self.offsets.get(origin, -1)
        if not repeats:
            self.offsets[origin] = offset
        return repeats

    def mark(self, origin: Origin, watermark: int) -> None:
        """The origin has come so far."""
        self.marks += 1
        self.watermarks[origin] = max(watermark, self.watermarks.get(origin, watermark))
        found = [self.watermarks.get(each) for each in self.declared]
        marks = [mark for mark in found if mark is not None]
        self.watermark = min(marks) if len(marks) == len(found) else None

    def restore(self, progress: TopicProgress) -> None:
        """See `Source`."""
        Source.restore(self, progress)
        self.marks = progress.marks
        for place, known in progress.origins.items():
            topic, _, partition = place.rpartition("/")
            origin = Origin(topic, int(partition))
            self.offsets[origin] = known.offset
            if known.watermark is not None:
                self.watermarks[origin] = known.watermark

    def progress(self) -> TopicProgress:
        """See `Source`."""
        origins = {
            f"{origin.topic}/{origin.partition}": OriginProgress(
                self.offsets.get(origin, -1), self.watermarks.get(origin)
            )
            for origin in sorted({*self.offsets, *self.watermarks}, key=lambda each: (each.topic, each.partition))
        }
        return replace(Source.progress(self), marks=self.marks, origins=origins)
