"""Events over HTTP: what is accepted stands on Kafka before the answer, what is rejected nowhere."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import orjson
import pytest
import pytest_asyncio
from aiokafka.partitioner import DefaultPartitioner

from schemas.receipts import decode_receipt
from schemas.records import RecordValidator
from tests.brokers.fixtures import Broker
from tests.corpus.records import corpus
from tests.integration.ingest.running import NOW, Running, call, events, records, running

TOPIC = "sales.call.v1"


def in_some_order(found: Iterable[object]) -> list[bytes]:
    return sorted(orjson.dumps(event, option=orjson.OPT_SORT_KEYS) for event in found)


@pytest_asyncio.fixture
async def ingest(broker: Broker, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(broker, tmp_path) as started:
        yield started


async def test_an_object_is_on_kafka_before_the_answer(ingest: Running) -> None:
    answer = await ingest.send("sales.call", call("c1", lead_id=None, extra=5))
    assert answer.status_code == 202
    assert answer.json() | {"token": ""} == {"accepted": 1, "rejected": [], "token": ""}
    [record] = await records(ingest.kafka, TOPIC)
    assert record.key == b"c1"
    assert orjson.loads(record.value) == {"source": "", **call("c1")}
    assert decode_receipt(answer.json()["token"]) == {(TOPIC, record.partition): record.offset}


async def test_an_array_is_judged_one_by_one_and_keys_choose_partitions(ingest: Running) -> None:
    bad = [call("x1", direction="up"), call("x2", duration_s="60"), {**call("x3"), "team": None}, 5]
    answer = await ingest.send("sales.call", [call("c1"), *bad, call("c2"), call("c3")])
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 3
    assert [(each["index"], each["pointer"]) for each in answer.json()["rejected"]] == [
        (1, "/direction"), (2, "/duration_s"), (3, "/team"), (4, ""),
    ]  # fmt: skip
    assert "known are out, in" in answer.json()["rejected"][0]["reason"]
    found = await records(ingest.kafka, TOPIC)
    assert sorted(record.key for record in found) == [b"c1", b"c2", b"c3"]
    everything = list(range(4))
    for record in found:
        assert record.partition == DefaultPartitioner()(record.key, everything, everything)


async def test_ndjson_skips_blank_lines_and_numbers_the_rest(ingest: Running) -> None:
    lines = [orjson.dumps(call("c1")), b"", b"{broken", b"  \r", orjson.dumps(call("c2")) + b"\r"]
    answer = await ingest.send("sales.call", b"\n".join(lines), Content_Type="application/x-ndjson")
    assert answer.json()["accepted"] == 2
    assert answer.json()["rejected"] == [{"index": 1, "pointer": "", "reason": "not JSON, from byte 1"}]
    assert len(await events(ingest.kafka, TOPIC)) == 2


async def test_the_corpus_gets_the_same_verdict_here(ingest: Running) -> None:
    found = corpus()
    for case in found.cases:
        if not case.raw:
            continue
        answer = await ingest.send(found.stream.stream, case.raw)
        value = orjson.loads(case.raw) if case.raw.strip()[:1] == b"[" else None
        if isinstance(value, list):
            # An array is several events here, and one wrong value straight on Kafka.
            continue
        assert (answer.status_code == 202) is (case.event is not None), case.raw
        if case.event is None:
            assert answer.json()["errors"][0]["pointer"] == case.pointer
    validator = RecordValidator(found.stream)
    written = await events(ingest.kafka, f"{found.stream.stream}.v1")
    expected = [case.event for case in found.cases if case.event]
    assert in_some_order(written) == in_some_order([*expected, found.cases[0].event])
    assert all(validator.validate(event, found.appended) == event for event in written)


async def test_what_is_rejected_is_written_nowhere(ingest: Running) -> None:
    answer = await ingest.send("sales.call", [call("c1", duration_s=2**31), call("", time="soon")])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["accepted"] == 0
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/0/duration_s", "/1/id", "/1/time"]
    assert [each["index"] for each in answer.json()["rejected"]] == [0, 1]
    assert await events(ingest.kafka, TOPIC) == []


async def test_cloudevents_structured_batched_and_binary(ingest: Running) -> None:
    envelope = {"specversion": "1.0", "type": TOPIC, "source": "crm", "time": "2025-10-09T08:53:20Z"}
    data = {name: value for name, value in call("x").items() if name not in {"id", "time"}}
    one = {**envelope, "id": "s1", "data": data}
    batch = [{**one, "id": "b1"}, {**one, "id": "b2", "type": "sales.cal.v1"}]
    structured = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
    batched = {"Content-Type": "application/cloudevents-batch+json"}
    binary = {"Content-Type": "application/json", **{f"ce-{name}": value for name, value in envelope.items()}}
    answer = await ingest.http.post("/v1/events", content=orjson.dumps(one), headers=structured)
    assert answer.status_code == 202
    answer = await ingest.http.post("/v1/events", content=orjson.dumps(batch), headers=batched)
    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"][0]["pointer"] == "/type"
    assert "did you mean sales.call.v1?" in answer.json()["rejected"][0]["reason"]
    headers = {**binary, "ce-id": "caf%C3%A9", "ce-voids": "b1"}
    answer = await ingest.http.post("/v1/events", content=orjson.dumps(data), headers=headers)
    assert answer.status_code == 202, answer.text
    found = {event["id"]: event for event in await events(ingest.kafka, TOPIC)}
    assert found.keys() == {"s1", "b1", "café"}
    assert found["s1"] == {**call("x"), "id": "s1", "source": "crm", "time": NOW}
    assert found["café"]["voids"] == "b1"


async def test_plain_json_without_a_stream_is_told_where_to_go(ingest: Running) -> None:
    answer = await ingest.http.post("/v1/events", json=call("c1"))
    assert answer.status_code == 422
    assert "/v1/streams/{stream}/events" in answer.json()["detail"]


async def test_an_unknown_stream_is_named_the_nearest(ingest: Running) -> None:
    answer = await ingest.send("sales.calls", call("c1"))
    assert answer.status_code == 404
    assert "did you mean sales.call?" in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", ["text/csv", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
async def test_other_media_types_are_415(ingest: Running, kind: str) -> None:
    answer = await ingest.send("sales.call", call("c1"), Content_Type=kind)
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.json()["detail"]


async def test_gzip_is_unpacked_and_its_faults_are_said(ingest: Running) -> None:
    packed = gzip.compress(orjson.dumps(call("c1"))[:50]) + gzip.compress(orjson.dumps(call("c1"))[50:])
    answer = await ingest.send("sales.call", packed, Content_Encoding="gzip")
    assert answer.status_code == 202
    for broken in (packed[:-9], b"plain", b""):
        answer = await ingest.send("sales.call", broken, Content_Encoding="gzip")
        assert answer.status_code == 422
    answer = await ingest.send("sales.call", packed, Content_Encoding="br")
    assert answer.status_code == 415


async def test_a_trace_goes_along(ingest: Running) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await ingest.send("sales.call", call("c1"), traceparent=trace)
    await ingest.send("sales.call", call("c2"), traceparent="nonsense")
    found = {record.key: record.headers for record in await records(ingest.kafka, TOPIC)}
    assert found[b"c1"] == (("traceparent", trace.encode()),)
    assert found[b"c2"] == ()


async def test_without_a_key_the_same_id_meets_on_one_partition(ingest: Running) -> None:
    for _ in range(3):
        answer = await ingest.send("test.keyless", [{"id": f"e{number}", "time": NOW} for number in range(20)])
        assert answer.json()["accepted"] == 20
    await ingest.send("test.keyless", {"id": "v", "time": NOW, "voids": "e7"})
    places: dict[str, set[int]] = {}
    for record in await records(ingest.kafka, "test.keyless.v1"):
        assert record.key is None
        event = orjson.loads(record.value)
        places.setdefault(event.get("voids", event["id"]), set()).add(record.partition)
    assert all(len(partitions) == 1 for partitions in places.values())
    assert set.union(*places.values()) == {0, 1, 2}


async def test_many_at_once_are_each_answered_and_all_there(ingest: Running) -> None:
    answers = await asyncio.gather(*(ingest.send("sales.call", call(f"c{number}")) for number in range(200)))
    assert {answer.status_code for answer in answers} == {202}
    assert {event["id"] for event in await events(ingest.kafka, TOPIC)} == {f"c{number}" for number in range(200)}
    tokens = [decode_receipt(answer.json()["token"]) for answer in answers]
    assert len({place for token in tokens for place in token.items()}) == 200


async def test_a_large_body_is_split_over_batches_in_order(ingest: Running) -> None:
    note = "x" * 3000
    lines = b"\n".join(
        orjson.dumps({"id": f"n{number}", "time": NOW, "team": "one", "action": "opened", "note": note})
        for number in range(1000)
    )
    answer = await ingest.send("corpus.record", lines, Content_Type="application/x-ndjson")
    assert answer.json()["accepted"] == 1000
    found = await events(ingest.kafka, "corpus.record.v1")
    assert [event["id"] for event in found] == [f"n{number}" for number in range(1000)]


async def test_an_event_too_large_for_kafka_is_rejected(ingest: Running) -> None:
    event = {"id": "n", "time": NOW, "team": "one", "action": "opened", "note": "x" * (901 << 10)}
    answer = await ingest.send("corpus.record", [event, {**event, "note": "x"}])
    assert answer.json()["accepted"] == 1
    assert "bytes" in answer.json()["rejected"][0]["reason"]


async def test_counts_are_exported(ingest: Running) -> None:
    await ingest.send("sales.call", [call("c1", extra=1), call("c2"), call("x", direction="up")])
    await ingest.send("sales.call", b"x", Content_Type="text/plain")
    text = (await ingest.http.get("/metrics")).text
    assert 'kpi_ingest_accepted_events_total{stream="sales.call"} 2.0' in text
    assert 'kpi_ingest_rejected_events_total{reason="unknown_value",stream="sales.call"} 1.0' in text
    assert 'kpi_ingest_unknown_fields_total{stream="sales.call"} 1.0' in text
    assert 'kpi_ingest_refused_requests_total{reason="unsupported-media-type"} 1.0' in text
    assert "kpi_ingest_buffered_bytes 0.0" in text
