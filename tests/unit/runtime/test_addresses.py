"""The addresses of what runs survive only as long as it does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime.addresses import (
    Addresses,
    NotRunning,
    addresses_file,
    read_addresses,
    remove_addresses,
    write_addresses,
)

HERE = Addresses(api="http://127.0.0.1:8080", broker="127.0.0.1:9092", pids={"api": os.getpid()})


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_addresses(tmp_path / "data", HERE)
    assert read_addresses(tmp_path / "data") == HERE
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["run.json"]


def test_nothing_runs_where_nothing_was_written_or_it_was_removed(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="kpi up"):
        read_addresses(tmp_path)
    write_addresses(tmp_path, HERE)
    remove_addresses(tmp_path)
    remove_addresses(tmp_path)
    with pytest.raises(NotRunning):
        read_addresses(tmp_path)


def test_the_addresses_of_what_has_ended_are_not_believed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    write_addresses(tmp_path, Addresses(api="http://127.0.0.1:8080", pids={"api": process.pid}))
    with pytest.raises(NotRunning, match="has ended"):
        read_addresses(tmp_path)


def test_a_spoilt_file_is_said(tmp_path: Path) -> None:
    addresses_file(tmp_path).write_text("{")
    with pytest.raises(NotRunning, match=r"run\.json"):
        read_addresses(tmp_path)
