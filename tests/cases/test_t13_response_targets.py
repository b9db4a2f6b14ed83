"""T13, its second part: response targets by tier, of which the most specific counts, as it was when a ticket came."""

from collections.abc import Callable

import pytest
import yaml

from tests.cases.declared import Made
from tests.integration.aggregator.declarations import redeclared
from tests.pipeline import Pipeline

HOUR = 3600
GOLD, ALL = {"value": HOUR, "where": {"tier": "gold"}, "from": "2026-01-01"}, {"value": 4 * HOUR, "from": "2026-01-01"}


Promised = Callable[..., Pipeline]


@pytest.fixture
def promised(pipeline: Made) -> Promised:
    """Makes the shipped service with other targets."""

    def make(*values: dict[str, object]) -> Pipeline:
        documents = list(yaml.safe_load_all(redeclared("service", clock="replay", partitions=1)))
        for document in documents:
            if "target" in document:
                document["values"] = list(values)
            if document.get("kpi") == "response_within_target":
                document["dimensions"] = sorted({*document["dimensions"], "tier"})
        return pipeline(yaml.safe_dump_all(documents, sort_keys=False))

    return make


def ticket(made: Pipeline, name: str, tier: str, opened: str, answered: str) -> None:
    same = {
        "ticket_id": name, "customer_id": "C", "public": True, "team": "north", "priority": "normal", "tier": tier,
        "channel": "email", "kind": "question", "reason": "invoice", "product": "none", "agent_id": "A",
    }  # fmt: skip
    made.send("support.ticket", {**same, "action": "opened", "actor": "customer", "time": opened})
    made.send("support.ticket", {**same, "action": "replied", "actor": "agent", "time": answered})


def share(made: Pipeline, day: str, **where: str) -> float | int | None:
    return made.value("response_within_target", "day", f"{day}T12:00:00Z", **where).value


@pytest.mark.parametrize(
    ("values", "total", "gold"), [((ALL, GOLD), 0.5, 0.5), ((ALL,), 0.75, 1.0), (({**ALL, "value": HOUR},), 0.25, 0.5)]
)
def test_the_most_specific_target_counts(
    promised: Promised, values: tuple[dict[str, object], ...], total: float, gold: float
) -> None:
    made = promised(*values)
    ticket(made, "G1", "gold", "2026-02-02T09:00:00Z", "2026-02-02T10:30:00Z")
    ticket(made, "G2", "gold", "2026-02-02T10:35:00Z", "2026-02-02T11:05:00Z")
    ticket(made, "S1", "silver", "2026-02-02T11:10:00Z", "2026-02-02T12:40:00Z")
    ticket(made, "B1", "bronze", "2026-02-02T12:45:00Z", "2026-02-02T17:45:00Z")
    ticket(made, "S2", "silver", "2026-02-03T09:00:00Z", "2026-02-03T09:10:00Z")
    assert share(made, "2026-02-02") == total
    assert share(made, "2026-02-02", tier="gold") == gold


def test_a_target_that_is_moved_counts_for_tickets_from_then_on(promised: Promised) -> None:
    made = promised(ALL, GOLD, {**GOLD, "value": 2 * HOUR, "from": "2026-03-03"})
    ticket(made, "G1", "gold", "2026-03-02T23:30:00Z", "2026-03-03T01:00:00Z")
    assert share(made, "2026-03-02") is None
    # It was to be answered by 00:30, and is a miss of that day.
    assert share(made, "2026-03-03") == 0.0
    ticket(made, "G2", "gold", "2026-03-03T09:00:00Z", "2026-03-03T10:30:00Z")
    ticket(made, "S1", "silver", "2026-03-04T09:00:00Z", "2026-03-04T09:10:00Z")
    assert share(made, "2026-03-03") == 0.5
