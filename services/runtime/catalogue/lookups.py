"""What streams take from lookup tables."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from schemas.lookups import Attribute
from schemas.streams import ENVELOPE, INTEGER_BITS, FieldType, Stream
from services.runtime.catalogue.declarations import Declarations, Declared
from services.runtime.catalogue.documents import Document
from services.runtime.catalogue.mistakes import Mistake
from services.runtime.catalogue.tables import Table, table_of

_NAMES: Final = frozenset({*INTEGER_BITS, FieldType.string, FieldType.enum})


def with_lookups(known: Declarations) -> tuple[Declarations, list[Mistake]]:
    """The declarations, in which streams have the values of what they look up, and the mistakes in that."""
    tables: dict[str, Table] = {}
    mistakes: list[Mistake] = []
    for name, lookup in known.lookups.items():
        if lookup.model is not None:
            tables[name], found = table_of(lookup.document, lookup.model)
            mistakes += found
    streams = {}
    for name, declared in known.streams.items():
        streams[name] = declared
        if declared.model is not None and declared.model.attributes:
            mistakes += _mistakes(declared.document, declared.model, known, tables)
            streams[name] = _resolved(declared, declared.model, tables)
    return replace(known, streams=streams), mistakes


def _resolved(declared: Declared[Stream], stream: Stream, tables: Mapping[str, Table]) -> Declared[Stream]:
    attributes = {name: _valued(name, attribute, tables) for name, attribute in stream.attributes.items()}
    return replace(declared, model=stream.model_copy(update={"attributes": attributes}))


def _valued(name: str, attribute: Attribute, tables: Mapping[str, Table]) -> Attribute:
    table = tables.get(attribute.in_ or "")
    if table is None:
        return attribute
    column = attribute.take or name
    values = {key: row[column] for key, row in sorted(table.rows.items()) if column in row}
    return attribute.model_copy(update={"values": values})


def _mistakes(
    document: Document, stream: Stream, known: Declarations, tables: Mapping[str, Table]
) -> Iterator[Mistake]:
    for name, attribute in stream.attributes.items():
        place = ("attributes", name)
        if name in ENVELOPE or name in document.names(("fields",)):
            message = f"{name!r} is in the events of {stream.stream} already; name the attribute otherwise"
            yield document.mistake(place, message, at_key=True)
        field = stream.fields.get(attribute.by)
        if field is None and attribute.by not in document.names(("fields",)):
            yield document.unknown((*place, "by"), f"field of {stream.stream}", attribute.by, stream.fields)
        elif field is not None and field.type not in _NAMES:
            message = f"{attribute.by!r} is {field.type.value}: what is looked up is text or a whole number"
            yield document.mistake((*place, "by"), message)
        if attribute.in_ is None:
            continue
        table, column = tables.get(attribute.in_), attribute.take or name
        if table is None:
            if not known.excused("lookup", attribute.in_):
                yield document.unknown((*place, "in"), "lookup", attribute.in_, known.lookups)
        elif table.columns and column not in table.columns:
            at = place if attribute.take is None else (*place, "take")
            what = f"column of {attribute.in_}"
            yield document.unknown(at, what, column, table.columns, at_key=attribute.take is None)
