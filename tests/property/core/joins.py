"""Leads and deals that name them, as declarations, records, and what a plain computation makes of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kpi.grains import MINUTE
from tests.property.core.oracle import Event

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z
FORGET = 10 * MINUTE
DISORDER, LATENESS, IDLE = 10_000, 60_000, 60_000
LEADS, DEALS = "shop.lead.v1", "shop.deal.v1"
KEYS = ["a", "b", "c"]

DECLARATIONS = """
stream: shop.lead
key: lead_id
partitions: 2
disorder: 10s
lateness: 1m
idle_timeout: 1m
fields: {lead_id: string, region: string}
---
stream: shop.deal
key: deal_id
partitions: 2
disorder: 10s
lateness: 1m
idle_timeout: 1m
fields: {deal_id: string, lead_id: "string?", action: {enum: [won, lost]}}
---
entity: lead
of: {shop.lead: lead_id, shop.deal: lead_id}
forget_after: 10m
states:
  created: {first: {shop.lead: "true"}, carrying: [region]}
  won: {first: {shop.deal: "action = 'won'"}, after: created}
contributions:
  conversion:
    at: created_time
    value: case when won_time is null then 0 else 1 end
    dimensions: {region: created_region}
---
kpi: lead_conversion
title: Lead conversion
sentence: The share of leads that were won.
owner: sales
department: sales
kind: lagging
unit: percent
direction: up
dimensions: [region]
windows: {calendar: [day]}
measures:
  leads: {from: lead.conversion, aggregate: count}
  won: {from: lead.conversion, aggregate: sum, value: value}
formula: 100 * won / nullif(leads, 0)
"""


def lead(number: int, key: str, time: int) -> Event:
    """A lead, so many milliseconds after T0."""
    return {"id": f"{number:03}", "time": T0 + time, "lead_id": key, "region": "east"}


def deal(number: int, key: str | None, time: int, action: str = "won") -> Event:
    """A deal of a lead, or of none."""
    return {"id": f"{number:03}", "time": T0 + time, "deal_id": "d", "lead_id": key, "action": action}


def accepted(log: Sequence[Event], idle: Mapping[int, int]) -> list[Event]:
    """What one partition accepts. `idle`: by offset, the watermark that silence had brought before that record."""
    seen, good = set(), []
    watermark = -(2**62)
    for offset, event in enumerate(log):
        watermark = max(watermark, idle.get(offset, watermark), int(str(event["time"])) - DISORDER)
        if event["id"] not in seen and int(str(event["time"])) >= watermark - LATENESS:
            good.append(event)
        seen.add(event["id"])
    return good


def conversions(events: Sequence[Event]) -> dict[tuple[int, object], tuple[int, int]]:
    """(leads, won) by minute and region of the first record of each life of a lead."""
    found: dict[tuple[int, object], list[int]] = defaultdict(lambda: [0, 0])
    for key in {str(event["lead_id"]) for event in events if event["lead_id"] is not None}:
        mine = sorted((e for e in events if e["lead_id"] == key), key=lambda e: (int(str(e["time"])), str(e["id"])))
        lives: list[list[Event]] = []
        for event in mine:
            if not lives or int(str(event["time"])) - int(str(lives[-1][-1]["time"])) > FORGET:
                lives.append([])
            lives[-1].append(event)
        for life in lives:
            place = next((number for number, event in enumerate(life) if "region" in event), None)
            if place is not None:
                sums = found[int(str(life[place]["time"])) // MINUTE * MINUTE, life[place]["region"]]
                sums[0] += 1
                sums[1] += any(event.get("action") == "won" for event in life[place:])
    return {key: (leads, won) for key, (leads, won) in found.items()}
