"""Which target stands, looked up by hand: no part of the product is used."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """One record about a target. `names`: the entry that it replaces, or with `voids` takes back; None: it is new."""

    id: str
    names: str | None
    voids: bool
    time: int
    scope: dict[str, str]
    start: str
    review: str | None
    window: str | None
    value: int

    def event(self) -> dict[str, Any]:
        """As it is read from the log."""
        stated = {
            "corrects": None if self.voids else self.names, "voids": self.names if self.voids else None,
            "scope": ";".join(f"{name}={value}" for name, value in sorted(self.scope.items())) or None,
            "review": self.review, "window": self.window,
        }  # fmt: skip
        always = {"id": self.id, "source": "", "time": self.time, "kpi": "speed", "start": self.start}
        told = {"value": self.value, "scale": 0, "author": "Ann", "reason": "so"}
        return {**always, **told, **{name: value for name, value in stated.items() if value is not None}}


def standing(said: Sequence[Said]) -> list[Said]:
    """What stands, in the order in which it was entered."""
    heard: list[Said] = []
    for one in said:
        if one.id not in [other.id for other in heard]:
            heard.append(one)
    result = []
    for first in heard:
        if first.names is not None:
            continue
        about = [one for one in heard if one.names == first.id and one.time >= first.time]
        if any(one.voids for one in about):
            continue
        result.append(max([first, *about], key=lambda one: (one is not first, one.time, one.id)))
    return sorted(result, key=lambda one: (one.time, heard.index(one)))


def stands(
    said: Sequence[Said],
    declared: Sequence[dict[str, Any]],
    asked: dict[str, str],
    window: tuple[str, list[datetime.date]],
    today: datetime.date,
    *,
    grows: bool,
) -> tuple[float, str | None] | None:
    """(target, id of the recorded one or None). `window`: its name and its days."""
    name, days = window
    moment = min(days[-1], today)
    best: tuple[tuple[Any, ...], float, str | None] | None = None
    for one in standing(said):
        start = datetime.date.fromisoformat(one.start)
        value = float(one.value)
        special = one.window is not None
        if one.window not in {None, name} or not one.scope.items() <= asked.items():
            continue
        if grows and one.review is not None and one.window is None:
            whole = (datetime.date.fromisoformat(one.review) - start).days + 1
            inside = [day for day in days if start <= day <= datetime.date.fromisoformat(one.review)]
            if len(inside) < len(days):
                continue
            value, special = value * len(days) / whole, True
        elif start > moment:
            continue
        rank = (len(one.scope), special, start)
        if best is None or rank >= best[0]:
            best = (rank, value, one.id)
    catalogue = declares(declared, asked, name, moment)
    if catalogue is None:
        return None if best is None else (best[1], best[2])
    if best is None:
        return catalogue[1], None
    mine, other = (best[0][0], best[0][2]), (catalogue[0][0], catalogue[0][2])
    return (best[1], best[2]) if mine >= other else (catalogue[1], None)


def declares(
    declared: Sequence[dict[str, Any]], asked: dict[str, str], name: str, moment: datetime.date
) -> tuple[tuple[Any, ...], float] | None:
    """(rank, target) of the catalogue's."""
    found: tuple[tuple[Any, ...], float] | None = None
    for each in declared:
        since = datetime.date.fromisoformat(each["from"])
        if since <= moment and each["window"] in {None, name} and each["where"].items() <= asked.items():
            rank = (len(each["where"]), each["window"] is not None, since)
            if found is None or rank > found[0]:
                found = (rank, float(each["value"]))
    return found
