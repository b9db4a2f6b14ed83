"""A clock that is wrong."""

from services.runtime.clock import Clock


def shifted(clock: Clock, ahead: int) -> Clock:
    """The clock, so many milliseconds ahead; behind, where negative."""
    return lambda: clock() + ahead
