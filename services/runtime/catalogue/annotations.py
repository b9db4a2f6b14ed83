"""What a model's annotations say may stand at a place in a document."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from services.runtime.catalogue.documents import Place


def annotation_at(model: type[BaseModel], place: Place) -> Any:
    """The type of what stands at `place`, without None; None where the model has no such place."""
    annotation: Any = model
    for step in place:
        fields = fields_of(annotation)
        if fields:
            field = fields.get(str(step))
            annotation = plain(field.annotation) if field else None
        else:
            arguments = get_args(annotation)
            annotation = plain(arguments[-1 if get_origin(annotation) is dict else 0]) if arguments else None
    return annotation


def plain(annotation: Any) -> Any:
    """The annotation without what is only said about it, and without None."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            annotation = next(one for one in get_args(annotation) if one is not NoneType)
        else:
            return annotation


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """The fields of a model by the key that people write; empty for anything else."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in annotation.model_fields.items()}
