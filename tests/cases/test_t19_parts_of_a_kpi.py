"""T19, its first half: what a unit cost, while one of its parts is still open, until all have closed the month."""

from schemas.answers import Value
from tests.cases.declared import Made, kpi, quiet
from tests.pipeline import Pipeline

BOOKS = """
stream: production.unit
key: unit_id
partitions: 1
clock: live
disorder: 0s
lateness: 1d
fields: {unit_id: string}
---
stream: finance.entry
key: cost_centre
partitions: 1
clock: live
disorder: 0s
lateness: 1d
fields:
  cost_centre: string
  action: {enum: [posted, period_closed]}
  account_type: {enum: [income, operating]}
  amount: int64
  effective: date
closing: {where: action = 'period_closed', per: cost_centre, through: effective}
contributions:
  entry:
    at: {day: effective}
    value: amount
    where: action = 'posted'
    dimensions: {cost_centre: cost_centre, account_type: account_type}
"""
COST = "{them: {from: finance.entry.entry, aggregate: sum, where: account_type = 'operating'}}"
MONTHS = "{calendar: [month]}"
DECLARED = (
    BOOKS
    + kpi("operating_cost", COST, "them", windows=MONTHS, more="dimensions: [cost_centre]")
    + kpi("units", "{them: {from: production.unit, aggregate: count}}", "them", windows=MONTHS)
    + kpi("cost", COST, "them", windows=MONTHS)
    + kpi("cost_per_unit", "{}", "cost / nullif(units, 0)", windows=MONTHS, more="uses: [cost, units]")
)


def entry(centre: str, day: str, effective: str, amount: int, action: str = "posted") -> dict[str, object]:
    event = {"cost_centre": centre, "time": f"2026-{day}T09:00:00Z", "effective": f"2026-{effective}", "amount": amount}
    return {**event, "action": action, "account_type": "operating"}


def march(made: Pipeline, name: str = "cost_per_unit", **where: str) -> Value:
    return made.value(name, "month", "2026-03-15T00:00:00Z", **where)


def test_it_is_final_when_the_last_cost_centre_has_closed_the_month(pipeline: Made) -> None:
    made = pipeline(DECLARED)
    made.send("production.unit", *({"unit_id": f"U{day}", "time": f"2026-03-{day}T10:00:00Z"} for day in range(10, 20)))
    made.send("finance.entry", entry("CC1", "03-10", "03-10", 4000), entry("CC2", "03-20", "03-20", 1000))
    quiet(made, "production.unit/0", "2026-04-03T00:00:00Z")
    quiet(made, "finance.entry/0", "2026-04-03T00:00:00Z")
    third = march(made)
    assert (third.value, third.state, third.revision) == (500, "provisional", 1)
    assert march(made, "units").state == "final"

    made.send("finance.entry", entry("CC1", "04-08", "03-28", 1000))
    eighth = march(made)
    assert (eighth.value, eighth.state, eighth.revision) == (600, "provisional", 2)
    assert made.late == []

    made.send("finance.entry", entry("CC1", "04-10", "03-31", 0, "period_closed"))
    first = march(made, "operating_cost", cost_centre="CC1")
    assert (first.value, first.state) == (5000, "final")
    assert march(made).state == march(made, "operating_cost").state == "provisional"
    assert march(made, "operating_cost", cost_centre="CC2").state == "provisional"

    made.send("finance.entry", entry("CC2", "04-12", "03-31", 0, "period_closed"))
    twelfth = march(made)
    assert (twelfth.value, twelfth.state, twelfth.revision) == (600, "final", 2)

    made.send("finance.entry", entry("CC2", "04-14", "03-30", 50))
    assert march(made) == twelfth.model_copy(update={"watermark": march(made).watermark})
    assert [late.lateness for late in made.late] == [2 * 86_400_000]
    assert made.fates("finance.entry") == {"aggregated": 5, "late": 1, "consumed": 6}
