"""The books say by themselves when something was counted wrongly: each mutation of the counting is found by them."""

from collections.abc import Callable

import polars as pl
import pytest

from kpi.tasks.source import RawBatch, RekeyedSource, Source
from kpi.units import Origin
from tests.property.simulation.differences import Differs
from tests.property.simulation.schedule import run

MOST_SCHEDULES = 20
accept, mark = Source.accept, RekeyedSource.mark


def without_corrections(source: Source, accepted: pl.DataFrame) -> None:
    """Those are accepted, and no fate says so."""
    accept(source, accepted.filter(pl.col("target").is_null()))


def twice_what_is_late(source: Source, accepted: pl.DataFrame) -> None:
    """A record under two fates."""
    accept(source, accepted)
    source.fates["late"] += min(source.fates["late"], 1)


def without_marks(source: RekeyedSource, origin: Origin, watermark: int) -> None:
    """They are read, and counted nowhere."""
    mark(source, origin, watermark)
    source.marks -= 1


def all_of_it(batch: RawBatch, position: int) -> RawBatch:
    """What was taken before is taken again where it is delivered again."""
    del position
    return batch


def read_but_not_counted(source: Source, batch: RawBatch) -> None:
    """The position moves on, and nobody knows over how many records."""
    source.position, source.appended = int(batch.offsets[-1]) + 1, int(batch.appended[-1])


@pytest.mark.parametrize(
    ("place", "mutation"),
    [
        ("kpi.tasks.source.Source.accept", without_corrections),
        ("kpi.tasks.source.Source.accept", twice_what_is_late),
        ("kpi.tasks.source.RekeyedSource.mark", without_marks),
        ("kpi.tasks.source.RawBatch.since", all_of_it),
        ("kpi.tasks.source.Source.read", read_but_not_counted),
    ],
)
def test_what_is_counted_wrongly_does_not_balance(
    monkeypatch: pytest.MonkeyPatch, place: str, mutation: Callable[..., object]
) -> None:
    monkeypatch.setattr(place, mutation)
    with pytest.raises(Differs, match="that the books do not explain"):
        run_until_it_differs()


def run_until_it_differs() -> None:
    """Schedules as they come."""
    for seed in range(MOST_SCHEDULES):
        run(seed)
