"""A thousand events over HTTP, of which fifty are invalid in ten ways: each is answered, and nowhere written."""

import random
from pathlib import Path

import orjson

from schemas.records import Flaw
from tests.brokers.fixtures import Broker
from tests.integration.ingest.running import NOW, call, records, running

SPOILT: dict[Flaw, dict[str, object]] = {
    Flaw.missing: {"team": None},
    Flaw.wrong_type: {"rep_id": 7},
    Flaw.unknown_value: {"outcome": "voicemail"},
    Flaw.out_of_range: {"duration_s": 2**31},
    Flaw.empty: {"id": ""},
    Flaw.bad_time: {"time": "2026-01-01 09:00"},
    Flaw.in_the_future: {"time": NOW + 86_400_000},
}
POINTERS = {"team", "rep_id", "outcome", "duration_s", "id", "time"}


def lines(generator: random.Random) -> list[tuple[str | None, bytes]]:
    """(id of a good event, its line), or (None, a line that is no good), in an order of chance."""
    good: list[tuple[str | None, bytes]] = [
        (f"c{number}", orjson.dumps(call(f"c{number}", time=NOW - number))) for number in range(950)
    ]
    bad: list[bytes] = []
    for number in range(5):
        event = call(f"bad{number}")
        bad += [orjson.dumps({**event, **changes}) for changes in SPOILT.values()]
        bad += [orjson.dumps(event)[:-1], orjson.dumps([event]), b'"a text"']
    everything = good + [(None, line) for line in bad]
    generator.shuffle(everything)
    return everything


async def test_fifty_of_a_thousand_are_refused_with_reasons(broker: Broker, tmp_path: Path) -> None:
    said = lines(random.Random(5))
    assert len(said) == 1000
    async with running(broker, tmp_path) as ingest:
        body = b"\n".join(line for _, line in said)
        answer = await ingest.send("sales.call", body, Content_Type="application/x-ndjson")
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert told["accepted"] == 950
        assert {entry["index"] for entry in told["rejected"]} == {n for n, (name, _) in enumerate(said) if name is None}
        assert all(entry["reason"] for entry in told["rejected"])
        pointed = {entry["pointer"].removeprefix("/") for entry in told["rejected"]}
        assert pointed == POINTERS | {""}
        written = [orjson.loads(record.value or b"")["id"] for record in await records(ingest.kafka, "sales.call.v1")]
    assert sorted(written) == sorted(name for name, _ in said if name is not None)
