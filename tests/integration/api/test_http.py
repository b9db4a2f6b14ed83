"""What the api answers over HTTP: lists, values, problems, metrics, events, health."""

import asyncio
import dataclasses
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kpi.planning import plan
from schemas.answers import KpiList, Series, Status, Value, ValueList
from schemas.times import parse_time
from schemas.wire import Record
from tests.brokers.fixtures import Broker
from tests.credentials import credentials_in
from tests.integration.api.running import Api, Writing, catalogue_in, running_api, write

NOW = parse_time("2026-03-02T10:05:10Z")
TEN = parse_time("2026-03-02T10:00:00Z")
MINUTE = 60_000
DAY = 86_400_000


@pytest.fixture
async def api(embedded_broker: Broker, tmp_path: Path) -> AsyncIterator[Api]:
    """An api whose clock stands at 10:05:10, after clicks on campaign x (20, target 5) and on none (2)."""
    kafka, catalogue = embedded_broker.connection, catalogue_in(tmp_path)
    (group,) = plan(catalogue).groups.values()
    owner, other = Writing(group), Writing(group, task="web.click/1")
    async with running_api(kafka, tmp_path, catalogue, clock=lambda: NOW) as running:
        fates = {"aggregated": 23, "late": 1, "invalid": 2}
        kept: list[tuple[str, int, dict[str | None, int]]] = [
            ("1m", TEN, {"x": 20, None: 2}),
            ("1m", TEN - 30 * MINUTE, {"x": 1}),
            ("15m", TEN, {"x": 20, None: 2}),
            ("15m", TEN - 30 * MINUTE, {"x": 1}),
            ("1d:UTC", TEN - TEN % DAY, {"x": 21, None: 2}),
        ]
        panes: list[Record] = [owner.rows(start, counts, 1, grain) for grain, start, counts in kept]
        await write(kafka, [owner.claim(), *panes, owner.progress(NOW - 1000, 1, fates)])
        await write(kafka, [other.claim(), other.progress(NOW - 2000, 1)])
        await running.until("/v1/kpis/clicks/value", lambda value: value["completeness"] == 1)
        await running.until("/readyz", lambda answer: answer["ready"])
        yield running


def kpi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


async def get(api: Api, path: str, **params: str) -> Any:
    answer = await api.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_kpis_are_listed_and_described(api: Api) -> None:
    (summary,) = KpiList.model_validate(await get(api, "/v1/kpis")).kpis
    assert (summary.kpi, summary.windows, summary.dimensions) == ("clicks", ("5m", "1h", "day"), ("campaign",))
    for asked, count in (
        ({"q": "TIMES people"}, 1), ({"q": "calls"}, 0), ({"department": "marketing", "owner": "head of marketing"}, 1),
        ({"department": "sales"}, 0), ({"owner": "nobody"}, 0),
    ):  # fmt: skip
        assert len((await get(api, "/v1/kpis", **asked))["kpis"]) == count, asked
    assert (await api.http.get("/v1/kpis", params={"cursor": "nonsense"})).status_code == 422
    detail = await get(api, "/v1/kpis/clicks")
    assert detail["definition_version"] == summary.definition_version
    assert detail["declaration"]["formula"] == "clicks"


async def test_value_says_what_it_is(api: Api) -> None:
    value = Value.model_validate(await get(api, "/v1/kpis/clicks/value"))
    assert (value.value, value.window.name, value.window.end) == (22, "5m", "2026-03-02T10:05:00Z")
    assert (value.watermark, value.as_of, value.lag_seconds) == ("2026-03-02T10:05:08Z", "2026-03-02T10:05:10Z", 2.0)
    assert (value.target, value.attainment, value.status) == (5, 5 / 22, "off_track")
    assert (value.state, value.revision, value.stale) == ("provisional", 1, False)
    part = Value.model_validate(
        await get(api, "/v1/kpis/clicks/value", campaign="x", window="1h", at="2026-03-02T09:40:00Z")
    )
    assert (part.value, part.dimensions, part.window.start) == (1, {"campaign": "x"}, "2026-03-02T09:00:00Z")
    complete = await get(api, "/v1/kpis/clicks/value", window="1h", complete="true")
    assert (complete["value"], complete["window"]["end"]) == (1, "2026-03-02T10:00:00Z")


async def test_breakdown_and_all_values(api: Api) -> None:
    answer = await get(api, "/v1/kpis/clicks/values", by="campaign")
    values = ValueList.model_validate(answer).values
    assert [(each.dimensions, each.value) for each in values] == [({"campaign": "x"}, 20), ({"campaign": None}, 2)]
    assert await get(api, "/v1/kpis/clicks/value", by="campaign") == answer
    (value,) = (await get(api, "/v1/values", window="day"))["values"]
    assert (value["value"], value["window"]["name"]) == (23, "day")


async def test_series(api: Api) -> None:
    series = Series.model_validate(await get(api, "/v1/kpis/clicks/series", window="5m", points="8"))
    assert [point.value for point in series.points] == [1, 0, 0, 0, 0, 0, 22, 0]
    assert (series.points[-1].start, series.points[-1].end) == ("2026-03-02T10:05:00Z", "2026-03-02T10:10:00Z")


@pytest.mark.parametrize(
    ("path", "status", "name", "words"),
    [
        ("/v1/kpis/click/value", 404, "unknown-kpi", "did you mean clicks?"),
        ("/v1/kpis/clicks/value?window=dya", 422, "invalid-request", "did you mean day?"),
        ("/v1/kpis/clicks/value?campain=x", 422, "invalid-request", "did you mean campaign?"),
        ("/v1/kpis/clicks/values?by=campain", 422, "invalid-request", "did you mean campaign?"),
        ("/v1/kpis/clicks/value?at=yesterday", 422, "invalid-request", "RFC 3339"),
        ("/v1/kpis/clicks/value?window=day&at=9999-12-31T23:59:59Z", 422, "invalid-request", "1000 to 8999"),
        ("/v1/kpis/clicks/value?window=day&at=0001-01-01T00:00:00Z", 422, "invalid-request", "1000 to 8999"),
        ("/v1/kpis/clicks/value?at=99999999999999999999", 422, "invalid-request", "1000 to 8999"),
        ("/v1/kpis/clicks/value?window=99999999999d", 422, "invalid-request", "longer than ten years"),
        ("/v1/kpis/clicks/series?window=3660d&points=500", 422, "invalid-request", "before the year 1"),
        ("/v1/kpis/clicks/value?time_zone=X", 422, "invalid-request", 'not an IANA time zone, such as Europe/Berlin"'),
        ("/v1/kpis/clicks/value?time_zone=Europe/Berln", 422, "invalid-request", "did you mean Europe/Berlin?"),
        ("/v1/kpis/clicks/series?points=0", 422, "invalid-request", "points"),
        ("/v1/stream?kpi=click", 404, "unknown-kpi", "did you mean clicks?"),
        ("/v2/kpis", 404, "not-found", "Not Found"),
    ],
)
async def test_problems(api: Api, path: str, status: int, name: str, words: str) -> None:
    answer = await api.http.get(path)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["type"] == f"urn:kpi:problem:{name}"
    assert words in json.dumps(problem)


@pytest.mark.parametrize("at", ["1000-01-01T00:00:00Z", "8999-12-31T23:59:59Z"])
@pytest.mark.parametrize("window", ["5m", "3660d", "day", "year"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_first_and_last_moments_have_windows(api: Api, at: str, window: str, zone: str) -> None:
    asked = {"at": at, "window": window, "time_zone": zone}
    await get(api, "/v1/kpis/clicks/value", **asked)
    await get(api, "/v1/kpis/clicks/series", points="200" if window == "year" else "50", **asked)


async def test_plus_in_a_time_may_be_unescaped(api: Api) -> None:
    answer = await api.http.get("/v1/kpis/clicks/value?window=1h&at=2026-03-02T11:00:00+01:00")
    assert answer.json()["window"]["start"] == "2026-03-02T10:00:00Z"


async def test_status_accounts_for_every_record(api: Api) -> None:
    status = Status.model_validate(await get(api, "/v1/status"))
    (topic,) = status.tasks[0].topics
    assert (topic.topic, topic.partition, topic.position, topic.consumed) == ("web.click.v1", 0, 26, 26)
    assert topic.fates == {"aggregated": 23, "late": 1, "invalid": 2}
    assert (topic.watermark, topic.lag_records, status.missing_tasks) == ("2026-03-02T10:05:09Z", 0, ())
    assert (status.view.recovered, status.view.stale, status.view.trouble) == (True, False, None)
    assert (topic.balanced, topic.lost, status.balanced) == (True, 0, True)
    work = status.tasks[0].work
    assert (work.take_overs, work.fencings, work.recovery_seconds, work.flush_seconds) == (4, 1, 2.5, 0.012)


async def test_books_that_do_not_balance_are_said_everywhere(
    embedded_broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka, catalogue = embedded_broker.connection, catalogue_in(tmp_path)
    (group,) = plan(catalogue).groups.values()
    owner, other = Writing(group), Writing(group, task="web.click/1")
    async with running_api(kafka, tmp_path, catalogue, clock=lambda: NOW) as api:
        wrong = other.progress(NOW, 1, {"aggregated": 23, "late": 1})
        read = dataclasses.replace(wrong.topics["web.click.v1"], position=27, end=27, consumed=25, lost=2)
        await write(kafka, [owner.claim(), owner.progress(NOW, 1, {"aggregated": 4})])
        await write(kafka, [other.claim(), dataclasses.replace(wrong, topics={"web.click.v1": read})], partition=1)
        answer = await api.until("/v1/status", lambda found: len(found["tasks"]) == 2)
        right, wrong_one = (task["topics"][0] for task in answer["tasks"])
        assert (answer["balanced"], right["balanced"], wrong_one["balanced"]) == (False, True, False)
        assert (wrong_one["consumed"], wrong_one["lost"]) == (25, 2)
        lines = (await api.http.get("/metrics")).text.splitlines()
        assert {
            'kpi_books_unbalanced_records{partition="0",topic="web.click.v1"} 0.0',
            'kpi_books_unbalanced_records{partition="1",topic="web.click.v1"} 1.0',
            'kpi_lost_records_total{partition="1",topic="web.click.v1"} 2.0',
        } <= set(lines)
        monkeypatch.setenv("KPI_API_PORT", str(api.port))
        shown = await asyncio.to_thread(kpi, "status")
    assert shown.returncode == 1
    assert "web.click.v1 partition 1: position 27, lost 2, consumed 25, under a fate 24" in shown.stdout


async def test_metrics_have_numbers_or_nothing(api: Api) -> None:
    answer = await api.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = set(answer.text.splitlines())
    assert {
        'kpi_value{kpi="clicks",window="5m"} 22.0',
        'kpi_value{campaign="x",kpi="clicks",window="5m"} 20.0',
        'kpi_value{campaign="(none)",kpi="clicks",window="5m"} 2.0',
        'kpi_target{kpi="clicks",window="5m"} 5.0',
        'kpi_status{kpi="clicks",status="off_track",window="5m"} 1.0',
        'kpi_status{kpi="clicks",status="on_track",window="5m"} 0.0',
        'kpi_window_value{kpi="clicks",periods_ago="1",window="5m"} 22.0',
        'kpi_window_value{kpi="clicks",periods_ago="2",window="5m"} 0.0',
        'kpi_watermark_timestamp_seconds{partition="0",topic="web.click.v1"} 1.772445909e+09',
        'kpi_events_total{fate="late",partition="0",topic="web.click.v1"} 1.0',
        'kpi_lag_records{partition="0",topic="web.click.v1"} 0.0',
        'kpi_books_unbalanced_records{partition="0",topic="web.click.v1"} 0.0',
        'kpi_lost_records_total{partition="0",topic="web.click.v1"} 0.0',
        'kpi_task_flush_seconds{task="web.click/0"} 0.012',
        'kpi_task_recovery_seconds{task="web.click/0"} 2.5',
        'kpi_task_take_overs_total{task="web.click/0"} 4.0',
        'kpi_task_fencings_total{task="web.click/0"} 1.0',
    } <= lines
    values = [line.rpartition(" ")[2] for line in lines if not line.startswith("#")]
    assert not {"NaN", "+Inf", "-Inf"} & set(values)


async def test_stream_sends_what_is_and_what_changes(api: Api, embedded_broker: Broker, tmp_path: Path) -> None:
    (group,) = plan(catalogue_in(tmp_path)).groups.values()
    owner = Writing(group)
    seen: list[int] = []
    async with asyncio.timeout(20), api.http.stream("GET", "/v1/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: "))["value"])
                if len(seen) == 2:
                    break
                await write(embedded_broker.connection, [owner.rows(TEN, {"x": 30}, 2), owner.progress(NOW, 2)])
    assert seen == [22, 30]


async def test_listener_that_leaves_leaves_nothing_behind(api: Api) -> None:
    before = asyncio.all_tasks()
    async with api.http.stream("GET", "/v1/stream") as answer:
        await anext(answer.aiter_lines())
    async with asyncio.timeout(60):
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.05)


async def test_open_streams_do_not_hold_up_the_stop(api: Api) -> None:
    async with api.http.stream("GET", "/v1/stream") as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        api.stop.set()
        async with asyncio.timeout(2):
            async for _ in lines:
                pass
            await api.task


async def test_page_needs_nothing_from_elsewhere(api: Api) -> None:
    page = await api.http.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("page.js", "card.js", "words.js", "source.js", "sparkline.js", "page.css", "icon.svg"):
        file = await api.http.get(f"/static/{name}")
        assert file.status_code == 200
        assert "//" not in "".join(part for part in file.text.split("http")[1:] if not part.startswith("://www.w3.org"))


async def test_openapi_states_every_route_and_error(api: Api) -> None:
    document = await get(api, "/openapi.json")
    operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert operations == {
        "list_kpis", "get_kpi", "get_value", "get_values", "get_series", "list_values", "stream_values", "get_status",
        "get_metrics", "list_annotations", "live", "ready", "health",
    }  # fmt: skip
    value = document["paths"]["/v1/kpis/{kpi}/value"]["get"]
    assert {"200", "401", "404", "422"} <= value["responses"].keys()
    assert "application/problem+json" in value["responses"]["404"]["content"]


async def test_tokens_are_asked_for_where_they_are_configured(embedded_broker: Broker, tmp_path: Path) -> None:
    token, file = credentials_in(tmp_path, "kpis:read", "metrics")
    catalogue = catalogue_in(tmp_path)
    async with running_api(embedded_broker.connection, tmp_path, catalogue, credentials_file=file) as api:
        for path in ("/v1/kpis", "/v1/status", "/metrics", "/v1/stream", "/v1/kpis/clicks/value"):
            assert (await api.http.get(path)).status_code == 401, path
        for path in ("/livez", "/", "/static/page.js"):
            assert (await api.http.get(path)).status_code == 200, path
        entered = {"Authorization": f"Bearer {token}"}
        assert (await api.http.get("/v1/kpis", headers=entered)).status_code == 200
