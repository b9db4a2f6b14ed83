"""The names whose KPIs have no worked example yet. A name leaves this list with its example, and none joins it."""

PENDING_EXAMPLES = {
    "quota_attainment",
    "market_share",
    "market_penetration",
    "data_quality",
}
