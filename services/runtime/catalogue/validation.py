"""Documents as models: what is wrong with one by itself, and what of it can be used to look for further mistakes."""

import copy
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.declarations import Declaration
from schemas.documents import DOCUMENTS
from schemas.kpis import Windows
from services.runtime.catalogue.annotations import annotation_at, fields_of, plain
from services.runtime.catalogue.documents import Document, Place, value_at
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.wording import of_the_form_written, place_of, worded

_REPAIRS: Final = 100
_SUBSTITUTES: Final[dict[Any, Any]] = {str: "1", int: 10**15, date: "2000-01-01", Windows: {"calendar": ["day"]}}


def validated(document: Document) -> tuple[Declaration | None, list[Mistake]]:
    """The document's model and its mistakes.

    Where there are mistakes the model lacks what is wrong, so that the rest can be checked too; None: nothing is left.
    """
    model = DOCUMENTS[document.kind]
    data = copy.deepcopy(document.data)
    mistakes: list[Mistake] | None = None
    for _ in range(_REPAIRS):
        try:
            return model.model_validate(data), mistakes or []
        except ValidationError as error:
            entries = of_the_form_written(data, error.errors(include_url=False))
        if mistakes is None:
            mistakes = _worded(document, model, entries)
        else:
            mistakes += [one for one in _wrong_key(document, model, entries) if one not in mistakes]
        if not _repair(model, data, place_of(document.data, entries[0])):
            break
    return None, mistakes or []


def _worded(document: Document, model: type[BaseModel], entries: Sequence[ErrorDetails]) -> list[Mistake]:
    said = [(entry, worded(document, model, entry)) for entry in entries]
    # A key that is only misspelt is not missing as well.
    misspelt = {(entry["loc"][:-1], one.suggestion) for entry, one in said if entry["type"] == "extra_forbidden"}
    return [
        one
        for entry, one in said
        if entry["type"] != "missing" or (entry["loc"][:-1], entry["loc"][-1]) not in misspelt
    ]


def _wrong_key(document: Document, model: type[BaseModel], entries: Sequence[ErrorDetails]) -> list[Mistake]:
    """What a stream says of its key, which it does only when its fields are right; not of a field taken out here."""
    if document.data.get("key") in document.names(("fields",)):
        return []
    return [worded(document, model, entry) for entry in entries if place_of(document.data, entry) == ("key",)]


def _repair(model: type[BaseModel], data: dict[str, Any], place: Place) -> bool:
    """Take the smallest thing around `place` out of `data` that can be missing; False where there is no such thing."""
    for depth in range(len(place), 0, -1):
        *above, last = place[:depth]
        parent = value_at(data, above)
        if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
            del parent[last]
            return True
        if not isinstance(parent, dict):
            continue
        field = fields_of(annotation_at(model, tuple(above))).get(str(last))
        if last in parent and (field is None or not field.is_required()):
            del parent[last]
            return True
        if field is not None and not above:
            substitute = _substitute(plain(field.annotation))
            if substitute is None or parent.get(last) == substitute:
                return False
            parent[str(last)] = substitute
            return True
    return False


def _substitute(annotation: Any) -> Any:
    """A value that offends no check, in place of a required one that is missing or wrong; None where there is none."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    return {} if get_origin(annotation) is dict else _SUBSTITUTES.get(annotation)
