"""What the panes topic holds for one task, as far as a rebuild has to know it."""

from dataclasses import dataclass, field

from kpi.tasks.replay import CommittedFlushes
from schemas.wire import Base, Claim, Coverage, EntityBlock, IdleMark, Progress, Record, Rows
from services.aggregator.rebuilding.building import BlockKey, PaneKey, block_key, pane_key


@dataclass(slots=True)
class TaskLog:
    """The records that count, the last of each key. `claim`: the latest, whether anything followed it or not.

    `since`: by group and column, from when on everything is counted; None where the log does not say.
    """

    flushes: CommittedFlushes
    panes: dict[PaneKey, Rows] = field(default_factory=dict)
    bases: dict[tuple[str, str], Base] = field(default_factory=dict)
    blocks: set[BlockKey] = field(default_factory=set)
    marks: dict[tuple[str, int], int] = field(default_factory=dict)
    """Watermarks that silence had brought, by topic and offset of the next record."""
    progress: Progress | None = None
    coverage: Coverage | None = None
    claim: Claim | None = None
    rebuilt: str = ""
    """The last rebuild that counts here."""

    def feed(self, record: Record) -> None:
        """Takes the next record of the task."""
        if isinstance(record, Claim):
            self.claim = record
        for counted in self.flushes.feed(record):
            self._take(counted)

    def _take(self, record: Record) -> None:
        if isinstance(record, Rows):
            if next(iter(record.columns.values()), []) or record.change_count or record.depth:
                self.panes[pane_key(record)] = record
            else:
                self.panes.pop(pane_key(record), None)
        elif isinstance(record, Base):
            self.bases[record.group, record.grain] = record
        elif isinstance(record, EntityBlock):
            if record.body:
                self.blocks.add(block_key(record))
            else:
                self.blocks.discard(block_key(record))
        elif isinstance(record, IdleMark):
            self.marks[record.topic, record.offset] = record.watermark
        elif isinstance(record, Coverage):
            self.coverage = record
        elif isinstance(record, Progress):
            self.progress = record
            self.rebuilt = self.rebuilt if record.together is None else record.together[0]
