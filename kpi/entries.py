"""What people recorded, in order: which of it stands, and what was replaced by what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.recorded import SCOPE, VALUES

ANNOTATIONS = "kpi.annotation"
ACTIONS = "kpi.action"
FIGURES = (VALUES, "kpi.target", "kpi.benchmark", "kpi.baseline")
STREAMS = (*FIGURES, ACTIONS, ANNOTATIONS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `replaced_by`: the id of the entry that stands in its place, or that says that it was none."""

    stream: str
    body: Mapping[str, Any]
    replaced_by: str | None = None

    @property
    def root(self) -> tuple[str, str, str]:
        """The stream, source and id of the first entry of those that replace each other."""
        return self.stream, self.body["source"], self.body.get("corrects") or self.body.get("voids") or self.body["id"]


def history(said: Iterable[tuple[str, Mapping[str, Any]]], kpi: str) -> list[Entry]:
    """All entries about a KPI, in the order in which they were entered. `said`: (stream, event), in any order.

    Of an id that is said twice the first counts.
    """
    known: dict[tuple[str, str, str], Entry] = {}
    for stream, body in sorted(said, key=lambda one: one[1]["time"]):
        if body["kpi"] == kpi:
            known.setdefault((stream, body["source"], body["id"]), Entry(stream, body))
    last = {entry.root: entry for entry in known.values()}
    return [
        entry if (stands := last[entry.root]) is entry else Entry(entry.stream, entry.body, stands.body["id"])
        for entry in known.values()
    ]


def to_replace(entries: Iterable[Entry], stream: str, entered: Mapping[str, Any]) -> Entry | None:
    """The entry that stands for the same scope and the same days, which a new one takes the place of."""
    days = ("start", "review") if "start" in entered else ("from", "to")
    names = (SCOPE, *days)
    same = (
        entry
        for entry in entries
        if entry.stream == stream
        and entry.replaced_by is None
        and entry.body.get("voids") is None
        and all(entry.body.get(name) == entered.get(name) for name in names)
    )
    return next(same, None)


def root_of(entries: Iterable[Entry], name: str) -> tuple[str, str] | None:
    """(source, id) of the first of those that the entry of this id replaces; None where there is no such entry."""
    found = next((entry for entry in entries if entry.body["id"] == name), None)
    return None if found is None else found.root[1:]
