"""What all declarations are made of: the model under them, and the names that they give."""

import operator
import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

DOTTED_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")

StreamName = Annotated[str, StringConstraints(pattern=rf"^{DOTTED_NAME.pattern}$")]
FieldName = Annotated[str, StringConstraints(pattern=rf"^{PLAIN_NAME.pattern}$")]

Sql = str
"""An SQL expression, as `polars.sql_expr` reads it."""


MONEY: Final = "money"
"""The unit of a KPI whose formula gives minor units."""


class Declaration(BaseModel):
    """Base of everything declared in a catalogue: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def if_said(default: Any) -> Any:
    """An option that is no part of the definition where it is not used, so that older definitions stay the same."""
    return Field(default, exclude_if=operator.not_)
