"""T18: bookings in three currencies, a deal that is taken back, one that is too late for that, and two voids."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from schemas.answers import Value
from tests.cases.declared import Made, kpi
from tests.pipeline import Pipeline

DEALS = """
stream: sales.deal
key: deal_id
partitions: 1
clock: replay
disorder: 0s
lateness: 2d
corrections: 2d
fields:
  deal_id: string
  action: {enum: [won, lost, reverted]}
  amount_minor: int64
  currency: string
---
reporting: default
currency: EUR
---
entity: deal
of: {sales.deal: deal_id}
forget_after: 365d
states:
  won: {set: action = 'won', clear: action = 'reverted', within: 90d, carrying: [amount_minor, currency]}
contributions:
  won: {at: won_time, value: won_amount_minor, currency: won_currency}
  amount: {at: won_time, value: won_amount_minor, dimensions: {money: won_currency}}
"""
REACH = "reach: 92d"
DECLARED = (
    DEALS
    + kpi("deals_won", "{them: {from: deal.won, aggregate: count}}", "them", more=REACH)
    + kpi("bookings", "{them: {from: deal.won, aggregate: sum}}", "them", more=REACH, unit="money")
    + kpi("minor_units", "{them: {from: deal.amount, aggregate: sum}}", "them", more=f"{REACH}\ndimensions: [money]")
)
RATES = {
    "2026-03-02": {"EUR": Fraction(1), "USD": Fraction("0.90"), "JPY": Fraction("0.0061")},
    "2026-03-03": {"EUR": Fraction(1), "USD": Fraction("0.95")},
}
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0}


def deal(number: int, name: str, time: str, amount: int, currency: str, **more: str) -> dict[str, object]:
    event = {"id": str(number), "deal_id": name, "time": f"2026-{time}:00Z", "action": "won"}
    return {**event, "amount_minor": amount, "currency": currency, **more}


STORY = (
    deal(1, "D1", "03-02T09:00", 100_005, "USD"),
    deal(2, "D2", "03-02T09:30", 100_005, "USD"),
    deal(3, "D3", "03-02T10:00", 150_000, "JPY"),
    deal(4, "D4", "03-03T09:00", 100_000, "USD"),
    deal(5, "D5", "03-03T10:00", 50_000, "EUR"),
    deal(6, "D1", "03-03T12:00", 100_005, "USD", action="reverted"),
    deal(7, "D6", "03-04T09:00", 10_000, "EUR"),
    deal(8, "D4", "03-04T12:00", 100_000, "USD", voids="4"),
    deal(9, "D7", "03-05T11:00", 20_000, "EUR"),
    deal(10, "D5", "03-05T12:00", 50_000, "EUR", voids="5"),
    deal(11, "D6", "06-10T12:00", 10_000, "EUR", action="reverted"),
)


def told(made: Pipeline, first: int, last: int, *, flush: bool = True) -> None:
    made.send("sales.deal", *STORY[first - 1 : last], flush=flush)


def of(made: Pipeline, name: str, day: str) -> Value:
    return made.value(name, "day", f"{day}T12:00:00Z")


def in_euros(made: Pipeline, day: str) -> Decimal:
    """What a day's bookings are worth. Rates are no stream yet: they are applied here, as the reader of panes will."""
    found = made.values("minor_units", "day", f"{day}T12:00:00Z", by=("money",))
    total = Fraction(0)
    for value in found:
        currency = str(value.dimensions["money"])
        total += Fraction(int(value.value or 0), 10 ** DIGITS[currency]) * RATES[day][currency]
    exact = Decimal(total.numerator) / Decimal(total.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def test_t18_currencies_reversal_void(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, 1, 5)
    assert (in_euros(made, "2026-03-02"), in_euros(made, "2026-03-03")) == (Decimal("2715.09"), Decimal("1450.00"))
    assert (of(made, "deals_won", "2026-03-02").value, of(made, "deals_won", "2026-03-02").revision) == (3, 1)
    mixed = of(made, "bookings", "2026-03-02")
    assert (mixed.value, mixed.reason) == (None, "no_rate"), "dollars and yen are not added up"

    told(made, 6, 6)
    won = of(made, "deals_won", "2026-03-02")
    assert (in_euros(made, "2026-03-02"), won.value, won.revision) == (Decimal("1815.04"), 2, 2), "half to even"
    assert in_euros(made, "2026-03-03") == Decimal("1450.00"), "the reversal is dated by what it reverses"

    told(made, 7, 8)
    third = of(made, "bookings", "2026-03-03")
    assert (third.value, third.value_minor, third.currency) == (500.0, 50_000, "EUR")
    assert (third.revision, third.state, in_euros(made, "2026-03-03")) == (2, "provisional", Decimal("500.00"))

    told(made, 9, 10)
    fourth = of(made, "bookings", "2026-03-03")
    assert (fourth.value, fourth.revision, fourth.state) == (500, 2, "provisional"), "said too late to be void"
    told(made, 11, 11)
    assert in_euros(made, "2026-03-02") == Decimal("1815.04")
    days = ("2026-03-03", "2026-03-04", "2026-06-10")
    assert [of(made, "bookings", day).value for day in days] == [500, 100, -100]
    assert (of(made, "bookings", "2026-03-04").state, of(made, "bookings", "2026-03-04").revision) == ("final", 1)
    assert made.fates("sales.deal") == {"consumed": 11, "aggregated": 9, "correction": 1, "late": 1}
    assert [record.lateness for record in made.late] == [7_200_000], "two hours beyond the horizon of corrections"


def test_t18_all_in_one_flush(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, 1, 11, flush=False)
    assert in_euros(made, "2026-03-02") == Decimal("1815.04")
    days = ("2026-03-03", "2026-03-04", "2026-06-10")
    assert [of(made, "bookings", day).value for day in days] == [500, 100, -100]
    assert {of(made, name, day).revision for name in ("bookings", "deals_won") for day in days} == {1}
    assert made.fates("sales.deal") == {"consumed": 11, "aggregated": 9, "correction": 1, "late": 1}


def test_t18_a_currency_without_a_rate(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, 1, 4)
    made.send("sales.deal", {**STORY[4], "currency": "CHF"})
    told(made, 6, 7)
    assert (of(made, "bookings", "2026-03-03").value, of(made, "bookings", "2026-03-03").reason) == (None, "no_rate")
    assert (of(made, "bookings", "2026-03-04").value, in_euros(made, "2026-03-02")) == (100, Decimal("1815.04"))
