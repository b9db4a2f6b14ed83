"""T10: what a customer is worth, from what is bought, what stays of it, and who comes again."""

import pytest

from schemas.answers import Value
from tests.cases.declared import Made, quiet
from tests.cases.shipped import shipped
from tests.pipeline import Pipeline

DECLARED = shipped("customer_lifetime_value", clock="live", idle_timeout="1m", lateness="1d")
ORDER = {"action": "placed", "net_minor": 5000, "currency": "EUR", "region": "emea"}
ENTRY = {"cost_centre": "shop", "account": "a", "currency": "EUR", "effective": "2026-02-10", "action": "posted"}


def declared(**numbers: str) -> str:
    """The catalogue, with some of the numbers set that the formula leaves open."""
    text = DECLARED
    for name, number in numbers.items():
        assert f"{name}: null" in text
        text = text.replace(f"{name}: null", f"{name}: {number}")
    return text


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
                who = {"customer_id": segment + name, "order_id": f"{segment}{name}{month}", "segment": segment}
                made.send("customer.order", {**ORDER, **who, "time": f"2026-0{month + 1}-10T12:00:00Z"})


def booked(made: Pipeline) -> None:
    """What was sold for 1000 had cost 400."""
    for account_type, amount in (("income", 100_000), ("cogs", 40_000)):
        entry = {**ENTRY, "account_type": account_type, "amount_minor": amount}
        made.send("finance.entry", {**entry, "time": "2026-02-20T12:00:00Z"})


def february(made: Pipeline) -> Value:
    quiet(made, "order/0", "2026-03-03T00:00:00Z")
    return made.value("customer_lifetime_value", "month", "2026-03-02T00:00:00Z")


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
    made = pipeline(declared(discount=discount, horizon=horizon))
    booked(made)
    bought(made, one=MONTHS_OF[case])
    found = february(made)
    assert (found.value, found.reason) == (expected, None if expected else "division_by_zero")
    assumed = (case, discount, horizon) == ("M2", "null", "36")
    assert found.flags == (("assumed_horizon",) if assumed else ())


def test_t10_the_total_is_no_mean_of_its_members(pipeline: Made) -> None:
    made = pipeline(declared())
    booked(made)
    bought(made, one=("abcd", "abcd"), two=("abcd", "abef"))
    total = february(made)
    assert total.value == 120
    members = made.values("customer_lifetime_value", "month", "2026-03-02T00:00:00Z", by=("segment",))
    assert [(one.dimensions["segment"], one.value, one.reason) for one in members] == [
        ("one", None, "division_by_zero"), ("two", 60, None),
    ]  # fmt: skip


def test_t10_a_margin_that_is_set_stands_in_for_that_of_the_books(pipeline: Made) -> None:
    made = pipeline(declared(margin="0.6"))
    bought(made, one=MONTHS_OF["M1"])
    assert february(made).value == 120
    made = pipeline(declared())
    bought(made, one=MONTHS_OF["M1"])
    assert february(made).value is None, "nobody keeps books, nor says what is left"
