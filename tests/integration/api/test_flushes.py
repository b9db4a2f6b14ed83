"""Flushes reach the view whole or not at all, over a real broker, and are read back over HTTP."""

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kpi.planning import plan
from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from schemas.times import parse_time
from schemas.topics import PANES
from schemas.wire import Record, encode
from services.runtime.kafka import KafkaConnection, capabilities, make_producer
from services.runtime.topics import ensure_topics
from tests.brokers.deleting import delete_topic
from tests.brokers.fixtures import Broker
from tests.integration.api.running import Api, Writing, catalogue_in, running_api, write

TEN = parse_time("2026-03-02T10:00:00Z")
MINUTE = 60_000
AT = "2026-03-02T10:05:00Z"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return catalogue_in(tmp_path)


@pytest.fixture
def owner(catalogue: Catalogue) -> Writing:
    (group,) = plan(catalogue).groups.values()
    return Writing(group)


async def clicks(api: Api, wanted: int | None) -> None:
    await api.until("/v1/kpis/clicks/value", lambda value: value["value"] == wanted, window="5m", at=AT)


async def test_rows_count_when_their_progress_is_there(
    broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka, other = broker.connection, Writing(owner.group, task="web.click/1")
    async with running_api(kafka, tmp_path, catalogue) as api:
        await write(kafka, [owner.claim(), owner.rows(TEN, {"x": 3, None: 1}, 1), owner.progress(TEN, 1)])
        await clicks(api, 4)
        await write(kafka, [owner.rows(TEN, {"x": 7}, 2)])
        # Written after the half flush, which has been read by the time that this shows.
        await write(kafka, [other.claim(), other.rows(TEN, {"x": 10}, 1), other.progress(TEN, 1)])
        await clicks(api, 14)
        await write(kafka, [owner.progress(TEN + MINUTE, 2)])
        await clicks(api, 17)
        answer = await api.http.get("/v1/kpis/clicks/values", params={"window": "5m", "at": AT, "by": "campaign"})
        assert [(v["dimensions"], v["value"]) for v in answer.json()["values"]] == [({"campaign": "x"}, 17)]


async def test_pane_that_is_emptied_is_gone(
    broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka = broker.connection
    async with running_api(kafka, tmp_path, catalogue) as api:
        written: list[Record] = [owner.rows(TEN, {"x": 3}, 1), owner.rows(TEN + MINUTE, {"x": 2}, 1)]
        await write(kafka, [owner.claim(), *written, owner.progress(TEN + MINUTE, 1)])
        await clicks(api, 5)
        await write(kafka, [owner.rows(TEN, {}, 2), owner.progress(TEN + MINUTE, 2)])
        await clicks(api, 2)


async def test_superseded_owner_is_not_heard(
    embedded_broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka, successor = embedded_broker.connection, Writing(owner.group, "b")
    async with running_api(kafka, tmp_path, catalogue) as api:
        await write(kafka, [owner.claim(), owner.rows(TEN, {"x": 1}, 1), owner.progress(TEN, 1)])
        zombie: list[Record] = [owner.rows(TEN, {"x": 1000}, 3), owner.progress(TEN, 3)]
        await write(kafka, [owner.rows(TEN, {"x": 100}, 2), successor.claim(), *zombie])
        await write(kafka, [successor.rows(TEN + MINUTE, {"x": 2}, 2), successor.progress(TEN, 2)])
        await clicks(api, 3)


async def test_view_is_kept_over_a_restart(
    kafka_broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka = kafka_broker.connection
    await ensure_topics(kafka, topic_specs(catalogue), 1)
    async with running_api(kafka, tmp_path, catalogue) as api:
        await write(kafka, [owner.claim(), owner.rows(TEN, {"x": 5}, 1), owner.progress(TEN, 1)])
        await clicks(api, 5)
        # Half a flush is read before a whole one of another task: after the restart it must not be taken for applied.
        other = Writing(owner.group, task="web.click/1")
        await write(kafka, [owner.rows(TEN, {"x": 6}, 2), other.claim(), other.progress(TEN, 1)])
        await api.until("/v1/status", lambda status: len(status["tasks"]) == 2)
    async with running_api(kafka, tmp_path, catalogue) as api:
        await clicks(api, 5)
        await write(kafka, [owner.progress(TEN, 2)])
        await clicks(api, 6)


async def test_view_of_a_topic_that_was_made_anew_is_not_kept(
    kafka_broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka, later = kafka_broker.connection, TEN + MINUTE
    await ensure_topics(kafka, topic_specs(catalogue), 1)
    async with running_api(kafka, tmp_path, catalogue) as api:
        await write(kafka, [owner.claim(), owner.rows(TEN, {"x": 5}, 1), owner.progress(TEN, 1)])
        await clicks(api, 5)
    await delete_topic(kafka, PANES)
    await ensure_topics(kafka, topic_specs(catalogue), 1)
    # It is longer than the first one was, so that no offset tells.
    flushes: list[Record] = [owner.claim()]
    for number in range(1, 9):
        flushes += [owner.rows(later, {"x": number}, number), owner.progress(later, number)]
    await write(kafka, flushes)
    async with running_api(kafka, tmp_path, catalogue) as api:
        await clicks(api, 8)


@pytest.mark.parametrize("damage", [b"", b"no database at all"], ids=["empty", "other"])
async def test_unreadable_view_is_rebuilt(
    kafka_broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing, damage: bytes
) -> None:
    kafka = kafka_broker.connection
    (tmp_path / "data" / "views").mkdir(parents=True)
    (tmp_path / "data" / "views" / "0.duckdb").write_bytes(damage)
    async with running_api(kafka, tmp_path, catalogue) as api:
        await write(kafka, [owner.claim(), owner.rows(TEN, {"x": 5}, 1), owner.progress(TEN, 1)])
        await clicks(api, 5)


async def test_view_is_recovered_while_flushes_never_cease(
    kafka_broker: Broker, tmp_path: Path, catalogue: Catalogue, owner: Writing
) -> None:
    kafka = kafka_broker.connection
    await ensure_topics(kafka, topic_specs(catalogue), 1)
    async with overlapping_flushes(kafka, owner), running_api(kafka, tmp_path, catalogue) as api:
        await api.until("/readyz", lambda answer: answer["ready"])
        await clicks(api, 3)


@contextlib.asynccontextmanager
async def overlapping_flushes(kafka: KafkaConnection, owner: Writing) -> AsyncIterator[None]:
    """Flushes one after the other, the next begun before the last is committed, so that one is always open."""
    broker = await capabilities(kafka)
    others = [dataclasses.replace(owner, task=f"web.click/{number}") for number in (0, 1)]
    under_way = asyncio.Event()

    async def flush_on() -> None:
        async with contextlib.AsyncExitStack() as stack:
            producers = [
                await stack.enter_async_context(make_producer(kafka, broker, transactional_id=f"test-{other.task}"))
                for other in others
            ]
            await producers[0].begin_transaction()
            for number in itertools.count(1):
                writing, here, there = others[number % 2], producers[number % 2], producers[(number + 1) % 2]
                await here.begin_transaction()
                for record in (writing.rows(TEN, {"x": 3 * (number % 2)}, number), writing.progress(TEN, number)):
                    key, value = encode(record)
                    await here.send_and_wait(PANES, value, key, 0)
                await there.commit_transaction()
                under_way.set()

    flushing = asyncio.create_task(flush_on())
    try:
        await under_way.wait()
        yield
    finally:
        flushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flushing
