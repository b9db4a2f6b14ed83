"""What people record by hand: figures as they are written, who is replaced by whom, and the tree of objectives."""

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from kpi.entries import history, root_of, to_replace
from services.cli.failures import CommandFailed
from services.cli.objectives import trees
from services.cli.recording import _figure, _period, table
from services.runtime.catalogue import load


def event(name: str, time: int, **more: Any) -> tuple[str, Mapping[str, Any]]:
    body = {"id": name, "source": "", "time": time, "kpi": "bookings", "author": "Ann", "reason": "plan"}
    days = {"start": "2026-04-01", "review": "2026-04-30"}
    return "kpi.target", {**body, **days, "value": 30000, "scale": 0, "currency": "EUR", **more}


def test_of_what_replaces_each_other_the_last_stands() -> None:
    said = [
        event("third", 3, corrects="first"),
        event("first", 1),
        event("second", 2, corrects="first"),
        event("first", 4),
        event("other", 2, scope="rep_id=Bob"),
        event("elsewhere", 2, kpi="win_rate"),
    ]
    entries = history(said, "bookings")
    assert [(entry.body["id"], entry.replaced_by) for entry in entries] == [
        ("first", "third"),
        ("second", "third"),
        ("other", None),
        ("third", None),
    ]
    # Whoever replaces a replacement names the first.
    assert root_of(entries, "second") == ("", "first")
    assert root_of(entries, "nobody") is None
    same = to_replace(entries, "kpi.target", event("new", 9)[1])
    assert same is not None
    assert same.root == ("kpi.target", "", "first")
    assert to_replace(entries, "kpi.target", event("new", 9, review="2026-05-31")[1]) is None
    assert to_replace(entries, "kpi.baseline", event("new", 9)[1]) is None


def test_what_names_no_first_entry_or_a_later_one_is_not_heard() -> None:
    said = [event("first", 5), event("early", 4, corrects="first"), event("second", 6, corrects="first")]
    entries = history([*said, event("third", 7, corrects="second"), event("lost", 8, voids="nobody")], "bookings")
    assert {entry.body["id"]: (entry.replaced_by, entry.counts) for entry in entries} == {
        "first": ("second", False), "second": (None, True),
        "early": (None, False), "third": (None, False), "lost": (None, False),
    }  # fmt: skip
    entries = history([*said, event("back", 7, voids="first"), event("again", 8, corrects="first")], "bookings")
    assert not any(entry.counts for entry in entries)


def test_what_was_taken_back_is_not_replaced() -> None:
    entries = history([event("first", 1), event("never", 2, voids="first")], "bookings")
    assert [entry.replaced_by for entry in entries] == ["never", None]
    assert to_replace(entries, "kpi.target", event("new", 9)[1]) is None


@pytest.mark.parametrize(
    ("text", "unit", "currency", "figure"),
    [
        ("4.20", "points", None, (42, 1, None)),
        ("400", "points", None, (400, 0, None)),
        ("4e2", "points", "EUR", (400, 0, None)),
        ("-0.125", "ratio", None, (-125, 3, None)),
        ("300", "money", "EUR", (30000, 0, "EUR")),
        ("0.5", "money", "EUR", (50, 0, "EUR")),
        ("300", "money", "JPY", (300, 0, "JPY")),
    ],
)
def test_a_figure_as_it_is_written(text: str, unit: str, currency: str | None, figure: tuple[int, int, str]) -> None:
    assert _figure(text, unit, currency) == figure


@pytest.mark.parametrize(
    ("text", "unit", "currency", "said"),
    [
        ("many", "points", None, "is no number"),
        ("nan", "points", None, "is no number"),
        ("inf", "money", "EUR", "is no number"),
        ("1.0000000001", "points", None, "more than 9 digits"),
        ("0.001", "money", "EUR", "is no amount of EUR"),
        ("0.5", "money", "JPY", "is no amount of JPY"),
        ("5", "money", None, "give --currency"),
    ],
)
def test_what_is_no_figure(text: str, unit: str, currency: str | None, said: str) -> None:
    with pytest.raises(CommandFailed, match=said):
        _figure(text, unit, currency)


def test_a_period_does_not_end_before_it_begins() -> None:
    assert _period("2026-04-01", "2026-04-01") == ("2026-04-01", "2026-04-01")
    assert _period("2026-04-01", None) == ("2026-04-01", None)
    with pytest.raises(CommandFailed, match="--to 2026-03-31 is before --from 2026-04-01"):
        _period("2026-04-01", "2026-03-31")


def test_what_was_replaced_stays_readable() -> None:
    console = Console(width=240, record=True)
    console.print(table(history([event("first", 1), event("second", 2, corrects="first", value=45000)], "bookings")))
    lines = [line.split() for line in console.export_text().splitlines()]
    assert lines[1][-4:] == ["first,", "replaced", "by", "second"]
    assert lines[1][6:8] == ["300.00", "EUR"]
    assert lines[2][6:8] == ["450.00", "EUR"]


def test_the_tree_goes_from_objectives_to_measures() -> None:
    console = Console(width=240, record=True)
    for tree in trees(load([], packs=["sales"]), measures=True):
        console.print(tree)
    text = console.export_text()
    place = [text.index(words) for words in ("The company earns", "We sell more", "quota_attainment", "held: integral")]
    assert place == sorted(place)
    # Of a department that is not loaded.
    assert "throughput" not in text
