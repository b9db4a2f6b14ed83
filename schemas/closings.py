"""How the periods of a stream are closed: by records that say so, and for whom."""

from schemas.declarations import Declaration, FieldName, Sql


class Closing(Declaration):
    """Records for which `where` holds close the days up to the date in their field `through`, in `zone`, for their
    value of the field `per`: what is said of one of these days afterwards is late.

    A day is closed when all have closed it: all values that `of` names, or else all that were heard of. A value that
    `of` does not name is never in time.
    """

    where: Sql
    per: FieldName
    through: FieldName
    zone: str = "UTC"
    of: tuple[str, ...] = ()
