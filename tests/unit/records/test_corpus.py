"""One corpus, one verdict: record by record, in columns, alone and among others."""

import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kpi.records import RecordDecoder, decode
from kpi.records.columns import columns_of
from schemas.records import RecordValidator
from schemas.streams import Stream
from tests.corpus.records import Case, Corpus, corpus

CORPUS = corpus()
VALIDATOR = RecordValidator(CORPUS.stream)
DECODER = RecordDecoder(CORPUS.stream)
ALWAYS_IN_COLUMNS = RecordDecoder(CORPUS.stream, worthwhile=1)
COLUMNS = columns_of(CORPUS.stream)


def expected_frame(cases: list[Case]) -> pl.DataFrame:
    rows = [
        {"index": index, **COLUMNS.values(case.event)} for index, case in enumerate(cases) if case.event is not None
    ]
    return pl.DataFrame(rows, schema=COLUMNS.delivered)


def check(cases: list[Case], decoder: RecordDecoder = DECODER) -> None:
    decoded = decoder.decode([case.raw for case in cases], [CORPUS.appended] * len(cases))
    assert_frame_equal(decoded.frame, expected_frame(cases))
    assert [(invalid.index, invalid.pointer) for invalid in decoded.invalid] == [
        (index, case.pointer) for index, case in enumerate(cases) if case.event is None
    ]
    assert decoded.unknown_fields == sum(case.unknown for case in cases)


EACH = [pytest.param(case, id=f"{position}-{(case.raw or b'')[-40:]!a}") for position, case in enumerate(CORPUS.cases)]


def test_the_corpus_is_large_and_balanced() -> None:
    accepted = sum(case.event is not None for case in CORPUS.cases)
    assert len(CORPUS.cases) >= 200
    assert 80 <= accepted <= len(CORPUS.cases) - 80


@pytest.mark.parametrize("case", EACH)
def test_the_validator_says_what_the_corpus_says(case: Case) -> None:
    verdict = VALIDATOR.validate_json(case.raw, CORPUS.appended)
    if isinstance(verdict, list):
        assert case.event is None, verdict
        assert verdict[0].pointer == case.pointer
        assert all(mistake.reason for mistake in verdict)
    else:
        assert verdict == case.event
        assert list(verdict)[:3] == ["id", "source", "time"]


@pytest.mark.parametrize("case", EACH)
def test_columns_say_the_same_of_a_value_alone(case: Case) -> None:
    check([case])
    check([case], ALWAYS_IN_COLUMNS)


@pytest.mark.parametrize("case", EACH)
def test_columns_say_the_same_of_a_value_among_many(case: Case) -> None:
    plain = CORPUS.cases[0]
    check([plain] * 120 + [case] + [plain] * 30)
    check([plain, case, plain], ALWAYS_IN_COLUMNS)


@pytest.mark.parametrize("seed", range(8))
def test_columns_say_the_same_of_all_at_random_places(seed: int) -> None:
    generator = random.Random(seed)
    plain = [case for case in CORPUS.cases if case.raw is not None and case.event is not None and not case.unknown]
    cases = [*CORPUS.cases, *generator.choices(plain, k=600 * (seed % 3))]
    generator.shuffle(cases)
    check(cases)


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 1000])
def test_batches_of_every_size_keep_the_order_of_the_log(size: int) -> None:
    generator = random.Random(size)
    check(generator.choices(CORPUS.cases, k=size))


def test_a_time_ahead_is_judged_by_each_records_own_arrival() -> None:
    base = CORPUS.cases[0]
    appended = [1_700_000_000_000 - CORPUS.stream.ahead - (index % 2) for index in range(200)]
    decoded = DECODER.decode([base.raw] * 200, appended)
    assert decoded.frame["index"].to_list() == list(range(0, 200, 2))
    assert {invalid.index for invalid in decoded.invalid} == set(range(1, 200, 2))


def test_each_declaration_has_a_decoder_of_its_own() -> None:
    raw = b'{"id":"e1","time":1700000000000,"team":"north"}'
    for optional, accepted in ((True, 1), (False, 0), (True, 1)):
        fields = {"team": "string", "other": {"type": "string", "optional": optional}}
        stream = Stream.model_validate({"stream": "test.own", "fields": fields})
        assert decode(stream, [raw], [CORPUS.appended]).frame.height == accepted
        assert decode(stream, [raw], [CORPUS.appended]).frame.height == accepted


def test_a_corpus_is_a_fresh_reading() -> None:
    again: Corpus = corpus()
    assert again == CORPUS
