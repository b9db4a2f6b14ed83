"""How busy a simulated business is, by the time of the day and the day of the week."""

import math

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_QUIETEST = 0.3
_WEEKEND = 0.6
_EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday, the fourth day of a week that begins on Monday."""


def busyness(moment: int) -> float:
    """Between 0 and 1 for a time in epoch milliseconds (UTC): least at 3, most at 15 o'clock, less on weekends."""
    hour = moment % _DAY / _HOUR
    wave = (1 - math.cos((hour - 3) / 24 * 2 * math.pi)) / 2
    weekday = (moment // _DAY + _EPOCH_WEEKDAY) % 7
    return (_QUIETEST + (1 - _QUIETEST) * wave) * (_WEEKEND if weekday >= 5 else 1.0)
