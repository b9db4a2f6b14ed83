"""Case T2: late events are judged one by one, and each flush that changes a closed window raises its revision."""

from itertools import pairwise

import pytest

from kpi.grains import MINUTE
from kpi.planning import plan
from schemas.kpis import Catalogue
from schemas.wire import Progress, Rows
from services.runtime.catalogue import load
from tests.property.core.simulation import Simulated

TEN = 1_767_261_600_000  # 2026-01-01T10:00Z
ARRIVALS = ["00:10", "04:50", "05:40", "03:00", "10:40", "04:59", "05:20"]


def strict() -> Catalogue:
    """The shipped catalogue, clicks with a disorder of 30 s and a lateness of 5 min."""
    catalogue = load([], packs=["marketing"])
    click = catalogue.streams["web.click"].model_copy(update={"disorder": 30_000, "lateness": 300_000})
    return catalogue.model_copy(update={"streams": {**catalogue.streams, "web.click": click}})


def events() -> list[dict[str, object]]:
    fields = {
        "click_id": "c",
        "campaign_id": "a",
        "ad_id": "x",
        "placement": "top",
        "audience": "all",
        "billable": True,
    }
    moments = [TEN + (int(text[:2]) * 60 + int(text[3:])) * 1000 for text in ARRIVALS]
    return [{"id": str(n), "time": time, "is_bot": False, **fields} for n, time in enumerate(moments)]


def run(*, each: bool) -> tuple[Simulated, list[Rows]]:
    simulated = Simulated(strict(), "web.click", 0, "web.click.v1", events())
    for first, stop in pairwise(range(8)) if each else [(0, 7)]:
        simulated.task.take("web.click.v1", simulated.batch(first, stop))
        simulated.flush()
    group = plan(simulated.catalogue).readings["click_through_rate", "clicks"].group
    records = simulated.settled().values()
    return simulated, [row for row in records if isinstance(row, Rows) and row.group == group and row.grain == "1m"]


def count(rows: list[Rows], start: int, end: int) -> int:
    inside = [row for row in rows if TEN + start * MINUTE <= row.start < TEN + end * MINUTE]
    return sum(next(iter(row.columns.values()))[0] or 0 for row in inside)


def revision(rows: list[Rows], start: int, end: int) -> int:
    """1 + the flushes that changed the window and began with a watermark at or past its end."""
    inside = [row for row in rows if TEN + start * MINUTE <= row.start < TEN + end * MINUTE]
    after = {flush for row in inside for flush, watermark in row.changes if watermark >= TEN + end * MINUTE}
    return 1 + len(after)


@pytest.mark.parametrize("each", [True, False])
def test_values_do_not_depend_on_flushes(each: bool) -> None:
    simulated, rows = run(each=each)
    assert (count(rows, 0, 5), count(rows, 5, 10), count(rows, 0, 60)) == (3, 2, 6)
    progress = simulated.progress()
    assert isinstance(progress, Progress)
    topic = progress.topics["web.click.v1"]
    assert (topic.fates["aggregated"], topic.fates["late"], sum(topic.fates.values())) == (6, 1, 7)
    assert topic.watermark == TEN + 10 * MINUTE + 10_000


def test_revisions_count_what_anybody_could_have_seen() -> None:
    _, rows = run(each=True)
    assert (revision(rows, 0, 5), revision(rows, 5, 10)) == (2, 2)
    _, rows = run(each=False)
    assert (revision(rows, 0, 5), revision(rows, 5, 10)) == (1, 1)


def test_the_late_record_says_by_how_much() -> None:
    simulated = Simulated(strict(), "web.click", 0, "web.click.v1", events())
    simulated.task.take("web.click.v1", simulated.batch(0, 7))
    flush = simulated.task.flush(0)
    assert flush is not None
    assert [(late.offset, late.lateness) for late in flush.late] == [(5, 311_000)]
