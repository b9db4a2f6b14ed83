"""How long after its date a contribution may still change."""

from pathlib import Path

import pytest

from kpi.reach import reach_of
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.unit.catalogue.kinds import KINDS

DAY = 86_400_000


def loaded(folder: Path, text: str) -> Catalogue:
    (folder / "mine.yaml").write_text(text)
    return load([folder], default=False)


@pytest.mark.parametrize(
    ("source", "days"),
    [
        ("desk.ticket", 0),
        ("shop.order", 2),
        ("ticket.answers", 10),
        ("ticket.openings", 0),
        ("ticket.kinds", 4),
        ("ticket.places", 0),
        ("ticket.backlog", 0),
        ("ticket.resolution", 7),
        ("ticket.work", 6),
        ("ticket.course", 3),
        ("customer.newcomers", 0),
        ("customer.calls", 30),
        ("customer.helped", 0),
        ("customer.arrivals", 0),
        ("customer.origins", 30),
        ("customer.bookings", 15),
        ("customer.talks", 0),
        ("customer.advice", 20),
        ("customer.solutions", 0),
        ("customer.contracts", 25),
        ("customer.signatures", 25),
        ("item.stock", 0),
        ("item.shelves", 0),
        ("buyer.first_orders", 2),
        ("buyer.returns", 7),
    ],
)
def test_it_follows_from_the_kind_of_state_and_from_corrections(tmp_path: Path, source: str, days: int) -> None:
    assert reach_of(loaded(tmp_path, KINDS), source) == days * DAY


def test_a_deadline_stands_for_the_state_that_it_runs_from(tmp_path: Path) -> None:
    text = KINDS.replace("due: {after: opened,", "due: {after: answered,", 1)
    text = text.replace("at: opened_time", "at: due", 1)

    assert reach_of(loaded(tmp_path, text), "ticket.openings") == 10 * DAY


def test_a_duration_stands_for_its_moments(tmp_path: Path) -> None:
    text = KINDS.replace("deadlines:\n", "durations:\n  took: {from: opened_time, to: answered_time}\ndeadlines:\n", 1)
    text = text.replace("at: opened_time\n", "at: opened_time\n    value: took\n", 1)

    assert reach_of(loaded(tmp_path, text), "ticket.openings") == 10 * DAY
    text = text.replace("to: answered_time", "to: due", 1)
    assert reach_of(loaded(tmp_path, text), "ticket.openings") == 0


def test_what_is_dated_by_a_duration_is_dated_by_its_moments(tmp_path: Path) -> None:
    declared = "durations:\n  lasted: {from: caller_opened, to: caller_closed}\ncontributions:\n  newcomers:\n"
    text = KINDS.replace("contributions:\n  newcomers:\n", declared, 1)
    assert reach_of(loaded(tmp_path, text), "customer.helped") == 0

    text = text.replace("each: caller\n    at: caller_closed\n", "each: caller\n    at: caller_closed - lasted\n", 1)
    assert reach_of(loaded(tmp_path, text), "customer.helped") == 30 * DAY


@pytest.mark.parametrize(
    "key", ["where: answered_time > 0", "value: answered_time", "dimensions: {day: answered_time}"]
)
def test_a_state_counts_wherever_it_is_read(tmp_path: Path, key: str) -> None:
    text = KINDS.replace("at: opened_time\n    dimensions: {team: opened_team}", f"at: opened_time\n    {key}", 1)

    assert reach_of(loaded(tmp_path, text), "ticket.openings") == 10 * DAY


def test_corrections_of_any_stream_of_the_entity_count(tmp_path: Path) -> None:
    text = KINDS.replace("stream: desk.call\n", "stream: desk.call\ncorrections: 1d\n", 1)
    text = text[: text.index("kpi: calls")] + text[text.index("kpi: stock") :]

    catalogue = loaded(tmp_path, text)

    assert reach_of(catalogue, "customer.newcomers") == DAY
    assert reach_of(catalogue, "customer.calls") == 31 * DAY
    assert reach_of(catalogue, "ticket.resolution") == 7 * DAY


def test_holdings_that_make_no_episodes_do_not_change(tmp_path: Path) -> None:
    text = KINDS.replace("    within: 7d\n", "", 1)

    assert reach_of(loaded(tmp_path, text), "ticket.resolution") == 0


def test_an_unknown_source_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        reach_of(loaded(tmp_path, KINDS), "ticket.unheard_of")
