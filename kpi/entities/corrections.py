"""Records as they stand after what was said about them: corrected, or voided."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kpi.entities.blocks import Column
from kpi.entities.histories import Integers
from kpi.entities.records import VOID


@dataclass(frozen=True, slots=True)
class Standing:
    """`row`: by position the record that stands, in order; `values`: the record whose values it has now.

    `target`: by position of what corrects or voids, the record that it names, -1 where that is not there.
    """

    row: Integers
    values: Integers
    target: Integers


def standing(owner: Integers, columns: Mapping[str, Column], horizon: int) -> Standing:
    """What stands of records in order (owner, time, voids last, source, id).

    `columns`: `time`; `own`, the hash of each record's (source, id); `target`, of the one that it corrects or voids, 0
    for none; `flags`, which say whether it voids. Corrections hold from the time of their target to `horizon`
    milliseconds after it; the last one wins, and a void is final. Whoever voids is not voided: what is said of a
    correction is not heard.
    """
    time, own, target = columns["time"], columns["own"], columns["target"]
    void = (columns["flags"] & VOID) != 0
    count = len(time)
    rows = np.arange(count)
    said = target != 0
    if not said.any():
        return Standing(rows, rows, np.full(count, -1))
    name = np.where(said, target, own)
    # The record itself first, then what is said of it in its order.
    order = np.lexsort((rows, said, name, owner))
    begins = np.ones(count, bool)
    begins[1:] = (owner[order[1:]] != owner[order[:-1]]) | (name[order[1:]] != name[order[:-1]])
    head = order[np.maximum.accumulate(np.where(begins, np.arange(count), 0))]
    known = said[order] & ~said[head]
    elapsed = time[order] - time[head]
    heard = known & (elapsed >= 0) & (elapsed <= horizon)
    gone = np.zeros(count, bool)
    gone[head[heard & void[order]]] = True
    values = rows.copy()
    correcting = heard & ~void[order]
    values[head[correcting]] = order[correcting]  # the last one written stays
    named = np.full(count, -1)
    named[order[known]] = head[known]
    stands = ~said & ~gone
    return Standing(rows[stands], values[stands], named)
