"""The definition version: stable, and new whenever anything that a KPI depends on is."""

from pathlib import Path

import pytest

from kpi.definition import definition_version
from kpi.digests import entity_digest
from schemas.entities import Entity
from schemas.kpis import Catalogue
from schemas.streams import Stream
from services.runtime.catalogue import load
from tests.unit.catalogue.cases import WHOLE


def versions(folder: Path, text: str) -> dict[str, str]:
    (folder / "mine.yaml").write_text(text)
    catalogue = load([folder], default=False)
    return {name: definition_version(catalogue, name) for name in catalogue.kpis}


def test_it_is_twelve_hex_digits_and_differs_by_kpi(tmp_path: Path) -> None:
    found = versions(tmp_path, WHOLE)

    assert len(set(found.values())) == len(found)
    assert all(len(version) == 12 and int(version, 16) >= 0 for version in found.values())


def test_it_does_not_depend_on_how_a_declaration_is_written(tmp_path: Path) -> None:
    rewritten = WHOLE.replace("gift: boolean", "gift: {type: boolean, optional: false}", 1).replace(
        "forget_after: 90d", "forget_after: 2160h", 1
    )
    moved = "---\n".join(reversed(rewritten.split("---\n")))

    assert versions(tmp_path, moved) == versions(tmp_path, WHOLE)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("sentence: How much money came in.", "sentence: Our income.", {"revenue", "revenue_per_visit"}),
        ("value: seconds, where: seconds > 0", "value: seconds", {"visits", "revenue_per_visit"}),
        ("formula: revenue / nullif", "formula: 2 * revenue / nullif", {"revenue_per_visit"}),
        ("within: 30d", "within: 29d", {"revenue", "revenue_per_visit"}),
        ("value: 86400", "value: 43200", {"revenue", "revenue_per_visit"}),
        ("weight: {type: decimal, scale: 3}", "weight: {type: decimal, scale: 2}", {"revenue", "revenue_per_visit"}),
        ("seconds: int32?", "seconds: int64?", {"visits", "revenue_per_visit"}),
        ("currency: EUR\n", "currency: USD\n", {"revenue", "visits", "revenue_per_visit"}),
    ],
)
def test_it_changes_with_what_the_kpi_depends_on_alone(tmp_path: Path, old: str, new: str, changed: set[str]) -> None:
    assert old in WHOLE

    before, after = versions(tmp_path, WHOLE), versions(tmp_path, WHOLE.replace(old, new, 1))

    assert {name for name in before if before[name] != after[name]} == changed


def test_what_the_language_learns_changes_no_version_of_what_does_not_use_it(tmp_path: Path) -> None:
    before = {"revenue": "f4e15bcf8c81", "visits": "c7b5f083a55f", "revenue_per_visit": "b04c33fe4fe5"}
    assert versions(tmp_path, WHOLE) == before

    served = WHOLE.replace("windows: {calendar: [day]}\n---", "windows: {calendar: [day]}\nserve: [complete]\n---", 2)

    assert {name for name, version in versions(tmp_path, served).items() if version != before[name]} == {
        "visits", "revenue_per_visit"
    }  # fmt: skip


def test_a_worked_example_is_no_part_of_it(tmp_path: Path) -> None:
    text = """\
example:
  arithmetic: One visit is one visit.
  events: [{shop.visit: 2026-03-02 09:00, visitor_id: v1, store: north}]
  window: day
  at: 2026-03-02 12:00
  value: 1
"""
    explained = WHOLE.replace("windows: {calendar: [day]}\n---", f"windows: {{calendar: [day]}}\n{text}---", 1)
    assert explained != WHOLE

    assert versions(tmp_path, explained) == versions(tmp_path, WHOLE)


def test_an_unknown_kpi_is_a_key_error(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(WHOLE)

    with pytest.raises(KeyError):
        definition_version(load([tmp_path], default=False), "unheard_of")


def test_an_option_that_is_not_used_is_no_part_of_the_definition() -> None:
    """What was deployed before there was the option stays the same, and goes on where it is."""
    stream = Stream.model_validate({"stream": "shop.order", "fields": {"order_id": "string", "action": "string"}})
    entity = Entity.model_validate(
        {
            "entity": "order",
            "of": {"shop.order": "order_id"},
            "forget_after": "90d",
            "states": {
                "pair": {"opens": "action = 'a'", "closes": "action = 'b'", "within": "1d"},
                "open": {"enter": "action = 'a'", "leave": "action = 'b'", "within": "1d"},
                "bought": {"first": "action = 'a'", "unless": "action = 'b'", "per": "action", "within": "1d"},
            },
            "contributions": {"open": {"level": "open"}},
        }
    )
    catalogue = Catalogue(streams={"shop.order": stream}, entities={"order": entity}, targets={}, kpis={})

    assert entity_digest(catalogue, "order") == "1503e5c8d0"
