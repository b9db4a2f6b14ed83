"""T18: bookings in three currencies, a deal that is taken back, one that is too late for that, and two voids.

> bookings by day in EUR; sales.deal, one partition, disorder 0, lateness 2 d, reversal horizon 90 d. USD 0.90 on 2 Mar,
> 0.95 on 3 Mar; JPY 0.0061.
"""

import yaml

from kpi.values import Question
from schemas.answers import Value
from schemas.times import parse_time
from services.api.metrics import Metrics
from services.api.questions import WindowRequest
from services.runtime.catalogue.shipped import shipped_files
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
rates: fx.rate
---
entity: deal
of: {sales.deal: deal_id}
forget_after: 365d
states:
  won: {set: action = 'won', clear: action = 'reverted', within: 90d, carrying: [amount_minor, currency]}
contributions:
  won: {at: won_time, value: won_amount_minor, currency: won_currency}
"""
REACH = "reach: 92d"
AVERAGE = "uses: [bookings, deals_won]"
SHIPPED = [one for _, raw in shipped_files() for one in yaml.safe_load_all(raw) if one]
RATES = next(one for one in SHIPPED if one.get("stream") == "fx.rate") | {"partitions": 1, "clock": "replay"}
DECLARED = (
    DEALS
    + "---\n"
    + yaml.safe_dump(RATES, sort_keys=False)
    + kpi("deals_won", "{them: {from: deal.won, aggregate: count}}", "them", more=REACH)
    + kpi("bookings", "{them: {from: deal.won, aggregate: sum}}", "them", more=REACH, unit="money")
    + kpi("average_deal_size", "{}", "bookings / nullif(deals_won, 0)", more=AVERAGE, unit="money")
)


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


def say(made: Pipeline, currency: str, day: str, rate: int, time: str | None = None) -> None:
    """`rate`: 10^-8 of a euro; by default said as the day begins."""
    body = {"currency": currency, "date": f"2026-{day}", "rate": rate, "time": f"2026-{time or f'{day}T00:00'}:00Z"}
    made.send("fx.rate", body)


def begun(pipeline: Made) -> Pipeline:
    made = pipeline(DECLARED)
    say(made, "USD", "03-02", 90_000_000)
    say(made, "JPY", "03-02", 610_000)
    say(made, "USD", "03-03", 95_000_000)
    return made


def told(made: Pipeline, first: int, last: int, *, flush: bool = True) -> None:
    made.send("sales.deal", *STORY[first - 1 : last], flush=flush)


def of(made: Pipeline, name: str, day: str) -> Value:
    return made.value(name, "day", f"2026-{day}T12:00:00Z")


def bookings(made: Pipeline, day: str) -> float | None:
    value = of(made, "bookings", day)
    assert value.currency == "EUR"
    assert value.value is None or value.value_minor == round(value.value * 100)
    return value.value


def test_t18_currencies_reversal_void(pipeline: Made) -> None:
    """
    > Expect: 2 Mar 2,000.10 x 0.90 + 915.00 (yen have no cents) = 2715.09; after 6: 900.045 + 915 = 1815.04 (half to
    > even), deals_won 2, revision 2. 3 Mar 950 + 500 = 1450; after 8: 500.00, revision 2, provisional. 10 is late: it
    > was said 2 d 2 h after event 5, past the corrections horizon (the lateness): 500.00 stays. 11 is past the horizon
    > (2 Jun 09:00): 4 Mar stays 100, 10 Jun -100. consumed 11 = aggregated 9 + correction 1 + late 1.
    """
    made = begun(pipeline)
    told(made, 1, 5)
    assert bookings(made, "03-02") == 2715.09, "2715.08: rounded by deal; 1809.24 and so on: yen with cents"
    assert bookings(made, "03-03") == 1450
    assert (of(made, "deals_won", "03-02").value, of(made, "bookings", "03-02").revision) == (3, 1)
    assert of(made, "average_deal_size", "03-02").value == 905.03, "of what was converted before"

    told(made, 6, 6)
    second = of(made, "bookings", "03-02")
    assert (second.value, second.value_minor, second.revision) == (1815.04, 181_504, 2), "1815.05: half up"
    assert of(made, "deals_won", "03-02").value == 2
    assert bookings(made, "03-02") != 1765.04, "the reversal by the rate of 3 March"
    assert bookings(made, "03-03") == 1450, "549.96: the reversal is dated by what it reverses"
    assert of(made, "average_deal_size", "03-02").value == 907.52

    told(made, 7, 8)
    third = of(made, "bookings", "03-03")
    assert (third.value, third.value_minor, third.currency) == (500.0, 50_000, "EUR")
    assert (third.revision, third.state) == (2, "provisional")

    told(made, 9, 10)
    fourth = of(made, "bookings", "03-03")
    assert (fourth.value, fourth.revision, fourth.state) == (500, 2, "provisional"), "0: a void past the lateness"
    told(made, 11, 11)
    assert [bookings(made, day) for day in ("03-02", "03-03", "03-04", "06-10")] == [1815.04, 500, 100, -100]
    assert (of(made, "bookings", "03-04").state, of(made, "bookings", "03-04").revision) == ("final", 1)
    assert made.fates("sales.deal") == {"consumed": 11, "aggregated": 9, "correction": 1, "late": 1}
    assert [record.lateness for record in made.late] == [7_200_000], "two hours beyond the horizon of corrections"


def test_t18_all_in_one_flush(pipeline: Made) -> None:
    made = begun(pipeline)
    told(made, 1, 11, flush=False)
    days = ("03-02", "03-03", "03-04", "06-10")
    assert [bookings(made, day) for day in days] == [1815.04, 500, 100, -100]
    assert {of(made, name, day).revision for name in ("bookings", "deals_won") for day in days} == {1}
    assert made.fates("sales.deal") == {"consumed": 11, "aggregated": 9, "correction": 1, "late": 1}


def test_t18_rates_that_come_after_what_they_convert(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    told(made, 1, 6)
    missing = of(made, "bookings", "03-02")
    assert (missing.value, missing.value_minor, missing.reason) == (None, None, "no_rate")
    say(made, "USD", "03-02", 90_000_000)
    assert of(made, "bookings", "03-02").reason == "no_rate", "the dollars are no part of it while the yen have no rate"
    say(made, "JPY", "03-02", 610_000)
    say(made, "USD", "03-03", 95_000_000)
    assert [bookings(made, day) for day in ("03-02", "03-03")] == [1815.04, 1450]


def test_t18_a_currency_without_a_rate(pipeline: Made) -> None:
    """
    > Were D5 in CHF, which has no rate: 3 Mar null (no_rate), not the rest.
    """
    made = begun(pipeline)
    told(made, 1, 4)
    made.send("sales.deal", {**STORY[4], "currency": "CHF"})
    told(made, 6, 7)
    for name in ("bookings", "average_deal_size"):
        value = of(made, name, "03-03")
        assert (value.value, value.value_minor, value.reason) == (None, None, "no_rate")
    assert of(made, "deals_won", "03-03").value == 2
    assert (bookings(made, "03-04"), bookings(made, "03-02")) == (100, 1815.04)
    say(made, "CHF", "02-24", 107_000_000, "03-04T08:00")
    assert bookings(made, "03-03") == 950 + 535, "a rate holds for seven days"
    assert of(made, "bookings", "03-03").state == "provisional"


def test_t18_a_rate_that_is_corrected_when_the_books_are_closed(pipeline: Made) -> None:
    made = begun(pipeline)
    told(made, 1, 11)
    before = of(made, "bookings", "03-02")
    assert (before.value, before.revision, before.state) == (1815.04, 2, "final")
    say(made, "USD", "03-02", 80_000_000, "06-11T00:00")
    after = of(made, "bookings", "03-02")
    assert (after.value, after.revision, after.state) == (1715.04, 3, "restated"), "800.04 + 915"
    assert of(made, "average_deal_size", "03-02").state == "restated"
    others = [of(made, "bookings", day) for day in ("03-03", "03-04")] + [of(made, "deals_won", "03-02")]
    assert [(value.state, value.revision) for value in others] == [("final", 2), ("final", 1), ("final", 2)]


def test_t18_series_and_metrics_are_of_what_was_converted(pipeline: Made) -> None:
    made = begun(pipeline)
    told(made, 1, 11)
    made.now = parse_time("2026-03-04T20:00:00Z")
    questions = made.answers.questions
    declared, asked = questions.kpi("bookings"), WindowRequest("day", "2026-03-04T12:00:00Z")
    windows = questions.series(declared, asked, 3, made.now)
    with made.answers.reading() as reading:
        found = [value for (value,) in reading.values(Question(declared, windows, compare=False))]
    assert [value.value for value in found] == [1815.04, 500, 100]
    samples = {
        (sample.name, sample.labels.get("periods_ago")): sample.value
        for family in Metrics(made.answers).collect()
        for sample in family.samples
        if sample.labels.get("kpi") == "bookings" and sample.name in {"kpi_value", "kpi_window_value"}
    }
    assert samples["kpi_value", None] == 100
    assert [samples["kpi_window_value", ago] for ago in ("1", "2")] == [500, 1815.04]
