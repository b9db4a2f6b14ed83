"""SQL expressions: do they parse, do they name what is there, do they give what is wanted."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from services.runtime.catalogue.documents import Document, Place
from services.runtime.catalogue.mistakes import Mistake, listed, nearest

DType = pl.DataType | type[pl.DataType]
Wanted = Literal["true or false", "a whole number", "text", "anything"]

_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_AGGREGATE: Final = re.compile(
    r"\b(avg|count|first|last|max|mean|median|min|quantile\w*|stddev\w*|stdev\w*|sum|var\w*|over)\s*\(", re.IGNORECASE
)

_CLOCK: Final = re.compile(r"\b(now\s*\(|current_(?:date|time|timestamp)\b|localtime(?:stamp)?\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name: columns by type (None where it cannot be told), and the values of enumerations.

    `what` calls one of them, such as `field of web.click`. Names that begin with one of `hidden` are taken as they are,
    since what declares them is broken.
    """

    what: str
    columns: Mapping[str, DType | None]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Whether nothing is to be said about who names it."""
        return name in self.columns or name.startswith(self.hidden)


def parsed(sql: str) -> pl.Expr | str:
    """The expression, or why it is none."""
    try:
        return pl.sql_expr(sql)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        return _first_line(error)


def type_of(sql: str, scope: Scope) -> DType | str | None:
    """The type that the expression gives, or why it gives none; None where that cannot be told."""
    expression = parsed(sql)
    if isinstance(expression, str):
        return None
    columns = {name: scope.columns.get(name) for name in expression.meta.root_names()}
    schema = {name: dtype for name, dtype in columns.items() if dtype is not None}
    if len(schema) < len(columns):
        return None
    try:
        return pl.DataFrame(schema=schema).select(expression.alias("result")).schema["result"]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        return _first_line(error)


def mistakes_in(document: Document, place: Place, sql: str, scope: Scope, want: Wanted) -> Iterator[Mistake]:
    """What is wrong with an expression over one row of `scope`."""
    bare = _LITERAL.sub("''", sql)
    if aggregate := _AGGREGATE.search(bare):
        yield document.mistake(place, f"{aggregate[1]}() takes many rows, but this reads one; {_instead(document)}")
        return
    if clock := _CLOCK.search(bare):
        said = clock[1].rstrip("( ")
        yield document.mistake(place, f"{said} is the time at which one computes; take a moment that the event says")
        return
    expression = parsed(sql)
    if isinstance(expression, str):
        yield document.mistake(place, f"not an SQL expression: {expression}")
        return
    strangers = [name for name in dict.fromkeys(expression.meta.root_names()) if not scope.knows(name)]
    for name in strangers:
        if any(name in values for values in scope.values.values()):
            yield document.mistake(place, f"unknown {scope.what} {name!r}; text stands in quotes: '{name}'")
        else:
            yield document.unknown(place, scope.what, name, scope.columns.keys())
    foreign = list(_foreign_values(document, place, sql, scope))
    yield from foreign
    if strangers or foreign:
        return
    given = type_of(sql, scope)
    if isinstance(given, str):
        yield document.mistake(place, f"does not work on these types: {given}")
    elif given is not None and not _fits(given, want):
        yield document.mistake(place, f"gives {_called(given)}, but {want} is wanted here")
    elif given is not None and (problem := _fails_on(expression, scope)):
        hint = "write x / nullif(y, 0), and try_cast in place of cast, so that one record cannot stop all others"
        yield document.mistake(place, f"fails where its fields are 0 or empty ({problem}): {hint}")


def _fails_on(expression: pl.Expr, scope: Scope) -> str | None:
    """Why the expression cannot be computed where every number is 0, every text empty and nothing true."""
    empty: dict[DType | None, object] = {pl.Boolean: False, pl.String: ""}
    names = expression.meta.root_names()
    columns = {name: pl.Series([empty.get(scope.columns[name], 0)], dtype=scope.columns[name]) for name in names}
    try:
        pl.DataFrame(columns or {"": [0]}).select(expression.alias("result"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        return _first_line(error)
    return None


def _instead(document: Document) -> str:
    if document.kind == "kpi":
        return "declare a measure with aggregate: (quantile goes with quantile: 0.95), and name the measure"
    return "aggregate in the measure of a KPI"


def _foreign_values(document: Document, place: Place, sql: str, scope: Scope) -> Iterator[Mistake]:
    """Values that an enumeration does not have, in the forms that people write: `=`, `<>` and `in`."""
    for name, values in scope.values.items():
        comparisons = re.finditer(rf"\b{name}\s*(?:=|<>|!=)\s*({_LITERAL.pattern})", sql)
        memberships = re.finditer(rf"\b{name}\s+(?:not\s+)?in\s*\(([^)]*)\)", sql, re.IGNORECASE)
        for match in (*comparisons, *memberships):
            for literal in _LITERAL.findall(match[1]):
                value = literal[1:-1].replace("''", "'")
                if value not in values:
                    message = f"{name} is never {value!r}: it is {listed(values)}"
                    yield document.mistake(place, message, nearest(value, values))


def _fits(given: DType, want: Wanted) -> bool:
    match want:
        case "true or false":
            return given == pl.Boolean
        case "a whole number":
            return given.is_integer()
        case "text":
            return given == pl.String
    return True


def _called(given: DType) -> str:
    if given == pl.Boolean:
        return "true or false"
    if given == pl.String:
        return "text"
    return "a whole number" if given.is_integer() else "decimals" if given.is_numeric() else str(given)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def names_in(sqls: Iterable[str]) -> set[str]:
    """All that the expressions name; those that do not parse name nothing."""
    expressions = [parsed(sql) for sql in sqls]
    return {name for one in expressions if isinstance(one, pl.Expr) for name in one.meta.root_names()}
