"""Tables that add attributes to events: of which team a representative is."""

from typing import Self

from pydantic import Field, model_validator

from schemas.declarations import Declaration, FieldName

MOST_ROWS = 100_000


class Attribute(Declaration):
    """A text that every record gets by the value of its field `by`, from the column `take` (by default its own name)
    of the lookup `in`, or from `values` that are written here. Null where nothing stands there for it.
    """

    in_: FieldName | None = Field(None, alias="in")
    by: FieldName
    take: FieldName | None = None
    values: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.in_ is None) == (not self.values):
            raise ValueError("an attribute has either in (a lookup) or values")
        if self.take is not None and self.in_ is None:
            raise ValueError("take goes with in")
        return self


class Lookup(Declaration):
    """A table of texts with one row for each value of `key`: the CSV file `file`, beside the declaration, or `rows`.

    The first line of a file names its columns; an empty cell is no value.
    """

    lookup: FieldName
    title: str = ""
    key: FieldName
    file: str | None = None
    rows: tuple[dict[FieldName, str], ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.file is None) == (not self.rows):
            raise ValueError("a lookup has either file or rows")
        return self
