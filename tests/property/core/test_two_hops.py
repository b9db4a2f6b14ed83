"""A join equals a batch computation: in any order between its streams, with crashes at both hops, and in silence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi.grains import MINUTE
from kpi.tasks.source import RekeyedSource, Source
from kpi.units import Origin
from schemas.kpis import Catalogue
from schemas.wire import IdleMark
from services.runtime.catalogue import load
from tests.property.core.joins import DEALS, DECLARATIONS, KEYS, LEADS, T0, accepted, conversions, deal, lead
from tests.property.core.network import Network, Place
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served

PLACES: list[Place] = [(LEADS, 0), (LEADS, 1), (DEALS, 0), (DEALS, 1)]


@cache
def catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        (Path(folder) / "all.yaml").write_text(DECLARATIONS)
        return load([Path(folder)], default=False)


def check(network: Network, logs: Mapping[Place, Sequence[Event]]) -> None:
    """The panes, and the books of both hops, against the logs."""
    settled = network.settled()
    idle: dict[Place, dict[int, int]] = defaultdict(dict)
    for mark in settled:
        if isinstance(mark, IdleMark):
            idle[mark.topic, int(mark.task.rpartition("/")[2])][mark.offset] = mark.watermark
    good = [event for place, log in logs.items() for event in accepted(log, idle[place])]
    got: dict[tuple[object, object], list[int]] = defaultdict(lambda: [0, 0])
    served = Served(network.plan, settled)
    for measure, place in (("leads", 0), ("won", 1)):
        column = "value" if place else "count"
        for names, columns in served.rows("lead_conversion", measure, "1m", 0, 2**62):
            got[columns["start"], names["region"]][place] += columns[column]
    assert {key: tuple(sums) for key, sums in got.items() if any(sums)} == conversions(good)
    topics = [topic for m in network.second if (p := m.progress()) for topic in p.topics.values()]
    assert sum(topic.fates["aggregated"] for topic in topics) == sum(event["lead_id"] is not None for event in good)
    assert all(sum(topic.fates.values()) + topic.marks == topic.position for topic in topics)
    for member in network.second:
        for read in network.plan.units[member.unit].reads:
            origins = [m.task.watermark for m in network.first if network.plan.owner(read.stream).name == m.unit]
            known = [mark for mark in origins if mark is not None]
            lowest = min(known) if len(known) == len(origins) else None
            assert member.task.sources[read.topic].watermark == lowest


@st.composite
def all_logs(draw: st.DrawFn) -> dict[Place, list[Event]]:
    """The logs of all partitions: their times go ahead side by side, with disorder; some records are said twice."""
    now, logs = 0, dict[Place, list[Event]]((place, []) for place in PLACES)
    for number in range(draw(st.integers(4, 25))):
        now += draw(st.sampled_from([0, 1000, 30_000, 90_000, 400_000]))
        place = draw(st.sampled_from(PLACES))
        time = max(0, now - draw(st.sampled_from([0, 0, 5000, 60_000, 69_000, 90_000])))
        key = draw(st.sampled_from(KEYS))
        if place[0] == LEADS:
            logs[place].append(lead(number, key, time))
        else:
            logs[place].append(deal(number, draw(st.sampled_from([key, key, None])), time))
        if draw(st.integers(0, 9)) == 0:
            logs[place].append(logs[place][-1])
    return logs


steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["take", "take", "flush", "crash"]), st.integers(0, 5), st.integers(1, 6)),
        st.tuples(st.just("torn take"), st.integers(0, 5), st.integers(1, 12)),
        st.tuples(st.just("torn silence"), st.integers(0, 3), st.integers(1, 12)),
        st.tuples(st.just("silence"), st.integers(0, 3), st.integers(0, 60)),
    ),
    min_size=12,
    max_size=30,
)


def act(network: Network, ops: Sequence[tuple[str, int, int]]) -> None:
    """Does these steps."""
    members = [*network.first, *network.second]
    for op, who, size in ops:
        member = members[who]
        if op == "take":
            for topic in member.task.sources:
                member.take(topic, size)
        elif op == "flush":
            member.flush()
        elif op == "silence":
            network.idle(member, T0 + size * MINUTE)
        elif op == "torn take":
            for topic in member.task.sources:
                member.take(topic, size)
            member.flush(stop=size)
        elif op == "torn silence":
            network.idle(member, T0 + 60 * MINUTE, stop=size)
        else:
            member.start()


def run(network: Network, ops: Sequence[tuple[str, int, int]]) -> None:
    """Does these steps, and takes the rest."""
    act(network, ops)
    network.drain()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(logs=all_logs(), ops=steps)
def test_a_join_equals_the_batch(logs: dict[Place, list[Event]], ops: list[tuple[str, int, int]]) -> None:
    network = Network(catalogue(), logs)
    run(network, ops)
    assert network.late == 0
    check(network, logs)


def one_lead_won(network: Network) -> tuple[int, int]:
    """(leads, won) of a lead whose deal's partition is far behind the one that the lead came by."""
    leads = next(member for member in network.first if member.unit == "shop.lead")
    leads.take(LEADS, 9)
    leads.flush()
    for member in network.second:
        member.take("shop.lead.by.lead_id.v1", 9)
        member.flush()
    network.drain()
    served = Served(network.plan, network.settled())
    rows = [columns for _, columns in served.rows("lead_conversion", "won", "1m", T0, T0 + MINUTE)]
    return sum(row["count"] for row in rows), sum(row["value"] for row in rows)


BEHIND: dict[Place, list[Event]] = {
    (LEADS, 0): [lead(1, "a", 0), lead(2, "b", 60 * MINUTE)],
    (LEADS, 1): [lead(3, "c", 60 * MINUTE)],
    (DEALS, 0): [deal(4, "b", 60 * MINUTE)],
    (DEALS, 1): [deal(5, "a", 1000), deal(6, "c", 60 * MINUTE)],
}


def test_a_join_waits_for_every_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a watermark of its own, the lead is forgotten before its deal is read."""
    assert one_lead_won(network := Network(catalogue(), BEHIND)) == (1, 1)
    assert network.late == 0

    def own(source: RekeyedSource, origin: Origin, watermark: int) -> None:
        source.marks += 1
        source.watermarks[origin] = watermark
        source.watermark = max(source.watermarks.values())

    with monkeypatch.context() as patched:
        patched.setattr(RekeyedSource, "mark", own)
        patched.setattr("kpi.tasks.task.Task.horizon", property(lambda task: _highest(task.sources.values())))
        assert one_lead_won(network := Network(catalogue(), BEHIND)) == (1, 0)
        assert network.late


def _highest(sources: Iterable[Source]) -> int | None:
    marks = [source.watermark - source.stream.lateness for source in sources if source.watermark is not None]
    return max(marks, default=None)


@pytest.mark.parametrize(("marks_first", "expected"), [(False, (1, 1)), (True, (1, 0))])
def test_marks_follow_what_they_speak_of(*, marks_first: bool, expected: tuple[int, int]) -> None:
    """A mark before its records lets a reader that stops between them forget what they belong to."""
    network = Network(catalogue(), BEHIND, marks_first=marks_first)
    for member in network.first:
        for topic in member.task.sources:
            member.take(topic, 9)
        member.flush()
    for member in network.second:
        member.take("shop.lead.by.lead_id.v1", 9)
    for member in network.second:
        for _ in range(9):
            member.take("shop.deal.by.lead_id.v1", 1)
            member.flush()
    served = Served(network.plan, network.settled())
    rows = [columns for _, columns in served.rows("lead_conversion", "won", "1m", T0, T0 + MINUTE)]
    assert (sum(row["count"] for row in rows), sum(row["value"] for row in rows)) == expected
    assert (network.late > 0) == marks_first
