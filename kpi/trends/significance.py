"""How likely it is that a series rises or falls as it does by chance alone."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, combinations

EXACT_UP_TO = 60
"""Values up to which all orders are counted, within milliseconds. Beyond, the normal curve gives `p` below 0.15 to
0.001, as long as no more than half of the values are alike."""


@dataclass(frozen=True, slots=True)
class Monotony:
    """`score`: pairs that rise less pairs that fall. `tau`: that as a share of the pairs, from -1 to 1, with ties as in
    Kendall's tau-b; None where all values are alike. `p`: the share of all orders of the same values whose score is as
    far from 0, on either side; from 0 to 1.
    """

    score: int
    tau: float | None
    p: float


def mann_kendall(values: Sequence[float], *, exact_up_to: int = EXACT_UP_TO) -> Monotony:
    """The test of Mann and Kendall for a monotone trend of values in order of time, at any distances.

    Up to `exact_up_to` values `p` is exact, ties included: by how many orders of the values have how many pairs that
    fall, of which the generating function is the Gaussian multinomial coefficient (MacMahon 1915). Beyond, it is that
    of a normal distribution with the variance
    `(n(n-1)(2n+5) - Σ t(t-1)(2t+5)) / 18` over groups of `t` like values, and one off the score for continuity
    (Mann 1945; Kendall 1975, Rank correlation methods). It takes the values for independent of one another.
    """
    score = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    ties = Counter(values).values()
    pairs = math.comb(len(values), 2)
    unlike = pairs - sum(math.comb(tie, 2) for tie in ties)
    if not unlike:
        return Monotony(0, None, 1.0)
    p = _exact(score, unlike, ties) if len(values) <= exact_up_to else _normal(score, ties)
    return Monotony(score, score / math.sqrt(pairs * unlike), p)


def _exact(score: int, unlike: int, ties: Collection[int]) -> float:
    if not score:
        return 1.0
    falls = orders_by_falls(ties)
    # A score s has (unlike - s) / 2 pairs that fall, and the counts of s and -s are the same.
    tail = sum(falls[: (unlike - abs(score)) // 2 + 1])
    return float(Fraction(2 * tail, sum(falls)))


def orders_by_falls(ties: Collection[int]) -> list[int]:
    """How many distinct orders have 0, 1, 2, ... pairs that fall, of values of which so many each are alike.

    That is `∏(1 - q^i, i ≤ n) / ∏ ∏(1 - q^i, i ≤ t)`, by the powers of q: each factor of the numerator is multiplied
    in, and each of the denominator divided out, power by power.
    """
    most = math.comb(sum(ties), 2) - sum(math.comb(tie, 2) for tie in ties)
    found = [1] + [0] * most
    for tie in ties:
        for step in range(1, tie + 1):
            for first in range(min(step, most + 1)):
                found[first::step] = accumulate(found[first::step])
    for step in range(1, sum(ties) + 1):
        for power in range(most, step - 1, -1):
            found[power] -= found[power - step]
    return found


def _normal(score: int, ties: Collection[int]) -> float:
    def spread(size: int) -> int:
        return size * (size - 1) * (2 * size + 5)

    variance = (spread(sum(ties)) - sum(spread(tie) for tie in ties)) / 18
    return math.erfc(max(abs(score) - 1, 0) / math.sqrt(2 * variance))
