"""What records of entities amount to once nothing older can follow: memory only, never values."""

from typing import NamedTuple

import numpy as np

from kpi.entities.body import Body
from kpi.entities.corrections import standing
from kpi.entities.histories import Histories, Integers, Mask
from kpi.entities.keeping import AT_ONCE, Columns
from kpi.entities.limits import Limits
from kpi.entities.records import BEGINS, SETTLED, carried_column
from kpi.entities.texts import NO_TEXT
from schemas.entities import NEVER


class Amount(NamedTuple):
    """Records by owner, in order; `released`: references to texts that none of them has any more."""

    columns: Columns
    owner: Integers
    released: Integers


class Settling:
    """The records of an entity as histories, and what is left of them. Dates are event time in epoch milliseconds.

    `corrections`: how long after its time a record may be corrected or voided; None: not at all.
    """

    def __init__(self, body: Body, limits: Limits, corrections: int | None) -> None:
        self._body, self._limits, self._corrections = body, limits, corrections
        self._layout = limits.layout
        self._forget_after = body.entity.forget_after

    def histories(self, columns: Columns, owner: Integers) -> tuple[Histories, Integers | slice, Integers]:
        """Histories of what stands, the rows that their values come from, and their owners."""
        time, signals, flags = columns["time"], columns["signals"], columns["flags"]
        values: Integers | slice = slice(None)
        if self._corrections is not None:
            stands = standing(owner, columns, self._corrections)
            values = stands.values
            time, signals = time[stands.row], signals[values]
            flags, owner = flags[stands.row], owner[stands.row]
        return Histories.cut(time, signals, self._begins(owner, time, flags)), values, owner

    def _begins(self, owner: Integers, time: Integers, flags: Integers) -> Mask:
        begins = np.ones(len(owner), bool)
        silent = time[1:] - time[:-1] > self._forget_after
        begins[1:] = (owner[1:] != owner[:-1]) | ((flags[1:] & BEGINS) != 0) | (silent & ((flags[1:] & SETTLED) == 0))
        return begins

    def amount(self, columns: Columns, owner: Integers, horizon: int) -> Amount:
        """What is left of records that are in order, where nothing older than the horizon can follow."""
        settled = horizon - (self._corrections or 0)
        histories, values, owners = self.histories(columns, owner)
        older = histories.time < settled
        begins = np.zeros(histories.rows, bool)
        begins[histories.starts] = True
        past = Histories.cut(histories.time[older], histories.signals[older], begins[older])
        origin = np.arange(len(owner))[values][older]
        carried = {carried_column(field): columns[carried_column(field)][origin] for field in self._body.fields}
        limit = self._limits.of(carried, np.arange(past.rows))
        signals, keep = self._body.needed(past, settled, self._layout.numbers(carried), limit)
        alive = past.last + self._forget_after >= settled
        if self._forget_after < NEVER and past.rows:
            keep[np.append(past.starts[1:], past.rows) - 1] = True  # silence is measured from it
        if self._body.remembers_beginnings:
            keep[past.starts] = True
        keep &= alive[past.life]
        kept = np.flatnonzero(keep)
        first = np.ones(len(kept), bool)
        first[1:] = past.life[kept[1:]] != past.life[kept[:-1]]
        remaining = self._remaining(columns, owner, horizon, settled)
        amount = {name: np.concatenate([column[origin[kept]], column[remaining]]) for name, column in columns.items()}
        count = len(kept)
        amount["time"][:count] = past.time[kept]
        amount["signals"][:count] = signals[kept]
        amount["flags"][:count] = np.where(first, SETTLED | BEGINS, SETTLED)
        amount["text"][:count] = NO_TEXT
        if self._corrections is not None:
            amount["own"][:count] = amount["target"][:count] = 0
        whose = np.concatenate([owners[older][kept], owner[remaining]])
        order = np.argsort(whose, kind="stable")
        released = np.delete(columns["text"], remaining)
        return Amount({name: column[order] for name, column in amount.items()}, whose[order], released)

    def _remaining(self, columns: Columns, owner: Integers, horizon: int, settled: int) -> Integers:
        """The records that are not older; of what was said of others, that which may still be heard."""
        time = columns["time"]
        if self._corrections is None:
            return np.flatnonzero(time >= settled)
        named = standing(owner, columns, self._corrections).target
        said = columns["target"] != 0
        waits = (time >= horizon) | ((named >= 0) & (time[named] >= settled))
        return np.flatnonzero(np.where(said, waits, time >= settled))

    def due(self, count: int, owner: Integers, columns: Columns, settled: Integers | int) -> Integers:
        """By place, of so many, the horizon at which there will be something to do again.

        `settled`: the horizon up to which it was done.
        """
        last = np.full(count, AT_ONCE)
        last[owner] = columns["time"]
        waiting = np.zeros(count, bool)
        waiting[owner] = (columns["flags"] & SETTLED) == 0
        released = last + self._body.longest
        forgotten = np.where(last + self._forget_after < NEVER, last + self._forget_after, NEVER)
        due = np.where(released >= settled, np.minimum(released, forgotten), forgotten)
        return np.where(waiting, last, due)
