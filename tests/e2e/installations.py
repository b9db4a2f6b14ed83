"""A `kpi up` of its own for a test: a folder, free ports, a small catalogue, and its end."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.brokers.waiting import until

ROOT = Path(__file__).parents[2]
SHOP = """
stream: shop.sale
title: Sales of a shop
key: order_id
partitions: 2
disorder: 0s
lateness: 1h
idle_timeout: 1s
fields:
  order_id: string
  amount: {type: decimal, scale: 2}
  kind: {enum: [book, game]}
---
kpi: shop_sales
title: Sales
sentence: How many sales the shop made.
department: sales
unit: count
direction: up
kind: lagging
owner: shop keeper
measures: {sales: {from: shop.sale, aggregate: count}}
formula: sales
dimensions: [kind]
windows: {rolling: [5m], calendar: [day]}
"""


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """The environment of a `kpi` command on `folder`: free ports, and nothing that this shell was set to."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
    ports = dict.fromkeys(("KPI_API_PORT", "KPI_INGEST_PORT", "KPI_WORKER_METRICS_PORT", "KPI_EMBEDDED_PORT"), "0")
    stated = {f"KPI_{name.upper()}": str(value) for name, value in settings.items()}
    return {**inherited, **ports, "KPI_DATA_DIR": str(folder / "data"), "COLUMNS": "200", **stated}


def kpi(folder: Path, *arguments: str, seconds: float = 30, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a `kpi` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", *arguments],
        cwd=ROOT, env=environment(folder, **settings), capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


@dataclass
class Up:
    """A running `kpi up`."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        """All that it has written."""
        return (self.folder / "up.txt").read_text()

    def addresses(self) -> dict[str, Any]:
        """What it left in run.json; empty before it is there."""
        file = self.folder / "data" / "run.json"
        return json.loads(file.read_bytes()) if file.exists() else {}

    def family(self) -> list[psutil.Process]:
        """The process and all that it started, children of children too."""
        leader = psutil.Process(self.process.pid)
        return [leader, *leader.children(recursive=True)]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the leader alone, as `kill` does."""
        self.process.send_signal(number)

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        family = self.family() if self.process.poll() is None else []
        for process in family:
            process.kill()
        self.process.wait()


def start_kpi_up(folder: Path, *arguments: str, **settings: object) -> Up:
    """Start `kpi up` with these arguments, and return at once."""
    with (folder / "up.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", "up", *arguments],
            cwd=ROOT, env=environment(folder, **settings), stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    return Up(folder, process)


def start_up(folder: Path, *arguments: str, **settings: object) -> Up:
    """Start `kpi up` on the shop's catalogue, and return at once."""
    catalogue = folder / "catalogue"
    catalogue.mkdir(parents=True, exist_ok=True)
    (catalogue / "shop.yaml").write_text(SHOP)
    return start_kpi_up(folder, "--catalogue", str(catalogue), "--no-default-catalogue", *arguments, **settings)


def wait_ready(up: Up, seconds: float = 60) -> None:
    """Return when it says that it is ready; TimeoutError with its output otherwise."""
    until(lambda: "ready" in up.output or up.process.poll() is not None, seconds, f"ready: {up.output}")
    if up.process.poll() is not None:
        raise AssertionError(f"kpi up ended with {up.process.returncode}: {up.output}")


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended; one that nobody has buried yet counts as ended."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
