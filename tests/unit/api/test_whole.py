"""KPIs that read another one without the dimensions that it lacks, against the events themselves."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of

Event = dict[str, object]
DECLARED = (
    """
stream: shop.sale
partitions: 1
clock: replay
disorder: 0s
lateness: 1h
fields: {customer: string, segment: string, team: string, amount: int64, cost: int64}
"""
    + kpi(
        "revenue",
        "{it: {from: shop.sale, aggregate: sum, value: amount}}",
        "it",
        more="dimensions: [segment, team]",
    )
    + kpi(
        "margin",
        "{a: {from: shop.sale, aggregate: sum, value: amount}, c: {from: shop.sale, aggregate: sum, value: cost}}",
        "(a - c) * 1.0 / nullif(a, 0)",
        more="dimensions: [segment]",
    )
    + kpi("people", "{them: {from: shop.sale, aggregate: distinct, value: customer}}", "them")
    + kpi(
        "worth",
        "{}",
        "revenue * margin / nullif(people, 0)",
        more="uses: [revenue, margin, people]\nwhole: [margin, people]\ndimensions: [segment, team]",
    )
    + kpi(
        "share",
        "{}",
        "worth * 1.0 / nullif(before, 0)",
        more="uses: [worth, revenue]\ndimensions: [segment, team]\ncompare: {before: {of: revenue, ago: previous}}",
    )
    + kpi(
        "growth",
        "{}",
        "revenue - before",
        more="uses: [revenue, people]\nwhole: [people]\ndimensions: [team]\n"
        "compare: {before: {of: people, ago: previous}}",
    )
)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Pipeline, list[list[Event]]]]:
    """A pipeline that has seen three days, and the events of each."""
    chance = random.Random(3)
    days: list[list[Event]] = [
        [
            {
                "time": f"2026-03-0{day}T{hour:02}:00:00Z", "customer": f"c{chance.randrange(9)}",
                "segment": chance.choice("ab"), "team": chance.choice("xyz"),
                "amount": chance.randrange(1, 100), "cost": chance.randrange(20),
            }
            for hour in range(20)
        ]
        for day in (1, 2)
    ]  # fmt: skip
    made = Pipeline(catalogue_of(tmp_path, DECLARED))
    last = [{**days[0][0], "time": "2026-03-03T00:00:00Z", "customer": "c1"}]
    made.send("shop.sale", *days[0], *days[1], *last, flush=False)
    yield made, days
    made.view.close()


def total(events: list[Event], field: str, **where: str) -> int:
    return sum(int(str(event[field])) for event in chosen(events, **where))


def chosen(events: list[Event], **where: str) -> list[Event]:
    return [event for event in events if all(event[name] == value for name, value in where.items())]


def worth(events: list[Event], **where: str) -> float:
    segment = {name: value for name, value in where.items() if name == "segment"}
    amount, cost = total(events, "amount", **segment), total(events, "cost", **segment)
    return total(events, "amount", **where) * ((amount - cost) / amount) / len({event["customer"] for event in events})


AT = "2026-03-02T12:00:00Z"


def test_the_part_without_the_dimension_is_the_same_for_every_member(asked: tuple[Pipeline, list[list[Event]]]) -> None:
    made, (_, day) = asked
    assert made.value("worth", "day", AT).value == pytest.approx(worth(day), rel=1e-12)
    by_team = {one.dimensions["team"]: one for one in made.values("worth", "day", AT, by=("team",))}
    assert {name: one.value for name, one in by_team.items()} == pytest.approx(
        {team: worth(day, team=team) for team in "xyz"}, rel=1e-12
    )
    assert {name: one.events for name, one in by_team.items()} == {team: len(chosen(day, team=team)) for team in "xyz"}
    by_both = {
        (one.dimensions["segment"], one.dimensions["team"]): one.value
        for one in made.values("worth", "day", AT, by=("segment", "team"))
    }
    assert by_both == pytest.approx(
        {
            (segment, team): worth(day, segment=segment, team=team)
            for segment, team in itertools.product("ab", "xyz")
            if chosen(day, segment=segment, team=team)
        },
        rel=1e-12,
    )
    assert made.value("worth", "day", AT, segment="a", team="x").value == pytest.approx(
        worth(day, segment="a", team="x"), rel=1e-12
    )


def test_what_is_compared_may_be_read_whole(asked: tuple[Pipeline, list[list[Event]]]) -> None:
    made, (before, day) = asked
    people = len({event["customer"] for event in before})
    found = {one.dimensions["team"]: one.value for one in made.values("growth", "day", AT, by=("team",))}
    assert found == {team: total(day, "amount", team=team) - people for team in "xyz"}
    shares = {one.dimensions["team"]: one.value for one in made.values("share", "day", AT, by=("team",))}
    assert shares == pytest.approx(
        {team: worth(day, team=team) / total(before, "amount", team=team) for team in "xyz"}, rel=1e-12
    )


def test_it_can_be_broken_down_by_all_that_the_others_have(asked: tuple[Pipeline, list[list[Event]]]) -> None:
    made, _ = asked
    questions = made.answers.questions
    assert [questions.dimensions(questions.kpi(name)) for name in ("worth", "share", "growth", "margin")] == [
        ["segment", "team"], ["segment", "team"], ["team"], ["segment"],
    ]  # fmt: skip
