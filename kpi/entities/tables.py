"""The rows that contributions are evaluated over: lives, changes of levels, episodes, and records that close pairs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from kpi.entities.body import Body
from kpi.entities.durations import Durations
from kpi.entities.evaluated import Evaluated
from kpi.entities.histories import NO_ROW, NULL, Integers
from kpi.entities.limits import Limits
from kpi.entities.records import nullable
from kpi.entities.states.episodes import Episode
from kpi.entities.states.holdings import Spans
from kpi.entities.states.lanes import Lanes
from kpi.entities.states.moments import Moments
from kpi.entities.states.openings import Openings
from kpi.entities.states.pairs import Pairing
from kpi.entities.states.stages import Course
from schemas.entities import NEVER, Contribution


class _Things(NamedTuple):
    """What a state has several of in a life. `row`: a record for each; `numbers`: what else it is, by suffix.

    `weight`: 1, or -1 for what counts against it.
    """

    row: Integers
    numbers: dict[str, Integers]
    weight: Integers

    @classmethod
    def of(cls, row: Integers, numbers: dict[str, Integers]) -> "_Things":
        """Things that count for it."""
        return cls(row, numbers, np.ones(len(row), np.int64))


class Tables:
    """Each table is made once, without what did not change. `__sign` is +1 for what was added, -1 for what is gone."""

    def __init__(self, body: Body, evaluated: Evaluated, deadlines: Sequence[pl.Expr], durations: Durations) -> None:
        self._body, self._evaluated, self._deadlines, self._durations = body, evaluated, deadlines, durations
        self._made: dict[tuple[str, str], pl.DataFrame] = {}

    def of(self, contribution: Contribution) -> pl.DataFrame:
        """The rows that the contribution is evaluated over."""
        held = self._spans if contribution.is_bounded else self._edges
        for make, state in ((held, contribution.level), (self._closings, contribution.closing)):
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
        moments = self._moments
        identities = [
            np.where(each.row >= 0, evaluated.identity[each.row], NO_ROW) for each in moments.values() if histories.rows
        ]
        times = {f"{name}_time": histories.moments(each.row) for name, each in moments.items()}
        paused = self._paused(histories.starts, times)
        lives = evaluated.changed(histories.starts, [*identities, *paused.values()])
        reversals = {name: each.reversals[evaluated.changed(each.reversals)] for name, each in moments.items()}
        sign = np.concatenate([evaluated.sign[lives], *(-evaluated.signs(rows) for rows in reversals.values())])
        columns: dict[str, pl.Series] = {"__sign": pl.Series(sign)}
        for name, each in moments.items():
            others = [rows if other == name else np.full(len(rows), NO_ROW) for other, rows in reversals.items()]
            rows = np.concatenate([each.row[lives], *others])
            columns[f"{name}_time"] = nullable(pl.Series(histories.moments(rows)))
            columns |= self._carried(name, rows, name)
        reversed_ = np.zeros(len(sign) - len(lives), np.int64)
        columns |= {name: pl.Series(np.concatenate([each[lives], reversed_])) for name, each in paused.items()}
        frame = pl.DataFrame(columns).with_columns(self._deadlines)
        return self._timed(frame, [*times, *self._body.entity.deadlines])

    def _edges(self, state: str) -> pl.DataFrame:
        """What begins and what ends of a state that is held: `__time`, and the sign of the change."""
        evaluated, histories = self._evaluated, self._evaluated.histories
        spans = self._held(state)
        end = self._ends(spans)
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

    def _ends(self, spans: Spans) -> Integers:
        histories, forget_after = self._evaluated.histories, self._body.entity.forget_after
        if forget_after == NEVER:
            return spans.end
        # Abandoned, if nothing more is heard: dated ahead, and withdrawn by the next record.
        return np.where(spans.end == NULL, histories.last[histories.life[spans.start]] + forget_after, spans.end)

    def _spans(self, state: str) -> pl.DataFrame:
        """From when to when a state is held (`__begin`, `__end`), with the states and deadlines that bound it."""
        evaluated, histories = self._evaluated, self._evaluated.histories
        spans = self._held(state)
        end = self._ends(spans)
        slots = {name: self._slot(name, spans.start) for name in self._body.read_by_bounded[state]}
        changed = evaluated.changed(spans.start, [end, *self._identities(slots)])
        rows = spans.start[changed]
        columns = {
            "__begin": pl.Series(histories.time[rows]),
            "__end": nullable(pl.Series(end[changed])),
            "__sign": pl.Series(evaluated.signs(rows)),
            f"{state}_time": pl.Series(histories.time[rows]),
        }
        columns |= self._carried(state, rows, state)
        for name, of in slots.items():
            columns[f"{name}_time"] = nullable(pl.Series(histories.moments(of[changed])))
            columns |= self._carried(name, of[changed], name)
        declared = zip(self._body.entity.deadlines.values(), self._deadlines, strict=True)
        return pl.DataFrame(columns).with_columns(sql for one, sql in declared if one.after in slots)

    def _identities(self, slots: Mapping[str, Integers]) -> list[Integers]:
        identity = self._evaluated.identity
        return [np.where(rows >= 0, identity[rows], NO_ROW) for rows in slots.values() if len(rows)]

    def _episodes(self, state: str) -> pl.DataFrame:
        evaluated, histories, declared = self._evaluated, self._evaluated.histories, self._body.entity.states[state]
        things = self._things(state)
        numbers = {f"{state}{suffix}": each for suffix, each in things.numbers.items()}
        paused = self._paused(things.row, numbers)
        slots = {name: self._slot(name, things.row) for name in self._body.read_by_each[state]}
        others = [*numbers.values(), *paused.values(), things.weight, *self._identities(slots)]
        changed = evaluated.changed(things.row, others)
        rows = things.row[changed]
        columns = {name: nullable(pl.Series(each[changed])) for name, each in (numbers | paused).items()}
        if declared.stages:
            columns[state] = pl.Series(list(declared.stages), dtype=pl.String).gather(columns[state])
        columns |= self._carried(state, rows, state)
        for name, of in slots.items():
            columns[f"{name}_time"] = nullable(pl.Series(histories.moments(of[changed])))
            columns |= self._carried(name, of[changed], name)
        signs = evaluated.signs(rows) * things.weight[changed]
        return self._timed(pl.DataFrame({"__sign": signs, **columns}), numbers)

    def _paused(self, rows: Integers, moments: Mapping[str, Integers]) -> dict[str, Integers]:
        """What does not count of durations between these moments, of the lives of the rows."""
        histories = self._evaluated.histories
        return self._durations.paused(histories, histories.life[rows], moments, self._held)

    def _held(self, state: str) -> Spans:
        return self._body.spans(state, self._evaluated.histories, self._evaluated.numbers)

    def _timed(self, frame: pl.DataFrame, moments: Collection[str]) -> pl.DataFrame:
        return frame.with_columns(self._durations.expressions(moments))

    def _slot(self, name: str, rows: Integers) -> Integers:
        """For each row, the record that sets a state of its life."""
        histories = self._evaluated.histories
        moments = self._moments[name]
        return moments.row[histories.life[rows]] if len(rows) else rows

    @cached_property
    def _moments(self) -> dict[str, Moments]:
        evaluated, entity = self._evaluated, self._body.entity
        deadlines = dict(zip(entity.deadlines, self._deadlines, strict=True))
        limits = Limits(entity, evaluated.layout, evaluated.words, deadlines)
        limit = limits.of(evaluated.columns, evaluated.identity)
        return self._body.moments(evaluated.histories, evaluated.numbers, limit)

    def _things(self, state: str) -> _Things:
        evaluated, histories, body = self._evaluated, self._evaluated.histories, self._body
        kind, declared = body.states[state], body.entity.states[state]
        if isinstance(kind, Episode):
            episodes, followers = body.episodes(state, histories, evaluated.numbers)
            numbers = {"_started": episodes.started, "_ended": episodes.ended, "_times": episodes.times}
            numbers |= {f"_{what}": count for what, count in zip(declared.counting, episodes.counts, strict=True)}
            if declared.followed is not None:
                numbers["_followed"] = (followers >= 0).astype(np.int64)
            return _Things.of(episodes.row, numbers)
        if isinstance(kind, Lanes):
            spans = self._held(state)
            return _Things.of(spans.start, {"_ended": spans.end})
        if isinstance(kind, Course):
            visits = body.visits(state, histories, evaluated.numbers)
            numbers = {"": visits.stage, "_entered": visits.entered, "_left": visits.left}
            return _Things.of(visits.row, numbers | {"_forward": visits.forward, "_spent": visits.spent})
        if isinstance(kind, Pairing | Openings):
            pairs = body.pairs(state, histories, evaluated.numbers)
            numbers = {"_opened": histories.moments(pairs.opened), "_closed": histories.moments(pairs.closed)}
            return _Things.of(pairs.opened, numbers)
        moments = body.lane_moments(state, histories, evaluated.numbers)
        rows = np.concatenate([moments.row, moments.reversals])
        weight = np.repeat([1, -1], [len(moments.row), len(moments.reversals)])
        return _Things(rows, {"_time": histories.moments(rows)}, weight)

    def _closings(self, state: str) -> pl.DataFrame:
        evaluated, histories = self._evaluated, self._evaluated.histories
        pairs = self._body.pairs(state, histories, evaluated.numbers)
        openings = np.where(pairs.opening >= 0, evaluated.identity[pairs.opening], NO_ROW)
        times = {
            f"{state}_closed": histories.time[pairs.closings],
            f"{state}_opened": histories.moments(pairs.opening),
        }
        paused = self._paused(pairs.closings, times)
        changed = evaluated.changed(pairs.closings, [openings, *paused.values()])
        closing, opening = pairs.closings[changed], pairs.opening[changed]
        columns = {name: nullable(pl.Series(each[changed])) for name, each in (times | paused).items()}
        columns |= self._carried(state, opening, state)
        columns |= self._carried(state, closing, f"{state}_closing")
        return self._timed(pl.DataFrame({"__sign": evaluated.signs(closing), **columns}), times)
