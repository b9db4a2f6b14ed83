"""Rows of one group at one grain, in frames small enough to be replaced: small panes by time, large ones by hash.

A large pane has n buckets, of about `ROWS` rows each, addressed by linear hashing: with one bucket more, only the rows
of one other move. A bucket is also what one record of the panes topic holds, so that a flush writes what it touches.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kpi.aggregates.rows import START
from kpi.panes.hashes import row_hashes

ROWS = 64
LARGE = 512
"""Rows above which a pane is kept in several buckets."""
BUCKET = "__bucket"
_BLOCK, _PANE, _COUNT, _ROUND, _HASH = "__block", "__pane", "__count", "__round", "__hash"

Address = tuple[int, int]
"""Start of the pane and number of the bucket."""


class Buckets:
    """All rows that are held. Frames have the columns of `schema`; `keys` tell the rows of a pane apart.

    `block`: milliseconds of time that one frame of small panes reaches over.
    """

    def __init__(self, schema: pl.Schema, keys: Sequence[str], block: int) -> None:
        self._schema, self._keys, self._block = schema, keys, block
        self._small: dict[int, pl.DataFrame] = {}
        self._large: dict[int, list[pl.DataFrame | None]] = {}
        self._heights: dict[int, int] = {}
        self.height = 0

    def frames(self) -> Iterable[pl.DataFrame]:
        """Every frame that holds rows."""
        yield from self._small.values()
        for buckets in self._large.values():
            yield from (frame for frame in buckets if frame is not None)

    def of_pane(self, start: int) -> list[pl.DataFrame]:
        """The frames of one pane's rows."""
        if start in self._large:
            return [frame for frame in self._large[start] if frame is not None]
        block = self._small.get(start // self._block)
        return [] if block is None else [block.filter(pl.col(START) == start)]

    def restore(self, rows: pl.DataFrame, counts: Mapping[int, int]) -> None:
        """Takes over rows with the bucket that each lies in as `BUCKET`; `counts`: of large panes, by start."""
        for start, count in counts.items():
            self._large[start], self._heights[start] = [None] * count, 0
        self._store(rows)

    def take(self, rows: pl.DataFrame) -> tuple[list[pl.DataFrame], set[Address]]:
        """Takes out what `rows` may merge with: small panes whole, the touched buckets of large ones; and which."""
        addressed = self._addressed(rows).select(START, BUCKET).unique()
        addresses = {(int(start), int(bucket)) for start, bucket in addressed.iter_rows()}
        small = addressed.filter(~pl.col(START).is_in(list(self._large)))[START] if self._large else addressed[START]
        taken = self._take_small(small)
        for start, bucket in addresses:
            if start in self._large:
                taken += self._take_bucket(start, bucket)
        return taken, addresses

    def take_panes(self, starts: Iterable[int]) -> tuple[list[pl.DataFrame], set[Address]]:
        """Takes out whole panes, as if they had never been large; the addresses that they had."""
        taken: list[pl.DataFrame] = []
        addresses: set[Address] = set()
        small = []
        for start in starts:
            if start not in self._large:
                small.append(start)
                addresses.add((start, 0))
                continue
            for bucket in range(len(self._large[start])):
                taken += self._take_bucket(start, bucket)
                addresses.add((start, bucket))
            del self._large[start], self._heights[start]
        return taken + self._take_small(pl.Series(small, dtype=pl.Int64)), addresses

    def take_before(self, horizon: int) -> tuple[list[pl.DataFrame], set[Address]]:
        """Takes out every pane that starts before `horizon`, a multiple of the block."""
        blocks = [block for block in self._small if (block + 1) * self._block <= horizon]
        small = [start for block in blocks for start in self._small[block][START].unique().to_list()]
        return self.take_panes([*small, *(start for start in self._large if start < horizon)])

    def _take_small(self, starts: pl.Series) -> list[pl.DataFrame]:
        taken = []
        for block in (starts // self._block).unique().to_list():
            if (frame := self._small.pop(block, None)) is None:
                continue
            touched = frame[START].is_in(starts.implode())
            taken.append(frame.filter(touched))
            if taken[-1].height < frame.height:
                self._small[block] = frame.filter(~touched)
        self.height -= sum(frame.height for frame in taken)
        return taken

    def _take_bucket(self, start: int, bucket: int) -> list[pl.DataFrame]:
        frame, self._large[start][bucket] = self._large[start][bucket], None
        if frame is None:
            return []
        self.height -= frame.height
        self._heights[start] -= frame.height
        return [frame]

    def sizes(self, rows: pl.DataFrame) -> dict[int, int]:
        """By start, how many rows each pane of `rows` will have once they are put."""
        counted = rows.group_by(START).len()
        return {start: more + self._heights.get(start, 0) for start, more in counted.iter_rows()}

    def put(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, set[Address]]:
        """Takes in rows of which none is held. What is to be written: rows with their `BUCKET`, and further addresses
        that gave rows to new buckets.
        """
        moved: set[Address] = set()
        pulled = []
        for start, height in self.sizes(rows).items():
            count = len(self._large.get(start, (None,)))
            wanted = max(count, height // ROWS) if height > LARGE or count > 1 else count
            if wanted == count:
                continue
            buckets = self._large.setdefault(start, [None])
            self._heights.setdefault(start, 0)
            for bucket in {_ancestor(new, count) for new in range(count, wanted)}:
                pulled += self._take_bucket(start, bucket)
                moved.add((start, bucket))
            buckets += [None] * (wanted - count)
        addressed = self._addressed(pl.concat([rows, *pulled]) if pulled else rows)
        self._store(addressed)
        return addressed, moved

    def _addressed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """With the bucket of each row as `BUCKET`."""
        large = [start for start in rows[START].unique().to_list() if start in self._large]
        if not large:
            return rows.with_columns(pl.lit(0, pl.Int64).alias(BUCKET))
        counts = [len(self._large[start]) for start in large]
        rounds = [1 << (count - 1).bit_length() for count in counts]
        sizes = pl.DataFrame({START: large, _COUNT: counts, _ROUND: rounds}, schema_overrides={START: pl.Int64})
        known = rows.with_columns(row_hashes(rows, self._keys).alias(_HASH)).join(
            sizes.cast({_COUNT: pl.UInt64, _ROUND: pl.UInt64}), on=START, how="left", maintain_order="left"
        )
        place = pl.col(_HASH) % pl.col(_ROUND)
        bucket = pl.when(place < pl.col(_COUNT)).then(place).otherwise(pl.col(_HASH) % (pl.col(_ROUND) // 2))
        return known.with_columns(bucket.cast(pl.Int64).fill_null(0).alias(BUCKET)).drop(_HASH, _COUNT, _ROUND)

    def _store(self, rows: pl.DataFrame) -> None:
        is_large = rows[START].is_in(list(self._large))
        small = rows.filter(~is_large).select(pl.all().exclude(BUCKET), (pl.col(START) // self._block).alias(_BLOCK))
        for (block,), part in small.partition_by(_BLOCK, as_dict=True, include_key=False).items():
            held = self._small.get(int(str(block)))
            self._small[int(str(block))] = part if held is None else pl.concat([held, part], rechunk=True)
        self.height += small.height
        if not is_large.any():
            return
        large = rows.filter(is_large).with_columns(pl.col(START).alias(_PANE))
        for (start, bucket), part in large.partition_by(_PANE, BUCKET, as_dict=True, include_key=False).items():
            self._large[int(str(start))][int(str(bucket))] = part
            self._heights[int(str(start))] += part.height
        self.height += large.height


def _ancestor(bucket: int, count: int) -> int:
    """The bucket among the first `count` whose rows a new one takes."""
    while bucket >= count:
        bucket -= 1 << (bucket.bit_length() - 1)
    return bucket
