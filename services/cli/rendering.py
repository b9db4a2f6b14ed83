"""Values as people read them in a terminal: numbers with units, sparklines, times ago."""

from collections.abc import Sequence

from schemas.answers import TargetRange, Value

BLOCKS = "▁▂▃▄▅▆▇█"
ABSENT = "-"
STATUS_STYLE = {
    "on_track": "green",
    "met": "green",
    "at_risk": "yellow",
    "too_early": "dim",
    "no_data": "dim",
    "off_track": "red",
    "not_met": "red",
}
REASONS = {
    "no_data": "nothing happened in this window",
    "division_by_zero": "nothing to divide by",
    "not_comparable": "not comparable",
    "no_rate": "amounts in several currencies, and no rate to join them",
    "no_target": "no target",
    "not_served": "the KPI is not served for this window",
    "before_start": "this has not been counted since the window began; `kpi rebuild` counts it anew",
    "folded": "too many groups",
}
"""Why a value is null, in words."""


def visible(text: str) -> str:
    """What senders of events wrote, without the characters by which it could steer a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)


def amount(number: float | None, unit: str, currency: str | None = None) -> str:
    """A number with its unit: `5m 12s`, `8.0 %`, `1,234.50 EUR`, `21,350`. None gives a dash."""
    if number is None:
        return ABSENT
    if unit == "seconds":
        return duration(number)
    if unit in {"ratio", "share"}:
        return f"{number * 100:,.1f} %"
    if currency or unit == "money":
        return f"{number:,.2f} {visible(currency or '')}".rstrip()
    text = f"{number:,.0f}" if number == round(number) else f"{number:,.2f}"
    return text if unit in {"", "count", "number"} else f"{text} {unit}"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: `0.4s`, `42s`, `5m 12s`, `3h 20m`, `2d 4h`."""
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    if left < 10:
        return f"{sign}{left:.1f}s"
    whole = round(left)
    for length, unit, part_length, part in ((86_400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= length:
            rest = whole % length // part_length
            return f"{sign}{whole // length}{unit} {rest}{part}" if rest else f"{sign}{whole // length}{unit}"
    return f"{sign}{whole}s"


def sparkline(numbers: Sequence[float | None]) -> str:
    """One character a number, lowest to highest; a blank where there is none, the lowest block where all are equal."""
    known = [number for number in numbers if number is not None]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    steps = len(BLOCKS) - 1
    return "".join(" " if number is None else BLOCKS[round((number - low) / span * steps)] for number in numbers)


def target_of(value: Value) -> str:
    """The target: a number, or a range."""
    match value.target:
        case None:
            return ABSENT
        case TargetRange(min=low, max=high):
            return " to ".join(amount(end, value.unit, value.currency) for end in (low, high))
        case number:
            return amount(number, value.unit, value.currency)


def change_of(value: Value) -> str:
    """How far the value moved since the window before, with a sign."""
    if value.change is None:
        return ABSENT
    text = amount(abs(value.change), value.unit, value.currency)
    return text if value.change == 0 else f"{'+' if value.change > 0 else '-'}{text}"


def better(value: Value) -> bool | None:
    """Whether the change is a good one; None where that cannot be said."""
    if not value.change or value.direction not in {"up", "down"}:
        return None
    return (value.change > 0) == (value.direction == "up")
