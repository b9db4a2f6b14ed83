"""Children are watched, started anew, reported, and stopped in order."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from services.cli.failures import CommandFailed
from services.cli.processes import Child, ChildPlan
from services.cli.signals import Interrupted, StopRequest
from services.cli.supervisor import Stage, Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
NOTING = """
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path({file!r}).open("a").write(sys.argv[1])
    sys.exit()
signal.signal(15, end)
print("up", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""
DYING = "print('no such thing', flush=True); raise SystemExit(3)"


def plan(folder: Path, name: str, code: str) -> ChildPlan:
    return ChildPlan(name, [sys.executable, "-c", code], folder / f"{name}.log")


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def stop() -> Iterator[StopRequest]:
    with StopRequest() as request:
        yield request


def test_children_stop_stage_by_stage_even_the_stubborn(tmp_path: Path, stop: StopRequest) -> None:
    children = Supervisor(stop, print)
    note = NOTING.format(file=str(tmp_path / "order"))
    for stage, name in ((Stage.broker, "b"), (Stage.door, "d"), (Stage.worker, "w")):
        children.start(stage, ChildPlan(name, [sys.executable, "-c", note, name], tmp_path / f"{name}.log"))
    children.start(Stage.worker, plan(tmp_path, "stubborn", STUBBORN))
    pids = list(children.pids().values())
    until(lambda: all((tmp_path / f"{name}.log").read_text() for name in ("b", "d", "w", "stubborn")))
    began = time.monotonic()
    children.stop()
    assert time.monotonic() - began < 5
    assert (tmp_path / "order").read_text() == "wdb"
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_child_that_dies_is_started_again_and_said(tmp_path: Path, stop: StopRequest) -> None:
    said: list[str] = []
    children = Supervisor(stop, said.append)
    children.start(Stage.worker, plan(tmp_path, "worker-1", SLEEPER))
    first = children.pids()["worker-1"]
    os.kill(first, signal.SIGKILL)

    until(children.check)
    assert children.pids()["worker-1"] != first
    assert "worker-1 ended (signal 9); started again" in said[0]
    children.stop()


def test_a_child_that_keeps_dying_ends_the_whole_with_its_last_words(tmp_path: Path, stop: StopRequest) -> None:
    children = Supervisor(stop, lambda _line: None)
    children.start(Stage.door, plan(tmp_path, "api", DYING))
    with pytest.raises(CommandFailed, match=r"api ended .*exit status 3.*(?s:.)*no such thing"):
        children.watch(children.check)
    children.stop()


def test_a_child_that_dies_while_starting_is_not_waited_for(tmp_path: Path, stop: StopRequest) -> None:
    children = Supervisor(stop, print)
    children.start(Stage.door, plan(tmp_path, "ingest", DYING))
    with pytest.raises(CommandFailed, match="ingest ended while starting"):
        children.wait_until(lambda: False, "ingest", 30)
    children.stop()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_is_a_request_to_stop(number: signal.Signals, status: int) -> None:
    with StopRequest() as stop:
        children = Supervisor(stop, print)
        os.kill(os.getpid(), number)
        children.watch(lambda: None)
        with pytest.raises(Interrupted):
            children.wait_until(lambda: False, "nothing", 5)
        assert stop.status == status


def test_killing_a_child_takes_what_it_started(tmp_path: Path) -> None:
    child = Child(plan(tmp_path, "api", PARENT))
    until(lambda: any(line.isdigit() for line in child.log_tail()))
    grandchild = int(next(line for line in child.log_tail() if line.isdigit()))
    child.kill()
    until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE)
