"""Validation errors in the words of somebody who writes a catalogue."""

import re
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from services.runtime.catalogue.annotations import annotation_at, fields_of
from services.runtime.catalogue.documents import Document, Place, value_at
from services.runtime.catalogue.mistakes import Mistake, nearest

_KEY: Final = "[key]"
# What stands in the place of an error for each form that a thing may be written in.
_FORM: Final = re.compile(r"(?:constrained-)?(str)|(int)|(bool)|(dict)\[.*\]|(tuple)\[.*\]")


def of_the_form_written(data: Mapping[str, Any], entries: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """The errors without those of the forms in which a thing might have been written and was not.

    A condition may be text or a mapping, for one; of a mapping nobody wants to hear that it is not text.
    """
    split = [(entry, *_form_of(data, entry)) for entry in entries]
    offered = {(place, form) for _, place, form, _ in split}
    kept = []
    for entry, place, form, rest in split:
        value = value_at(data, place)
        written = "dict" if isinstance(value, dict) else "tuple" if isinstance(value, list) else "str"
        if form is None or form == (written if (place, written) in offered else "str"):
            kept.append(ErrorDetails({**entry, "loc": (*place, *rest)}))
    return kept


def _form_of(data: Mapping[str, Any], entry: ErrorDetails) -> tuple[Place, str | None, Place]:
    """(place of what has several forms, the form, the place inside it); (place, None, ()) where it has one form."""
    place = entry["loc"]
    for depth, step in enumerate(place):
        above = value_at(data, place[:depth])
        form = _FORM.fullmatch(step) if isinstance(step, str) else None
        if form is not None and not (isinstance(above, dict) and step in above):
            return place[:depth], next(part for part in form.groups() if part), place[depth + 1 :]
    return place, None, ()


def place_of(data: Mapping[str, Any], entry: ErrorDetails) -> Place:
    """Where an error belongs. What a model says of itself begins with the key that it is about, if with any."""
    place = tuple(step for step in entry["loc"] if step != _KEY)
    if place or entry["type"] != "value_error":
        return place
    subject = re.match(r"\w*", _said(entry))
    word = subject[0] if subject else ""
    if word in data:
        return (word,)
    fields = data.get("fields")
    return ("fields", word) if isinstance(fields, dict) and word in fields else ()


def worded(document: Document, model: type[BaseModel], entry: ErrorDetails) -> Mistake:
    """The mistake that a validation error stands for."""
    place = place_of(document.data, entry)
    key = next((step for step in reversed(place) if isinstance(step, str)), document.kind)
    if _cut_by_comma(document, place):
        message = "a comma ends an entry inside { }: put an expression that has one in quotes"
        return document.mistake(place, message, at_key=True)
    if entry["type"] == "missing":
        return document.mistake(place[:-1], f"{key!r} is missing")
    if entry["type"] == "extra_forbidden":
        return _unknown_key(document, model, place, str(place[-1]))
    message, hint = _message(document, place, key, entry)
    return document.mistake(place, message, hint, at_key=_KEY in entry["loc"])


def _said(entry: ErrorDetails) -> str:
    return entry["msg"].removeprefix("Value error, ")


def _cut_by_comma(document: Document, place: Place) -> bool:
    """Whether this is the rest of an expression, such as the `0)` of `{a: b / nullif(c, 0)}`."""
    if not place:
        return False
    value = value_at(document.data, place[:-1])
    rest = isinstance(value, dict) and place[-1] in value and value[place[-1]] is None
    return rest and not str(place[-1]).isidentifier() and document.in_braces(place)


def _unknown_key(document: Document, model: type[BaseModel], place: Place, key: str) -> Mistake:
    return document.unknown(place, "key", key, fields_of(annotation_at(model, place[:-1])), at_key=True)


def _no_text(given: object) -> str:
    if isinstance(given, dict) and not any(given.values()):
        return "braces begin keys and values: put the expression in quotes, and leave them out"
    return f"{given!r} is not text{'' if isinstance(given, dict | list | NoneType) else '; put it in quotes'}"


def _message(document: Document, place: Place, key: str, entry: ErrorDetails) -> tuple[str, str | None]:
    """(message, suggestion)."""
    given = entry["input"]
    said = _said(entry)
    hint = None
    match entry["type"]:
        case "enum" | "literal_error":
            allowed = re.findall(r"'([^']*)'", entry["ctx"]["expected"])
            hint = nearest(str(given), allowed)
            message = f"{key}: {given!r} is not one of {', '.join(allowed)}"
        case "string_pattern_mismatch":
            dotted = ", in two or more parts with a dot between" if r"\." in entry["ctx"]["pattern"] else ""
            message = f"{given!r} is not a name: write lower-case letters, digits and _, a letter first{dotted}"
        case "date_from_datetime_parsing" | "date_parsing" | "date_type" | "date_from_datetime_inexact":
            message = f"{key}: {given!r} is no date: write it as 2026-02-01"
        case "string_type":
            message = f"{key}: {_no_text(given)}"
        case "tuple_type":
            message = f"{key}: {given!r} is not a list; write it as [a, b]"
        case "model_type" | "dict_type" | "model_attributes_type":
            message = f"{key}: {given!r} is not keys with values"
        case "too_short":
            message = f"{key}: give at least one"
        case "value_error":
            message = said if not place or said.startswith(key) else f"{key}: {said}"
            if place == ("key",):
                hint = nearest(str(document.data["key"]), document.names(("fields",)))
        case _:
            message = f"{key}: {said[:1].lower()}{said[1:]}"
    return message, hint
