"""Corrections to the OpenAPI document that FastAPI generates: its errors are problem details."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

_GENERATED = ("HTTPValidationError", "ValidationError")
_REFERENCE = "#/components/schemas/"


def document_problems(app: FastAPI, model: type[BaseModel], media_type: str) -> None:
    """Have `app`'s document state `model` as `media_type` for each declared error, FastAPI's own 422 included."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        fresh = app.openapi_schema is None
        document = generate()
        if fresh:
            _correct(document, model, media_type)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _correct(document: dict[str, Any], model: type[BaseModel], media_type: str) -> None:
    mistaken = {_REFERENCE + name for name in (*_GENERATED, model.__name__)}
    right = {media_type: {"schema": {"$ref": _REFERENCE + model.__name__}}}
    for path in document.get("paths", {}).values():
        for operation in path.values():
            for response in operation.get("responses", {}).values():
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                if schema.get("$ref") in mistaken:
                    response["content"] = right
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _GENERATED:
        schemas.pop(name, None)
    own = model.model_json_schema(ref_template=_REFERENCE + "{model}")
    schemas.update(own.pop("$defs", {}))
    schemas[model.__name__] = own
