"""Which windows a KPI is served for."""

import pytest

from kpi.serving import is_complete_only, serves
from kpi.windows import Kind, Window, kind_of, window_at
from schemas.kpis import Kpi, Serving, Windows
from schemas.times import parse_time

NOW = "2026-05-15T10:30:20Z"
WINDOWS = Windows(rolling=("5m",), tumbling=("1h",), calendar=("day", "month"))
MEANT = {
    "rolling": ["5m now", "5m before"],
    "to_date": ["1h now", "month now", "day before, to date"],
    "complete": ["1h complete", "month complete", "day before, complete"],
}
"""By what is declared, the questions below that are answered."""
ASKED = {
    "5m now": ("5m", NOW, NOW),
    "5m before": ("5m", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z"),
    "1h now": ("1h", NOW, NOW),
    "month now": ("month", NOW, NOW),
    "day before, to date": ("day", "2026-05-03T12:00:00Z", "2026-05-03T12:00:00Z"),
    "1h complete": ("1h", "2026-05-15T09:59:59Z", NOW),
    "month complete": ("month", "2026-04-30T23:00:00Z", NOW),
    "day before, complete": ("day", "2026-05-02T12:00:00Z", "2026-05-03T12:00:00Z"),
}
"""By question: window, a moment within it, and the moment that is asked about."""


def declared(*serve: Serving) -> Kpi:
    return Kpi(
        kpi="growth", title="Growth", sentence="Growth.", department="sales", unit="ratio", direction="up",
        kind="lagging", owner="nobody", formula="1", windows=WINDOWS, serve=serve,
    )  # fmt: skip


def window(name: str, at: str) -> Window:
    return window_at(name, kind_of(name, WINDOWS), parse_time(at), "UTC")


def answered(kpi: Kpi) -> set[str]:
    return {
        question
        for question, (name, within, at) in ASKED.items()
        if serves(kpi, window(name, within), parse_time(at), parse_time(NOW))
    }


@pytest.mark.parametrize(
    "serve",
    [("rolling",), ("to_date",), ("complete",), ("rolling", "complete"), ("to_date", "complete")],
    ids=" ".join,
)
def test_it_is_served_for_what_is_declared_and_nothing_else(serve: tuple[Serving, ...]) -> None:
    assert answered(declared(*serve)) == {question for name in serve for question in MEANT[name]}


@pytest.mark.parametrize("serve", [(), ("at_end",)], ids=["nothing", "at_end"])
def test_all_windows_are_served_by_default_and_at_their_end(serve: tuple[Serving, ...]) -> None:
    assert answered(declared(*serve)) == set(ASKED)


def test_now_is_the_windows_that_hold_it() -> None:
    assert answered(declared("now")) == {"5m now", "1h now", "month now"}
    minute = Window("5m", Kind.rolling, parse_time("2026-05-15T10:24:00Z"), parse_time("2026-05-15T10:29:00Z"), "UTC")
    assert not serves(declared("now"), minute, parse_time(NOW), parse_time(NOW)), "a minute ago"


def test_a_window_of_another_name_is_not_served() -> None:
    assert not serves(declared(), window("2h", NOW), parse_time(NOW), parse_time(NOW))


def test_the_last_complete_one_is_meant_where_none_that_runs_is_served() -> None:
    assert [is_complete_only(declared(*serve)) for serve in ((), ("to_date", "complete"), ("now",), ("at_end",))] == [
        False, False, False, False,
    ]  # fmt: skip
    assert is_complete_only(declared("complete"))
    assert is_complete_only(declared("rolling", "complete"))
