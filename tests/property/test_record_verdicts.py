"""Whatever bytes come, columns and the validator reach the same verdict."""

import json
from typing import Any

import orjson
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kpi.records import RecordDecoder
from kpi.records.columns import columns_of
from schemas.records import Mistake, RecordValidator, parse
from tests.corpus.records import corpus

CORPUS = corpus()
VALIDATOR = RecordValidator(CORPUS.stream)
DECODERS = [RecordDecoder(CORPUS.stream), RecordDecoder(CORPUS.stream, worthwhile=1)]
COLUMNS = columns_of(CORPUS.stream)
PADDING = [case.raw for case in CORPUS.cases if case.event and case.raw and b"\n" not in case.raw][:1] * 120

NAMES = st.sampled_from(
    [*COLUMNS.read, "unknown", "specversion", "type", "data", "te\\u0061m", "i\\u0064", 'a\\"b', ""]
)
LITERALS = st.one_of(
    st.sampled_from(
        [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "5.0",
            "1e2",
            "1E400",
            "NaN",
            "01",
            "9223372036854775808",
            "-1",
            "{}",
            "[]",
            "",
        ]
    ),
    st.sampled_from(
        ['"opened"', '"closed"', '"2026-02-28"', '"2026-02-30"', '"x"', '""', '"\\ud800"', '"\\": 5"', '"1.0"']
    ),
    st.sampled_from(
        ['"2025-01-01T00:00:00Z"', '"2025-01-01T00:00:00.123456789+01:00"', '"2025-02-30T00:00:00Z"', '"5"']
    ),
    st.integers().map(str),
    st.integers(-(2**15) - 2, 2**15 + 2).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-2, 2, places=8).map(str),
    st.text(max_size=8).map(json.dumps),
    st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["id", "x:y"]),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "team", "z"]), inner, max_size=2)
        ),
        max_leaves=4,
    ).map(json.dumps),
)
SPACE = st.sampled_from(["", "", "", "", " ", "  ", "\t", "\r", "\n"])
BASE = '"id":"e1","time":1700000000000,"team":"north","action":"opened"'


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """One object: mostly complete, with members added before or after, in odd but mostly legal writing."""
    members = [
        f'{draw(SPACE)}"{name}"{draw(SPACE)}:{draw(SPACE)}{literal}{draw(SPACE)}'
        for name, literal in draw(st.lists(st.tuples(NAMES, LITERALS), max_size=4))
    ]
    if draw(st.integers(0, 9)):
        members.insert(draw(st.integers(0, len(members))), BASE)
    text = "{" + ",".join(members) + "}"
    return text.encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A value of the corpus with some of its bytes exchanged, removed or doubled."""
    raw = draw(st.sampled_from([case.raw for case in CORPUS.cases if case.raw]))
    start = draw(st.integers(0, len(raw)))
    end = draw(st.integers(start, min(len(raw), start + 6)))
    middle = draw(
        st.sampled_from(
            [b"", raw[start:end] * 2, b'"', b"\\", b":", b",", b"}", b"{", b"\n", b" ", b"0", b"-", b"\xff"]
        )
    )
    return raw[:start] + middle + raw[end:]


RAWS = st.one_of(objects(), objects(), damaged(), st.none(), st.binary(max_size=12))


def check(raws: list[bytes | None]) -> None:
    rows: list[dict[str, Any]] = []
    invalid, unknown = [], 0
    for index, raw in enumerate(raws):
        verdict = VALIDATOR.validate_json(raw, CORPUS.appended)
        if isinstance(verdict, list):
            invalid.append((index, verdict[0].reason, verdict[0].pointer))
        else:
            rows.append({"index": index, **COLUMNS.values(verdict)})
            unknown += VALIDATOR.unknown_fields(parse(raw))
            assert VALIDATOR.validate_json(orjson.dumps(verdict), CORPUS.appended) == verdict
    for decoder in DECODERS:
        decoded = decoder.decode(raws, [CORPUS.appended] * len(raws))
        assert [(entry.index, entry.reason, entry.pointer) for entry in decoded.invalid] == invalid
        assert_frame_equal(decoded.frame, pl.DataFrame(rows, schema=COLUMNS.delivered))
        assert decoded.unknown_fields == unknown


@settings(max_examples=120, deadline=None)
@given(st.lists(RAWS, min_size=1, max_size=8))
def test_any_values_among_good_ones(raws: list[bytes | None]) -> None:
    check([*PADDING, *raws])


@settings(max_examples=40, deadline=None)
@given(st.lists(objects(), min_size=100, max_size=130))
def test_a_whole_batch_of_odd_objects(raws: list[bytes | None]) -> None:
    check(raws)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    )
)
def test_any_python_value_gets_a_verdict(value: object) -> None:
    verdict = VALIDATOR.validate(value, CORPUS.appended)
    assert isinstance(verdict, dict) or all(isinstance(mistake, Mistake) for mistake in verdict)
