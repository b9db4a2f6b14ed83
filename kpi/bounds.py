"""Between what a formula's value lies, where some of what it names is estimated from a sample."""

from collections.abc import Mapping
from itertools import product

from kpi.aggregates.sampling import Bounds
from kpi.formulas import Operand, evaluate, names_in
from schemas.declarations import Sql


def bounds_of(formula: Sql, operands: Mapping[str, Operand], sampled: Mapping[str, Bounds]) -> Bounds | None:
    """The least and the greatest value over all combinations of the bounds of what is sampled; None if nothing is.

    Where a formula rises or falls with each of its parts, as ratios and differences do, nothing between is beyond.
    """
    named = {name: bounds for name, bounds in sampled.items() if name in names_in(formula)}
    if not named:
        return None
    corners = [
        {**operands, **{name: Operand(bound) for name, bound in zip(named, corner, strict=True)}}
        for corner in product(*named.values())
    ]
    values = [float(outcome.value) for outcome in evaluate(formula, corners) if outcome.value is not None]
    return (min(values), max(values)) if values else None
