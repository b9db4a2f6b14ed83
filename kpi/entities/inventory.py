"""Which parts stand in the log, and what they cost."""

from kpi.entities.portions import Part

LEAST_COST = 1 << 10
"""Bytes that a part costs at least, as it has to be read and unpacked."""


def cost(body: bytes) -> int:
    """What a part of the log costs, in bytes."""
    return max(len(body), LEAST_COST)


class Inventory:
    """The parts that stand in the log, the earliest flush first. `arrivals` and `ranges`: what they cost together."""

    def __init__(self) -> None:
        self._parts: dict[Part, tuple[int, int]] = {}
        self.arrivals = self.ranges = 0

    def add(self, part: Part, flush: int, size: int) -> None:
        """A part was written, at a flush not earlier than that of any other; it replaces the one of its name."""
        self._take_out(part)
        self._parts[part] = flush, size
        self._count(part, size)

    def drop_before(self, flush: int) -> list[Part]:
        """Takes out what was written before a flush."""
        dropped = []
        for part, (written, _) in self._parts.items():
            if written >= flush:
                break
            dropped.append(part)
        for part in dropped:
            self._take_out(part)
        return dropped

    def _take_out(self, part: Part) -> None:
        _, size = self._parts.pop(part, (0, 0))
        self._count(part, -size)

    def _count(self, part: Part, size: int) -> None:
        if part.arrivals:
            self.arrivals += size
        else:
            self.ranges += size
