"""Of which dimension values contributions are asked for, and of which not."""

from collections.abc import Collection
from dataclasses import dataclass

Wanted = str | frozenset[str | None] | None
"""What a dimension must be: a value, no value at all (None), or any of several."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """All but some members of a breakdown: combinations of values of the dimensions `by`, in their order."""

    by: tuple[str, ...]
    members: frozenset[tuple[str | None, ...]]

    def among(self, held: Collection[str]) -> "Excluded | None":
        """The same for what has these dimensions alone: none where it lacks one, as it is the same for all members."""
        return self if all(name in held for name in self.by) else None


def texts_of(wanted: Wanted) -> list[str]:
    """The values that are asked for."""
    those = wanted if isinstance(wanted, frozenset) else [wanted]
    return sorted(value for value in those if value is not None)


def allows_none(wanted: Wanted) -> bool:
    """Whether what has no value is asked for."""
    return wanted is None or (isinstance(wanted, frozenset) and None in wanted)
