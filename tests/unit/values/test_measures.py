"""Results of measures where little, nothing or several currencies are read."""

import pytest

from kpi.measures import Measured, columns_of, measured
from kpi.plan import MeasureReading
from kpi.reading import Row
from kpi.reasons import Reason
from schemas.kpis import Aggregate


def reading(aggregate: Aggregate, *, scale: int = 0, money: bool = False) -> MeasureReading:
    squares = ("high", "low") if aggregate is Aggregate.variance else ()
    value = None if aggregate is Aggregate.count else "value"
    return MeasureReading("g", aggregate, "n", value, 0.5, scale, money, squares)


def result(of: MeasureReading, *rows: Row, covered: bool = True) -> Measured:
    return measured(of, rows, columns_of(of), covered=covered)


def row(*sums: int | None, currency: str | None = None, depth: int = 0) -> Row:
    return Row(0, (), currency, None, sums, depth)


@pytest.mark.parametrize("aggregate", Aggregate)
def test_nothing_is_a_zero_only_where_it_was_looked_for_and_adds_up(aggregate: Aggregate) -> None:
    zero = aggregate.value in {
        "count",
        "sum",
        "distinct",
        "repeaters",
        "overlap",
        "latest",
        "level",
        "integral",
        "lost",
    }
    assert result(reading(aggregate)).value == (0 if zero else None)
    assert result(reading(aggregate), covered=False).value is None
    assert result(reading(aggregate), covered=False).reason is Reason.no_data


def test_a_variance_is_in_the_square_of_the_scaled_unit() -> None:
    # 1000, 2000 and 3000 milliseconds: mean 2 s, squares of the distances 1, 0 and 1.
    rows = (row(2, 3000, 0, 5_000_000), row(1, 3000, 0, 9_000_000))
    assert result(reading(Aggregate.variance, scale=3), *rows) == Measured(2 / 3, 3)


def test_the_first_has_the_currency_of_its_event_alone() -> None:
    rows = (row(7, 1, 500, 2, currency="EUR"), row(6, 9, 400, 1, currency="USD"))
    assert result(reading(Aggregate.first, money=True), *rows) == Measured(400, 3, "USD")
    assert result(reading(Aggregate.last, money=True), *rows) == Measured(500, 3, "EUR")


def test_a_sum_of_latest_values_in_two_currencies_has_no_rate() -> None:
    rows = (row(500, 1, 1, 250_000, currency="EUR"), row(400, 1, 1, 160_000, currency="USD"))
    assert result(reading(Aggregate.latest, money=True), *rows).reason is Reason.no_rate


def test_a_sample_says_between_which_bounds_it_is() -> None:
    # Of one key in four 100 were seen: N with |100 - N/4| <= 1.96 x sqrt(N x 3/16).
    found = result(reading(Aggregate.distinct), row(100, 150, 40, 10, depth=2))
    assert (found.value, found.events) == (400, 600)
    assert found.bounds == pytest.approx((337.62, 473.90), abs=0.01)


def test_bounds_have_the_scale_of_the_value() -> None:
    # Sum of squares 25: 1.96 x sqrt(25 x 3/4) x 4 = 33.948.
    found = result(reading(Aggregate.latest, scale=1), row(9, 3, 5, 25, depth=2))
    assert (found.value, found.events) == (3.6, 20)
    assert found.bounds == pytest.approx((0.205, 6.995), abs=0.001)
