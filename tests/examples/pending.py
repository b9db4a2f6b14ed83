"""The names whose KPIs have no worked example yet. A name leaves this list with its example, and none joins it."""

PENDING_EXAMPLES: set[str] = set()
