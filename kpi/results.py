"""The result of a KPI for any windows and dimensions: panes read, measures merged, formula applied."""

from collections.abc import Hashable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from kpi.beginnings import Beginnings
from kpi.combination import Part, Result, combined, is_cut
from kpi.folds import deepest, is_beyond
from kpi.grains import Grain, grains
from kpi.measures import columns_of
from kpi.plan import Plan
from kpi.reading import Ask, Dimensions, Flushes, Folds, Panes, Row, Span
from kpi.reasons import Reason
from kpi.scope import Scope
from kpi.spans import FOR_EVER, Layout, Read, Until
from kpi.standing import Source, is_covered, is_final, now_of_levels, sources
from kpi.tiles import NotRetained
from kpi.windows import Window
from schemas.kpis import Aggregate, Catalogue, Kpi


@dataclass(frozen=True, slots=True)
class WindowResults:
    """All results of a KPI for one window, by dimension values. `refused`: why the panes cannot answer any more.

    `cut`: the window begins before all that the KPI is made of was counted.
    """

    window: Window
    by_dimensions: Mapping[Dimensions, Result]
    revision: int
    final: bool
    refused: NotRetained | None = None
    cut: bool = False

    @classmethod
    def nothing(cls, window: Window, reason: Reason) -> "WindowResults":
        """Of a window without an answer."""
        return cls(window, {(): Result(None, reason)}, 1, final=False)


MOST_KEPT = 500
Known = MutableMapping[Hashable, list[WindowResults]]
"""Results by everything that they follow from: question, and the last flush of every task that they read."""


class Results:
    """Answers from one consistent state of the panes. `by` and `where` name dimensions of the KPI.

    `known`: results of this catalogue from earlier states, used where they still hold, and added to.
    """

    def __init__(self, catalogue: Catalogue, plan: Plan, scope: Scope, panes: Panes, known: Known) -> None:
        self._catalogue, self._plan, self._scope, self._panes = catalogue, plan, scope, panes
        self._grains: tuple[Grain, ...] = grains(catalogue.reporting.zones)
        self._known = known
        self._sources: dict[frozenset[str], tuple[Source, ...]] = {}
        self._beginnings = Beginnings(plan, panes)

    def sources(self, kpi: str) -> tuple[Source, ...]:
        """Every source that the KPI reads, those of the KPIs it uses included."""
        return self._of_units(self._scope.units(kpi))

    def _of_units(self, units: frozenset[str]) -> tuple[Source, ...]:
        if units not in self._sources:
            self._sources[units] = sources(self._catalogue, self._plan, self._panes, units)
        return self._sources[units]

    def folds(self, kpi: str) -> Folds:
        """The dimensions of which some values are folded, in any group that the KPI reads."""
        tasks = dict.fromkeys(source.task for source in self.sources(kpi))
        groups = [group.id for name in self._scope.family(kpi) for group in self._plan.groups_of(name)]
        return deepest((p for task in tasks if (p := self._panes.progress(task)) is not None), groups)

    def of(
        self, kpi: Kpi, windows: Sequence[Window], by: tuple[str, ...], where: Mapping[str, str]
    ) -> list[WindowResults]:
        """The results of each window. Where no dimension is asked for, there is exactly one a window."""
        folds = {name: depth for name, depth in self.folds(kpi.kpi).items() if name in by or name in where}
        if any(name in where and is_beyond(where[name], depth) for name, depth in folds.items()):
            return [WindowResults.nothing(window, Reason.folded) for window in windows]
        return self._of(_Question(kpi, tuple(windows), by, tuple(where.items()), tuple(folds.items())))

    def _of(self, question: "_Question") -> list[WindowResults]:
        tasks = dict.fromkeys(source.task for source in self.sources(question.kpi.kpi))
        flushes = tuple((p.task, p.incarnation, p.flush) for task in tasks if (p := self._panes.progress(task)))
        key = (question.identity, flushes)
        found = self._known.get(key)
        if found is None:
            found = self._computed(question)
            # Large breakdowns are seldom asked for twice, and would fill the memory.
            if sum(len(each.by_dimensions) for each in found) <= MOST_KEPT:
                self._known[key] = found
        return found

    def _computed(self, question: "_Question") -> list[WindowResults]:
        kpi, windows = question.kpi, question.windows
        reads = self._reads(question)
        parts = [part for read in reads for part in self._parts(read, question)]
        members = question.members
        used = {name: self._of(question.of(self._catalogue.kpis[name], members)) for name in kpi.uses}
        if question.by and used:
            # Where one part has nothing of a member that another has, that is a zero, and not nothing.
            members |= {dimensions for part in parts for _, dimensions in part.rows}
            members |= {key for results in used.values() for each in results for key in each.by_dimensions}
            used = {name: self._of(question.of(self._catalogue.kpis[name], members)) for name in kpi.uses}
        late = self._late_flushes(question, reads)
        own = self._of_units(self._scope.own_units(kpi.kpi))
        answers = []
        for place, window in enumerate(windows):
            beneath = {name: _broken_down(question.by, results[place]) for name, results in used.items()}
            names = {part.name for part in parts if part.cut[place]}
            names |= {name for name, results in used.items() if results[place].cut}
            cut = is_cut(kpi.formula, names)
            mine = (refusal for read in reads if (refusal := read.refused[place]) is not None)
            theirs = (refusal for results in used.values() if (refusal := results[place].refused) is not None)
            refused = next(mine, None) or next(theirs, None)
            final = is_final(own, window.end, kpi.posting_delay + self._scope.reach(kpi))
            answers.append(
                WindowResults(
                    window,
                    _refused(question.by) if refused else combined(
                        kpi, place, parts, beneath, members if question.by else {()}, cut=names
                    ) or _nothing(cut),
                    1 + late[place] + sum(results[place].revision - 1 for results in used.values()),
                    final and not cut and all(results[place].final for results in used.values()),
                    refused,
                    cut,
                )
            )  # fmt: skip
        return answers

    def _reads(self, question: "_Question") -> list[Read]:
        kpi = question.kpi.kpi
        until = Until(now_of_levels(self.sources(kpi))) if self._scope.reads_ahead(kpi) else FOR_EVER
        return Layout(self._grains, self._horizons(kpi), until).reads(self._plan, question.kpi, question.windows)

    def _horizons(self, kpi: str) -> dict[str, int]:
        horizons: dict[str, int] = {}
        for source in self._of_units(self._scope.own_units(kpi)):
            progress = self._panes.progress(source.task)
            for grain, horizon in (progress.retained if progress else {}).items():
                horizons[grain] = max(horizon, horizons.get(grain, horizon))
        return horizons

    def _parts(self, read: Read, question: "_Question") -> Iterator[Part]:
        columns = tuple(dict.fromkeys(name for reading in read.readings.values() for name in columns_of(reading)))
        spans = [span or Span() for span in read.spans]
        rows: dict[tuple[int, Dimensions], list[Row]] = {}
        asked = Ask(read.group, columns, spans, question.by, dict(question.where), dict(question.folds))
        for row in self._panes.read(asked):
            rows.setdefault((row.span, row.dimensions), []).append(row)
        own = self._of_units(frozenset({read.group.unit}))
        covered = [
            span is not None and is_covered(own, window) for span, window in zip(read.spans, read.windows, strict=True)
        ]
        for name, reading in read.readings.items():
            # What happened in the window before is not among the events of this one.
            source = None if read.shifted else question.kpi.measures[name].from_
            cut = self._beginnings.cut(read.group, columns_of(reading), read.spans)
            yield Part(name, source, reading, columns, rows, covered, cut)

    def _late_flushes(self, question: "_Question", reads: Sequence[Read]) -> list[int]:
        found: list[Flushes] = [frozenset()] * len(question.windows)
        ends = [window.end for window in question.windows]
        marks = [source.watermark for source in self.sources(question.kpi.kpi) if source.watermark is not None]
        highest = max(marks, default=0)
        for read in reads:
            # Before any watermark has passed its end, nothing can have changed a window afterwards.
            spans = [span if span and end <= highest else Span() for span, end in zip(read.spans, ends, strict=True)]
            integrated = any(reading.aggregate is Aggregate.integral for reading in read.readings.values())
            reaching = [span.start + 1 if integrated else span.end for span in spans]
            more = self._panes.late_flushes(read.group.id, spans, ends, reaching)
            found = [known | new for known, new in zip(found, more, strict=True)]
        return [len(flushes) for flushes in found]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: see `Results.of`. `members`: dimension values that are answered for even without contributions."""

    kpi: Kpi
    windows: tuple[Window, ...]
    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    folds: tuple[tuple[str, int], ...]
    members: frozenset[Dimensions] = frozenset()

    @property
    def identity(self) -> Hashable:
        """Equal for questions with equal answers from one catalogue."""
        return self.kpi.kpi, self.windows, self.by, frozenset(self.where), frozenset(self.folds), self.members

    def of(self, kpi: Kpi, members: frozenset[Dimensions]) -> "_Question":
        """The same of another KPI."""
        return _Question(kpi, self.windows, self.by, self.where, self.folds, members)


def _broken_down(by: tuple[str, ...], results: WindowResults) -> Mapping[Dimensions, Result]:
    """Without what only says that there is nothing to break down."""
    found = results.by_dimensions
    return {key: result for key, result in found.items() if key} if by else found


def _nothing(cut: bool) -> dict[Dimensions, Result]:
    """Where a breakdown finds no values, that this does not mean that there are none."""
    return {(): Result(None, Reason.before_start)} if cut else {}


def _refused(by: tuple[str, ...]) -> dict[Dimensions, Result]:
    return {} if by else {(): Result(None, Reason.not_served)}
