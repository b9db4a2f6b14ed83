"""Plans of months in versions: whatever the order in which they arrive, of each day the last version counts."""

import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.times import parse_time
from tests.oracle.dated import first_instant, shares
from tests.pipeline import Pipeline, catalogue_of

LORD_HOWE = "Australia/Lord_Howe"
PLANS = f"""
stream: shop.plan
partitions: 1
clock: replay
disorder: 0s
lateness: 400d
fields: {{shop: string, month: date, amount: int64, version: int32}}
contributions:
  planned:
    spread: {{month: month, zone: {LORD_HOWE}}}
    within: 400d
    value: amount
    dimensions: {{shop: shop, version: version}}
---
kpi: planned
title: Planned
sentence: What is planned.
department: shop
unit: points
direction: up
kind: leading
owner: nobody
measures:
  them:
    from: shop.plan.planned
    aggregate: latest
    key: concat_ws(' ', cast(time as varchar), shop)
    by: try_cast(version as bigint)
formula: them
dimensions: [shop]
windows: {{calendar: [day, month, year]}}
reach: 400d
---
reporting: default
zones: [UTC, {LORD_HOWE}]
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, PLANS), now="2029-12-31T00:00:00Z")
    yield pipeline
    pipeline.view.close()


def plans(chance: random.Random) -> list[dict[str, Any]]:
    """Versions of plans for the months around a leap day, on any day of the month."""
    found = []
    for shop in ("a", "b"):
        for month in (1, 2, 3):
            for version in range(1, chance.randint(2, 4)):
                day = datetime.date(2028, month, chance.randint(1, 29))
                amount = chance.randint(-500, 500)
                said = f"2028-01-{chance.randint(1, 28):02}T10:00:00Z"
                found.append({"time": said, "shop": shop, "month": str(day), "amount": amount, "version": version})
    chance.shuffle(found)
    return found


def expected(said: list[dict[str, Any]], start: int, end: int, shop: str | None) -> int:
    standing = {}
    for plan in sorted(said, key=lambda plan: int(plan["version"])):
        standing[plan["shop"], plan["month"][:7]] = plan
    total = 0
    for plan in standing.values():
        first = datetime.date.fromisoformat(plan["month"]).replace(day=1)
        last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
        if shop in (None, plan["shop"]):
            parts = shares(plan["amount"], first, last)
            total += sum(part for day, part in parts if start <= first_instant(day, LORD_HOWE) < end)
    return total


@pytest.mark.parametrize("seed", range(8))
def test_the_last_version_of_each_day_counts(made: Pipeline, seed: int) -> None:
    chance = random.Random(seed)
    said = plans(chance)
    cut = chance.randrange(len(said))
    made.send("shop.plan", *said[:cut], flush=False)
    made.send("shop.plan", *said[cut:], flush=chance.random() < 0.5)
    made.send(
        "shop.plan", {"time": "2029-06-01T00:00:00Z", "shop": "a", "month": "2029-06-01", "amount": 0, "version": 1}
    )
    for window, at, zone in (
        ("month", "2028-02-10T00:00:00Z", LORD_HOWE),
        ("month", "2028-02-10T00:00:00Z", "UTC"),
        ("day", "2028-02-29T03:00:00Z", LORD_HOWE),
        ("day", "2028-01-31T20:00:00Z", "UTC"),
        ("year", "2028-02-10T00:00:00Z", LORD_HOWE),
    ):
        for shop in (None, "a"):
            value = made.value("planned", window, at, time_zone=zone, **({"shop": shop} if shop else {}))
            span = parse_time(value.window.start), parse_time(value.window.end)
            assert value.value == expected(said, *span, shop), (window, at, zone, shop)
