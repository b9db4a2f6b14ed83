"""The same events give the same values, in any order, in batches of any size, split over partitions in any way, said
any number of times; and what is voided was never said. The values are those of a plain look at all of them."""

import datetime
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.kpis import Catalogue
from tests.cases.declared import kpi
from tests.pipeline import Pipeline, catalogue_of

PARTITIONS = 3
TEAMS = ("north", "south")
BEGAN = int(datetime.datetime(2026, 3, 28, tzinfo=datetime.UTC).timestamp() * 1000)
MINUTE, DAY = 60_000, 86_400_000
STREAMS = """
stream: {name}
key: buyer
partitions: 3
clock: replay
disorder: 0s
lateness: 4d
{more}
fields:
  buyer: string
  team: string
  amount: int64
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """`time`: epoch milliseconds. Events of one moment are told apart by `number`."""

    number: int
    time: int
    team: str
    buyer: str
    amount: int


Number = int | float | Fraction | None
Plain = Callable[[Sequence[Sale]], Number]


def _latest(sales: Sequence[Sale]) -> Number:
    return sum({sale.buyer: sale.amount for sale in sales}.values()) if sales else None


def _mean(sales: Sequence[Sale]) -> Number:
    return Fraction(sum(sale.amount for sale in sales), len(sales)) if sales else None


def _variance(sales: Sequence[Sale]) -> Number:
    if not sales:
        return None
    mean = Fraction(sum(sale.amount for sale in sales), len(sales))
    return sum(((sale.amount - mean) ** 2 for sale in sales), Fraction()) / len(sales)


def _median(sales: Sequence[Sale]) -> Number:
    amounts = sorted(sale.amount for sale in sales)
    return amounts[max(math.ceil(0.5 * len(amounts)), 1) - 1] if amounts else None


def _of(choose: Callable[[Sequence[int]], int]) -> Plain:
    return lambda sales: choose([sale.amount for sale in sales]) if sales else None


PLAIN: Mapping[str, tuple[str, Plain]] = {
    "counted": ("aggregate: count", len),
    "summed": ("aggregate: sum, value: amount", lambda sales: sum(sale.amount for sale in sales)),
    "large": ("aggregate: count, where: amount >= 50", lambda sales: sum(sale.amount >= 50 for sale in sales)),
    "averaged": ("aggregate: mean, value: amount", _mean),
    "varied": ("aggregate: variance, value: amount", _variance),
    "smallest": ("aggregate: min, value: amount", _of(min)),
    "largest": ("aggregate: max, value: amount", _of(max)),
    "began_with": ("aggregate: first, value: amount", _of(lambda amounts: amounts[0])),
    "ended_with": ("aggregate: last, value: amount", _of(lambda amounts: amounts[-1])),
    "median": ("aggregate: quantile, quantile: 0.5, value: amount", _median),
    "buyers": ("aggregate: distinct, value: buyer", lambda sales: len({sale.buyer for sale in sales})),
    "came_back": (
        "aggregate: repeaters, value: buyer",
        lambda sales: sum(count > 1 for count in Counter(sale.buyer for sale in sales).values()),
    ),
    "latest": ("aggregate: latest, key: buyer, value: amount", _latest),
}
WITHDRAWN = ("counted", "summed", "large", "averaged", "varied", "median", "buyers", "came_back")
"""Aggregates from which an event can be taken back."""
WINDOWS = "{rolling: [24h], tumbling: [1h], calendar: [day, week, month]}"


@cache
def _catalogue(name: str) -> Catalogue:
    amended = name == "shop.amended"
    text = STREAMS.format(name=name, more="corrections: 4d" if amended else "")
    text += "---\nreporting: default\nzones: [UTC, Europe/Berlin, Asia/Kathmandu]\n"
    for measure in WITHDRAWN if amended else PLAIN:
        said, _ = PLAIN[measure]
        more = "dimensions: [team]" + ("\nreach: 4d" if amended else "")
        text += kpi(measure, f"{{them: {{from: {name}, {said}}}}}", "them", windows=WINDOWS, more=more)
    with TemporaryDirectory() as folder:
        return catalogue_of(Path(folder), text)


def _event(sale: Sale, **more: object) -> dict[str, object]:
    said = {"id": f"sale-{sale.number:02}", "time": sale.time, "team": sale.team, "buyer": sale.buyer}
    return {**said, "amount": sale.amount, **more}


ASKED = (
    ("day", "2026-03-28T12:00:00Z", "UTC"),
    ("day", "2026-03-29T12:00:00Z", "Europe/Berlin"),
    ("day", "2026-03-29T12:00:00Z", "Asia/Kathmandu"),
    ("week", "2026-03-28T12:00:00Z", "Europe/Berlin"),
    ("1h", "2026-03-29T00:30:00Z", "UTC"),
    ("24h", "2026-03-29T06:00:00Z", "UTC"),
)
SPANS = (
    ("2026-03-28T00:00Z", "2026-03-29T00:00Z"),
    # A day of 23 hours, one that begins at 18:15, and a week that ends with the first.
    ("2026-03-28T23:00Z", "2026-03-29T22:00Z"),
    ("2026-03-28T18:15Z", "2026-03-29T18:15Z"),
    ("2026-03-22T23:00Z", "2026-03-29T22:00Z"),
    ("2026-03-29T00:00Z", "2026-03-29T01:00Z"),
    ("2026-03-28T06:00Z", "2026-03-29T06:00Z"),
)


def _answers(made: Pipeline, name: str) -> dict[tuple[str, int, str | None], float | None]:
    found: dict[tuple[str, int, str | None], float | None] = {}
    for measure in WITHDRAWN if name == "shop.amended" else PLAIN:
        for place, (window, at, zone) in enumerate(ASKED):
            for team in (None, *TEAMS):
                asked = {} if team is None else {"team": team}
                found[measure, place, team] = made.value(measure, window, at, time_zone=zone, **asked).value
    return found


def _expected(sales: Sequence[Sale], name: str) -> dict[tuple[str, int, str | None], Number]:
    found: dict[tuple[str, int, str | None], Number] = {}
    ordered = sorted(sales, key=lambda sale: (sale.time, sale.number))
    for measure in WITHDRAWN if name == "shop.amended" else PLAIN:
        for place, span in enumerate(SPANS):
            start, end = (int(datetime.datetime.fromisoformat(moment).timestamp() * 1000) for moment in span)
            for team in (None, *TEAMS):
                inside = [sale for sale in ordered if start <= sale.time < end and team in (None, sale.team)]
                found[measure, place, team] = PLAIN[measure][1](inside)
    return found


def _same(
    answered: Mapping[tuple[str, int, str | None], float | None],
    expected: Mapping[tuple[str, int, str | None], Number],
) -> None:
    for asked, number in expected.items():
        value = answered[asked]
        # A total of nothing is zero where anything is known of the time, and null otherwise.
        if not number:
            assert not value, asked
            continue
        tolerance = 0.01 if asked[0] == "median" else 1e-9
        assert value == pytest.approx(float(number), rel=tolerance, abs=1e-9), asked


sales = st.lists(
    st.tuples(
        # Around the midnights of three zones and the hour that Berlin does not have.
        st.one_of(st.integers(0, 2 * DAY - 1), st.sampled_from([DAY - 1, DAY, DAY + 1, DAY + 60 * MINUTE])),
        st.sampled_from(TEAMS),
        st.sampled_from("abc"),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=10,
    # Which of several at one moment is the first is told by a hash of their names.
    unique_by=lambda told: told[0],
).map(lambda told: [Sale(n, BEGAN + at, team, buyer, amount) for n, (at, team, buyer, amount) in enumerate(told)])


def _tell(made: Pipeline, name: str, said: Sequence[tuple[int, dict[str, object]]], sizes: Sequence[int]) -> None:
    """In this order, so many at once; each with the partition that it lies on."""
    place = 0
    for size in [*sizes, len(said)]:
        for partition in range(PARTITIONS):
            here = [event for where, event in said[place : place + size] if where == partition]
            if here:
                made.send(name, *here, partition=partition, flush=False)
        made.flush([made.task(f"{name}/{partition}") for partition in range(PARTITIONS)])
        place += size


@settings(max_examples=8, deadline=None)
@given(st.data(), sales)
def test_whatever_the_way_of_the_events_the_values_are_those_of_the_events(
    data: st.DataObject, told: list[Sale]
) -> None:
    name = "shop.sale"
    places = data.draw(st.lists(st.integers(0, PARTITIONS - 1), min_size=len(told), max_size=len(told)), "partitions")
    said = [(places[sale.number], _event(sale)) for sale in told]
    said += data.draw(st.lists(st.sampled_from(said), max_size=4), "said again")
    said = data.draw(st.permutations(said), "in this order")
    sizes = data.draw(st.lists(st.integers(1, 6), max_size=5), "in batches")

    made = Pipeline(_catalogue(name))
    try:
        _tell(made, name, said, sizes)
        expected = _expected(told, name)
        _same(_answers(made, name), expected)
        assert made.fates(name)["aggregated"] == len(told)
    finally:
        made.view.close()


@settings(max_examples=8, deadline=None)
@given(st.data(), sales)
def test_what_is_voided_was_never_said(data: st.DataObject, told: list[Sale]) -> None:
    name = "shop.amended"
    voided = data.draw(st.sets(st.sampled_from([sale.number for sale in told])), "voided")
    places = {buyer: place for place, buyer in enumerate("abc")}
    said = [(places[sale.buyer], _event(sale)) for sale in told]
    taken_back = [
        (places[sale.buyer], _event(sale, id=f"void-{sale.number}", voids=f"sale-{sale.number:02}"))
        for sale in told
        if sale.number in voided
    ]
    order = data.draw(st.permutations([*said, *taken_back]), "in this order")
    sizes = data.draw(st.lists(st.integers(1, 6), max_size=5), "in batches")

    made = Pipeline(_catalogue(name))
    try:
        _tell(made, name, order, sizes)
        left = [sale for sale in told if sale.number not in voided]
        _same(_answers(made, name), _expected(left, name))
    finally:
        made.view.close()
