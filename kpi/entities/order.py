"""The total order of records within an entity, which does not depend on how they arrived."""

from collections.abc import Mapping

import numpy as np

from kpi.entities.blocks import Column
from kpi.entities.histories import Integers, Mask
from kpi.entities.records import VOID
from kpi.entities.texts import NO_TEXT, Texts


def merged(
    old: Mapping[str, Column], owner: Integers, arrived: Mapping[str, Column], number: Integers, texts: Texts
) -> tuple[dict[str, Column], Integers, Integers]:
    """Old and then arrived records, the owners of them in order, and that order: where each lies among the records."""
    owners = np.concatenate([owner, number])
    both = {name: np.concatenate([column, arrived[name]]) for name, column in old.items()}
    order = in_order(owners, both["time"], (both["flags"] & VOID) != 0, both["text"], texts)
    return both, owners[order], order


def in_order(owner: Integers, time: Integers, void: Mask, text: Integers, texts: Texts) -> Integers:
    """The positions of the records by owner, time, voids last, and text (source and id; none: already in order)."""
    if not len(time):
        return np.zeros(0, np.int64)
    earliest = int(time.min())
    span = int(time.max()) - earliest + 1
    if (int(owner.max()) + 1) * span < 2**63:
        key = owner * span + (time - earliest)
        order = np.argsort(key, kind="stable")
        same = key[order[1:]] == key[order[:-1]]
    else:
        order = np.lexsort((time, owner))
        same = (owner[order[1:]] == owner[order[:-1]]) & (time[order[1:]] == time[order[:-1]])
    if same.any():
        _part(order, same, void, text, texts)
    return order


def _part(order: Integers, same: Mask, void: Mask, text: Integers, texts: Texts) -> None:
    """Puts runs of records of one moment into their order, in place. `same`: whether each goes with the one before."""
    edges = np.diff(np.concatenate([[0], same.astype(np.int8), [0]]))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    open_to_doubt = text[order[firsts]] != NO_TEXT
    for first, last in zip(firsts[open_to_doubt].tolist(), lasts[open_to_doubt].tolist(), strict=True):
        run = order[first : last + 1]
        ranked = sorted(zip(void[run].tolist(), texts.of(text[run]), run.tolist(), strict=True))
        order[first : last + 1] = [row for _, _, row in ranked]
