"""Every record in Kafka ends under its fate, the ends add up, and the values are those of a plain computation."""

import random
from collections.abc import Iterator
from pathlib import Path

import orjson
from aiokafka import ConsumerRecord

from schemas.records import Flaw
from schemas.times import to_datetime
from schemas.topics import dead_topic, late_topic
from tests.brokers.fixtures import Broker
from tests.credentials import credentials_in
from tests.integration.aggregator import events
from tests.integration.aggregator.comparison import (
    accepted,
    check_books,
    check_calls,
    check_deals,
    check_tickets,
    totals,
)
from tests.integration.aggregator.conftest import Install
from tests.integration.aggregator.events import PARTITIONS, T0
from tests.integration.aggregator.harness import Installation
from tests.integration.aggregator.judging import Verdict, home
from tests.integration.aggregator.topics import Raw
from tests.property.core.oracle import Event

CALLS, DEALS, TICKETS = "sales.call.v1", "sales.deal.v1", "support.ticket.v1"
ALLOWANCE = 30_000 + 3_600_000
"""How far behind the highest time a call may be, in milliseconds: its stream's disorder and lateness."""


def invalid_in_ten_ways(event: Event) -> dict[Flaw, bytes]:
    """A good event, spoilt in every way that has a name."""
    envelope = {"specversion": "1.0", "type": "sales.deal.v1", "id": event["id"], "source": "x", "data": event}
    return {
        Flaw.not_json: orjson.dumps(event)[:-1],
        Flaw.not_an_object: orjson.dumps([event]),
        Flaw.wrong_stream: orjson.dumps(envelope),
        Flaw.missing: orjson.dumps({name: value for name, value in event.items() if name != "team"}),
        Flaw.wrong_type: orjson.dumps({**event, "rep_id": 7}),
        Flaw.unknown_value: orjson.dumps({**event, "outcome": "voicemail"}),
        Flaw.out_of_range: orjson.dumps({**event, "duration_s": 2**31}),
        Flaw.empty: orjson.dumps({**event, "id": ""}),
        Flaw.bad_time: orjson.dumps({**event, "time": "2026-01-01 09:00"}),
        Flaw.in_the_future: orjson.dumps({**event, "time": 9_000_000_000_000}),
    }


def thousand(generator: random.Random) -> list[Raw]:
    """900 good calls, 50 invalid, 30 duplicates and 20 late, over all partitions."""
    good = events.calls(900, generator)
    repeated, belated, spoilt, punctual = (set(generator.sample(range(400, 900), n)) for n in (30, 20, 5, 10))
    logs: list[list[bytes]] = [[] for _ in range(PARTITIONS)]
    told: list[list[Event]] = [[] for _ in range(PARTITIONS)]
    highest = [0] * PARTITIONS
    for number, event in enumerate(good):
        place = number % PARTITIONS
        highest[place] = max(highest[place], int(str(event["time"])))
        if number in punctual:
            event["time"] = highest[place] - ALLOWANCE
        if number % 90 == 50:
            event |= {"id": "of many sources", "source": f"system {number}", "not declared": [1, {"id": "x"}]}
        if number % 7 == 0:
            event["time"] = to_datetime(int(str(event["time"]))).isoformat()
        told[place].append(event)
        logs[place].append(orjson.dumps(event))
        if number in belated:
            late = events.call(10_000 + number, highest[place] - ALLOWANCE - 1 - number % 5, generator)
            told[place].append(late)
            logs[place].append(orjson.dumps(late))
        if number in repeated:
            again = generator.choice(told[place])
            logs[place].append(orjson.dumps({"source": "", **again, "team": "another"} if number % 2 else again))
        if number in spoilt:
            logs[place] += invalid_in_ten_ways({**event, "id": f"spoilt {number}"}).values()
    return [Raw(CALLS, place, raw) for place, log in enumerate(logs) for raw in log]


def poison(event: Event) -> Iterator[bytes | None]:
    """What a reader of lines of JSON stumbles over. The first is no mistake: an object may take several lines."""
    raw = orjson.dumps(event)
    yield orjson.dumps(event, option=orjson.OPT_INDENT_2)
    yield b"\xff\xfe no JSON at all"
    yield None
    yield b""
    yield raw + raw
    yield raw + b"\n" + raw
    yield b"[" * 5000
    yield raw.replace(b'"team":"', b'"team":"\n')
    yield b"null"


def poisoned(generator: random.Random) -> list[Raw]:
    """1,000 good calls with 9 such values in the midst of each partition."""
    good = events.calls(1000, generator, first=900)
    raws = events.spread("sales.call", good)
    bad = [
        Raw(CALLS, place, value, b"any key")
        for place in range(PARTITIONS)
        for value in poison({**good[500 + place], "id": f"poison {place}"})
    ]
    return [*raws[:500], *bad, *raws[500:]]


def deals() -> list[Raw]:
    """Case T3."""

    def right(event: Event) -> Raw:
        return events.keyed("sales.deal", "deal_id", [event])[0]

    first = events.deal_won("1", "crm", "D1", 1000_00, T0)
    return [
        right(first),
        Raw(DEALS, (home("D1", PARTITIONS) + 1) % PARTITIONS, orjson.dumps(first)),
        right(events.deal_won("1", "shop", "D2", 500_00, T0)),
        right(events.deal_won("2", "crm", "D3", 700_00, T0)),
        right(events.deal_won("2", "crm", "D3", 900_00, T0)),
        right(events.deal_won("3", "crm", "D3", 700_00, T0)),
    ]


def tickets(generator: random.Random) -> list[Raw]:
    """Lives of 100 tickets, every record of them on a partition that is not its key's, some said twice."""
    told = events.tickets(100, generator)
    told += generator.choices(told, k=20)
    wrong = [events.keyed("support.ticket", "ticket_id", told, wrong_by=by) for by in (1, 2, 3)]
    # A ticket's records stay together on one wrong partition, so that their order holds.
    return [wrong[int(str(event["ticket_id"])[1:]) % 3][number] for number, event in enumerate(told)]


def headers(record: ConsumerRecord) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def check_dead(installation: Installation, stream: str, verdicts: list[Verdict]) -> None:
    """Each invalid record lies among the dead letters: its bytes, where it was, and why."""
    topic = f"{stream}.v1"
    origins = installation.log_of(topic)
    wanted = {
        (topic, place, offset): (origins[place][_at(origins[place], offset)].value, mistake.reason, mistake.pointer)
        for place, verdict in enumerate(verdicts)
        for offset, mistake in verdict.invalid.items()
    }
    [dead] = installation.log_of(dead_topic(stream))
    found = {}
    for record in dead:
        told = headers(record)
        origin = (told["kpi-topic"], int(told["kpi-partition"]), int(told["kpi-offset"]))
        found[origin] = (record.value, told["kpi-reason"], told["kpi-pointer"])
    assert found == wanted
    assert len(dead) == len(wanted)


def check_late(installation: Installation, stream: str, verdicts: list[Verdict]) -> None:
    """Each late record lies on the late topic, with its lateness."""
    topic = f"{stream}.v1"
    origins = installation.log_of(topic)
    wanted = sorted(
        (place, offset, lateness, origins[place][_at(origins[place], offset)].value)
        for place, verdict in enumerate(verdicts)
        for offset, lateness in verdict.late.items()
    )
    [late] = installation.log_of(late_topic(stream))
    found = []
    for record in late:
        told = headers(record)
        assert told["kpi-topic"] == topic
        found.append((int(told["kpi-partition"]), int(told["kpi-offset"]), int(told["kpi-lateness-ms"]), record.value))
    assert sorted(found) == wanted


def _at(log: list[ConsumerRecord], offset: int) -> int:
    return next(place for place, record in enumerate(log) if record.offset == offset)


def summed(verdicts: list[Verdict]) -> dict[str, int]:
    return {fate: sum(verdict.fates[fate] for verdict in verdicts) for fate in verdicts[0].fates}


def test_every_record_ends_under_its_fate(broker: Broker, install: Install, tmp_path: Path) -> None:
    generator = random.Random(2026)
    token, file = credentials_in(tmp_path, "metrics")
    installation = install(broker, packs=("sales", "service"), credentials_file=str(file))
    first, second, moved = thousand(generator), poisoned(generator), tickets(generator)
    assert len(first) == 1000
    installation.produce([*first, *deals(), *moved])
    if broker.transactions:
        installation.give_up(events.spread("sales.call", events.calls(40, generator, first=900)))
    worker = installation.spawn()
    panes = installation.until_settled({CALLS: 1000, DEALS: 6, TICKETS: 520})

    verdicts = check_books(installation, panes, "sales.call")
    assert summed(verdicts) == {
        "invalid": 50,
        "rekeyed": 0,
        "duplicate": 30,
        "late": 20,
        "correction": 0,
        "aggregated": 900,
    }
    check_calls(installation, panes, accepted(verdicts))
    check_dead(installation, "sales.call", verdicts)
    check_late(installation, "sales.call", verdicts)

    verdicts = check_books(installation, panes, "sales.deal")
    assert summed(verdicts) == {
        "invalid": 0,
        "rekeyed": 1,
        "duplicate": 2,
        "late": 0,
        "correction": 0,
        "aggregated": 4,
    }
    check_deals(installation, panes, accepted(verdicts))
    day = T0 // 86_400_000 * 86_400_000
    assert totals(installation, panes, ("bookings", "won_amount"), "1d:UTC") == {(day,): (3, 2200_00)}

    verdicts = check_books(installation, panes, "support.ticket")
    assert (summed(verdicts)["rekeyed"], summed(verdicts)["duplicate"]) == (520, 20)
    check_tickets(installation, panes, accepted(verdicts))

    installation.produce(second)
    panes = installation.until_settled({CALLS: 1000 + len(second)})
    verdicts = check_books(installation, panes, "sales.call")
    assert summed(verdicts)["invalid"] == 50 + 8 * PARTITIONS
    check_calls(installation, panes, accepted(verdicts))
    check_dead(installation, "sales.call", verdicts)

    assert worker.get("/livez").status_code == 200
    assert worker.ready()
    assert worker.get("/metrics").status_code == 401
    assert "kpi_worker_records_total" in worker.get("/metrics", token).text
    assert worker.terminate() == 0
    assert "Traceback" not in worker.output
