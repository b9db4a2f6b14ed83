"""T10: what a customer is worth, from what is bought, what stays of it, and who comes again."""

import pytest

from schemas.answers import Value
from tests.cases.declared import Made, kpi, quiet
from tests.pipeline import Pipeline

ORDERS = """
stream: customer.order
partitions: 1
disorder: 0s
lateness: 1d
idle_timeout: 1m
fields: {customer_id: string, segment: string, amount_minor: int64, currency: string}
"""
MONTHS = "{calendar: [month]}"
OF = "from: customer.order, value: customer_id"
DIMENSIONS = "dimensions: [segment]"


def declared(discount: str = "null", horizon: str = "null") -> str:
    """The catalogue. `discount`: a month's rate; `horizon`: months that are assumed where nobody leaves."""
    parts = [
        kpi("active_customers", f"{{them: {{{OF}, aggregate: distinct}}}}", "them", windows=MONTHS, more=DIMENSIONS),
        kpi(
            "order_revenue",
            "{it: {from: customer.order, aggregate: sum, value: amount_minor, currency: currency}}",
            "it",
            windows=MONTHS,
            more=DIMENSIONS,
            unit="money",
        ),
        kpi(
            "repurchase_rate",
            f"{{again: {{{OF}, aggregate: overlap}}, them: {{{OF}, aggregate: distinct, window: previous}}}}",
            "again / nullif(them, 0)",
            windows=MONTHS,
            more=DIMENSIONS,
            unit="ratio",
        ),
    ]
    churn = "(1 - repurchase_rate)"
    months = (
        f"case when discount is not null then (1 + discount) / nullif(discount + {churn}, 0)"
        f" when {churn} = 0 then horizon else 1 / nullif({churn}, 0) end"
    )
    more = (
        f"uses: [order_revenue, active_customers, repurchase_rate]\n{DIMENSIONS}\nserve: [complete]\n"
        f"parameters: {{margin: 0.6, discount: {discount}, horizon: {horizon}}}\n"
        f"flags: {{assumed_horizon: repurchase_rate = 1 and discount is null and horizon is not null}}"
    )
    formula = f"margin * order_revenue / nullif(active_customers, 0) * ({months})"
    return (
        ORDERS + "".join(parts) + kpi("lifetime_value", "{}", f'"{formula}"', windows=MONTHS, more=more, unit="money")
    )


MONTHS_OF = {
    "M1": ("abcd", "abce"),
    "M2": ("abcd", "abcd"),
    "M3": ("abcd", "efgh"),
}
"""By case: who bought in January, and in February; four of them spend 200 together."""


def bought(made: Pipeline, **segments: tuple[str, str]) -> None:
    """By segment who bought in January, and in February."""
    for month in (0, 1):
        for segment, months in segments.items():
            for name in months[month]:
                made.send(
                    "customer.order",
                    {
                        "time": f"2026-0{month + 1}-10T12:00:00Z", "customer_id": segment + name, "segment": segment,
                        "amount_minor": 5000, "currency": "EUR",
                    },
                )  # fmt: skip


def february(made: Pipeline, **asked: str) -> Value:
    quiet(made, "customer.order/0", "2026-03-03T00:00:00Z")
    return made.value("lifetime_value", "month", "2026-03-02T00:00:00Z", **asked)


@pytest.mark.parametrize(
    ("case", "discount", "horizon", "expected"),
    [
        ("M1", "null", "null", 120),
        ("M2", "null", "null", None),
        ("M2", "null", "36", 1080),
        ("M3", "null", "null", 30),
        ("M1", "0.01", "null", 116.54),
        ("M2", "0.01", "null", 3030),
        ("M3", "0.01", "null", 30),
        ("M1", "null", "36", 120),
        ("M2", "0.01", "36", 3030),
    ],
)
def test_t10_customer_lifetime_value(
    pipeline: Made, case: str, discount: str, horizon: str, expected: float | None
) -> None:
    made = pipeline(declared(discount, horizon))
    bought(made, one=MONTHS_OF[case])
    found = february(made)
    assert (found.value, found.reason) == (expected, None if expected else "division_by_zero")
    assumed = (case, discount, horizon) == ("M2", "null", "36")
    assert found.flags == (("assumed_horizon",) if assumed else ())


def test_t10_the_total_is_no_mean_of_its_members(pipeline: Made) -> None:
    made = pipeline(declared())
    bought(made, one=("abcd", "abcd"), two=("abcd", "abef"))
    total = february(made)
    assert total.value == 120
    members = made.values("lifetime_value", "month", "2026-03-02T00:00:00Z", by=("segment",))
    assert [(one.dimensions["segment"], one.value, one.reason) for one in members] == [
        ("one", None, "division_by_zero"), ("two", 60, None),
    ]  # fmt: skip
