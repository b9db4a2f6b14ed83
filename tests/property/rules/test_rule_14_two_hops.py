"""Rule 14: of a join's two hops, the first judges, the second judges nothing and waits for the marks of all origins."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import pytest

from kpi.grains import MINUTE
from kpi.records import decode
from kpi.tasks.leaving import RekeyedRecord
from kpi.tasks.rekeying import Rekeying
from kpi.tasks.source import RawBatch, RekeyedSource, StreamSource
from kpi.units import Origin
from schemas.kpis import Catalogue
from tests.property.core.joins import DEALS, DECLARATIONS, LEADS, T0, deal, lead
from tests.property.core.network import Network, Place
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served
from tests.property.rules.breaking import broken
from tests.property.rules.shop import loaded

LEADS_AGAIN, DEALS_AGAIN = "shop.lead.by.lead_id.v1", "shop.deal.by.lead_id.v1"
MARK = RekeyedSource.mark
FLUSH = Rekeying.flush
Written = tuple[list[RekeyedRecord], list[RekeyedRecord]]

BEHIND: Mapping[Place, Sequence[Event]] = {
    (LEADS, 0): [lead(1, "a", 0), lead(2, "b", 60 * MINUTE)],
    (LEADS, 1): [lead(3, "c", 60 * MINUTE)],
    (DEALS, 0): [deal(4, "b", 60 * MINUTE)],
    (DEALS, 1): [deal(5, "a", 1000), deal(6, "c", 60 * MINUTE)],
}
"""A lead whose deal comes by a partition that is far behind the one that the lead came by."""


@cache
def catalogue() -> Catalogue:
    return loaded(DECLARATIONS)


def in_the_first_minute(network: Network) -> tuple[int, int]:
    """(leads, won)."""
    served = Served(network.plan, network.settled())
    rows = [columns for _, columns in served.rows("lead_conversion", "won", "1m", T0, T0 + MINUTE)]
    return sum(row["count"] for row in rows), sum(row["value"] for row in rows)


def first_hop(network: Network, *units: str) -> None:
    """Those units take and flush everything."""
    for member in network.first:
        if member.unit in units:
            for topic in member.task.sources:
                member.take(topic, 99)
            member.flush()


def second_hop(network: Network, topic: str, count: int = 99) -> None:
    for member in network.second:
        member.take(topic, count)
        member.flush()


def leads_long_before_deals(logs: Mapping[Place, Sequence[Event]] = BEHIND) -> None:
    """All leads are through before the first deal is read."""
    network = Network(catalogue(), logs)
    first_hop(network, "shop.lead")
    for _ in range(3):
        second_hop(network, LEADS_AGAIN, 3)
    first_hop(network, "shop.deal")
    for _ in range(9):
        second_hop(network, DEALS_AGAIN, 1)
    network.drain()
    assert in_the_first_minute(network) == (1, 1)
    assert network.late == 0


def deals_one_by_one() -> None:
    """Both hops in step, the second one record at a time, settled after each."""
    network = Network(catalogue(), BEHIND)
    first_hop(network, "shop.lead", "shop.deal")
    for member in network.second:
        member.take(LEADS_AGAIN, 99)
    for _ in range(9):
        second_hop(network, DEALS_AGAIN, 1)
    network.drain()
    assert in_the_first_minute(network) == (1, 1)
    assert network.late == 0


def waits_for(origins: str) -> object:
    """A source whose watermark is made of fewer marks than of those that are declared."""

    def mark(source: RekeyedSource, origin: Origin, watermark: int) -> None:
        MARK(source, origin, watermark)
        marks = source.watermarks.values()
        source.watermark = max(marks) if origins == "any" else min(marks)

    return mark


def highest(task: object) -> int | None:
    """The horizon of the stream that has come furthest."""
    sources = [source for source in vars(task)["sources"].values() if source.watermark is not None]
    return max((source.watermark - source.stream.lateness for source in sources), default=None)


@pytest.mark.parametrize("origins", ["any", "those heard of"])
def test_the_watermark_is_the_lowest_of_all_declared_origins(origins: str) -> None:
    leads_long_before_deals()
    deals_one_by_one()
    mark = ("kpi.tasks.source.RekeyedSource.mark", waits_for(origins))
    horizon = ("kpi.tasks.task.Task.horizon", property(highest))
    with broken(mark, horizon):
        leads_long_before_deals()
    if origins == "any":
        with broken(mark):
            deals_one_by_one()


def test_one_stream_ahead_of_the_other_alone_is_found() -> None:
    with broken(("kpi.tasks.task.Task.horizon", property(highest))):
        leads_long_before_deals()


def test_a_mark_follows_its_records() -> None:
    def before(rekeying: Rekeying, sources: Iterable[StreamSource]) -> Written:
        copies, marks = FLUSH(rekeying, sources)
        return marks, copies

    deals_one_by_one()
    with broken(("kpi.tasks.rekeying.Rekeying.flush", before)):
        deals_one_by_one()


def everybody_hears() -> None:
    """A task whose own partition of a stream is silent comes as far as the others, by marks alone."""
    network = Network(catalogue(), {(LEADS, 0): [lead(1, "a", 0)]})
    network.drain()
    for member in network.first:
        network.idle(member, T0 + 60 * MINUTE)
    network.drain()
    assert [member.task.watermark for member in network.second] == [T0 + 60 * MINUTE - 70_000] * 2


def test_every_partition_is_marked_with_and_without_records() -> None:
    everybody_hears()

    def where_it_wrote(rekeying: Rekeying, sources: Iterable[StreamSource]) -> Written:
        copies, marks = FLUSH(rekeying, sources)
        places = {(copy.topic, copy.partition) for copy in copies}
        return copies, [mark for mark in marks if (mark.topic, mark.partition) in places]

    def with_records(rekeying: Rekeying, sources: Iterable[StreamSource]) -> Written:
        copies, marks = FLUSH(rekeying, sources)
        return copies, marks if copies else []

    for variant in (where_it_wrote, with_records):
        with broken(("kpi.tasks.rekeying.Rekeying.flush", variant)):
            everybody_hears()


def a_torn_flush() -> None:
    """Without transactions its copies stay, and are written once more."""
    network = Network(catalogue(), {(LEADS, 0): [lead(1, "a", 0)], (DEALS, 0): [deal(2, "a", 0)]})
    for member in network.first:
        for topic in member.task.sources:
            member.take(topic, 9)
        member.flush(stop=1)
    network.drain()
    assert in_the_first_minute(network) == (1, 1)
    read = [topic for member in network.second if (p := member.progress()) for topic in p.topics.values()]
    assert [sum(topic.fates[fate] for topic in read) for fate in ("aggregated", "duplicate")] == [2, 2]


def test_what_was_written_twice_counts_once() -> None:
    def never(*_: object) -> bool:
        return False

    a_torn_flush()
    with broken(("kpi.tasks.source.RekeyedSource.is_repeat", never)):
        a_torn_flush()


def test_the_first_hop_copies_what_it_accepts_alone() -> None:
    """What it refuses as late is not found again behind it."""
    add = Rekeying.add

    def check() -> None:
        logs = {(LEADS, 0): [lead(1, "b", 60 * MINUTE), lead(2, "a", 0), lead(3, "b", 60 * MINUTE)]}
        network = Network(catalogue(), logs)
        network.drain()
        assert in_the_first_minute(network) == (0, 0)

    def everything(rekeying: Rekeying, source: StreamSource, batch: RawBatch, _: object) -> None:
        frame = decode(source.stream, batch.values, batch.appended).frame
        add(rekeying, source, batch, frame)

    check()
    with broken(("kpi.tasks.rekeying.Rekeying.add", everything)):
        check()
