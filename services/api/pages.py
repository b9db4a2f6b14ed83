"""Pages of a list: so many at a time, and an opaque cursor that says where the next one begins."""

import base64
import binascii
from collections.abc import Sequence

from services.runtime.problems import Fault, Problem


def page(names: Sequence[str], limit: int, cursor: str | None) -> tuple[Sequence[str], str | None]:
    """The names behind the cursor, at most `limit`, and the cursor of the next page; None where there is none.

    The cursor holds the last name of a page. Raises a 422 `Problem` where the list does not have it.
    """
    begin = 0
    if cursor is not None:
        try:
            begin = names.index(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()) + 1
        except (binascii.Error, ValueError):
            reason = "not a cursor of this list: take `next` of an answer, and ask with the same filters"
            raise Problem(
                status=422, name="invalid-request", title="The request is not valid", detail=f"cursor: {reason}",
                errors=[Fault(parameter="cursor", reason=reason)],
            ) from None  # fmt: skip
    found = names[begin : begin + limit]
    more = begin + limit < len(names)
    return found, base64.urlsafe_b64encode(found[-1].encode()).decode().rstrip("=") if more else None
