"""Where rates are looked for: what `kpi check` says of it, and what it changes."""

from pathlib import Path

import pytest

from kpi.definition import definition_version
from kpi.planning import plan
from services.runtime.catalogue import CatalogueErrors, load

DECLARED = """
stream: shop.sale
fields: {amount_minor: int64, currency: string}
---
kpi: takings
title: Takings
sentence: What was taken in.
department: sales
unit: money
direction: up
kind: lagging
owner: nobody
measures: {it: {from: shop.sale, aggregate: sum, value: amount_minor, currency: currency}}
formula: it
windows: {calendar: [day]}
---
reporting: default
"""
RATES = "---\nstream: fx.rate\nkey: currency\nfields: {currency: string, date: date, rate: int64}\n"


def refused(folder: Path, text: str) -> list[str]:
    (folder / "mine.yaml").write_text(text)
    with pytest.raises(CatalogueErrors) as caught:
        load([folder], default=False)
    return [mistake.message for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("reporting", "rates", "message"),
    [
        ("currency: EUR\nrates: fx.rates", RATES, "unknown stream 'fx.rates'"),
        ("currency: EUR\nrates: fx.rate", "", "unknown stream 'fx.rate'"),
        ("rates: fx.rate", RATES, "say which currency the rates are in"),
        (
            "currency: EUR\nrates: fx.rate",
            RATES.replace("rate: int64", "price: int64"),
            "needs a required field 'rate'",
        ),
        ("currency: EUR\nrates: fx.rate", RATES.replace("rate: int64", "rate: int32"), "needs a required field 'rate'"),
        (
            "currency: EUR\nrates: fx.rate",
            RATES.replace("date: date", 'date: "date?"'),
            "needs a required field 'date'",
        ),
        ("currency: EUR\nrates: fx.rate", RATES + "corrections: 2d\n", "leave them out"),
    ],
)
def test_rates_that_point_nowhere_are_refused(tmp_path: Path, reporting: str, rates: str, message: str) -> None:
    (found,) = refused(tmp_path, DECLARED + reporting + "\n" + rates)
    assert message in found


def test_the_shipped_stream_comes_with_who_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(DECLARED + "currency: EUR\nrates: fx.rate\n")
    assert "fx.rate" in load([tmp_path], packs=[]).streams


def test_rates_make_another_definition_and_other_rows(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(DECLARED + "currency: EUR\n")
    without = load([tmp_path], packs=[])
    (tmp_path / "mine.yaml").write_text(DECLARED + "currency: EUR\nrates: fx.rate\n")
    converted = load([tmp_path], packs=[])
    (tmp_path / "mine.yaml").write_text(DECLARED + "currency: USD\nrates: fx.rate\n")
    others = load([tmp_path], packs=[])
    versions = {definition_version(each, "takings") for each in (without, converted, others)}
    groups = {plan(each).readings["takings", "it"].group for each in (without, converted, others)}
    assert (len(versions), len(groups)) == (3, 3)


def test_what_a_catalogue_without_rates_is_called_has_not_changed(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(DECLARED + "currency: EUR\n")
    catalogue = load([tmp_path], packs=[])
    planned = plan(catalogue)
    assert "rates" not in catalogue.reporting.model_dump_json()
    assert planned.rates is None
    assert (definition_version(catalogue, "takings"), *planned.groups) == ("c4d2a0f4eed0", "shop.sale/552a4e0b45")
