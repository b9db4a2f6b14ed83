"""Rules 10 and 11: differences go to every grain by itself, and nowhere where the pane is gone; levels to the base."""

from typing import Any

import polars as pl

from kpi.aggregates.rows import START
from kpi.grains import DAY, HOUR, MINUTE, QUARTER
from kpi.panes.state import GrainState
from kpi.panes.store import PaneStore
from tests.property.panes.panes import LEVEL, T0, TEAMS, Panes
from tests.property.rules.breaking import broken

GRAINS = ("1m", "15m", "1d:UTC")
APPLY = PaneStore._apply


def three_orders() -> None:
    """At 0, 5 and 8 o'clock, when minutes are kept so long that the first is gone by the last."""
    panes = Panes(TEAMS)
    for at in (0, 5, 8):
        moment = T0 + at * HOUR
        panes.add([{"start": moment, "team": "a", "n": 1}])
        panes.flush(moment + 2 * DAY - 3 * HOUR)
    assert panes.contents("1d:UTC") == {(T0, "a"): (3,)}
    assert panes.contents("1m") == {(T0 + 5 * HOUR, "a"): (1,), (T0 + 8 * HOUR, "a"): (1,)}


def an_import() -> None:
    """What is older than the minutes still stands in the day."""
    panes = Panes(TEAMS)
    panes.flush(T0 + 3 * DAY)
    panes.add([{"start": T0, "team": "a", "n": 1}])
    panes.flush(T0 + 3 * DAY)
    assert [panes.contents(grain) for grain in GRAINS] == [{}, {(T0, "a"): (1,)}, {(T0, "a"): (1,)}]


def recomputed(store: PaneStore, group: str, differences: pl.DataFrame, *of_the_flush: Any) -> None:
    """Every coarser row is what the minutes at hand come to."""
    _, written, signature = of_the_flush
    APPLY(store, group, differences, *of_the_flush)
    finest, *coarser = store._states[group]
    held = pl.concat([differences.clear(), *finest.rows.frames()])
    for state in coarser:
        touched = state._coarsened(differences)[START].unique()
        _, addresses = state.rows.take_panes(touched)
        whole = state._coarsened(held)
        applied = state._put(whole.filter(pl.col(START).is_in(touched)), addresses)
        store._write(state, applied, written, signature)


def test_rule_10_coarse_rows_are_not_recomputed_from_fine_ones() -> None:
    three_orders()
    with broken(("kpi.panes.store.PaneStore._apply", recomputed)):
        three_orders()
    an_import()
    with broken(("kpi.panes.store.PaneStore._apply", recomputed)):
        an_import()


def a_withdrawal_of_a_dropped_pane() -> None:
    panes = Panes(TEAMS)
    panes.add([{"start": T0, "team": "a", "n": 1}])
    panes.flush(T0)
    panes.flush(T0 + 3 * DAY)
    assert panes.contents("1m") == {}
    panes.add([{"start": T0, "team": "a", "n": -1}])
    panes.flush(T0 + 3 * DAY)
    assert [panes.contents(grain) for grain in GRAINS] == [{}, {}, {}]
    assert panes.store.row_count == 0


def test_rule_11_a_withdrawal_for_a_dropped_pane_is_skipped_at_that_grain() -> None:
    def everything(_: GrainState, rows: pl.DataFrame) -> pl.DataFrame:
        return rows

    a_withdrawal_of_a_dropped_pane()
    with broken(("kpi.panes.state.GrainState._held", everything)):
        a_withdrawal_of_a_dropped_pane()


def an_edge_of_a_dropped_pane() -> None:
    panes = Panes(LEVEL)
    panes.flush(T0 + 3 * DAY)
    panes.add([{"start": T0, "team": "a", "s0": 1, "s1": 30_000}])
    panes.flush(T0 + 3 * DAY)
    assert [(base.grain, base.dimensions, base.columns["s0"]) for base in panes.log.bases()] == [
        ("1m", {"team": ["a"]}, [1])
    ]
    assert panes.contents("1d:UTC") == {(T0, "a"): (1, 30_000)}


def what_leaves_retention() -> None:
    panes = Panes(LEVEL)
    panes.add([{"start": T0, "team": "a", "s0": 2, "s1": 0}])
    panes.flush(T0)
    for days in (3, 100):
        panes.flush(T0 + days * DAY)
        panes.crash()
    assert {base.grain: base.columns["s0"] for base in panes.log.bases()} == {"1m": [2], "15m": [2]}


def test_rule_11_edges_of_dropped_panes_go_to_the_base() -> None:
    def nowhere(state: GrainState, rows: pl.DataFrame) -> None:
        """Skipped, as rows that are no edges are."""

    an_edge_of_a_dropped_pane()
    with broken(("kpi.panes.state.GrainState._add_to_base", nowhere)):
        an_edge_of_a_dropped_pane()
    what_leaves_retention()
    with broken(("kpi.panes.state.GrainState._add_to_base", nowhere)):
        what_leaves_retention()


def an_opening_in_a_coarser_pane() -> None:
    """An opening at minute 4 of a quarter lasts 11 minutes of it, not 15."""
    panes = Panes(LEVEL)
    panes.add([{"start": T0 + 4 * MINUTE, "team": "a", "s0": 1, "s1": 0}])
    panes.flush(T0)
    assert [(s0 or 0) * QUARTER - (s1 or 0) for s0, s1 in panes.contents("15m").values()] == [11 * MINUTE]


def test_edges_are_rebased_on_the_coarser_pane() -> None:
    def as_they_are(rows: pl.DataFrame, _: object, start: pl.Expr) -> pl.DataFrame:
        return rows.with_columns(start.alias(START))

    an_opening_in_a_coarser_pane()
    with broken(("kpi.panes.state.moved", as_they_are)):
        an_opening_in_a_coarser_pane()
