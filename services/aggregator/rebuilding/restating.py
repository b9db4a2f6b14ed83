"""Panes as they were against panes as they are now: which are to be written, and which are said to have changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from kpi.aggregates.encoding import height
from kpi.panes.changes import FOREVER, KEPT_CHANGES
from kpi.plan import Family, Plan
from schemas.wire import Rows
from services.aggregator.rebuilding.building import Built, PaneKey
from services.aggregator.rebuilding.task_log import TaskLog

Pane = tuple[str, str, int]
"""Group, grain and start."""


def panes(plan: Plan, log: TaskLog, built: Built, since: int | None, moment: tuple[int, int | None]) -> Iterator[Rows]:
    """What of the panes that were built is to be written: those that differ, and an empty one for each that is gone.

    `since`: panes that begin before are left alone (epoch milliseconds, None: none are). `moment`: the number of the
    flush, and the watermark; panes that had ended by then and have other values now count it as a change.
    """
    number, watermark = moment
    keys = {key for key in (*log.panes, *built.panes) if key[0] in built.groups and (since is None or key[2] >= since)}
    restated = _restated(log, built, keys)
    for key in sorted(keys):
        old = log.panes.get(key)
        new = built.panes.get(key) or _emptied(log.panes[key])
        changes, count = ([], 0) if old is None else (old.changes, old.change_count)
        if key[:3] in restated and watermark is not None and watermark >= new.end:
            until = [FOREVER] if plan.groups[key[0]].family is Family.level else []
            changes, count = [*changes, [number, watermark, *until]][-KEPT_CHANGES:], count + 1
        elif old is not None and _is_same(old, new):
            continue
        yield replace(new, changes=changes, change_count=count)


def _emptied(pane: Rows) -> Rows:
    names: dict[str, list[str | None]] = {name: [] for name in pane.dimensions}
    columns: dict[str, list[int | None]] = {name: [] for name in pane.columns}
    return replace(pane, dimensions=names, extra=None if pane.extra is None else [], columns=columns, depth=0)


def _restated(log: TaskLog, built: Built, keys: Iterable[PaneKey]) -> set[Pane]:
    """The panes that the log had, and that say something else now: columns that are new say nothing else."""
    before: dict[Pane, list[Rows]] = {}
    after: dict[Pane, list[Rows]] = {}
    for key in keys:
        for known, found in ((log.panes, before), (built.panes, after)):
            if key in known:
                found.setdefault(key[:3], []).append(known[key])
    return {place for place, old in before.items() if not _agree(old, after.get(place, []))}


def _agree(old: list[Rows], new: list[Rows]) -> bool:
    shared = {name for pane in old for name in pane.columns}
    if new:
        shared &= {name for pane in new for name in pane.columns}
    return _cells(old, shared) == _cells(new, shared)


def _is_same(old: Rows, new: Rows) -> bool:
    alike = old.columns.keys() == new.columns.keys() and (old.form, old.depth) == (new.form, new.depth)
    return alike and _cells([old], old.columns) == _cells([new], new.columns)


def _cells(panes: Iterable[Rows], columns: Collection[str]) -> Counter[tuple[object, ...]]:
    """The rows that say anything, in any order."""
    found: Counter[tuple[object, ...]] = Counter()
    names = sorted(columns)
    for pane in panes:
        count = height(pane)
        told = [pane.columns[name] for name in names]
        keys = [pane.dimensions[name] for name in sorted(pane.dimensions)]
        extra: Sequence[int | None] = pane.extra or [None] * count
        found.update(row for row in zip(*keys, extra, *told, strict=True) if any(row[len(keys) + 1 :]))
    return found
