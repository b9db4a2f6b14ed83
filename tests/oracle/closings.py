"""Which records of a log are in time where days are closed, by looking back from each at all that was said before."""

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
"""`who` says it, of the `day` (ISO text or None), and whether that `closes` it."""


def in_time(log: Sequence[Record], of: Sequence[str]) -> list[Record]:
    """The accepted records of a log. `of`: who closes; empty: all that are heard of."""
    heard: list[Record] = []
    for record in log:
        through = closed_through(heard, record["who"], of)
        is_open = record["day"] is None or through is None or record["day"] > through
        if (record["who"] in of or not of) and (record["closes"] or is_open):
            heard.append(record)
    return heard


def closed_through(heard: Sequence[Record], who: str, of: Sequence[str]) -> str | None:
    """The date through which `who` has closed, after what was heard; None: nothing."""
    first = next((place for place, record in enumerate(heard) if record["who"] == who), len(heard))
    began = None if of else closed_by_all(heard[:first], of)
    dates = [record["day"] for record in heard if record["who"] == who and record["closes"]]
    return max((date for date in (began, *dates) if date is not None), default=None)


def closed_by_all(heard: Sequence[Record], of: Sequence[str]) -> str | None:
    """The date through which all have closed; None where one has not, or there is none."""
    names = set(of) or {record["who"] for record in heard}
    dates = [closed_through(heard, name, of) for name in names]
    known = [date for date in dates if date is not None]
    return min(known) if known and len(known) == len(dates) else None
