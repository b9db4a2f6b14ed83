"""Whatever is sold for in whatever currencies, and however rates are said: values are what fractions say they are."""

import datetime
import random
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.answers import Value
from tests.pipeline import Pipeline, catalogue_of
from tests.property.rates.declared import DECLARED, ZONES

DAY = 86_400_000
FIRST = int(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC).timestamp()) * 1000
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CHF": 2}


class Sale(NamedTuple):
    """`time`: epoch milliseconds."""

    time: int
    team: str
    amount: int
    currency: str


class Rate(NamedTuple):
    """`day`: from `FIRST` on; `rate`: 10^-8 of a euro."""

    time: int
    currency: str
    day: int
    rate: int


SALES = st.lists(
    st.builds(
        Sale,
        # Often within a quarter of an hour of a midnight of one of the zones.
        st.one_of(
            st.integers(0, 3 * DAY),
            st.builds(
                lambda day, hour, by: day * DAY + int(hour * 3_600_000) + by,
                st.integers(0, 2),
                st.sampled_from([5, 18.25, 23, 24]),
                st.integers(-900_000, 900_000),
            ),
        ).map(lambda time: FIRST + max(time, 0)),
        st.sampled_from(["north", "south"]),
        st.one_of(st.integers(1, 20), st.integers(-(10**6), 10**10)),
        st.sampled_from(["EUR", "USD", "USD", "JPY", "KWD", "CHF"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda sale: sale.time,
)
RATES = st.lists(
    st.builds(
        Rate,
        st.integers(0, 6 * DAY).map(lambda time: FIRST + time),
        st.sampled_from(["USD", "JPY", "KWD"]),
        st.integers(-9, 3),
        st.one_of(st.sampled_from([90_000_000, 50_000_000, 110_000_000]), st.integers(1, 10**10)),
    ),
    min_size=2,
    max_size=30,
    unique_by=lambda rate: rate.time,
)


def in_force(rates: Iterable[Rate], currency: str, day: int) -> Fraction | None:
    """Euros for a whole unit; `day` from `FIRST` on."""
    if currency == "EUR":
        return Fraction(1)
    said = [rate for rate in rates if rate.currency == currency and day - 7 <= rate.day <= day]
    last = max(said, key=lambda rate: (rate.day, rate.time), default=None)
    return None if last is None else Fraction(last.rate, 10**8)


class Till:
    """What a window's sales come to, in cents of a euro."""

    def __init__(self, sales: Sequence[Sale], rates: Sequence[Rate], day: int, zone: str, team: str | None) -> None:
        self._rates = rates
        self._all = sorted(sale for sale in sales if team in (None, sale.team))
        date = datetime.date(2026, 3, 1) + datetime.timedelta(days=day)
        self.start, self.end = (_midnight(date + datetime.timedelta(days=n), zone) for n in (0, 1))
        self.before = _midnight(date - datetime.timedelta(days=1), zone)
        self.at = self.start + DAY // 2

    def worth(self, sale: Sale, at: int | None = None) -> Fraction | None:
        rate = in_force(self._rates, sale.currency, ((sale.time if at is None else at) - FIRST) // DAY)
        return None if rate is None else Fraction(sale.amount, 10 ** DIGITS[sale.currency]) * rate * 100

    def each(self, start: int, end: int) -> list[Fraction | None]:
        return [self.worth(sale) for sale in self._all if start <= sale.time < end]

    def newest(self, start: int, *, level: bool = False) -> list[Fraction | None]:
        last = {sale.team: sale for sale in self._all if start <= sale.time < self.end}
        return [self.worth(sale, self.end - 1 if level else None) for sale in last.values()]


def _midnight(date: datetime.date, zone: str) -> int:
    return int(datetime.datetime.combine(date, datetime.time(), ZoneInfo(zone)).timestamp()) * 1000


def total(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0))


WHOLE: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "total": total,
    "mean": lambda values: total(values) / len(values),
    "least": min,
    "most": max,
    "half": lambda values: total(values) / 2,
}


def check(value: Value, parts: Sequence[Fraction | None], of: Callable[[Sequence[Fraction]], Fraction]) -> None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        assert (value.value, value.value_minor, value.reason) == (None, None, "no_rate"), value
    elif parts:
        assert (value.value_minor, value.currency) == (round(of(known)), "EUR"), (value, float(of(known)))


@settings(max_examples=20, deadline=None)
@given(SALES, RATES, st.randoms(use_true_random=False))
def test_conversion_is_that_of_fractions_in_any_batches(
    sales: list[Sale], rates: list[Rate], chance: random.Random
) -> None:
    with TemporaryDirectory() as folder:
        made = Pipeline(catalogue_of(Path(folder), DECLARED))
        try:
            _tell(made, sales, rates, chance)
            for day, zone in chance.sample([(day, zone) for day in range(3) for zone in ZONES], 3):
                _compare(made, Till(sales, rates, day, zone, None), zone)
                _compare(made, Till(sales, rates, day, zone, "north"), zone, team="north")
        finally:
            made.view.close()


def _compare(made: Pipeline, till: Till, zone: str, **team: str) -> None:
    def of(name: str) -> Value:
        at = datetime.datetime.fromtimestamp(till.at / 1000, datetime.UTC).isoformat()
        return made.value(name, "day", at, time_zone=zone, **team)

    inside, before = till.each(till.start, till.end), till.each(till.before, till.start)
    for name, right in WHOLE.items():
        check(of(name), inside, right)
    check(of("first"), inside[:1], total)
    check(of("last"), inside[-1:], total)
    check(of("ever"), till.each(0, till.end), total)
    check(of("before"), before, total)
    check(of("newest"), till.newest(till.start), total)
    check(of("held"), till.newest(0, level=True), total)
    if before:
        now, then = [part or Fraction(0) for part in inside], [part or Fraction(0) for part in before]
        check(of("more"), [*inside, *before], lambda _: total(now) - total(then))
    if inside and None not in inside:
        ranked = sorted(part for part in inside if part is not None)
        assert of("middle").value_minor == pytest.approx(float(ranked[(len(ranked) - 1) // 2]), rel=0.01, abs=0.6)


def _tell(made: Pipeline, sales: list[Sale], rates: list[Rate], chance: random.Random) -> None:
    def said(rate: Rate) -> dict[str, object]:
        day = datetime.date(2026, 3, 1) + datetime.timedelta(days=rate.day)
        return {"time": rate.time, "currency": rate.currency, "date": str(day), "rate": rate.rate}

    def sold(sale: Sale) -> dict[str, object]:
        return {"time": sale.time, "team": sale.team, "amount_minor": sale.amount, "currency": sale.currency}

    told = [("shop.sale", sold(sale)) for sale in sales] + [("fx.rate", said(rate)) for rate in rates]
    chance.shuffle(told)
    while told:
        size = chance.randint(1, len(told))
        batch, told = told[:size], told[size:]
        for stream in ("fx.rate", "shop.sale"):
            events = [event for name, event in batch if name == stream]
            if events:
                made.send(stream, *events, flush=False)
    # The clock moves on, and with it what levels are read up to.
    made.send("shop.sale", {"time": FIRST + 9 * DAY, "team": "east", "amount_minor": 1, "currency": "EUR"})
