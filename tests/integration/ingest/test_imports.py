"""Files into streams: all of it, once, whatever happens on the way."""

import asyncio
import contextlib
import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from aiokafka import AIOKafkaConsumer

from kpi.topology import topic_specs
from schemas.kpis import Catalogue
from services.ingest.importing import FileRefused, ImportRefused, ImportResult, import_files
from services.ingest.importing.one_file import CHUNK_ROWS
from services.runtime.catalogue import load
from services.runtime.settings import Settings
from services.runtime.topics import ensure_topics
from tests.brokers.fixtures import Broker
from tests.integration.ingest.running import NOW, events

PIZZERIA = Path(__file__).parents[3] / "examples" / "pizzeria"
TOPIC = "pizzeria.sale.v1"
HEADER = ["rownames", "id", "date", "time", "name", "size", "type", "price"]


class Told:
    """A report that remembers."""

    def __init__(self) -> None:
        self.rows = 0
        self.before: list[int] = []

    def begin(self, file: Path, rows: int, before: int) -> None:
        del file, rows
        self.before.append(before)

    def advance(self, rows: int) -> None:
        self.rows += rows

    def end(self) -> None:
        pass


def pizzeria() -> Catalogue:
    return load([PIZZERIA], default=False)


def sales(file: Path, rows: int, **changes: Mapping[int, str]) -> Path:
    """A CSV with one sale every half minute from New Year 2015; `changes` are cells by row, by column."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(rows):
            clock = number * 30
            row = {
                "rownames": number, "id": f"2015-{number // 2:06}", "date": f"2015-01-{1 + clock // 86_400:02}",
                "time": f"{clock // 3600 % 24:02}:{clock // 60 % 60:02}:{clock % 60:02}",
                "name": "margherita", "size": "M", "type": "classic", "price": "13.25",
            }  # fmt: skip
            row.update({column: cells[number] for column, cells in changes.items() if number in cells})
            writer.writerow(row.values())
    return file


async def bring(broker: Broker, folder: Path, *files: Path, **options: Any) -> tuple[ImportResult, Told]:
    told = Told()
    settings = Settings(kafka_bootstrap_servers=broker.bootstrap, data_dir=folder)
    choices = {"stream": "pizzeria.sale", "mapping": {}, "speed": None, "as_of": None, "backfill": False, **options}
    result = await import_files(settings, pizzeria(), files, report=told, clock=lambda: NOW, **choices)
    return result, told


async def test_a_table_becomes_events_and_again_nothing(broker: Broker, tmp_path: Path) -> None:
    rows = CHUNK_ROWS + 700
    file = sales(tmp_path / "sales.csv", rows)
    result, told = await bring(broker, tmp_path, file)
    assert (result.accepted, result.rejected, result.shift, told.rows) == (rows, 0, 0, rows)
    found = await events(broker.connection, TOPIC)
    assert len(found) == len({event["id"] for event in found}) == rows
    first = min(found, key=lambda event: event["time"])
    assert first | {"id": ""} == {
        "id": "", "source": "", "time": 1420070400000, "order_id": "2015-000000", "name": "margherita", "size": "M",
        "type": "classic", "price_minor": 1325, "currency": "USD",
    }  # fmt: skip
    again, told = await bring(broker, tmp_path, file)
    assert (again.accepted, again.before, told.rows) == (0, rows, 0)
    copy = tmp_path / "renamed.csv"
    copy.write_bytes(file.read_bytes())
    assert (await bring(broker, tmp_path, copy))[0].accepted == 0
    assert len(await events(broker.connection, TOPIC)) == rows


async def test_an_interrupted_import_continues(broker: Broker, tmp_path: Path) -> None:
    rows = 4 * CHUNK_ROWS
    file = sales(tmp_path / "sales.csv", rows)
    await topics(broker)
    task = asyncio.create_task(bring(broker, tmp_path, file))
    async with asyncio.timeout(30):
        while not await _count(broker):
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    result, told = await bring(broker, tmp_path, file)
    assert told.before[0] + result.accepted == rows
    await everything_once(broker, rows)


async def test_an_import_that_was_killed_continues(broker: Broker, tmp_path: Path) -> None:
    rows = 8 * CHUNK_ROWS
    file = sales(tmp_path / "sales.csv", rows)
    await topics(broker)
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from tests.integration.ingest.test_imports import Broker, bring\n"
        "asyncio.run(bring(Broker('', sys.argv[1], False, None), Path(sys.argv[2]), Path(sys.argv[3])))\n"
    )
    for _ in range(3):
        before = await _count(broker)
        arguments = [sys.executable, "-c", program, broker.bootstrap, str(tmp_path), str(file)]
        process = await asyncio.create_subprocess_exec(*arguments, cwd=PIZZERIA.parents[1])
        async with asyncio.timeout(60):
            while process.returncode is None and await _count(broker) == before:
                await asyncio.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    result, _ = await bring(broker, tmp_path, file)
    assert result.before + result.accepted == rows
    await everything_once(broker, rows)


async def topics(broker: Broker) -> None:
    await ensure_topics(broker.connection, topic_specs(pizzeria()), 1)


async def everything_once(broker: Broker, rows: int) -> None:
    """Each row is there, and more than once only where a broker without transactions was cut off."""
    found = [event["id"] for event in await events(broker.connection, TOPIC)]
    assert {name.rpartition("-")[2] for name in found} == {str(number) for number in range(rows)}
    assert len(set(found)) == rows
    if broker.transactions:
        assert len(found) == rows


async def test_as_of_moves_the_last_event_there(embedded_broker: Broker, tmp_path: Path) -> None:
    file = sales(tmp_path / "sales.csv", 100)
    result, _ = await bring(embedded_broker, tmp_path, file, as_of=NOW)
    found = sorted(event["time"] for event in await events(embedded_broker.connection, TOPIC))
    assert found[-1] == NOW
    assert found[0] == NOW - 99 * 30_000
    assert result.shift == NOW - (1420070400000 + 99 * 30_000)
    again, _ = await bring(embedded_broker, tmp_path, file, as_of=NOW)
    assert again.accepted == 0
    other, _ = await bring(embedded_broker, tmp_path, file, as_of=NOW - 1)
    assert other.accepted == 100
    names = [event["id"] for event in await events(embedded_broker.connection, TOPIC)]
    assert len(set(names)) == 200


async def test_backfill_goes_beside_the_stream(embedded_broker: Broker, tmp_path: Path) -> None:
    file = sales(tmp_path / "sales.csv", 10)
    await bring(embedded_broker, tmp_path, file, backfill=True)
    assert len(await events(embedded_broker.connection, "pizzeria.sale.history.v1")) == 10
    assert await events(embedded_broker.connection, TOPIC) == []
    assert (await bring(embedded_broker, tmp_path, file))[0].accepted == 10


async def test_rejected_rows_are_listed_with_their_lines(embedded_broker: Broker, tmp_path: Path) -> None:
    bad = dict.fromkeys(range(10, 40), "XS")
    file = sales(tmp_path / "sales.csv", 100, size=bad, price={3: "13.255", 4: ""}, date={5: "2015-02-30"})
    result, told = await bring(embedded_broker, tmp_path, file)
    assert (result.accepted, result.rejected, told.rows) == (67, 33, 100)
    assert len(result.listed) == 20
    assert [(row.line, row.pointer, row.reason) for row in result.listed[:4]] == [
        (5, "/price_minor", "not an integer"),
        (6, "/price_minor", "missing"),
        (7, "/time", "not a time: give integer milliseconds, or RFC 3339 with an offset"),
        (12, "/size", "unknown value; known are S, M, L, XL, XXL"),
    ]
    assert len(await events(embedded_broker.connection, TOPIC)) == 67
    again, _ = await bring(embedded_broker, tmp_path, file)
    assert (again.accepted, again.rejected, again.before) == (0, 0, 100)


async def test_a_file_of_which_nothing_was_taken_may_be_tried_again(embedded_broker: Broker, tmp_path: Path) -> None:
    file = sales(tmp_path / "sales.csv", 10)
    wrong, _ = await bring(embedded_broker, tmp_path, file, mapping={"size": "type"})
    assert (wrong.accepted, wrong.rejected) == (0, 10)
    assert (await bring(embedded_broker, tmp_path, file))[0].accepted == 10


async def test_json_lines_and_parquet_give_the_same_events(embedded_broker: Broker, tmp_path: Path) -> None:
    table = pl.read_csv(sales(tmp_path / "sales.csv", 50), schema_overrides={"date": pl.Date, "time": pl.Time})
    table.write_parquet(tmp_path / "sales.parquet")
    table.with_columns(pl.col("date", "time").cast(pl.String)).write_ndjson(tmp_path / "sales.ndjson")
    await bring(
        embedded_broker, tmp_path, tmp_path / "sales.csv", tmp_path / "sales.parquet", tmp_path / "sales.ndjson"
    )
    found = [orjson.dumps({**event, "id": ""}) for event in await events(embedded_broker.connection, TOPIC)]
    assert len(found) == 150
    assert len(set(found)) == 50


async def test_a_speed_lets_event_time_pass_at_that_pace(embedded_broker: Broker, tmp_path: Path) -> None:
    file = sales(tmp_path / "sales.csv", 7)
    began = asyncio.get_running_loop().time()
    await bring(embedded_broker, tmp_path, file, speed=180.0)
    assert asyncio.get_running_loop().time() - began >= 1.0
    assert len(await events(embedded_broker.connection, TOPIC)) == 7


async def test_what_cannot_begin_says_why(embedded_broker: Broker, tmp_path: Path) -> None:
    file = sales(tmp_path / "sales.csv", 3)
    with pytest.raises(ImportRefused, match=r"did you mean pizzeria\.sale"):
        await bring(embedded_broker, tmp_path, file, stream="pizzeria.sales")
    with pytest.raises(ImportRefused, match="no column 'prise'; did you mean price"):
        await bring(embedded_broker, tmp_path, file, mapping={"price_minor": "prise"})
    with pytest.raises(FileRefused):
        await bring(embedded_broker, tmp_path, tmp_path / "none.csv")
    timeless = tmp_path / "timeless.ndjson"
    timeless.write_text("{}\n")
    with pytest.raises(ImportRefused, match="no row has a time"):
        await bring(embedded_broker, tmp_path, timeless, as_of=NOW)


async def _count(broker: Broker) -> int:
    """Records of the topic, as its offsets tell, whether committed or not."""
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=broker.bootstrap)
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(consumer.assignment())).values())
    finally:
        await consumer.stop()


async def test_what_a_live_stream_would_count_late_is_said(embedded_broker: Broker, tmp_path: Path) -> None:
    settings = Settings(kafka_bootstrap_servers=embedded_broker.bootstrap, data_dir=tmp_path)
    replayed = pizzeria()
    live = replayed.streams["pizzeria.sale"].model_copy(update={"clock": "live"})
    catalogue = replayed.model_copy(update={"streams": {"pizzeria.sale": live}})
    found: list[int] = []
    for declared, backfill in ((catalogue, True), (catalogue, False), (replayed, False)):
        copy = sales(tmp_path / f"{len(found)}.csv", 10 + len(found))
        result = await import_files(
            settings, declared, [copy], "pizzeria.sale", mapping={}, speed=None, as_of=None, backfill=backfill,
            report=Told(), clock=lambda: NOW,
        )  # fmt: skip
        found.append(result.behind)
    assert found == [0, 11, 0]
