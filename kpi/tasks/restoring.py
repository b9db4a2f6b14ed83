"""What the log holds of a task, sorted by what it is for."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from kpi.tasks.coverage import is_gone
from schemas.wire import Base, Coverage, EntityBlock, Progress, Record, Rows


@dataclass(slots=True)
class Settled:
    """The settled records of a task, the last of each key."""

    rows: Iterable[Rows] = ()
    gone: list[Rows | Base] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    blocks: list[EntityBlock] = field(default_factory=list)
    coverage: Coverage | None = None
    progress: Progress | None = None

    def present_bases(self, groups: Collection[str]) -> list[Base]:
        """The bases, as `present_rows`."""
        self.gone += [_emptied(base) for base in self.bases if base.group in groups and self._is_gone(base)]
        return [base for base in self.bases if not self._is_gone(base)]

    def present_rows(self, groups: Collection[str]) -> Iterator[Rows]:
        """The rows that count, those of one group and grain together.

        Of rows of these groups that are of an earlier time, `gone` gets empty records, to be written in their place
        once they are stamped.
        """
        for row in self.rows:
            if not self._is_gone(row):
                yield row
            elif row.group in groups and row.end:
                self.gone.append(_emptied(row))

    def _is_gone(self, record: Rows | Base) -> bool:
        return is_gone(self.coverage, record.group, record.grain)


def settled(records: Iterable[Record], rows: Iterable[Rows]) -> Settled:
    """Sorts the settled records of a task, in any order, and `rows` besides, as `Task.restore` has them."""
    found, among = Settled(), list[Rows]()
    for record in records:
        if isinstance(record, Rows):
            among.append(record)
        elif isinstance(record, Base):
            found.bases.append(record)
        elif isinstance(record, EntityBlock):
            found.blocks.append(record)
        elif isinstance(record, Coverage):
            found.coverage = record
        elif isinstance(record, Progress):
            found.progress = record
    found.rows = chain(sorted(among, key=lambda row: (row.group, row.grain)), rows)
    return found


def _emptied(record: Rows | Base) -> Rows | Base:
    nothing: dict[str, list[str | None]] = {name: [] for name in record.dimensions}
    columns: dict[str, list[int | None]] = {name: [] for name in record.columns}
    if isinstance(record, Base):
        return replace(record, dimensions=nothing, columns=columns)
    return replace(
        record,
        dimensions=nothing,
        extra=None if record.extra is None else [],
        columns=columns,
        changes=[],
        change_count=0,
        depth=0,
    )
