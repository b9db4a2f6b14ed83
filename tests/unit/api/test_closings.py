"""Closed days on several partitions, after a restart, and beside what has no days."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi.tasks.refusals import CannotContinue
from tests.pipeline import Pipeline, catalogue_of

ABOUT = "title: t\nsentence: s\ndepartment: sales\nunit: things\ndirection: up\nkind: leading\nowner: me\n"
BOOKS = f"""
stream: book.entry
key: centre
partitions: 2
clock: replay
disorder: 0s
lateness: 1d
fields: {{centre: string, closes: boolean, amount: int32, effective: date}}
closing: {{where: closes, per: centre, through: effective, zone: Europe/Berlin, of: [a, b, c, d]}}
contributions:
  posted:
    at: {{day: effective, zone: Europe/Berlin}}
    value: amount
    where: not closes
    dimensions: {{centre: centre}}
---
kpi: posted
{ABOUT}measures: {{posted: {{from: book.entry.posted, aggregate: sum}}}}
formula: posted
dimensions: [centre]
windows: {{calendar: [day, month]}}
---
kpi: typed
{ABOUT}measures: {{typed: {{from: book.entry, aggregate: count}}}}
formula: typed
windows: {{calendar: [month]}}
---
reporting: default
zones: [Europe/Berlin]
"""
Event = dict[str, Any]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, BOOKS))
    yield pipeline
    pipeline.view.close()


def said(centre: str, day: str, effective: str, amount: int = 0) -> Event:
    """An amount, or a closing where there is none."""
    event = {"centre": centre, "time": f"2026-{day}T12:00:00Z", "effective": f"2026-{effective}"}
    return {**event, "amount": amount, "closes": not amount}


def march(made: Pipeline, kpi: str = "posted", **asked: str) -> tuple[object, str]:
    value = made.value(kpi, "month", "2026-03-15T00:00:00Z", **asked)
    return value.value, value.state


def test_all_that_are_named_have_to_close_wherever_they_lie(made: Pipeline) -> None:
    centres = "abcd"
    # Sent to one partition, and moved to where each belongs.
    made.send("book.entry", *(said(centre, "03-10", "03-10", 1) for centre in centres))
    assert made.fates("book.entry")["rekeyed"] > 0
    for day in ("04-20", "04-21"):
        for centre in centres:
            made.send("book.entry", said(centre, day, "12-01", 9))
    assert march(made) == (4, "provisional")
    assert march(made, "typed") == (4, "final")

    states = []
    for centre in centres:
        made.send("book.entry", said(centre, "04-22", "03-31"))
        states.append((march(made)[1], march(made, centre=centre)[1]))
    assert states == [("provisional", "final")] * 3 + [("final", "final")]

    made.send("book.entry", said("b", "04-23", "03-31", 100), said("b", "04-23", "04-01", 1))
    assert march(made) == (4, "final")
    assert [late.lateness for late in made.late] == [86_400_000]
    assert made.value("posted", "day", "2026-04-01T12:00:00Z").value == 1


def test_who_is_not_named_is_late_with_all_that_it_says(made: Pipeline) -> None:
    made.send("book.entry", said("x", "03-10", "03-10", 1), said("x", "03-10", "03-31"))

    assert made.fates("book.entry")["late"] == 2
    assert {late.lateness for late in made.late} == {0}


def test_what_is_closed_outlives_a_restart(tmp_path: Path, made: Pipeline) -> None:
    made.send("book.entry", said("a", "03-10", "03-10", 1), said("a", "04-02", "03-31"))
    again = made.restarted(catalogue_of(tmp_path, BOOKS))
    again.send("book.entry", said("a", "04-03", "03-31", 10))

    assert march(again)[0] == 1
    assert len(again.late) == 1
    again.view.close()


def test_who_closes_stays_on_its_partition(tmp_path: Path, made: Pipeline) -> None:
    made.send("book.entry", said("a", "03-10", "03-10", 1))
    wider = catalogue_of(tmp_path, BOOKS.replace("partitions: 2", "partitions: 3"))

    with pytest.raises(CannotContinue, match="its keys lie elsewhere now"):
        made.restarted(wider)
