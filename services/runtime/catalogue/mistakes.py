"""What is wrong in a catalogue: where, what, and what was probably meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake, printed as `file:line: message; did you mean 'suggestion'?`.

    Lines count from 1; 0 is the file as a whole.
    """

    file: str
    line: int
    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        hint = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{place}: {self.message}{hint}"


class CatalogueErrors(Exception):
    """A catalogue cannot be used; `mistakes` are all that were found, in the order of files and lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda one: (one.file, one.line, one.message)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


_MANY = 40


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, if any does."""
    return next(iter(get_close_matches(name, sorted(known), n=1)), None)


def listed(names: Iterable[str], joint: str = "or") -> str:
    """Names as words, such as `a, b or c`; `none` where there are none, and only the first of many."""
    *head, last = sorted(names) or ["none"]
    if len(head) > _MANY:
        return f"{', '.join(head[:3])} {joint} {len(head) - 2} others"
    return f"{', '.join(head)} {joint} {last}" if head else last
