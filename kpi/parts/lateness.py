"""Records that say something about a date so long ago that it counts as final."""

import polars as pl

from kpi.parts.contributing import moment
from schemas.streams import Stream


class Overdue:
    """Which records of a stream come too late for the dates that they name."""

    def __init__(self, stream: Stream) -> None:
        void = pl.col("voids").is_not_null()
        # What it corrects was said in time, and may be named for as long again.
        longer = pl.when(pl.col("corrects").is_not_null()).then(stream.corrections or 0).otherwise(0)
        beyond = []
        for part in stream.contributions.values():
            if part.is_dated and not stream.closes(part):
                late = pl.col("time") - moment(stream, part) - part.within - longer
                beyond.append(late if part.where is None else pl.when(pl.sql_expr(part.where)).then(late))
        self._beyond = pl.when(~void).then(pl.max_horizontal(beyond)) if beyond else None

    def split(self, accepted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(in time, too late) of accepted records; those that are late with `lateness`, the milliseconds beyond."""
        if self._beyond is None or accepted.is_empty():
            return accepted, accepted.clear().with_columns(lateness=pl.lit(0, pl.Int64))
        judged = accepted.with_columns(lateness=self._beyond)
        late = (pl.col("lateness") > 0).fill_null(value=False)
        return judged.filter(~late).drop("lateness"), judged.filter(late)
