"""What is told of a rebuild, while it goes on and at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `kpis`: none are all. `moment`: what was appended before is left out (epoch milliseconds)."""

    kpis: Sequence[str] = ()
    moment: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A unit that was rebuilt. `pause`: for how many seconds the workers were shut out. `since`: from when on (epoch
    milliseconds) everything was read; None: from the beginning. `written`: records of the panes topic.
    """

    unit: str
    tasks: int
    records: int
    written: int
    seconds: float
    pause: float
    since: int | None


class Watcher(Protocol):
    """Is told how it goes."""

    def begin(self, unit: str, records: int) -> None:
        """So many records of a unit are to be read."""

    def advance(self, records: int) -> None:
        """So many more were read."""

    def switch(self) -> None:
        """The workers are shut out now."""

    def end(self, done: Done) -> None:
        """Readers have what was rebuilt."""
