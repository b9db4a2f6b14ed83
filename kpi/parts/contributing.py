"""What the events of a stream contribute by one of its parts: a pure function of each record, in columns."""

from collections.abc import Iterator

import polars as pl

from kpi.grains import DAY
from kpi.parts.clock import dimension
from kpi.parts.days import days_of, first_instant, zone_in
from kpi.parts.spreading import spread
from kpi.plan import CURRENCY
from schemas.parts import StreamPart
from schemas.streams import Stream

_FIRST, _LAST, _ZONE = "__first", "__last", "__zone"
_KEPT = ("sign", "source", "id")


def moment(stream: Stream, part: StreamPart) -> pl.Expr:
    """The date of the part's contribution, of a spread the first one (epoch milliseconds); null where it has none."""
    if part.spread is not None:
        return first_instant(days_of(part.spread)[0], zone_in(stream, part.spread.zone))
    if part.at is None:
        return pl.col("time")
    if part.at.day is not None:
        return first_instant(pl.col(part.at.day), zone_in(stream, part.at.zone))
    return pl.sql_expr(part.at.sql or "null").cast(pl.Int64)


class PartContributions:
    """Evaluates one part of a stream.

    The frames have `time` (epoch milliseconds), `value` (Int64), the declared dimensions (String), for money
    `currency`, and of the records `sign`, `source` and `id` where these have them.
    """

    def __init__(self, stream: Stream, part: StreamPart) -> None:
        self._stream, self._part = stream, part
        self._where = None if part.where is None else pl.sql_expr(part.where)
        chosen = {name: dimension(declared) for name, declared in part.dimensions.items()}
        if part.currency is not None:
            chosen[CURRENCY] = pl.sql_expr(part.currency).cast(pl.String)
        chosen["value"] = pl.sql_expr(part.value).cast(pl.Int64)
        if part.spread is None:
            chosen["time"] = moment(stream, part)
        else:
            chosen[_FIRST], chosen[_LAST] = days_of(part.spread)
            chosen[_ZONE] = zone_in(stream, part.spread.zone)
        self._chosen = chosen

    def of(self, events: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The contributions of events (`time`, the fields, `sign` where they may be withdrawn)."""
        frame = events if self._where is None else events.filter(self._where)
        kept = [name for name in _KEPT if name in events.columns]
        # Not select: a literal alone would have one row.
        frame = frame.with_columns(**self._chosen).select([*self._chosen, *kept])
        if self._part.spread is None:
            yield frame.filter(pl.col("time").is_not_null())
            return
        for piece in spread(frame, _FIRST, _LAST, whole=self._part.spread.whole):
            dated = piece.with_columns(time=first_instant(pl.col(_FIRST), pl.col(_ZONE)))
            known = dated.filter(pl.col("time").is_not_null())
            yield known
            if self._part.level:
                yield known.with_columns(time=pl.col("time") + DAY, value=-pl.col("value"))

    def earliest(self, events: pl.DataFrame) -> int | None:
        """The first date of a contribution of these events, epoch milliseconds; None where there is none."""
        frame = events if self._where is None else events.filter(self._where)
        found = frame.select(moment(self._stream, self._part).alias("time"))["time"].min()
        return found if isinstance(found, int) else None
