"""What became of records, by their arrival: from raw records to values."""

from pathlib import Path
from typing import Any

import pytest

from services.runtime.catalogue import CatalogueErrors
from tests.pipeline import Pipeline, catalogue_of

DECLARED = """
stream: shop.order
key: order_id
partitions: 1
corrections: 1d
fields: {order_id: string, amount: int32}
---
stream: shop.visit
partitions: 1
fields: {page: string}
---
kpi: data_quality
title: Events that came in badly
sentence: The share of events that came in badly.
department: people
unit: ratio
direction: down
kind: leading
owner: head of data
measures:
  bad: {from: every.fates, aggregate: count, where: "fate in ('invalid', 'late', 'duplicate', 'correction')"}
  consumed: {from: every.fates, aggregate: count}
formula: bad / nullif(consumed, 0)
also: {consumed: consumed}
dimensions: [stream]
windows: {rolling: [1h], calendar: [day]}
"""
ORDER = {"order_id": "o1", "amount": 1, "source": "shop"}
ORDERS: list[dict[str, Any]] = [
    {**ORDER, "id": "1", "time": "2026-03-02T09:00:00Z"},
    {**ORDER, "id": "1", "time": "2026-03-02T09:00:00Z"},
    {**ORDER, "id": "2", "time": "2026-03-02T12:00:00Z"},
    {**ORDER, "id": "3", "time": "2026-03-02T09:00:00Z"},
    {**ORDER, "id": "4", "time": "2026-03-02T12:00:00Z", "corrects": "2"},
    {**ORDER, "id": "5", "time": "2026-03-02T12:00:00Z", "amount": "much"},
]
ARRIVED = "2026-05-07T10:20:30Z"


def asked(pipeline: Pipeline, window: str = "day", at: str = ARRIVED) -> dict[str | None, tuple[Any, Any]]:
    """By stream (None: of all) the share, and how many came in."""
    values = [
        *pipeline.values("data_quality", window, at),
        *pipeline.values("data_quality", window, at, by=("stream",)),
    ]
    return {value.dimensions.get("stream"): (value.value, value.also["consumed"]) for value in values}


EXPECTED = {None: (4 / 7, 7), "shop.order": (4 / 6, 6), "shop.visit": (0, 1)}


@pytest.mark.parametrize("flush", [True, False])
def test_each_record_that_came_in_has_its_fate_at_its_arrival(tmp_path: Path, *, flush: bool) -> None:
    pipeline = Pipeline(catalogue_of(tmp_path, DECLARED), now=ARRIVED)

    pipeline.send("shop.order", *ORDERS, flush=flush)
    pipeline.send("shop.visit", {"id": "1", "time": "2026-03-02T09:00:00Z", "page": "menu"})

    assert pipeline.fates("shop.order") == {
        "invalid": 1, "duplicate": 1, "late": 1, "correction": 1, "aggregated": 2, "consumed": 6,
    }  # fmt: skip
    assert asked(pipeline) == EXPECTED
    assert asked(pipeline, "1h", "2026-05-07T10:21:00Z") == EXPECTED
    assert asked(pipeline, at="2026-03-02T12:00:00Z")[None][0] is None, "when they happened does not matter"


def test_what_was_not_written_is_counted_once_when_it_is_read_again(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, DECLARED)
    first = Pipeline(catalogue, now=ARRIVED)
    first.send("shop.order", *ORDERS[:2], flush=False)
    second = first.restarted(catalogue)
    second.now = first.now
    # What this flush writes is not in the log of the other.
    first.send("shop.order", *ORDERS[2:], flush=False)

    second.send("shop.order", *ORDERS[2:4], flush=False)
    second.send("shop.order", *ORDERS[4:])
    second.send("shop.visit", {"id": "1", "time": "2026-03-02T09:00:00Z", "page": "menu"})

    assert asked(second) == EXPECTED


def test_what_arrives_after_a_final_window_is_not_in_it(tmp_path: Path) -> None:
    pipeline = Pipeline(catalogue_of(tmp_path, DECLARED), now="2026-03-02T23:59:00Z")
    pipeline.send("shop.order", {**ORDER, "id": "1", "time": "2026-03-02T23:59:00Z"})
    pipeline.now += 30 * 3_600_000
    pipeline.idle("shop.order/0", "2026-03-04T06:00:00Z")
    pipeline.idle("shop.visit/0", "2026-03-04T06:00:00Z")
    before = pipeline.value("data_quality", "day", "2026-03-02T12:00:00Z")
    pipeline.send("shop.order", {**ORDER, "id": "1", "time": "2026-03-02T23:59:00Z"})
    after = pipeline.value("data_quality", "day", "2026-03-02T12:00:00Z")

    assert (after.value, after.revision, after.state) == (before.value, before.revision, before.state)
    assert after.value == 0


def test_every_stream_is_only_counted(tmp_path: Path) -> None:
    summed = "consumed: {from: every.fates, aggregate: sum, value: value}"
    wrong = DECLARED.replace("consumed: {from: every.fates, aggregate: count}", summed)

    with pytest.raises(CatalogueErrors, match=r"every\.fates is counted"):
        catalogue_of(tmp_path, wrong)
