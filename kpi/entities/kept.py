"""What every store of records by key has: what it keeps in memory, and what stands in the log."""

from kpi.entities.journal import Journal
from kpi.entities.keeping import Keeping
from schemas.wire import EntityBlock


class Kept:
    """Records in memory, and their journal."""

    def __init__(self, keeping: Keeping, journal: Journal) -> None:
        self._keeping, self._journal = keeping, journal

    def __len__(self) -> int:
        return len(self._keeping)

    @property
    def nbytes(self) -> int:
        """Bytes held, without the texts of records that are not settled and those of the dictionary."""
        return self._keeping.nbytes

    @property
    def consolidated(self) -> int:
        """The first flush whose blocks count."""
        return self._journal.consolidated

    def flush(self, incarnation: str, number: int, *, whole: bool = False) -> list[EntityBlock]:
        """What the log needs to hold everything that is kept; `whole`: all of it, in the place of what is there."""
        return self._journal.flush(incarnation, number, whole=whole)
