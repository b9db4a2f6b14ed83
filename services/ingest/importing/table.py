"""From the columns of a table to the fields of a stream."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.fields import may_be_absent
from schemas.records import ENVELOPE_FIELDS
from schemas.streams import ColumnMapping, FieldType, Stream, TableMapping, TimeMapping
from services.ingest.importing.cells import Convert, converter, text_of
from services.ingest.suggestions import did_you_mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = TableMapping()
_DIGITS = re.compile(r"\d{9,15}", re.ASCII)


class MappingRefused(Exception):
    """A mapping that names what is not there; says what, and the nearest that is."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One field: where its value comes from."""

    field: str
    column: str | None
    convert: Convert
    constant: Any = None


class Table:
    """How the rows of a table become events of a stream."""

    def __init__(self, stream: Stream, given: Mapping[str, str], columns: Sequence[str] | None) -> None:
        """`given`: column by field (`--map`), before what the stream declares. `columns`: None where rows are JSON.

        Raises MappingRefused for a field that the stream has not, and a column that the table has not.
        """
        declared = {**stream.table.columns, **{field: ColumnMapping(column=name) for field, name in given.items()}}
        time = TimeMapping(columns=(given["time"],)) if "time" in given else stream.table.time
        self._zone = ZoneInfo(time.zone if time else "UTC")
        self._time = time.columns if time else ("time",)
        self._form = time.format if time else None
        used = {mapping.column for mapping in declared.values()}
        _check(stream, declared, columns, self._time if time else ())
        # A JSON row that has all that an event needs is an event already.
        needed = {name for name, field in stream.fields.items() if not may_be_absent(field)}
        self._complete = {"time", *needed} if columns is None and not given else None
        # A table's own column `id` numbers what its rows are about, which need not be events.
        unnamed = {"time", "id"} if columns is not None else {"time"}
        texts = [name for name in ENVELOPE_FIELDS if name in declared or name not in used | unnamed]
        self._parts = [
            *(_part(name, declared.get(name), FieldType.string, used) for name in texts if name != "time"),
            *(_part(name, declared.get(name), field.type, used, stream.table) for name, field in stream.fields.items()),
        ]

    def event(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The event in a row, for the validator to judge; empty cells are left out."""
        if self._complete is not None and ("specversion" in row or self._complete <= row.keys()):
            return dict(row)
        event = {}
        for part in self._parts:
            cell = row.get(part.column) if part.column is not None else part.constant
            if cell is not None:
                event[part.field] = part.convert(cell)
        cells = [row.get(column) for column in self._time]
        if all(cell is not None for cell in cells):
            cell = cells[0] if len(cells) == 1 else " ".join(map(text_of, cells))
            event["time"] = milliseconds(_parsed(cell, self._form), self._zone)
        return event


def _parsed(cell: Any, form: str | None) -> Any:
    if form is None or not isinstance(cell, str):
        return cell
    try:
        # Without a zone it is in that of the mapping.
        return datetime.strptime(cell.strip(), form)  # noqa: DTZ007
    except ValueError:
        return cell


def milliseconds(cell: Any, zone: ZoneInfo) -> Any:
    """Epoch milliseconds of an ISO 8601 time, in `zone` where it names none; anything else as it is."""
    if isinstance(cell, str):
        if _DIGITS.fullmatch(cell):
            return int(cell)
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return cell
    if not isinstance(cell, datetime):
        return cell
    span = (cell if cell.tzinfo else cell.replace(tzinfo=zone)) - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1000 + span.microseconds // 1000


def _part(
    name: str,
    mapping: ColumnMapping | None,
    kind: FieldType,
    used: Container[str | None],
    table: TableMapping = _PLAIN,
) -> _Part:
    scale = 0 if mapping is None else mapping.scale
    convert = converter(kind, scale, decimal_comma=table.decimal_comma, dates=table.dates)
    if mapping is None:
        return _Part(name, None if name in used else name, convert)
    return _Part(name, mapping.column, convert, mapping.constant)


def _check(
    stream: Stream, declared: Mapping[str, ColumnMapping], columns: Sequence[str] | None, time: Sequence[str]
) -> None:
    known = {*stream.fields, *ENVELOPE_FIELDS}
    for field in declared:
        if field not in known:
            raise MappingRefused(f"{stream.stream} has no field {field!r}{did_you_mean(field, known)}")
    named = [*(mapping.column for mapping in declared.values()), *time]
    for column in named:
        if column is not None and columns is not None and column not in columns:
            raise MappingRefused(f"there is no column {column!r}{did_you_mean(column, columns)}")
