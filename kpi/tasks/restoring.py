"""What the log holds of a task, sorted by what it is for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kpi.tasks.coverage import is_gone
from schemas.wire import Base, Coverage, EntityBlock, Progress, Record, Rows


@dataclass(slots=True)
class Settled:
    """The settled records of a task, the last of each key."""

    rows: list[Rows] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    blocks: list[EntityBlock] = field(default_factory=list)
    coverage: Coverage | None = None
    progress: Progress | None = None

    def take_gone(self, groups: Iterable[str]) -> list[Rows | Base]:
        """Takes out the rows of these groups that are of an earlier time: empty records, to be written in their place
        once they are stamped.
        """
        here = set(groups)
        gone: list[Rows | Base] = [r for r in self.rows if r.group in here and self._is_gone(r) and r.end]
        gone += [base for base in self.bases if base.group in here and self._is_gone(base)]
        self.rows = [row for row in self.rows if not self._is_gone(row)]
        self.bases = [base for base in self.bases if not self._is_gone(base)]
        return [_emptied(record) for record in gone]

    def _is_gone(self, record: Rows | Base) -> bool:
        return is_gone(self.coverage, record.group, record.grain)


def settled(records: Iterable[Record]) -> Settled:
    """Sorts the settled records of a task, in any order."""
    found = Settled()
    for record in records:
        if isinstance(record, Rows):
            found.rows.append(record)
        elif isinstance(record, Base):
            found.bases.append(record)
        elif isinstance(record, EntityBlock):
            found.blocks.append(record)
        elif isinstance(record, Coverage):
            found.coverage = record
        elif isinstance(record, Progress):
            found.progress = record
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
