"""The names that have no line yet. A name leaves this list with its line, and none joins it."""

PENDING: frozenset[str] = frozenset()
