"""Faust's own commands know the application."""

import os
import subprocess
import sys
from pathlib import Path

from services.runtime.catalogue import load
from tests.integration.aggregator.harness import ROOT


def faust(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of Faust's; no broker is there."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KPI_")}
    stated = {"KPI_DATA_DIR": str(folder), "KPI_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "faust", "-A", "services.aggregator.app", *arguments],
        cwd=ROOT,
        env={**inherited, **stated},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_agents_are_listed_by_stream(tmp_path: Path) -> None:
    done = faust(tmp_path, "agents")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for stream in load([], packs=("sales", "marketing", "service")).streams:
        for name in (stream, f"{stream}.history"):
            [line] = [line for line in lines if f"@{name} " in line]
            assert f"{name}.v1" in line
