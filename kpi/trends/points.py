"""Values of windows side by side, as trends are drawn through them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """The value of the window that starts at `start` (epoch milliseconds), in the KPI's unit; None where it has none.

    `closed`: whether the watermark has passed the window's end, so that the value is one of the whole window.
    """

    start: int
    value: float | None
    closed: bool


def usable(points: Sequence[Point]) -> list[tuple[int, float]]:
    """Starts and values of those that say something, in order of time: closed, and with a value.

    A window that still runs holds a part of what it will come to, which would look like a fall. Raises ValueError
    where two start at once: one of them is of another window, or of other dimensions.
    """
    found = sorted((point.start, point.value) for point in points if point.closed and point.value is not None)
    if len({start for start, _ in found}) < len(found):
        raise ValueError("two points start at the same moment: give the points of one series, each window once")
    return found
