"""The rows that contributions are evaluated over: lives, changes of levels, episodes, and records that close pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi.entities.blocks import Column
from kpi.entities.body import Body
from kpi.entities.histories import NO_ROW, NULL, Histories, Integers
from kpi.entities.records import Layout, nullable
from kpi.entities.states.holdings import Holding
from kpi.entities.states.pairs import Pairing
from kpi.entities.states.stages import Course
from kpi.entities.words import Words
from schemas.entities import NEVER, Contribution


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Histories before and after something was added to them.

    `sign`: by life, -1 before and +1 after; `identity`: by row, the number of the record whose values it has, the same
    before and after; those that were there before are below `known`. `columns`: the fields carried, by that number.
    """

    histories: Histories
    layout: Layout
    words: Words
    columns: Mapping[str, Column]
    sign: Integers
    identity: Integers
    known: int

    def numbers(self, field: str) -> Integers:
        """By row, a number for the value of a carried field."""
        return self.layout.numbers(self.columns)(field)[self.identity]

    def signs(self, rows: Integers) -> Integers:
        """The sign of each row's life."""
        return self.sign[self.histories.life[rows]]

    def changed(self, rows: Integers, others: Sequence[Integers] = ()) -> Integers:
        """The positions of what is not the same before and after.

        `rows`: a record for each thing; `others`: further numbers that make it what it is.
        """
        identity, sign = self.identity[rows], self.signs(rows)
        there = identity < self.known
        old, new = np.flatnonzero(there & (sign < 0)), np.flatnonzero(there & (sign > 0))
        place = np.full(self.known, NO_ROW)
        place[identity[old]] = old
        partner = place[identity[new]]
        same = partner >= 0
        for numbers in others:
            same &= numbers[new] == numbers[partner]
        kept = np.ones(len(rows), bool)
        kept[new[same]] = kept[partner[same]] = False
        return np.flatnonzero(kept)


class Tables:
    """Each table is made once, without what did not change. `__sign` is +1 for what was added, -1 for what is gone."""

    def __init__(self, body: Body, evaluated: Evaluated, deadlines: Sequence[pl.Expr]) -> None:
        self._body, self._evaluated, self._deadlines = body, evaluated, deadlines
        self._made: dict[tuple[str, str], pl.DataFrame] = {}

    def of(self, contribution: Contribution) -> pl.DataFrame:
        """The rows that the contribution is evaluated over."""
        for make, state in ((self._edges, contribution.level), (self._closings, contribution.closing)):
            if state is not None:
                return self._once(make, state)
        return self._once(self._episodes, contribution.each) if contribution.each else self._once(self._lives, "")

    def _once(self, make: Callable[[str], pl.DataFrame], state: str) -> pl.DataFrame:
        # By name: a method refers to this, and what refers to itself stays until the collector of cycles comes by.
        made = self._made.get((make.__name__, state))
        if made is None:
            made = self._made[make.__name__, state] = make(state)
        return made

    def _carried(self, state: str, rows: Integers, prefix: str) -> dict[str, pl.Series]:
        evaluated, carrying = self._evaluated, self._body.entity.states[state].carrying
        records = np.where(rows >= 0, evaluated.identity[rows], NO_ROW) if carrying and len(rows) else rows
        return {
            f"{prefix}_{field}": evaluated.layout.values(evaluated.words, field, evaluated.columns, records)
            for field in carrying
        }

    def _lives(self, _: str) -> pl.DataFrame:
        """A row for each life, with its moments; and one for each reversal, with that moment alone, signed against."""
        evaluated, histories = self._evaluated, self._evaluated.histories
        moments = self._body.moments(histories, evaluated.numbers)
        identities = [
            np.where(each.row >= 0, evaluated.identity[each.row], NO_ROW) for each in moments.values() if histories.rows
        ]
        lives = evaluated.changed(histories.starts, identities)
        reversals = {name: each.reversals[evaluated.changed(each.reversals)] for name, each in moments.items()}
        sign = np.concatenate([evaluated.sign[lives], *(-evaluated.signs(rows) for rows in reversals.values())])
        columns: dict[str, pl.Series] = {"__sign": pl.Series(sign)}
        for name, each in moments.items():
            others = [rows if other == name else np.full(len(rows), NO_ROW) for other, rows in reversals.items()]
            rows = np.concatenate([each.row[lives], *others])
            columns[f"{name}_time"] = nullable(pl.Series(histories.moments(rows)))
            columns |= self._carried(name, rows, name)
        return pl.DataFrame(columns).with_columns(self._deadlines)

    def _edges(self, state: str) -> pl.DataFrame:
        """What begins and what ends of a state that is held: `__time`, and the sign of the change."""
        evaluated, histories = self._evaluated, self._evaluated.histories
        spans = self._body.spans(state, histories, evaluated.numbers)
        end, forget_after = spans.end, self._body.entity.forget_after
        if forget_after < NEVER:
            # Abandoned, if nothing more is heard: dated ahead, and withdrawn by the next record.
            end = np.where(end == NULL, histories.last[histories.life[spans.start]] + forget_after, end)
        begun = spans.start[evaluated.changed(spans.start)]
        ended = evaluated.changed(spans.start, [end])
        ended = ended[end[ended] != NULL]
        rows = np.concatenate([begun, spans.start[ended]])
        columns = {
            "__time": pl.Series(np.concatenate([histories.time[begun], end[ended]])),
            "__sign": pl.Series(np.concatenate([evaluated.signs(begun), -evaluated.signs(spans.start[ended])])),
            f"{state}_time": pl.Series(histories.time[rows]),
        }
        return pl.DataFrame(columns | self._carried(state, rows, state))

    def _episodes(self, state: str) -> pl.DataFrame:
        evaluated, histories, kind = self._evaluated, self._evaluated.histories, self._body.states[state]
        if isinstance(kind, Holding):
            episodes = kind.episodes(histories)
            rows = episodes.row
            numbers = {"_started": episodes.started, "_ended": episodes.ended, "_times": episodes.times}
        elif isinstance(kind, Course):
            visits = kind.of(histories)
            rows = visits.row
            numbers = {"": visits.stage, "_entered": visits.entered, "_left": visits.left}
            numbers |= {"_forward": visits.forward, "_spent": visits.spent}
        elif isinstance(kind, Pairing):
            pairs = kind.of(histories)
            rows = pairs.opened
            numbers = {"_opened": histories.moments(rows), "_closed": histories.moments(pairs.closed)}
        else:
            raise TypeError(f"state {state!r} has no episodes")
        changed = evaluated.changed(rows, list(numbers.values()))
        rows = rows[changed]
        columns = {f"{state}{suffix}": nullable(pl.Series(each[changed])) for suffix, each in numbers.items()}
        if isinstance(kind, Course):
            columns[state] = pl.Series(list(self._body.entity.states[state].stages), dtype=pl.String).gather(
                columns[state]
            )
        return pl.DataFrame({"__sign": evaluated.signs(rows), **columns, **self._carried(state, rows, state)})

    def _closings(self, state: str) -> pl.DataFrame:
        evaluated, histories, kind = self._evaluated, self._evaluated.histories, self._body.states[state]
        if not isinstance(kind, Pairing):
            raise TypeError(f"state {state!r} is no pair")
        pairs = kind.of(histories)
        openings = np.where(pairs.opening >= 0, evaluated.identity[pairs.opening], NO_ROW)
        changed = evaluated.changed(pairs.closings, [openings])
        closing, opening = pairs.closings[changed], pairs.opening[changed]
        columns = {
            f"{state}_closed": pl.Series(histories.time[closing]),
            f"{state}_opened": nullable(pl.Series(histories.moments(opening))),
        }
        columns |= self._carried(state, opening, state)
        columns |= self._carried(state, closing, f"{state}_closing")
        return pl.DataFrame({"__sign": evaluated.signs(closing), **columns})
