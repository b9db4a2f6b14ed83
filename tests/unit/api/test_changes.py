"""A changed catalogue, and what values say after it: everything that was counted, or that it was not.

Every value is compared with what it would be had the new catalogue been there from the beginning: it is the same, or
there is none, for the reason `before_start`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpi.grains import DAY
from kpi.tasks.refusals import CannotContinue
from schemas.answers import Value
from schemas.kpis import Catalogue
from services.api.metrics import Metrics
from tests.pipeline import Pipeline, catalogue_of
from tests.unit.api import orders
from tests.unit.api.orders import ORDERS, START, declared, measure, order

HOUR = 3_600_000
WINDOWS = {"14d": ("team",), "3h": (), "day": ("team",), "week": ()}
"""By how each is broken down."""
TEAMS = ("north", "south", None)
Document = dict[str, Any]


def kpi(name: str, measures: dict[str, Document], formula: str, **more: Any) -> Document:
    return orders.kpi(name, measures, formula, reach="7d", **more)


def stream(**changes: Any) -> Document:
    fields = {**ORDERS["fields"], "channel": "string?", "points": "int64?"}
    return {**ORDERS, "corrections": "7d", "fields": fields, **changes}


def events(days: range, partition: int) -> list[Document]:
    """Four orders a day and partition, some of them corrected hours later, others taken back."""
    found = []
    for day in days:
        for place in range(4):
            moment, name = day * DAY + place * 5 * HOUR, f"{partition}-{day}-{place}"
            body = order(moment, f"customer {(day + place) % 5}", TEAMS[place % 3], amount=10 + day + place)
            found.append({**body, "id": name, "channel": "web" if place % 2 else "shop", "points": day * place})
        later = order(day * DAY + 20 * HOUR, "customer 0", "south", amount=7)
        said = {"corrects": f"{partition}-{day}-1"} if day % 2 else {"voids": f"{partition}-{day}-2"}
        found.append({**later, "id": f"{partition}-{day}-said", "points": 1, **said})
    return found


def sent(pipeline: Pipeline, days: range) -> Pipeline:
    for partition in range(2):
        for day in days:
            pipeline.send("shop.order", *events(range(day, day + 1), partition), partition=partition, flush=False)
    return pipeline


def texts(pipeline: Pipeline, days: int, kpis: list[str]) -> Iterator[tuple[str, Value]]:
    """Windows of every kind, some as a whole and some by team."""
    pipeline.now = START + days * DAY
    for name in kpis:
        for window, by in WINDOWS.items():
            for hour in range(10, days * 24, 24):
                at = str(START + hour * HOUR)
                for value in pipeline.values(name, window, at, by=by):
                    yield f"{name} {window} {at} {sorted(value.dimensions.items(), key=repr)}", value


def same_or_silent(changed: Pipeline, always: Pipeline, days: int, kpis: list[str]) -> tuple[int, int]:
    """How many windows have the right value, and how many say that they were not counted. Others fail."""
    wanted = dict(texts(always, days, kpis))
    right, silent = 0, 0
    for place, value in texts(changed, days, kpis):
        if value.reason == "before_start":
            assert (value.value, value.events, value.state) == (None, None, "provisional"), place
            silent += 1
        else:
            other = wanted[place]
            assert (value.value, value.reason, value.events) == (other.value, other.reason, other.events), place
            right += 1
    return right, silent


COUNT = kpi("orders", {"n": measure("count")}, "n")
TOTAL = kpi("turnover", {"total": measure("sum", "amount")}, "total")
BEFORE = (COUNT, TOTAL)

NEW: dict[str, tuple[list[Document], list[str]]] = {
    "a measure in a group that is there": ([kpi("points", {"p": measure("sum", "points")}, "p")], ["points"]),
    "a measure over another condition": (
        [kpi("web", {"n": measure("count", where="channel = 'web'")}, "n")],
        ["web"],
    ),
    "another dimension": (
        [kpi("channels", {"n": measure("count")}, "n", dimensions=["team", "channel"])],
        ["channels"],
    ),
    "keys": ([kpi("customers", {"n": measure("distinct", "customer")}, "n")], ["customers"]),
    "keys of two periods": ([kpi("back", {"n": measure("overlap", "customer")}, "n")], ["back"]),
    "a quantile": ([kpi("median", {"q": measure("quantile", "amount", quantile=0.5)}, "q")], ["median"]),
    "the window before": ([kpi("last_time", {"p": measure("sum", "points", window="previous")}, "p")], ["last_time"]),
    "a formula of KPIs, with a default for what is absent": (
        [
            kpi("points", {"p": measure("sum", "points")}, "p"),
            kpi("each", {}, "turnover + coalesce(points, 0)", uses=["turnover", "points"]),
        ],
        ["points", "each"],
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Catalogue]:
    made: list[Path] = []

    def catalogue(*documents: Document, stream_of: Document | None = None) -> Catalogue:
        made.append(tmp_path / str(len(made)))
        made[-1].mkdir()
        return catalogue_of(made[-1], declared(stream_of or stream(), *documents))

    return catalogue


Catalogues = Callable[..., Catalogue]


@pytest.mark.parametrize("added", list(NEW))
def test_what_is_new_counts_from_a_moment_on(folder: Catalogues, added: str) -> None:
    documents, names = NEW[added]
    old, new = folder(*BEFORE), folder(*BEFORE, *documents)
    changed = sent(sent(Pipeline(old), range(4)).restarted(new), range(4, 8))
    always = sent(Pipeline(new), range(8))
    right, silent = same_or_silent(changed, always, 8, names)
    assert right > 10
    assert silent > 10


def test_what_reads_nothing_new_has_a_value_beside_what_does(folder: Catalogues) -> None:
    old = folder(*BEFORE)
    new = folder(
        kpi("orders", {"n": measure("count"), "p": measure("sum", "points")}, "n", also={"points": "p"}), TOTAL
    )
    changed = sent(Pipeline(old), range(4)).restarted(new)
    value = changed.value("orders", "week", str(START))
    assert (value.value, value.also) == (28, {"points": None})


def test_the_window_before_has_no_value_where_it_was_not_counted(folder: Catalogues) -> None:
    documents, _ = NEW["a measure in a group that is there"]
    changed = sent(sent(Pipeline(folder(*BEFORE)), range(4)).restarted(folder(*BEFORE, *documents)), range(4, 8))
    first = changed.value("points", "day", str(START + 4 * DAY))
    second = changed.value("points", "day", str(START + 5 * DAY))
    assert (first.previous, first.change) == (None, None)
    assert first.value is not None
    assert second.previous == first.value


def test_what_left_and_returned_is_new(folder: Catalogues) -> None:
    customers, _ = NEW["keys"]
    points, _ = NEW["a measure in a group that is there"]
    whole, part = folder(*BEFORE, *customers, *points), folder(TOTAL)
    changed = sent(Pipeline(whole), range(4))
    changed = sent(changed.restarted(part), range(4, 5))
    changed = sent(changed.restarted(whole), range(5, 9))
    always = sent(Pipeline(whole), range(9))
    right, silent = same_or_silent(changed, always, 9, ["orders", "customers", "points"])
    assert right > 10
    assert silent > 10
    assert same_or_silent(changed, always, 8, ["turnover"])[1] == 0


def test_old_rows_of_what_returned_are_taken_out_of_the_log(folder: Catalogues) -> None:
    customers, _ = NEW["keys"]
    whole = folder(*BEFORE, *customers)
    before = sent(Pipeline(whole), range(4))
    (group,) = [g.id for g in before.plan.groups_of("customers")]
    rows = [record for _, record in before.settled() if getattr(record, "group", None) == group]
    after = before.restarted(folder(*BEFORE)).restarted(whole)
    assert rows
    assert [record for _, record in after.settled() if getattr(record, "group", None) == group] == []


def test_a_field_that_means_something_else_is_another_measure(folder: Catalogues) -> None:
    decimal = stream(fields={**stream()["fields"], "amount": {"type": "decimal", "scale": 2}})
    old, new = folder(*BEFORE), folder(*BEFORE, stream_of=decimal)
    changed = sent(sent(Pipeline(old), range(4)).restarted(new), range(4, 8))
    always = sent(Pipeline(new), range(8))
    right, silent = same_or_silent(changed, always, 8, ["turnover"])
    assert right > 10
    assert silent > 10
    assert same_or_silent(changed, always, 8, ["orders"])[1] == 0


def test_days_of_another_zone_count_from_a_moment_on(folder: Catalogues) -> None:
    zones = [{"reporting": "default", "zones": names} for names in (["UTC"], ["UTC", "America/New_York"])]
    old, new = (folder(*BEFORE, each) for each in zones)
    changed = sent(sent(Pipeline(old), range(4)).restarted(new), range(4, 8))
    always = sent(Pipeline(new), range(8))
    found = []
    for day in range(8):
        asked = {"at": str(START + day * DAY), "time_zone": "America/New_York"}
        value, wanted = (each.value("orders", "day", **asked) for each in (changed, always))
        found.append(value.reason)
        assert value.value == wanted.value or value.reason == "before_start", day
    assert found[0] == "before_start"
    assert found[-1] is None
    assert same_or_silent(changed, always, 8, ["orders"])[1] == 0


def test_a_worker_that_does_not_know_the_new_catalogue_yet_counts_nothing_of_it(folder: Catalogues) -> None:
    documents, names = NEW["another dimension"]
    old, new = folder(*BEFORE), folder(*BEFORE, *documents)
    worker = sent(Pipeline(old), range(4))
    api = Pipeline(new)
    api.view.apply([record for _, record in worker.settled()], {})
    assert {value.reason for _, value in texts(api, 4, names)} == {"before_start"}


def test_more_partitions_of_what_is_counted_as_it_comes(folder: Catalogues) -> None:
    old, new = folder(*BEFORE), folder(*BEFORE, stream_of=stream(partitions=3))
    changed = sent(Pipeline(old), range(4)).restarted(new)
    always = sent(Pipeline(new), range(4))
    for pipeline in (changed, always):
        sent(pipeline, range(4, 8)).send("shop.order", *events(range(4, 8), 2), partition=2)
    assert same_or_silent(changed, always, 8, ["orders", "turnover"])[1] == 0
    with pytest.raises(CannotContinue, match=r"shop\.order has 2 partitions, and what it has counted is of 3"):
        changed.restarted(old)


ENTITY: Document = {
    "entity": "customer",
    "of": {"shop.order": "customer"},
    "forget_after": "365d",
    "states": {"first": {"first": "amount > 0", "carrying": ["team"]}},
    "contributions": {"joined": {"at": "first_time", "dimensions": {"team": "first_team"}}},
}
JOINED = kpi("joined", {"n": {"from": "customer.joined", "aggregate": "count"}}, "n")
KEYED = stream(key="customer", partitioner="murmur2")


def test_entities_by_another_definition_have_no_value(folder: Catalogues) -> None:
    other = {**ENTITY, "states": {"first": {"first": "amount > 12", "carrying": ["team"]}}}
    old, new = folder(COUNT, ENTITY, JOINED, stream_of=KEYED), folder(COUNT, other, JOINED, stream_of=KEYED)
    changed = sent(sent(Pipeline(old), range(4)).restarted(new), range(4, 8))
    always = sent(Pipeline(new), range(8))
    right, silent = same_or_silent(changed, always, 8, ["joined"])
    assert (right, silent > 10) == (0, True)
    assert same_or_silent(changed, always, 8, ["orders"])[1] == 0
    back = sent(changed.restarted(old), range(8, 9))
    assert {value.reason for _, value in texts(back, 9, ["joined"])} == {"before_start"}


def test_keys_that_moved_are_refused(folder: Catalogues) -> None:
    old = folder(COUNT, ENTITY, JOINED, stream_of=KEYED)
    new = folder(COUNT, ENTITY, JOINED, stream_of={**KEYED, "partitions": 3})
    with pytest.raises(CannotContinue, match=r"its keys lie elsewhere now\. Declare 2 again"):
        sent(Pipeline(old), range(2)).restarted(new)


def test_a_stream_that_an_entity_takes_over_is_not_counted_twice(folder: Catalogues) -> None:
    old, new = folder(COUNT, stream_of=KEYED), folder(COUNT, ENTITY, JOINED, stream_of=KEYED)
    plain = sent(Pipeline(old), range(4))
    changed = plain.restarted(new)
    # The tasks of the entity begin at the beginning of the topics.
    changed._ends.clear()
    always = Pipeline(new)
    for pipeline in (changed, always):
        sent(pipeline, range(4))
    right, silent = same_or_silent(changed, always, 4, ["orders", "joined"])
    assert right > 10
    assert silent == 0


JOIN: tuple[Document, ...] = (
    {
        "entity": "buyer",
        "of": {"shop.order": "customer", "shop.visit": "visitor"},
        "forget_after": "365d",
        "states": {"came": {"first": {"shop.visit": "visitor is not null"}}},
        "contributions": {"visit": {"at": "came_time"}},
    },
    orders.kpi("came", {"n": {"from": "buyer.visit", "aggregate": "count"}}, "n", dimensions=[]),
)
VISIT: Document = {**ORDERS, "stream": "shop.visit", "partitions": 2, "fields": {"visitor": "string"}}
PLAIN = orders.kpi("orders", {"n": measure("count")}, "n")


def test_a_join_of_what_was_read_before_has_no_value(folder: Catalogues) -> None:
    old, new = folder(PLAIN, VISIT, stream_of=ORDERS), folder(PLAIN, VISIT, *JOIN, stream_of=ORDERS)
    visit = {"time": START + HOUR, "visitor": "a"}
    changed = sent_plain(Pipeline(old), visit).restarted(new)
    always = Pipeline(new)
    sent_plain(changed, {**visit, "time": START + 2 * HOUR, "visitor": "b"})
    sent_plain(sent_plain(always, visit), {**visit, "time": START + 2 * HOUR, "visitor": "b"})
    assert (always.value("came", "day", str(START)).value, changed.value("came", "day", str(START)).reason) == (
        2,
        "before_start",
    )


def test_a_join_that_left_and_returned_has_no_value(folder: Catalogues) -> None:
    with_join, without = folder(PLAIN, VISIT, *JOIN, stream_of=ORDERS), folder(PLAIN, VISIT, stream_of=ORDERS)
    visit = {"time": START + HOUR, "visitor": "a"}
    pipeline = sent_plain(Pipeline(with_join), visit)
    assert pipeline.value("came", "day", str(START)).value == 1
    pipeline = sent_plain(pipeline.restarted(without), {**visit, "visitor": "b"}).restarted(with_join)
    assert pipeline.value("came", "day", str(START)).reason == "before_start"


def sent_plain(pipeline: Pipeline, visit: Document) -> Pipeline:
    pipeline.send("shop.visit", visit)
    return pipeline


def test_no_series_is_given_twice_where_nothing_can_be_told(folder: Catalogues) -> None:
    about = {"alert": {"labels": ["team"], "window": "day"}, "targets": [{"value": 3, "from": "2026-01-01"}]}
    watched = kpi("joined", {"n": {"from": "customer.joined", "aggregate": "count"}}, "n", **about)
    other = {**ENTITY, "states": {"first": {"first": "amount > 12", "carrying": ["team"]}}}
    changed = sent(Pipeline(folder(COUNT, ENTITY, stream_of=KEYED)), range(1)).restarted(
        folder(COUNT, other, watched, stream_of=KEYED)
    )
    changed.now = START + DAY
    given = Counter(
        (sample.name, *sorted(sample.labels.items()))
        for family in Metrics(changed.answers).collect()
        for sample in family.samples
    )
    assert given["kpi_target", ("kpi", "joined"), ("window", "day")] == 1
    assert set(given.values()) == {1}
