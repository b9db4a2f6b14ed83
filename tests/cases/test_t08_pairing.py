"""T8: leads and the deals that they became, in two streams, within thirty days."""

import pytest

from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

LEADS = """
stream: sales.lead
key: lead_id
partitions: 1
clock: replay
disorder: 0s
lateness: 20d
fields: {lead_id: string}
---
stream: sales.deal
key: deal_id
partitions: 1
clock: replay
disorder: 0s
lateness: 1d
fields: {deal_id: string, lead_id: "string?", action: {enum: [opened, won]}}
---
entity: lead
of: {sales.lead: lead_id, sales.deal: lead_id}
forget_after: never
states:
  pair: {opens: {sales.lead: lead_id is not null}, closes: {sales.deal: action = 'won'}, within: 30d}
contributions:
  conversion: {each: pair, at: pair_opened, value: case when pair_closed is null then 0 else 1 end}
  unmatched: {closing: pair, at: pair_closed, where: pair_opened is null}
"""
DECLARED = (
    LEADS
    + kpi(
        "lead_conversion_rate",
        "{won: {from: lead.conversion, aggregate: sum}, leads: {from: lead.conversion, aggregate: count}}",
        "won / nullif(leads, 0)",
        windows="{calendar: [month]}",
        more="reach: 30d",
    )
    + kpi(
        "unmatched_wins",
        "{them: {from: lead.unmatched, aggregate: count}}",
        "them",
        windows="{calendar: [month, year]}",
        more="reach: 30d",
    )
)


def lead(made: Pipeline, name: str, time: str) -> None:
    made.send("sales.lead", {"time": f"2026-{time}Z", "lead_id": name})


def win(made: Pipeline, name: str | None, time: str) -> None:
    made.send("sales.deal", {"time": f"2026-{time}Z", "deal_id": f"D{name}", "lead_id": name, "action": "won"})


def rate(made: Pipeline) -> tuple[float | None, int | None, str]:
    found = made.value("lead_conversion_rate", "month", "2026-01-15T00:00:00Z")
    return found.value, found.events, found.state


def unmatched(made: Pipeline) -> float | None:
    return made.value("unmatched_wins", "year", "2026-06-01T00:00:00Z").value


def until_the_tenth(made: Pipeline) -> None:
    for name in ("L1", "L2", "L3"):
        lead(made, name, "01-01T00:00:00")
    lead(made, "L4", "01-02T00:00:00")
    win(made, "L5", "01-05T00:00:00")
    win(made, "L9", "01-06T00:00:00")
    lead(made, "L5", "01-03T00:00:00")
    # Of a deal without a lead, and so of nobody here: it only says how late it is.
    win(made, None, "01-10T00:00:00")


def until_the_end(made: Pipeline) -> None:
    until_the_tenth(made)
    win(made, "L1", "01-20T00:00:00")
    win(made, "L2", "01-31T00:00:00")
    win(made, "L3", "01-31T00:00:01")


def test_t8_pairing_with_time_out(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    until_the_tenth(made)
    assert rate(made) == (0.2, 5, "provisional"), "L5 counts, although its record came after its win"
    made = pipeline(DECLARED)
    until_the_end(made)
    assert rate(made) == (0.6, 5, "provisional"), "30 days to the millisecond are in time"
    assert unmatched(made) == 2, "L3's and L9's"


@pytest.mark.parametrize("last", ["sales.lead", "sales.deal"])
def test_t8_final_by_the_watermarks_of_both_streams(pipeline: Made, last: str) -> None:
    made = pipeline(DECLARED)
    until_the_end(made)

    def reached(stream: str, time: str) -> tuple[float | None, int | None, str]:
        lead(made, "Y", time) if stream == "sales.lead" else win(made, None, time)
        return rate(made)

    first = ({"sales.lead", "sales.deal"} - {last}).pop()
    # Thirty days after January it is 3 March; then the lateness of each stream.
    before, then = {
        "sales.lead": ("03-22T23:59:59.999", "03-23T00:00:00"),
        "sales.deal": ("03-03T23:59:59.999", "03-04T00:00:00"),
    }[last]
    assert reached(first, "04-01T00:00:00") == (0.6, 5, "provisional")
    assert reached(last, before) == (0.6, 5, "provisional")
    assert reached(last, then) == (0.6, 5, "final")
    assert unmatched(made) == 2, "also when the leads are forgotten"


def test_t8_a_win_after_its_lead_is_forgotten_is_unmatched(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    until_the_tenth(made)
    for stream_time in ("02-25T00:00:00", "02-25T00:00:01"):
        lead(made, "Y", stream_time)
        win(made, None, stream_time)
    assert made.task("lead/0").entity_count == 1, "only Y is left"
    win(made, "L3", "02-26T00:00:00")
    assert (rate(made), unmatched(made)) == ((0.2, 5, "provisional"), 2)
