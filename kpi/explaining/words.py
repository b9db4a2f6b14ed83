"""Names, lists, spans of time and amounts as people say them."""

from collections.abc import Iterable
from typing import Final

from schemas.declarations import MONEY

_UNITS: Final = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1000, "second"), (1, "millisecond"))
_SHARES: Final = frozenset({"ratio", "share"})


def plain(name: str) -> str:
    """A declared name as words: `amount_minor` -> `amount minor`."""
    return name.replace("_", " ").replace(".", " ")


def quoted(text: str) -> str:
    """A name that stands for something, or a text, in quotation marks."""
    return f"“{text}”"


def listed(items: Iterable[str], joint: str = "and") -> str:
    """`a, b and c`; `nothing` where there are none."""
    *head, last = list(items) or ["nothing"]
    return f"{', '.join(head)} {joint} {last}" if head else last


def counted(number: int, what: str) -> str:
    """`1 day`, `90 days`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def span(milliseconds: int) -> str:
    """Milliseconds as people say them: `90 days`, `1 hour and 30 minutes`, `no time`."""
    parts, left = [], milliseconds
    for length, unit in _UNITS:
        if left >= length:
            parts.append(counted(left // length, unit))
            left %= length
    return listed(parts) if parts else "no time"


def number(value: float) -> str:
    """A number with separators, without digits that say nothing: `250,000`, `0.5`."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.10g}"


def amount(value: float, unit: str) -> str:
    """A value with its unit: `30 %`, `1 hour`, `250,000 in its currency`, `400 calls`."""
    if unit in _SHARES:
        return f"{number(round(value * 100, 10))} %"
    if unit == "seconds" and value >= 1 and value == round(value):
        return span(round(value) * 1000)
    return f"{number(value)} in its currency" if unit == MONEY else f"{number(value)} {unit}"


def one(what: str) -> str:
    """`a deal`, `an order`."""
    return f"{'an' if what[:1] in 'aeio' else 'a'} {what}"


def upper(text: str) -> str:
    """With a capital."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return upper(text) if text.endswith((".", "?", "!")) else f"{upper(text)}."
