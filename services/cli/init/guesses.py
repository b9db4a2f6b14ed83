"""What the columns of a table are, as far as their cells and names tell."""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.streams import ENVELOPE
from services.cli.init.sample import NoTable, Sample
from services.ingest.importing.cells import COMMA

_RESERVED: Final = ENVELOPE | {
    "appended", "index", "lateness", "offset", "watermark", "extra", "n", "s0", "s1", "sign", "start", "tie", "value",
    "at", "by", "complete", "include_open", "kpi", "points", "time_zone", "window", "currency",
    "department", "instance", "job", "periods_ago", "severity", "status", "from", "to", "select", "where", "group",
    "order", "case", "when", "then", "else", "end", "and", "or", "not", "null", "in", "is", "as", "date", "interval",
    "count", "sum", "total", "average", "previous", "limit", "union", "table", "elapsed", "ends_at", "periods_a_year",
}  # fmt: skip
"""Names that would mean something else."""
_DAYS: Final = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%y")
_CLOCKS: Final = ("%H:%M:%S", "%H:%M")
_NUMBER: Final = re.compile(r"[+-]?\d{1,14}(?:\.\d{1,6})?", re.ASCII)
_WORDS: Final = frozenset({"true", "false", "yes", "no"})
_TIMES: Final = ("time", "date", "datum", "zeit", "created", "tag", "day", "when", "at")
_AMOUNTS: Final = ("amount", "total", "revenue", "price", "betrag", "summe", "umsatz", "preis", "sum", "cost", "net")
_KEYS: Final = ("id", "nr", "no", "number", "nummer", "key", "code")
MOST_VALUES: Final = 20
MOST_FIELDS: Final = 40


@dataclass(frozen=True, slots=True)
class Guess:
    """A column: its name in the file, the field's name, its type, and whether cells are empty.

    `form`: of a date or time that is not written as ISO 8601, how it is.
    """

    column: str
    field: str
    kind: str
    empty: bool
    form: str | None = None
    scale: int = 0
    values: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Guessed:
    """A table: which columns make the time and how they are read, the amount, the key, categories, all others."""

    sample: Sample
    time: tuple[Guess, ...]
    form: str | None
    fields: tuple[Guess, ...]
    left_out: int
    amount: Guess | None
    key: Guess | None
    categories: tuple[Guess, ...]
    decimal_comma: bool
    dates: str | None
    disorder: int
    """How far behind the latest row before it a row lies at most, in days, rounded up."""


def guessed(sample: Sample) -> Guessed:
    """What the table is. Raises NoTable where no column is a time."""
    taken: set[str] = set()
    guesses = [_guess(name, cells, taken) for name, cells in sample.columns.items()]
    time = _time(guesses)
    if not time:
        known = ", ".join(f"{one.column} ({one.kind})" for one in guesses[:8])
        raise NoTable(
            f"{sample.file}:1: no column is a time, which every event needs, such as 2026-04-01 14:05; "
            f"seen were {known}{'' if len(guesses) <= 8 else ', …'}"
        )
    form = " ".join(one.form or "" for one in time) if any(one.form for one in time) else None
    rest = [one for one in guesses if one not in time]
    key = _named([one for one in rest if one.unique and not one.empty], _KEYS)
    numbers = [one for one in rest if one.kind in {"int64", "decimal"} and one is not key]
    amount = _named(numbers, _AMOUNTS) or (numbers[-1] if numbers else None)
    categories = [one for one in rest if one.values and one is not key]
    first = [one for one in (key, amount, *categories[:5]) if one is not None]
    fields = [*first, *(one for one in rest if one not in first)][:MOST_FIELDS]
    dates = [one.form for one in fields if one.kind == "date"]
    return Guessed(
        sample=sample,
        time=time,
        form=form,
        fields=tuple(one for one in rest if one in fields),
        left_out=len(rest) - len(fields),
        amount=amount,
        key=key,
        categories=tuple(categories),
        decimal_comma=any(one.form == "," for one in numbers),
        dates=next((one for one in dates if one), None),
        disorder=_disorder(sample, time),
    )


def _guess(column: str, cells: Sequence[str], taken: set[str]) -> Guess:
    field = _field(column, taken)
    present = [cell for cell in cells if cell]
    empty = len(present) < len(cells)
    unique = len(set(present)) == len(present) > 1
    if not present:
        return Guess(column, field, "string", empty)
    return (
        _number(column, field, present, empty=empty, unique=unique)
        or _moment(column, field, present, empty=empty)
        or _text(column, field, present, empty=empty, unique=unique)
    )


def _number(column: str, field: str, present: Sequence[str], *, empty: bool, unique: bool) -> Guess | None:
    if all(_NUMBER.fullmatch(cell) for cell in present):
        scale = max(len(cell.partition(".")[2]) for cell in present)
        return Guess(column, field, "decimal" if scale else "int64", empty, None, scale, (), unique and not scale)
    if all(COMMA.fullmatch(cell) for cell in present):
        scale = min(max(len(cell.partition(",")[2]) for cell in present), 6)
        return Guess(column, field, "decimal", empty, ",", scale)
    return None


def _moment(column: str, field: str, present: Sequence[str], *, empty: bool) -> Guess | None:
    for kind, forms in (
        ("date", _DAYS),
        ("clock", _CLOCKS),
        ("time", [f"{day} {clock}" for day in _DAYS for clock in _CLOCKS]),
    ):
        form = next((form for form in forms if all(_is(cell, form) for cell in present)), None)
        if form is not None:
            return Guess(column, field, kind, empty, None if form.startswith("%Y-%m-%d") else form)
    return Guess(column, field, "time", empty) if all(_is_iso(cell) for cell in present) else None


def _text(column: str, field: str, present: Sequence[str], *, empty: bool, unique: bool) -> Guess:
    if all(cell.lower() in _WORDS for cell in present):
        return Guess(column, field, "boolean", empty)
    values = tuple(sorted(set(present)))
    few = len(values) <= MOST_VALUES and 2 * len(values) <= len(present)
    return Guess(column, field, "string", empty, None, 0, values if few else (), unique)


def _is(cell: str, form: str) -> bool:
    try:
        datetime.datetime.strptime(cell, form)  # noqa: DTZ007 - it is only tried
    except ValueError:
        return False
    return True


def _is_iso(cell: str) -> bool:
    try:
        datetime.datetime.fromisoformat(cell)
    except ValueError:
        return False
    return len(cell) > 10


def _time(guesses: Sequence[Guess]) -> tuple[Guess, ...]:
    full = _named([one for one in guesses if one.kind == "time" and not one.empty], _TIMES)
    day = _named([one for one in guesses if one.kind == "date" and not one.empty], _TIMES)
    clock = next((one for one in guesses if one.kind == "clock" and not one.empty), None)
    if full is not None:
        return (full,)
    if day is None:
        return ()
    # One of two needs a form: then both are read by one.
    if clock is None or day.form is None:
        return (day,) if clock is None else (day, _iso(clock))
    return day, clock


def _iso(clock: Guess) -> Guess:
    return Guess(clock.column, clock.field, clock.kind, clock.empty)


def _named(guesses: Sequence[Guess], hints: Sequence[str]) -> Guess | None:
    """The one whose name says most that it is meant; else the first, if hints are of no help."""
    for hint in hints:
        for one in guesses:
            if hint in re.split(r"[_\W]+", one.field):
                return one
    return guesses[0] if guesses and hints is not _AMOUNTS else None


def _field(column: str, taken: set[str]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", column.lower().translate(str.maketrans("äöüß", "aous"))).strip("_")[:40]
    if not name or not name[0].isalpha():
        name = f"column_{name}".rstrip("_")
    if name in _RESERVED:
        name = f"{name}_column"
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found


def _disorder(sample: Sample, time: Sequence[Guess]) -> int:
    form = " ".join(one.form or "" for one in time) if any(one.form for one in time) else None
    read: Callable[[str], datetime.datetime] = datetime.datetime.fromisoformat
    if form is not None:
        read = lambda text: datetime.datetime.strptime(text, form)  # noqa: DTZ007, E731 - differences alone count
    latest, behind = None, datetime.timedelta(0)
    for cells in zip(*(sample.columns[one.column] for one in time), strict=True):
        moment = read(" ".join(cells)).replace(tzinfo=None)
        latest = moment if latest is None or moment > latest else latest
        behind = max(behind, latest - moment)
    return -(-behind // datetime.timedelta(days=1))
