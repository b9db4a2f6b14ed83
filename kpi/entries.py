"""What people recorded, in order: which of it stands, and what was replaced by what."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from kpi.currencies import digits
from schemas.fields import map_entries
from schemas.recorded import SCOPE, VALUES

TARGETS: Final = "kpi.target"
ANNOTATIONS: Final = "kpi.annotation"
ACTIONS: Final = "kpi.action"
FIGURES: Final = (VALUES, TARGETS, "kpi.benchmark", "kpi.baseline")
STREAMS: Final = (*FIGURES, ACTIONS, ANNOTATIONS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `replaced_by`: the id of the entry that stands in its place, or that says that it was none.

    `counts`: whether it is what stands now. What takes another one back does not, nor what is not heard.
    """

    stream: str
    body: Mapping[str, Any]
    replaced_by: str | None = None
    counts: bool = True

    @property
    def root(self) -> tuple[str, str, str]:
        """The stream, source and id of the first entry of those that replace each other."""
        return self.stream, self.body["source"], self.body.get("corrects") or self.body.get("voids") or self.body["id"]

    @property
    def scope(self) -> Mapping[str, str]:
        """The part of the KPI that it is about, by dimension; empty: the whole."""
        return map_entries(self.body.get(SCOPE) or "")

    @property
    def figure(self) -> Decimal:
        """The number as people say it: money in whole units. Of figures alone."""
        currency = self.body.get("currency")
        return Decimal(self.body["value"]).scaleb(-self.body["scale"] - (digits(currency) if currency else 0))


@dataclass(frozen=True, slots=True)
class Ledger:
    """What stands of the targets, annotations and actions of every KPI, in the order in which it was entered."""

    targets: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    remarks: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    digest: str = ""
    """Of the names of all that stands, the same wherever the same was entered."""

    @classmethod
    def of(cls, said: Iterable[tuple[str, Mapping[str, Any]]]) -> "Ledger":
        """From (stream, event), those of a stream in the order of the log."""
        targets: dict[str, list[Entry]] = {}
        remarks: dict[str, list[Entry]] = {}
        for entry in judged(said):
            if entry.counts:
                (targets if entry.stream == TARGETS else remarks).setdefault(entry.body["kpi"], []).append(entry)
        names = sorted(_name(entry) for each in (targets, remarks) for entries in each.values() for entry in entries)
        return cls(
            targets={kpi: tuple(entries) for kpi, entries in targets.items()},
            remarks={kpi: tuple(entries) for kpi, entries in remarks.items()},
            digest=hashlib.sha256(json.dumps(names).encode()).hexdigest()[:24],
        )


def judged(said: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
    """All entries in the order in which they were entered. `said`: (stream, event), those of a stream as in the log.

    As where they are counted: of an id that is said twice the first counts; of what replaces the same entry the last
    one entered stands; what is taken back is so for good; and what names something that is no first entry, or was
    entered before that, is not heard. No entry is too late, since nothing waits for it.
    """
    known: dict[tuple[str, str, str], Entry] = {}
    for entry in (Entry(stream, body) for stream, body in said):
        known.setdefault(_name(entry), entry)
    families: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in sorted(known.values(), key=_in_order):
        families.setdefault(entry.root, []).append(entry)
    stand = {_name(one): one for root, family in families.items() for one in _family(root, family)}
    return sorted((stand[name] for name in known), key=lambda entry: int(entry.body["time"]))


def history(said: Iterable[tuple[str, Mapping[str, Any]]], kpi: str) -> list[Entry]:
    """All entries about a KPI, as `judged` gives them."""
    return [entry for entry in judged(said) if entry.body["kpi"] == kpi]


def to_replace(entries: Iterable[Entry], stream: str, entered: Mapping[str, Any]) -> Entry | None:
    """The entry that stands for the same scope, days and window, which a new one takes the place of."""
    days = ("start", "review", "window") if "start" in entered else ("from", "to")
    names = (SCOPE, *days)
    same = (
        entry
        for entry in entries
        if entry.stream == stream and entry.counts and all(entry.body.get(name) == entered.get(name) for name in names)
    )
    return next(same, None)


def root_of(entries: Iterable[Entry], name: str) -> tuple[str, str] | None:
    """(source, id) of the first of those that the entry of this id replaces; None where there is no such entry."""
    found = next((entry for entry in entries if entry.body["id"] == name), None)
    return None if found is None else found.root[1:]


def _name(entry: Entry) -> tuple[str, str, str]:
    return entry.stream, entry.body["source"], entry.body["id"]


def _in_order(entry: Entry) -> tuple[int, bool, str, str]:
    body = entry.body
    return body["time"], body.get("voids") is not None, body["source"], body["id"]


def _is_first(entry: Entry) -> bool:
    return entry.body.get("corrects") is None and entry.body.get("voids") is None


def _family(root: tuple[str, str, str], family: list[Entry]) -> Iterator[Entry]:
    """Those of one root, in order, as they stand."""
    first = next((entry for entry in family if _is_first(entry) and entry.body["id"] == root[2]), None)
    heard = [e for e in family if first is not None and e is not first and e.body["time"] >= first.body["time"]]
    voids = [entry for entry in heard if entry.body.get("voids") is not None]
    last = voids[0] if voids else heard[-1] if heard else first
    for entry in family:
        if entry is last:
            yield Entry(entry.stream, entry.body, counts=not voids)
        elif entry is first or (entry in heard and entry not in voids):
            yield Entry(entry.stream, entry.body, None if last is None else last.body["id"], counts=False)
        else:
            yield Entry(entry.stream, entry.body, counts=False)
