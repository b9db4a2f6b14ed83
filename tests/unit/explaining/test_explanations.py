"""Whole explanations: of all that is shipped, without gaps, and of three KPIs word by word."""

import re
from functools import cache
from pathlib import Path

import pytest

from kpi.explaining.entries import states_read
from kpi.explaining.explanation import Explanation, explain, named_by, streams_of, with_used
from kpi.explaining.measures import measured
from kpi.explaining.words import plain
from kpi.sources import OfEntity, source_of
from schemas.kpis import Aggregate, Catalogue, Measure
from services.runtime.catalogue import load
from tests.unit.catalogue.cases import WHOLE

GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = (
    "What kind of number it is",
    "How it is computed",
    "From which events",
    "What does not count",
    "When a value is final",
    "Which windows there are",
    "What is aimed at",
)
CODE = re.compile(r"nullif|coalesce|case when|_time\b|\bselect\b|this holds|“”|\{|\bNone\b|[a-z]: [|>]")
"""What shows that something was not put into words."""


@cache
def shipped() -> Catalogue:
    return load([])


def text(explanation: Explanation) -> str:
    lines = [f"{explanation.title} ({explanation.kpi})", explanation.sentence]
    for section in explanation.sections:
        lines += ["", section.title, *(f"- {sentence}" for sentence in section.sentences)]
        for table in section.tables:
            lines += [f"  {table.title}", *(f"  {' | '.join(row)}" for row in (table.columns, *table.rows))]
        lines += [f"- {sentence}" for sentence in section.closing]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", sorted(shipped().kpis))
def test_every_shipped_kpi_explains_itself(name: str) -> None:
    catalogue = shipped()
    kpi = catalogue.kpis[name]
    explanation = explain(catalogue, name)
    said = text(explanation)

    assert tuple(section.title for section in explanation.sections)[: len(QUESTIONS)] == QUESTIONS
    assert all(section.sentences or section.tables for section in explanation.sections)
    assert CODE.search("\n".join(each for section in explanation.sections[:-1] for each in section.sentences)) is None
    used = with_used(catalogue, kpi)
    measures = [
        measure for one in used for each, measure in one.measures.items() if one is kpi or each in named_by(one)
    ]
    for measure in () if kpi.recorded else measures:
        assert measured(catalogue, measure) in said
    sources = [source_of(catalogue, measure.from_) for measure in measures]
    for stream in streams_of(catalogue, sources):
        assert f"“{stream.title or stream.stream}”" in said
    for source in sources:
        if isinstance(source, OfEntity):
            for state in states_read(source.entity, source.contribution):
                assert f"“{plain(state)}” is " in said
    assert all(one.title in said for one in used)
    assert (kpi.example is None) == ("An example" not in said)
    for sentence in (each for section in explanation.sections for each in section.sentences):
        assert sentence[0] == sentence[0].upper()
        assert sentence.endswith((".", "?"))


@pytest.mark.parametrize("name", ["sales_calls_made", "win_rate"])
def test_a_shipped_kpi_word_by_word(name: str) -> None:
    assert text(explain(shipped(), name)) == (GOLDEN / f"{name}.txt").read_text()


def test_a_declared_kpi_word_by_word(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)

    found = text(explain(load([tmp_path], default=False), "revenue_per_visit"))

    assert found == (GOLDEN / "revenue_per_visit.txt").read_text()


@pytest.mark.parametrize("aggregate", Aggregate)
def test_every_aggregate_has_words_of_its_own(tmp_path: Path, aggregate: Aggregate) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)
    catalogue = load([tmp_path], default=False)

    def words(kind: Aggregate) -> str:
        declared = {"from": "shop.visit", "aggregate": kind.value, "value": "seconds", "where": "seconds > 0"}
        share = {"quantile": 0.95} if kind is Aggregate.quantile else {}
        key = {"key": "visitor_id"} if kind in {Aggregate.latest, Aggregate.lost} else {}
        return measured(catalogue, Measure.model_validate({**declared, **share, **key}))

    assert "events of “shop.visit” for which seconds is more than 0" in words(aggregate)
    assert [kind for kind in Aggregate if words(kind) == words(aggregate)] == [aggregate]
    assert "{" not in words(aggregate)


def test_windows_of_a_measure_and_its_scale_are_said(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)
    catalogue = load([tmp_path], default=False)
    declared = {"from": "shop.visit", "aggregate": "sum", "value": "seconds", "scale": 3}

    found = [measured(catalogue, Measure.model_validate({**declared, "window": each})) for each in ("previous", "ever")]

    whole = "the sum of “seconds” over all events of “shop.visit”"
    assert found == [
        f"{whole}, in the window before, divided by 1,000",
        f"{whole}, from the first record up to the window's end, divided by 1,000",
    ]


def test_an_unknown_kpi_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        explain(shipped(), "unheard_of")
