"""How much more than before."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Books, Number, Oracle

DAY = 86_400_000
DAY = 86_400_000
Earlier = Callable[[Asked], Asked]


def before(asked: Asked) -> Asked:
    """The window before."""
    start, end = asked.span
    return replace(asked, at=asked.at - (end - start) if asked.window in ("5m", "1h", "24h") else start - 1)


def a_week_ago(asked: Asked) -> Asked:
    """The same window of the week before."""
    return replace(asked, at=asked.at - 7 * DAY)


def growth(of: Oracle, earlier: Earlier = before) -> Oracle:
    """Of complete windows; None where there was nothing earlier."""

    def grown(books: Books, asked: Asked) -> Number | None:
        now, then = of(books, asked), of(books, earlier(asked))
        return None if now is None or not then or then < 0 else Fraction(now) / then - 1

    return grown
