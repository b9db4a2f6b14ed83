"""How steep a series is, by a measure that a few wild values do not move."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median


def theil_sen(moments: Sequence[float], values: Sequence[float]) -> float | None:
    """The median of the slopes of all pairs of points, `(values[j] - values[i]) / (moments[j] - moments[i])`.

    `moments` and `values` are equally many; the result is in units of `values` per unit of `moments`, and None for
    fewer than two points. Raises ValueError where two moments are the same. Up to 29 % of the values may be wild
    before it is. (Theil 1950; Sen 1968, Estimates of the regression coefficient based on Kendall's tau.)
    """
    if len(set(moments)) < len(moments):
        raise ValueError("two points have the same moment, so that no slope lies between them: give each moment once")
    pairs = combinations(zip(moments, values, strict=True), 2)
    slopes = [(later - earlier) / (end - start) for (start, earlier), (end, later) in pairs]
    return median(slopes) if slopes else None
