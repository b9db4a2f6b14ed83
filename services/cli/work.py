"""How the work on the tasks goes, as a table: flushes, recoveries, fencings, take-overs."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from schemas.answers import Status, TaskStatus
from services.cli.rendering import ABSENT, duration


def table(status: Status) -> Table:
    """A row for the tasks of one stream or kind of entity: of times the longest, of counts the sum."""
    shown = Table(box=None, pad_edge=False, header_style="bold", footer_style="bold", show_footer=True)
    columns = _cells(status.tasks)
    shown.add_column("tasks of", footer="all", overflow="fold")
    for name, footer in columns.items():
        shown.add_column(name, footer=footer, justify="right", no_wrap=True)
    for unit, tasks in _by_unit(status.tasks).items():
        shown.add_row(unit, *_cells(tasks).values())
    return shown


def _by_unit(tasks: Sequence[TaskStatus]) -> Mapping[str, Sequence[TaskStatus]]:
    found: dict[str, list[TaskStatus]] = {}
    for task in sorted(tasks, key=lambda each: each.task):
        found.setdefault(task.task.rpartition("/")[0], []).append(task)
    return found


def _cells(tasks: Sequence[TaskStatus]) -> dict[str, str]:
    work = [task.work for task in tasks]
    return {
        "tasks": f"{len(tasks):,}",
        "flushes": f"{sum(task.flush for task in tasks):,}",
        "slowest flush": _milliseconds(max((each.flush_seconds for each in work), default=0)),
        "recovery": _milliseconds(max((each.recovery_seconds for each in work), default=0)),
        "take-overs": f"{sum(each.take_overs for each in work):,}",
        "fencings": f"{sum(each.fencings for each in work):,}",
    }


def _milliseconds(seconds: float) -> str:
    """Times that matter below a second; a dash for none."""
    if not seconds:
        return ABSENT
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else duration(seconds)
