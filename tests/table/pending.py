"""The names that have no line yet. A name leaves this list with its line, and none joins it."""

_PEOPLE = [
    "schedule_delay",
    "project_completion_time",
    "mitigation_progress",
    "data_quality",
]

PENDING = frozenset(_PEOPLE)
