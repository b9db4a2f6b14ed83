"""What an import says while it runs, and what came of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MOST_LISTED = 20
"""Rejected rows that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken: the file, the line (the row, where a file has no lines), the column or field, and
    why.
    """

    file: Path
    line: int
    pointer: str
    reason: str


@dataclass(slots=True)
class FileResult:
    """What became of one file. `before` rows had been dealt with by an earlier run.

    `behind` of the accepted ones are older than the live stream's lateness: counted late, if it is being written to.
    """

    file: Path
    before: int = 0
    accepted: int = 0
    rejected: int = 0
    behind: int = 0

    @property
    def rows(self) -> int:
        """Rows of this run."""
        return self.accepted + self.rejected


@dataclass(slots=True)
class ImportResult:
    """What became of an import. `shift` (milliseconds) was added to every time; `listed` are the first rejected
    rows.
    """

    shift: int
    files: list[FileResult] = field(default_factory=list)
    listed: list[RejectedRow] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Events written in this run."""
        return sum(file.accepted for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows not taken in this run."""
        return sum(file.rejected for file in self.files)

    @property
    def behind(self) -> int:
        """Events of this run that a live stream counts late."""
        return sum(file.behind for file in self.files)

    @property
    def before(self) -> int:
        """Rows that an earlier run had dealt with."""
        return sum(file.before for file in self.files)


class ImportReport(Protocol):
    """Who is told how an import goes. Called from the import's own loop: must not block."""

    def begin(self, file: Path, rows: int, before: int) -> None:
        """A file of about so many rows, of which `before` were dealt with earlier."""

    def advance(self, rows: int) -> None:
        """So many rows of it stand on Kafka, or were rejected."""

    def end(self) -> None:
        """The file is done."""
