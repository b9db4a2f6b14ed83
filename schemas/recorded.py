"""What a KPI is made of whose values people record."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.declarations import MONEY

OF_KPIS: Final = "kpi."
"""What the names of streams begin with that people record figures and remarks of KPIs in."""
VALUES: Final = "kpi.value"
"""The stream of recorded values."""
TARGETS: Final = "kpi.target"
"""The stream of recorded targets."""
RESTATED: Final = "restated"
"""The flag of values whose figures replace earlier ones."""
EVER: Final = "36500d"
"""How long after its date something may be recorded."""
DIGITS: Final = 4
"""Digits after the point with which they are kept, but for money, which is in minor units."""
LARGEST: Final = 10**15
"""A figure lies within +- this, x 10^-DIGITS; beyond, it is not counted."""
SCOPE: Final = "scope"
"""The map that says of what part of a KPI a figure is."""
_WHAT: Final = ("figure", "known", "corrected")


def as_recorded(declared: Mapping[str, Any]) -> dict[str, Any]:
    """The declaration of a recorded KPI with the measures and formulas that follow from it.

    A level is the mean of its days for which a figure is recorded. Where several are valid at once it has their mean,
    and says so. Raises ValueError where it has others of its own.
    """
    kpi, money = str(declared.get("kpi")), declared.get("unit") == MONEY
    # Divided at last: 130.2 / 31 is not 4.2.
    unit = 1 if money else 10**DIGITS
    total = declared.get("recorded") == "total"
    generated = {
        "measures": {name: {"from": f"{VALUES}.{kpi}_{name}", "aggregate": "sum"} for name in _WHAT},
        "formula": f"case when known > 0 then figure / {unit} end" if total else f"figure / nullif({unit} * known, 0)",
        "flags": {"overlapping": "known > elapsed / 86400 + 1", RESTATED: "corrected > 0"},
        "zero_means": "no_data",
    }
    return {**declared, **generated}


def contributed(kpi: str, kind: str, unit: str, dimensions: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the stream of values contributes to a recorded KPI, by name."""
    places = 0 if unit == MONEY else DIGITS
    value = f"cast(round(value * power(10, {places} - scale)) as bigint)"
    where = f"kpi = '{kpi}' and abs(value * power(10, {places} - scale)) <= {LARGEST}"
    scopes = {name: {"entry": name, "of": SCOPE} for name in dimensions}
    days = {"from": "from", "to": "to", "whole": True}
    return {
        f"{kpi}_figure": {
            "spread": {**days, "whole": kind == "level"}, "within": EVER, "value": value, "where": where,
            "dimensions": scopes, **({"currency": "currency"} if unit == MONEY else {}),
        },
        f"{kpi}_known": {"spread": days, "within": EVER, "where": where, "dimensions": scopes},
        f"{kpi}_corrected": {
            "spread": days, "within": EVER, "where": f"{where} and supersedes is not null", "dimensions": scopes,
        },
    }  # fmt: skip
