"""The time of day, as a parameter."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives the time in epoch milliseconds."""


def wall_clock() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000
