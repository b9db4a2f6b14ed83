"""The result of a KPI for any windows and dimensions: panes read, measures merged, formula applied."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from kpi.combination import Part, Result, combined
from kpi.grains import Grain, grains
from kpi.measures import columns_of
from kpi.plan import Plan
from kpi.reading import Ask, Dimensions, Flushes, Panes, Row
from kpi.reasons import Reason
from kpi.scope import Scope
from kpi.standing import Source, is_covered, is_final, now_of_levels, sources
from kpi.tiles import NotRetained, Tile, tiles, tiles_before
from kpi.windows import Window
from schemas.kpis import Aggregate, Catalogue, Kpi


@dataclass(frozen=True, slots=True)
class WindowResults:
    """All results of a KPI for one window, by dimension values. `refused`: why the panes cannot answer any more."""

    window: Window
    by_dimensions: Mapping[Dimensions, Result]
    revision: int
    final: bool
    refused: NotRetained | None = None

    @classmethod
    def not_served(cls, window: Window, refused: NotRetained | None = None) -> "WindowResults":
        """Of a window without an answer."""
        return cls(window, {(): Result(None, Reason.not_served)}, 1, final=False, refused=refused)


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

    def sources(self, kpi: str) -> tuple[Source, ...]:
        """Every source that the KPI reads, those of the KPIs it uses included."""
        return self._of_units(self._scope.units(kpi))

    def _of_units(self, units: frozenset[str]) -> tuple[Source, ...]:
        if units not in self._sources:
            self._sources[units] = sources(self._catalogue, self._plan, self._panes, units)
        return self._sources[units]

    def of(
        self,
        kpi: Kpi,
        windows: Sequence[Window],
        by: tuple[str, ...],
        where: Mapping[str, str],
        members: frozenset[Dimensions] = frozenset(),
    ) -> list[WindowResults]:
        """The results of each window. Where no dimension is asked for, there is exactly one a window.

        `members`: dimension values that are to be answered for even where nothing was contributed.
        """
        tasks = dict.fromkeys(source.task for source in self.sources(kpi.kpi))
        flushes = tuple((p.task, p.incarnation, p.flush) for task in tasks if (p := self._panes.progress(task)))
        key = (kpi.kpi, tuple(windows), by, tuple(sorted(where.items())), members, flushes)
        found = self._known.get(key)
        if found is None:
            found = self._computed(kpi, windows, by, where, members)
            # Large breakdowns are seldom asked for twice, and would fill the memory.
            if sum(len(each.by_dimensions) for each in found) <= MOST_KEPT:
                self._known[key] = found
        return found

    def _computed(
        self,
        kpi: Kpi,
        windows: Sequence[Window],
        by: tuple[str, ...],
        where: Mapping[str, str],
        members: frozenset[Dimensions],
    ) -> list[WindowResults]:
        spans = [self._spans(kpi, window) for window in windows]
        parts = self._parts(kpi, windows, spans, by, where)
        used = {name: self.of(self._catalogue.kpis[name], windows, by, where, members) for name in kpi.uses}
        if by and used:
            # Where one part has nothing of a member that another has, that is a zero, and not nothing.
            members |= {dimensions for part in parts for _, dimensions in part.rows}
            members |= {key for results in used.values() for each in results for key in each.by_dimensions}
            used = {name: self.of(self._catalogue.kpis[name], windows, by, where, members) for name in kpi.uses}
        late = self._late_flushes(kpi, windows, spans)
        own = self._of_units(self._scope.own_units(kpi.kpi))
        beneath = [
            {name: results[place].by_dimensions for name, results in used.items()} for place in range(len(windows))
        ]
        answers = []
        for place, window in enumerate(windows):
            refused = next(
                (r for r in (spans[place].refused, *(u[place].refused for u in used.values())) if r is not None), None
            )
            final = is_final(own, window.end, kpi.posting_delay + kpi.reach)
            answers.append(
                WindowResults(
                    window,
                    _refused(by) if refused else combined(kpi, place, parts, beneath[place], members if by else {()}),
                    1 + late[place] + sum(results[place].revision - 1 for results in used.values()),
                    final and all(results[place].final for results in used.values()),
                    refused,
                )
            )
        return answers

    def _spans(self, kpi: Kpi, window: Window) -> "_Spans":
        ahead, horizons, end = self._scope.reads_ahead(kpi.kpi), self._horizons(kpi.kpi), window.end
        if ahead:
            now = now_of_levels(self.sources(kpi.kpi))
            if now is None or now < window.start:
                return _Spans([], [], begun=False)
            end = min(end, now)
        try:
            before = tiles_before(end, self._grains, horizons) if ahead else []
            return _Spans(tiles(window, self._grains, horizons, end), before)
        except NotRetained as refusal:
            return _Spans([], [], refused=refusal)

    def _horizons(self, kpi: str) -> dict[str, int]:
        horizons: dict[str, int] = {}
        for source in self._of_units(self._scope.own_units(kpi)):
            progress = self._panes.progress(source.task)
            for grain, horizon in (progress.retained if progress else {}).items():
                horizons[grain] = max(horizon, horizons.get(grain, horizon))
        return horizons

    def _parts(
        self,
        kpi: Kpi,
        windows: Sequence[Window],
        spans: Sequence["_Spans"],
        by: tuple[str, ...],
        where: Mapping[str, str],
    ) -> list[Part]:
        readings = {name: self._plan.readings[kpi.kpi, name] for name in kpi.measures}
        answers: dict[str, tuple[tuple[str, ...], dict[tuple[int, Dimensions], list[Row]]]] = {}
        for group_id in dict.fromkeys(reading.group for reading in readings.values()):
            mine = [reading for reading in readings.values() if reading.group == group_id]
            columns = tuple(dict.fromkeys(name for reading in mine for name in columns_of(reading)))
            chosen = [span.of(mine[0].aggregate) for span in spans]
            rows: dict[tuple[int, Dimensions], list[Row]] = {}
            for row in self._panes.read(Ask(self._plan.groups[group_id], columns, chosen, by, where)):
                rows.setdefault((row.span, row.dimensions), []).append(row)
            answers[group_id] = columns, rows
        parts = []
        for name, reading in readings.items():
            unit = self._plan.groups[reading.group].unit
            own = self._of_units(frozenset({unit}))
            covered = [span.begun and is_covered(own, w) for span, w in zip(spans, windows, strict=True)]
            columns, rows = answers[reading.group]
            parts.append(Part(name, kpi.measures[name].from_, reading, columns, rows, covered))
        return parts

    def _late_flushes(self, kpi: Kpi, windows: Sequence[Window], spans: Sequence["_Spans"]) -> list[int]:
        found: list[Flushes] = [frozenset()] * len(windows)
        ends = [window.end for window in windows]
        marks = [source.watermark for source in self.sources(kpi.kpi) if source.watermark is not None]
        highest = max(marks, default=0)
        readings = [self._plan.readings[kpi.kpi, name] for name in kpi.measures]
        for group, aggregate in {reading.group: reading.aggregate for reading in readings}.items():
            # Before any watermark has passed its end, nothing can have changed a window afterwards.
            chosen = [span.of(aggregate) if end <= highest else [] for span, end in zip(spans, ends, strict=True)]
            more = self._panes.late_flushes(group, chosen, ends)
            found = [known | new for known, new in zip(found, more, strict=True)]
        return [len(flushes) for flushes in found]


@dataclass(frozen=True, slots=True)
class _Spans:
    """The tiles of a window, and of everything before its end; none where the watermark has not reached its start."""

    panes: Sequence[Tile]
    before: Sequence[Tile]
    begun: bool = True
    refused: NotRetained | None = None

    def of(self, aggregate: Aggregate) -> Sequence[Tile]:
        return self.before if aggregate is Aggregate.level else self.panes


def _refused(by: tuple[str, ...]) -> dict[Dimensions, Result]:
    return {} if by else {(): Result(None, Reason.not_served)}
