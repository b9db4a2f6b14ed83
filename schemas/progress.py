"""Where a task stands in its topics, as its progress record says it."""

from dataclasses import dataclass, field

FATES = ("invalid", "rekeyed", "duplicate", "late", "correction", "aggregated")
"""Where a record may end, in order of precedence. Per topic partition, consumed is the sum of these counts."""


@dataclass(frozen=True, slots=True)
class OriginProgress:
    """How far a topic partition has come whose records arrive re-keyed: the highest offset, and the last mark."""

    offset: int = -1
    watermark: int | None = None


@dataclass(frozen=True, slots=True)
class TopicProgress:
    """Where a task stands in one topic partition. Times are epoch milliseconds, None until an event was seen.

    `position` is the next offset to read, `end` the log's end as last seen, `first` the earliest accepted event's time,
    `last` the latest, `appended` the append time of the last record read. Of a re-keyed topic, `watermark` is the
    lowest of its origins (by `<topic>/<partition>`); what repeats is a duplicate, and `marks` of them were read beside
    what is consumed. `consumed`: the records read, counted as they came; the sum of `fates` and `marks` must equal it.
    `lost`: offsets before the log's beginning when they were to be read: retention was quicker. `topic_id` names the
    topic that the position is of, where the broker tells: one made anew has another.
    """

    position: int = 0
    end: int = 0
    watermark: int | None = None
    first: int | None = None
    last: int | None = None
    appended: int | None = None
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    unknown_fields: int = 0
    conflicting: int = 0
    marks: int = 0
    consumed: int = 0
    lost: int = 0
    topic_id: str | None = None
    origins: dict[str, OriginProgress] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """How the work on a task goes. Durations are milliseconds; counts are of the task's whole life.

    `take_overs`: how often it was taken over; `fencings`: how often an owner found itself shut out and came back;
    `recovery`: how long the last take-over took; `flush`: how long the flush before took to be confirmed.
    """

    take_overs: int = 0
    fencings: int = 0
    recovery: int = 0
    flush: int = 0
