"""From cells to the values of an event."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.records import Mistake
from schemas.streams import FieldType, Stream
from services.ingest.importing import FileRefused
from services.ingest.importing.cells import converter
from services.ingest.importing.files import open_source
from services.ingest.importing.table import MappingRefused, Table

SALE = Stream.model_validate(
    {
        "stream": "pizzeria.sale",
        "key": "order_id",
        "fields": {
            "order_id": "string",
            "name": "string",
            "price_minor": "int64",
            "currency": "string",
            "size": "string?",
        },
        "table": {
            "time": {"columns": ["date", "time"], "zone": "UTC"},
            "columns": {
                "order_id": "id",
                "price_minor": {"column": "price", "scale": 2},
                "currency": {"constant": "USD"},
            },
        },
    }
)
COLUMNS = ["rownames", "id", "date", "time", "name", "size", "price"]
ROW = {
    "rownames": "1",
    "id": "o1",
    "date": "2015-01-01",
    "time": "11:38:36",
    "name": "margherita",
    "size": None,
    "price": "13.25",
}
NEW_YEAR = 1420112316000


@pytest.mark.parametrize(
    ("kind", "scale", "cell", "value"),
    [
        (FieldType.int32, 0, "42", 42),
        (FieldType.int32, 0, " -7 ", -7),
        (FieldType.int32, 0, "+7", 7),
        (FieldType.int32, 0, "4.5", "4.5"),
        (FieldType.int32, 0, "many", "many"),
        (FieldType.int32, 0, 5.0, 5),
        (FieldType.int32, 0, 5.5, 5.5),
        (FieldType.int32, 0, Decimal("5.00"), 5),
        (FieldType.int32, 0, True, True),
        (FieldType.int64, 2, "13.25", 1325),
        (FieldType.int64, 2, "0.29", 29),
        (FieldType.int64, 2, 0.29, 29),
        (FieldType.int64, 2, "-1e2", -10000),
        (FieldType.int64, 2, "13.255", 1325.5),
        (FieldType.int64, 2, "n/a", "n/a"),
        (FieldType.int64, 2, "NaN", "NaN"),
        (FieldType.decimal, 0, "19.99", 19.99),
        (FieldType.decimal, 0, Decimal("19.99"), 19.99),
        (FieldType.decimal, 0, "dear", "dear"),
        (FieldType.boolean, 0, "Yes", True),
        (FieldType.boolean, 0, "0", False),
        (FieldType.boolean, 0, 1, True),
        (FieldType.boolean, 0, "maybe", "maybe"),
        (FieldType.boolean, 0, False, False),
        (FieldType.date, 0, date(2026, 1, 2), "2026-01-02"),
        (FieldType.date, 0, datetime(2026, 1, 2, 23, tzinfo=UTC), "2026-01-02"),
        (FieldType.date, 0, "2026-01-02", "2026-01-02"),
        (FieldType.string, 0, 17, "17"),
        (FieldType.string, 0, True, "true"),
        (FieldType.enum, 0, "out", "out"),
    ],
)
def test_cells_become_what_their_field_takes(kind: FieldType, scale: int, cell: Any, value: Any) -> None:
    made = converter(kind, scale)(cell)
    assert (made, type(made)) == (value, type(value))


def test_a_declared_mapping_makes_events_of_rows() -> None:
    event = Table(SALE, {}, COLUMNS).event(ROW)
    expected = {"order_id": "o1", "name": "margherita", "price_minor": 1325, "currency": "USD", "time": NEW_YEAR}
    assert event == expected


def test_what_is_given_goes_before_what_is_declared() -> None:
    table = Table(SALE, {"id": "rownames", "time": "date", "name": "size"}, COLUMNS)
    event = table.event({**ROW, "size": "L"})
    assert event["id"] == "1"
    assert event["name"] == "L"
    assert event["time"] == NEW_YEAR - 41_916_000


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"nam": "name"}, "no field 'nam'; did you mean name?"),
        ({"name": "nmae"}, "no column 'nmae'; did you mean name?"),
        ({"time": "when"}, "no column 'when'"),
    ],
)
def test_a_mapping_that_names_nothing_is_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(MappingRefused, match=words.replace("?", r"\?")):
        Table(SALE, given, COLUMNS)


def test_a_zone_counts_where_a_time_names_none() -> None:
    declared = SALE.model_dump(mode="json")
    declared["table"]["time"]["zone"] = "Europe/Berlin"
    table = Table(Stream.model_validate(declared), {}, COLUMNS)
    assert table.event(ROW)["time"] == NEW_YEAR - 3_600_000
    assert table.event({**ROW, "time": "11:38:36Z"})["time"] == NEW_YEAR


def test_a_json_row_that_is_an_event_stays_one() -> None:
    native = {"id": "e1", "time": 5, "order_id": "o1", "name": "x", "price_minor": 1, "currency": "USD"}
    assert Table(SALE, {}, None).event(native) == native
    envelope = {"specversion": "1.0", "type": "pizzeria.sale.v1", "data": {}}
    assert Table(SALE, {}, None).event(envelope) == envelope
    assert Table(SALE, {}, None).event({**ROW, "price": 13.25})["price_minor"] == 1325


def test_csv_lines_are_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes('\ufeffa,b\r\n1,"two\nlines"\r\n\r\n2,\r\n3,x,y\r\n4\r\n'.encode())
    source = open_source(file)
    assert source.columns == ("a", "b")
    rows = list(source.read())
    assert [(row.number, row.line) for row in rows] == [(0, 2), (1, 5), (2, 6), (3, 7)]
    assert rows[0].content == {"a": "1", "b": "two\nlines"}
    assert rows[1].content == {"a": "2", "b": None}
    assert isinstance(rows[2].content, Mistake)
    assert rows[3].content == {"a": "4", "b": None}


def test_json_lines_are_judged_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    file.write_bytes(b'{"a":1}\n\n{broken\n{"a":2}')
    rows = list(open_source(file).read())
    assert [(row.number, row.line, isinstance(row.content, Mistake)) for row in rows] == [
        (0, 1, False), (1, 3, True), (2, 4, False),
    ]  # fmt: skip


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pl.DataFrame({"a": [1, None], "at": [datetime(2026, 1, 2, tzinfo=UTC)] * 2}).write_parquet(file)
    source = open_source(file)
    assert (source.rows, source.columns) == (2, ("a", "at"))
    assert [row.content["a"] for row in source.read()] == [1, None]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.xlsx", b"", "not one of .csv, .ndjson, .jsonl, .parquet"),
        ("rows.csv", b"", "empty"),
        ("rows.csv", b"a,a\n", "names a twice"),
        ("rows.csv", b"a\n\xff\n", "not UTF-8"),
        ("rows.csv", b'a\n"x\n', "line 2: not CSV"),
        ("rows.parquet", b"PAR0", "not Parquet"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=words):
        list(open_source(file).read())


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file"):
        open_source(tmp_path / "rows.csv")
