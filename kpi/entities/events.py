"""The events of a stream themselves, where others may correct or void them."""

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from kpi.entities.corrections import standing
from kpi.entities.histories import NULL, Integers
from kpi.entities.journal import USUAL, Consolidation, Journal
from kpi.entities.keeping import Columns, Keeping
from kpi.entities.kept import Kept
from kpi.entities.order import merged
from kpi.entities.places import Hashes
from kpi.entities.records import Layout
from schemas.streams import Stream
from schemas.wire import EntityBlock


class EventStore(Kept):
    """The events of a task that may still be corrected or voided, with what was said about them.

    `fields`: those that are counted. Dates are event time in epoch milliseconds.
    """

    def __init__(
        self,
        task: str,
        stream: Stream,
        fields: Sequence[str],
        *,
        consolidation: Consolidation | None = USUAL,
    ) -> None:
        if stream.corrections is None:
            raise ValueError(f"stream {stream.stream} allows no corrections")
        self._horizon = stream.corrections
        self._fields = tuple(fields)
        layout = Layout.of([stream], fields, named=True)
        keeping = Keeping(layout)
        super().__init__(keeping, Journal(keeping, task, stream.stream, "", consolidation))

    def times_of(self, hashes: Hashes) -> Integers:
        """The times of events by the hash of their (source, id); -1 for those that are not here."""
        places = self._keeping.find(hashes)
        times = np.full(len(hashes), -1)
        known = np.flatnonzero(places >= 0)
        columns, owner = self._keeping.rows(places[known])
        itself = columns["target"] == 0
        times[known[owner[itself]]] = columns["time"][itself]
        return times

    def apply(self, accepted: pl.DataFrame) -> pl.DataFrame:
        """Takes accepted records: what that changes, as events with `time`, the fields and `sign` (+1 or -1).

        `accepted` has the stream's fields, `time`, `source`, `id`, `identifier` (the hash of source and id), `target`
        (that of the event which it corrects or voids, null for events) and `voids`.
        """
        frame = accepted.with_columns(
            pl.concat_str([pl.col("source"), pl.col("id")], separator="\x00").alias("text"),
            pl.col("voids").is_not_null().alias("void"),
            pl.lit(0, pl.Int64).alias("signals"),
        )
        named = frame.select(pl.coalesce("target", "identifier")).to_series().to_numpy()
        hashes, number = np.unique(named, return_inverse=True)
        places = self._keeping.assign(hashes)
        old, owner = self._keeping.rows(places)
        arrived = self._keeping.layout.packed(self._keeping.words, self._keeping.texts, frame)
        self._journal.note(hashes[number], arrived, frame["text"])
        both, new_owner, order = merged(old, owner, arrived, number, self._keeping.texts)
        new = {name: column[order] for name, column in both.items()}
        self._keeping.write(places, new_owner, new)
        return pl.concat([self._standing(old, owner, -1), self._standing(new, new_owner, 1)])

    def _standing(self, columns: Columns, owner: Integers, sign: int) -> pl.DataFrame:
        stands = standing(owner, columns, self._horizon)
        layout, words = self._keeping.layout, self._keeping.words
        fields = {name: layout.values(words, name, columns, stands.values) for name in self._fields}
        signs = np.full(len(stands.row), sign, np.int64)
        return pl.DataFrame({"time": columns["time"][stands.row], "sign": signs, **fields})

    def forget(self, horizon: int) -> None:
        """Lets go of events that nothing said at or after the horizon can change. Memory only, never values."""
        settled = horizon - self._horizon
        places = self._keeping.overdue(settled)
        if not len(places):
            return
        columns, owner = self._keeping.rows(places)
        named = standing(owner, columns, self._horizon).target
        itself = np.where(named >= 0, columns["time"][named], columns["time"])
        waits = np.where((columns["target"] != 0) & (named < 0), itself >= horizon, itself >= settled)
        kept = np.flatnonzero(waits)
        self._keeping.texts.release(columns["text"][~waits])
        last = np.full(len(places), NULL)
        last[owner[kept]] = columns["time"][kept]
        self._keeping.settle(places, owner[kept], {name: column[kept] for name, column in columns.items()}, last)
        self._keeping.tidy(self._journal.codes)

    def restore(self, blocks: Iterable[EntityBlock], consolidated: int = 0) -> None:
        """Takes over what the log holds. `consolidated`: the first flush that counts.

        A field that was not kept, or as another type, is absent: the columns that count it are as new as that.
        """
        found = self._journal.restore(blocks, consolidated)
        last = np.full(len(found.keys), NULL)
        last[found.owner] = found.columns["time"]
        self._keeping.settle(self._keeping.assign(found.keys), found.owner, found.columns, last)
