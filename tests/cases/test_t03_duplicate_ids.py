"""T3: the same id again, and the same action of the same deal again."""

import polars as pl

from kpi.accepting.partitioning import partitions_of
from tests.cases.declared import Made, kpi

DEALS = """
stream: sales.deal
key: deal_id
partitions: 4
partitioner: murmur2
clock: replay
disorder: 0s
lateness: 2d
fields:
  deal_id: string
  action: {enum: [opened, won, lost, reverted]}
  amount_minor: int64
  currency: string
---
entity: deal
of: {sales.deal: deal_id}
forget_after: 365d
states:
  won: {set: action = 'won', clear: action = 'reverted', within: 90d, carrying: [amount_minor, currency]}
contributions:
  won: {at: won_time, value: won_amount_minor, currency: won_currency}
"""
REACH = "reach: 90d"
DECLARED = (
    DEALS
    + kpi("deals_won", "{them: {from: deal.won, aggregate: count}}", "them", more=REACH)
    + kpi("bookings", "{them: {from: deal.won, aggregate: sum}}", "them", more=REACH, unit="money")
    + kpi(
        "average_deal_size",
        "{}",
        "bookings / nullif(deals_won, 0)",
        more=f"uses: [bookings, deals_won]\n{REACH}",
        unit="money",
    )
)
AT = "2026-03-02T12:00:00Z"


def place_of(deal: str) -> int:
    """The partition that a deal belongs on."""
    return int(partitions_of(pl.Series([deal]), "murmur2", 4)[0])


def beside(deal: str, other: str) -> str:
    """A name for a deal that puts it on the partition of the other one, where their ids could be taken for one."""
    names = (f"{deal}{'x' * count}" for count in range(100))
    return next(name for name in names if place_of(name) == place_of(other))


def test_t3_duplicate_ids(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    second = beside("D2", "D1")
    elsewhere = (place_of("D1") + 1) % 4
    events = (
        ("crm", "1", "D1", 1000, place_of("D1")),
        ("crm", "1", "D1", 1000, elsewhere),
        ("shop", "1", second, 500, place_of(second)),
        ("crm", "2", "D3", 700, place_of("D3")),
        ("crm", "2", "D3", 900, place_of("D3")),
        ("crm", "3", "D3", 700, place_of("D3")),
    )
    for source, identifier, deal, amount, place in events:
        event = {"source": source, "id": identifier, "time": "2026-03-02T09:00:00Z", "deal_id": deal}
        money = {"action": "won", "amount_minor": amount * 100, "currency": "EUR"}
        made.send("sales.deal", {**event, **money}, partition=place)
    assert made.fates("sales.deal") == {
        "consumed": 7, "aggregated": 4, "duplicate": 2, "rekeyed": 1, "conflicting": 1,
    }  # fmt: skip
    assert made.standing(f"deal/{elsewhere}", "sales.deal").fates["rekeyed"] == 1, "where it lay, but did not belong"
    assert made.value("deals_won", "day", AT).value == 3
    bookings, size = made.value("bookings", "day", AT), made.value("average_deal_size", "day", AT)
    assert (bookings.value, bookings.value_minor, bookings.currency) == (2200.0, 220_000, "EUR")
    assert (size.value, size.value_minor, size.currency) == (733.33, 73_333, "EUR")
