"""Which groups and stores a rebuild takes on."""

from functools import cache
from pathlib import Path

import pytest

from kpi.plan import Plan
from kpi.planning import plan
from schemas.entities import NEVER
from schemas.kpis import Catalogue
from services.aggregator.rebuilding.refusals import RebuildRefused
from services.aggregator.rebuilding.selection import ENTITIES, check_partial, select, widened
from services.runtime.catalogue import load
from tests.unit.catalogue.books import BOOKS


@cache
def known() -> tuple[Catalogue, Plan]:
    catalogue = load([])
    return catalogue, plan(catalogue)


def test_no_name_means_everything_with_the_readers_of_others_last() -> None:
    catalogue, planned = known()
    selections = select(catalogue, planned, [])
    assert {selection.unit.name for selection in selections} == planned.units.keys()
    assert all(selection.whole for selection in selections)
    assert {group for selection in selections for group in selection.groups} == planned.groups.keys()
    hops = [selection.unit.is_second_hop for selection in selections]
    assert hops == sorted(hops)
    assert all((ENTITIES in selection.stores) == (selection.unit.entity is not None) for selection in selections)


def test_a_kpi_brings_what_it_uses() -> None:
    catalogue, planned = known()
    name, used = next((kpi.kpi, kpi.uses[0]) for kpi in catalogue.kpis.values() if kpi.uses)
    found = {group for selection in select(catalogue, planned, [name]) for group in selection.groups}
    assert {group.id for group in planned.groups_of(used)} <= found


def test_an_unknown_kpi_is_refused_with_the_nearest() -> None:
    catalogue, planned = known()
    with pytest.raises(RebuildRefused, match=r"no KPI is called 'booking'; did you mean bookings\?"):
        select(catalogue, planned, ["bookings", "booking"])


def test_lives_of_another_definition_are_rebuilt_together() -> None:
    catalogue, planned = known()
    (selection,) = select(catalogue, planned, ["average_response_time"])
    mine = [group for group in planned.groups.values() if group.unit == selection.unit.name and group.entity]
    assert len(mine) > len(selection.groups)
    fresh = {group.id: {column.name: NEVER for column in group.columns} for group in mine}
    counted = {group.id: {column.name: None for column in group.columns} for group in mine}
    one = next(iter(selection.groups))
    assert widened(planned, selection, []) == selection
    assert widened(planned, selection, [counted | {one: fresh[one]}]) == selection
    whole = widened(planned, selection, [counted, fresh])
    assert whole.groups == {group.id for group in mine}
    assert ENTITIES in whole.stores


def test_lives_whose_beginning_may_be_missing_are_rebuilt_only_with_all() -> None:
    catalogue, planned = known()
    (selection,) = select(catalogue, planned, ["average_response_time"])
    with pytest.raises(RebuildRefused, match=r"read from offset 5 on: .*average_response_time.*`kpi rebuild .+`"):
        check_partial(planned, selection, "the topic is read from offset 5 on")
    for whole in select(catalogue, planned, []):
        check_partial(planned, whole, "whatever it is")
    for plain in select(catalogue, planned, ["sales_calls_made"]):
        check_partial(planned, plain, "whatever it is")


def test_what_has_dates_of_its_own_is_rebuilt_with_its_events_and_from_the_beginning(tmp_path: Path) -> None:
    text = BOOKS.replace("key: centre\n", "key: centre\ncorrections: 2d\n").replace("reach: 30d", "reach: 32d")
    text = text.replace("  highest: {from: book.entry.entered, aggregate: max}\n", "")
    (tmp_path / "books.yaml").write_text(text.replace("dimensions: [hour]\n", "dimensions: [hour]\nreach: 2d\n"))
    catalogue = load([tmp_path], default=False)
    planned = plan(catalogue)
    (income,) = select(catalogue, planned, ["income"])
    (entries,) = select(catalogue, planned, ["entries"])
    (whole,) = select(catalogue, planned, [])

    assert income.stores == entries.stores == {"book.entry"}
    with pytest.raises(RebuildRefused, match="book: income count what may be dated after it was said, also before"):
        check_partial(planned, income, "book")
    check_partial(planned, entries, "book")
    check_partial(planned, whole, "book")
