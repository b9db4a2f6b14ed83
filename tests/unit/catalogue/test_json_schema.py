"""The JSON Schema of a catalogue's documents, as editors read it."""

import re
from pathlib import Path

import pytest

from schemas.documents import DOCUMENTS, catalogue_schema, written

FILE = Path(__file__).parents[3] / "schemas" / "catalogue.schema.json"


def test_the_committed_schema_is_the_generated_one() -> None:
    assert FILE.read_text() == written(catalogue_schema()), (
        "run: python -m schemas.documents > schemas/catalogue.schema.json"
    )


def test_there_is_one_alternative_for_each_kind_of_document() -> None:
    schema = catalogue_schema()

    names = [alternative["$ref"].rpartition("/")[2] for alternative in schema["oneOf"]]
    assert names == [model.__name__ for model in DOCUMENTS.values()]
    for kind, name in zip(DOCUMENTS, names, strict=True):
        assert kind in schema["$defs"][name]["required"]
        assert schema["$defs"][name]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("definition", "written_as", "taken"),
    [
        ("RecordField", "int64?", True),
        ("RecordField", "date", True),
        ("RecordField", "enum", False),
        ("RecordField", "integer", False),
    ],
)
def test_the_short_form_of_a_field(definition: str, written_as: str, taken: bool) -> None:
    short = catalogue_schema()["$defs"][definition]["anyOf"][0]

    assert bool(re.search(short["pattern"], written_as)) is taken


def test_durations_are_written_as_text() -> None:
    lateness = catalogue_schema()["$defs"]["Stream"]["properties"]["lateness"]

    assert lateness["anyOf"][0]["type"] == "string"
    assert re.search(lateness["anyOf"][0]["pattern"], "90d")
