"""Mistakes in what holds for the whole catalogue."""

import pytest

from tests.unit.catalogue.cases import Case, Found, assert_found_alone

CASES = {
    "unknown reporting zone": Case(
        "zones: [UTC, Europe/Berlin]",
        "zones: [UTC, Europe/Berln]",
        "unknown time zone 'Europe/Berln'",
        "Europe/Berlin",
    ),
    "no reporting zone": Case(
        "zones: [UTC, Europe/Berlin]",
        "zones: []",
        "name at least one time zone, such as [UTC]",
    ),
    "no currency": Case(
        "currency: EUR\n",
        "currency: euro\n",
        "'euro' is no currency: write the three capitals of ISO 4217, such as EUR",
    ),
    "reporting twice": Case(
        "reporting: default\n",
        "reporting: default\n---\nreporting: default\n",
        "reporting is declared twice, first in ",
        at="reporting: default\nzones",
    ),
    "stream twice": Case(
        "---\nkpi: revenue\n",
        "---\nstream: shop.visit\nfields: {}\n---\nkpi: revenue\n",
        "stream 'shop.visit' is declared twice, first in ",
        at="stream: shop.visit\nfields: {}",
    ),
    "no declaration": Case(
        "kpi: revenue\n",
        "kpy: revenue\n",
        "a declaration begins with calendar:, entity:, kpi:, lookup:, objective:, reporting:, stream: or target:, "
        "not with 'kpy'",
        "kpi",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_mistake_is_found_alone(found: Found, case: Case) -> None:
    assert_found_alone(found, case)
