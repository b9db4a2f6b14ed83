"""What people recorded, as answers say it."""

from collections.abc import Iterable, Mapping

from kpi.entries import ACTIONS, Entry, Ledger
from kpi.goals import Goal
from kpi.selection import Wanted
from kpi.windows import Window, days_of
from schemas.answers import Annotation, TargetSource
from schemas.times import text_of


def source_of_target(goal: Goal) -> TargetSource:
    """Where the target is from."""
    target, body = goal.target, {} if goal.entry is None else goal.entry.body
    return TargetSource(
        origin="catalogue" if goal.entry is None else "recorded",
        where=target.where,
        window=target.window,
        since=target.from_.isoformat(),
        review=None if target.review is None else target.review.isoformat(),
        example=target.example,
        total=goal.total,
        entry=body.get("id"),
        author=body.get("author"),
        reason=body.get("reason"),
        entered=text_of(body["time"]) if body else None,
    )


def annotation(entry: Entry) -> Annotation:
    """An annotation or an action."""
    body = entry.body
    return Annotation(
        kind="action" if entry.stream == ACTIONS else "annotation",
        kpi=body["kpi"],
        where=dict(entry.scope),
        first_day=body["from"],
        last_day=body.get("to"),
        text=body["text"],
        cause=body.get("cause"),
        owner=body.get("owner"),
        expected_effect=body.get("expected_effect"),
        author=body["author"],
        entered=text_of(body["time"]),
        entry=body["id"],
    )


def annotations_of(
    ledger: Ledger, kpi: str, window: Window, dimensions: Mapping[str, Wanted]
) -> tuple[Annotation, ...]:
    """The remarks on a KPI that concern a window, and what is asked for of it.

    A remark on a part concerns the whole, and one on the whole every part; one on another part does not.
    """
    remarks = ledger.remarks.get(kpi)
    if not remarks:
        return ()
    first, last = (day.isoformat() for day in days_of(window))
    return tuple(
        annotation(entry)
        for entry in within(remarks, first, last)
        if all(_concerns(dimensions.get(name), value) for name, value in entry.scope.items())
    )


def _concerns(wanted: Wanted, value: str | None) -> bool:
    return wanted is None or value == wanted or (isinstance(wanted, frozenset) and value in wanted)


def within(remarks: Iterable[Entry], first: str | None, last: str | None) -> list[Entry]:
    """Those that are of any day from `first` to `last` (`YYYY-MM-DD`; None: open), in the order of their first days.

    An annotation without a last day is of its first one alone; an action without one goes on.
    """
    found = [entry for entry in remarks if (last is None or entry.body["from"] <= last) and _reaches(entry, first)]
    return sorted(found, key=lambda entry: (entry.body["from"], entry.body["time"]))


def _reaches(entry: Entry, first: str | None) -> bool:
    to = entry.body.get("to", None if entry.stream == ACTIONS else entry.body["from"])
    return first is None or to is None or to >= first
