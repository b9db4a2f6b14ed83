"""What a process used, and how far it came."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of a run: seconds of wall clock, CPU seconds of the process so far, events done so far."""

    wall: float
    cpu: float
    done: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Between the first and the last progress seen: events, events per second, CPU microseconds an event; peak
    memory.
    """

    events: int
    per_second: float
    microseconds: float
    memory_mib: int


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(pid: int) -> int:
    """The most memory that the process held, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


def measure(process: subprocess.Popen[bytes], done: Callable[[], int], target: int, patience: float) -> Rate:
    """Watches a process until `done()` reaches the target.

    Raises TimeoutError, with how far it came, after `patience` seconds or when the process has ended.
    """
    samples: list[Sample] = []
    started = time.perf_counter()
    while not samples or samples[-1].done < target:
        now = time.perf_counter() - started
        if now > patience or process.poll() is not None:
            raise TimeoutError(f"{samples[-1].done if samples else 0} of {target} events after {now:.0f} s")
        sample = Sample(now, cpu_seconds(process.pid), done())
        if sample.done > (samples[-1].done if samples else 0):
            samples.append(sample)
        time.sleep(0.05)
    # Progress is seen in steps, so the first step's own duration is not known: it is left out.
    first, last = samples[0], samples[-1]
    count = last.done - first.done
    if not count:
        raise TimeoutError("all of it came in one step: measure more events")
    return Rate(count, count / (last.wall - first.wall), (last.cpu - first.cpu) / count * 1e6, peak_mib(process.pid))
