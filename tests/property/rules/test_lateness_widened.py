"""What a shorter lateness has forgotten is not counted on when a longer one lets older records come."""

from pathlib import Path

from kpi.planning import plan
from schemas.entities import NEVER
from schemas.kpis import Catalogue
from schemas.wire import encode
from services.runtime.catalogue import load
from tests.property.core.simulation import Served, Simulated
from tests.property.rules.breaking import broken

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z
MINUTE = 60_000
DECLARATIONS = """
stream: shop.lead
key: lead_id
partitions: 1
disorder: 0s
lateness: 1m
idle_timeout: 1m
fields: {lead_id: string, region: string}
---
entity: lead
of: {shop.lead: lead_id}
forget_after: 10m
states:
  created: {first: {shop.lead: "true"}, carrying: [region]}
contributions:
  made:
    at: created_time
    dimensions: {region: created_region}
---
kpi: leads
title: Leads
sentence: How many leads were made.
owner: sales
department: sales
kind: lagging
unit: count
direction: up
dimensions: [region]
windows: {calendar: [day]}
measures:
  leads: {from: lead.made, aggregate: count}
formula: leads
"""


def loaded(folder: Path, text: str) -> Catalogue:
    folder.mkdir()
    (folder / "all.yaml").write_text(text)
    return load([folder], default=False)


def event(number: int, minute: int, key: str) -> dict[str, object]:
    return {"id": str(number), "time": T0 + minute * MINUTE, "lead_id": key, "region": "west"}


def count(simulated: Simulated) -> int:
    records = list(simulated.settled().values())
    rows = Served(simulated.plan, records).rows("leads", "leads", "1m", 0, 2**62)
    return sum(columns["count"] for _, columns in rows)


def since(simulated: Simulated) -> set[int | None]:
    found = simulated.task.coverage.since[simulated.plan.readings["leads", "leads"].group]
    return set(found.values())


def test_a_longer_lateness_begins_anew(tmp_path: Path) -> None:
    short = loaded(tmp_path / "short", DECLARATIONS)
    long = loaded(tmp_path / "long", DECLARATIONS.replace("lateness: 1m", "lateness: 1h"))
    # The third is of a life that was forgotten when the second had come, an hour too early for the longer lateness.
    log = [event(1, 0, "a"), event(2, 30, "b"), event(3, 5, "a")]
    fresh = Simulated(long, "lead", 0, "shop.lead.v1", log)
    fresh.drain()
    assert (count(fresh), since(fresh)) == (2, {None})

    def check() -> None:
        changed = Simulated(short, "lead", 0, "shop.lead.v1", log)
        changed.take(2)
        flush = changed.task.flush(0, whole=True)
        assert flush is not None
        changed.written += [encode(record) for record in flush.records]
        changed.catalogue, changed.plan = long, plan(long)
        changed.start()
        changed.drain()
        assert count(changed) == count(fresh) or since(changed) == {NEVER}

    check()
    with broken(
        ("kpi.planning.entity_digest", lambda _, name: name),
        ("kpi.tasks.contributing.entity_digest", lambda _, unit: unit),
    ):
        check()
