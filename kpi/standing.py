"""How far the sources of a value have come: watermark, completeness, finality, and whether nothing means zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi.grains import MINUTE
from kpi.plan import Plan
from kpi.reading import Panes
from kpi.windows import Window
from schemas.kpis import Catalogue


@dataclass(frozen=True, slots=True)
class Source:
    """One stream in one task: its topic partition, or what is re-keyed of all of its partitions for that task.

    `lateness` in milliseconds; `watermark` and `first` in epoch milliseconds, None: not yet.
    """

    task: str
    lateness: int
    watermark: int | None
    first: int | None


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
                found.append(Source(task, catalogue.streams[stream].lateness, watermark, first))
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


def is_final(sources: Sequence[Source], end: int, wait: int) -> bool:
    """Whether nothing can change a window that ends at `end` any more. `wait`: posting delay and reach, in ms."""
    return all(s.watermark is not None and s.watermark - s.lateness >= end + wait for s in sources)


def is_covered(sources: Sequence[Source], window: Window) -> bool:
    """Whether an absence of contributions counts as zero: a source was there by then, and has been heard since."""
    return any(
        source.first is not None
        and source.first <= window.end
        and source.watermark is not None
        and source.watermark > window.start
        for source in sources
    )
