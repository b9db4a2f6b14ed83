"""Why there is no number."""

from enum import StrEnum


class Reason(StrEnum):
    """Goes with every null, in order of precedence: of several, the first says what to do."""

    not_served = "not_served"
    before_start = "before_start"
    no_rate = "no_rate"
    no_data = "no_data"
    division_by_zero = "division_by_zero"
    not_comparable = "not_comparable"
    no_target = "no_target"
    folded = "folded"


_ORDER = {reason: place for place, reason in enumerate(Reason)}


def strongest(reasons: list[Reason]) -> Reason:
    """The first by precedence of at least one."""
    return min(reasons, key=_ORDER.__getitem__)
