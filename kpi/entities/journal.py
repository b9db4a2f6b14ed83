"""The log of the records of many keys: what arrived since the last flush, and range by range what is kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
import polars as pl

from kpi.entities.blocks import Column
from kpi.entities.histories import Integers
from kpi.entities.inventory import Inventory, cost
from kpi.entities.keeping import Keeping
from kpi.entities.packing import FORM, Table, unpack
from kpi.entities.places import Hashes
from kpi.entities.portions import Part, pieces, table_of
from kpi.entities.ranges import Ranges
from kpi.entities.recovering import Recovered, Written, recovered
from kpi.entities.texts import NO_TEXT
from schemas.entities import NEVER
from schemas.wire import EntityBlock, UnknownEncoding

_RANGES_AHEAD = 16
"""Looked for at once: that looks at every key."""


@dataclass(frozen=True, slots=True)
class Consolidation:
    """When the log is made shorter: once the arrivals in it are twice what is kept, and more than `arrivals` bytes.

    `keys`: how many of them one range has, at most and about.
    """

    keys: int = 4096
    arrivals: int = 64 << 10


USUAL = Consolidation()


class Journal:
    """What a store writes, and what it reads back. `consolidation`: None where the broker does not compact.

    `definition` names what made the records; others' are not taken over.
    """

    def __init__(
        self, keeping: Keeping, task: str, store: str, definition: str, consolidation: Consolidation | None
    ) -> None:
        self._keeping, self._task, self._store, self._definition = keeping, task, store, definition
        self._consolidation = consolidation
        self.consolidated = 0
        """The first flush that counts."""
        self._keys: list[Hashes] = []
        self._columns: list[dict[str, Column]] = []
        self._texts: list[pl.Series] = []
        self._inventory = Inventory()
        self._ranges = Ranges()
        self._credit = 0
        self._begins_anew = False

    @property
    def codes(self) -> list[Column]:
        """The columns of what waits that hold codes of words."""
        return [column for columns in self._columns for column in columns.values() if column.dtype == np.uint32]

    def note(self, keys: Hashes, columns: Mapping[str, Column], texts: pl.Series) -> None:
        """Records were taken. `texts` are theirs: what stands for them may be let go of before the flush."""
        if len(keys):
            self._keys.append(keys)
            # Codes are replaced in place when words are compacted.
            self._columns.append({n: c.copy() if c.dtype == np.uint32 else c for n, c in columns.items()})
            self._texts.append(texts)

    def flush(self, incarnation: str, number: int, *, whole: bool = False) -> list[EntityBlock]:
        """What the log needs to hold all that is kept. `whole`: all of it anew, in the place of whatever is there."""
        # What is of another definition goes, so that nothing of it can count should that one return.
        whole = whole or self._begins_anew
        written = {} if whole else self._arrivals(number)
        self._keys, self._columns, self._texts = [], [], []
        if whole:
            self.consolidated, self._begins_anew, self._ranges = number, False, Ranges()
        self._note(number, written)
        if whole or self._consolidation is not None:
            ranges = self._ranges_due(number, sum(map(cost, written.values())), whole=whole)
            self._note(number, ranges)
            written |= ranges
        superseded: list[Part] = []
        if self._consolidation is not None:
            self.consolidated = max(self.consolidated, self._ranges.oldest)
            superseded = self._inventory.drop_before(self.consolidated)
        return [
            EntityBlock(self._task, self._store, str(part), incarnation, number, self._definition, FORM, body)
            for part, body in [*written.items(), *((part, b"") for part in superseded)]
        ]

    def _note(self, number: int, written: Mapping[Part, bytes]) -> None:
        for part, body in written.items() if self._consolidation is not None else ():
            self._inventory.add(part, number, cost(body))

    def _arrivals(self, number: int) -> dict[Part, bytes]:
        if not self._keys:
            return {}
        columns = {name: np.concatenate([each[name] for each in self._columns]) for name in self._columns[0]}
        texts = pl.concat(self._texts).to_list()
        table = table_of(self._keeping.words, np.concatenate(self._keys), columns, texts, -NEVER)
        return {Part(True, 0, number, piece): body for piece, body in enumerate(pieces(table))}

    def _ranges_due(self, number: int, arrived: int, *, whole: bool) -> dict[Part, bytes]:
        limits = self._consolidation or USUAL
        self._divide(limits.keys)
        self._credit = min(self._credit + arrived, max(limits.arrivals, arrived))
        written: dict[Part, bytes] = {}
        ahead: dict[int, tuple[Hashes, Integers]] = {}
        is_long = self._inventory.arrivals > max(limits.arrivals, 2 * self._inventory.ranges)
        while self._ranges.oldest < number and (whole or (is_long and self._credit > 0)):
            place = self._ranges.next
            if place not in ahead:
                ahead = self._keeping.ranges(self._ranges.bits, place, _RANGES_AHEAD)
            for piece, body in enumerate(pieces(self._kept(*ahead[place]))):
                written[Part(False, self._ranges.bits, place, piece)] = body
                self._credit -= cost(body)
            self._ranges.note(self._ranges.bits, place, number)
        self._credit = 0 if whole else self._credit
        return written

    def _divide(self, keys: int) -> None:
        wanted = max((len(self._keeping) - 1) // keys, 0).bit_length()
        if not self._ranges.bits - 1 <= wanted <= self._ranges.bits:
            self._ranges.divide(wanted)

    def _kept(self, keys: Hashes, places: Integers) -> Table:
        keeping = self._keeping
        columns, owner = keeping.rows(places)
        texts = keeping.texts.of(columns["text"][columns["text"] != NO_TEXT])
        return table_of(keeping.words, keys[owner], columns, texts, keeping.settled)

    def restore(self, blocks: Iterable[EntityBlock], consolidated: int) -> Recovered:
        """What is kept, by what the log holds. Raises UnknownEncoding for records in another form.

        `consolidated`: the first flush that counts.
        """
        found = [block for block in blocks if block.body]
        for block in sorted(found, key=attrgetter("flush")):
            self._inventory.add(Part.named(block.part), block.flush, cost(block.body))
        self.consolidated = consolidated
        mine = list(self._mine(found))
        self._begins_anew = len(mine) < sum(block.flush >= consolidated for block in found)
        for part, flush, _ in mine:
            if not part.arrivals:
                self._ranges.note(part.bits, part.number, flush)
        keeping = self._keeping
        return recovered(mine, self._ranges, keeping.layout, keeping.words, keeping.texts)

    def _mine(self, blocks: Iterable[EntityBlock]) -> Iterator[Written]:
        for block in blocks:
            if block.flush < self.consolidated or block.definition != self._definition:
                continue
            if block.form != FORM:
                raise UnknownEncoding(
                    f"records of {block.task} are packed as {block.form!r}, not {FORM!r}: start the version of the "
                    "service that wrote them, or begin with an empty panes topic"
                )
            yield Written(Part.named(block.part), block.flush, unpack(block.body))
