"""T20: deals on their way through three stages, with one that is skipped and one that is gone back to."""

from schemas.times import parse_time
from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

DAY = 86_400_000
START = parse_time("2026-03-02T00:00:00Z")
DEALS = """
stream: sales.deal
key: deal_id
partitions: 1
clock: replay
disorder: 0s
lateness: 1d
fields: {deal_id: string, action: {enum: [staged, won, lost]}, stage: int16}
---
entity: deal
of: {sales.deal: deal_id}
forget_after: 365d
states:
  stage:
    stages:
      first: action = 'staged' and stage = 1
      second: action = 'staged' and stage = 2
      third: action = 'staged' and stage = 3
    won: action = 'won'
    lost: action = 'lost'
    within: 90d
contributions:
  left: {each: stage, at: stage_left, value: stage_forward, dimensions: {stage: stage}}
  time: {each: stage, at: stage_left, value: stage_spent, dimensions: {stage: stage}}
"""
MORE = "dimensions: [stage]\nreach: 90d"
DECLARED = (
    DEALS
    + kpi(
        "funnel_stage_conversion",
        "{forward: {from: deal.left, aggregate: sum}, left: {from: deal.left, aggregate: count}}",
        "forward / nullif(left, 0)",
        windows="{calendar: [month]}",
        more=MORE,
    )
    + kpi(
        "time_in_stage",
        "{them: {from: deal.time, aggregate: mean, scale: 3}}",
        "them",
        windows="{calendar: [month]}",
        more=MORE,
    )
)
STORY = (
    *((0.0, name, "staged", 1) for name in ("D1", "D2", "D3", "D4")),
    (1.0, "D3", "staged", 2),
    (2.0, "D1", "staged", 2),
    (3.0, "D3", "staged", 1),
    (3.0, "D4", "staged", 2),
    (4.0, "D2", "staged", 3),
    (4.0, "D3", "staged", 2),
    (5.0, "D1", "staged", 3),
    (5.0, "D4", "lost", 2),
    (6.0, "D1", "won", 3),
    (7.0, "D2", "lost", 3),
)


def told(made: Pipeline, since: float, until: float, *, flush: bool = True) -> None:
    """What happened after day `since` until day `until`."""
    events = [
        {"time": START + round(day * DAY), "deal_id": name, "action": action, "stage": stage}
        for day, name, action, stage in STORY
        if since < day <= until
    ]
    made.send("sales.deal", *events, flush=flush)


def of(made: Pipeline, name: str) -> dict[str | None, tuple[float | None, int | None]]:
    """By stage, the value and of how many."""
    found = made.values(name, "month", "2026-03-20T00:00:00Z", by=("stage",))
    return {value.dimensions["stage"]: (value.value, value.events) for value in found}


def test_t20_skipped_stage(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, -1, 3.5)
    assert of(made, "funnel_stage_conversion")["second"] == (0, 1), "D3 went back"
    told(made, 3.5, 4)
    assert "second" not in {name for name, (_, events) in of(made, "funnel_stage_conversion").items() if events}
    told(made, 4, 10)
    made.send("sales.deal", {"time": START + 10 * DAY, "deal_id": "Z", "action": "staged", "stage": 1})
    assert of(made, "funnel_stage_conversion") == {"first": (1, 4), "second": (0.5, 2), "third": (0.5, 2)}
    spent = of(made, "time_in_stage")
    assert spent["first"] == (237_600, 4)
    assert spent["second"] == (2.5 * 86_400, 2)
    assert spent["third"] == ((1 + 3) / 2 * 86_400, 2)
    assert made.fates("sales.deal") == {"consumed": 15, "aggregated": 15}


def test_t20_all_in_one_flush(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, -1, 10, flush=False)
    assert of(made, "funnel_stage_conversion") == {"first": (1, 4), "second": (0.5, 2), "third": (0.5, 2)}
    assert of(made, "time_in_stage")["second"] == (2.5 * 86_400, 2)
