"""How much more than before."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tests.table.oracle.calendar import Asked
from tests.table.oracle.facts import Books, Number, Oracle

MINUTE = 60_000
DAY = 86_400_000
MINUTE = 60_000
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


def growth_to_date(of: Oracle, earlier: Earlier = before) -> Oracle:
    """The same; of a window that is not over, both up to the same elapsed time, to the minute, quarter or day.

    A rolling window ends at the last minute, quarter or midnight, where what is earlier is not known better.
    """

    def grown(books: Books, asked: Asked) -> Number | None:
        then = earlier(asked)
        ago = books.until - then.span[0]
        step = MINUTE if ago <= 2 * DAY else 15 * MINUTE if ago <= 60 * DAY else DAY
        start, end = asked.span
        if asked.window == "24h":
            asked = replace(asked, at=asked.at // step * step)
            then = earlier(asked)
        elif books.until < end:
            cut = (books.until - start) // step * step
            asked, then = replace(asked, cut=cut), replace(then, cut=cut)
        return growth(of, lambda _: then)(books, asked)

    return grown


def up_to_a_week(oracle: Oracle) -> Oracle:
    """None for longer windows."""
    return lambda books, asked: None if asked.window in ("month", "quarter", "year") else oracle(books, asked)
