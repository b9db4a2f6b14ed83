"""The documents of a catalogue, and the JSON Schema that editors check them by.

`python -m schemas.documents > schemas/catalogue.schema.json` writes the schema anew.
"""

import json
import sys
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from schemas.calendars import Calendar
from schemas.declarations import Declaration
from schemas.entities import Entity, NamedTarget
from schemas.kpis import Kpi, Reporting
from schemas.lookups import Lookup
from schemas.objectives import Objective
from schemas.streams import FieldType, Stream

DOCUMENTS: Final[dict[str, type[Declaration]]] = {
    "stream": Stream,
    "entity": Entity,
    "target": NamedTarget,
    "calendar": Calendar,
    "kpi": Kpi,
    "reporting": Reporting,
    "lookup": Lookup,
    "objective": Objective,
}
"""By the key that each begins with."""

_FIELD_TYPES = "|".join(kind.value for kind in FieldType if kind is not FieldType.enum)
_SHORT_FORMS: dict[str, dict[str, Any]] = {
    "RecordField": {"type": "string", "pattern": rf"^({_FIELD_TYPES})\??$"},
    "Dating": {"type": "string", "description": "an SQL expression that gives milliseconds"},
    "PartDimension": {"type": "string", "description": "an SQL expression over the record's fields"},
    "ColumnMapping": {"type": "string", "description": "a column's name"},
}


def catalogue_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one document of a catalogue's files."""
    models = [(model, "validation") for model in DOCUMENTS.values()]
    references, generated = models_json_schema(models, by_alias=True)  # type: ignore[arg-type] # a list of literals
    definitions = generated["$defs"]
    for name, short in _SHORT_FORMS.items():
        whole = definitions[name]
        # The short form of an enumeration leaves its type out.
        whole["required"] = [key for key in whole.get("required", []) if key != "type"]
        definitions[name] = {"anyOf": [short, whole]}
    for kind, model in DOCUMENTS.items():
        required = definitions[model.__name__].setdefault("required", [])
        if kind not in required:
            required.insert(0, kind)
    _unwrap(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A declaration of a KPI catalogue",
        "oneOf": [references[model, "validation"] for model in DOCUMENTS.values()],
        "$defs": definitions,
    }


def _unwrap(node: Any) -> None:
    """Descriptions come from docstrings, and where their lines end means nothing."""
    if isinstance(node, list):
        for item in node:
            _unwrap(item)
    elif isinstance(node, dict):
        if isinstance(node.get("description"), str):
            node["description"] = " ".join(node["description"].split())
        for item in node.values():
            _unwrap(item)


def written(schema: dict[str, Any]) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written(catalogue_schema()))
