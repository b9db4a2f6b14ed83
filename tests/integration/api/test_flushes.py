"""Flushes reach the view whole or not at all, over a real broker, and are read back over HTTP."""

from pathlib import Path

import pytest

from kpi.plan import plan
from schemas.kpis import Catalogue
from schemas.times import parse_time
from schemas.wire import Record
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
