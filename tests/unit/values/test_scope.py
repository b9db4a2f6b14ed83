"""What a KPI depends on: what is dated ahead, for how long contributions may change, and the name of a definition."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi.definition import definition_version
from kpi.planning import plan
from kpi.scope import Scope
from schemas.kpis import Catalogue
from services.runtime.catalogue import load

DAY = 86_400_000
DECLARED = """
stream: support.ticket
key: ticket_id
partitions: 1
lateness: 1h
corrections: 3d
fields: {ticket_id: string, action: {enum: [opened, replied, won]}, team: string, due: int64}
---
stream: web.click
partitions: 1
fields: {campaign: string}
---
target: response_target
values: [{value: 3600, from: 2000-01-01}]
---
entity: ticket
of: {support.ticket: ticket_id}
forget_after: 90d
states:
  opened: {first: action = 'opened', carrying: [team, due]}
  replied: {first: action = 'replied', after: opened}
  open: {enter: action = 'opened', leave: action = 'replied', within: 7d}
deadlines: {deadline: {after: opened, target: response_target}}
contributions:
  response: {at: AT, dimensions: {team: opened_team}}
  open: {level: open}
  episode: {each: open, at: open_ended}
---
kpi: responses
title: Responses
sentence: How many answers there were.
department: service
unit: answers
direction: up
kind: lagging
owner: support lead
measures: {it: {from: FROM, aggregate: AGGREGATE}}
formula: it
windows: {calendar: [day]}
reach: 11d
"""

Made = Callable[..., Catalogue]


@pytest.fixture
def catalogue(tmp_path: Path) -> Made:
    """Makes the catalogue, with these words in place of others."""

    def make(*changes: tuple[str, str], at: str = "replied_time", source: str = "ticket.response") -> Catalogue:
        text = DECLARED.replace("AT,", f'"{at}",').replace("FROM", source)
        for old, new in (*changes, ("AGGREGATE", "count")):
            text = text.replace(old, new)
        (tmp_path / "catalogue.yaml").write_text(text)
        return load([tmp_path], default=False)

    return make


@pytest.mark.parametrize(
    ("at", "ahead"),
    [
        ("replied_time", False),
        ("coalesce(replied_time, opened_time)", False),
        ("least(replied_time, opened_time)", False),
        ("case when replied_time <= deadline then replied_time else deadline end", True),
        ("opened_time + 2592000000", True),
        ("case when replied_time is null then opened_time + 3600000 else replied_time end", True),
        ("opened_time - 60000", False),
    ],
)
def test_what_may_lie_after_its_records_is_dated_ahead(catalogue: Made, at: str, ahead: bool) -> None:
    made = catalogue(at=at)
    assert Scope(made, plan(made)).reads_ahead("responses") is ahead


@pytest.mark.parametrize(
    ("source", "aggregate", "ahead"),
    [
        ("ticket.open", "level", True),
        ("ticket.open", "integral", True),
        ("ticket.episode", "count", False),
        ("web.click", "count", False),
    ],
)
def test_levels_are_dated_ahead_and_plain_events_are_not(
    catalogue: Made, source: str, aggregate: str, ahead: bool
) -> None:
    made = catalogue(("AGGREGATE", aggregate), source=source)
    assert Scope(made, plan(made)).reads_ahead("responses") is ahead


@pytest.mark.parametrize(
    ("source", "declared", "days"),
    [
        ("web.click", 0, 0),
        ("support.ticket", 0, 3),
        ("ticket.response", 0, 3),
        ("ticket.episode", 0, 10),
        ("ticket.episode", 30, 30),
    ],
)
def test_reach_is_the_longer_of_the_declared_and_what_follows(
    catalogue: Made, source: str, declared: int, days: int
) -> None:
    made = catalogue(source=source)
    kpi = made.kpis["responses"].model_copy(update={"reach": declared * DAY})
    assert Scope(made, plan(made)).reach(kpi) == days * DAY


@pytest.mark.parametrize(
    "change",
    [
        ("lateness: 1h", "lateness: 2h"),
        ("corrections: 3d", "corrections: 4d"),
        ("within: 7d", "within: 8d"),
        ("forget_after: 90d", "forget_after: never"),
        ("value: 3600", "value: 1800"),
        ("aggregate: AGGREGATE", "aggregate: sum"),
        ("aggregate: AGGREGATE", "aggregate: AGGREGATE, window: previous"),
        ("aggregate: AGGREGATE", "aggregate: distinct, value: team"),
        ("reach: 11d", "reach: 12d"),
        ("---\nkpi:", "---\nreporting: default\nmost_keys: 1000\n---\nkpi:"),
        ("---\nkpi:", "---\nreporting: default\nmost_groups: 1000\n---\nkpi:"),
    ],
    ids=str,
)
def test_definition_is_named_by_all_that_decides_values(catalogue: Made, change: tuple[str, str]) -> None:
    known = definition_version(catalogue(), "responses")
    assert definition_version(catalogue(), "responses") == known
    assert definition_version(catalogue(change), "responses") != known
    elsewhere = catalogue(("campaign: string", "campaign: int64"))
    assert definition_version(elsewhere, "responses") == known, "another stream does not matter"
