"""T8: leads and the deals that they became, in two streams, within thirty days."""

import pytest

from tests.cases.declared import Made, kpi
from tests.cases.shipped import shipped
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


A_LEAD = {"lead_source": "web", "segment": "small", "region": "emea"}
A_DEAL = {
    "customer_id": "C1",
    "rep_id": "R1",
    "team": "north",
    "stage": "offer",
    "amount_minor": 1,
    "currency": "EUR",
    "segment": "small",
    "region": "emea",
}


def shipped_lead(made: Pipeline, name: str, time: str, action: str = "created") -> None:
    made.send("sales.lead", {**A_LEAD, "time": f"2026-{time}Z", "lead_id": name, "action": action})


def shipped_deal(made: Pipeline, name: str | None, time: str, action: str = "won") -> None:
    deal = {**A_DEAL, "time": f"2026-{time}Z", "deal_id": f"D{name}", "action": action}
    made.send("sales.deal", deal if name is None else {**deal, "lead_id": name})


def shipped_rate(made: Pipeline, month: str = "01") -> tuple[float | None, float | None, str]:
    found = made.value("lead_conversion_rate", "month", f"2026-{month}-15T00:00:00Z")
    return found.value, found.also["unmatched_wins"], found.state


def told_what_ships(pipeline: Made) -> Pipeline:
    made = pipeline(shipped("lead_conversion_rate", lateness="20d"))
    for name in ("L1", "L2", "L3"):
        shipped_lead(made, name, "01-01T00:00:00")
    shipped_lead(made, "L4", "01-02T00:00:00")
    shipped_deal(made, "L5", "01-05T00:00:00")
    shipped_deal(made, "L9", "01-06T00:00:00")
    shipped_lead(made, "L5", "01-03T00:00:00")
    shipped_lead(made, "L4", "01-10T00:00:00", "contacted")
    shipped_deal(made, None, "01-10T00:00:00")
    return made


def test_t8_of_what_ships(pipeline: Made) -> None:
    made = told_what_ships(pipeline)
    assert shipped_rate(made) == (0.2, 1, "provisional"), "L5 of five; nobody created L9"
    shipped_deal(made, "L1", "01-20T00:00:00")
    shipped_deal(made, "L2", "01-31T00:00:00")
    shipped_deal(made, "L3", "01-31T00:00:01")
    assert shipped_rate(made) == (0.6, 2, "provisional"), "L3 is a second too late, and unmatched beside L9"

    shipped_lead(made, "L4", "04-01T00:00:00", "contacted")
    for last, state in (("03-22T23:59:59.999", "provisional"), ("03-23T00:00:00", "final")):
        shipped_deal(made, None, last)
        assert shipped_rate(made) == (0.6, 2, state), "thirty days after January, and the lateness, of both streams"


def test_t8_of_what_ships_what_is_taken_back_in_time_was_not_won(pipeline: Made) -> None:
    made = told_what_ships(pipeline)
    shipped_deal(made, "L1", "01-20T00:00:00")
    shipped_deal(made, "L2", "01-20T00:00:00")
    shipped_deal(made, "L1", "01-31T00:00:00", "reverted")
    shipped_deal(made, "L2", "01-31T00:00:01", "reverted")
    assert shipped_rate(made) == (0.4, 1, "provisional"), "L2 and L5: L1's deal was reverted in its thirty days"
    shipped_lead(made, "L4", "02-01T00:00:00", "merged")
    assert shipped_rate(made) == (0.5, 1, "provisional"), "L4 was somebody else"
    shipped_lead(made, "L5", "02-20T00:00:00", "merged")
    assert shipped_rate(made) == (0.5, 1, "provisional"), "too late to tell"


def test_t8_of_what_ships_a_lead_is_created_once(pipeline: Made) -> None:
    made = told_what_ships(pipeline)
    shipped_lead(made, "L4", "01-12T00:00:00")
    assert shipped_rate(made) == (0.2, 1, "provisional")
