"""The board of `kpi watch`: a row a KPI, in a table or on a line."""

from rich.console import Console

from schemas.answers import KpiSummary, Value
from services.cli.watching import Row, plain, table
from tests.unit.cli.test_rendering import value

SUMMARY = KpiSummary(
    kpi="average_response_time",
    title="Average first response time",
    sentence="How long customers wait.",
    department="service",
    unit="seconds",
    direction="down",
    kind="leading",
    owner="support lead",
    dimensions=(),
    windows=("5m",),
    definition_version="6f1c09ab42de",
)


def row(of: Value) -> Row:
    return Row(SUMMARY, of, (60.0, None, 312.4))


def shown(rows: list[Row], trouble: str | None = None, width: int = 160) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table(rows, width, trouble))
    return capture.get()


def test_a_row_shows_value_trend_target_status_change_and_state() -> None:
    late = value(
        value=312.4, unit="seconds", direction="down", target=300, status="at_risk", change=14.4,
        completeness=0.81, state="provisional",
    )  # fmt: skip
    line = shown([row(late)]).splitlines()[1]
    assert line.split("  ")[0] == "Average first response time"
    for part in ("5m 12s", "▁ █", "5m", "at risk", "+14s", "81% provisional"):
        assert part in line


def test_a_value_that_is_not_there_says_why() -> None:
    assert "no_data" in shown([row(value(value=None, reason="no_data"))])
    assert "- (no_data)" in plain(row(value(value=None, reason="no_data")))


def test_old_values_are_labelled() -> None:
    assert "these values are old" in shown([row(value())], "the api does not answer; these values are old")


def test_eighty_characters_are_enough_for_what_matters() -> None:
    late = value(value=1234567.89, unit="money", currency="EUR", target=300, status="off_track", completeness=0.81)
    header, line = shown([row(late)], width=80).splitlines()
    assert header.split() == ["KPI", "value", "window", "status", "complete"]
    for part in ("Average first response time", "1,234,567.89 EUR", "▁ █", "5m", "off track", "81%"):
        assert part in line
