"""How far the sources of a value have come: watermark, completeness, finality, and whether nothing means zero."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kpi.accepting.closings import Closed, closed_by_all
from kpi.grains import DAY, MINUTE, day_start
from kpi.plan import Group, Plan
from kpi.reading import Panes
from kpi.windows import Window
from schemas.closings import Closing
from schemas.kpis import Catalogue
from schemas.times import to_datetime


@dataclass(frozen=True, slots=True)
class Source:
    """One stream in one task: its topic partition, or what is re-keyed of all of its partitions for that task.

    `lateness` in milliseconds; `watermark` and `first` in epoch milliseconds, None: not yet. `earliest`: by source of
    measures the first date of what is not dated by its event's own time. `stream`, `closing`: whose records they are,
    and how its days are closed; `closed`: see `Progress`.
    """

    task: str
    lateness: int
    watermark: int | None
    first: int | None
    earliest: Mapping[str, int] = field(default_factory=dict)
    stream: str = ""
    closing: Closing | None = None
    closed: Closed = field(default_factory=dict)


def sources(catalogue: Catalogue, plan: Plan, panes: Panes, units: Iterable[str]) -> tuple[Source, ...]:
    """The live sources of these units, those without progress included."""
    found = []
    for name in sorted(set(units)):
        unit = plan.units[name]
        for partition in range(unit.partitions):
            task = f"{name}/{partition}"
            progress = panes.progress(task)
            topics = progress.topics if progress is not None else {}
            # A backfill has no watermark of its own to wait for, but what it brought may be counted.
            first = min((topic.first for topic in topics.values() if topic.first is not None), default=None)
            for stream in unit.streams:
                here = topics.get(unit.live_topic(stream))
                watermark = here.watermark if here is not None else None
                dated = progress.earliest if progress is not None else {}
                closed = progress.closed.get(unit.live_topic(stream), {}) if progress is not None else {}
                declared = catalogue.streams[stream]
                found.append(Source(task, declared.lateness, watermark, first, dated, stream, declared.closing, closed))
    return tuple(found)


def lowest_watermark(sources: Sequence[Source]) -> int | None:
    """The watermark that all have reached; None while one has none."""
    marks = [source.watermark for source in sources if source.watermark is not None]
    return min(marks) if marks and len(marks) == len(sources) else None


def now_of_levels(sources: Sequence[Source]) -> int | None:
    """The last whole minute of the lowest watermark there is: inside a minute, edges cannot be told apart."""
    marks = [source.watermark for source in sources if source.watermark is not None]
    return min(marks) // MINUTE * MINUTE if marks else None


def completeness(sources: Sequence[Source], window: Window) -> float:
    """The mean over the sources of the share of the window that their watermark has passed, 0 to 1."""
    length = window.end - window.start
    shares = [
        0.0 if source.watermark is None else min(max((source.watermark - window.start) / length, 0.0), 1.0)
        for source in sources
    ]
    return sum(shares) / len(shares) if shares else 0.0


def is_final(sources: Sequence[Source], end: int, wait: int, closings: Mapping[str, str | None]) -> bool:
    """Whether nothing can change a window that ends at `end` any more. `wait`: posting delay and reach, in ms.

    `closings`: the streams whose days must be closed, with who alone is asked for; None: all.
    """
    passed = all(s.watermark is not None and s.watermark - s.lateness >= end + wait for s in sources)
    return passed and all(_closed_until(sources, stream, who) >= end for stream, who in closings.items())


def _closed_until(sources: Sequence[Source], stream: str, who: str | None) -> float:
    """The end of the last day that is closed, epoch milliseconds."""
    dates: dict[str, int | None] = {}
    zone = "UTC"
    for source in sources:
        if source.stream != stream or source.closing is None:
            continue
        zone = source.closing.zone
        dates |= {name: dates.get(name) for name in source.closing.of}
        # Each has its partition, and is known by name alone on others.
        dates |= {name: date for name, date in source.closed.items() if date is not None or name not in dates}
    last = dates.get(who) if who is not None else closed_by_all(dates.values())
    return -math.inf if last is None else day_start(to_datetime(last + DAY).date(), zone)


def is_covered(sources: Sequence[Source], window: Window, group: Group) -> bool:
    """Whether an absence of contributions counts as zero: a source was there by then, and has been heard since.

    What has dates of its own was there from the first of these on.
    """
    return any(
        _was_there(source, window.end, group) and source.watermark is not None and source.watermark > window.start
        for source in sources
    )


def _was_there(source: Source, end: int, group: Group) -> bool:
    if not group.dated:
        return source.first is not None and source.first <= end
    first = source.earliest.get(group.source)
    # Dates lie on the moments at which windows end: what begins with the next one was not there.
    return first is not None and first < end
