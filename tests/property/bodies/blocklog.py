"""The blocks of a store as a compacted topic holds them: the last of each key, whatever was there before is gone."""

from collections.abc import Iterable

from kpi.entities.journal import Consolidation
from schemas.wire import EntityBlock, decode, encode

SMALL = Consolidation(keys=2, arrivals=0)
"""Two keys to a range, and ranges are written as soon as the log holds more arrivals than it holds of them."""


class BlockLog:
    """Goes through the wire's encoding. A tombstone may be there or not: what it replaces is gone either way."""

    def __init__(self) -> None:
        self._last: dict[bytes, bytes | None] = {}
        self.consolidated = 0
        """The first flush that counts, as the progress of the last one says."""

    def write(self, blocks: Iterable[EntityBlock], consolidated: int) -> None:
        """Adds a flush."""
        self._last |= dict(encode(block) for block in blocks)
        self.consolidated = consolidated

    def clean(self) -> None:
        """The tombstones are gone, too."""
        self._last = {key: value for key, value in self._last.items() if value is not None}

    def blocks(self) -> list[EntityBlock]:
        """What a new owner reads."""
        found = [decode(key, value) for key, value in self._last.items()]
        return [block for block in found if isinstance(block, EntityBlock)]

    @property
    def alive(self) -> int:
        """How many keys there are that hold something."""
        return sum(value is not None for value in self._last.values())
