"""A changed KPI, once it is rebuilt, equals a batch computation, and goes on so; everything else is as it was."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi.grains import MINUTE
from kpi.planning import plan
from schemas.kpis import Catalogue
from schemas.wire import IdleMark, Progress, Rows
from services.runtime.catalogue import load
from tests.property.core.joins import DECLARATIONS, LEADS, accepted
from tests.property.core.network import Network, Place
from tests.property.core.oracle import Event
from tests.property.core.rebuilding import rebuild, selected
from tests.property.core.simulation import Served
from tests.property.core.test_two_hops import act, all_logs, check, steps

LEADS_BY_REGION = """
---
kpi: leads_made
title: Leads
sentence: How many leads were made.
owner: sales
department: sales
kind: leading
unit: leads
direction: up
dimensions: [region]
windows: {calendar: [day]}
measures: {leads: {from: shop.lead, aggregate: count, where: "region = 'east'"}}
formula: leads
---
kpi: leads_of_all
title: All leads
sentence: How many leads were made anywhere.
owner: sales
department: sales
kind: leading
unit: leads
direction: up
windows: {calendar: [day]}
measures: {leads: {from: shop.lead, aggregate: count}}
formula: leads
"""
NOW = DECLARATIONS + LEADS_BY_REGION
BEFORE = NOW.replace("region = 'east'", "region = 'west'").replace("forget_after: 10m", "forget_after: 3m")
MANY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def catalogue(text: str) -> Catalogue:
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text(text)
        return load([Path(folder)], default=False)


def change(network: Network, text: str) -> None:
    """All workers are started anew, with other declarations."""
    network.catalogue, network.plan = catalogue(text), plan(catalogue(text))
    for member in network.members:
        member.start()
        # A worker that has counted something says at once what it counts from now on.
        member.flush()


def check_leads(network: Network, logs: Mapping[Place, Sequence[Event]]) -> None:
    settled = network.settled()
    idle: dict[Place, dict[int, int]] = defaultdict(dict)
    for mark in settled:
        if isinstance(mark, IdleMark):
            idle[mark.topic, int(mark.task.rpartition("/")[2])][mark.offset] = mark.watermark
    for kpi in ("leads_made", "leads_of_all"):
        wanted = Counter(
            int(str(event["time"])) // MINUTE * MINUTE
            for place, log in logs.items()
            if place[0] == LEADS
            for event in accepted(log, idle[place])
        )
        found: Counter[int] = Counter()
        for _, columns in Served(network.plan, settled).rows(kpi, "leads", "1m", 0, 2**62):
            found[columns["start"]] += columns["count"]
        assert +found == wanted, kpi


def kept(network: Network, groups: frozenset[str]) -> object:
    """What a rebuild of these groups must leave alone: the other rows, and where the tasks stand in their topics."""
    settled = network.settled()
    rows = {
        (r.task, r.group, r.grain, r.start, r.bucket): r
        for r in settled
        if isinstance(r, Rows) and r.group not in groups
    }
    return rows, {r.task: r.topics for r in settled if isinstance(r, Progress)}


@dataclass(frozen=True)
class Course:
    """What happens: steps before the change and after it, and how the rebuild goes on. `kpis`: none are all."""

    before: list[tuple[str, int, int]]
    after: list[tuple[str, int, int]]
    kpis: list[str]
    is_drained: bool
    size: int
    flushing: list[bool]


courses = st.builds(
    Course,
    steps,
    steps,
    st.sampled_from([[], ["lead_conversion", "leads_made"]]),
    st.booleans(),
    st.integers(1, 9),
    st.lists(st.booleans(), min_size=1),
)


@MANY
@given(all_logs(), courses)
def test_what_is_rebuilt_equals_a_batch(logs: dict[Place, list[Event]], course: Course) -> None:
    network = Network(catalogue(BEFORE), logs)
    act(network, course.before)
    change(network, NOW)
    act(network, course.after)
    if course.is_drained:
        network.drain()
    flushing = cycle(course.flushing)
    for selection in selected(network, course.kpis):
        unchanged = kept(network, selection.groups)
        asyncio.run(rebuild(network, selection, course.size, lambda: next(flushing)))
        assert kept(network, selection.groups) == unchanged
    if not course.is_drained:
        network.drain()
    check(network, logs)
    check_leads(network, logs)
