"""The catalogue as pages."""

import re
from functools import cache
from pathlib import Path

from kpi.explaining.explanation import explain
from kpi.explaining.pages import INDEX, file_of, pages
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.unit.catalogue.cases import WHOLE

LINK = re.compile(r"\]\(([^)]+)\)")


@cache
def shipped() -> Catalogue:
    return load([])


def test_there_is_a_page_for_each_kpi_and_an_index_that_leads_to_it() -> None:
    catalogue, found = shipped(), pages(shipped())

    assert found.keys() == {INDEX, *map(file_of, catalogue.kpis)}
    index = found[INDEX]
    assert sorted(LINK.findall(index)) == sorted(map(file_of, catalogue.kpis))
    for department in {kpi.department for kpi in catalogue.kpis.values()}:
        assert f"## {department.capitalize()}" in index


def test_no_link_leads_nowhere() -> None:
    found = pages(shipped())

    assert {link for text in found.values() for link in LINK.findall(text)} <= found.keys()


def test_a_page_says_what_belongs_to_the_number() -> None:
    catalogue = shipped()
    page = pages(catalogue)["win_rate.md"]
    kpi = catalogue.kpis["win_rate"]

    for part in (
        "# Win rate\n",
        kpi.sentence,
        "| **Formula** | `won / nullif(won + lost, 0)` |",
        "| **Unit** | ratio |",
        "| **Direction** | more is better |",
        "| **Kind** | lagging |",
        "| **Owner** | head of sales |",
        "| **Target** | At least 30 %, from 2026-01-01 on, to be reviewed on 2026-12-31 (an example",
        "| **Streams** | `sales.deal` |",
        "| **Drives** | [Bookings](bookings.md) |",
        "| 6 | 2026-04-20 09:00 | d3 | reverted |",
        "- Three deals are won",
    ):
        assert part in page
    assert re.search(r"\| \*\*Led to by\*\* \| .*\[Funnel stage conversion\]", page)
    for section in explain(catalogue, "win_rate").sections:
        assert f"\n## {section.title}\n" in page


def test_rows_of_tables_have_as_many_cells_as_their_heads() -> None:
    for text in pages(shipped()).values():
        blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
        for head, *rows in blocks:
            assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {head.count("|")}


def test_what_is_declared_is_text_and_no_markdown(tmp_path: Path) -> None:
    text = WHOLE.replace("sentence: How much money came in.", "sentence: A | *b* <i>c</i> [d](e) `f` _g_ in a_b.")
    (tmp_path / "mine.yaml").write_text(text)

    page = pages(load([tmp_path], default=False))["revenue.md"]

    assert r"A \| \*b\* \<i\>c\</i\> \[d\](e) \`f\` \_g\_ in a_b." in page
