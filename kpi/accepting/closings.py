"""What is late because its day was closed, judged record by record in log order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from kpi.grains import DAY
from schemas.closings import Closing

Closed = Mapping[str, int | None]
"""By who closes, the date through which that is done (epoch milliseconds of its UTC midnight); None: heard of only."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`accepted`, `late`: frames in log order, `late` with `lateness`: how far the date lies before the first open day,
    in milliseconds; 0 where somebody says it who is not among those that close. `closed`: after the batch.
    """

    accepted: pl.DataFrame
    late: pl.DataFrame
    closed: dict[str, int | None]


def judge_closings(accepted: pl.DataFrame, closing: Closing, closed: Closed) -> Judgement:
    """Judges accepted records of one partition. `closed`: before the batch.

    They are few, and each closing changes what the next record may say: no work for columns.
    """
    after = dict.fromkeys(closing.of) | dict(closed)
    said = accepted.select(
        who=pl.col(closing.per).cast(pl.String).fill_null(""),
        day=pl.col(closing.through),
        closes=pl.sql_expr(closing.where).fill_null(value=False),
    )
    late, lateness = [], []
    for who, day, closes in said.iter_rows():
        # Who was not heard of finds closed what all others have closed.
        until = after[who] if who in after else closed_by_all(after.values())
        stranger = bool(closing.of) and who not in closing.of
        overdue = not closes and day is not None and until is not None and day <= until
        late.append(stranger or overdue)
        lateness.append(until - day + DAY if overdue and not stranger else 0)
        if not (stranger or overdue):
            after[who] = max((date for date in (until, day if closes else None) if date is not None), default=None)
    places, beyond = pl.Series(late, dtype=pl.Boolean), pl.Series("lateness", lateness, dtype=pl.Int64)
    return Judgement(accepted.filter(~places), accepted.with_columns(beyond).filter(places), after)


def closed_by_all(dates: Iterable[int | None]) -> int | None:
    """The date through which all have closed; None where one has not, or there is none."""
    found = list(dates)
    known = [day for day in found if day is not None]
    return min(known) if known and len(known) == len(found) else None
