"""Letting event time pass at a multiple of real time."""

import asyncio
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]


class Pace:
    """Holds rows back until their time has come, counted from the first; `speed` 60 lets an hour pass in a minute."""

    def __init__(self, speed: float | None, seconds: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        """`seconds`: a clock that never goes back. No speed: nothing is held back."""
        self._speed = speed
        self._seconds = seconds
        self._sleep = sleep
        self._origin: tuple[float, int] | None = None

    def early(self, moment: int) -> float:
        """Seconds until an event of this time (epoch milliseconds) is due; 0 where it is."""
        if self._speed is None:
            return 0.0
        if self._origin is None:
            self._origin = (self._seconds(), moment)
        began, first = self._origin
        return max(0.0, began + (moment - first) / 1000 / self._speed - self._seconds())

    async def wait(self, seconds: float) -> None:
        """Let so much real time pass."""
        await self._sleep(seconds)
