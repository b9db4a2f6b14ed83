"""Mistakes in what streams contribute beside their events."""

from pathlib import Path

import pytest

from kpi.reach import reach_of
from services.runtime.catalogue import load
from tests.unit.catalogue.books import BOOKS
from tests.unit.catalogue.cases import Case, Found, assert_found_alone

DAY = 86_400_000
CASES = {
    "two dates": Case(
        "    spread: {from: from, to: to, zone: zone}\n",
        "    spread: {from: from, to: to, zone: zone}\n    at: time\n",
        "daily: a contribution has either at or spread",
        at="  daily:",
    ),
    "a span and a month": Case(
        "{from: from, to: to, zone: zone}",
        "{from: from, to: to, month: effective, zone: zone}",
        "spread: what is spread has either from and to, or month",
    ),
    "a span without an end": Case(
        "{from: from, to: to, zone: zone}",
        "{from: from, zone: zone}",
        "spread: what is spread has either from and to, or month",
    ),
    "a month that is no date": Case(
        "{from: from, to: to, zone: zone}", "{month: centre, zone: zone}", "'centre' is string: a day is a date"
    ),
    "within without a date": Case(
        "  entered:\n",
        "  entered:\n    within: 3d\n",
        "entered: within goes with at or spread: what is dated by its own time cannot be said later",
        at="  entered:",
    ),
    "a day and an expression": Case(
        "{day: effective, zone: Europe/Berlin}",
        "{day: effective, sql: time}",
        "at: a moment is an SQL expression, or {day: a field, zone: a time zone}",
    ),
    "misspelt key of a day": Case(
        "{day: effective, zone: Europe/Berlin}",
        "{day: effective, zne: Europe/Berlin}",
        "unknown key 'zne'",
        "zone",
    ),
    "unknown day": Case("{day: effective,", "{day: effectiv,", "unknown field of book.entry 'effectiv'", "effective"),
    "day that is none": Case("{day: effective,", "{day: amount_minor,", "'amount_minor' is int64: a day is a date"),
    "end that is no day": Case("to: to,", "to: centre,", "'centre' is string: a day is a date"),
    "unknown zone": Case(
        "zone: Europe/Berlin}\n    within",
        "zone: Europe/Berln}\n    within",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
    ),
    "zone that is no text": Case("zone: zone}", "zone: amount_minor}", "'amount_minor' is int64: a zone is text"),
    "moment that is no number": Case(
        "at: time - 3600000", "at: centre", "gives text, but a whole number is wanted here"
    ),
    "value that is no number": Case(
        "value: amount_minor\n    where", "value: centre\n    where", "gives text, but a whole number is wanted here"
    ),
    "condition on what an enumeration never is": Case(
        "where: kind = 'income'\n",
        "where: kind = 'incme'\n",
        "kind is never 'incme': it is cost or income",
        "income",
    ),
    "currency that is no text": Case(
        "currency: currency\n    dim",
        "currency: amount_minor\n    dim",
        "gives a whole number, but text is wanted here",
    ),
    "dimension of an unknown field": Case(
        "{centre: upper(centre)}", "{centre: upper(center)}", "unknown field of book.entry 'center'", "centre"
    ),
    "dimension called value": Case(
        "{centre: upper(centre)}",
        "{value: centre}",
        "'value' is what the contribution adds; name the dimension otherwise",
    ),
    "clock of an unknown field": Case(
        "{hour_of_week: time,", "{hour_of_week: tme,", "unknown field of book.entry 'tme'", "time"
    ),
    "clock of text": Case(
        "{hour_of_week: time,", "{hour_of_week: centre,", "gives text, but a whole number is wanted here"
    ),
    "clock of an unknown zone": Case(
        "zone: Europe/Paris}", "zone: Europe/Pari}", "unknown time zone 'Europe/Pari'", "Europe/Paris"
    ),
    "two clocks": Case(
        "{hour_of_day: time}",
        "{hour_of_day: time, sql: centre}",
        "clock: a dimension is one of: an SQL expression; entry; hour_of_week; hour_of_day; day_of_week",
    ),
    "unknown contribution": Case(
        "{from: book.entry.posted,",
        "{from: book.entry.postd,",
        "unknown stream or contribution 'book.entry.postd'",
        "book.entry.posted",
    ),
    "unknown dimension of it": Case(
        "dimensions: [centre]",
        "dimensions: [center]",
        "unknown dimension of book.entry.posted (measure 'posted'): 'center'",
        "centre",
    ),
    "field that is no dimension of it": Case(
        "aggregate: sum, where: kind = 'income'",
        "aggregate: sum, where: effective > 0",
        "unknown dimension of book.entry.posted 'effective'; known are centre, kind, time and value",
    ),
    "hour that does not exist": Case(
        "where: hour = 'mon 09'",
        "where: hour = 'mon 24'",
        "hour is never 'mon 24': it is fri 00, fri 01, fri 02 or 165 others",
        "mon 23",
    ),
    "target for an hour that does not exist": Case(
        "{hour: tue 10}",
        "{hour: tue 30}",
        "hour is never 'tue 30': it is fri 00, fri 01, fri 02 or 165 others",
        "tue 23",
    ),
    "level of a plain stream": Case(
        "aggregate: sum, where: kind = 'income'",
        "aggregate: level",
        "book.entry.posted is no level; a level is a contribution with `level:`",
    ),
    "values that close too early": Case(
        "reach: 30d",
        "reach: 29d",
        "book.entry.posted can still change for 30d after its date, so its values stay open as long: write reach: 30d",
    ),
    "currency in the measure": Case(
        "aggregate: sum, where: kind = 'income'",
        "aggregate: sum, currency: centre",
        "the currency of book.entry.posted stands with the contribution; leave it out here",
    ),
    "what may be corrected is not withdrawn from an extreme": Case(
        "key: centre\n",
        "key: centre\ncorrections: 0s\n",
        "book.entry.entered may be corrected, and a max cannot forget; take ",
        at="  highest",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case, BOOKS)


def test_the_whole_is_right(found: Found) -> None:
    assert found(BOOKS) == ()


def test_a_stream_of_the_same_name_is_a_mistake(found: Found) -> None:
    mistake, *_ = found(BOOKS + "---\nstream: book.entry.posted\nfields: {centre: string, kind: string}\n")

    assert mistake.message == "book.entry.posted is the name of a stream, too; rename the contribution"
    assert mistake.line == BOOKS.splitlines().index("  posted:") + 1


@pytest.mark.parametrize(
    ("source", "days"),
    [("book.entry", 2), ("book.entry.posted", 32), ("book.entry.shifted", 92), ("book.entry.entered", 2)],
)
def test_its_reach_is_within_and_the_corrections(tmp_path: Path, source: str, days: int) -> None:
    text = BOOKS.replace("key: centre\n", "key: centre\ncorrections: 2d\n").replace("reach: 30d", "reach: 32d")
    text = text.replace("  highest: {from: book.entry.entered, aggregate: max}\n", "")
    text = text.replace("dimensions: [hour]\n", "dimensions: [hour]\nreach: 2d\n")
    (tmp_path / "mine.yaml").write_text(text)

    assert reach_of(load([tmp_path], default=False), source) == days * DAY
