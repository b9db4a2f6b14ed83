"""The name that somebody may have meant."""

from collections.abc import Iterable

from services.runtime.catalogue.mistakes import nearest


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest of the known names, or nothing where none is near."""
    found = nearest(name, known)
    return f"; did you mean {found}?" if found else ""
