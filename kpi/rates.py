"""What other currencies are worth in the reporting currency, as it was said: day by day, and what was said later.

Rates stand in the panes like anything else that is counted, one row for each currency, day and rate that was ever said.
The reader takes the one that was said last.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kpi.currencies import MOST_DIGITS, digits
from kpi.grains import DAY, Grain
from kpi.plan import Group, Plan
from kpi.reading import Ask, Panes, Span
from kpi.tiles import Tile
from schemas.declarations import StreamName
from schemas.kpis import Aggregate, Kpi, Measure, Windows

SCALE: Final = 8
"""Digits after the point of a rate."""
UNIT: Final[int] = 10 ** (SCALE + MOST_DIGITS)
"""A weight of this much leaves an amount as it is."""
LONGEST: Final = 7
"""For how many days after its own a rate is used where none was said."""

_FOR_EVER: Final = 2**62
_TEXT: Final = "concat_ws(' ', currency, cast(date as varchar), cast(rate as varchar))"


@dataclass(frozen=True, slots=True)
class Said:
    """That a whole unit of `currency` is worth `rate` x 10^-8 on `day`, said last at `at` (epoch milliseconds).

    Days are counted from 1970-01-01.
    """

    currency: str
    day: int
    rate: int
    at: int


@dataclass(frozen=True, slots=True)
class Change:
    """Another rate is used since `at` (epoch milliseconds). `corrected`: another one was said for the same day."""

    at: int
    corrected: bool


class Rates:
    """Everything that was said of rates, in `reporting`, the currency that they are in."""

    def __init__(self, reporting: str, said: Iterable[Said]) -> None:
        self.reporting = reporting
        self._said: dict[str, dict[int, list[Said]]] = {}
        for each in sorted(said, key=lambda one: (one.at, one.rate)):
            self._said.setdefault(each.currency, {}).setdefault(each.day, []).append(each)
        self._weights: dict[tuple[str, int], int | None] = {}

    def weight(self, currency: str | None, day: int) -> int | None:
        """How many 1 / `UNIT` of a minor unit of the reporting currency a minor unit is worth on a UTC day.

        What names no currency is in the reporting one. None: nothing was said for the day or the seven before it.
        """
        if not currency or currency == self.reporting:
            return UNIT
        if (currency, day) not in self._weights:
            days = self._said.get(currency, {})
            last = next((days[each][-1] for each in range(day, day - LONGEST - 1, -1) if each in days), None)
            shift: int = 10 ** (digits(self.reporting) + MOST_DIGITS - digits(currency))
            self._weights[currency, day] = None if last is None else last.rate * shift
        return self._weights[currency, day]

    def changes(self, used: Iterable[tuple[str, int]], since: int) -> list[Change]:
        """How the rates of these currencies and UTC days have changed from `since` (epoch milliseconds) on.

        The first rate that there is changes nothing: there was no number before it.
        """
        found: dict[int, Change] = {}
        for currency, day in used:
            days = self._said.get(currency, {})
            near = [one for each in range(day - LONGEST, day + 1) for one in days.get(each, ())]
            if any(one.at >= since for one in near):
                for change in _changes(near):
                    if change.at >= since:
                        corrected = change.corrected or (change.at in found and found[change.at].corrected)
                        found[change.at] = Change(change.at, corrected)
        return list(found.values())


def _changes(near: Sequence[Said]) -> Iterator[Change]:
    """The changes of the rate of one day, of all that was said of it and of the days before it."""
    known: dict[int, int] = {}
    moments: dict[int, list[Said]] = {}
    for one in near:
        moments.setdefault(one.at, []).append(one)
    for at in sorted(moments):
        before = known.get(max(known)) if known else None
        last = max(known, default=None)
        known |= {one.day: one.rate for one in moments[at]}
        if before is not None and known[max(known)] != before:
            yield Change(at, corrected=max(known) == last)


@dataclass(frozen=True, slots=True)
class Worth:
    """What the rows of a group are worth. `day`: the UTC day of all; None: each names its own beside its currency."""

    rates: Rates
    day: int | None

    def place(self, text: str | None) -> tuple[str, int]:
        """The currency and the UTC day of a row that names them so."""
        if self.day is not None or not text or text == self.rates.reporting:
            return text or "", self.day or 0
        currency, _, day = text.rpartition(" ")
        return currency, int(day)

    def weight(self, text: str | None) -> int | None:
        """See `Rates.weight`."""
        return self.rates.weight(*self.place(text))

    def weights(self, texts: Iterable[str | None]) -> list[int] | None:
        """Of all, or None where one has none."""
        found = [self.weight(text) for text in texts]
        known = [weight for weight in found if weight is not None]
        return known if len(known) == len(found) else None


def said_of(stream: StreamName) -> Kpi:
    """What is to be counted of the stream of rates, written as a KPI that nobody asks for."""
    return Kpi(
        kpi="said", title="", sentence="", department="", unit="", direction="none", kind="leading", owner="",
        measures={
            "said": Measure.model_validate(
                {"from": stream, "aggregate": Aggregate.max, "value": "time", "currency": _TEXT}
            )
        },
        formula="said",
        windows=Windows(calendar=("day",)),
    )  # fmt: skip


class Recorded:
    """The rates in the panes, read again where some may have been said since. For any number of threads."""

    def __init__(self, plan: Plan, reporting: str | None, grains: Sequence[Grain]) -> None:
        self._plan, self._reporting = plan, reporting or ""
        self._day = next(grain.name for grain in grains if grain.length is None)
        self._last: tuple[Hashable, Rates] | None = None

    @property
    def group(self) -> Group | None:
        """The rows that they stand in; None where money is not converted."""
        return None if self._plan.rates is None else self._plan.groups[self._plan.rates]

    @property
    def tasks(self) -> list[str]:
        """Who keeps them."""
        if self.group is None:
            return []
        unit = self._plan.units[self.group.unit]
        return [f"{unit.name}/{number}" for number in range(unit.partitions)]

    def of(self, panes: Panes) -> Rates | None:
        """The rates in one state of the panes; None where money is not converted."""
        group, last = self.group, self._last
        if group is None:
            return None
        state = tuple((p.task, p.incarnation, p.flush) for task in self.tasks if (p := panes.progress(task)))
        if last is None or last[0] != state:
            last = self._last = state, Rates(self._reporting, _read(group, panes, self._day))
        return last[1]


def _read(group: Group, panes: Panes, day: str) -> Iterator[Said]:
    columns = tuple(column.name for column in group.columns)
    span = Span([Tile(day, None, _FOR_EVER)])
    for row in panes.read(Ask(group, columns, [span])):
        currency, said_for, rate = (row.currency or "").rsplit(" ", 2)
        yield Said(currency, int(said_for) // DAY, int(rate), row.sums[1] or 0)
