"""The core equals a batch computation at every flush: any order within the allowance, batches, duplicates, late
ones, crashes.
"""

from collections import Counter, defaultdict
from functools import cache

from aiokafka.partitioner import murmur2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi.aggregates.histogram import representative
from kpi.grains import DAY, MINUTE, QUARTER
from schemas.kpis import Catalogue
from services.runtime.catalogue import load
from tests.property.core import oracle
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served, Simulated

T0 = 1_767_225_600_000  # 2026-01-01T00:00Z
MANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
GRAINS = {"1m": MINUTE, "15m": QUARTER, "1d:UTC": DAY}


@cache
def catalogue() -> Catalogue:
    return load([])


steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(1, 12)),
        st.tuples(st.just("flush"), st.just(0)),
        st.tuples(st.just("crash"), st.just(0)),
        st.tuples(st.just("tear"), st.just(0)),
        st.tuples(st.just("zombie"), st.integers(1, 12)),
    ),
    max_size=25,
)


@st.composite
def logs(draw: st.DrawFn, events: st.SearchStrategy[Event], advance: int) -> list[Event]:
    """A partition's log: times advance with disorder, some far behind; some records are said twice."""
    now = T0
    log: list[Event] = []
    for number in range(draw(st.integers(1, 40))):
        if log and draw(st.integers(0, 9)) == 0:
            log.append(draw(st.sampled_from(log)))
            continue
        now += draw(st.integers(0, advance))
        behind = draw(st.sampled_from([0, 0, 20_000, 25_000, 600_000, 3_600_000, 5_400_000, 40 * DAY]))
        log.append({"id": str(number), "time": max(T0, now - behind), **draw(events)})
    return log


def windows(events: list[Event]) -> list[tuple[str, int, int]]:
    """A few windows of each grain around the events."""
    found = []
    for grain, length in GRAINS.items():
        starts = sorted({int(str(e["time"])) // length * length for e in events})
        chosen = starts if grain.startswith("1d") else starts[:: max(1, len(starts) // 6)]
        found += [(grain, start, start + length) for start in chosen]
        if starts:
            found.append((grain, starts[0], starts[-1] + length))
    return found


def run(unit: str, topic: str, log: list[Event], ops: list[tuple[str, int]], partition: int = 0) -> list[Simulated]:
    """Runs the schedule; checks the books at every flush. The simulation at the end."""
    simulated = Simulated(catalogue(), unit, partition, topic, log)
    for op, size in ops:
        if op == "take":
            simulated.take(size)
        elif op == "flush":
            simulated.flush()
            check_books(simulated, log)
        elif op == "tear":
            simulated.torn_flush()
        elif op == "zombie":
            simulated.zombie(size)
        else:
            simulated.start()
    simulated.drain()
    check_books(simulated, log)
    return [simulated]


def check_books(simulated: Simulated, log: list[Event]) -> None:
    progress = simulated.progress()
    if progress is None:
        return
    topic = progress.topics[simulated.topic]
    stream = simulated.task.sources[simulated.topic].stream
    want = oracle.accepted(log[: topic.position], stream.disorder, stream.lateness)
    assert (topic.fates["late"], topic.fates["duplicate"], topic.fates["aggregated"]) == (
        want.late,
        want.duplicates,
        len(want.events),
    )
    assert sum(topic.fates.values()) == topic.position
    assert topic.watermark == want.watermark


def retained(simulated: Simulated, grain: str, start: int) -> bool:
    progress = simulated.progress()
    return progress is None or start >= progress.retained.get(grain, start)


click: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "click_id": st.just("c"),
        "campaign_id": st.sampled_from(["a", "b"]),
        "ad_id": st.just("x"),
        "placement": st.just("top"),
        "audience": st.sampled_from(["young", "old"]),
        "billable": st.just(value=True),
        "is_bot": st.booleans(),
    }
)


@MANY
@given(log=logs(click, 900_000), ops=steps)
def test_counts_of_plain_events(log: list[Event], ops: list[tuple[str, int]]) -> None:
    [simulated] = run("web.click", "web.click.v1", log, ops)
    stream = catalogue().streams["web.click"]
    events = oracle.accepted(log, stream.disorder, stream.lateness).events
    served = Served(simulated.plan, list(simulated.settled().values()))
    for grain, start, end in windows(events):
        if not retained(simulated, grain, start):
            continue
        got: Counter[tuple[object, ...]] = Counter()
        for names, columns in served.rows("click_through_rate", "clicks", grain, start, end):
            got[names["campaign_id"], names["audience"]] += columns["count"]
        assert +got == oracle.clicks(events, start, end)


visit: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "visit_id": st.just("v"),
        "visitor_id": st.sampled_from("pqrs"),
        "campaign_id": st.sampled_from([None, "a"]),
        "referrer": st.just(""),
        "device": st.sampled_from(["phone", "desk"]),
        "country": st.just("CH"),
        "is_bot": st.booleans(),
    }
)


@MANY
@given(log=logs(visit, 900_000), ops=steps)
def test_distinct_keys_merge_over_panes(log: list[Event], ops: list[tuple[str, int]]) -> None:
    [simulated] = run("web.visit", "web.visit.v1", log, ops)
    stream = catalogue().streams["web.visit"]
    events = oracle.accepted(log, stream.disorder, stream.lateness).events
    served = Served(simulated.plan, list(simulated.settled().values()))
    for grain, start, end in windows(events):
        if not retained(simulated, grain, start):
            continue
        counts: Counter[object] = Counter()
        for names, columns in served.rows("website_traffic", "visitors", grain, start, end):
            counts[names["extra"]] += columns["count"]
        assert len(+counts) == oracle.visitors(events, start, end)


def ticket_keys(partition: int) -> list[str]:
    """Ticket ids that belong to the partition."""
    return [key for key in (f"T{n}" for n in range(60)) if (murmur2(key.encode()) & 0x7FFFFFFF) % 4 == partition][:3]


ticket: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "ticket_id": st.sampled_from(ticket_keys(1)),
        "customer_id": st.just("c"),
        "action": st.sampled_from(["opened", "replied", "replied", "resolved", "reopened", "held"]),
        "actor": st.sampled_from(["agent", "agent", "bot"]),
        "public": st.sampled_from([True, True, False]),
        "channel": st.just("email"),
        "kind": st.just("question"),
        "reason": st.just("other"),
        "priority": st.sampled_from(["normal", "high"]),
        "tier": st.just("gold"),
        "team": st.sampled_from(["north", "south"]),
    }
)


@MANY
@given(log=logs(ticket, 1_500_000), ops=steps)
def test_entities_with_deadlines_and_levels(log: list[Event], ops: list[tuple[str, int]]) -> None:
    [simulated] = run("ticket", "support.ticket.v1", log, ops, partition=1)
    stream = catalogue().streams["support.ticket"]
    events = oracle.accepted(log, stream.disorder, stream.lateness).events
    served = Served(simulated.plan, list(simulated.settled().values()))
    for grain, start, end in windows(events):
        if not retained(simulated, grain, start):
            continue
        sums: dict[object, list[int]] = defaultdict(lambda: [0, 0])
        for names, columns in served.rows("average_response_time", "response", grain, start, end):
            sums[names["priority"]][0] += columns["count"]
            sums[names["priority"]][1] += columns["value"]
        want = oracle.responses(events, start, end)
        assert {key: tuple(v) for key, v in sums.items() if any(v)} == {k: (len(v), sum(v)) for k, v in want.items()}
        total = hits = 0
        for _, columns in served.rows("response_within_target", "in_time", grain, start, end):
            total, hits = total + columns["count"], hits + columns["value"]
        assert (total, hits) == oracle.due(events, start, end)
        buckets: Counter[object] = Counter()
        for names, columns in served.rows("average_response_time", "response_p95", grain, start, end):
            buckets[names["extra"]] += columns["count"]
        spread = sorted(value for bucket, n in (+buckets).items() for value in [representative(int(str(bucket)))] * n)
        exact = sorted(value for values in want.values() for value in values)
        assert len(spread) == len(exact)
        assert all(abs(a - b) <= 0.01 * b for a, b in zip(spread, exact, strict=True))
    for moment in sorted({int(str(e["time"])) // MINUTE * MINUTE + MINUTE for e in events})[::4]:
        level = sum(
            c["count"] for _, c in served.rows("ticket_backlog", "open_tickets", "15m", 0, moment // QUARTER * QUARTER)
        )
        level += sum(
            c["count"]
            for _, c in served.rows("ticket_backlog", "open_tickets", "1m", moment // QUARTER * QUARTER, moment)
        )
        if retained(simulated, "1m", moment // QUARTER * QUARTER) and retained(simulated, "15m", T0):
            assert level == oracle.open_tickets(events, moment)


def deal_keys() -> list[str]:
    """Deal ids that belong to partition 0."""
    return [key for key in (f"D{n}" for n in range(60)) if (murmur2(key.encode()) & 0x7FFFFFFF) % 4 == 0][:3]


deal: st.SearchStrategy[Event] = st.fixed_dictionaries(
    {
        "deal_id": st.sampled_from(deal_keys()),
        "customer_id": st.just("c"),
        "rep_id": st.just("ann"),
        "team": st.just("north"),
        "action": st.sampled_from(["opened", "won", "won", "reverted", "lost"]),
        "stage": st.just("s"),
        "amount_minor": st.integers(-5000, 500_000),
        "currency": st.sampled_from(["EUR", "JPY"]),
        "segment": st.just("small"),
        "region": st.just("west"),
    }
)


@MANY
@given(log=logs(deal, 30 * DAY), ops=steps)
def test_reversals_withdraw_within_their_horizon(log: list[Event], ops: list[tuple[str, int]]) -> None:
    [simulated] = run("deal", "sales.deal.v1", log, ops)
    stream = catalogue().streams["sales.deal"]
    events = oracle.accepted(log, stream.disorder, stream.lateness).events
    served = Served(simulated.plan, list(simulated.settled().values()))
    for grain, start, end in windows(events):
        if not retained(simulated, grain, start):
            continue
        got: dict[object, list[int]] = defaultdict(lambda: [0, 0])
        for names, columns in served.rows("bookings", "won_amount", grain, start, end):
            got[names["currency"]][0] += columns["count"]
            got[names["currency"]][1] += columns["value"]
        assert {key: tuple(v) for key, v in got.items() if any(v)} == oracle.bookings(events, start, end)
