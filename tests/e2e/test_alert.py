"""A real Prometheus scrapes the real api, and the generated alert fires."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import yaml

from kpi.grains import MINUTE
from kpi.planning import plan
from services.api.rules import write_rules
from services.runtime.clock import wall_clock
from services.runtime.ports import free_port
from tests.brokers.fixtures import Broker
from tests.integration.api.running import Writing, catalogue_in, running_api, write
from tests.parts import program

FIRING_SECONDS = 60.0


def start_prometheus(folder: Path, port: int, scraped: int, rules: list[Path]) -> subprocess.Popen[bytes]:
    """A Prometheus on `port` that scrapes another port of this machine each second."""
    executable = program("prometheus", "alerts in a real Prometheus")
    folder.mkdir()
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in rules],
        "scrape_configs": [{"job_name": "kpi", "static_configs": [{"targets": [f"127.0.0.1:{scraped}"]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    command = [
        executable, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


@contextlib.asynccontextmanager
async def prometheus(folder: Path, scraped: int, rules: list[Path]) -> AsyncIterator[httpx2.AsyncClient]:
    """What asks a running Prometheus, which ends with the context."""
    port = free_port("127.0.0.1", 0)
    process = start_prometheus(folder, port, scraped, rules)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield http
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


async def alerts(http: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """The alerts that are pending or firing; none while Prometheus starts."""
    try:
        answer = await http.get("/api/v1/alerts")
    except httpx2.TransportError:
        return []
    return list(answer.json()["data"]["alerts"]) if answer.status_code == httpx2.codes.OK else []


def _is_over_target(alert: dict[str, Any]) -> bool:
    # Where a window ends while the test runs, its trend may fire as well.
    return bool(alert["state"] == "firing" and alert["labels"]["alertname"] == "KpiOverTarget")


async def test_over_target_fires(embedded_broker: Broker, tmp_path: Path) -> None:
    kafka, catalogue = embedded_broker.connection, catalogue_in(tmp_path)
    (group,) = plan(catalogue).groups.values()
    tasks = [Writing(group, task="web.click/0"), Writing(group, task="web.click/1")]
    now = wall_clock()
    async with running_api(kafka, tmp_path, catalogue) as api:
        for task in tasks:
            # The target is at most 5: the campaign x is far beyond it, y is not.
            panes = [task.rows(now - now % MINUTE - ago * MINUTE, {"x": 20, "y": 1}, 1) for ago in range(3)]
            await write(kafka, [task.claim(), *panes, task.progress(now, 1)])
        await api.until("/v1/kpis/clicks/value", lambda value: value["status"] == "off_track")
        async with prometheus(tmp_path / "prometheus", api.port, write_rules(catalogue, tmp_path / "rules")) as http:
            async with asyncio.timeout(FIRING_SECONDS):
                while not (fired := [alert for alert in await alerts(http) if _is_over_target(alert)]):
                    await asyncio.sleep(0.2)
    (alert,) = fired
    labels = alert["labels"]
    assert (labels["alertname"], labels["kpi"], labels["window"], labels["campaign"], labels["severity"]) == (
        "KpiOverTarget", "clicks", "5m", "x", "warning",
    )  # fmt: skip
    assert "instance" not in labels
    assert {"summary", "description", "runbook_url", "dashboard_url"} <= alert["annotations"].keys()
