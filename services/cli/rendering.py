"""Values as people read them in a terminal: numbers with units, sparklines, times ago."""

from collections.abc import Sequence

from schemas.answers import Annotation, TargetRange, Value

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


def set_by(value: Value) -> str:
    """Who recorded the target; nothing where it is the catalogue's."""
    source = value.target_source
    return visible(source.author or "somebody") if source is not None and source.origin == "recorded" else ""


def source_of(value: Value) -> str:
    """Where the target is from, for which part and days; nothing without one."""
    source = value.target_source
    if source is None:
        return ""
    by = "by the catalogue"
    if source.origin == "recorded":
        why, entry = visible(source.reason or ""), visible(source.entry or "")
        by = f"by {set_by(value)} on {(source.entered or '')[:10]}: {why} ({entry})"
    part = "".join(f", {name}={visible(given)}" for name, given in source.where.items())
    window = "" if source.window is None else f", for a {visible(source.window)}"
    days = f", since {source.since}" + ("" if source.review is None else f", to be reviewed on {source.review}")
    if source.total is not None:
        total = amount(source.total, value.unit, value.currency)
        days = f", the window's share of {total} from {source.since} to {source.review}"
    return f"{by}{part}{window}{days}{' (an example)' if source.example else ''}"


def noted(note: Annotation) -> str:
    """A remark or an action in a line."""
    days = note.first_day if note.last_day in {None, note.first_day} else f"{note.first_day} to {note.last_day}"
    days = f"since {note.first_day}" if note.kind == "action" and note.last_day is None else days
    part = "".join(f" {name}={visible(given)}" for name, given in note.where.items())
    who = note.author if note.owner is None else note.owner
    why = f"; cause: {visible(note.cause)}" if note.cause else ""
    effect = f"; expected: {visible(note.expected_effect)}" if note.expected_effect else ""
    return f"{note.kind}, {days}{part}: {visible(note.text)} ({visible(who)}){why}{effect}"


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
