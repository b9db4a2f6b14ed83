"""What a task that was built anew has written so far, the last of each key."""

from dataclasses import dataclass, field

from kpi.tasks.task import Flush
from schemas.wire import Base, EntityBlock, Progress, Rows

PaneKey = tuple[str, str, int, int]
BlockKey = tuple[str, str, str]


def pane_key(pane: Rows) -> PaneKey:
    """What a pane's record replaces, within a task."""
    return pane.group, pane.grain, pane.start, pane.bucket


def block_key(block: EntityBlock) -> BlockKey:
    """What a block of entities replaces."""
    return block.task, block.store, block.part


@dataclass(slots=True)
class Built:
    """The records of a rebuilt task. Flushes are numbered from 1 on; `flushes` is the number of the last.

    `leaving`: what left for other topics. It was written when the records were read first, and is wanted only where
    they never were.
    """

    groups: frozenset[str]
    panes: dict[PaneKey, Rows] = field(default_factory=dict)
    bases: dict[tuple[str, str], Base] = field(default_factory=dict)
    blocks: list[EntityBlock] = field(default_factory=list)
    progress: Progress | None = None
    flushes: int = 0
    keeps_leaving: bool = False
    leaving: list[Flush] = field(default_factory=list)

    def add(self, flush: Flush) -> None:
        """Takes over a flush. What else it says (claims, marks, what is covered) is for the switch to say.

        Only the last one has to have entities and events, and then all of them.
        """
        self.blocks = []
        for record in flush.records:
            if isinstance(record, Rows) and record.group in self.groups:
                if next(iter(record.columns.values()), []) or record.depth:
                    self.panes[pane_key(record)] = record
                else:
                    self.panes.pop(pane_key(record), None)
            elif isinstance(record, Base) and record.group in self.groups:
                self.bases[record.group, record.grain] = record
            elif isinstance(record, EntityBlock):
                self.blocks.append(record)
            elif isinstance(record, Progress):
                self.progress = record
        self.flushes = flush.number
        if self.keeps_leaving:
            self.leaving.append(flush)
