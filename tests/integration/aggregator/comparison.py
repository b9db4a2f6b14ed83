"""The books and the rows of the panes topic against a plain computation over the logs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from kpi.books import unbalanced
from kpi.grains import DAY, MINUTE, QUARTER
from schemas.topics import stream_topic
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.judging import Verdict, judge
from tests.integration.aggregator.topics import Panes
from tests.property.core import oracle
from tests.property.core.oracle import Event
from tests.property.core.simulation import Served

GRAINS = {"1m": MINUTE, "15m": QUARTER, "1d:UTC": DAY}
Totals = dict[tuple[object, ...], tuple[int, int]]


def check_books(installation: Installation, panes: Panes, stream: str) -> list[Verdict]:
    """Every record of every partition ended under its fate. The verdicts, for what else is to be checked."""
    declared, topic = installation.catalogue.streams[stream], stream_topic(stream)
    entity = installation.plan.owner(stream).entity
    key = None if entity is None else entity.key_of(stream)[0]
    logs = installation.log_of(topic)
    verdicts = [judge(declared, key, partition, log) for partition, log in enumerate(logs)]
    fates = panes.fates(topic)
    for partition, (verdict, log) in enumerate(zip(verdicts, logs, strict=True)):
        told = fates.get(partition, verdict.fates if not log else {})
        assert told == verdict.fates, f"{topic}/{partition}"
        assert sum(told.values()) == len(log), f"{topic}/{partition}"
    wrong = {
        (task, topic): unbalanced(of) for task, made in panes.progress.items() for topic, of in made.topics.items()
    }
    assert not any(wrong.values()), wrong
    return verdicts


def accepted(verdicts: Iterable[Verdict]) -> list[Event]:
    """All events that count."""
    return [event for verdict in verdicts for event in verdict.events]


def totals(
    installation: Installation, panes: Panes, measure: tuple[str, str], grain: str, dimensions: Sequence[str] = ()
) -> Totals:
    """(count, value) of a KPI's measure by pane start and dimension values, over all tasks; zeros are left out."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
    served = Served(installation.plan, panes.records)
    for names, columns in served.rows(*measure, grain, -(2**62), 2**62):
        sums = found[columns["start"], *(names[name] for name in dimensions)]
        sums[0] += columns["count"]
        sums[1] += columns.get("value", 0)
    return {key: (count, value) for key, (count, value) in found.items() if count or value}


def check_calls(installation: Installation, panes: Panes, events: Sequence[Event]) -> None:
    """Calls made, by representative and team, at every grain."""
    for grain, length in GRAINS.items():
        wanted = Counter(
            (int(str(e["time"])) // length * length, e["rep_id"], e["team"]) for e in events if e["direction"] == "out"
        )
        found = totals(installation, panes, ("sales_calls_made", "calls"), grain, ["rep_id", "team"])
        assert found == {key: (count, 0) for key, count in wanted.items()}, grain


def check_deals(installation: Installation, panes: Panes, events: Sequence[Event]) -> None:
    """Deals won and their amounts, by currency, at every grain."""
    for grain in GRAINS:
        found = totals(installation, panes, ("bookings", "won_amount"), grain, ["currency"])
        assert found == _by_window(events, grain, oracle.bookings), grain


def check_tickets(installation: Installation, panes: Panes, events: Sequence[Event]) -> None:
    """Response times by priority, answers due and in time, and how many tickets are open."""
    for grain in GRAINS:
        check_answers(installation, panes, events, grain)
    edges = totals(installation, panes, ("ticket_backlog", "open_tickets"), "1m")
    moments = sorted({int(str(e["time"])) // MINUTE * MINUTE + MINUTE for e in events})
    for moment in moments[:: max(1, len(moments) // 40)]:
        level = sum(change for (start,), (change, _) in edges.items() if int(str(start)) < moment)
        assert level == oracle.open_tickets(list(events), moment), moment


def check_mixed(installation: Installation, panes: Panes) -> None:
    """The books and the values of calls and of tickets."""
    check_calls(installation, panes, accepted(check_books(installation, panes, "sales.call")))
    check_tickets(installation, panes, accepted(check_books(installation, panes, "support.ticket")))


def check_answers(installation: Installation, panes: Panes, events: Sequence[Event], grain: str) -> None:
    """Response times by priority, answers due and in time, at one grain."""
    found = totals(installation, panes, ("average_response_time", "response"), grain, ["priority"])
    assert found == _by_window(events, grain, _responses), grain
    found = totals(installation, panes, ("response_within_target", "in_time"), grain)
    assert found == _by_window(events, grain, _due), grain


def _responses(events: list[Event], start: int, end: int) -> dict[object, tuple[int, int]]:
    return {key: (len(found), sum(found)) for key, found in oracle.responses(events, start, end).items()}


def _due(events: list[Event], start: int, end: int) -> dict[object, tuple[int, int]]:
    return {(): oracle.due(events, start, end)}


def _by_window(
    events: Sequence[Event], grain: str, ask: Callable[[list[Event], int, int], dict[object, tuple[int, int]]]
) -> Totals:
    """The answers for every pane in which anything may be dated: an event, or a deadline at most an hour later."""
    length, found = GRAINS[grain], dict[tuple[object, ...], tuple[int, int]]()
    times = [int(str(event["time"])) for event in events]
    moments = {time + ahead for time in times for ahead in (0, 900_000, 3_600_000)}
    for start in sorted({moment // length * length for moment in moments}):
        for key, sums in ask(list(events), start, start + length).items():
            if any(sums):
                found[(start, *key) if isinstance(key, tuple) else (start, key)] = sums
    return found
