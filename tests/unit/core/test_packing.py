"""Records as bytes, and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.entities import portions
from kpi.entities.blocks import Column
from kpi.entities.packing import Table, pack, unpack
from kpi.entities.portions import Part, columns_of, pieces, table_of
from kpi.entities.records import Layout
from kpi.entities.texts import NO_TEXT
from kpi.entities.words import Words
from schemas.streams import FieldType, Stream

INTEGERS = st.integers(-(2**63), 2**63 - 1)
ANY = settings(deadline=None)
TEXTS = st.none() | st.text(max_size=5)
ROWS = st.lists(
    st.tuples(st.integers(1, 2**64 - 1), INTEGERS, st.integers(0, 255), st.booleans(), INTEGERS, TEXTS), max_size=40
)
Rows = list[tuple[int, int, int, bool, int, str | None]]


def layout() -> Layout:
    """Of one text and one number."""
    fields = {"amount": {"type": FieldType.int64}, "team": {"type": FieldType.string}}
    stream = Stream.model_validate({"stream": "a.b", "fields": fields})
    return Layout.of([stream], ["amount", "team"], named=False, bits=40)


def tabled(rows: Rows, words: Words) -> Table:
    """The rows: key, time, flags, whether there is a text, amount and team."""
    keys, times, flags, named, amounts, teams = zip(*rows, strict=True) if rows else ((),) * 6
    columns: dict[str, Column] = {
        "time": np.array(times, np.int64),
        "signals": np.array(times, np.int64),
        "flags": np.array(flags, np.uint8),
        "text": np.array([7 if has else NO_TEXT for has in named], np.int64),
        "=amount": np.array(amounts, np.int64),
        "=team": words.of_list(teams),
    }
    texts: list[str | None] = [f"s\0{number}" for number, has in enumerate(named) if has]
    return table_of(words, np.array(keys, np.uint64), columns, texts, -5)


def read(tables: list[Table]) -> tuple[Rows, list[str | None]]:
    """The rows of tables, by a dictionary of another owner, and their texts."""
    words = Words()
    words.of_list(["something", "else"])
    columns = columns_of(tables, layout(), words)
    keys = [key for table in tables for key in table.numbers["key"].tolist()]
    named = [bool(has) for has in columns["text"].tolist()]
    teams = words.texts(columns["=team"]).to_list()
    numbers = [columns[name].tolist() for name in ("time", "flags")]
    rows = list(zip(keys, *numbers, named, columns["=amount"].tolist(), teams, strict=True))
    return rows, [text for table in tables for text in table.texts]


@ANY
@given(ROWS)
def test_what_is_packed_is_read_back(rows: Rows) -> None:
    table = tabled(rows, Words())
    body = pack(table)
    assert body
    again = unpack(body)
    assert again.horizon == -5
    assert read([again]) == (rows, table.texts)


@ANY
@given(ROWS, st.integers(1, 50), st.integers(120, 400))
def test_a_long_table_is_cut(rows: Rows, most_rows: int, most_bytes: int) -> None:
    table = tabled(rows, Words())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(portions, "MOST_ROWS", most_rows)
        patched.setattr(portions, "MOST_BYTES", most_bytes)
        bodies = list(pieces(table))
    tables = [unpack(body) for body in bodies]
    assert all(len(body) <= most_bytes or each.rows <= 1 for body, each in zip(bodies, tables, strict=True))
    assert all(each.rows <= most_rows for each in tables)
    assert read(tables) == (rows, table.texts)


def test_a_field_that_is_not_there_or_of_another_type_is_absent() -> None:
    rows: Rows = [(1, 2, 3, True, 4, "north"), (2, 3, 4, False, 5, None)]
    table = tabled(rows, Words())
    swapped = {"=amount": "=team", "=team": "=other"}
    numbers = {swapped.get(name, name): column for name, column in table.numbers.items()}
    words = Words()
    columns = columns_of([Table(numbers, {"=other": table.words["=team"]}, table.texts, 0), table], layout(), words)
    assert words.texts(columns["=team"]).to_list() == [None, None, "north", None]
    assert columns["=amount"].tolist() == [-(2**63), -(2**63), 4, 5]


@pytest.mark.parametrize(
    ("part", "name"),
    [(Part(True, 0, 17, 0), "+17"), (Part(True, 0, 17, 2), "+17.2"), (Part(False, 4, 15, 1), "4/15.1")],
)
def test_a_part_has_a_name(part: Part, name: str) -> None:
    assert str(part) == name
    assert Part.named(name) == part
