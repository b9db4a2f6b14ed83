"""`kpi explain`, as the command prints it."""

import pytest

from kpi.explaining.explanation import explain
from services.cli.console import output
from services.cli.explaining import show
from services.cli.main import run
from services.runtime.catalogue import load


def test_it_is_printed_in_sections_with_the_events_of_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "sales_calls_made", "--pack", "sales"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Sales calls made (sales_calls_made)"
    assert lines[1] == "  " + load([]).kpis["sales_calls_made"].sentence
    assert "  - It is how many events of “Sales calls” for which direction is “out” there are." in lines
    assert "    2    2026-03-02 10:30  c2       out        no_answer  0" in lines


def test_a_kpi_that_nobody_knows_is_an_error_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "win_rat", "--pack", "sales"]) == 1

    assert capsys.readouterr().err == "error: no KPI is named 'win_rat'; did you mean 'win_rate'?\n"


def test_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = load([])
    kpi = catalogue.kpis["win_rate"].model_copy(update={"sentence": "Of [all] deals, the share."})
    declared = catalogue.model_copy(update={"kpis": {**catalogue.kpis, "win_rate": kpi}})

    show(explain(declared, "win_rate"), output())

    assert "  Of [all] deals, the share." in capsys.readouterr().out.splitlines()
