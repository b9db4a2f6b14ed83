"""KPIs over entities of several streams: how far their sources have come is what the marks of all origins say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.answers import Value
from tests.pipeline import Pipeline, catalogue_of

LEADS = """
stream: sales.lead
key: lead_id
partitions: 2
clock: replay
disorder: 0s
lateness: 2d
fields: {lead_id: string, channel: string}
---
stream: sales.deal
key: deal_id
partitions: 2
clock: replay
disorder: 0s
lateness: 1d
fields: {deal_id: string, lead_id: "string?", action: {enum: [opened, won]}}
---
entity: lead
of: {sales.lead: lead_id, sales.deal: lead_id}
forget_after: 365d
states:
  created: {first: {sales.lead: lead_id is not null}, carrying: [channel]}
  won: {first: {sales.deal: action = 'won'}, after: created}
contributions:
  conversion:
    at: created_time
    value: case when won_time - created_time <= 2592000000 then 1 else 0 end
    dimensions: {channel: created_channel}
---
kpi: lead_conversion_rate
title: Lead conversion rate
sentence: Of all leads, the share that became a customer within thirty days.
department: sales
unit: ratio
direction: up
kind: lagging
owner: head of sales
measures:
  leads: {from: lead.conversion, aggregate: count}
  converted: {from: lead.conversion, aggregate: sum}
formula: converted / nullif(leads, 0)
dimensions: [channel]
windows: {calendar: [day, month]}
reach: 30d
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(catalogue_of(tmp_path, LEADS))
    yield pipeline
    pipeline.view.close()


def leads(made: Pipeline, *events: tuple[str, str], partition: int) -> None:
    sent = ({"time": f"2026-{time}Z", "lead_id": name, "channel": "web"} for name, time in events)
    made.send("sales.lead", *sent, partition=partition)


def wins(made: Pipeline, *events: tuple[str | None, str], partition: int = 0) -> None:
    for lead, time in events:
        event = {"time": f"2026-{time}Z", "deal_id": f"d{lead}", "lead_id": lead, "action": "won"}
        made.send("sales.deal", event, partition=partition)


def rate(made: Pipeline, window: str = "month", at: str = "2026-01-15T00:00:00Z") -> Value:
    return made.value("lead_conversion_rate", window, at)


def test_conversion_waits_for_every_origin(made: Pipeline) -> None:
    leads(made, ("L1", "01-01T00:00:00"), ("L2", "01-01T00:00:00"), ("L3", "01-01T00:00:00"), partition=0)
    wins(made, ("L5", "01-05T00:00:00"))
    assert (rate(made).watermark, rate(made).completeness, rate(made).state) == (None, 0, "provisional")
    leads(made, ("L4", "01-02T00:00:00"), ("L5", "01-03T00:00:00"), partition=1)
    wins(made, ("L1", "01-20T00:00:00"), ("L2", "01-31T00:00:00"), ("L3", "01-31T00:00:01"))
    assert rate(made).watermark is None, "one partition of the deals has not been heard of"
    wins(made, (None, "02-01T00:00:00"), partition=1)
    joined = rate(made)
    assert (joined.value, joined.events, joined.state) == (0.6, 5, "provisional")
    assert joined.watermark == "2026-01-01T00:00:00Z", "the leads' first partition is the slowest"
    (web,) = made.values("lead_conversion_rate", "month", "2026-01-15T00:00:00Z", by=("channel",))
    assert (web.dimensions, web.value) == ({"channel": "web"}, 0.6)


def test_joined_window_is_final_with_the_slowest_stream(made: Pipeline) -> None:
    leads(made, ("L1", "01-01T00:00:00"), ("L8", "03-05T00:00:00"), partition=0)
    leads(made, ("L9", "03-05T00:00:00"), partition=1)
    wins(made, ("L1", "01-20T00:00:00"), (None, "03-04T00:00:00"))
    wins(made, (None, "03-03T23:59:59"), partition=1)
    assert (rate(made).state, rate(made).completeness) == ("provisional", 1)
    wins(made, (None, "03-04T00:00:00"), partition=1)
    assert rate(made).state == "final", "thirty days after January and the lateness of each stream"
    assert rate(made).value == 1
