"""The tree of objectives: what is wrong in one, and that every KPI that is shipped stands in the shipped one."""

from pathlib import Path

import pytest

from services.runtime.catalogue import CatalogueErrors, load

TREE = """objective: prosper
title: We prosper
owner: management
kpis: [bookings]
---
objective: sell
title: We sell
owner: sales
parent: prosper
kpis: [deals_won, win_rate]
review: monthly
"""


def mistakes(folder: Path, text: str) -> list[str]:
    (folder / "tree.yaml").write_text(text)
    try:
        load([folder], packs=["sales"])
    except CatalogueErrors as error:
        return [
            f"{one.line}: {one.message}{f' ({one.suggestion})' if one.suggestion else ''}" for one in error.mistakes
        ]
    return []


def test_every_shipped_kpi_shows_an_objective() -> None:
    shipped = load([])
    assert shipped.kpis.keys() == {name for one in shipped.objectives.values() for name in one.kpis}


def test_one_s_own_tree_stands_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE)
    assert set(load([tmp_path], packs=["sales"]).objectives) == {"prosper", "sell"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("parent: prosper", "parent: prospr", ["9: unknown objective 'prospr' (prosper)"]),
        ("deals_won, ", "deal_won, ", ["10: unknown KPI 'deal_won' (deals_won)"]),
        ("[bookings]", "[bookings, bookings]", ["4: 'bookings' stands here twice"]),
        ("kpis: [bookings]", "parent: sell", ["4: parent goes in a circle: prosper → sell → prosper"]),
        ("parent: prosper", "parent: sell", ["9: parent goes in a circle: sell → sell"]),
        ("owner: sales\n", "", ["6: 'owner' is missing"]),
        ("monthly", "mondays", ["11: review: 'mondays' is not one of weekly, monthly, quarterly, yearly"]),
    ],
)
def test_what_is_wrong_in_it_is_said(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert mistakes(tmp_path, TREE.replace(old, new, 1)) == said


def test_a_kpi_may_name_those_that_show_its_cost(tmp_path: Path) -> None:
    text = """kpi: quick
title: Quick
sentence: Quick.
department: sales
unit: deals
direction: up
kind: leading
owner: nobody
counters: [win_rate, win_rat, quick]
measures: {won: {from: deal.won, aggregate: count}}
formula: won
windows: {calendar: [day]}
reach: 90d
"""
    assert mistakes(tmp_path, text) == ["9: 'quick' is the KPI itself", "9: unknown KPI 'win_rat' (win_rate)"]
